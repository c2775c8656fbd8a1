"""A parsed query, looked up: what each clause matches in every segment, and which clauses a match must carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import ranking
from ...model import Clause, Form, Parsed
from .segment import EMPTY, PostingList, Segment
from .sets import intersection, members, union

Array = NDArray[Any]

_ROUNDING = 1e-9
"""Sums of weights that differ by less are equal: 0.6 of a sum is not always exact in binary."""


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A form of a clause: its posting list in each segment, and in how many live documents it occurs."""

    form: Form
    postings: tuple[PostingList, ...]
    df: int


@dataclass(frozen=True, slots=True)
class ClauseMatch:
    """A clause: its forms, and the documents of each segment that carry any of them."""

    index: int
    clause: Clause
    forms: tuple[FormMatch, ...]
    docs: tuple[Array, ...]
    df: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query asks of a document.

    It must carry all of `required`, none of `excluded`, and those of `shared` whose `weights` add up to `threshold`;
    `bonus` is weighed where it occurs. With `browse` everything matches that is not excluded; with `nothing` no
    document does. `optional` has the indices of the clauses that a match need not carry.
    """

    required: tuple[ClauseMatch, ...] = ()
    shared: tuple[ClauseMatch, ...] = ()
    weights: tuple[float, ...] = ()
    threshold: float = 0.0
    bonus: tuple[ClauseMatch, ...] = ()
    excluded: tuple[ClauseMatch, ...] = ()
    optional: tuple[int, ...] = ()
    browse: bool = False
    nothing: bool = False

    @property
    def scored(self) -> tuple[ClauseMatch, ...]:
        """The clauses that a score is made of."""
        return self.required + self.shared + self.bonus

    def match(self, number: int, segment: Segment, everything: Array) -> Array:
        """Return the live documents of a segment (the `number`-th) that match; `everything` is all live ones."""
        if self.nothing:
            return EMPTY.docs
        size = segment.documents
        found = everything
        if self.required:
            found = intersection([clause.docs[number] for clause in self.required], size)
        if self.shared:
            found = self._share(number, size, found if self.required else None)
        for clause in self.excluded:
            if len(clause.docs[number]):
                found = found[~members(found, clause.docs[number], size)]
        return found

    def _share(self, number: int, size: int, candidates: Array | None) -> Array:
        order = sorted(range(len(self.shared)), key=self.weights.__getitem__, reverse=True)
        if candidates is None:
            # Without any of the heaviest words the rest cannot reach the threshold, so their documents will do.
            rest = sum(self.weights)
            chosen = []
            for index in order:
                if rest < self.threshold:
                    break
                chosen.append(self.shared[index].docs[number])
                rest -= self.weights[index]
            candidates = union(chosen, size)
        held = np.zeros(len(candidates), dtype=np.float64)
        for index in order:
            held[members(candidates, self.shared[index].docs[number], size)] += self.weights[index]
        found: Array = candidates[held >= self.threshold]
        return found


def idf(documents: int, df: int) -> float:
    """Return how much a term tells that occurs in `df` of `documents`; positive (the form Lucene uses)."""
    return log(1 + (documents - df + 0.5) / (df + 0.5))


def make_plan(parsed: Parsed, segments: Sequence[Segment], documents: int) -> Plan:
    """Look up the clauses of a query in all segments."""
    if not parsed.clauses:
        return Plan(nothing=True) if parsed.text.strip() else Plan(browse=True)
    matches = [
        _match_clause(index, clause, segments)
        for index, clause in enumerate(parsed.clauses)
        if clause.kind != "question" and clause.forms
    ]
    words, phrases, bonus, excluded = (
        tuple(match for match in matches if match.clause.kind == kind)
        for kind in ("word", "phrase", "optional", "excluded")
    )
    optional = tuple(match.index for match in bonus)
    if not phrases and not words:
        return Plan(excluded=excluded, optional=optional, browse=True)
    if len(words) < 3:
        return Plan(phrases + words, bonus=bonus, excluded=excluded, optional=optional)
    weights = tuple(idf(documents, word.df) if word.df else 0.0 for word in words)
    total = sum(weights)
    threshold = ranking.MATCH_SHARE * total - _ROUNDING * total
    optional += tuple(
        word.index for word, weight in zip(words, weights, strict=True) if total - weight >= threshold or not word.df
    )
    return Plan(phrases, words, weights, threshold, bonus, excluded, tuple(sorted(optional)), nothing=not total)


def _match_clause(index: int, clause: Clause, segments: Sequence[Segment]) -> ClauseMatch:
    literal = clause.kind == "phrase"
    forms = []
    for form in clause.forms:
        postings = tuple(segment.form_postings(form.text, literal) for segment in segments)
        forms.append(FormMatch(form, postings, sum(len(found.docs) for found in postings)))
    docs = tuple(
        union([form.postings[number].docs for form in forms], segment.documents)
        for number, segment in enumerate(segments)
    )
    return ClauseMatch(index, clause, tuple(forms), docs, sum(map(len, docs)))
