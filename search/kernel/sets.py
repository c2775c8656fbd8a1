"""Sets of documents as arrays of distinct numbers, and the two ways to look into them.

Few against many: binary search. Many against many: a mark for each document in a `Scratch`. `SPARSE` is where the ways
cross.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

SPARSE = 8
"""A binary search costs some eight times the step through marks (measured at 20,000 to 1,000,000 documents)."""


NOTHING = np.zeros(0, np.intp)


class Scratch(threading.local):
    """Room for a number a document, for each thread. Every user leaves it as it was, all zero.

    So nothing is paid for the documents that a query does not touch: fresh arrays of a million zeros cost more than
    most queries.
    """

    def __init__(self, documents: int) -> None:
        self.bytes: NDArray[np.uint8] = np.zeros(documents, dtype=np.uint8)
        self.marks: NDArray[np.bool_] = self.bytes.view(np.bool_)
        self.seen: NDArray[np.bool_] = np.zeros(documents, dtype=np.bool_)
        self.slots: NDArray[np.uint32] = np.zeros(documents, dtype=np.uint32)


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


def documents_of(positions: Array, coarse: Array, starts: Array) -> Array:
    """Return the document of each position. `coarse[i]` is the document at position 64 i; `starts` has all and the end.

    Twin of nothing: index and query both call it. Faster than a binary search, as a document is found in a step or two.
    """
    documents: Array = coarse.take(positions >> np.uint32(6)).astype(np.intp)
    ends = starts[1:]
    late = (ends.take(documents) <= positions).nonzero()[0]
    while late.size:
        documents[late] += 1
        late = late[ends.take(documents.take(late)) <= positions.take(late)]
    return documents


def firsts(ordered: Array) -> Array:
    """Return the indices at which a new value begins."""
    if not ordered.size:
        return np.zeros(0, dtype=np.int64)
    change = np.ones(len(ordered), dtype=np.bool_)
    change[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(change)
