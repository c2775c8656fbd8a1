"""The total order of results: the best few of many, without sorting them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model import Sort
from . import kernel
from .layout import UNDATED
from .segment import Segment

Array = NDArray[Any]

HEAPED = 4096
"""Up to so many hits are picked by the kernel, in a heap."""


def best(segment: Segment, hits: Array, scores: Array, count: int) -> tuple[Array, Array]:
    """Return the first hits by relevance and their scores; the kernel must be there."""
    out = np.empty(min(count, len(hits)), np.int64)
    kernel.compiled.top(scores, segment.arrays["newest"], hits, out)
    return hits.take(out), scores.take(out)


Key = Callable[[Array | None], Array]
"""Indices of hits (None: of all) → what these are sorted by, ascending."""


class Order:
    """The hits of a segment in the order that `sort` asks for.

    Relevance: score, then newer date (undated last), then id. Newest and oldest: date (undated last), then score, then
    id. `newest` ranks the documents of a segment by newer date, then id, so it settles every tie. `score` returns the
    scores of documents; without it all are 0. By date, only those are scored that the date leaves undecided.
    """

    def __init__(self, segment: Segment, hits: Array, score: Callable[[Array], Array] | None, sort: Sort) -> None:
        self._segment = segment
        self._hits = hits
        self._score = score
        self._sort = sort
        self._all: Array | None = None

    def first(self, part: slice) -> tuple[Array, Array]:
        """Return the documents of some of the first hits in order, `part` of them (from, to), and their scores."""
        # Not kept: an object that holds its own methods would stay, segment and all, until garbage collection.
        keys: list[Key] = [self._rank]
        if self._score:
            keys.insert(0, self._falling_score)
        if self._sort == "oldest" or (self._sort == "newest" and self._score):
            keys.insert(0, self._date)
        picked = pick(keys, len(self._hits), part.stop)
        scores = self._scores(picked)
        values = [-scores if key == self._falling_score else key(picked) for key in reversed(keys)]
        order = np.lexsort(values)[part]
        return self._hits.take(picked.take(order)), scores.take(order)

    def _documents(self, chosen: Array | None) -> Array:
        return self._hits if chosen is None else self._hits.take(chosen)

    def _scores(self, chosen: Array | None) -> Array:
        if self._all is not None:
            return self._all if chosen is None else self._all.take(chosen)
        documents = self._documents(chosen)
        if self._score is None:
            return np.zeros(len(documents), dtype=np.float32)
        scores = self._score(documents)
        if chosen is None:
            self._all = scores
        return scores

    def _falling_score(self, chosen: Array | None) -> Array:
        return -self._scores(chosen)

    def _rank(self, chosen: Array | None) -> Array:
        return self._segment.arrays["newest"].take(self._documents(chosen))

    def _date(self, chosen: Array | None) -> Array:
        return date_key(self._segment, self._documents(chosen), self._sort)


def date_key(segment: Segment, documents: Array, sort: Sort) -> Array:
    """Return what documents are sorted by, ascending, when they are by date; undated ones come last."""
    dates = segment.arrays["dates"].take(documents)
    return np.where(dates == UNDATED, np.iinfo(np.int32).max, dates) if sort == "oldest" else -dates


def pick(keys: Sequence[Key], total: int, count: int) -> Array:
    """Return the indices of the first `count` of `total` items by `keys`, the weightiest first; in no particular order.

    A key is computed only for the items that the ones before it left undecided.
    """
    chosen: Array | None = None
    count = min(count, total)
    sure: list[Array] = []
    for key in keys:
        if count == (total if chosen is None else len(chosen)):
            break
        values = key(chosen)
        border = np.partition(values, count - 1)[count - 1]
        tied, below = (values == border).nonzero()[0], (values < border).nonzero()[0]
        sure.append(below if chosen is None else chosen.take(below))
        chosen = tied if chosen is None else chosen.take(tied)
        count -= len(below)
    return np.concatenate([*sure, np.arange(total) if chosen is None else chosen[:count]])
