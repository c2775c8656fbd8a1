"""The contract of an index at an address: builds, the live one, its one writer; on every engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from engine_oracle import collections, parsed_queries, queries
from hypothesis import given
from hypothesis import strategies as st
from reference_index import MemoryIndex
from test_engine_properties import check

from search import FACETS
from search.engines.contract import Draft, Index
from search.engines.registry import ENGINES, index_at
from search.engines.whoosh import WhooshIndex
from search.errors import EngineUnknown, IndexBusy, IndexMissing
from search.identity import rules_of
from search.model import Article, Query
from search.query.grammar import parse

INDEXES: dict[str, Callable[[Path], Index]] = {
    "whoosh": WhooshIndex,
    "memory": lambda folder: MemoryIndex(f"memory://{folder}"),
}
if os.environ.get("YIBAO_CLUSTER"):
    from cluster_engine import index_in_cluster

    INDEXES["opensearch"] = index_in_cluster
"""So many histories are tried: a build takes a cluster a second, and here are three or more of each."""
NOW = datetime(2026, 11, 29, tzinfo=UTC)
_moments = count()


@pytest.fixture(params=INDEXES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    return INDEXES[request.param](tmp_path / "index")


@pytest.fixture(scope="module", params=INDEXES)
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """One that every example of a test goes on with."""
    return INDEXES[request.param](tmp_path_factory.mktemp("lasting") / "index")


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda fd: None)


def article(name: str, title: str = "门诊", **values: object) -> Article:
    return replace(Article(name, "article", title, f"{title}报销。"), **values)


def write(draft: Draft, articles: Sequence[Article]) -> None:
    """Write in parts of two."""
    part = draft.part_maker()
    batches = [articles[first : first + 2] for first in range(0, len(articles), 2)]
    draft.write([part(number, batch) for number, batch in enumerate(batches)], lambda done: None)


def written(index: Index, articles: Sequence[Article], groups: Iterable[Sequence[str]] = ()) -> str:
    """Make a build of some articles the live one."""
    with writing(index) as draft:
        write(draft, articles)
        draft.group(groups)
        draft.activate()
    return draft.build_id


def writing(index: Index):
    return index.writing(NOW.replace(microsecond=next(_moments)), rules_of(), FACETS)


def ids(articles: Iterator[Article]) -> list[str]:
    return [one.id for one in articles]


def test_without_a_build_it_is_missing_and_a_command_is_named(index: Index) -> None:
    with pytest.raises(IndexMissing, match=r"Run: .*yibao reindex"):
        index.live()
    assert list(index.builds()) == []


def test_what_was_activated_is_live_and_alone(index: Index) -> None:
    first = written(index, [article("a"), article("b"), article("c")])
    seen = index.version()
    assert index.version() == seen
    assert (index.live(), list(index.builds()), ids(index.open(first).articles())) == (first, [first], ["a", "b", "c"])
    second = written(index, [article("d")])
    assert index.version() not in (seen, None)
    assert (index.live(), list(index.builds()), ids(index.open(second).articles())) == (second, [second], ["d"])
    assert ids(index.verify(second).articles()) == ["d"]


def test_a_draft_that_is_not_activated_is_gone_and_the_old_build_is_live(index: Index) -> None:
    first = written(index, [article("a")])
    with writing(index) as draft:
        write(draft, [article("b")])
    assert (index.live(), list(index.builds())) == (first, [first])
    with pytest.raises(ValueError, match="stop here"), writing(index) as draft:
        write(draft, [article("c")])
        raise ValueError("stop here")
    assert (index.live(), list(index.builds())) == (first, [first])


def test_there_is_one_writer(index: Index) -> None:
    with writing(index), pytest.raises(IndexBusy), writing(index):
        pass
    written(index, [article("a")])


def test_an_engine_that_is_open_outlives_its_build(index: Index) -> None:
    old = index.open(written(index, [article("a")]))
    written(index, [article("b")])
    assert ids(old.articles()) == ["a"]
    assert old.get("a") == article("a")


def test_what_was_attached_comes_back(index: Index) -> None:
    with writing(index) as draft:
        write(draft, [article("a")])
        draft.attach("words.bin", lambda path: path.write_bytes(b"\0yi"))
        assert draft.open().attachment("words.bin").read_bytes() == b"\0yi"
        draft.activate()
    assert index.open(index.live()).attachment("words.bin").read_bytes() == b"\0yi"
    assert not index.open(index.live()).attachment("none.bin").exists()


def test_a_build_taken_as_it_is_can_be_opened_by_its_id_near_duplicates_and_all(index: Index) -> None:
    alike = {"facets": {"topic": ("门诊",)}}
    first = written(index, [article("a", **alike), article("b", **alike), article("c", "住院")], [("a", "b")])
    with writing(index) as draft:
        draft.again(first)
        engine = index.open(draft.build_id)
        assert ids(engine.articles()) == ["a", "b", "c"]
        found = engine.match(parse("门诊"), Query())
        assert [(one.id, one.similar) for one in found.page] == [("a", ("b",))]
        draft.activate()
    assert index.live() == draft.build_id != first


@given(
    collections(),
    st.lists(st.tuples(collections(max_size=4), st.sets(st.integers(0, 11), max_size=4)), min_size=1, max_size=3),
    parsed_queries,
    queries,
)
def test_a_changed_build_answers_as_one_from_scratch(lasting, first, steps, parsed, query) -> None:
    written(lasting, first)
    held = {one.id: one for one in first}
    for articles, gone in steps:
        removed = {f"a/{number}.md" for number in gone} - {one.id for one in articles}
        with writing(lasting) as draft:
            draft.change(lasting.live(), articles, removed, lambda done: None)
            draft.activate()
        held = {key: one for key, one in held.items() if key not in removed}
        held |= {one.id: one for one in articles}
    engine = lasting.open(lasting.live())
    check(engine, list(held.values()), parsed, query)
    assert ids(engine.articles()) == sorted(held)


def test_an_address_names_its_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(ENGINES, "memory", "reference_index")
    assert isinstance(index_at(tmp_path), WhooshIndex)
    assert index_at(f"whoosh://{tmp_path}").address == index_at(str(tmp_path)).address == str(tmp_path)
    assert index_at("memory://here").address == "memory://here"


@pytest.mark.parametrize("address", ["elsewhere://reader:secret@host:9200/yibao", "nothing://", "://"])
def test_an_address_that_no_engine_answers_to_is_told_without_its_password(address: str) -> None:
    with pytest.raises(EngineUnknown, match="known are: opensearch, whoosh") as raised:
        index_at(address)
    assert "secret" not in str(raised.value)
