"""Scores: BM25 on words, BM25 on the bigrams of the query as typed, and boosts. Same numbers for `explain`.

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
from ...model import UNSTATED, Parsed
from ...taxonomy import province_of
from ...text import fold
from ...text.tokens import HAN
from .batch import KEY_BITS, MAX_FREQUENCY, ZONE_WEIGHTS
from .counting import holds_value
from .plan import ClauseMatch, FormMatch, Plan, clause_weight, idf
from .rescoring import Rescorer
from .segment import PostingList, Segment
from .sets import SPARSE, frequencies, ranges_of
from .statistics import Part, Statistics, bm25

Array = NDArray[Any]

_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")
_ALL_FULL = np.array([ranking.ARTICLE_BOOST], dtype=np.float32)
"""The boost of every hit where all articles are full ones."""

FEW_HITS = 2
"""Terms are looked up for the hits alone where they have more than twice as many postings as there are hits."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A bigram of the query. One that is a word too occurs just where the word does: `words` has its postings then."""

    text: str
    key: int
    words: tuple[PostingList | None, ...]
    df: int

    def places(self, segment: Segment, number: int) -> int:
        """Return how much there is to read."""
        word = self.words[number]
        return len(word.docs) if word else len(segment.bigram_places(self.key))


def _pair(text: str, form: FormMatch | None, segments: Sequence[Segment]) -> _Pair:
    """Return the pair `text`; `form` is the typed word of these two characters, if there is one."""
    key = ord(text[0]) << KEY_BITS | ord(text[1])
    if form:
        return _Pair(text, key, form.postings, form.df)
    words = tuple(segment.find_word(text) for segment in segments)
    df = sum(len(word.docs) if word else one.bigram_df(key) for word, one in zip(words, segments, strict=True))
    return _Pair(text, key, words, df)


