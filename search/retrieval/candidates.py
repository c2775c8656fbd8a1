"""What passes between the product's judgement and an engine: which documents are wanted, and those it found.

A document is a number that the engine chose; it means something only to the lookup that gave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np

from ..arrays import Array, Hits, Scores
from ..model import Matches, Query, Sort
from .plan import Plan, Statistics
from .rescoring import CharacterStatistics, Window
from .scoring import PairStatistics, ScorePart, Scoring


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the matches are wanted, and in which order. Filters hold official facet values (or `UNSTATED`)."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    sort: Sort = "relevance"
    collapse: bool = True

    @classmethod
    def of(cls, query: Query, plan: Plan) -> Selection:
        """Return what a query selects of its matches: where nothing is asked for, the newest come first."""
        sort: Sort = "newest" if plan.browse and query.sort == "relevance" else query.sort
        return cls(query.filters, query.date_from, query.date_to, sort, query.collapse)


class Ranked(NamedTuple):
    """Documents in order, and their scores."""

    documents: Hits
    scores: Scores

    @classmethod
    def join(cls, pieces: Sequence[Ranked]) -> Ranked:
        """Put several one after the other."""
        return pieces[0] if len(pieces) == 1 else cls(*map(np.concatenate, zip(*pieces, strict=True)))

    def take(self, index: Array) -> Ranked:
        """Return some of them."""
        return Ranked(self.documents.take(index), self.scores.take(index))

    def part(self, begin: int, end: int | None) -> Ranked:
        """Return a range of them."""
        if begin == 0 and (end is None or end >= len(self.scores)):
            return self
        return Ranked(self.documents[begin:end].copy(), self.scores[begin:end].copy())


NOTHING = Ranked(np.zeros(0, np.intp), np.zeros(0, np.float32))


class CollapsedGroups(Protocol):
    """The groups of near-duplicates that were collapsed: each has one of its members among the results."""

    def of(self, documents: Hits) -> Hits:
        """Return the group of each document, -1 for one that is in none."""
        ...

    def others(self, document: int) -> Sequence[int]:
        """Return the other matches of the group of a document that is in one, in the order of results."""
        ...


@dataclass(frozen=True, slots=True)
class Candidates:
    """The first of the documents that match, filters applied, in their total order (without what rescoring adds).

    `total` and `counts` (facet key → value → count, over the values that occur, and those that are selected also at 0;
    a facet's own filter set aside) are exact and of all of them, near-duplicates collapsed if that was asked for (then
    `groups` tells which). `lacking` holds the clauses that some of all of them lack.
    """

    total: int
    ranked: Ranked
    counts: Mapping[str, Mapping[str, int]]
    lacking: tuple[int, ...] = ()
    groups: CollapsedGroups | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What is told of a selection without looking at its documents: its matches, with an empty page, and the date of
    the newest of them (None if none has one).
    """

    matches: Matches
    newest: date | None


class Lookup(Statistics, PairStatistics, CharacterStatistics, Protocol):
    """One query, looked up in one index: the statistics of its terms, and the documents that plans for it find."""

    documents: int

    def candidates(self, plan: Plan, scoring: Scoring, selection: Selection, first: int, last: int) -> Candidates:
        """Return how many documents there are and the first `last` of them; none of these unless there are more than
        `first`.
        """
        ...

    def tally(self, plan: Plan, selections: Sequence[Selection]) -> list[Tally]:
        """Count what each selection takes of what matches."""
        ...

    def score(self, scoring: Scoring, documents: Hits) -> Scores:
        """Return the scores of some documents."""
        ...

    def parts(self, scoring: Scoring, document: int) -> list[ScorePart]:
        """Return what each term and boost adds to the score of a document."""
        ...

    def windows(self, documents: Hits) -> Iterator[tuple[Array | slice, Window]]:
        """Yield what rescoring looks at, of all the documents piece by piece: which of them, and their features."""
        ...

    def in_order(self, ranked: Ranked) -> Ranked:
        """Return documents by falling score, then newer date (undated last), then id."""
        ...

    def ids(self, documents: Hits) -> list[str]:
        """Return article ids."""
        ...

    def find(self, plan: Plan, article_id: str) -> int | None:
        """Return the document of an article if it matches, else None."""
        ...
