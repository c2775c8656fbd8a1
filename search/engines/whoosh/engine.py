"""The engine: one finished build directory, opened for reading. Immutable after `open`, so threads may share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from operator import itemgetter
from pathlib import Path

from ...errors import IndexOutdated
from ...facets import FACET_KEYS
from ...model import Article, Contribution, IndexInfo, Match, Matches, Parsed, Query, Sort
from ...text import fingerprint
from .batch import Array
from .counting import Filtered, within_dates
from .layout import UNDATED, read_deletions, read_info, segment_file
from .library import check_version
from .ordering import Order
from .plan import Plan, make_plan
from .scoring import Scorer, Statistics
from .segment import Segment
from .vocabulary import vocabulary


class WhooshEngine:
    """`search.engine.Engine` over the arrays of a Whoosh index."""

    def __init__(self, info: IndexInfo, directory: Path, segments: list[Segment]) -> None:
        self.info = info
        self.directory = directory
        self._segments = segments
        self._statistics = Statistics(segments)

    @classmethod
    def open(cls, build_dir: Path) -> WhooshEngine:
        """Open a build directory. Raises IndexMissing, IndexDamaged or IndexOutdated.

        Sizes and headers are checked, not every byte: that is `verify`. Reads no pickle.
        """
        check_version()
        info, entries = read_info(build_dir)
        if info.fingerprint != fingerprint():
            raise IndexOutdated("the index was built with other text rules (words, synonyms or folding changed)")
        segments = [
            Segment(build_dir / segment_file(entry.name), read_deletions(build_dir, entry)) for entry in entries
        ]
        return cls(info, build_dir, segments)

    def match(self, parsed: Parsed, query: Query) -> Matches:
        """Return the page of matches that `query` asks for. Past-the-end pages come back empty with the true total."""
        plan = make_plan(parsed, self._segments, self._statistics.documents)
        scorer = Scorer(plan, parsed, self._segments, self._statistics)
        sort: Sort = "newest" if plan.browse and query.sort == "relevance" else query.sort
        begin, end = (query.page - 1) * query.size, query.page * query.size
        counts: dict[str, dict[str, int]] = {key: dict.fromkeys(query.filters.get(key, ()), 0) for key in FACET_KEYS}
        hits: list[Array] = []
        for number in range(len(self._segments)):
            filtered = self._filtered(plan, number, query)
            for key, found in filtered.counts().items():
                _add(counts[key], found)
            hits.append(filtered.hits)
        total = sum(map(len, hits))
        page = self._page(hits, scorer, sort, begin, end) if begin < total else ()
        return Matches(total, page, counts, plan.optional, plan.missing)

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
        parts = Scorer(plan, parsed, self._segments, self._statistics).explain(number, document)
        contributions = [Contribution(part.what, part.where, float(part.scores[0])) for part in parts]
        return sorted(contributions, key=lambda part: -part.score)

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

    def _filtered(self, plan: Plan, number: int, query: Query) -> Filtered:
        segment = self._segments[number]
        matches = plan.match(number, segment)
        if query.date_from or query.date_to:
            matches = matches[within_dates(segment, query.date_from, query.date_to, matches)]
        return Filtered(segment, matches, query.filters)

    def _page(self, hits: Sequence[Array], scorer: Scorer, sort: Sort, begin: int, end: int) -> tuple[Match, ...]:
        """Return the hits `begin:end` of all segments in their total order."""
        found = [number for number, segment_hits in enumerate(hits) if len(segment_hits)]
        if len(found) == 1:
            return tuple(match for _, match in self._best(found[0], hits[found[0]], scorer, sort, slice(begin, end)))
        best_of_each = [self._best(number, hits[number], scorer, sort, slice(end)) for number in found]
        return tuple(match for _, match in islice(merge(*best_of_each, key=itemgetter(0)), begin, end))

    def _best(
        self, number: int, hits: Array, scorer: Scorer, sort: Sort, part: slice
    ) -> list[tuple[tuple[float | str, ...], Match]]:
        """Return a part of a segment's ordered hits, each with the key that orders hits of all segments."""
        segment = self._segments[number]
        order = Order(segment, hits, None if scorer.browses else partial(scorer.score, number), sort)
        documents, scores = order.first(part)
        dates = segment.arrays["dates"].take(documents).tolist()
        return [
            (_order(sort, score, day, article_id := segment.id_of(document)), Match(article_id, score))
            for document, score, day in zip(documents.tolist(), scores.tolist(), dates, strict=True)
        ]


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
