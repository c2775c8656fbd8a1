"""What is known of an article for ranking beside its words: computed once when it is indexed, kept as columns.

Which places, insurance types and topics it is about are its facets; this is the rest: whether it is a full article,
which way its title looks, which work it is (of), and which works it cites.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..hashing import hash64
from ..model import Article, Direction
from ..text import cited_works, direction, fold_all, work

DIRECTIONS: tuple[Direction | None, ...] = (None, "out", "into")
"""What the numbers of the column `direction` stand for."""


class Features(NamedTuple):
    """One item an article: `full` (1 for a full article), `direction` (index into `DIRECTIONS`), `works`.

    One item a citation: `citing` (the article's row) and `cited` (a work), each pair once. A work is the hash of a
    title without what marks a version or a part of it.
    """

    full: NDArray[np.uint8]
    direction: NDArray[np.uint8]
    works: NDArray[np.uint64]
    citing: NDArray[np.uint32]
    cited: NDArray[np.uint64]


def features_of(articles: Sequence[Article]) -> Features:
    """Return the features of some articles, in their order."""
    titles = fold_all([article.title for article in articles])
    citations = [
        (row, name)
        for row, article in enumerate(articles)
        for name in dict.fromkeys((*cited_works(article.title), *cited_works(article.text)))
    ]
    return Features(
        np.array([article.kind == "article" for article in articles], np.uint8),
        np.array([DIRECTIONS.index(direction(title)) for title in titles], np.uint8),
        work_keys([work(title) for title in titles]),
        np.array([row for row, _ in citations], np.uint32),
        work_keys([name for _, name in citations]),
    )


class Citations:
    """How many other works cite each work of a collection."""

    def __init__(self, pairs: NDArray[np.uint64]) -> None:
        """Take (cited work, citing work) as an array of shape (2, n); repeats and a work that cites itself are fine."""
        cited, by = pairs
        others = cited != by
        # One row for each two works of which one cites the other, however many of their parts do.
        apart = np.unique(np.stack([cited.compress(others), by.compress(others)], axis=1), axis=0)
        self._works, self._counts = np.unique(apart[:, 0], return_counts=True)

    def of(self, works: Array) -> NDArray[np.intp]:
        """Return how many other works cite each of these."""
        if not len(self._works):
            return np.zeros(len(works), np.intp)
        places = np.minimum(self._works.searchsorted(works), len(self._works) - 1)
        found: NDArray[np.intp] = self._counts.take(places) * (self._works.take(places) == works)
        return found


def work_keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """Return the keys of works by their names."""
    return np.array([_key(name) for name in names], np.uint64)


_key = lru_cache(maxsize=1 << 12)(hash64)
"""Remembered, as thousands of articles cite the same works."""
