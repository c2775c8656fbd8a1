"""What a query finds in the segments of an index: `search.retrieval.candidates.Lookup`.

A document's number is that in its segment, behind those of the segments before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np

from ... import kernel
from ...arrays import Array, Hits, Scores
from ...model import Matches, Parsed, Sort
from ...retrieval.candidates import NOTHING, Candidates, Ranked, Selection, Tally
from ...retrieval.plan import Plan
from ...retrieval.rescoring import Window
from ...retrieval.scoring import FLAT, ScorePart, Scoring
from .collapse import Collapsed, Groups
from .counting import Filtered
from .layout import UNDATED
from .lookup import ClauseLookup, Found
from .ordering import HEAPED, Order
from .scoring import CollectionStatistics, Scorer, window
from .segment import Segment

Counts = dict[str, dict[str, int]]


class WhooshLookup(ClauseLookup):
    """One query in one index; not shared by threads."""

    def __init__(
        self,
        parsed: Parsed,
        segments: Sequence[Segment],
        collection: CollectionStatistics,
        groups: Groups,
        facets: Sequence[str],
    ) -> None:
        super().__init__(parsed, segments, collection.documents)
        self._collection = collection
        self._groups = groups
        self._facets = facets
        self.bases = [0, *np.cumsum([segment.documents for segment in segments]).tolist()]

    def candidates(self, plan: Plan, scoring: Scoring, selection: Selection, first: int, last: int) -> Candidates:
        """See `search.retrieval.candidates.Lookup`."""
        scorer = self._scorer_of(scoring)
        collapsed = self._collapsed(plan, scorer, selection)
        filtered = [Filtered(*one, selection.filters) for one in zip(self.segments, collapsed.matches, strict=True)]
        hits = [one.hits for one in filtered]
        total = sum(map(len, hits))
        ranked = self._ranked(hits, scorer, selection.sort, last) if first < total else NOTHING
        counts = self._added([one.counts() for one in filtered], selection.filters)
        groups = None if collapsed.groups is None else _GlobalGroups(collapsed, self)
        return Candidates(total, ranked, counts, self.lacking(plan, hits), groups)

    def tally(self, plan: Plan, selections: Sequence[Selection]) -> list[Tally]:
        """See `search.retrieval.candidates.Lookup`."""
        known: dict[tuple[object, ...], Collapsed] = {}
        tallies = []
        for one in selections:
            # Which of several near-duplicates stands for all makes no difference to a count.
            key = one.date_from, one.date_to, one.collapse
            if key not in known:
                whole = Selection({}, one.date_from, one.date_to, "newest", one.collapse)
                known[key] = self._collapsed(plan, self._scorer_of(FLAT), whole)
            filtered = [Filtered(*each, one.filters) for each in zip(self.segments, known[key].matches, strict=True)]
            counts = self._added([each.counts() for each in filtered], one.filters)
            hits = [each.hits for each in filtered]
            matches = Matches(sum(map(len, hits)), (), counts, self.lacking(plan, hits), plan.missing)
            tallies.append(Tally(matches, self._newest(hits)))
        return tallies

    def score(self, scoring: Scoring, documents: Hits) -> Scores:
        """See `search.retrieval.candidates.Lookup`."""
        scorer = self._scorer_of(scoring)
        scores = np.zeros(len(documents), np.float32)
        for number, own, hits in self.by_segment(documents):
            scores[own] = scorer.score(number, hits)
        return scores

    def parts(self, scoring: Scoring, document: int) -> list[ScorePart]:
        """See `search.retrieval.candidates.Lookup`."""
        return self._scorer_of(scoring).parts(*self.place(document))

    def windows(self, documents: Hits) -> Iterator[tuple[Array | slice, Window]]:
        """See `search.retrieval.candidates.Lookup`."""
        for number, own, hits in self.by_segment(documents):
            yield own, window(self.segments[number], number, hits, self._collection)

    def in_order(self, ranked: Ranked) -> Ranked:
        """See `search.retrieval.candidates.Lookup`."""
        return self._in_order(ranked, "relevance")

    def ids(self, documents: Hits) -> list[str]:
        """See `search.retrieval.candidates.Lookup`."""
        if len(self.segments) == 1:
            return self.segments[0].ids_of(documents)
        return [self.segments[number].id_of(document) for number, document in map(self.place, documents.tolist())]

    def find(self, plan: Plan, article_id: str) -> int | None:
        """See `search.retrieval.candidates.Lookup`."""
        for number, (segment, hits) in enumerate(zip(self.segments, self.matches(plan), strict=True)):
            document = segment.find_id(article_id)
            if document is not None:
                return self.bases[number] + document if document in hits else None
        return None

    def _scorer_of(self, scoring: Scoring) -> Scorer:
        # Not kept: two objects that hold each other would stay, segments and all, until garbage collection.
        return Scorer(scoring, self, self._collection)

    def _collapsed(self, plan: Plan, scorer: Scorer, selection: Selection) -> Collapsed:
        """Return what matches, facet filters aside, near-duplicates collapsed if that is asked for."""
        matches = self.matches(plan)
        if selection.date_from or selection.date_to:
            within = (selection.date_from, selection.date_to)
            matches = [
                hits.compress(segment.within_dates(*within, hits))
                for segment, hits in zip(self.segments, matches, strict=True)
            ]
        if not selection.collapse:
            return Collapsed(tuple(matches))
        return self._groups.collapse(matches, None if scorer.scoring.is_flat else scorer.score, selection.sort)

    def _ranked(self, hits: Found, scorer: Scorer, sort: Sort, count: int) -> Ranked:
        """Return the first hits of all segments in their total order."""
        pieces = [
            self._best(number, hits[number], scorer, sort, count) for number in range(len(hits)) if len(hits[number])
        ]
        return pieces[0] if len(pieces) == 1 else self._in_order(Ranked.join(pieces), sort).part(0, count)

    def _best(self, number: int, hits: Hits, scorer: Scorer, sort: Sort, count: int) -> Ranked:
        """Return the first hits of a segment in order."""
        segment = self.segments[number]
        if sort == "relevance" and count <= HEAPED:
            scores = scorer.score(number, hits)
            first = kernel.loops.top(scores, segment.arrays["newest"], hits, count)
            documents, scores = hits.take(first), scores.take(first)
        else:
            order = Order(segment, hits, None if scorer.scoring.is_flat else partial(scorer.score, number), sort)
            documents, scores = order.first(slice(count))
        return Ranked(documents + self.bases[number] if number else documents, scores)

    def _in_order(self, ranked: Ranked, sort: Sort) -> Ranked:
        """Return documents in their total order."""
        if sort == "relevance" and len(self.segments) == 1:
            newest = self.segments[0].arrays["newest"].take(ranked.documents)
            return ranked.take(np.lexsort((newest, -ranked.scores)))
        keys = []
        for document, score in zip(ranked.documents.tolist(), ranked.scores.tolist(), strict=True):
            number, local = self.place(document)
            segment = self.segments[number]
            keys.append(_order(sort, score, int(segment.arrays["dates"][local]), segment.id_of(local)))
        return ranked.take(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.intp))

    def _added(self, found: Sequence[Counts], filters: Mapping[str, tuple[str, ...]]) -> Counts:
        """Return the counts of all segments in one; a value that is filtered by is there also at 0."""
        counts = found[0] if found else {key: {} for key in self._facets}
        for of_segment in found[1:]:
            for key, values in of_segment.items():
                for value, count in values.items():
                    counts[key][value] = counts[key].get(value, 0) + count
        for key, chosen in filters.items():
            for value in chosen:
                counts[key].setdefault(value, 0)
        return counts

    def _newest(self, hits: Found) -> date | None:
        days = [int(s.arrays["dates"].take(h).max()) for s, h in zip(self.segments, hits, strict=True) if len(h)]
        newest = max(days, default=UNDATED)
        return date.fromordinal(newest) if newest != UNDATED else None

    def place(self, document: int) -> tuple[int, int]:
        """Return the number of a document's segment, and its number there."""
        number = next(number for number, end in enumerate(self.bases[1:]) if document < end)
        return number, document - self.bases[number]

    def by_segment(self, documents: Hits) -> Iterator[tuple[int, Array | slice, Hits]]:
        """Yield for each segment its number, which of the documents are its own, and their numbers there."""
        if len(self.segments) == 1:
            yield 0, slice(None), documents
            return
        for number, (begin, end) in enumerate(zip(self.bases, self.bases[1:], strict=False)):
            own = ((documents >= begin) & (documents < end)).nonzero()[0]
            if len(own):
                yield number, own, documents.take(own) - begin


class _GlobalGroups:
    """`search.retrieval.candidates.CollapsedGroups` over what was collapsed."""

    def __init__(self, collapsed: Collapsed, lookup: WhooshLookup) -> None:
        self._collapsed = collapsed
        self._lookup = lookup

    def of(self, documents: Hits) -> Hits:
        """Return the group of each document, -1 for one that is in none."""
        found = np.empty(len(documents), np.intp)
        for number, own, hits in self._lookup.by_segment(documents):
            found[own] = self._collapsed.groups_of(number, hits)
        return found

    def others(self, document: int) -> list[int]:
        """Return the other matches of the group of a document, in the order of results."""
        bases = self._lookup.bases
        return [bases[number] + other for number, other in self._collapsed.others(self._lookup.place(document))]


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
