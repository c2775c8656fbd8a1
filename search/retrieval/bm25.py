"""BM25F in its simple form: one weighted frequency and one weighted length a document, whatever its fields.

Robertson, Zaragoza & Taylor 2004; Robertson & Zaragoza 2009, with the idf that Lucene uses.
"""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Scores
from . import ranking


def idf(documents: int, df: int) -> float:
    """Return how much a term tells that occurs in `df` of `documents`; always positive."""
    return log(1 + (documents - df + 0.5) / (df + 0.5))


def idfs(documents: int, df: Array) -> NDArray[np.float64]:
    """Return the same of many terms."""
    found: NDArray[np.float64] = np.log(1 + (documents - df + 0.5) / (df + 0.5))
    return found


def saturated(weight: float) -> float:
    """Return the factor of a term of this weight: what its score tends to as it occurs more often."""
    return weight * (ranking.BM25_K1 + 1)


def norms(lengths: Array, average: float) -> Scores:
    """Return what a frequency is compared with, for documents of these lengths: k1 (1 - b + b length / average).

    Lengths are weighted as frequencies are, and count as `ranking.LENGTH_AT_MOST` averages at most; `average` is taken
    over the live documents of the whole collection (0 counts as 1).
    """
    slope = np.float32(ranking.BM25_K1 * ranking.BM25_B / (average or 1.0))
    found: Scores = lengths.astype(np.float32)
    found *= slope
    np.minimum(found, np.float32(ranking.BM25_K1 * ranking.BM25_B * ranking.LENGTH_AT_MOST), out=found)
    found += np.float32(ranking.BM25_K1 * (1 - ranking.BM25_B))
    return found
