"""The engine: one finished build directory, opened for reading. Immutable after `open`, so threads may share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...errors import IndexOutdated
from ...facets import FACET_KEYS
from ...identity import fingerprint
from ...model import Article, Contribution, IndexInfo, Match, Matches, Parsed, Query, Sort
from . import kernel
from .collapse import Collapsed, Groups, Place
from .counting import Filtered, within_dates
from .inversion import Array
from .layout import UNDATED, read_info
from .library import check_version
from .ordering import HEAPED, Order, best
from .plan import Plan, make_plan
from .scoring import Scorer
from .segment import Segment, open_segments
from .statistics import Part, Statistics
from .vocabulary import vocabulary


class WhooshEngine:
    """`search.engines.contract.Engine` over the arrays of a Whoosh index."""

    def __init__(self, info: IndexInfo, directory: Path, segments: list[Segment]) -> None:
        self.info = info
        self.directory = directory
        self._segments = segments
        self._statistics = Statistics(segments)
        self._groups = Groups(directory, segments)

    @classmethod
    def open(cls, build_dir: Path) -> WhooshEngine:
        """Open a build directory. Raises IndexMissing, IndexDamaged or IndexOutdated.

        Sizes and headers are checked, not every byte: that is `verify`. Reads no pickle.
        """
        check_version()
        info, entries = read_info(build_dir)
        if info.fingerprint != fingerprint():
            raise IndexOutdated("the index was built with other text rules (words, synonyms or folding changed)")
        return cls(info, build_dir, open_segments(build_dir, entries))

    def match(self, parsed: Parsed, query: Query) -> Matches:
        """Return the page of matches that `query` asks for. Past-the-end pages come back empty with the true total."""
        plan = make_plan(parsed, self._segments, self._statistics.documents)
        scorer = Scorer(plan, parsed, self._segments, self._statistics)
        sort: Sort = "newest" if plan.browse and query.sort == "relevance" else query.sort
        begin, end = (query.page - 1) * query.size, query.page * query.size
        collapsed = self._collapsed(plan, scorer, sort, query)
        filtered = [Filtered(*each, query.filters) for each in zip(self._segments, collapsed.matches, strict=True)]
        hits = [each.hits for each in filtered]
        total = sum(map(len, hits))
        page = self._page(hits, collapsed, scorer, sort, slice(begin, end)) if begin < total else NO_HITS
        shown = self._shown(page, collapsed)
        if query.explain:
            window = scorer.window(sort)
            shown = [
                match._replace(why=_contributions(scorer.explain(number, document, rank < window)))
                for rank, (match, (number, document)) in enumerate(zip(shown, page.places(), strict=True), begin)
            ]
        counts = _added([each.counts() for each in filtered], query.filters)
        return Matches(total, tuple(shown), counts, plan.lacking(hits, self._segments), plan.missing)

    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""
        where = self._find(article_id)
        return self._segments[where[0]].article(where[1]) if where else None

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        """Return the stored articles in the order asked for. KeyError if one does not exist."""
        articles = []
        for article_id in article_ids:
            article = self.get(article_id)
            if article is None:
                raise KeyError(article_id)
            articles.append(article)
        return articles

    def explain(self, parsed: Parsed, article_id: str) -> list[Contribution]:
        """Return what made the article's score, largest part first; empty if it does not match."""
        where = self._find(article_id)
        if where is None:
            return []
        number, document = where
        plan = make_plan(parsed, self._segments, self._statistics.documents)
        if document not in plan.match(number, self._segments[number]):
            return []
        scorer = Scorer(plan, parsed, self._segments, self._statistics)
        return list(_contributions(scorer.explain(number, document, rescored=True)))

    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id."""
        streams = [segment.ids(number) for number, segment in enumerate(self._segments)]
        for _, number, document in merge(*streams):
            yield self._segments[number].article(document)

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the words index with the number of live articles that hold it, by code points."""
        return vocabulary(self._segments)

    def close(self) -> None:
        """Release the index. Idempotent; and without effect on answers under way, as there is nothing to do by hand.

        A mapping is undone when the last array that looks into it is gone, and that is with the engine.
        """

    def _find(self, article_id: str) -> tuple[int, int] | None:
        for number, segment in enumerate(self._segments):
            document = segment.find_id(article_id)
            if document is not None:
                return number, document
        return None

    def _collapsed(self, plan: Plan, scorer: Scorer, sort: Sort, query: Query) -> Collapsed:
        """Return what matches, facet filters aside, near-duplicates collapsed if the query asks for it."""
        matches = []
        for number, segment in enumerate(self._segments):
            found = plan.match(number, segment)
            if query.date_from or query.date_to:
                found = found[within_dates(segment, query.date_from, query.date_to, found)]
            matches.append(found)
        if not query.collapse:
            return Collapsed(tuple(matches))
        return self._groups.collapse(matches, None if scorer.browses else scorer.score, sort)

    def _shown(self, page: Ranked, collapsed: Collapsed) -> list[Match]:
        """Return hits by their ids, each with what was collapsed into it."""
        scores = page.scores.tolist()
        if len(self._segments) == 1:
            shown = list(map(Match, self._segments[0].ids_of(page.documents), scores))
        else:
            ids = (self._segments[number].id_of(document) for number, document in page.places())
            shown = list(map(Match, ids, scores))
        if collapsed.groups is None:
            return shown
        return [
            match._replace(similar=tuple(self._segments[n].id_of(d) for n, d in collapsed.others(place)))
            for match, place in zip(shown, page.places(), strict=True)
        ]

    def _page(self, hits: Sequence[Array], collapsed: Collapsed, scorer: Scorer, sort: Sort, part: slice) -> Ranked:
        """Return a part of the hits of all segments in their total order.

        The first of them (a window) are put in order anew. Nothing is taken from their scores, so they stay before all
        others.
        """
        window = scorer.window(sort)
        window = window if part.start < window else 0
        count = max(part.stop, window)
        found = [number for number, segment_hits in enumerate(hits) if len(segment_hits)]
        pieces = [self._best(number, hits[number], scorer, sort, count) for number in found]
        ranked = pieces[0] if len(pieces) == 1 else self._in_order(Ranked.join(pieces), sort).part(0, count)
        if window:
            ranked = self._rescored(ranked, collapsed, scorer, window)
        return ranked.part(part.start, part.stop)

    def _rescored(self, ranked: Ranked, collapsed: Collapsed, scorer: Scorer, window: int) -> Ranked:
        """Put the first hits in order anew; of each group of near-duplicates the best is shown then too."""
        head = ranked.part(0, window)
        others = [other for place in head.places() for other in collapsed.others(place)] if collapsed.groups else []
        if others:
            head = Ranked.join([head, self._scored(others[:window], scorer)])
        scores = head.scores.copy()
        for number in range(len(self._segments)):
            own = slice(None) if len(self._segments) == 1 else (head.segments == number).nonzero()[0]
            scores[own] += scorer.rescorer.score(number, head.documents[own])
        head = self._in_order(head._replace(scores=scores), "relevance")
        if others:
            groups = [collapsed.group_of(place) for place in head.places()]
            head = head.take(
                np.array([i for i, group in enumerate(groups) if group is None or group not in groups[:i]])
            )
        return head if len(head.scores) == len(ranked.scores) else Ranked.join([head, ranked.part(window, None)])

    def _scored(self, places: Sequence[Place], scorer: Scorer) -> Ranked:
        """Return places with their scores, in no order."""
        segments, documents = np.array(places, np.intp).T
        scores = np.zeros(len(places), np.float32)
        for number in np.unique(segments).tolist():
            own = (segments == number).nonzero()[0]
            scores[own] = scorer.score(number, documents[own])
        return Ranked(segments, documents, scores)

    def _best(self, number: int, hits: Array, scorer: Scorer, sort: Sort, count: int) -> Ranked:
        """Return the first hits of a segment in order."""
        segment = self._segments[number]
        if kernel.compiled and sort == "relevance" and count <= HEAPED:
            documents, scores = best(segment, hits, scorer.score(number, hits), count)
        else:
            order = Order(segment, hits, None if scorer.browses else partial(scorer.score, number), sort)
            documents, scores = order.first(slice(count))
        return Ranked(np.full(len(documents), number, np.intp), documents, scores)

    def _in_order(self, ranked: Ranked, sort: Sort) -> Ranked:
        """Return hits in their total order."""
        if sort == "relevance" and len(self._segments) == 1:
            newest = self._segments[0].arrays["newest"].take(ranked.documents)
            return ranked.take(np.lexsort((newest, -ranked.scores)))
        keys = []
        for (number, document), score in zip(ranked.places(), ranked.scores.tolist(), strict=True):
            segment = self._segments[number]
            keys.append(_order(sort, score, int(segment.arrays["dates"][document]), segment.id_of(document)))
        return ranked.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp))


