"""The engine: one finished build in a cluster, opened for reading. Threads may share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ...errors import IndexDamaged
from ...model import Article, IndexInfo, Parsed
from ..contract import Engine
from .candidates import ClusterLookup
from .cluster import Cluster
from .documents import article_of, key_of
from .kept import Folder
from .opened import Opened

AT_ONCE = 500
"""So many stored articles are fetched in one request."""


class ClusterEngine(Engine):
    """`search.engines.contract.Engine` over an index of a cluster."""

    def __init__(self, info: IndexInfo, build: Opened, folder: Folder) -> None:
        self.info = info
        self.day = build.day
        self._build = build
        self._folder = folder

    def on(self, day: date) -> ClusterEngine:
        """Return the same build as it is on another day."""
        return ClusterEngine(self.info, self._build.on(day), self._folder)

    @property
    def build(self) -> Opened:
        """The build, for what checks and changes it."""
        return self._build

    def look_up(self, parsed: Parsed) -> ClusterLookup:
        """Look up the clauses of a query."""
        return ClusterLookup(parsed, self._build)

    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""
        return next(self._some([article_id]), None)

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        """Return the stored articles in the order asked for. KeyError if one does not exist."""
        asked = [*article_ids]
        found = {article.id: article for article in self._some(asked)}
        return [found[article_id] for article_id in asked]

    def stored(self, article_ids: Iterable[str]) -> Iterator[Article]:
        """Yield those of some articles that there are, as they were given: without what is derived from a day."""
        return stored(self._build.cluster, self._build.index, article_ids)

    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id. As a build does not change, the last one tells where to go on."""
        body: dict[str, Any] = {
            "query": {"match_all": {}},
            "sort": [{"id": "asc"}],
            "size": AT_ONCE,
            "track_total_hits": False,
        }
        while hits := self._build.search(body)["hits"]["hits"]:
            for hit in hits:
                yield article_of(hit["_source"], self.day)
            body["search_after"] = hits[-1]["sort"]

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the index with the number of articles that hold it, in order of code points."""
        return iter(self._build.statistics.terms["words"])

    def attachment(self, name: str) -> Path:
        """Return a file that is kept with the build, fetched when it is asked for first."""
        return self._folder.file(name)

    def close(self) -> None:
        """Release the index. Idempotent; connections are shared by all that is open at an address, and stay."""

    def check(self) -> None:
        """Compare what the cluster holds with what was written. Raises IndexDamaged."""
        known = self._build.statistics
        names = ("words_length", "bigrams_length")
        sums = {name: {"sum": {"field": name}} for name in names}
        body = {"query": {"match_all": {}}, "size": 0, "track_total_hits": True, "aggs": sums}
        found = self._build.search(body)
        held = found["hits"]["total"]["value"], *(int(found["aggregations"][name]["value"]) for name in names)
        if held != (known.documents, known.words_length, known.bigrams_length):
            raise IndexDamaged(f"{self._build.index} does not hold what was written: {held[0]} articles")

    def _some(self, article_ids: Sequence[str]) -> Iterator[Article]:
        """Yield those of some articles that there are."""
        for source in sources(self._build.cluster, self._build.index, article_ids):
            yield article_of(source, self.day)


def stored(cluster: Cluster, index: str, article_ids: Iterable[str]) -> Iterator[Article]:
    """Yield those of some articles that an index holds, as they were given."""
    for source in sources(cluster, index, [*article_ids]):
        yield article_of(source)


def sources(cluster: Cluster, index: str, article_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what an index stores of those of some articles that it holds."""
    for begin in range(0, len(article_ids), AT_ONCE):
        yield from cluster.documents(index, [*map(key_of, article_ids[begin : begin + AT_ONCE])])
