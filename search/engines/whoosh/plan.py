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

    It must carry none of `excluded` and be among `found` (the documents of each segment that carry enough); `scored`
    are the clauses that a score is made of. With `browse` everything matches that is not excluded; with `nothing` no
    document does. `optional` has the indices of the clauses that a match need not carry, `missing` of the words that
    occur nowhere.
    """

    scored: tuple[ClauseMatch, ...] = ()
    found: tuple[Array, ...] = ()
    excluded: tuple[ClauseMatch, ...] = ()
    optional: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    browse: bool = False
    nothing: bool = False

    def match(self, number: int, segment: Segment, everything: Array) -> Array:
        """Return the live documents of a segment (the `number`-th) that match; `everything` is all live ones."""
        if self.nothing:
            return EMPTY.docs
        found = everything if self.browse else self.found[number]
        for clause in self.excluded:
            if len(clause.docs[number]):
                found = found[~members(found, clause.docs[number], segment.documents)]
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
        return Plan(bonus, excluded=excluded, optional=optional, browse=True)
    sizes = [segment.documents for segment in segments]
    found, dispensable = _enough(phrases, words, sizes, documents)
    missing = tuple(word.index for word in words if not word.df)
    return Plan(phrases + words + bonus, found, excluded, tuple(sorted(optional + dispensable)), missing)


Found = tuple[Array, ...]
"""Documents of each segment."""

Weighed = tuple[Sequence[ClauseMatch], Sequence[float]]
"""Words, and what each weighs."""


def _enough(
    phrases: Sequence[ClauseMatch], words: Sequence[ClauseMatch], sizes: Sequence[int], documents: int
) -> tuple[Found, tuple[int, ...]]:
    """Return the documents that carry all `phrases` and enough of the `words`, and which words they can lack.

    Enough is all of them if that finds enough documents; otherwise the share of the words' weight is lowered step by
    step, but never so far that the answer says nothing.
    """
    found = _carrying([*phrases, *words], sizes)
    enough = ranking.MATCH_ENOUGH if len(words) > 2 else 1
    if len(words) < 2 or _count(found) >= enough:
        return found, ()
    must = _carrying(phrases, sizes) if phrases else None
    weights = [idf(documents, word.df) if word.df else 0.0 for word in words]
    total, least = sum(weights), 0.0
    for share in ranking.MATCH_SHARES if total else ():
        threshold = (share - _ROUNDING) * total
        wider = tuple(
            _sharing((words, weights), threshold, number, size, must[number] if must else None)
            for number, size in enumerate(sizes)
        )
        if _count(wider) > ranking.MATCH_AT_MOST * documents:
            break
        found, least = wider, threshold
        if _count(found) >= enough:
            break
    lacking = (
        word.index
        for word, weight in zip(words, weights, strict=True)
        if least and _count(found) and (total - weight >= least or not word.df)
    )
    return found, tuple(lacking)


def _carrying(clauses: Sequence[ClauseMatch], sizes: Sequence[int]) -> Found:
    return tuple(intersection([clause.docs[number] for clause in clauses], size) for number, size in enumerate(sizes))


def _sharing(weighed: Weighed, threshold: float, number: int, size: int, candidates: Array | None) -> Array:
    """Return the documents of a segment, among the candidates if there are any, whose words weigh `threshold`."""
    words, weights = weighed
    order = sorted(range(len(words)), key=weights.__getitem__, reverse=True)
    if candidates is None:
        # Without any of the heaviest words the rest cannot reach the threshold, so their documents will do.
        rest = sum(weights)
        chosen = []
        for index in order:
            if rest < threshold:
                break
            chosen.append(words[index].docs[number])
            rest -= weights[index]
        candidates = union(chosen, size)
    held = np.zeros(len(candidates), dtype=np.float64)
    for index in order:
        held[members(candidates, words[index].docs[number], size)] += weights[index]
    found: Array = candidates[held >= threshold]
    return found


def _count(found: Found) -> int:
    return sum(map(len, found))


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