Filters = Mapping[str, tuple[str, ...]]


class Ranked(NamedTuple):
    """Hits in order: the number of a segment, a document of it, and its score (columns of one item a hit)."""

    segments: Array
    documents: Array
    scores: Array

    @classmethod
    def join(cls, pieces: Sequence[Ranked]) -> Ranked:
        """Put several one after the other."""
        return cls(*map(np.concatenate, zip(*pieces, strict=True)))

    def take(self, index: Array) -> Ranked:
        """Return some hits."""
        return Ranked(*(column.take(index) for column in self))

    def part(self, begin: int, end: int | None) -> Ranked:
        """Return a range of hits."""
        if begin == 0 and (end is None or end >= len(self.scores)):
            return self
        return Ranked(*[column[begin:end].copy() for column in self])

    def places(self) -> list[Place]:
        """Return where each hit is."""
        return list(zip(self.segments.tolist(), self.documents.tolist(), strict=True))


NO_HITS = Ranked(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32))


def _contributions(parts: Iterable[Part]) -> tuple[Contribution, ...]:
    """Return the parts of one hit's score, largest first."""
    found = (Contribution(part.what, part.where, float(part.scores[0])) for part in parts)
    return tuple(sorted(found, key=lambda part: -part.score))


def _added(found: Sequence[dict[str, dict[str, int]]], filters: Filters) -> dict[str, dict[str, int]]:
    """Return the counts of all segments in one; a value that is filtered by is there also at 0."""
    counts = found[0] if len(found) == 1 else {key: {} for key in FACET_KEYS}
    for of_segment in found if len(found) > 1 else ():
        for key, values in of_segment.items():
            for value, count in values.items():
                counts[key][value] = counts[key].get(value, 0) + count
    for key, chosen in filters.items():
        for value in chosen:
            counts[key].setdefault(value, 0)
    return counts


def _order(sort: Sort, score: float, day: int, article_id: str) -> tuple[float | str, ...]:
    """Return what hits are ordered by, ascending. Twin of `ordering.Order`, which orders within a segment."""
    undated = day == UNDATED
    match sort:
        case "relevance":
            return -score, undated, -day, article_id
        case "newest":
            return undated, -day, -score, article_id
        case "oldest":
            return undated, day, -score, article_id
