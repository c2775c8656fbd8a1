"""Filters and facet counts of one segment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...arrays import Array, Hits
from .segment import Segment


class Filtered:
    """The matches of a segment under a query's filters, counted for every facet without its own selection."""

    def __init__(self, segment: Segment, matches: Hits, filters: Mapping[str, tuple[str, ...]]) -> None:
        self._facets = segment.facets
        self._matches = matches
        self._passes = {key: segment.facets.holds(key, values, matches) for key, values in filters.items() if values}
        self.hits = self._passing("")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return facet key → value → count."""
        counts: Array = self._facets.count(self.hits)
        for key in self._passes:
            place = self._facets.place(key)
            counts[place] = self._facets.count(self._passing(key))[place]
        return self._facets.by_value(counts)

    def _passing(self, key: str) -> Hits:
        """Return the matches that pass the filters of every facet but `key`."""
        passes = [held for other, held in self._passes.items() if other != key]
        if not passes:
            return self._matches
        return self._matches.compress(passes[0] if len(passes) == 1 else np.logical_and.reduce(passes))
