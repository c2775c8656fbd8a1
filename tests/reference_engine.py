"""A second engine, slow and plain: it reads every article for every question. What it shares with the others is
`search.retrieval`, which asks it; how anything is found, counted or added up is written here once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from engine_oracle import _in_dates, _passes, carries, letters, order_key, values_of, weighted, zones

from search.engines.contract import Engine
from search.facets import FACETS
from search.facets.status import EXPIRED, IN_FORCE, NOT_YET, REPEALED, REVISED
from search.model import UNSTATED, Article, IndexInfo, Matches, Parsed, Query
from search.retrieval import Candidates, Ranked, Selection, Tally, ranking
from search.retrieval.conditions import Condition, Every, Holds, IsFull, Looks, Not, Some
from search.retrieval.features import work_keys
from search.retrieval.places import Within
from search.retrieval.plan import Plan, Share
from search.retrieval.rescoring import IN_TITLE, Window
from search.retrieval.scoring import ScorePart, Scoring
from search.retrieval.validity import SAME_VERSION_DAYS
from search.text import cited_works, direction, fold, index_words, work
from search.text.validity import is_official, version_year

BY_KEY = {facet.key: facet for facet in FACETS}


def holds(article: Article, condition: Condition) -> bool:
    """Tell whether an article fulfils a condition."""
    match condition:
        case Holds(key, values):
            held = article.facets.get(key) or ((UNSTATED,) if BY_KEY[key].unstated else ())
            return bool(set(held) & set(values))
        case Looks(way):
            return direction(fold(article.title)) == way
        case IsFull():
            return article.kind == "article"
        case Not(other):
            return not holds(article, other)
        case Every(conditions):
            return all(holds(article, each) for each in conditions)
        case Some(conditions):
            return any(holds(article, each) for each in conditions)


def with_status(article: Article, others: Sequence[Article], day: date) -> Article:
    """Return an article with its status on a day, and what took its place."""
    status, changes = "", {}
    if date.min < (article.effective or date.min) <= day or (article.expires or date.min) >= day:
        status = IN_FORCE
    if article.effective and article.effective > day:
        status = NOT_YET
    if newer := newer_version(article, others, day):
        status, changes = REVISED, {"superseded_by": newer.id}
    elif article.superseded_by:
        status = REVISED
    if article.expires and article.expires < day:
        status, changes = EXPIRED, {}
    repealers = [one for one in others if one is not article and repeals(one, article, day)]
    if repealers:
        status, changes = REPEALED, {"repealed_by": repealers[-1].id}
    elif article.repealed_by:
        status, changes = REPEALED, {}
    return replace(article, facets={**article.facets, "status": (status,)}, **changes) if status else article


def name_of(article: Article) -> tuple[str, ...]:
    """The work that an official text is, and where; nothing for another text."""
    title = fold(article.title)
    if article.kind != "article" or not is_official(title) or not work(title):
        return ()
    return (work(title), *(str(sorted(article.facets.get(key, ()))) for key in ("province", "city")))


def version(article: Article) -> date:
    days = (article.effective, article.date, version_year(fold(article.title)))
    return max((day for day in days if day), default=date.min)


def newer_version(article: Article, others: Sequence[Article], day: date) -> Article | None:
    versions = [one for one in others if name_of(one) and name_of(one) == name_of(article)]
    begun = [one for one in versions if date.min < version(one) <= day]
    if article not in begun:
        return None
    newest = max(begun, key=lambda one: (version(one), one.id))
    is_other = [c for c in newest.text if "\u3400" <= c <= "\u9fff"] != [
        c for c in article.text if "\u3400" <= c <= "\u9fff"
    ]
    return newest if is_other and (version(newest) - version(article)).days > SAME_VERSION_DAYS else None


def repeals(one: Article, other: Article, day: date) -> bool:
    begins = one.effective or version(one)
    named = {(name, *(str(sorted(one.facets.get(key, ()))) for key in ("province", "city"))) for name in one.repeals}
    return date.min < begins <= day and name_of(other) in named and version(other) < version(one)


class ReferenceEngine(Engine):
    """Articles in a list, and which of them (ids) are near-duplicates of each other."""

    def __init__(
        self,
        articles: Iterable[Article],
        groups: Iterable[Sequence[str]] = (),
        build_id: str = "",
        day: date | None = None,
    ) -> None:
        self.day = date(2026, 1, 1) if day is None else day
        self.undated = sorted(articles, key=lambda article: article.id)
        self.stored = [with_status(article, self.undated, self.day) for article in self.undated]
        self.groups = [list(ids) for ids in groups]
        self.info = IndexInfo(0, "reference", "", "", len(self.stored), build_id)

    def on(self, day: date) -> ReferenceEngine:
        return ReferenceEngine(self.undated, self.groups, self.info.build_id, day)

    def look_up(self, parsed: Parsed) -> ReferenceLookup:
        return ReferenceLookup(self, parsed)

    def get(self, article_id: str) -> Article | None:
        return next((article for article in self.stored if article.id == article_id), None)

    def articles(self) -> Iterator[Article]:
        return iter(self.stored)

    def words(self) -> Iterator[tuple[str, int]]:
        held = [{word for text in (one.title, one.text) for word in index_words(fold(text))} for one in self.stored]
        return iter(sorted(Counter(word for words in held for word in words).items()))

    def attachment(self, name: str) -> Path:
        return Path("/nonexistent", name)

    def close(self) -> None:
        pass

    @cached_property
    def average(self) -> dict[str, float]:
        """The average length of each field."""
        lengths = {field: [length(article, field) for article in self.stored] for field in ("words", "bigrams")}
        return {field: sum(found) / len(found) if found else 0.0 for field, found in lengths.items()}

    def norm(self, article: Article, field: str) -> float:
        relative = min(length(article, field) / (self.average[field] or 1.0), ranking.LENGTH_AT_MOST)
        return ranking.BM25_K1 * (1 - ranking.BM25_B + ranking.BM25_B * relative)


def length(article: Article, field: str) -> int:
    """As many bigrams begin in a text as it has characters: the last one pairs with nothing."""
    cut = index_words if field == "words" else str
    return sum(len(list(cut(text))) * weight for text, weight in zones(article))


class Collapsed:
    """Near-duplicates among matches; the first of each in the order of results stands for all."""

    def __init__(self, groups: dict[int, int], ordered: Sequence[int]) -> None:
        self._groups = groups
        self.members: dict[int, list[int]] = {}
        for document in ordered:
            if document in groups:
                self.members.setdefault(groups[document], []).append(document)

    def of(self, documents: Any) -> Any:
        return np.array([self._groups.get(document, -1) for document in documents.tolist()], np.intp)

    def is_first(self, document: int) -> bool:
        return document not in self._groups or self.members[self._groups[document]][0] == document

    def others(self, document: int) -> list[int]:
        return [one for one in self.members.get(self._groups.get(document, -1), ()) if one != document]


class ReferenceLookup:
    """One query; a document is its place among the articles by id."""

    def __init__(self, engine: ReferenceEngine, parsed: Parsed) -> None:
        self.engine = engine
        self.parsed = parsed
        self.documents = len(engine.stored)

    # How often

    def holding(self, clause: int) -> set[int]:
        asked = self.parsed.clauses[clause]
        return {number for number, article in enumerate(self.engine.stored) if carries(article, asked)}

    def df(self, clause: int) -> int:
        return len(self.holding(clause))

    def pair_df(self, pair: str) -> int:
        return sum(weighted(article, pair, "phrase") > 0 for article in self.engine.stored)

    def character_df(self, codes: Any) -> Any:
        return np.array([self.pair_df(chr(code)) for code in codes.tolist()], np.int64)

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        return len(self._carrying(clauses) & self._within(within))

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        for least in sums:
            yield len(self._sharing(share, least))

    # Which

    def candidates(self, plan: Plan, scoring: Scoring, selection: Selection, first: int, last: int) -> Candidates:
        scores = {document: self._score(scoring, document) for document in self._selected(plan, selection)}
        ordered = self._ordered(scores, selection.sort)
        groups = self._groups(ordered) if selection.collapse else None
        kept = [one for one in ordered if not groups or groups.is_first(one)]
        hits = [one for one in kept if _passes(self.engine.stored[one], selection.filters)]
        ranked = hits[:last] if len(hits) > first else []
        return Candidates(
            len(hits),
            Ranked(np.array(ranked, np.intp), np.array([scores[one] for one in ranked], np.float32)),
            self._counts(kept, selection),
            self._lacking(plan, hits),
            groups,
        )

    def tally(self, plan: Plan, selections: Sequence[Selection]) -> list[Tally]:
        tallies = []
        for one in selections:
            found = self.candidates(plan, Scoring(is_flat=True), one, 0, self.documents)
            days = [self.engine.stored[number].date for number in found.ranked.documents.tolist()]
            matches = Matches(found.total, (), found.counts, found.lacking, plan.missing)
            tallies.append(Tally(matches, max(filter(None, days), default=None)))
        return tallies

    def find(self, plan: Plan, article_id: str) -> int | None:
        found = self._selected(plan, Selection())
        return next((one for one in found if self.engine.stored[one].id == article_id), None)

    def ids(self, documents: Any) -> list[str]:
        return [self.engine.stored[number].id for number in documents.tolist()]

    # In which order

    def score(self, scoring: Scoring, documents: Any) -> Any:
        return np.array([self._score(scoring, number) for number in documents.tolist()], np.float32)

    def parts(self, scoring: Scoring, document: int) -> list[ScorePart]:
        return [
            ScorePart(what, where, np.array([score], np.float32))
            for what, where, score in self._parts(scoring, document)
        ]

    def windows(self, documents: Any) -> Iterator[tuple[Any, Window]]:
        found = [self.engine.stored[number] for number in documents.tolist()]
        held = [sorted(letters(fold(f"{one.title}\n{one.text}"))) for one in found]
        titles = [letters(fold(one.title)) for one in found]
        tf = [
            min(weighted(article, character, "phrase"), IN_TITLE - 1) + IN_TITLE * (character in title)
            for article, characters, title in zip(found, held, titles, strict=True)
            for character in characters
        ]
        yield (
            np.arange(len(found)),
            Window(
                np.arange(len(found)),
                np.cumsum([0, *map(len, held)]).astype(np.uint32),
                np.array([ord(character) for characters in held for character in characters], np.uint16),
                np.array(tf, np.uint8),
                np.array([self.engine.norm(one, "bigrams") for one in found], np.float32),
                work_keys([work(fold(one.title)) for one in found]),
                np.array([self._citations(one) for one in found], np.intp),
                lambda condition: np.array([holds(one, condition) for one in found], np.bool_),
            ),
        )

    def in_order(self, ranked: Ranked) -> Ranked:
        scores = dict(zip(ranked.documents.tolist(), ranked.scores.tolist(), strict=True))
        ordered = self._ordered(scores, "relevance")
        return Ranked(np.array(ordered, np.intp), np.array([scores[one] for one in ordered], np.float32))

    def _carrying(self, clauses: Iterable[int]) -> set[int]:
        return set(range(self.documents)).intersection(*map(self.holding, clauses))

    def _within(self, within: Within | None) -> set[int]:
        if within is None:
            return set(range(self.documents))
        conditions = [within.about, *([] if within.around is None else [within.around])]
        stored = enumerate(self.engine.stored)
        fulfilling = {number for number, article in stored if any(holds(article, one) for one in conditions)}
        return fulfilling.union(*map(self.holding, within.clauses))

    def _sharing(self, share: Share, least: float) -> set[int]:
        found = self._carrying(share.required)
        held = {one.clause: self.holding(one.clause) & found for one in share.words}
        if not share.required:
            found = set().union(*held.values())
        near = self._within(share.within) if share.within else set()
        weights = {n: sum(one.weight for one in share.words if n in held[one.clause]) for n in found}
        return {n for n in found if weights[n] >= (least - share.places if n in near else least)}

    def _selected(self, plan: Plan, selection: Selection) -> set[int]:
        """What matches, facet filters aside."""
        found = self._asked_for(plan)
        found |= {number for number, article in enumerate(self.engine.stored) if article.id in plan.pinned}
        days = Query(date_from=selection.date_from, date_to=selection.date_to)
        return {number for number in found if _in_dates(self.engine.stored[number], days)}

    def _asked_for(self, plan: Plan) -> set[int]:
        if plan.nothing:
            return set()
        if plan.share:
            found = self._sharing(plan.share, plan.least)
        else:
            found = self._carrying(plan.required)
            found &= self._within(plan.within)
        return found - set().union(*map(self.holding, plan.excluded))

    def _counts(self, kept: Sequence[int], selection: Selection) -> dict[str, dict[str, int]]:
        counts = {}
        for facet in FACETS:
            others = {key: values for key, values in selection.filters.items() if key != facet.key}
            found = [self.engine.stored[one] for one in kept if _passes(self.engine.stored[one], others)]
            held = Counter(value for article in found for value in values_of(article, facet))
            counts[facet.key] = dict.fromkeys(selection.filters.get(facet.key, ()), 0) | dict(held)
        return counts

    def _lacking(self, plan: Plan, hits: Sequence[int]) -> tuple[int, ...]:
        return tuple(n for n in plan.optional if n in plan.missing or not set(hits) <= self._having(n, plan))

    def _having(self, clause: int, plan: Plan) -> set[int]:
        """The articles that a clause is not lacking in."""
        is_place = plan.within and self.parsed.clauses[clause].place
        return self._within(plan.within.holding) if is_place else self.holding(clause)

    def _groups(self, ordered: Sequence[int]) -> Collapsed | None:
        rows = {article.id: number for number, article in enumerate(self.engine.stored)}
        groups = {rows[one]: number for number, ids in enumerate(self.engine.groups) for one in ids if one in rows}
        collapsed = Collapsed(groups, ordered)
        return collapsed if any(len(found) > 1 for found in collapsed.members.values()) else None

    def _ordered(self, scores: dict[int, float], sort: str) -> list[int]:
        return sorted(scores, key=lambda one: order_key(self.engine.stored[one], scores[one], sort))

    def _score(self, scoring: Scoring, document: int) -> float:
        return sum(score for _, _, score in self._parts(scoring, document))

    def _parts(self, scoring: Scoring, document: int) -> Iterator[tuple[str, str, float]]:
        article = self.engine.stored[document]
        for term in scoring.clauses:
            clause = self.parsed.clauses[term.clause]
            scored = [
                (self._bm25(article, "words", form.text, clause.kind, factor), form.text)
                for form, factor in zip(clause.forms, term.factors, strict=True)
            ]
            best, text = max(scored)
            yield text, "words", best
        for pair in scoring.pairs:
            yield pair.pair, "bigrams", self._bm25(article, "bigrams", pair.pair, "phrase", pair.factor)
        for boost in (*scoring.boosts.standing, *scoring.boosts.asked):
            yield boost.what, boost.where, boost.weight * holds(article, boost.condition)

    def _bm25(self, article: Article, field: str, form: str, kind: str, factor: float) -> float:
        tf = min(weighted(article, form, kind), 255)
        return factor * tf / (tf + self.engine.norm(article, field)) if tf else 0.0

    def _citations(self, article: Article) -> int:
        name = work(fold(article.title))
        citing = {
            work(fold(one.title)) for one in self.engine.stored if name in cited_works(f"{one.title}\n{one.text}")
        }
        return len(citing - {name})
