"""Filters and facet counts of one segment, on the ordinals of facet values.

Each document has one *first* ordinal a facet; the few further ones stand in a list of (document, ordinal) apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...facets import FACET_KEYS
from .layout import UNDATED
from .segment import Segment
from .sets import SPARSE, members

Array = NDArray[Any]


def holds_value(segment: Segment, key: str, values: Iterable[str], hits: Array) -> Array:
    """Tell for each hit whether it has any of `values` in the facet `key`."""
    known = segment.facet_values[key]
    chosen = np.zeros(len(known) or 1, dtype=np.bool_)
    for value in values:
        # "" is how a document without any value is stored; it is no value that one could ask for.
        if value and value in known:
            chosen[known.index(value)] = True
    held: Array = chosen[_at(segment.arrays[f"facet_{key}"], hits, segment)]
    more = segment.arrays[f"facet_{key}_more_docs"][chosen[segment.arrays[f"facet_{key}_more"]]]
    if len(more):
        held |= members(hits, np.unique(more), segment.documents)
    return held


def within_dates(segment: Segment, first: date | None, last: date | None, hits: Array) -> Array:
    """Tell for each hit whether its date lies in a range, ends included; an undated article lies in none."""
    dates = _at(segment.arrays["dates"], hits, segment)
    inside: Array = dates != UNDATED
    if first:
        inside &= dates >= first.toordinal()
    if last:
        inside &= dates <= last.toordinal()
    return inside


def count_values(segment: Segment, key: str, hits: Array) -> dict[str, int]:
    """Return how many hits have each value of a facet, for the values that occur."""
    if len(hits) == segment.documents:
        # What everyone sees who has typed nothing yet: counted once.
        if key not in segment.whole_counts:
            arrays = segment.arrays
            segment.whole_counts[key] = _count(segment, key, arrays[f"facet_{key}"], arrays[f"facet_{key}_more"])
        return segment.whole_counts[key]
    return _count(segment, key, segment.arrays[f"facet_{key}"][hits], _more_of(segment, key, hits))


def _count(segment: Segment, key: str, ordinals: Array, more: Array) -> dict[str, int]:
    values = segment.facet_values[key]
    counts = np.bincount(ordinals, minlength=len(values))
    if len(more):
        counts += np.bincount(more, minlength=len(values))
    return {values[ordinal]: int(counts[ordinal]) for ordinal in np.flatnonzero(counts) if values[ordinal]}


def _more_of(segment: Segment, key: str, hits: Array) -> Array:
    """Return the further ordinals of the hits."""
    docs = segment.arrays[f"facet_{key}_more_docs"]
    more: Array = segment.arrays[f"facet_{key}_more"]
    if len(hits) * SPARSE < len(docs):
        low, high = np.searchsorted(docs, hits), np.searchsorted(docs, hits, "right")
        counts = high - low
        chosen = np.repeat(high - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
    else:
        chosen = members(docs, hits, segment.documents)
    found: Array = more[chosen]
    return found


def _at(column: Array, hits: Array, segment: Segment) -> Array:
    """Return the items of the hits, without a copy where every document is one."""
    return column if len(hits) == segment.documents else column[hits]


class Filtered:
    """The matches of a segment under a query's filters, counted for every facet without its own selection."""

    def __init__(self, segment: Segment, matches: Array, filters: Mapping[str, tuple[str, ...]]) -> None:
        self._segment = segment
        self._matches = matches
        self._passes = {key: holds_value(segment, key, values, matches) for key, values in filters.items() if values}
        self.hits = self._without("")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return facet key → value → count."""
        return {
            key: count_values(self._segment, key, self._without(key) if key in self._passes else self.hits)
            for key in FACET_KEYS
        }

    def _without(self, key: str) -> Array:
        """Return the matches that pass the filters of every facet but `key`."""
        passes = [held for other, held in self._passes.items() if other != key]
        return self._matches[np.logical_and.reduce(passes)] if passes else self._matches
