"""What a query finds in a build: `search.retrieval.candidates.Lookup`.

A document's number is its place among those that this lookup has met so far.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Array, Hits, Mask, Scores
from ...facets import FACETS
from ...model import Direction, Matches, Parsed, Sort
from ...retrieval.candidates import NOTHING, Candidates, Ranked, Selection, Tally
from ...retrieval.conditions import Evaluation
from ...retrieval.places import Within
from ...retrieval.plan import Plan, Share
from ...retrieval.rescoring import Window
from ...retrieval.scoring import FLAT, ScorePart, Scoring
from .counting import Counted, Counting
from .documents import GROUP, characters_of, key_of
from .foresight import Frequencies
from .mapping import FACET
from .opened import Opened
from .queries import Finder, Json, Scorer, all_of

FEATURES = ("features", "full", "direction", *(f"{FACET}{facet.key}" for facet in FACETS.places))
"""Fields of a hit that rescoring looks at."""
AT_ONCE = 10_000
"""So many hits come in one answer; whoever wants more of them waits longer."""
_LAST_DAY = date.max.toordinal()


class Hit(NamedTuple):
    """A document that was met: its id, its day (0: undated), and the fields that were asked for."""

    id: str
    day: int
    fields: Mapping[str, Sequence[Any]]

    @property
    def group(self) -> str:
        """The group that it is in, "" for none."""
        found: str = self.fields.get("group", ("",))[0]
        return found if found.startswith(GROUP) else ""


class ClusterLookup:
    """One query in one build; not shared by threads."""

    def __init__(self, parsed: Parsed, build: Opened) -> None:
        self.parsed = parsed
        self.build = build
        self.documents = build.statistics.documents
        self.finder = Finder(parsed, build.conditions)
        self._frequencies = Frequencies(parsed, build, self.finder)
        self._met: list[Hit] = []
        self._numbers: dict[str, int] = {}

    # How often

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause."""
        return self._frequencies.df(clause)

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        """Return how many articles carry all of these clauses, and are within."""
        return self._frequencies.count(clauses, within)

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        """Yield for falling sums how many articles fulfil the share with that sum."""
        return self._frequencies.reach(share, sums)

    def pair_df(self, pair: str) -> int:
        """Return how many articles hold two characters side by side."""
        return self.build.statistics.terms["pairs"].df(pair)

    def character_df(self, codes: Array) -> Array:
        """Return how many articles hold each character."""
        characters = self.build.statistics.terms["characters"]
        return np.array([characters.df(chr(code)) for code in codes.tolist()], np.int64)

    # Which

    def candidates(self, plan: Plan, scoring: Scoring, selection: Selection, first: int, last: int) -> Candidates:
        """See `search.retrieval.candidates.Lookup`."""
        counting = Counting(self.build, self.finder, plan, selection)
        listing = Listing(self, counting, scoring)
        at_once = last <= AT_ONCE
        found = self.build.search(counting.body() | (listing.body(last) if at_once else {}))
        counted = counting.read(found)
        ranked = NOTHING
        if counted.total > first:
            ranked = self.ranked(found, listing.scorer) if at_once else listing.walk(min(last, counted.total))
        groups = Collapsed(listing) if counted.sizes else None
        return Candidates(counted.total, ranked, counted.counts, listing.lacking(counted), groups)

    def tally(self, plan: Plan, selections: Sequence[Selection]) -> list[Tally]:
        """See `search.retrieval.candidates.Lookup`."""
        asked = [Counting(self.build, self.finder, plan, one) for one in selections]
        tallies = []
        for one, found in zip(asked, self.build.search_many([one.body() for one in asked]), strict=True):
            counted = one.read(found)
            lacking = Listing(self, one, FLAT).lacking(counted)
            matches = Matches(counted.total, (), counted.counts, lacking, plan.missing)
            tallies.append(Tally(matches, counted.newest))
        return tallies

    def score(self, scoring: Scoring, documents: Hits) -> Scores:
        """See `search.retrieval.candidates.Lookup`."""
        scorer = self.scorer(scoring)
        keys = [key_of(article_id) for article_id in self.ids(documents)]
        query = {"bool": {"filter": {"ids": {"values": keys}}, "should": scorer.should()}}
        ranked = self.ranked(self.build.search(page(query, "relevance", len(keys), self.fields(scoring))), scorer)
        scores = dict(zip(ranked.documents.tolist(), ranked.scores.tolist(), strict=True))
        return np.array([scores[document] for document in documents.tolist()], np.float32)

    def parts(self, scoring: Scoring, document: int) -> list[ScorePart]:
        """See `search.retrieval.candidates.Lookup`."""
        if scoring.is_flat:
            return []
        scorer = self.scorer(scoring)
        only = {"ids": {"values": [key_of(self._met[document].id)]}}
        terms = [*scorer.clauses(), *([part] for part in scorer.pairs())]
        scored = [{"bool": {"filter": only, "should": [part.query]}} for forms in terms for part in forms]
        bodies = [{"query": query, "_source": False, "size": 1, "track_total_hits": False} for query in scored]
        scores = iter([one["hits"]["hits"][0]["_score"] for one in self.build.search_many(bodies)])
        tests = [all_of([only, scorer.conditions.query(boost.condition)]) for boost in scorer.boosts]
        fulfilled = self.build.counts(tests)
        found = []
        for forms in terms:
            score, part = max([(next(scores), part) for part in forms], key=lambda one: one[0])
            found.append(_part(part.what, part.where, score))
        boosts = zip(scorer.boosts, fulfilled, strict=True)
        return [*found, *(_part(boost.what, boost.where, boost.weight * held) for boost, held in boosts)]

    def windows(self, documents: Hits) -> Iterator[tuple[Array | slice, Window]]:
        """See `search.retrieval.candidates.Lookup`."""
        hits = self._with(documents, FEATURES)
        met = [characters_of(hit.fields["features"][0]) for hit in hits]
        held = [one.codes for one in met]
        works = np.array([one.work for one in met], np.uint64)
        window = Window(
            np.arange(len(met)),
            np.cumsum([0, *map(len, held)]).astype(np.uint32),
            np.concatenate([np.zeros(0, np.uint16), *held]),
            np.concatenate([np.zeros(0, np.uint8), *(one.tf for one in met)]),
            self.build.bigram_norms(np.array([one.length for one in met], np.uint32)),
            works,
            self.build.statistics.citations.of(works),
            Evaluation(HitColumns(hits)),
        )
        yield slice(None), window

    def in_order(self, ranked: Ranked) -> Ranked:
        """See `search.retrieval.candidates.Lookup`."""
        keys = [
            (-score, -self._met[number].day, self._met[number].id)
            for number, score in zip(ranked.documents.tolist(), ranked.scores.tolist(), strict=True)
        ]
        return ranked.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp))

    def ids(self, documents: Hits) -> list[str]:
        """See `search.retrieval.candidates.Lookup`."""
        return [self._met[number].id for number in documents.tolist()]

    def find(self, plan: Plan, article_id: str) -> int | None:
        """See `search.retrieval.candidates.Lookup`."""
        only = {"ids": {"values": [key_of(article_id)]}}
        found = self.build.search(page(all_of([self.finder.plan(plan), only]), "newest", 1, ()))
        documents = self.ranked(found, self.scorer(FLAT)).documents.tolist()
        return documents[0] if documents else None

    # For the parts of a lookup

    def scorer(self, scoring: Scoring) -> Scorer:
        """Return a scoring as queries."""
        return Scorer(self.parsed, scoring, self.build.conditions, self.build.norms)

    def met(self, document: int) -> Hit:
        """Return what is known of a document."""
        return self._met[document]

    def groups_met(self) -> list[str]:
        """Return the groups of all documents met."""
        return [*dict.fromkeys(group for hit in self._met if (group := hit.group))]

    def fields(self, scoring: Scoring) -> Sequence[str]:
        """Return the fields of hits that will be asked for."""
        group = ("group",) if self.build.groups else ()
        return group if scoring.is_flat else (*group, *FEATURES)

    def ranked(self, found: Mapping[str, Any], scorer: Scorer) -> Ranked:
        """Return the hits of an answer, which are known by their numbers from now on."""
        hits = found["hits"]["hits"]
        documents = np.array([*map(self._number, hits)], np.intp)
        if scorer.scoring.is_flat:
            return Ranked(documents, np.zeros(len(hits), np.float32))
        scores = np.array([hit["_score"] for hit in hits], np.float64) - scorer.raised
        return Ranked(documents, scores.astype(np.float32))

    def _number(self, hit: Mapping[str, Any]) -> int:
        # What `page` sorts by: the day stands first or second, the id last.
        first, second, article_id = hit["sort"]
        number = self._numbers.setdefault(article_id, len(self._met))
        if number == len(self._met):
            day = second if isinstance(second, int) else first
            # Of an undated one it is told as the least or greatest number that there is.
            day = day if 0 < day <= _LAST_DAY else 0
            self._met.append(Hit(article_id, day, hit.get("fields", {})))
        return number

    def _with(self, documents: Hits, fields: Sequence[str]) -> list[Hit]:
        """Return documents with these fields, which are asked for if some did not come."""
        hits = [self._met[number] for number in documents.tolist()]
        if lacking := [hit for hit in hits if fields[0] not in hit.fields]:
            query = {"ids": {"values": [key_of(hit.id) for hit in lacking]}}
            found = self.build.search(page(query, "newest", len(lacking), fields))["hits"]["hits"]
            came = {hit["sort"][-1]: hit["fields"] for hit in found}
            hits = [hit._replace(fields={**hit.fields, **came.get(hit.id, {})}) for hit in hits]
        return hits


