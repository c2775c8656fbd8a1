"""What readers are told while nodes are lost and come back: the same answers, or that there is none now."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from web import records

from search import EngineUnavailable, answer, open_current, query_from, reindex
from webui import Settings, create_app

from .asking import QUESTIONS, answers, ask, asked_by
from .nodes import Cluster
from .sources import write_source

_numbers = count()


@pytest.fixture
def address(cluster: Cluster, tmp_path: Path) -> str:
    """An index of its own in the cluster. How soon a busy machine answers is no matter here: it is given a minute."""
    address = f"opensearch://{cluster.addresses}/losses-{next(_numbers)}?timeout=60"
    reindex([write_source(tmp_path / "source", records())], address, workers=0)
    return address


@pytest.fixture
def app(address: str) -> Flask:
    return create_app(Settings(address))


def test_a_node_is_killed_and_nobody_notices(cluster: Cluster, app: Flask) -> None:
    expected = answers(app)
    with asked_by(8, app, expected) as told:
        cluster.nodes[1].kill()
        cluster.wait(nodes=2, status=("yellow", "green"))
        cluster.nodes[1].start()
        cluster.wait()
    assert told.wrong == []
    assert told.statuses.keys() == {200} and told.statuses.total() >= 8 * len(QUESTIONS)
    assert answers(app) == expected


def test_of_two_or_three_nodes_killed_readers_are_told_and_all_is_as_before(cluster: Cluster, app: Flask) -> None:
    expected = answers(app)
    with asked_by(4, app, expected, allowed=(200, 503)) as told:
        for node in cluster.nodes[:2]:
            node.kill()
        statuses = {question: ask(app, question) for question in QUESTIONS}
        cluster.nodes[2].kill()
        refusal, page = (app.test_client().get(path) for path in ("/api/v1/search?q=医保", "/?q=医保"))
        cluster.heal()
    assert told.wrong == []
    assert (refusal.status_code, page.status_code) == (503, 503)
    assert int(refusal.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in page.text + refusal.text
    # What needs no more than the node that is left may be answered, and then rightly.
    assert {status for status, _ in statuses.values()} <= {200, 503}
    assert 503 in {status for status, _ in statuses.values()}
    refused = next(answer for status, answer in statuses.values() if status == 503)
    assert isinstance(refused, dict) and refused["code"] == "engine-unavailable"
    assert answers(app) == expected


def test_a_shard_without_a_copy_is_told_not_left_out(cluster: Cluster, tmp_path: Path) -> None:
    address = f"opensearch://{cluster.addresses}/single-{next(_numbers)}?replicas=0"
    reindex([write_source(tmp_path / "source", records())], address, workers=0)
    build = open_current(address)
    asked = query_from({"q": ["缴费"]})
    total = answer(build, asked).total
    assert total > 0
    names = {node.name: node for node in cluster.nodes}
    shards = cluster.get("_cat/shards/single-*?format=json&h=index,shard,node")
    holders = {shard["node"] for shard in shards if not shard["index"].endswith(("-kept", "-control"))}
    names[min(holders)].kill()
    for _ in range(5):
        with pytest.raises(EngineUnavailable):
            answer(build, asked)
    cluster.heal()
    assert answer(build, asked).total == total
