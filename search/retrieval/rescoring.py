"""What the first hits of a query get on top, from what is stored of an article: its characters, and who cites it.

Posting lists of single characters would be as long as the collection, so only the best hits by words and pairs are
looked at (a rescoring window). Single characters tie what no dictionary does: 购买 and 买, 医保卡 and 医疗保险卡.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import kernel
from ..arrays import Array, Hits, Mask, Scores
from ..text import is_letter, named_works
from . import ranking
from .bm25 import idfs
from .conditions import Condition
from .features import work_keys
from .scoring import ScorePart, Scoring

CHARACTER_CODES = 1 << 16
"""Characters of higher code points are not kept by article."""
IN_TITLE = 128
"""Marks a character of the title in its frequency; the frequency itself stays below."""

_IDEOGRAPHS = 0x3400


class Window(NamedTuple):
    """The features of some hits that rescoring looks at; columns of one item an article, `rows` choosing the hits.

    Article i has the characters `codes[offsets[i]:offsets[i + 1]]` (uint16, ascending) with weighted frequencies `tf`
    (uint8, `IN_TITLE` added where the title holds the character), and the BM25 norm `norms[i]` (float32).
    `works` (one item a hit) is the work that its title names, `citations` how many other works cite that, `test` tells
    which hits fulfil a condition.
    """

    rows: Hits
    offsets: Array
    codes: Array
    tf: Array
    norms: Scores
    works: Array
    citations: Array
    test: Callable[[Condition], Mask]


class CharacterStatistics(Protocol):
    """How often single characters occur; what rescoring asks of an engine."""

    documents: int

    def character_df(self, codes: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return how many articles hold each character (code points below `CHARACTER_CODES`)."""
        ...


class Rescorer:
    """Rescores hits of one query."""

    def __init__(self, scoring: Scoring, statistics: CharacterStatistics) -> None:
        self.scoring = scoring
        self._weight = scoring.weight
        self._not_elsewhere = scoring.boosts.not_elsewhere
        codes = np.array(sorted(set(map(ord, scoring.bare))), np.uint32)
        self._codes = codes.compress(is_letter(codes) & (codes < CHARACTER_CODES)).astype(np.intp)
        weights = idfs(statistics.documents, statistics.character_df(self._codes)) * (self._codes >= _IDEOGRAPHS)
        self._named = work_keys(named_works(scoring.bare))
        self._factors = (ranking.CHARACTER_SHARE * (ranking.BM25_K1 + 1) * weights).astype(np.float32)

    def score(self, window: Window) -> Scores:
        """Return what is added to the score of each hit."""
        characters, title, named, cited = self.parts(window)
        return characters.scores + title.scores + named.scores + cited.scores

    def parts(self, window: Window) -> tuple[ScorePart, ScorePart, ScorePart, ScorePart]:
        """Return what single characters add (BM25), the likeness of the title, that the query names the article, and
        that others cite it.

        Likeness is the Dice coefficient of the characters of title and query; what counts is how far it is above
        `ranking.LIKENESS_FROM`. A title about another place is not like the query. Evidence that does not depend on
        the query saturates (Craswell, Robertson, Zaragoza & Taylor 2005): n citations count n / (n + k).
        """
        characters, common, titles = kernel.loops.rescore(
            window.offsets, window.codes, window.tf, window.rows, self._codes, self._factors, window.norms, IN_TITLE
        )
        dice = 2 * common / np.maximum(len(self._codes) + titles, 1)
        above = np.maximum(dice - ranking.LIKENESS_FROM, 0) * (ranking.LIKENESS_SHARE * self._weight)
        if self._not_elsewhere is not None:
            above *= window.test(self._not_elsewhere)
        named = np.zeros(len(window.rows), np.float32)
        if len(self._named):
            named[(window.works[:, np.newaxis] == self._named).any(axis=1)] = ranking.NAMED_SHARE * self._weight
        cited = window.citations / (window.citations + ranking.CITED_HALF) * (ranking.CITED_SHARE * self._weight)
        return (
            ScorePart("characters", "text", characters),
            ScorePart("title", "title", above.astype(np.float32)),
            ScorePart("name", "named", named),
            ScorePart("citations", "cited", cited.astype(np.float32)),
        )
