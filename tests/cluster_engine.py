"""The engine on a cluster among those of `engines.py`, where `YIBAO_CLUSTER` holds the address of one (`make cluster`).

Making an index takes a cluster half a second, so one whose engine is gone is emptied and used again.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from search.engines.contract import Engine, Index
from search.engines.opensearch import index_at
from search.engines.opensearch.address import read_address
from search.engines.opensearch.cluster import Cluster, line
from search.engines.opensearch.place import BuildPlace
from search.engines.opensearch.writing import ClusterDraft
from search.facets import FACETS
from search.identity import rules_of
from search.model import Article

ADDRESS = os.environ.get("YIBAO_CLUSTER", "")
"""`host:port,host:port`, or empty."""
_numbers = count()
_free: list[ReusedPlace] = []


def address(name: str) -> str:
    """An address of an index of this process."""
    return f"opensearch://{ADDRESS}/test-{os.getpid()}-{name}"


def index_in_cluster(folder: Path) -> Index:
    """One without copies: there is nothing to be lost, and less to wait for."""
    return index_at(f"{address(sha256(str(folder).encode()).hexdigest()[:12])}?replicas=0&shards=2")


class ReusedPlace(BuildPlace):
    """A place whose index is emptied, not made, if there is one."""

    def create(self, articles: dict[str, Any]) -> None:
        if self.build_id in _made:
            found = self.cluster.search(self.index, {"query": {"match_all": {}}, "size": 10_000, "_source": False})
            self.bulk(line({"delete": {"_id": hit["_id"]}}) for hit in found["hits"]["hits"])
        else:
            _made.add(self.build_id)
            super().create(articles)


_made: set[str] = set()


def opensearch(folder: Path, articles: list[Article], groups: Iterable[Sequence[str]] = ()) -> Engine:
    """Three shards of three nodes."""
    place = _free.pop() if _free else ReusedPlace(Cluster(read_address(address("engines"))), str(next(_numbers)))
    draft = ClusterDraft(place, rules_of(), FACETS, lambda spare: None)
    try:
        draft.write([draft.part_maker()(0, articles)] if articles else [], lambda done: None)
        draft.group(groups)
        engine = draft.open()
    finally:
        draft.close()
    weakref.finalize(engine, _free.append, place)
    return engine
