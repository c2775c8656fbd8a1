"""Sets of documents as arrays of distinct numbers, and the two ways to look into them.

Few against many: binary search. Many against many: a mark for each document in a `Scratch`. `SPARSE` is where the ways
cross. Sets of hits are `intp`: that is what NumPy indexes by, any other type is converted at every use. Posting lists
are `intp` too, or lie there as they are in the file (uint32) where the compiled kernel reads them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import kernel
from .inversion import CHARACTER_CODES

Array = NDArray[Any]

SPARSE = 8
"""A binary search costs some eight times the step through marks (measured at 20,000 to 1,000,000 documents)."""


NOTHING = np.zeros(0, np.intp)


class Scratch(threading.local):
    """Room for a number a document, and one a character, for each thread. Every user leaves it as it was, all zero.

    So nothing is paid for the documents that a query does not touch: fresh arrays of a million zeros cost more than
    most queries.
    """

    def __init__(self, documents: int) -> None:
        self.bytes: NDArray[np.uint8] = np.zeros(documents, dtype=np.uint8)
        self.marks: NDArray[np.bool_] = self.bytes.view(np.bool_)
        self.seen: NDArray[np.bool_] = np.zeros(documents, dtype=np.bool_)
        self.slots: NDArray[np.uint32] = np.zeros(documents, dtype=np.uint32)
        self.ranks: NDArray[np.uint8] = np.zeros(CHARACTER_CODES, dtype=np.uint8)


def members(wanted: Array, docs: Array, scratch: Scratch) -> Array:
    """Tell for each document of `wanted` (in any order) whether it is in `docs` (ascending)."""
    if wanted is docs:
        return np.ones(len(docs), dtype=np.bool_)
    if not len(docs) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.bool_)
    if len(wanted) * SPARSE < len(docs):
        found: Array = docs.take(docs.searchsorted(wanted), mode="clip") == wanted
        return found
    return marked(wanted, docs, scratch)


def marked(wanted: Array, docs: Array, scratch: Scratch) -> Array:
    """Tell for each document of `wanted` whether it is in `docs`, both in any order."""
    try:
        scratch.marks[docs] = True
        return scratch.marks.take(wanted, mode="clip")
    finally:
        scratch.marks[docs] = False


def frequencies(wanted: Array, docs: Array, tf: Array, scratch: Scratch) -> Array:
    """Return the weighted frequency of a term in each document of `wanted`, 0 where it is absent.

    `docs` (ascending) are the documents that hold the term, `tf` its frequencies there.
    """
    if wanted is docs:
        return tf
    if not len(docs) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.uint8)
    if len(wanted) * SPARSE < len(docs):
        index = docs.searchsorted(wanted)
        # `tf` where the document is the wanted one, else 0.
        found: Array = tf.take(index, mode="clip") * (docs.take(index, mode="clip") == wanted)
        return found
    try:
        scratch.bytes[docs] = tf
        return scratch.bytes.take(wanted, mode="clip")
    finally:
        scratch.bytes[docs] = 0


def ranges_of(first: Array, last: Array) -> tuple[Array, Array]:
    """Return the indices `first[i]:last[i]` of every i, end to end, and the i that each belongs to."""
    counts = last - first
    index = np.repeat(last - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
    return index, np.repeat(np.arange(len(counts)), counts)


def union(lists: Sequence[Array], scratch: Scratch) -> Array:
    """Return the documents that are in any of `lists`, ascending as they are."""
    lists = [docs for docs in lists if len(docs)]
    if len(lists) < 2:
        return lists[0] if lists else NOTHING
    lists.sort(key=len)
    if kernel.compiled:
        result = lists[0]
        for docs in lists[1:]:
            out = np.empty(len(result) + len(docs), np.uint32)
            result = out[: kernel.compiled.unite(result, docs, out)]
        return result
    result = lists.pop()
    for docs in reversed(lists):
        new = docs.compress(~members(docs, result, scratch))
        if len(new):
            # Two ascending runs, which this sort merges.
            result = np.concatenate((result, new))
            result.sort(kind="stable")
    return result


def intersection(lists: Sequence[Array], scratch: Scratch) -> Array:
    """Return the documents that are in all of `lists` (at least one), as `intp`."""
    if len(lists) == 1:
        return lists[0].astype(np.intp, copy=False)
    rarest, *others = sorted(lists, key=len)
    if kernel.compiled:
        out = np.empty(len(rarest), np.intp)
        return out[: kernel.compiled.intersect([rarest, *others], out)]
    for docs in others:
        if not len(rarest):
            break
        rarest = rarest.compress(members(rarest, docs, scratch))
    return rarest
