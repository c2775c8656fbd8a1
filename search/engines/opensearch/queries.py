"""Clauses, conditions, plans and scorings as queries of the cluster: pure functions, which ask nothing.

Twin of `search.engines.whoosh.lookup` and `search.engines.whoosh.scoring`, which do the same with arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...facets.status import STATUS as STATUS_FACET
from ...facets.status import STATUSES
from ...kernel.plain import MAX_FREQUENCY
from ...model import Clause, Form, Parsed
from ...retrieval import ranking
from ...retrieval.boosts import Boost
from ...retrieval.candidates import Selection
from ...retrieval.conditions import Condition, Every, Holds, IsFull, Looks, Not, Some
from ...retrieval.places import Within
from ...retrieval.plan import Plan, Share
from ...retrieval.scoring import PairTerm, Scoring
from .documents import key_of
from .mapping import CUT, FACET, GRAMS, STATUS
from .tokens import BEGINS, SEPARATOR, Place, grams, place_of

Json = dict[str, Any]

ALL: Json = {"match_all": {}}
NONE: Json = {"match_none": {}}
SLACK = 1e-6
"""Sums of weights are added in 32 bits there: so much of a sum may be missing."""

_BM25 = (
    "double f = Math.min(Math.rint(_score), params.most); "
    "double longer = Math.min(params.slope * doc[params.length].value, params.longest); "
    "return params.factor * f / (f + params.least + longer);"
)
"""The share of a form in a score; `_score` is its weighted frequency."""


@dataclass(frozen=True, slots=True)
class Norms:
    """What a frequency is compared with: `least`, and `slope` x length up to `longest`.

    Twin of `search.retrieval.bm25.norms`.
    """

    words: float
    bigrams: float

    @classmethod
    def of(cls, documents: int, words_length: int, bigrams_length: int) -> Norms:
        """Take how many documents there are, and the sums of their weighted lengths."""
        averages = [length / max(documents, 1) or 1.0 for length in (words_length, bigrams_length)]
        return cls(*(ranking.BM25_K1 * ranking.BM25_B / average for average in averages))

    def params(self, field: str, factor: float) -> Json:
        """Return the parameters of the script for a term in "words" or "bigrams"."""
        slope = self.words if field == "words" else self.bigrams
        least = ranking.BM25_K1 * (1 - ranking.BM25_B)
        return {
            "factor": factor,
            "least": least,
            "slope": slope,
            "longest": ranking.BM25_K1 * ranking.BM25_B * ranking.LENGTH_AT_MOST,
            "most": MAX_FREQUENCY,
            "length": f"{field}_length",
        }


# Which


def any_of(queries: Sequence[Json]) -> Json:
    """Return what any of some queries finds."""
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}} if queries else NONE


def all_of(queries: Iterable[Json], but: Sequence[Json] = ()) -> Json:
    """Return what all of some queries find, and none of others."""
    found = [query for query in queries if query is not ALL]
    if not but and len(found) < 2:
        return found[0] if found else ALL
    return {"bool": {"filter": found, "must_not": list(but)}}


def clause_query(clause: Clause) -> Json:
    """Return what finds the articles that carry a clause."""
    return any_of([_standing(place) for form in clause.forms if (place := place_of(form.text, clause.literal))])


def _standing(place: Place) -> Json:
    if place.phrase:
        return {"match_phrase": {place.field: {"query": place.text, "analyzer": GRAMS}}}
    return {"term": {place.field: place.text}}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on the facets that a build has, on a day."""

    facets: frozenset[str]
    day: date

    def query(self, condition: Condition) -> Json:
        """Return what finds the articles that fulfil a condition."""
        match condition:
            case Holds(facet, values):
                return self.holds(facet, values)
            case Looks(direction):
                return {"term": {"direction": direction}}
            case IsFull():
                return {"term": {"full": True}}
            case Not(other):
                return all_of([], [self.query(other)])
            case Every(conditions):
                return all_of(map(self.query, conditions))
            case Some(conditions):
                return any_of([self.query(each) for each in conditions])

    def holds(self, facet: str, values: Iterable[str]) -> Json:
        """Return what finds the articles with any of these values of a facet."""
        if facet == STATUS_FACET.key:
            return any_of([self.has_status(value) for value in values if value in STATUSES])
        asked = [value for value in values if value]
        return {"terms": {f"{FACET}{facet}": asked}} if facet in self.facets and asked else NONE

    def has_status(self, status: str) -> Json:
        """Return what finds the articles that have a status on the day."""
        return {"term": {f"{STATUS}{STATUSES.index(status) + 1}": self.day.toordinal()}}


