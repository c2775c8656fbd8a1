"""The clauses of one query, looked up in every segment: how often they occur, and which documents carry enough.

This is where a `Plan` is carried out; what it asks for is decided in `search.retrieval.plan`.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ... import kernel
from ...arrays import Array, Docs, Hits, Mask
from ...kernel.sets import marked, members
from ...model import Clause, Parsed
from ...retrieval.places import Within
from ...retrieval.plan import Plan, Share
from .postings import EMPTY, PostingList
from .segment import Segment
from .sharing import Sharing

_FEW = 16

Found = list[Hits]
"""Documents of each segment."""


class ClausePostings(NamedTuple):
    """A clause: the posting list of each form in each segment, and the documents of each segment that carry any."""

    forms: list[list[PostingList]]
    docs: list[Docs]
    df: int


class ClauseLookup:
    """One query in one index; not shared by threads."""

    def __init__(self, parsed: Parsed, segments: Sequence[Segment], documents: int) -> None:
        self.documents = documents
        self.parsed = parsed
        self.segments = segments
        self._clauses: dict[int, ClausePostings] = {}
        self._pairs: dict[str, tuple[list[PostingList | None], int]] = {}
        self._carried: dict[tuple[int, ...], Found] = {}
        self._inside: dict[tuple[tuple[int, ...], Within], Found] = {}
        self._share: Share | None = None
        self._reached: dict[float, Found] = {}
        """What was found of `_share`, by the sum asked for."""
        self._typed: dict[str, int] = {}
        """The first forms of the clauses that were looked up: a pair that is a word occurs just where that does."""

    def clause(self, number: int) -> ClausePostings:
        """Return the postings of a clause by its index in the query."""
        found = self._clauses.get(number)
        if found is None:
            found = self._clauses[number] = _look_up(self.parsed.clauses[number], self.segments)
        return found

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause."""
        self._typed[self.parsed.clauses[clause].forms[0].text] = clause
        return self.clause(clause).df

    def pair_df(self, pair: str) -> int:
        """Return how many articles hold two characters side by side."""
        return self.pair(pair)[1]

    def pair(self, pair: str) -> tuple[list[PostingList | None], int]:
        """Return where a pair of characters is a word of a segment (None: ask its bigrams), and its df."""
        found = self._pairs.get(pair)
        if found is None:
            number = self._typed.get(pair)
            if number is not None:
                postings = self._clauses[number].forms[0]
                found = [*postings], sum([len(each.docs) for each in postings])
            else:
                words = [segment.find_word(pair) for segment in self.segments]
                df = [
                    segment.pair_df(pair) if word is None else len(word.docs)
                    for segment, word in zip(self.segments, words, strict=True)
                ]
                found = words, sum(df)
            self._pairs[pair] = found
        return found

    def character_df(self, codes: Array) -> Array:
        """Return how many articles hold each character."""
        first, *more = [segment.character_df(codes) for segment in self.segments] or [np.zeros(len(codes), np.int64)]
        return sum(more, first)

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        """Return how many articles carry all of these clauses, and are within."""
        return sum(map(len, self._found(clauses, within)))

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        """Yield for falling sums how many articles fulfil the share with that sum."""
        must = self._carrying(share.required) if share.required else None
        words = [(one.weight, self._clauses[one.clause].docs) for one in share.words]
        sharing = [
            Sharing([(weight, docs[number]) for weight, docs in words], segment, must[number] if must else None)
            for number, segment in enumerate(self.segments)
        ]
        self._share = share
        try:
            for least in sums:
                found = [self._at_least(least, share, number, one) for number, one in enumerate(sharing)]
                self._reached[least] = found
                yield sum(map(len, found))
        finally:
            for one in sharing:
                one.close()

    def _at_least(self, least: float, share: Share, number: int, sharing: Sharing) -> Hits:
        """Return the documents of a segment whose words weigh `least`, with what being within the places does."""
        if share.within is None:
            return sharing.at_least(least)
        # Where nothing is required by itself, one of the words must be there, however little it weighs.
        rest = least - share.places
        hits = sharing.at_least(rest if share.required else max(rest, sys.float_info.min))
        kept = self._within(share.within, number, hits)
        kept |= marked(hits, sharing.at_least(least), self.segments[number].scratch)
        return hits.compress(kept)

    def matches(self, plan: Plan) -> Found:
        """Return the live documents of each segment that match, in no particular order."""
        found = self._asked_for(plan)
        if plan.pinned:
            pinned = [[*map(segment.find_id, plan.pinned)] for segment in self.segments]
            own = [[one for one in documents if one is not None] for documents in pinned]
            found = [np.union1d(hits, np.array(each, hits.dtype)) for hits, each in zip(found, own, strict=True)]
        return found

    def _asked_for(self, plan: Plan) -> Found:
        """Return those that match by what they hold."""
        if plan.nothing:
            return [EMPTY.docs for _ in self.segments]
        if plan.browse:
            found = [segment.everything for segment in self.segments]
        elif plan.share is None:
            found = self._found(plan.required, plan.within)
        else:
            if self._share is not plan.share:
                self._reached.clear()
                list(self.reach(plan.share, [plan.least]))
            found = self._reached[plan.least]
        for clause in plan.excluded:
            found = [
                hits.compress(~marked(hits, docs, segment.scratch)) if len(docs) else hits
                for hits, docs, segment in zip(found, self.clause(clause).docs, self.segments, strict=True)
            ]
        return found

    def lacking(self, plan: Plan, hits: Found) -> tuple[int, ...]:
        """Return the indices of the clauses that some of the hits lack, and of those that occur nowhere at all."""
        return tuple(
            [number for number in plan.optional if number in plan.missing or self._some_lack(number, plan, hits)]
        )

    def _some_lack(self, clause: int, plan: Plan, hits: Found) -> bool:
        if plan.within and self.parsed.clauses[clause].place:
            holding = plan.within.holding
            return not all(self._within(holding, number, each).all() for number, each in enumerate(hits))
        return any(map(_lacks, hits, self._clauses[clause].docs, self.segments))

    def _found(self, clauses: Sequence[int], within: Within | None) -> Found:
        """Return the documents of each segment that carry all of these clauses and are within."""
        if within is None:
            return self._carrying(clauses)
        key = tuple(clauses), within
        if key not in self._inside:
            if clauses:
                carrying = self._carrying(clauses)
                found = [hits.compress(self._within(within, number, hits)) for number, hits in enumerate(carrying)]
            else:
                found = [self._all_within(within, number) for number in range(len(self.segments))]
            self._inside[key] = found
        return self._inside[key]

    def _within(self, within: Within, number: int, hits: Hits) -> Mask:
        """Tell which documents of a segment are within."""
        segment = self.segments[number]
        kept = segment.fulfilling(within.about).take(hits)
        if within.around is not None:
            kept |= segment.fulfilling(within.around).take(hits)
        for clause in within.clauses:
            kept |= members(hits, self.clause(clause).docs[number], segment.scratch)
        return kept

    def _all_within(self, within: Within, number: int) -> Hits:
        """Return the live documents of a segment that hold a place."""
        segment = self.segments[number]
        about = segment.fulfilling(within.about)
        lists = [np.flatnonzero(about if segment.live is None else about & segment.live).astype(np.uint32)]
        lists += [self.clause(clause).docs[number] for clause in within.clauses]
        found: Hits = kernel.loops.unite(lists, segment.scratch).astype(np.intp, copy=False)
        return found

    def _carrying(self, clauses: Sequence[int]) -> Found:
        """Return the documents of each segment that carry all of these clauses."""
        key = tuple(clauses)
        if key not in self._carried:
            lists = [self.clause(number).docs for number in key]
            self._carried[key] = [
                kernel.loops.intersect([docs[number] for docs in lists], segment.scratch)
                for number, segment in enumerate(self.segments)
            ]
        return self._carried[key]


def _look_up(clause: Clause, segments: Sequence[Segment]) -> ClausePostings:
    forms = [[segment.form_postings(form.text, clause.literal) for segment in segments] for form in clause.forms]
    docs = [
        kernel.loops.unite([postings[number].docs for postings in forms], segment.scratch)
        for number, segment in enumerate(segments)
    ]
    return ClausePostings(forms, docs, sum(map(len, docs)))


def _lacks(hits: Hits, docs: Docs, segment: Segment) -> bool:
    """Tell whether some of the hits are not among `docs`; mostly the first few tell."""
    if len(docs) < len(hits):
        return True
    # Of the same type, or NumPy would convert all of `docs`.
    few = hits[:_FEW].astype(docs.dtype, copy=False)
    if (docs.take(docs.searchsorted(few), mode="clip") != few).any():
        return True
    return not members(hits, docs, segment.scratch).all()
