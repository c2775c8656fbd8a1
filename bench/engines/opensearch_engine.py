"""OpenSearch by itself (`make cluster`, its nodes in `YIBAO_CLUSTER`): what its documentation says for facets.

Words and bigrams are cut beforehand, as a dictionary plugin would cut them, and split at blanks. One request lists and
counts: filters are post filters, each facet an aggregation under the filters of the others. Each shard scores by
statistics of its own, as is the default: scores are not compared. The request cache is off, as tasks are asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from search.engines.opensearch.address import read_address
from search.engines.opensearch.cluster import Cluster, line

from ..answers import Answer, Formula
from ..records import FACET_KEYS
from ..tasks import SIZE, Task
from ..tokens import bigrams, token_records

NAME = "OpenSearch"
NODES = os.environ.get("YIBAO_CLUSTER", "")
if not NODES:
    raise ImportError("YIBAO_CLUSTER names no nodes")
SETTINGS = {
    "number_of_shards": 3,
    "number_of_replicas": 1,
    "max_result_window": 100_000,
    "requests.cache.enable": False,
}
BLANKS = {"type": "text", "analyzer": "whitespace"}
FIELDS = {
    "number": {"type": "integer"},
    "day": {"type": "integer"},
    "title": {"type": "keyword", "index": False, "doc_values": False},
    "text": {"type": "keyword", "index": False, "doc_values": False},
    "words": {**BLANKS, "index_options": "freqs"},
    "bigrams": BLANKS,
    **{key: {"type": "keyword"} for key in FACET_KEYS},
}


def version() -> str:
    found: str = _cluster("any").request("GET", "/")["version"]["number"]
    return found


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    cluster = _cluster(target.name)
    cluster.request("DELETE", f"/{target.name}", ignore_unavailable=True)
    cluster.create(target.name, {"settings": {"index": SETTINGS}, "mappings": {"properties": FIELDS}})
    cluster.bulk(target.name, _documents(records, workers))
    cluster.request("POST", f"/{target.name}/_forcemerge", timeout=600, max_num_segments=1)
    cluster.request("POST", f"/{target.name}/_refresh")


def open(target: Path, records: Path) -> OpenSearchSearcher:
    return OpenSearchSearcher(_cluster(target.name), target.name)


def _cluster(name: str) -> Cluster:
    return Cluster(read_address(f"opensearch://{NODES}/{name}"))


def _documents(records: Path, workers: int) -> Iterator[bytes]:
    for cut in token_records(records, workers):
        record = cut.record
        facets = dict(zip(FACET_KEYS, record.facets, strict=True))
        named = {"number": record.number, "day": record.day, "title": record.title, "text": record.text}
        stored = {**named, "words": cut.words, "bigrams": cut.bigrams, **facets}
        yield line({"index": {"_id": record.id}}, json.dumps(stored, ensure_ascii=False).encode())


class OpenSearchSearcher:
    """An index of a cluster."""

    formula: Formula | None = None

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._index = index

    def run(self, task: Task) -> Any:
        return self._cluster.search(self._index, body(task))

    def answer(self, task: Task, raw: Any) -> Answer:
        hits = raw["hits"]["hits"]
        page = tuple((hit["fields"]["number"][0], hit["_score"] or 0.0) for hit in hits)
        counted = {key: raw["aggregations"][key]["values"]["buckets"] for key in FACET_KEYS}
        counts = {key: {row["key"]: row["doc_count"] for row in rows} for key, rows in counted.items()}
        return Answer(raw["hits"]["total"]["value"], page, counts)


def body(task: Task) -> dict[str, Any]:
    """Return the search that answers a task."""
    wanted = {key: {"terms": {key: list(values)}} for key, values in task.filters.items()}
    counts = {
        key: {
            "filter": {"bool": {"filter": [one for other, one in wanted.items() if other != key]}},
            "aggs": {"values": {"terms": {"field": key, "size": 1_000}}},
        }
        for key in FACET_KEYS
    }
    return {
        "query": _query(task),
        "post_filter": {"bool": {"filter": [*wanted.values()]}},
        "aggs": counts,
        "from": task.offset,
        "size": SIZE,
        "sort": [{"day": "desc"}] if task.newest else ["_score"],
        "track_scores": True,
        "track_total_hits": True,
        "_source": False,
        "docvalue_fields": ["number"],
    }


def _query(task: Task) -> dict[str, Any]:
    if task.phrase:
        return {"match_phrase": {"bigrams": " ".join(bigrams(task.phrase))}}
    return {"match": {"words": {"query": " ".join(task.words), "operator": "and" if task.rule == "all" else "or"}}}
