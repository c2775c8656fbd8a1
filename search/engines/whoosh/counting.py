"""Filters and facet counts of one segment, on the ordinals of facet values.

Each document has one *first* ordinal a facet, in a row with those of its other facets, so that one look into memory
brings them all; the few further ordinals stand in a list of (document, ordinal) apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layout import UNDATED
from .segment import Segment
from .sets import SPARSE, marked, members, ranges_of

Array = NDArray[Any]


def holds_value(segment: Segment, key: str, values: Iterable[str], hits: Array) -> Array:
    """Tell for each hit whether it has any of `values` in the facet `key`."""
    return _holds(segment, key, values, hits, _rows(segment, hits)[:, segment.facet_column(key)])


def _holds(segment: Segment, key: str, values: Iterable[str], hits: Array, ordinals: Array) -> Array:
    known = segment.facet_values[key]
    place = segment.facet_places[key]
    chosen = np.zeros(place.stop, dtype=np.bool_)
    for value in values:
        # "" is how a document without any value is stored; it is no value that one could ask for.
        if value and value in known:
            chosen[place.start + known.index(value)] = True
    held: Array = chosen.take(ordinals)
    more = segment.arrays[f"facet_{key}_more"]
    if len(more):
        docs = segment.arrays[f"facet_{key}_more_docs"][chosen[place].take(more)].astype(np.intp)
        held |= members(hits, docs, segment.scratch)
    return held


def _rows(segment: Segment, hits: Array) -> Array:
    """Return the first values of the hits, a row each."""
    # By far the quickest way to copy short rows.
    rows: Array = segment.facet_ordinals.take(hits, axis=0, mode="clip")
    return rows


def within_dates(segment: Segment, first: date | None, last: date | None, hits: Array) -> Array:
    """Tell for each hit whether its date lies in a range, ends included; an undated article lies in none."""
    dates = segment.arrays["dates"].take(hits)
    inside: Array = dates != UNDATED
    if first:
        inside &= dates >= first.toordinal()
    if last:
        inside &= dates <= last.toordinal()
    return inside


def _more_of(segment: Segment, key: str, hits: Array) -> Array:
    """Return the further ordinals of the hits."""
    docs = segment.arrays[f"facet_{key}_more_docs"]
    more: Array = segment.arrays[f"facet_{key}_more"]
    if not len(docs) or len(hits) == segment.documents:
        return more
    if len(hits) * SPARSE < len(docs):
        chosen, _ = ranges_of(np.searchsorted(docs, hits), np.searchsorted(docs, hits, "right"))
    else:
        chosen = marked(docs, hits, segment.scratch)
    found: Array = more[chosen]
    return found


class Filtered:
    """The matches of a segment under a query's filters, counted for every facet without its own selection."""

    def __init__(self, segment: Segment, matches: Array, filters: Mapping[str, tuple[str, ...]]) -> None:
        self._segment = segment
        self._matches = matches
        self._rows = segment.facet_ordinals if len(matches) == segment.documents else _rows(segment, matches)
        self._passes = {
            key: _holds(segment, key, values, matches, self._rows[:, segment.facet_column(key)])
            for key, values in filters.items()
            if values
        }
        self.hits, self._hit_rows = self._passing("")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return facet key → value → count."""
        segment = self._segment
        counts = self._count("", self.hits, self._hit_rows)
        for key in self._passes:
            place = segment.facet_places[key]
            hits, rows = self._passing(key)
            column = segment.facet_column(key)
            counts[place] = self._count(key, hits, rows[:, column : column + 1])[place]
        held = counts.nonzero()[0]
        names = list(map(segment.facet_names.__getitem__, held.tolist()))
        listed = counts.take(held).tolist()
        found = {}
        begin = 0
        ends = held.searchsorted([place.stop for place in segment.facet_places.values()]).tolist()
        for key, end in zip(segment.facet_places, ends, strict=True):
            found[key] = dict(zip(names[begin:end], listed[begin:end], strict=True))
            found[key].pop("", None)
            begin = end
        return found

    def _count(self, key: str, hits: Array, rows: Array) -> Array:
        """Count the values of the facet `key` ("": of every facet) among the hits, an item a value of any facet."""
        segment = self._segment
        if len(hits) < segment.documents:
            return self._counted(key, hits, rows)
        # What everyone sees who has typed nothing yet: counted once.
        if key not in segment.whole_counts:
            segment.whole_counts[key] = self._counted(key, hits, rows)
        return segment.whole_counts[key].copy()

    def _counted(self, key: str, hits: Array, rows: Array) -> Array:
        segment = self._segment
        counts = np.bincount(rows.ravel(), minlength=len(segment.facet_names))
        for each in (key,) if key else segment.facet_places:
            more = _more_of(segment, each, hits)
            if len(more):
                place = segment.facet_places[each]
                counts[place] += np.bincount(more, minlength=place.stop - place.start)
        return counts

    def _passing(self, key: str) -> tuple[Array, Array]:
        """Return the matches that pass the filters of every facet but `key`, and their rows of ordinals."""
        passes = [held for other, held in self._passes.items() if other != key]
        if not passes:
            return self._matches, self._rows
        chosen = (passes[0] if len(passes) == 1 else np.logical_and.reduce(passes)).nonzero()[0]
        return self._matches.take(chosen), self._rows.take(chosen, axis=0, mode="clip")
