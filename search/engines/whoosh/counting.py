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

from . import kernel
from .layout import UNDATED
from .segment import Segment
from .sets import SPARSE, marked, members, ranges_of

Array = NDArray[Any]


def holds_value(segment: Segment, key: str, values: Iterable[str], hits: Array) -> Array:
    """Tell for each hit whether it has any of `values` in the facet `key`."""
    known = segment.facet_values[key]
    place = segment.facet_places[key]
    chosen = np.zeros(place.stop, dtype=np.bool_)
    for value in values:
        # "" is how a document without any value is stored; it is no value that one could ask for.
        if value and value in known:
            chosen[place.start + known.index(value)] = True
    held: Array = chosen.take(segment.facet_columns[key].take(hits))
    if key in segment.several:
        more = segment.arrays[f"facet_{key}_more"]
        docs = segment.arrays[f"facet_{key}_more_docs"][chosen[place].take(more)].astype(np.intp)
        held |= members(hits, docs, segment.scratch)
    return held


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
    if len(hits) == segment.documents:
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
        self._passes = {key: holds_value(segment, key, values, matches) for key, values in filters.items() if values}
        self.hits = self._passing("")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return facet key → value → count."""
        segment = self._segment
        counts = self._count(self.hits)
        for key in self._passes:
            place = segment.facet_places[key]
            counts[place] = self._count(self._passing(key))[place]
        return segment.by_value(counts)

    def _passing(self, key: str) -> Array:
        """Return the matches that pass the filters of every facet but `key`."""
        passes = [held for other, held in self._passes.items() if other != key]
        if not passes:
            return self._matches
        return self._matches.compress(passes[0] if len(passes) == 1 else np.logical_and.reduce(passes))

    def _count(self, hits: Array) -> Array:
        """Count the values of every facet among the hits, an item a value of any facet."""
        segment = self._segment
        if len(hits) < segment.documents:
            return _counted(segment, hits)
        # What everyone sees who has typed nothing yet: counted once.
        if segment.whole_counts is None:
            segment.whole_counts = _counted(segment, hits)
        return segment.whole_counts.copy()


def _counted(segment: Segment, hits: Array) -> Array:
    ordinals = segment.facet_ordinals
    if kernel.compiled:
        counts = np.zeros(len(segment.facet_names), np.int64)
        kernel.compiled.count(ordinals, ordinals.shape[1], hits, counts)
    else:
        counts = np.bincount(ordinals.take(hits, axis=0).ravel(), minlength=len(segment.facet_names))
    for key in segment.several:
        more = _more_of(segment, key, hits)
        if len(more):
            place = segment.facet_places[key]
            counts[place] += np.bincount(more, minlength=place.stop - place.start)
    return counts
