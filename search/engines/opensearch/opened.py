"""A build that is open on a day: what is known of it here, and what is asked of the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ...arrays import Array, Scores
from ...facets.status import STATUS, STATUSES
from ...retrieval.bm25 import norms
from ...retrieval.validity import CODES
from .cluster import Answer, Cluster
from .queries import Conditions, Json, Norms
from .statistics import Group, Statistics
from .validity import steps_of


@dataclass(frozen=True)
class Opened:
    """A build on a day. `facets` are the keys of those that are stored."""

    cluster: Cluster
    index: str
    facets: tuple[str, ...]
    statistics: Statistics
    day: date

    @cached_property
    def conditions(self) -> Conditions:
        """Conditions on its facets."""
        return Conditions(frozenset(self.facets), self.day)

    @cached_property
    def norms(self) -> Norms:
        """What frequencies are compared with."""
        known = self.statistics
        return Norms.of(known.documents, known.words_length, known.bigrams_length)

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The groups of near-duplicates by name, with their status among their facets."""
        known = self.statistics
        first = {group.ids[0]: group for group in known.groups}
        steps = steps_of(known.valid) if first else {}
        found = {}
        for article_id, group in first.items():
            code = 0
            for step in steps.get(article_id, ()):
                code = step.code if step.day <= self.day.toordinal() else code
            status = {STATUS.key: (CODES[code],)} if code else {}
            found[group.name] = Group(group.name, group.ids, {**group.facets, **status})
        return found

    def bigram_norms(self, lengths: Array) -> Scores:
        """Return the BM25 norms of articles of these lengths."""
        known = self.statistics
        return norms(lengths, known.bigrams_length / max(known.documents, 1))

    def search(self, body: Json) -> Answer:
        """Return the answer of the whole build to a search."""
        return self.cluster.search(self.index, body)

    def search_many(self, bodies: Sequence[Json]) -> list[Answer]:
        """Return the answers to several searches."""
        return self.cluster.search_many(self.index, bodies)

    def counts(self, queries: Sequence[Json]) -> list[int]:
        """Return how many articles each query finds."""
        bodies = [{"query": query, "size": 0, "track_total_hits": True} for query in queries]
        return [int(found["hits"]["total"]["value"]) for found in self.search_many(bodies)]

    def reached(self, scored: Json, sums: Sequence[float]) -> list[int]:
        """Return for each of falling sums how many articles a query gives a score that is no less."""
        ranges = [{"key": str(number), "from": least} for number, least in enumerate(sums)]
        body = {
            "query": scored,
            "size": 0,
            "track_total_hits": False,
            "aggs": {"reached": {"range": {"script": {"source": "_score"}, "ranges": ranges, "keyed": True}}},
        }
        found = self.search(body)["aggregations"]["reached"]["buckets"]
        return [int(found[str(number)]["doc_count"]) for number in range(len(sums))]


def status_counts(conditions: Conditions) -> Json:
    """Return the aggregation that counts the statuses."""
    by = {status: conditions.has_status(status) for status in STATUSES}
    return {"filter": {"term": {"has_status": True}}, "aggs": {"by": {"filters": {"filters": by}}}}
