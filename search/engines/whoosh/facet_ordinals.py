"""The facet values of a segment's documents, as ordinals (doc values): tested and counted over many hits at once.

Each document has one *first* ordinal a facet, in a row with those of its other facets, so that one look into memory
brings them all; the few further ordinals stand in a list of (document, ordinal) apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from ... import kernel
from ...arrays import Array, Hits, Mask
from ...kernel.sets import SPARSE, marked, members, ranges_of


class FacetOrdinals:
    """`values` maps a facet key to its values by ordinal; "" is how a document without any value is stored.

    `rows` holds the first ordinals, of shape (documents, facets); `further` for each facet the documents that have
    further ones (ascending, maybe repeated), and these. `blank` are facets of which no document has a value: they take
    no column.
    """

    def __init__(
        self,
        rows: Array,
        values: Mapping[str, Sequence[str]],
        further: Mapping[str, tuple[Array, Array]],
        scratch: kernel.Scratch,
        blank: Sequence[str] = (),
    ) -> None:
        self.values = values
        self._further = further
        self._documents = len(rows)
        self._scratch = scratch
        self._rows = rows
        self._blank = blank
        self._of_all: Array | None = None

    @classmethod
    def of(
        cls, arrays: Mapping[str, Array], values: Mapping[str, Sequence[str]], documents: int, scratch: kernel.Scratch
    ) -> FacetOrdinals:
        """Return those that the arrays of a segment hold."""
        further = {key: (arrays[f"facet_{key}_more_docs"], arrays[f"facet_{key}_more"]) for key in values}
        return cls(arrays["facets"].reshape(documents, -1), values, further, scratch)

    def with_derived(self, key: str, values: Sequence[str], ordinals: Array) -> FacetOrdinals:
        """Return these and one more facet, of which each document has one value: its ordinal, an item a document."""
        if not ordinals.any():
            return FacetOrdinals(self._rows, self.values, self._further, self._scratch, (*self._blank, key))
        none = np.zeros(0, np.uint32)
        return FacetOrdinals(
            np.column_stack([self._rows, ordinals.astype(self._rows.dtype)]),
            {**self.values, key: values},
            {**self._further, key: (none, none)},
            self._scratch,
            self._blank,
        )

    def first(self, key: str) -> Array:
        """Return the ordinal of the first value of a facet in each document."""
        column: Array = self._rows[:, list(self.values).index(key)]
        return column

    def further(self, key: str) -> tuple[Array, Array]:
        """Return documents (ascending, maybe repeated) and the further ordinals of a facet that they have."""
        return self._further[key]

    def holds(self, key: str, values: Iterable[str], hits: Hits) -> Mask:
        """Tell for each hit whether it has any of `values` in the facet `key`; none, if there is none."""
        if key not in self.values:
            return np.zeros(len(hits), dtype=np.bool_)
        known, place = self.values[key], self._places[key]
        chosen = np.zeros(place.stop, dtype=np.bool_)
        for value in values:
            # "" is no value that one could ask for.
            if value and value in known:
                chosen[place.start + known.index(value)] = True
        held: Mask = chosen.take(self._columns[key].take(hits))
        if key in self._several:
            docs, more = self.further(key)
            held |= members(hits, docs[chosen[place].take(more)].astype(np.intp), self._scratch)
        return held

    def place(self, key: str) -> slice:
        """Return where the values of a facet stand among the counts; nowhere if no document has one."""
        return self._places.get(key, slice(0))

    def count(self, hits: Hits) -> Array:
        """Count the values of every facet among the hits, an item a value of any facet."""
        if len(hits) < self._documents:
            return self._counted(hits)
        # What everyone sees who has typed nothing yet: counted once.
        if self._of_all is None:
            self._of_all = self._counted(hits)
        return self._of_all.copy()

    def by_value(self, counts: Array) -> dict[str, dict[str, int]]:
        """Return facet key → value → count, from what `count` returned; values that do not occur are left out."""
        found = kernel.loops.spread(counts, self._names, self._ends)
        return dict(zip(self._places, found, strict=True)) | {key: {} for key in self._blank}

    def _counted(self, hits: Hits) -> Array:
        counts = kernel.loops.count(self._ordinals, hits, len(self._names))
        for key in self._several:
            more = self._further_of(key, hits)
            if len(more):
                place = self._places[key]
                counts[place] += np.bincount(more, minlength=place.stop - place.start)
        return counts

    def _further_of(self, key: str, hits: Hits) -> Array:
        """Return the further ordinals of the hits."""
        docs, more = self.further(key)
        if len(hits) == self._documents:
            return more
        if len(hits) * SPARSE < len(docs):
            chosen, _ = ranges_of(np.searchsorted(docs, hits), np.searchsorted(docs, hits, "right"))
        else:
            chosen = marked(docs, hits, self._scratch)
        found: Array = more[chosen]
        return found

    @cached_property
    def _several(self) -> list[str]:
        """The facets of which some document has several values."""
        return [key for key, (_, more) in self._further.items() if len(more)]

    @cached_property
    def _ends(self) -> list[int]:
        ends: list[int] = np.cumsum([len(values) for values in self.values.values()]).tolist()
        return ends

    @cached_property
    def _places(self) -> dict[str, slice]:
        return {
            key: slice(end - len(values), end)
            for (key, values), end in zip(self.values.items(), self._ends, strict=True)
        }

    @cached_property
    def _names(self) -> list[str]:
        """The values of all facets, end to end."""
        return [value for values in self.values.values() for value in values]

    @cached_property
    def _ordinals(self) -> Array:
        """The first value of every facet of a document, a row each, as indices into `_names`."""
        starts = [place.start for place in self._places.values()]
        wide = np.uint16 if len(self._names) <= 1 << 16 else np.uint32
        return (self._rows + np.array(starts, dtype=np.uint32)).astype(wide)

    @cached_property
    def _columns(self) -> dict[str, Array]:
        """The first value of each facet, an item a document, as indices into `_names`."""
        return {key: np.ascontiguousarray(self._ordinals[:, column]) for column, key in enumerate(self.values)}
