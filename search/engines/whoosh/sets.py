"""Sets of documents as ascending arrays of distinct numbers, and the two ways to look into them.

Few against many: binary search. Many against many: a mask over all documents. `SPARSE` is where the ways cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .batch import firsts
from .segment import PostingList

Array = NDArray[Any]

SPARSE = 16
"""A binary search costs some sixteen times the step through a mask (measured at 100,000 and 1,000,000 documents)."""


def members(wanted: Array, docs: Array, documents: int) -> Array:
    """Tell for each document of `wanted` whether it is in `docs`; `documents` is the size of the segment."""
    if wanted is docs:
        return np.ones(len(docs), dtype=np.bool_)
    if not len(docs) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.bool_)
    found: Array
    if len(wanted) * SPARSE < len(docs):
        index = np.minimum(np.searchsorted(docs, wanted), len(docs) - 1)
        found = docs[index] == wanted
    else:
        mask = np.zeros(documents, dtype=np.bool_)
        mask[docs] = True
        found = mask[wanted]
    return found


def frequencies(wanted: Array, postings: PostingList, documents: int) -> Array:
    """Return the weighted frequency of a term in each document of `wanted`, 0 where it is absent."""
    docs, tf = postings.docs, postings.tf
    if wanted is docs:
        return tf
    if not len(docs) or not len(wanted):
        return np.zeros(len(wanted), dtype=np.uint8)
    found: Array
    if len(wanted) * SPARSE < len(docs):
        index = np.minimum(np.searchsorted(docs, wanted), len(docs) - 1)
        found = np.where(docs[index] == wanted, tf[index], np.uint8(0))
    else:
        dense = np.zeros(documents, dtype=np.uint8)
        dense[docs] = tf
        found = dense[wanted]
    return found


def union(lists: Sequence[Array], documents: int) -> Array:
    """Return the documents that are in any of `lists`."""
    lists = [docs for docs in lists if len(docs)]
    if not lists:
        return np.zeros(0, np.uint32)
    if len(lists) == 1:
        return lists[0]
    if sum(map(len, lists)) * SPARSE < documents:
        every = np.concatenate(lists)
        every.sort()
        return every[firsts(every)]
    mask = np.zeros(documents, dtype=np.bool_)
    for docs in lists:
        mask[docs] = True
    return np.flatnonzero(mask).astype(np.uint32)


def intersection(lists: Sequence[Array], documents: int) -> Array:
    """Return the documents that are in all of `lists` (at least one)."""
    rarest, *others = sorted(lists, key=len)
    for docs in others:
        rarest = rarest[members(rarest, docs, documents)]
    return rarest
