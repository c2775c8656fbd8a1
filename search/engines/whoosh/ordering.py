"""The total order of results: the best few of many, without sorting them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model import Sort
from .layout import UNDATED
from .segment import Segment

Array = NDArray[Any]


def best(segment: Segment, hits: Array, scores: Array | None, sort: Sort, count: int) -> Array:
    """Return the indices (into `hits`) of the first `count` hits in the order that `sort` asks for.

    Relevance: score, then newer date (undated last), then id. Newest and oldest: date (undated last), then score, then
    id. `newest` ranks the documents of a segment by newer date, then id, so it settles every tie. Without `scores` all
    are equal.
    """
    ranks = _Lazy(segment.arrays["newest"], hits)
    dates = segment.arrays["dates"]
    keys: list[_Key] = [_Falling(scores), ranks] if scores is not None else [ranks]
    if sort == "oldest" or (sort == "newest" and scores is not None):
        keys.insert(0, _Dates(dates, hits, newest=sort == "newest"))
    return first(keys, len(hits), count)


class _Key:
    """A key to sort by, ascending, computed for some of the hits at a time."""

    def of(self, chosen: Array | None) -> Array:
        """Return the key of the chosen hits (None: of all)."""
        raise NotImplementedError


class _Falling(_Key):
    def __init__(self, values: Array) -> None:
        self._values = values

    def of(self, chosen: Array | None) -> Array:
        return -(self._values if chosen is None else self._values[chosen])


class _Lazy(_Key):
    def __init__(self, column: Array, hits: Array) -> None:
        self._column = column
        self._hits = hits

    def of(self, chosen: Array | None) -> Array:
        return self._column[self._hits if chosen is None else self._hits[chosen]]


class _Dates(_Lazy):
    def __init__(self, column: Array, hits: Array, newest: bool) -> None:
        super().__init__(column, hits)
        self._newest = newest

    def of(self, chosen: Array | None) -> Array:
        dates = super().of(chosen)
        return -dates if self._newest else np.where(dates == UNDATED, np.iinfo(np.int32).max, dates)


def first(keys: Sequence[_Key], total: int, count: int) -> Array:
    """Return the indices of the first `count` of `total` items, ordered by `keys`, the weightiest first."""
    count = min(count, total)
    if not count:
        return np.zeros(0, np.int64)
    sure: list[Array] = []
    chosen: Array | None = None
    wanted = count
    for key in keys:
        values = key.of(chosen)
        if wanted == len(values):
            break
        border = np.partition(values, wanted - 1)[wanted - 1]
        below, tied = np.flatnonzero(values < border), np.flatnonzero(values == border)
        sure.append(below if chosen is None else chosen[below])
        chosen = tied if chosen is None else chosen[tied]
        wanted -= len(below)
    rest = np.arange(total) if chosen is None else chosen[:wanted]
    picked = np.concatenate([*sure, rest])
    order = np.lexsort([key.of(picked) for key in reversed(keys)])
    ordered: Array = picked[order]
    return ordered
