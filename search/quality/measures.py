"""The standard measures of an order of results, as pure functions of the grades at its ranks.

- nDCG@10 with gain 2^grade - 1 and discount log2(rank + 1): Järvelin & Kekäläinen 2002, *Cumulated gain-based
  evaluation of IR techniques*, ACM TOIS 20(4), with the exponential gain of Burges et al. 2005.
- MRR@10: 1 / rank of the first relevant article, 0 if it is not among the first ten.
- recall@100: the share of the relevant articles that is among the first hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

TOP = 10
DEPTH = 100


def ndcg(grades: Sequence[int], ideal: Iterable[int], k: int = TOP) -> float:
    """Return nDCG@k of a ranking: `grades` by rank, `ideal` all grades there are (any order). 0 if none is above 0."""
    best = _dcg(sorted(ideal, reverse=True)[:k])
    return _dcg(grades[:k]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def reciprocal_rank(grades: Sequence[int], relevant: int = 1, k: int = TOP) -> float:
    """Return 1 / rank of the first of the first `k` grades that is at least `relevant`; 0 if none is."""
    return next((1 / rank for rank, grade in enumerate(grades[:k], 1) if grade >= relevant), 0.0)


def recall(grades: Sequence[int], ideal: Iterable[int], relevant: int = 1, k: int = DEPTH) -> float:
    """Return which share of the grades in `ideal` that are at least `relevant` is among the first `k`."""
    wanted = sum(grade >= relevant for grade in ideal)
    return sum(grade >= relevant for grade in grades[:k]) / wanted if wanted else 0.0
