"""One writer at a time, across machines; and one that is killed leaves the old build or the new one, whole."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from web import records

from search import FACETS, EngineUnavailable, IndexBusy, SearchError, reindex
from search.clock import now
from search.engines.opensearch.address import read_address
from search.engines.opensearch.cluster import Cluster as Connections
from search.engines.opensearch.cluster import line
from search.engines.opensearch.control import LEASE, Control, State
from search.engines.opensearch.index import ClusterIndex
from search.engines.opensearch.mapping import articles_index
from search.engines.opensearch.place import BuildPlace
from search.identity import rules_of

from .nodes import Cluster
from .sources import write_source
from .writers import indexes, outcomes

KILLS = 4


@pytest.fixture
def address(cluster: Cluster) -> str:
    return f"opensearch://{cluster.addresses}/writers"


def later(address: str) -> ClusterIndex:
    """The index as a machine sees it when the lease of any writer of now is over."""
    return ClusterIndex(read_address(address), clock=lambda: time.time() + LEASE + 1)


def test_a_second_writer_is_refused_and_told_who_writes(address: str, tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", records())
    reindex([source], address, workers=0)
    before = indexes(address)
    with ClusterIndex(read_address(address)).writing(now(), rules_of(), FACETS):
        with pytest.raises(IndexBusy, match=r"another reindex \(.+\) is writing opensearch://"):
            reindex([source], address, workers=0)
        assert indexes(address) == before
    reindex([source], address, workers=0)


def test_one_whose_lease_was_taken_over_cannot_switch(address: str, tmp_path: Path) -> None:
    reindex([write_source(tmp_path / "source", records())], address, workers=0)
    slow, next_one = ClusterIndex(read_address(address)), later(address)
    served = slow.live()
    # Either its place is told to be lost, or its build, which the other one removed.
    told = pytest.raises(SearchError, match=r"another one began to write|is there no more")
    with told, slow.writing(now(), rules_of(), FACETS) as draft:
        draft.again(served)
        with next_one.writing(now(), rules_of(), FACETS) as second:
            second.again(served)
            second.activate()
        draft.activate()
    assert slow.live() == second.build_id
    assert not [name for name in indexes(address) if draft.build_id in name]


def test_what_was_left_unfinished_stays_named_until_it_is_removed(address: str, tmp_path: Path) -> None:
    """Whoever holds the place without writing (a repair) may need it; the next writer does not."""
    reindex([write_source(tmp_path / "source", records())], address, workers=0)
    dead, before = ClusterIndex(read_address(address)), indexes(address)
    with dead.writing(now(), rules_of(), FACETS) as draft:
        draft.again(dead.live())
        unfinished = [name for name in indexes(address) if draft.build_id in name]
        with later(address).alone():
            pass
        assert [name for name in indexes(address) if draft.build_id in name] == unfinished != []
        with later(address).writing(now(), rules_of(), FACETS):
            assert indexes(address) == before
    assert indexes(address) == before


def test_what_is_sent_to_an_index_that_was_removed_makes_no_new_one(address: str, tmp_path: Path) -> None:
    cluster = Connections(read_address(address))
    control = Control(cluster)
    seen = control.change(control.read(), State(live="a"))
    place = BuildPlace(cluster, "20261130-000000-00000000")
    place.create(articles_index(cluster.address, ()))
    place.bulk([line({"index": {"_id": "a"}}, b"{}")])
    place.kept.tell("a", {})
    place.remove()
    with pytest.raises(EngineUnavailable, match="is there no more"):
        place.bulk([line({"index": {"_id": "a"}}, b"{}")])
    with pytest.raises(EngineUnavailable, match="is there no more"):
        place.kept.tell("a", {})
    cluster.request("DELETE", f"/{cluster.address.prefix}-control")
    with pytest.raises(EngineUnavailable, match="is there no more"):
        control.change(seen, State(live="b"))
    assert indexes(address) == []


def test_a_killed_writer_leaves_one_build_or_the_other(address: str, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    found = list(outcomes(f"{address}-killed", tmp_path, KILLS, seed))
    assert [one for one in found if one.problems] == [], f"seed {seed}"
    assert len(found) == KILLS