@dataclass(frozen=True, slots=True)
class Finder:
    """What finds the articles that plans for one query ask for."""

    parsed: Parsed
    conditions: Conditions

    def clause(self, number: int) -> Json:
        """Return what finds the articles that carry a clause."""
        return clause_query(self.parsed.clauses[number])

    def carrying(self, clauses: Iterable[int], within: Within | None = None) -> Json:
        """Return what finds the articles that carry all of these clauses, and are within."""
        return all_of([*map(self.clause, clauses), *([self.within(within)] if within else [])])

    def within(self, within: Within) -> Json:
        """Return what finds the articles within some places."""
        conditions = [within.about, *([] if within.around is None else [within.around])]
        return any_of([*map(self.conditions.query, conditions), *map(self.clause, within.clauses)])

    def sharing(self, share: Share) -> Json:
        """Return what scores articles by how much their words weigh together: those that can reach anything."""
        weights = [(self.clause(one.clause), one.weight) for one in share.words if one.weight > 0]
        must = [self.clause(number) for number in share.required] or [any_of([query for query, _ in weights])]
        if share.within is not None and share.places > 0:
            weights.append((self.within(share.within), share.places))
        scored = [{"constant_score": {"filter": query, "boost": weight}} for query, weight in weights]
        return {"bool": {"filter": must, "should": scored}}

    def plan(self, plan: Plan) -> Json:
        """Return what finds the articles that match a plan."""
        if plan.nothing:
            found = NONE
        elif plan.browse:
            found = ALL
        elif plan.share is None:
            found = self.carrying(plan.required, plan.within)
        else:
            scored = self.sharing(plan.share)
            found = {"function_score": {"query": scored, "min_score": lowered(plan.least)}}
        found = all_of([found], [self.clause(number) for number in plan.excluded])
        return any_of([found, {"ids": {"values": [*map(key_of, plan.pinned)]}}]) if plan.pinned else found

    def holding(self, clause: int, plan: Plan) -> Json:
        """Return what finds the articles that a clause is not lacking in."""
        if plan.within and self.parsed.clauses[clause].place:
            return self.within(plan.within.holding)
        return self.clause(clause)


def lowered(least: float) -> float:
    """Return a sum of weights less what may be missing of it by rounding."""
    return least * (1 - SLACK)


def in_dates(selection: Selection) -> list[Json]:
    """Return what finds the articles of the days that are selected; nothing for all of them."""
    ends = {"gte": selection.date_from, "lte": selection.date_to}
    asked = {end: day.toordinal() for end, day in ends.items() if day}
    return [{"range": {"day": asked}}] if asked else []


def filters(selection: Selection, conditions: Conditions) -> Mapping[str, Json]:
    """Return facet key → what finds the articles that pass its filter."""
    return {key: conditions.holds(key, values) for key, values in selection.filters.items() if values}


# How much


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score: what it is called, the field it is found in, and what scores by it, 0 or more."""

    what: str
    where: str
    query: Json


@dataclass(frozen=True, slots=True)
class Scorer:
    """A scoring as queries. The cluster knows no scores below 0, so each is higher by `raised` there."""

    parsed: Parsed
    scoring: Scoring
    conditions: Conditions
    norms: Norms

    @property
    def boosts(self) -> Sequence[Boost]:
        """All boosts."""
        return (*self.scoring.boosts.standing, *self.scoring.boosts.asked)

    @property
    def raised(self) -> float:
        """How much is added to every score."""
        return -sum(boost.weight for boost in self.boosts if boost.weight < 0)

    def should(self) -> list[Json]:
        """Return what adds up to the score of an article, raised."""
        if self.scoring.is_flat:
            return []
        clauses = [self._best([part.query for part in forms]) for forms in self.clauses()]
        return [*clauses, *(part.query for part in self.pairs()), *map(self._raised, self.boosts)]

    def clauses(self) -> list[list[Part]]:
        """Return for each clause its forms, of which the best counts."""
        found = []
        for one in self.scoring.clauses:
            clause = self.parsed.clauses[one.clause]
            forms = zip(clause.forms, one.factors, strict=True)
            found.append([self._form(form, clause.literal, factor) for form, factor in forms])
        return found

    def pairs(self) -> list[Part]:
        """Return the pairs of characters."""
        return [self._pair(one) for one in self.scoring.pairs]

    def _form(self, form: Form, literal: bool, factor: float) -> Part:
        place = place_of(form.text, literal)
        return Part(form.text, "words", self._scored(place, "words", factor) if place else NONE)

    def _pair(self, one: PairTerm) -> Part:
        return Part(one.pair, "bigrams", self._scored(Place("pairs", one.pair), "bigrams", one.factor))

    def _scored(self, place: Place, field: str, factor: float) -> Json:
        script = {"source": _BM25, "params": self.norms.params(field, factor)}
        return {"script_score": {"query": _frequency(place), "script": script}}

    def _raised(self, boost: Boost) -> Json:
        """Return a boost as what adds something: one below 0 is added to all others instead."""
        fulfilling = self.conditions.query(boost.condition)
        if boost.weight < 0:
            fulfilling = all_of([], [fulfilling])
        return {"constant_score": {"filter": fulfilling, "boost": abs(boost.weight)}}

    @staticmethod
    def _best(queries: Sequence[Json]) -> Json:
        return queries[0] if len(queries) == 1 else {"dis_max": {"queries": list(queries)}}


def _frequency(place: Place) -> Json:
    """Return what scores by the weighted frequency of a form."""
    if not place.phrase:
        return {"term": {place.field: place.text}}
    # The frequency of a phrase is counted once for each of its terms.
    found = grams(place.text)
    share = 1 / len(found)
    heading = SEPARATOR.join([BEGINS + found[0], *found[1:]])
    zones = (
        (place.field, place.text, GRAMS, ranking.BODY_WEIGHT),
        ("title_grams", place.text, GRAMS, ranking.TITLE_WEIGHT - ranking.BODY_WEIGHT),
        ("heading_grams", heading, CUT, ranking.HEADING_WEIGHT - ranking.BODY_WEIGHT),
    )
    phrases = [
        {"match_phrase": {field: {"query": text, "analyzer": analyser, "boost": weight * share}}}
        for field, text, analyser, weight in zones
    ]
    return {"bool": {"should": phrases}}
