"""Scores: BM25 on words, BM25 on the bigrams of the query as typed, and boosts. Same numbers for `explain`.

A clause scores as its best form (what the form counts x BM25 of the form), so a typed word beats its synonym and a text
full of synonyms does not beat one that says what was typed. Formula: Robertson & Zaragoza
2009, with the idf of `plan.idf`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...model import Parsed, Sort
from ...retrieval import ranking
from ...text import fold
from ...text.tokens import HAN
from . import kernel
from .boosts import boosts, standing
from .inversion import KEY_BITS, MAX_FREQUENCY, ZONE_WEIGHTS
from .plan import FormMatch, Plan, idf
from .rescoring import Rescorer
from .segment import PostingList, Segment
from .sets import SPARSE, frequencies, ranges_of
from .statistics import Part, Statistics, bm25

Array = NDArray[Any]

_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")

Postings = PostingList | tuple[Array, None]
"""Documents and frequencies; or the places of a bigram, and None."""


class TermForm(NamedTuple):
    """A way in which a term may stand in a text: its postings in each segment, and what it adds at most."""

    text: str
    postings: Sequence[Postings]
    factor: float


class Term(NamedTuple):
    """What is scored at once, by its best form: a clause in the words, or a pair of characters in the bigrams."""

    field: Literal["words", "bigrams"]
    forms: list[TermForm]
    idf: float


class Scorer:
    """Scores the matches of one query."""

    def __init__(self, plan: Plan, parsed: Parsed, segments: Sequence[Segment], statistics: Statistics) -> None:
        self._plan = plan
        self._parsed = parsed
        self._segments = segments
        self._statistics = statistics
        self.browses = plan.browse
        """Whether every score is 0."""
        self._bare = "" if plan.browse else bare_text(parsed)

    def window(self, sort: Sort) -> int:
        """Return how many of the first hits get something on top."""
        return ranking.RESCORE_WINDOW if sort == "relevance" and self._bare.strip() else 0

    @cached_property
    def rescorer(self) -> Rescorer:
        """What the first hits get on top."""
        weight = sum(term.idf for term in self._terms if term.field == "bigrams")
        return Rescorer(self._parsed, self._bare, weight, self._segments, self._statistics)

    def score(self, number: int, hits: Array) -> Array:
        """Return the score of each hit of the `number`-th segment: float32."""
        if self.browses or not len(hits):
            return np.zeros(len(hits), dtype=np.float32)
        segment, norms = self._segments[number], self._statistics.norms
        scores = self._standing(number).take(hits)
        if kernel.compiled:
            terms: list[Any] = [
                (norms(number, field), [(*postings[number], factor) for _, postings, factor in forms])
                for field, forms, _ in self._terms
            ]
            arrays, best = segment.arrays, np.zeros(len(hits), dtype=np.float32)
            kernel.compiled.score(terms, hits, arrays["coarse"], arrays["starts"], segment.scratch.slots, best, scores)
        else:
            for term in self._terms:
                scores += np.maximum.reduce([part for _, part in self._forms(term, number, hits)])
        for _, _, part in boosts(self._parsed, segment, hits):
            scores += part
        return scores

    def _standing(self, number: int) -> Array:
        """Return what each document of a segment gets whatever is asked, but for whether a place is named."""
        anywhere = not self._parsed.places
        kept = self._statistics.standing
        if (number, anywhere) not in kept:
            segment = self._segments[number]
            total = np.zeros(segment.documents, dtype=np.float32)
            for part in standing(self._parsed, segment, np.arange(segment.documents)):
                total += part.scores
            kept[number, anywhere] = total
        return kept[number, anywhere]

    def explain(self, number: int, document: int, rescored: bool) -> list[Part]:
        """Return the parts of one document's score that are not 0; `rescored` if it is among the first hits."""
        if self.browses:
            return []
        segment, hits = self._segments[number], np.array([document])
        parts = []
        for term in self._terms:
            text, best = max(self._forms(term, number, hits), key=lambda form: float(form[1][0]))
            parts.append(Part(text, term.field, best))
        parts += (*standing(self._parsed, segment, hits), *boosts(self._parsed, segment, hits))
        if rescored:
            parts += self.rescorer.parts(number, hits)
        return [part for part in parts if part.scores[0]]

    def _forms(self, term: Term, number: int, hits: Array) -> list[tuple[str, Array]]:
        """Return what each form of a term adds to each hit."""
        segment = self._segments[number]
        norms = self._statistics.norms(number, term.field).take(hits)
        found = []
        for form in term.forms:
            docs, tf = form.postings[number]
            held = _pair_tf(segment, docs, hits) if tf is None else frequencies(hits, docs, tf, segment.scratch)
            found.append((form.text, bm25(held, norms, form.factor)))
        return found

    @cached_property
    def _terms(self) -> list[Term]:
        saturated = ranking.BM25_K1 + 1
        terms = []
        typed = {}
        for clause in self._plan.scored:
            # One idf a clause: a rare synonym must not outweigh the word that was typed.
            factor = clause.weight * saturated
            forms = [
                TermForm(one.form.text, one.postings, one.form.weight**ranking.SYNONYM_POWER * factor)
                for one in clause.forms
            ]
            terms.append(Term("words", forms, clause.weight))
            typed[clause.forms[0].form.text] = clause.forms[0]
        # Pairs across the borders of words too: what stands side by side in the query mostly does so in its answer.
        for text in dict.fromkeys(_PAIR.findall(self._bare)):
            postings, df = self._pair(text, typed.get(text))
            weight = idf(self._statistics.documents, df)
            form = TermForm(text, postings, ranking.BIGRAM_SHARE * weight * saturated)
            terms.append(Term("bigrams", [form], weight))
        return terms

    def _pair(self, text: str, form: FormMatch | None) -> tuple[Sequence[Postings], int]:
        """Return the postings of a pair and its document frequency. One that is a word occurs just where that does."""
        if form:
            return form.postings, form.df
        key = ord(text[0]) << KEY_BITS | ord(text[1])
        postings: list[Postings] = []
        df = 0
        for segment in self._segments:
            word = segment.find_word(text)
            df += segment.bigram_df(key) if word is None else len(word.docs)
            postings.append(word or (segment.bigram_places(key), None))
        return postings, df


def bare_text(parsed: Parsed) -> str:
    """Return what was typed outside quotes and exclusions, folded."""
    if not parsed.text:
        return ""
    bare = list(fold(parsed.text))
    for clause in parsed.clauses:
        if clause.kind in ("phrase", "excluded"):
            bare[clause.start : clause.end] = " " * (clause.end - clause.start)
    return "".join(bare)


def _pair_tf(segment: Segment, places: Array, hits: Array) -> Array:
    """Return the weighted frequency of a bigram in each hit."""
    if len(hits) * SPARSE >= len(places):
        return frequencies(hits, *segment.postings_of_places(places), segment.scratch)
    index, owner = ranges_of(*segment.ranges(places, hits))
    weights = ZONE_WEIGHTS[places[index] & np.uint32(3)]
    return np.minimum(np.bincount(owner, weights, minlength=len(hits)), MAX_FREQUENCY)
