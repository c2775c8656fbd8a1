"""Scores of the hits of a segment: a `Scoring` carried out over its arrays. Same numbers for `explain`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ... import kernel
from ...arrays import Hits, Scores
from ...retrieval.bm25 import norms
from ...retrieval.boosts import Boost
from ...retrieval.conditions import Evaluation
from ...retrieval.features import Citations
from ...retrieval.rescoring import Window
from ...retrieval.scoring import ScorePart, Scoring
from .lookup import ClauseLookup
from .segment import Segment


class CollectionStatistics:
    """What scoring needs to know of the whole index; computed once an engine."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.documents = sum(segment.live_count for segment in segments)
        self._segments = segments
        self._norms: dict[tuple[int, str], Scores] = {}
        self._standing: dict[tuple[int, int], tuple[tuple[Boost, ...], Scores]] = {}
        """By segment and identity of the boosts, which are kept beside their sum."""

    def norms(self, number: int, field: str) -> Scores:
        """Return the BM25 norms of a field ("words", "bigrams"), one a document of the `number`-th segment."""
        found = self._norms.get((number, field))
        if found is None:
            average = sum(one.total_length(field) for one in self._segments) / max(self.documents, 1)
            found = norms(self._segments[number].arrays[f"{field}_lengths"], average)
            self._norms[number, field] = found
        return found

    def standing(self, number: int, boosts: tuple[Boost, ...]) -> Scores:
        """Return the sum of boosts that do not depend on a query, one a document of the `number`-th segment."""
        known = self._standing.get((number, id(boosts)))
        if known is None:
            segment = self._segments[number]
            total = np.zeros(segment.documents, dtype=np.float32)
            for part in boost_parts(segment, np.arange(segment.documents), boosts):
                total += part.scores
            known = self._standing[number, id(boosts)] = boosts, total
        return known[1]

    @cached_property
    def citations(self) -> Citations:
        """Who cites whom among the live documents."""
        pieces = [np.zeros((2, 0), np.uint64)]
        for segment in self._segments:
            works, citing, cited = (segment.arrays[name] for name in ("works", "citing", "cited"))
            live = ~np.isin(citing, segment.deleted)
            pieces.append(np.stack([cited.compress(live), works.take(citing.compress(live))]))
        return Citations(np.concatenate(pieces, axis=1))


class Scorer:
    """Scores the matches of one query."""

    def __init__(self, scoring: Scoring, lookup: ClauseLookup, collection: CollectionStatistics) -> None:
        self.scoring = scoring
        self._lookup = lookup
        self._segments = lookup.segments
        self._collection = collection

    def score(self, number: int, hits: Hits) -> Scores:
        """Return the score of each hit of the `number`-th segment."""
        scoring = self.scoring
        if scoring.is_flat or not len(hits):
            return np.zeros(len(hits), dtype=np.float32)
        segment = self._segments[number]
        scores = self._collection.standing(number, scoring.boosts.standing).take(hits)
        kernel.loops.score(self._terms(number), hits, segment.bigrams.layout, segment.scratch, scores)
        for part in boost_parts(segment, hits, scoring.boosts.asked):
            scores += part.scores
        return scores

    def parts(self, number: int, document: int) -> list[ScorePart]:
        """Return what each term and boost adds to one document."""
        if self.scoring.is_flat:
            return []
        segment, hits = self._segments[number], np.array([document])
        names = [[form.text for form in self._lookup.parsed.clauses[t.clause].forms] for t in self.scoring.clauses]
        fields = ["words"] * len(names) + ["bigrams"] * len(self.scoring.pairs)
        names += [[term.pair] for term in self.scoring.pairs]
        parts = []
        for (below, forms), texts, field in zip(self._terms(number), names, fields, strict=True):
            best = ScorePart("", field, np.full(1, -1, np.float32))
            for form, text in zip(forms, texts, strict=True):
                scores = np.zeros(1, np.float32)
                kernel.loops.score([(below, [form])], hits, segment.bigrams.layout, segment.scratch, scores)
                best = ScorePart(text, field, scores) if scores[0] > best.scores[0] else best
            parts.append(best)
        boosts = self.scoring.boosts
        return [*parts, *boost_parts(segment, hits, boosts.standing), *boost_parts(segment, hits, boosts.asked)]

    def _terms(self, number: int) -> list[kernel.Term]:
        segment = self._segments[number]
        words, bigrams = (self._collection.norms(number, field) for field in ("words", "bigrams"))
        terms: list[kernel.Term] = [
            (
                words,
                [
                    (*postings[number], factor)
                    for postings, factor in zip(self._lookup.clause(term.clause).forms, term.factors, strict=True)
                ],
            )
            for term in self.scoring.clauses
        ]
        for term in self.scoring.pairs:
            word = self._lookup.pair(term.pair)[0][number]
            postings: tuple[Any, Any] = word if word is not None else (segment.bigrams.places(term.pair), None)
            terms.append((bigrams, [(*postings, term.factor)]))
        return terms


def window(segment: Segment, number: int, hits: Hits, collection: CollectionStatistics) -> Window:
    """Return what rescoring looks at in hits of a segment, the `number`-th."""
    arrays = segment.arrays
    works = arrays["works"].take(hits)
    return Window(
        hits,
        arrays["char_offsets"],
        arrays["char_codes"],
        arrays["char_tf"],
        collection.norms(number, "bigrams"),
        works,
        collection.citations.of(works),
        Evaluation(segment.columns(hits)),
    )


def boost_parts(segment: Segment, hits: Hits, boosts: Sequence[Boost]) -> list[ScorePart]:
    """Return what each boost adds to each hit of a segment."""
    test = Evaluation(segment.columns(hits))
    return [ScorePart(boost.what, boost.where, test(boost.condition) * np.float32(boost.weight)) for boost in boosts]
