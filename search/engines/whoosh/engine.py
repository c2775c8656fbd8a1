"""The engine: one finished build directory, opened for reading. Immutable after `open`, so threads may share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import ranking
from ...errors import IndexOutdated
from ...facets import FACET_KEYS
from ...model import Article, Contribution, IndexInfo, Match, Matches, Parsed, Query, Sort
from ...text import fingerprint
from .batch import Array
from .collapse import Collapsed, Groups
from .counting import Filtered, within_dates
from .layout import UNDATED, read_info
from .library import check_version
from .ordering import Order
from .plan import Plan, make_plan
from .scoring import Scorer
from .segment import Segment, open_segments
from .statistics import Part, Statistics
from .vocabulary import vocabulary


class WhooshEngine:
    """`search.engine.Engine` over the arrays of a Whoosh index."""

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
        counts: dict[str, dict[str, int]] = {key: dict.fromkeys(query.filters.get(key, ()), 0) for key in FACET_KEYS}
        collapsed = self._collapsed(plan, scorer, sort, query)
        hits: list[Array] = []
        for segment, matches in zip(self._segments, collapsed.matches, strict=True):
            filtered = Filtered(segment, matches, query.filters)
            for key, found in filtered.counts().items():
                _add(counts[key], found)
            hits.append(filtered.hits)
        total = sum(map(len, hits))
        window = ranking.RESCORE_WINDOW if sort == "relevance" and scorer.rescores else 0
        page = self._page(hits, scorer, sort, slice(begin, end), window) if begin < total else NO_HITS
        shown = tuple(
            Match(
                segment.id_of(document),
                score,
                self._behind(collapsed, number, document),
                _contributions(scorer.explain(number, document, rank < window)) if query.explain else (),
            )
            for rank, (number, segment, document, score) in enumerate(self._each(page), begin)
        )
        return Matches(total, shown, counts, plan.optional, plan.missing)

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

    def _behind(self, collapsed: Collapsed, number: int, document: int) -> tuple[str, ...]:
        """Return the ids of what was collapsed into a hit."""
        return tuple(self._segments[other].id_of(one) for other, one in collapsed.behind(number, document))

    def _page(self, hits: Sequence[Array], scorer: Scorer, sort: Sort, part: slice, window: int) -> Ranked:
        """Return a part of the hits of all segments in their total order.

        The best `window` of them are put in order anew. Nothing is taken from their scores, so they stay before all
        others.
        """
        begin, end = part.start, part.stop
        window = window if begin < window else 0
        found = [number for number, segment_hits in enumerate(hits) if len(segment_hits)]
        best = [self._best(number, hits[number], scorer, sort, max(end, window)) for number in found]
        ranked = best[0] if len(best) == 1 else self._in_order(Ranked.join(best), sort).part(0, max(end, window))
        if window:
            head = ranked.part(0, window)
            for number in found:
                own = (head.segments == number).nonzero()[0]
                head.scores[own] += scorer.rescorer.score(number, head.documents.take(own))
            ranked = Ranked.join([self._in_order(head, sort), ranked.part(window, None)])
        return ranked.part(begin, end)

    def _best(self, number: int, hits: Array, scorer: Scorer, sort: Sort, count: int) -> Ranked:
        """Return the first hits of a segment in order."""
        order = Order(self._segments[number], hits, None if scorer.browses else partial(scorer.score, number), sort)
        documents, scores = order.first(slice(count))
        return Ranked(np.full(len(documents), number), documents, scores)

    def _in_order(self, ranked: Ranked, sort: Sort) -> Ranked:
        """Return hits in their total order."""
        if sort == "relevance" and len(self._segments) == 1:
            newest = self._segments[0].arrays["newest"].take(ranked.documents)
            return ranked.take(np.lexsort((newest, -ranked.scores)))
        keys = [
            _order(sort, score, int(segment.arrays["dates"][document]), segment.id_of(document))
            for _, segment, document, score in self._each(ranked)
        ]
        return ranked.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp))

    def _each(self, ranked: Ranked) -> Iterator[tuple[int, Segment, int, float]]:
        for number, document, score in zip(*(column.tolist() for column in ranked), strict=True):
            yield number, self._segments[number], document, score


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
        """Return a copy of a range of hits."""
        return Ranked(*(column[begin:end].copy() for column in self))


NO_HITS = Ranked(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32))


def _contributions(parts: Iterable[Part]) -> tuple[Contribution, ...]:
    """Return the parts of one hit's score, largest first."""
    found = (Contribution(part.what, part.where, float(part.scores[0])) for part in parts)
    return tuple(sorted(found, key=lambda part: -part.score))


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    if counts:
        for value, count in more.items():
            counts[value] = counts.get(value, 0) + count
    else:
        counts.update(more)


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
