"""This project on a cluster (`make cluster`, its nodes in `YIBAO_CLUSTER`), scoring words only, as `yibao_engine` does.

What a build takes is taken by the nodes: the table of builds shows this side of it.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from search.clock import now
from search.engines.opensearch import ClusterIndex, index_at
from search.facets import FACETS
from search.identity import rules_of

from .opensearch_engine import NODES
from .yibao_engine import YibaoSearcher, articles, numbers, version

NAME = "yibao on OpenSearch"
TOGETHER = 2_000
"""Articles that are analysed at a time."""

__all__ = ["NAME", "build", "open", "version"]


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    with index_for(target).writing(now(), rules_of(), FACETS) as draft:
        make = draft.part_maker()
        source = articles(records)
        batches = enumerate(iter(lambda: [*islice(source, TOGETHER)], []))
        draft.write((make(number, batch) for number, batch in batches), lambda done: None)
        draft.group(())
        draft.activate()


def open(target: Path, records: Path) -> YibaoSearcher:
    index = index_for(target)
    return YibaoSearcher(index.open(index.live()), numbers(records))


def index_for(target: Path) -> ClusterIndex:
    """Return the index in the cluster that is called as a directory is."""
    return index_at(f"opensearch://{NODES}/{target.name}")
