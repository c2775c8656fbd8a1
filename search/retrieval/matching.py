"""The way from a query to a page of matches, for every engine: plan, candidates, fusion, page; and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from ..model import Contribution, Match, Matches, Parsed, Query
from . import ranking
from .candidates import NOTHING, Candidates, Lookup, Ranked, Selection, Tally
from .fusion import fuse, lifted
from .places import any_of, places_asked_for
from .plan import Plan, make_plan
from .rescoring import Rescorer
from .scoring import FLAT, Scoring, contributions, make_scoring


class Searchable(Protocol):
    """What a search needs of an engine."""

    def look_up(self, parsed: Parsed) -> Lookup:
        """Look up the clauses of a query."""
        ...


def match(index: Searchable, parsed: Parsed, query: Query) -> Matches:
    """Return the page of matches that `query` asks for. Past-the-end pages come back empty with the true total."""
    lookup = index.look_up(parsed)
    plan = make_plan(parsed, lookup)
    scoring = make_scoring(parsed, plan, lookup)
    selection = Selection.of(query, plan)
    first, last = (query.page - 1) * query.size, query.page * query.size
    rescored = ranking.RESCORE_WINDOW if selection.sort == "relevance" and scoring.bare.strip() else 0
    pinned = _pinned(lookup, plan, scoring, selection)
    begin = 0 if pinned else first
    window = rescored if begin < rescored else 0
    candidates = lookup.candidates(plan, scoring, selection, begin, max(last, window))
    rescorer = Rescorer(scoring, lookup) if window and candidates.total > begin else None
    ranked = fuse(candidates, lookup, rescorer, window) if rescorer else candidates.ranked
    if pinned:
        ranked = lifted(pinned, ranked, candidates.groups)
    page = ranked.part(first, last) if candidates.total > first else NOTHING
    shown = _shown(page, candidates, lookup)
    if query.explain:
        shown = [
            one._replace(why=_why(lookup, scoring, document, rescorer if rank < rescored else None))
            for rank, (one, document) in enumerate(zip(shown, page.documents.tolist(), strict=True), first)
        ]
    return Matches(candidates.total, tuple(shown), candidates.counts, candidates.lacking, plan.missing)


def explain(index: Searchable, parsed: Parsed, article_id: str) -> list[Contribution]:
    """Return what makes the score of an article by relevance, largest part first; empty if it does not match."""
    lookup = index.look_up(parsed)
    plan = make_plan(parsed, lookup)
    document = lookup.find(plan, article_id)
    if document is None:
        return []
    scoring = make_scoring(parsed, plan, lookup)
    return list(_why(lookup, scoring, document, None if scoring is FLAT else Rescorer(scoring, lookup)))


def count(index: Searchable, parsed: Parsed, queries: Sequence[Query]) -> list[Tally]:
    """Count what each of `queries` selects of what `parsed` matches; their texts and pages are not looked at."""
    lookup = index.look_up(parsed)
    plan = make_plan(parsed, lookup)
    return lookup.tally(plan, [Selection.of(query, plan) for query in queries])


def holding(index: Searchable, parsed: Parsed) -> int:
    """Return how many articles carry all words and phrases of a query and hold one of its places."""
    places = places_asked_for(parsed)
    clauses = [
        number
        for number, clause in enumerate(parsed.clauses)
        if clause.kind in ("word", "phrase") and not (places and clause.place)
    ]
    return index.look_up(parsed).count(clauses, any_of(places).holding if places else None) if parsed.clauses else 0


def _pinned(lookup: Lookup, plan: Plan, scoring: Scoring, selection: Selection) -> Ranked | None:
    """Return what is pinned and passes the filters, in the order in which it is; None if nothing does, or is asked for
    in an order of its own.
    """
    if not plan.pinned or selection.sort != "relevance":
        return None
    alone = Plan(nothing=True, pinned=plan.pinned)
    found = lookup.candidates(alone, scoring, replace(selection, collapse=False), 0, len(plan.pinned)).ranked
    places = [plan.pinned.index(article_id) for article_id in lookup.ids(found.documents)]
    return found.take(np.argsort(places)) if places else None


def _shown(page: Ranked, candidates: Candidates, lookup: Lookup) -> list[Match]:
    """Return hits by their ids, each with what was collapsed into it."""
    shown = list(map(Match, lookup.ids(page.documents), page.scores.tolist()))
    groups = candidates.groups
    if groups is None:
        return shown
    for index in (groups.of(page.documents) >= 0).nonzero()[0].tolist():
        others = groups.others(int(page.documents[index]))
        shown[index] = shown[index]._replace(similar=tuple(lookup.ids(np.array(others, np.intp))))
    return shown


def _why(lookup: Lookup, scoring: Scoring, document: int, rescorer: Rescorer | None) -> tuple[Contribution, ...]:
    """Return the parts of a document's score, largest first."""
    parts = lookup.parts(scoring, document)
    if rescorer:
        for _, window in lookup.windows(np.array([document], np.intp)):
            parts += rescorer.parts(window)
    return contributions(parts)
