"""A parsed query, looked up: what each clause matches in every segment, and which clauses a match must carry."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...model import Clause, Form, Parsed
from ...retrieval import ranking
from . import kernel
from .segment import EMPTY, PostingList, Segment
from .sets import intersection, marked, members, union

Array = NDArray[Any]

_FEW = 16
_ROUNDING = 1e-9
"""Sums of weights that differ by less are equal: 0.6 of a sum is not always exact in binary."""


class FormMatch(NamedTuple):
    """A form of a clause: its posting list in each segment, and in how many live documents it occurs."""

    form: Form
    postings: list[PostingList]
    df: int


class ClauseMatch(NamedTuple):
    """A clause: its forms, the documents of each segment that carry any of them, and how much it tells.

    The word of a place tells less than its rarity, as the place itself is weighed.
    """

    number: int
    clause: Clause
    forms: list[FormMatch]
    docs: list[Array]
    df: int
    weight: float


class Plan(NamedTuple):
    """What a query asks of a document.

    It must carry none of `excluded` and be among `found` (the documents of each segment that carry enough); `scored`
    are the clauses that a score is made of. With `browse` everything matches that is not excluded; with `nothing` no
    document does. `optional` has the indices of the clauses that a match need not carry (`lacking`: of those that one
    does lack), `missing` of the words that occur nowhere.
    """

    scored: Sequence[ClauseMatch] = ()
    found: Sequence[Array] = ()
    excluded: Sequence[ClauseMatch] = ()
    optional: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    browse: bool = False
    nothing: bool = False

    def match(self, number: int, segment: Segment) -> Array:
        """Return the live documents of a segment (the `number`-th) that match, in no particular order."""
        if self.nothing:
            return EMPTY.docs
        found = segment.everything if self.browse else self.found[number]
        for clause in self.excluded:
            if len(clause.docs[number]):
                found = found[~marked(found, clause.docs[number], segment.scratch)]
        return found

    def lacking(self, hits: Sequence[Array], segments: Sequence[Segment]) -> tuple[int, ...]:
        """Return the indices of the clauses that some of the hits in each segment lack, and of those nowhere at all."""
        if not self.optional:
            return ()
        scored = {clause.number: clause.docs for clause in self.scored}
        return tuple(
            number
            for number in self.optional
            if number in self.missing or any(map(_lacks, hits, scored[number], segments))
        )


def _lacks(hits: Array, docs: Array, segment: Segment) -> bool:
    """Tell whether some of the hits are not among `docs`; mostly the first few tell."""
    if len(docs) < len(hits):
        return True
    # Of the same type, or NumPy would convert all of `docs`.
    few = hits[:_FEW].astype(docs.dtype, copy=False)
    if (docs.take(docs.searchsorted(few), mode="clip") != few).any():
        return True
    return not members(hits, docs, segment.scratch).all()


def idf(documents: int, df: int) -> float:
    """Return how much a term tells that occurs in `df` of `documents`; positive (the form Lucene uses)."""
    return log(1 + (documents - df + 0.5) / (df + 0.5))


def make_plan(parsed: Parsed, segments: Sequence[Segment], documents: int) -> Plan:
    """Look up the clauses of a query in all segments."""
    if not parsed.clauses:
        return Plan(nothing=True) if parsed.text.strip() else Plan(browse=True)
    of: dict[str, list[ClauseMatch]] = {"word": [], "phrase": [], "optional": [], "excluded": [], "question": []}
    for number, clause in enumerate(parsed.clauses):
        if clause.kind != "question" and clause.forms:
            of[clause.kind].append(_match_clause(number, clause, segments, documents))
    words, phrases, bonus, excluded = of["word"], of["phrase"], of["optional"], of["excluded"]
    optional = [match.number for match in bonus]
    if not phrases and not words:
        return Plan(bonus, excluded=excluded, optional=tuple(optional), browse=True)
    found, dispensable = _enough(phrases, words, segments, documents)
    missing = tuple([word.number for word in words if not word.df])
    return Plan(phrases + words + bonus, found, excluded, tuple(sorted(optional + dispensable)), missing)


Found = list[Array]
"""Documents of each segment."""


def _enough(
    phrases: Sequence[ClauseMatch], words: Sequence[ClauseMatch], segments: Sequence[Segment], documents: int
) -> tuple[Found, list[int]]:
    """Return the documents that carry all `phrases` and enough of the `words`, and which words they can lack.

    Enough is all of them if that finds enough documents; otherwise the share of the words' weight is lowered step by
    step, but never so far that the answer says nothing. The word of a place alone is never enough where there is
    another one: what else is said of the place is no answer.
    """
    found = _carrying([*phrases, *words], segments)
    most = ranking.MATCH_ENOUGH_OF_TWO if len(words) == 2 else sys.maxsize
    steps = [(share, min(enough, most)) for share, enough in ranking.MATCH_STEPS]
    if len(words) < 2 or not steps or _count(found) >= steps[0][1]:
        return found, []
    telling = [word for word in words if len(word.clause.text) > 1 and not word.clause.place]
    if telling and not phrases and not any(word.df for word in telling):
        # Single characters are in many texts by chance; where all else is unknown they tell nothing.
        return found, []
    must = _carrying(phrases, segments) if phrases else None
    weights = [word.weight if word.df else 0.0 for word in words]
    total, least = sum(weights), 0.0
    matter = [] if phrases else [word for word in words if word.df and not word.clause.place]
    places = sum(word.weight for word in words if word.df and word.clause.place)
    heaviest = sorted(zip(weights, words, strict=True), key=lambda weighed: -weighed[0])
    scratches = [segment.scratch for segment in segments]
    sharing = [
        _Sharing([(weight, word.docs[number]) for weight, word in heaviest], segment, must[number] if must else None)
        for number, segment in enumerate(segments)
    ]
    try:
        for share, enough in steps if total else ():
            if _count(found) >= enough:
                break
            threshold = (share - _ROUNDING) * total
            wider = [one.at_least(threshold) for one in sharing]
            if matter and places and places >= threshold:
                wider = [
                    hits.compress(members(hits, union([word.docs[number] for word in matter], scratch), scratch))
                    for number, (hits, scratch) in enumerate(zip(wider, scratches, strict=True))
                ]
            if _count(found) and _count(wider) > ranking.MATCH_AT_MOST * documents:
                break
            found, least = wider, threshold
    finally:
        for one in sharing:
            one.close()
    lacking = [
        word.number
        for word, weight in zip(words, weights, strict=True)
        if least and _count(found) and (total - weight >= least or not word.df)
    ]
    return found, lacking


def _carrying(clauses: Sequence[ClauseMatch], segments: Sequence[Segment]) -> Found:
    return [
        intersection([clause.docs[number] for clause in clauses], segment.scratch)
        for number, segment in enumerate(segments)
    ]


class _Sharing:
    """The documents of a segment by how much the words weigh that they carry.

    `words` are weights and documents, the heaviest first. Documents fall into blocks by the heaviest word they carry. A
    block is looked at when the words from its own on can reach what is asked for, and then once, however often less is
    asked for. With `candidates` only those count, and they are one block.
    """

    def __init__(self, words: Sequence[tuple[float, Array]], segment: Segment, candidates: Array | None) -> None:
        self._words = words
        self._segment = segment
        self._blocks = [] if candidates is None else [candidates]
        self._limited = candidates is not None
        self._held: dict[int, Array] = {}
        rest = sum(weight for weight, _ in words)
        self._reach = []
        """What a document can weigh at most that carries a word and none before it."""
        for weight, _ in words:
            self._reach.append(rest)
            rest -= weight

    def at_least(self, threshold: float) -> Array:
        """Return the documents whose words weigh `threshold`, in no particular order."""
        found = []
        for number, reach in enumerate(self._reach[:1] if self._limited else self._reach):
            if reach < threshold:
                break
            block = self._block(number)
            # Whoever has this block's word has enough, or what else he has must be added up.
            if self._limited or self._words[number][0] < threshold:
                block = block.compress(self._weight(number) >= threshold)
            if len(block):
                found.append(block)
        return found[0] if len(found) == 1 else np.concatenate([EMPTY.docs, *found])

    def _block(self, number: int) -> Array:
        if number < len(self._blocks):
            return self._blocks[number]
        seen = self._segment.scratch.seen
        docs = self._words[number][1]
        if kernel.compiled:
            out = np.empty(len(docs), np.intp)
            docs = out[: kernel.compiled.fresh(docs, seen, out)]
        else:
            docs = docs.compress(~seen.take(docs)) if number else docs
            seen[docs] = True
        self._blocks.append(docs)
        return docs

    def close(self) -> None:
        """Leave the scratch as it was."""
        if not self._limited:
            for block in self._blocks:
                self._segment.scratch.seen[block] = False

    def _weight(self, number: int) -> Array:
        """Return what the words weigh that each document of a block carries."""
        if number not in self._held:
            block = self._blocks[number]
            held = np.zeros(len(block), dtype=np.float64)
            if kernel.compiled:
                later = self._words[number:]
                weights = np.array([weight for weight, _ in later])
                kernel.compiled.hold(block, [docs for _, docs in later], weights, self._segment.scratch.slots, held)
                self._held[number] = held
                return held
            for index, (weight, docs) in enumerate(self._words[number:], number):
                own = index == number and not self._limited
                held += weight if own else members(block, docs, self._segment.scratch) * weight
            self._held[number] = held
        return self._held[number]


def _count(found: Found) -> int:
    return sum(map(len, found))


def _match_clause(number: int, clause: Clause, segments: Sequence[Segment], documents: int) -> ClauseMatch:
    forms = []
    for form in clause.forms:
        postings = [segment.form_postings(form.text, clause.literal) for segment in segments]
        forms.append(FormMatch(form, postings, sum([len(found.docs) for found in postings])))
    docs = [union([form.postings[at].docs for form in forms], segment.scratch) for at, segment in enumerate(segments)]
    df = _count(docs)
    weight = idf(documents, df) * (ranking.PLACE_WORD_SHARE if clause.place else 1.0)
    return ClauseMatch(number, clause, forms, docs, df, weight)
