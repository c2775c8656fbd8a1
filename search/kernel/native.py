"""The inner loops compiled: what is written into, and scratch, around `kernel.c` (described in `_kernel.pyi`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Docs, Frequencies, Hits, Places, Scores
from . import _kernel
from .interface import Layout, Term
from .sets import NOTHING, Scratch


class _Ranks(threading.local):
    """Room for a number a character, for each thread; all 0 before and after."""

    def __init__(self) -> None:
        self.ranks = np.zeros(1 << 16, np.uint8)


class NativeLoops:
    """`Loops` in C. Posting lists are uint32, as they lie in the file."""

    find = staticmethod(_kernel.find)
    texts = staticmethod(_kernel.texts)
    rank = staticmethod(_kernel.rank)
    spread = staticmethod(_kernel.spread)

    def __init__(self) -> None:
        self._own = _Ranks()

    def posting(self, docs: Array) -> Docs:
        """See `Loops`."""
        return docs

    def unite(self, lists: Sequence[Docs], scratch: Scratch) -> Docs:
        """See `Loops`."""
        lists = [docs for docs in lists if len(docs)]
        if len(lists) < 2:
            return lists[0] if lists else NOTHING
        lists.sort(key=len)
        result = lists[0]
        for docs in lists[1:]:
            out = np.empty(len(result) + len(docs), np.uint32)
            result = out[: _kernel.unite(result, docs, out)]
        return result

    def intersect(self, lists: Sequence[Docs], scratch: Scratch) -> Hits:
        """See `Loops`."""
        if len(lists) == 1:
            return lists[0].astype(np.intp, copy=False)
        shortest_first = sorted(lists, key=len)
        out = np.empty(len(shortest_first[0]), np.intp)
        return out[: _kernel.intersect(shortest_first, out)]

    def fresh(self, docs: Docs, seen: Array) -> Hits:
        """See `Loops`."""
        out = np.empty(len(docs), np.intp)
        return out[: _kernel.fresh(docs, seen, out)]

    def hold(self, hits: Hits, lists: Sequence[Docs], weights: Sequence[float], scratch: Scratch) -> NDArray[Any]:
        """See `Loops`."""
        held = np.zeros(len(hits), np.float64)
        _kernel.hold(hits, list(lists), np.array(weights), scratch.slots, held)
        return held

    def phrase(self, lists: Sequence[tuple[Places, int]]) -> Places:
        """See `Loops`."""
        shortest_first = sorted(lists, key=lambda one: len(one[0]))
        out = np.empty(len(shortest_first[0][0]), np.uint32)
        offsets = np.array([offset for _, offset in shortest_first], np.int64)
        return out[: _kernel.phrase([places for places, _ in shortest_first], offsets, out)]

    def owners(self, places: Places, layout: Layout) -> tuple[Docs, Frequencies]:
        """See `Loops`."""
        docs, tf = np.empty(len(places), np.uint32), np.empty(len(places), np.uint8)
        found = _kernel.owners(places, *layout, docs, tf)
        return docs[:found], tf[:found]

    def gather(self, places: Places, layout: Layout, scratch: Scratch) -> tuple[Docs, Frequencies]:
        """See `Loops`."""
        most = min(len(places), len(layout.starts) - 1) + 1
        docs, tf = np.empty(most, np.uint32), np.empty(most, np.uint8)
        found = _kernel.gather(places, *layout, scratch.bytes, docs, tf)
        return docs[:found], tf[:found]

    def score(self, terms: Sequence[Term], hits: Hits, layout: Layout, scratch: Scratch, out: Scores) -> None:
        """See `Loops`."""
        _kernel.score(list(terms), hits, *layout, scratch.slots, np.zeros(len(hits), np.float32), out)

    def rescore(  # noqa: PLR0913, PLR0917 - as in `Loops`
        self,
        offsets: Array,
        codes: Array,
        tf: Array,
        hits: Hits,
        wanted: Array,
        factors: Scores,
        norms: Scores,
        in_title: int,
    ) -> tuple[Scores, Array, Array]:
        """See `Loops`."""
        scores, (common, titles) = np.zeros(len(hits), np.float32), np.zeros((2, len(hits)), np.int64)
        columns = offsets, codes, tf
        ranks = self._own.ranks
        _kernel.rescore(*columns, hits, wanted, factors, norms, in_title, ranks, scores, common, titles)
        return scores, common, titles

    def count(self, rows: Array, hits: Hits, size: int) -> NDArray[Any]:
        """See `Loops`."""
        counts = np.zeros(size, np.int64)
        _kernel.count(rows, rows.shape[1], hits, counts)
        return counts

    def top(self, scores: Scores, ranks: Array, hits: Hits, count: int) -> Array:
        """See `Loops`."""
        out = np.empty(min(count, len(hits)), np.int64)
        _kernel.top(scores, ranks, hits, out)
        return out
