"""The inner loops in NumPy: a few calls over whole arrays for each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Docs, Frequencies, Hits, Mask, Places, Scores
from .interface import Layout, Term
from .sets import NOTHING, SPARSE, Scratch, documents_of, frequencies, members, ranges_of

MAX_FREQUENCY = 255
"""Weighted frequencies saturate here, to fit a byte; BM25 has all but saturated long before."""

ZONE_BITS = np.uint32(2)
_ZONE = np.uint32(3)


class PlainLoops:
    """`Loops` in NumPy. Posting lists are `intp`, which NumPy indexes by: any other type is converted at every use."""

    def posting(self, docs: Array) -> Docs:
        """See `Loops`."""
        return docs.astype(np.intp)

    def find(self, text: Array, offsets: Array, key: bytes) -> int:
        """See `Loops`."""
        content, ends = text.data, offsets.data

        def at(number: int) -> bytes:
            return content[ends[number] : ends[number + 1]].tobytes()

        rank = bisect_left(range(len(ends) - 1), key, key=at)
        return rank if rank < len(ends) - 1 and at(rank) == key else -1

    def texts(self, text: Array, offsets: Array, wanted: Hits) -> list[str]:
        """See `Loops`."""
        begins, ends = offsets.take(wanted).tolist(), offsets.take(wanted + 1).tolist()
        return [text[b:e].tobytes().decode("utf-8", "surrogatepass") for b, e in zip(begins, ends, strict=True)]

    def rank(self, keys: Array, key: int) -> int:
        """See `Loops`."""
        number = bisect_left(keys.data, key)
        return number if number < len(keys) and int(keys[number]) == key else -1

    def unite(self, lists: Sequence[Docs], scratch: Scratch) -> Docs:
        """See `Loops`."""
        lists = [docs for docs in lists if len(docs)]
        if len(lists) < 2:
            return lists[0] if lists else NOTHING
        lists.sort(key=len)
        result = lists.pop()
        for docs in reversed(lists):
            new = docs.compress(~members(docs, result, scratch))
            if len(new):
                # Two ascending runs, which this sort merges.
                result = np.concatenate((result, new))
                result.sort(kind="stable")
        return result

    def intersect(self, lists: Sequence[Docs], scratch: Scratch) -> Hits:
        """See `Loops`."""
        rarest, *others = sorted(lists, key=len)
        for docs in others:
            if not len(rarest):
                break
            rarest = rarest.compress(members(rarest, docs, scratch))
        return rarest.astype(np.intp, copy=False)

    def fresh(self, docs: Docs, seen: Array) -> Hits:
        """See `Loops`."""
        found: Hits = docs.compress(~seen.take(docs))
        seen[found] = True
        return found

    def hold(self, hits: Hits, lists: Sequence[Docs], weights: Sequence[float], scratch: Scratch) -> NDArray[Any]:
        """See `Loops`."""
        held = np.zeros(len(hits), np.float64)
        for docs, weight in zip(lists, weights, strict=True):
            held += members(hits, docs, scratch) * weight
        return held

    def phrase(self, lists: Sequence[tuple[Places, int]]) -> Places:
        """See `Loops`."""
        starts: Array | None = None
        for places, offset in sorted(lists, key=lambda one: len(one[0])):
            if starts is None:
                starts = (places >> ZONE_BITS).astype(np.int64) - offset
            else:
                starts = starts[contain(places, starts + offset)]
            if not starts.size:
                return np.zeros(0, np.uint32)
        # The zone of an occurrence is that of its first character, which only the first list tells.
        head = next(places for places, offset in lists if offset == 0)
        assert starts is not None
        found: Places = head[np.searchsorted(head, (starts << int(ZONE_BITS)).astype(np.uint32))]
        return found

    def owners(self, places: Places, layout: Layout) -> tuple[Docs, Frequencies]:
        """See `Loops`."""
        if not len(places):
            return NOTHING, np.zeros(0, np.uint8)
        owners = documents_of(places >> ZONE_BITS, layout.coarse, layout.starts)
        change = np.ones(len(owners), dtype=np.bool_)
        np.not_equal(owners[1:], owners[:-1], out=change[1:])
        begin = change.nonzero()[0]
        frequency = np.add.reduceat(layout.weights.take(places & _ZONE), begin, dtype=np.uint32)
        return owners.take(begin), np.minimum(frequency, MAX_FREQUENCY).astype(np.uint8)

    def gather(self, places: Places, layout: Layout, scratch: Scratch) -> tuple[Docs, Frequencies]:
        """See `Loops`."""
        return self.owners(np.sort(places), layout)

    def score(self, terms: Sequence[Term], hits: Hits, layout: Layout, scratch: Scratch, out: Scores) -> None:
        """See `Loops`."""
        for norms, forms in terms:
            below = norms.take(hits)
            parts = []
            for docs, tf, factor in forms:
                held = (
                    frequencies(hits, docs, tf, scratch) if tf is not None else self._held(docs, hits, layout, scratch)
                )
                parts.append(_bm25(held, below, np.float32(factor)))
            out += np.maximum.reduce(parts)

    def _held(self, places: Places, hits: Hits, layout: Layout, scratch: Scratch) -> Frequencies:
        """Return how often, weighted, places lie in each hit."""
        if len(hits) * SPARSE >= len(places):
            return frequencies(hits, *self.owners(places, layout), scratch)
        low = places.searchsorted(layout.starts.take(hits) << ZONE_BITS)
        high = places.searchsorted(layout.starts.take(hits + 1) << ZONE_BITS)
        index, owner = ranges_of(low, high)
        weights = np.bincount(owner, layout.weights[places[index] & _ZONE], minlength=len(hits))
        return np.minimum(weights, MAX_FREQUENCY).astype(np.uint8)

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
        index, owners = ranges_of(offsets.take(hits).astype(np.intp), offsets.take(hits + 1).astype(np.intp))
        held, tf = codes.take(index), tf.take(index)
        titles = np.bincount(owners.compress(tf >= in_title), minlength=len(hits))
        ranks = np.zeros(1 << 16, np.uint8)
        ranks[wanted] = np.arange(1, len(wanted) + 1)
        rank = ranks.take(held)
        shared = rank.nonzero()[0]
        owners, rank, tf = owners.take(shared), rank.take(shared), tf.take(shared)
        below = norms.take(hits).take(owners)
        scores = _bm25(tf & np.uint8(in_title - 1), below, factors.take(rank - 1))
        characters = np.bincount(owners, scores, minlength=len(hits)).astype(np.float32)
        return characters, np.bincount(owners.compress(tf >= in_title), minlength=len(hits)), titles

    def count(self, rows: Array, hits: Hits, size: int) -> NDArray[Any]:
        """See `Loops`."""
        return np.bincount(rows.take(hits, axis=0).ravel(), minlength=size)

    def spread(self, counts: Array, names: list[str], ends: list[int]) -> list[dict[str, int]]:
        """See `Loops`."""
        listed = counts.tolist()
        begins = [0, *ends[:-1]]
        return [
            {names[number]: listed[number] for number in range(begin, end) if listed[number] and names[number]}
            for begin, end in zip(begins, ends, strict=True)
        ]

    def top(self, scores: Scores, ranks: Array, hits: Hits, count: int) -> Array:
        """See `Loops`."""
        chosen = _undecided(-scores, count)
        order = np.lexsort((ranks.take(hits.take(chosen)), -scores.take(chosen)))
        first: Array = chosen.take(order[:count])
        return first


def _undecided(keys: Array, count: int) -> Array:
    """Return the indices of the items that can be among the first `count` by ascending keys."""
    if count >= len(keys):
        return np.arange(len(keys))
    if not count:
        return np.zeros(0, np.intp)
    border = np.partition(keys, count - 1)[count - 1]
    possible: Array = (keys <= border).nonzero()[0]
    return possible


def _bm25(tf: Array, norms: Scores, factor: Any) -> Scores:
    frequency: Scores = tf.astype(np.float32)
    below = frequency + norms
    frequency *= factor
    frequency /= below
    return frequency


def contain(places: Places, positions: Array) -> Mask:
    """Tell for each position (ascending, maybe negative) whether one of the ascending `places` stands there."""
    if not places.size:
        return np.zeros(len(positions), dtype=np.bool_)
    wanted = np.maximum(positions, 0).astype(np.uint32) << ZONE_BITS
    index = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
    found: Mask = (places[index] >> ZONE_BITS).astype(np.int64) == positions
    return found
