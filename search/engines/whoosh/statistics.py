"""What scoring knows of a whole index, and what it says of a hit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...retrieval import ranking
from .segment import Segment

Array = NDArray[Any]


class Statistics:
    """What scoring needs to know of the whole index; computed once an engine."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.documents = sum(segment.live_count for segment in segments)
        self._segments = segments
        self.standing: dict[tuple[int, bool], Array] = {}
        """What `Scorer` keeps of documents: by segment, and whether the query names no place."""
        self._norms: dict[tuple[int, str], Array] = {}

    def norms(self, number: int, field: str) -> Array:
        """Return what BM25 adds to a frequency below the line: float32, one a document of the `number`-th segment."""
        norms = self._norms.get((number, field))
        if norms is None:
            average = sum(one.total_length(field) for one in self._segments) / max(self.documents, 1) or 1.0
            slope = np.float32(ranking.BM25_K1 * ranking.BM25_B / average)
            norms = self._segments[number].arrays[f"{field}_lengths"].astype(np.float32)
            norms *= slope
            norms += np.float32(ranking.BM25_K1 * (1 - ranking.BM25_B))
            self._norms[number, field] = norms
        return norms

    def citations(self, number: int, hits: Array) -> Array:
        """Return how many other works cite the work that each hit is, or is a part of."""
        names, counts = self._cited
        if not len(names):
            return np.zeros(len(hits), np.intp)
        works = self._segments[number].arrays["works"].take(hits)
        places = np.minimum(names.searchsorted(works), len(names) - 1)
        found: Array = counts.take(places) * (names.take(places) == works)
        return found

    @cached_property
    def _cited(self) -> tuple[Array, Array]:
        """The works that live documents cite, ascending, and how many other works do."""
        pieces = [np.zeros((2, 0), np.uint64)]
        for segment in self._segments:
            works, citing, cited = (segment.arrays[name] for name in ("works", "citing", "cited"))
            live = ~np.isin(citing, segment.deleted)
            pieces.append(np.stack([cited.compress(live), works.take(citing.compress(live))]))
        cited, by = np.concatenate(pieces, axis=1)
        others = cited != by
        # One row for each two works of which one cites the other, however many of their parts do.
        pairs = np.unique(np.stack([cited.compress(others), by.compress(others)], axis=1), axis=0)
        names, counts = np.unique(pairs[:, 0], return_counts=True)
        return names, counts

    def character_idf(self, codes: Array) -> Array:
        """Return how much each character of some tells."""
        df = sum(segment.character_df(codes) for segment in self._segments)
        return np.log(1 + (self.documents - df + 0.5) / (df + 0.5))


class Part(NamedTuple):
    """A part of the score of each hit of a segment."""

    what: str
    where: str
    scores: Array


def bm25(tf: Array, norms: Array, factor: Any) -> Array:
    """Return the BM25 of weighted frequencies: `factor` (idf times k1 + 1) x tf / (tf + norm)."""
    frequency = tf.astype(np.float32)
    below = frequency + norms
    frequency *= np.float32(factor) if isinstance(factor, float) else factor
    frequency /= below
    return frequency
