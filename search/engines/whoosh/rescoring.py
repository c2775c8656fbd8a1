"""What the first hits of a query get on top, from what is stored of a document: its characters, and who cites it.

Posting lists of single characters would be as long as the collection, so only the best hits by words and pairs are
looked at (a rescoring window). Single characters tie what no dictionary does: 购买 and 买, 医保卡 and 医疗保险卡.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model import Parsed
from ...retrieval import ranking
from ...text import is_letter
from . import kernel
from .boosts import about_places
from .inversion import CHARACTER_CODES, IN_TITLE
from .segment import Segment
from .statistics import Part, Statistics, bm25

Array = NDArray[Any]

_IDEOGRAPHS = 0x3400


class Rescorer:
    """Rescores hits of one query.

    `bare` is what was typed outside quotes and exclusions, folded; `weight` the sum of the idf of its pairs.
    """

    def __init__(
        self, parsed: Parsed, bare: str, weight: float, segments: Sequence[Segment], statistics: Statistics
    ) -> None:
        self._parsed = parsed
        self._segments = segments
        self._statistics = statistics
        self._weight = weight
        codes = np.array(sorted(set(map(ord, bare))), np.uint32)
        self._codes = codes.compress(is_letter(codes) & (codes < CHARACTER_CODES)).astype(np.intp)
        idf = statistics.character_idf(self._codes) * (self._codes >= _IDEOGRAPHS)
        self._factors = (ranking.CHARACTER_SHARE * (ranking.BM25_K1 + 1) * idf).astype(np.float32)

    def score(self, number: int, hits: Array) -> Array:
        """Return what is added to the score of each hit of the `number`-th segment."""
        characters, title, cited = self.parts(number, hits)
        return characters.scores + title.scores + cited.scores

    def parts(self, number: int, hits: Array) -> tuple[Part, Part, Part]:
        """Return what single characters add (BM25), the likeness of the title, and that others cite it.

        Likeness is the Dice coefficient of the characters of title and query; what counts is how far it is above
        `ranking.LIKENESS_FROM`. A title about another place is not like the query. Evidence that does not depend on
        the query saturates (Craswell, Robertson, Zaragoza & Taylor 2005): n citations count n / (n + k).
        """
        if kernel.compiled:
            characters, common, titles = self._compiled(number, hits)
        else:
            characters, common, titles = self._arrays(number, hits)
        dice = 2 * common / np.maximum(len(self._codes) + titles, 1)
        above = np.maximum(dice - ranking.LIKENESS_FROM, 0) * (ranking.LIKENESS_SHARE * self._weight)
        if self._parsed.places:
            above *= about_places(self._parsed, self._segments[number], hits)[-1]
        citations = self._statistics.citations(number, hits)
        cited = citations / (citations + ranking.CITED_HALF) * (ranking.CITED_SHARE * self._weight)
        return (
            Part("characters", "text", characters),
            Part("title", "title", above.astype(np.float32)),
            Part("citations", "cited", cited.astype(np.float32)),
        )

    def _compiled(self, number: int, hits: Array) -> tuple[Array, Array, Array]:
        segment, arrays = self._segments[number], self._segments[number].arrays
        scores, (common, titles) = np.zeros(len(hits), np.float32), np.zeros((2, len(hits)), np.int64)
        characters = arrays["char_offsets"], arrays["char_codes"], arrays["char_tf"]
        norms = self._statistics.norms(number, "bigrams")
        ranks = segment.scratch.ranks
        kernel.compiled.rescore(*characters, hits, self._codes, self._factors, norms, ranks, scores, common, titles)
        return scores, common, titles

    def _arrays(self, number: int, hits: Array) -> tuple[Array, Array, Array]:
        """Return what characters add to each hit, how many its title shares with the query, and how many it has."""
        segment = self._segments[number]
        owners, codes, tf = segment.characters(hits)
        titles = np.bincount(owners.compress(tf >= IN_TITLE), minlength=len(hits))
        ranks = segment.scratch.ranks
        try:
            ranks[self._codes] = np.arange(1, len(self._codes) + 1)
            rank = ranks.take(codes)
        finally:
            ranks[self._codes] = 0
        shared = rank.nonzero()[0]
        owners, rank, tf = owners.take(shared), rank.take(shared), tf.take(shared)
        norms = self._statistics.norms(number, "bigrams").take(hits)
        scores = bm25(tf & (IN_TITLE - 1), norms.take(owners), self._factors.take(rank - 1))
        characters = np.bincount(owners, scores, minlength=len(hits)).astype(np.float32)
        return characters, np.bincount(owners.compress(tf >= IN_TITLE), minlength=len(hits)), titles
