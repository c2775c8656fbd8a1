"""A build that is open on a day: what is known of it here, and what is asked of the cluster."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock

from ...arrays import Array, Scores
from ...facets.status import STATUS, STATUSES
from ...retrieval.bm25 import norms
from ...retrieval.validity import CODES
from .cluster import Answer, Cluster
from .queries import Conditions, Json, Norms
from .statistics import Group, Statistics
from .validity import steps_of

REMEMBERED = 20_000
"""So many answers of a build are remembered: how much a query finds. A build never changes, so they stay true."""


@dataclass(frozen=True, slots=True)
class Question:
    """How many articles a query finds; with `sums`, how many it gives a score that is no less than each (falling)."""

    query: Json
    sums: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same question."""
        return json.dumps((self.query, self.sums), ensure_ascii=False)

    def body(self) -> Json:
        """Return the search that answers it."""
        if not self.sums:
            return {"query": self.query, "size": 0, "track_total_hits": True}
        ranges = [{"key": str(number), "from": least} for number, least in enumerate(self.sums)]
        reached = {"range": {"script": {"source": "_score"}, "ranges": ranges, "keyed": True}}
        return {"query": self.query, "size": 0, "track_total_hits": False, "aggs": {"reached": reached}}

    def read(self, found: Answer) -> tuple[int, ...]:
        """Return what an answer says: one number, or one for each of the sums."""
        if not self.sums:
            return (int(found["hits"]["total"]["value"]),)
        buckets = found["aggregations"]["reached"]["buckets"]
        return tuple(int(buckets[str(number)]["doc_count"]) for number in range(len(self.sums)))


class Remembered:
    """The latest answers by the key of their question. Thread-safe."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    def get(self, key: str) -> tuple[int, ...] | None:
        """Return an answer, None if it is not remembered."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: tuple[int, ...]) -> None:
        """Remember an answer, and forget the one that was asked for longest ago if there are too many."""
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)


@dataclass(frozen=True)
class Opened:
    """A build on a day. `facets` are the keys of those that are stored."""

    cluster: Cluster
    index: str
    facets: tuple[str, ...]
    statistics: Statistics
    day: date
    _remembered: Remembered = field(default_factory=Remembered, compare=False, repr=False)

    def on(self, day: date) -> Opened:
        """Return the same build on another day."""
        return Opened(self.cluster, self.index, self.facets, self.statistics, day)

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

    def known(self, question: Question) -> tuple[int, ...] | None:
        """Return the answer to a question if it was asked before."""
        return self._remembered.get(question.key)

    def ask(self, questions: Iterable[Question]) -> list[tuple[int, ...]]:
        """Return the answers to questions: those not known yet in one request."""
        asked = [*questions]
        answers = [*map(self.known, asked)]
        new = {question.key: question for question, answer in zip(asked, answers, strict=True) if answer is None}
        found = self.search_many([question.body() for question in new.values()])
        told = {key: question.read(one) for (key, question), one in zip(new.items(), found, strict=True)}
        for key, answer in told.items():
            self._remembered.put(key, answer)
        return [told[one.key] if answer is None else answer for one, answer in zip(asked, answers, strict=True)]

    def counts(self, queries: Iterable[Json]) -> list[int]:
        """Return how many articles each query finds."""
        return [answer[0] for answer in self.ask(map(Question, queries))]


def status_counts(conditions: Conditions) -> Json:
    """Return the aggregation that counts the statuses."""
    by = {status: conditions.has_status(status) for status in STATUSES}
    return {"filter": {"term": {"has_status": True}}, "aggs": {"by": {"filters": {"filters": by}}}}
