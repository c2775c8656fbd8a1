"""Scores: BM25 on words, BM25 on the bigrams inside the typed words, and boosts. Same numbers for `explain`.

A clause scores as its best form (weight of the form x BM25 of the form), so a typed word beats its synonym and a text
full of synonyms does not beat one that says what was typed. Formula: Robertson & Zaragoza
2009, with the idf of `plan.idf`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import ranking
from ...model import Parsed
from ...text import fold
from ...text.tokens import HAN
from .batch import KEY_BITS, MAX_FREQUENCY, ZONE_WEIGHTS, title_key
from .counting import holds_value
from .plan import ClauseMatch, Plan, idf
from .segment import PostingList, Segment
from .sets import SPARSE, frequencies, members

Array = NDArray[Any]

_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")


WORDS, BIGRAMS, KIND = 0, 1, 2


class Statistics:
    """What scoring needs to know of the whole index; computed once an engine."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.documents = sum(segment.live_count for segment in segments)
        self._segments = segments
        self._rows: dict[int, Array] = {}

    def rows(self, number: int) -> Array:
        """Return what a document of the `number`-th segment brings to any score: float32, one row a document.

        Columns `WORDS` and `BIGRAMS` are what BM25 adds to the frequency below the line, `KIND` is the boost of a full
        article. One row, so that one look into memory brings them all.
        """
        if number not in self._rows:
            segment = self._segments[number]
            rows = np.empty((segment.documents, 3), dtype=np.float32)
            for column, field in ((WORDS, "words"), (BIGRAMS, "bigrams")):
                average = sum(one.total_length(field) for one in self._segments) / max(self.documents, 1) or 1.0
                slope = np.float32(ranking.BM25_K1 * ranking.BM25_B / average)
                rows[:, column] = segment.arrays[f"{field}_lengths"] * slope
                rows[:, column] += np.float32(ranking.BM25_K1 * (1 - ranking.BM25_B))
            rows[:, KIND] = segment.arrays["full"] * np.float32(ranking.ARTICLE_BOOST)
            self._rows[number] = rows
        return self._rows[number]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score of each hit of a segment."""

    what: str
    where: str
    scores: Array


@dataclass(frozen=True, slots=True)
class _Pair:
    """A bigram of the query. One that is a word too occurs just where the word does: `words` has its postings then."""

    text: str
    key: int
    words: tuple[PostingList | None, ...]
    df: int


def _pair(text: str, segments: Sequence[Segment]) -> _Pair:
    key = ord(text[0]) << KEY_BITS | ord(text[1])
    words = tuple(segment.find_word(text) for segment in segments)
    df = sum(len(word.docs) if word else one.bigram_df(key) for word, one in zip(words, segments, strict=True))
    return _Pair(text, key, words, df)


class Scorer:
    """Scores the matches of one query."""

    def __init__(self, plan: Plan, parsed: Parsed, segments: Sequence[Segment], statistics: Statistics) -> None:
        self._plan = plan
        self._parsed = parsed
        self._segments = segments
        self._statistics = statistics

    @property
    def browses(self) -> bool:
        """Tell whether every score is 0."""
        return self._plan.browse

    def score(self, number: int, hits: Array) -> Array:
        """Return the score of each hit of the `number`-th segment: float32."""
        if self._plan.browse:
            return np.zeros(len(hits), dtype=np.float32)
        rows = self._statistics.rows(number)[hits]
        scores = np.zeros(len(hits), dtype=np.float32)
        for clause in self._plan.scored:
            parts = [part.scores for part in self._forms(clause, number, hits, rows)]
            scores += parts[0] if len(parts) == 1 else np.maximum.reduce(parts)
        for part in self._extras(number, hits, rows):
            scores += part.scores
        return scores

    def explain(self, number: int, document: int) -> list[Part]:
        """Return the parts of one document's score that are not 0."""
        if self._plan.browse:
            return []
        hits = np.array([document], dtype=np.uint32)
        rows = self._statistics.rows(number)[hits]
        best = [
            max(self._forms(clause, number, hits, rows), key=lambda part: float(part.scores[0]))
            for clause in self._plan.scored
        ]
        return [part for part in (*best, *self._extras(number, hits, rows)) if part.scores[0]]

    def _forms(self, clause: ClauseMatch, number: int, hits: Array, rows: Array) -> Iterator[Part]:
        size = self._segments[number].documents
        # One idf a clause: a rare synonym must not outweigh the word that was typed.
        weight = idf(self._statistics.documents, clause.df)
        for form in clause.forms:
            factor = form.form.weight * weight
            tf = frequencies(hits, form.postings[number], size)
            yield Part(form.form.text, "words", _bm25(tf, rows[:, WORDS], factor))

    def _extras(self, number: int, hits: Array, rows: Array) -> Iterator[Part]:
        segment = self._segments[number]
        for pair in self._pairs:
            if pair.df:
                word = pair.words[number]
                tf = frequencies(hits, word, segment.documents) if word else _pair_tf(segment, pair.key, hits)
                factor = ranking.BIGRAM_SHARE * idf(self._statistics.documents, pair.df)
                yield Part(pair.text, "bigrams", _bm25(tf, rows[:, BIGRAMS], factor))
        for key in self._titles:
            titled = segment.titled(key)
            if len(titled):
                yield Part("exact title", "title", _boost(hits, titled, segment, ranking.EXACT_TITLE_BOOST))
        for place in self._parsed.places:
            held = holds_value(segment, place.facet, (place.value,), hits)
            yield Part(place.value, place.facet, held * np.float32(ranking.PLACE_BOOST))
        yield Part("full article", "kind", rows[:, KIND])

    @cached_property
    def _pairs(self) -> list[_Pair]:
        """The bigrams inside the typed forms."""
        typed = [clause.forms[0].form.text for clause in self._plan.scored if clause.clause.kind != "phrase"]
        pairs = [pair for form in typed for pair in dict.fromkeys(_PAIR.findall(form))]
        return [_pair(pair, self._segments) for pair in pairs]

    @cached_property
    def _titles(self) -> list[int]:
        """The hashes of the whole query and of the query without question words, at most two."""
        folded = fold(self._parsed.text)
        kept = list(folded)
        for clause in self._parsed.clauses:
            if clause.kind == "question":
                kept[clause.start : clause.end] = " " * (clause.end - clause.start)
        return [key for key in dict.fromkeys((title_key(folded), title_key("".join(kept)))) if key]


def _bm25(tf: Array, norms: Array, factor: float) -> Array:
    frequency = tf.astype(np.float32)
    below = frequency + norms
    frequency *= np.float32(factor * (ranking.BM25_K1 + 1))
    frequency /= below
    return frequency


def _boost(hits: Array, docs: Array, segment: Segment, boost: float) -> Array:
    return members(hits, docs, segment.documents) * np.float32(boost)


def _pair_tf(segment: Segment, key: int, hits: Array) -> Array:
    """Return the weighted frequency of a bigram in each hit."""
    places = segment.bigram_places(key)
    if len(hits) * SPARSE >= len(places):
        return frequencies(hits, segment.postings_of_places(places), segment.documents)
    low, high = segment.ranges(places, hits)
    counts = high - low
    index = np.repeat(high - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
    owner = np.repeat(np.arange(len(hits)), counts)
    weights = ZONE_WEIGHTS[places[index] & np.uint32(3)]
    return np.minimum(np.bincount(owner, weights, minlength=len(hits)), MAX_FREQUENCY)