class HitColumns:
    """The features of hits that rescoring asks for: `search.retrieval.conditions.Columns`."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits

    def holds(self, facet: str, values: tuple[str, ...]) -> Mask:
        """Tell which have any of the values of a facet."""
        asked = {*values}
        return np.array([not asked.isdisjoint(hit.fields.get(f"{FACET}{facet}", ())) for hit in self._hits], np.bool_)

    def looks(self, direction: Direction) -> Mask:
        """Tell which look this way."""
        return np.array([direction in hit.fields.get("direction", ()) for hit in self._hits], np.bool_)

    def is_full(self) -> Mask:
        """Tell which are full articles."""
        return np.array([True in hit.fields["full"] for hit in self._hits], np.bool_)


class Listing:
    """The first hits of a selection in their order, with near-duplicates collapsed if that is asked for."""

    def __init__(self, lookup: ClusterLookup, counting: Counting, scoring: Scoring) -> None:
        self.lookup = lookup
        self.scorer = lookup.scorer(scoring)
        self._counting = counting
        self._fields = lookup.fields(scoring)

    def body(self, size: int) -> Json:
        """Return what a search has beside its counts to list the first hits."""
        listed = self._page(self._counting.matching, size, self._fields) | {"post_filter": self._counting.passing}
        return listed | ({"collapse": {"field": "group"}} if self._counting.collapses else {})

    def walk(self, count: int) -> Ranked:
        """Return the first hits, however many: read one part after the other, of each group the first."""
        passing = all_of([self._counting.matching, self._counting.passing])
        return self._walked(passing, count, self._counting.collapses)

    def members(self, groups: Sequence[str]) -> Hits:
        """Return all matches of some groups, in the order of results."""
        known = self.lookup.build.groups
        matching = all_of([self._counting.matching, {"terms": {"group": list(groups)}}])
        return self._walked(matching, sum(len(known[name].ids) for name in groups)).documents

    def lacking(self, counted: Counted) -> tuple[int, ...]:
        """Return the clauses that some hits lack, and those that occur nowhere."""
        plan = self._counting.plan
        return tuple(number for number in plan.optional if number in plan.missing or self._some_lack(number, counted))

    def _some_lack(self, clause: int, counted: Counted) -> bool:
        """Tell whether some hit lacks a clause. Of near-duplicates the one that is shown counts."""
        lacking, apart = counted.lacking[clause]
        if not counted.sizes or apart or not lacking:
            return lacking > 0
        grouped = all_of([self._counting.matching, self._counting.passing, {"term": {"grouped": True}}])
        heads = self._walked(grouped, len(self.lookup.build.groups), collapses=True).documents
        only = {"ids": {"values": [key_of(one) for one in self.lookup.ids(heads)]}}
        holding = self.lookup.finder.holding(clause, self._counting.plan)
        return self.lookup.build.counts([all_of([only], [holding])])[0] > 0

    def _walked(self, matching: Json, count: int, collapses: bool = False) -> Ranked:
        """Return the first of what a query finds. What rescoring looks at is left out where there are very many."""
        fields = self._fields if count <= AT_ONCE else self.lookup.fields(FLAT)
        body = self._page(matching, min(count, AT_ONCE) if not collapses else AT_ONCE, fields)
        pieces, kept, seen = [NOTHING], 0, set[str]()
        while kept < count:
            found = self.lookup.build.search(body)
            hits = found["hits"]["hits"]
            piece = self.lookup.ranked(found, self.scorer)
            if collapses:
                names = [self.lookup.met(number).group for number in piece.documents.tolist()]
                piece = piece.take(np.array([*_firsts(names, seen)], np.intp))
            pieces.append(piece)
            kept += len(piece.scores)
            if len(hits) < body["size"]:
                break
            body["search_after"] = hits[-1]["sort"]
        return Ranked.join(pieces).part(0, count)

    def _page(self, matching: Json, size: int, fields: Sequence[str]) -> Json:
        query = {"bool": {"filter": matching, "should": self.scorer.should()}}
        return page(query, self._counting.selection.sort, size, fields)


class Collapsed:
    """`search.retrieval.candidates.CollapsedGroups`: members of all groups met are asked for with the first of them."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._lookup = listing.lookup
        self._numbers: dict[str, int] = {}
        self._members: dict[str, list[int]] = {}

    def of(self, documents: Hits) -> Hits:
        """Return the group of each document, -1 for one that is in none."""
        names = [self._lookup.met(number).group for number in documents.tolist()]
        found = [self._numbers.setdefault(name, len(self._numbers)) if name else -1 for name in names]
        return np.array(found, np.intp)

    def others(self, document: int) -> list[int]:
        """Return the other matches of the group of a document, in the order of results."""
        name = self._lookup.met(document).group
        if name and name not in self._members:
            asked = [one for one in self._lookup.groups_met() if one not in self._members]
            self._members |= {one: [] for one in asked}
            for number in self._listing.members(asked).tolist():
                self._members[self._lookup.met(number).group].append(number)
        return [one for one in self._members.get(name, ()) if one != document]


def page(query: Json, sort: Sort, size: int, fields: Sequence[str]) -> Json:
    """Return the search for the first hits of a query in their total order, with some of their fields."""
    day = {"day": {"order": "asc" if sort == "oldest" else "desc", "missing": "_last"}}
    keys: list[Json] = [{"_score": "desc"}, day] if sort == "relevance" else [day, {"_score": "desc"}]
    return {
        "query": query,
        "size": size,
        "sort": [*keys, {"id": "asc"}],
        "track_scores": True,
        "track_total_hits": False,
        "stored_fields": "_none_",
        "docvalue_fields": list(fields),
    }


def _firsts(names: Sequence[str], seen: set[str]) -> Iterator[int]:
    """Yield the places of what is in no group, and of the first of each that was not seen; note which were."""
    for place, name in enumerate(names):
        if name not in seen:
            yield place
        if name:
            seen.add(name)


def _part(what: str, where: str, score: float) -> ScorePart:
    return ScorePart(what, where, np.array([score], np.float32))