class Scorer:
    """Scores the matches of one query.

    There are two ways to the same sums. Where the hits are much of what the terms hold, all postings of a term are
    scored as they lie in the index and added to a sum a document; the hits read theirs. Where they are few, each term
    is looked up for the hits alone.
    """

    def __init__(self, plan: Plan, parsed: Parsed, segments: Sequence[Segment], statistics: Statistics) -> None:
        self._plan = plan
        self._parsed = parsed
        self._segments = segments
        self._statistics = statistics

    @cached_property
    def rescorer(self) -> Rescorer:
        """What the first hits get on top."""
        weight = sum(idf(self._statistics.documents, pair.df) for pair in self._pairs)
        return Rescorer(self._bare, weight, self._segments, self._statistics)

    @property
    def rescores(self) -> bool:
        """Tell whether the first hits get something on top."""
        return not self._plan.browse and bool(self._bare.strip())

    @property
    def browses(self) -> bool:
        """Tell whether every score is 0."""
        return self._plan.browse

    def score(self, number: int, hits: Array) -> Array:
        """Return the score of each hit of the `number`-th segment: float32."""
        if self._plan.browse or not len(hits):
            return np.zeros(len(hits), dtype=np.float32)
        if self._postings(number) <= FEW_HITS * len(hits):
            scores = self._sums(number, hits)
        else:
            scores = np.zeros(len(hits), dtype=np.float32)
            norms = _Norms(self._statistics, number, hits)
            for clause in self._plan.scored:
                scores += _best(self._forms(clause, number, hits, norms.words))
            for pair in self._pairs:
                if pair.df:
                    scores += self._pair_score(pair, number, hits, norms.bigrams)
        for _, _, part in self._extras(number, hits):
            scores += part
        return scores

    def explain(self, number: int, document: int, rescored: bool) -> list[Part]:
        """Return the parts of one document's score that are not 0; `rescored` if it is among the first hits."""
        if self._plan.browse:
            return []
        hits = np.array([document])
        norms = _Norms(self._statistics, number, hits)
        parts = []
        for clause in self._plan.scored:
            text, best = max(self._forms(clause, number, hits, norms.words), key=lambda form: float(form[1][0]))
            parts.append(Part(text, "words", best))
        for pair in self._pairs:
            if pair.df:
                parts.append(Part(pair.text, "bigrams", self._pair_score(pair, number, hits, norms.bigrams)))
        parts += (Part(*extra) for extra in self._extras(number, hits))
        if rescored:
            parts += self.rescorer.parts(number, hits)
        return [part for part in parts if part.scores[0]]

    def _postings(self, number: int) -> int:
        """Return how many postings there are to score."""
        clauses = sum(len(clause.docs[number]) for clause in self._plan.scored)
        return clauses + sum(pair.places(self._segments[number], number) for pair in self._pairs)

    def _sums(self, number: int, hits: Array) -> Array:
        segment = self._segments[number]
        sums = segment.scratch.sums
        touched = []
        try:
            for clause in self._plan.scored:
                docs = clause.docs[number]
                if len(docs):
                    touched.append(docs)
                    norms = self._statistics.norms(number, "words").take(docs)
                    np.add.at(sums, docs, _best(self._forms(clause, number, docs, norms)))
            for pair in self._pairs:
                if pair.df:
                    postings = pair.words[number] or segment.alive(
                        segment.postings_of_places(segment.bigram_places(pair.key))
                    )
                    touched.append(postings.docs)
                    norms = self._statistics.norms(number, "bigrams").take(postings.docs)
                    np.add.at(sums, postings.docs, bm25(postings.tf, norms, self._pair_factor(pair)))
            return sums.take(hits)
        finally:
            for docs in touched:
                sums[docs] = 0

    def _forms(self, clause: ClauseMatch, number: int, hits: Array, norms: Array) -> list[tuple[str, Array]]:
        """Return what each form of a clause that occurs adds to each hit; at least one."""
        scratch = self._segments[number].scratch
        # One idf a clause: a rare synonym must not outweigh the word that was typed.
        weight = clause_weight(clause, self._statistics.documents)
        parts = []
        for form in clause.forms:
            docs, tf = form.postings[number]
            if len(docs):
                found = frequencies(hits, docs, tf, scratch)
                parts.append((form.form.text, bm25(found, norms, form.form.weight * weight)))
        return parts or [(clause.forms[0].form.text, np.zeros(len(hits), dtype=np.float32))]

    def _pair_score(self, pair: _Pair, number: int, hits: Array, norms: Array) -> Array:
        segment = self._segments[number]
        word = pair.words[number]
        tf = frequencies(hits, *word, segment.scratch) if word else _pair_tf(segment, pair.key, hits)
        return bm25(tf, norms, self._pair_factor(pair))

    def _pair_factor(self, pair: _Pair) -> float:
        return ranking.BIGRAM_SHARE * idf(self._statistics.documents, pair.df)

    def _extras(self, number: int, hits: Array) -> Iterator[tuple[str, str, Array]]:
        """Yield what, where, and how much is added to each hit (or to all)."""
        segment = self._segments[number]
        if self._parsed.places:
            yield from self._place_extras(segment, hits)
        elif ranking.ANYWHERE_BOOST:
            nowhere = holds_value(segment, "province", (UNSTATED,), hits)
            yield "no place", "other place", nowhere * np.float32(ranking.ANYWHERE_BOOST)
        if self._parsed.insurance:
            yield from self._insurance_extras(segment, hits)
        boosts = self._statistics.boosts(number)
        yield "full article", "kind", _ALL_FULL if boosts is None else boosts.take(hits)

    def _place_extras(self, segment: Segment, hits: Array) -> Iterator[tuple[str, str, Array]]:
        """Yield what articles about a place of the query get, and those that are about no other one."""
        places = self._parsed.places
        fitting = np.zeros(len(hits), dtype=np.bool_)
        for place in places:
            held = holds_value(segment, place.facet, (place.value,), hits)
            fitting |= held
            yield place.value, place.facet, held * np.float32(ranking.PLACE_BOOST)
        # What a country or a province says holds in its cities too.
        provinces = (UNSTATED, *(province_of(place.value) for place in places if place.facet == "city"))
        wider = holds_value(segment, "province", provinces, hits) & holds_value(segment, "city", (UNSTATED,), hits)
        yield "no other place", "other place", (fitting | wider) * np.float32(ranking.NO_OTHER_PLACE_BOOST)

    def _insurance_extras(self, segment: Segment, hits: Array) -> Iterator[tuple[str, str, Array]]:
        """Yield what articles about an insurance type of the query get, and those that are about no other one."""
        values = [named.value for named in self._parsed.insurance]
        fitting = holds_value(segment, "insurance", values, hits)
        yield "、".join(values), "insurance", fitting * np.float32(ranking.INSURANCE_BOOST)
        fitting |= holds_value(segment, "insurance", (UNSTATED,), hits)
        yield "no other insurance", "other insurance", fitting * np.float32(ranking.NO_OTHER_INSURANCE_BOOST)

    @cached_property
    def _bare(self) -> str:
        """What was typed outside quotes and exclusions, folded."""
        bare = list(fold(self._parsed.text))
        for clause in self._parsed.clauses:
            if clause.kind in ("phrase", "excluded"):
                bare[clause.start : clause.end] = " " * (clause.end - clause.start)
        return "".join(bare)

    @cached_property
    def _pairs(self) -> list[_Pair]:
        """The bigrams of the bare text, question words and borders of words included: what stands side by side in the
        query mostly does so in its answer."""
        typed = {clause.forms[0].form.text: clause.forms[0] for clause in self._plan.scored}
        pairs = dict.fromkeys(_PAIR.findall(self._bare))
        return [_pair(pair, typed.get(pair), self._segments) for pair in pairs]


class _Norms:
    """The norms of some hits, read when asked for."""

    def __init__(self, statistics: Statistics, number: int, hits: Array) -> None:
        self._statistics = statistics
        self._number = number
        self._hits = hits

    @cached_property
    def words(self) -> Array:
        return self._statistics.norms(self._number, "words").take(self._hits)

    @cached_property
    def bigrams(self) -> Array:
        return self._statistics.norms(self._number, "bigrams").take(self._hits)


def _best(forms: list[tuple[str, Array]]) -> Array:
    best = forms[0][1]
    for _, part in forms[1:]:
        best = np.maximum(best, part)
    return best


def _pair_tf(segment: Segment, key: int, hits: Array) -> Array:
    """Return the weighted frequency of a bigram in each hit."""
    places = segment.bigram_places(key)
    if len(hits) * SPARSE >= len(places):
        return frequencies(hits, *segment.postings_of_places(places), segment.scratch)
    index, owner = ranges_of(*segment.ranges(places, hits))
    weights = ZONE_WEIGHTS[places[index] & np.uint32(3)]
    return np.minimum(np.bincount(owner, weights, minlength=len(hits)), MAX_FREQUENCY)
