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

from ...facets import FACET_KEYS
from .layout import UNDATED
from .segment import Segment
from .sets import SPARSE, marked, members

Array = NDArray[Any]


def holds_value(segment: Segment, key: str, values: Iterable[str], hits: Array) -> Array:
    """Tell for each hit whether it has any of `values` in the facet `key`."""
    return _holds(segment, key, values, hits, _rows(segment, hits)[:, segment.facet_column(key)])


def _holds(segment: Segment, key: str, values: Iterable[str], hits: Array, ordinals: Array) -> Array:
    known = segment.facet_values[key]
    chosen = np.zeros(len(known), dtype=np.bool_)
    for value in values:
        # "" is how a document without any value is stored; it is no value that one could ask for.
        if value and value in known:
            chosen[known.index(value)] = True
    held: Array = chosen.take(ordinals)
    more = segment.arrays[f"facet_{key}_more"]
    if len(more):
        docs = segment.arrays[f"facet_{key}_more_docs"][chosen.take(more)].astype(np.intp)
        held |= members(hits, docs, segment.scratch)
    return held


def _rows(segment: Segment, hits: Array) -> Array:
    """Return the first ordinals of the hits, a row each."""
    # By far the quickest way to copy short rows.
    rows: Array = segment.facet_rows.take(hits, axis=0, mode="clip")
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


def _count(segment: Segment, key: str, ordinals: Array, more: Array) -> dict[str, int]:
    values = segment.facet_values[key]
    counts = np.bincount(ordinals, minlength=len(values))
    if len(more):
        counts += np.bincount(more, minlength=len(values))
    held = counts.nonzero()[0]
    found = dict(zip(map(values.__getitem__, held.tolist()), counts.take(held).tolist(), strict=True))
    found.pop("", None)
    return found


def _more_of(segment: Segment, key: str, hits: Array) -> Array:
    """Return the further ordinals of the hits."""
    docs = segment.arrays[f"facet_{key}_more_docs"]
    more: Array = segment.arrays[f"facet_{key}_more"]
    if not len(docs):
        return more
    if len(hits) * SPARSE < len(docs):
        low, high = np.searchsorted(docs, hits), np.searchsorted(docs, hits, "right")
        counts = high - low
        chosen = np.repeat(high - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
    else:
        chosen = marked(docs, hits, segment.scratch)
    found: Array = more[chosen]
    return found


class Filtered:
    """The matches of a segment under a query's filters, counted for every facet without its own selection."""

    def __init__(self, segment: Segment, matches: Array, filters: Mapping[str, tuple[str, ...]]) -> None:
        self._segment = segment
        self._matches = matches
        self._rows = segment.facet_rows if len(matches) == segment.documents else _rows(segment, matches)
        self._passes = {
            key: _holds(segment, key, values, matches, self._rows[:, segment.facet_column(key)])
            for key, values in filters.items()
            if values
        }
        self.hits, self._hit_rows = self._passing("")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return facet key → value → count."""
        return {key: self._count(key) for key in FACET_KEYS}

    def _count(self, key: str) -> dict[str, int]:
        segment = self._segment
        hits, rows = self._passing(key) if key in self._passes else (self.hits, self._hit_rows)
        column = segment.facet_column(key)
        if len(hits) < segment.documents:
            return _count(segment, key, rows[:, column], _more_of(segment, key, hits))
        # What everyone sees who has typed nothing yet: counted once.
        if key not in segment.whole_counts:
            segment.whole_counts[key] = _count(segment, key, rows[:, column], segment.arrays[f"facet_{key}_more"])
        return segment.whole_counts[key]

    def _passing(self, key: str) -> tuple[Array, Array]:
        """Return the matches that pass the filters of every facet but `key`, and their rows of ordinals."""
        passes = [held for other, held in self._passes.items() if other != key]
        if not passes:
            return self._matches, self._rows
        chosen = (passes[0] if len(passes) == 1 else np.logical_and.reduce(passes)).nonzero()[0]
        return self._matches.take(chosen), self._rows.take(chosen, axis=0, mode="clip")
