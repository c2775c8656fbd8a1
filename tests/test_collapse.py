"""Near-duplicates with the same facets are one result: the first of them in the order of results, naming the others."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from engine_oracle import collections, parsed_queries, queries
from engines import ENGINES
from hypothesis import given
from hypothesis import strategies as st
from test_lint import TEXT

from search import Query, answer, open_current, reindex
from search.facets import FACETS
from search.model import UNSTATED, Article

pytestmark = pytest.mark.usefixtures("inner_loops")


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[Article], list[list[str]]]:
    """A collection, and some of its articles in groups of the same facets."""
    articles = draw(collections(max_size=12))
    several = [{"topic": ("门诊",)}, {"topic": ("门诊", "其他"), "city": ("黑河市",), "province": ("黑龙江省",)}]
    articles = [replace(article, facets=draw(st.sampled_from(several))) for article in articles]
    groups: dict[tuple[str, int], list[str]] = {}
    for article in articles:
        groups.setdefault((repr(article.facets), draw(st.integers(0, 2))), []).append(article.id)
    return articles, [ids for ids in groups.values() if len(ids) > 1]


@pytest.mark.parametrize("name", ENGINES)
@given(grouped(), parsed_queries, queries)
def test_the_first_of_each_group_stays(name, collection, parsed, query):
    articles, groups = collection
    group_of = {id_: number for number, ids in enumerate(groups) for id_ in ids}
    with tempfile.TemporaryDirectory() as folder:
        engine = ENGINES[name](Path(folder), articles, groups)
    apart = engine.match(parsed, replace(query, page=1, size=100, collapse=False))
    heads: dict[object, list[str]] = {}
    for match in apart.page:
        heads.setdefault(group_of.get(match.id, match.id), []).append(match.id)
    expected = [tuple(ids) for ids in heads.values()]
    begin = (query.page - 1) * query.size
    found = engine.match(parsed, query)
    shown = expected[begin : begin + query.size]
    assert [match.id for match in found.page] == [first for first, *_ in shown]
    assert [set(match.similar) for match in found.page] == [set(others) for _, *others in shown]
    assert found.total == len(expected)
    facets = {article.id: article.facets for article in articles}
    for facet in FACETS:
        others = {key: values for key, values in query.filters.items() if key != facet.key}
        wide = engine.match(parsed, replace(query, filters=others, page=1, size=100))
        none = (UNSTATED,) if facet.unstated else ()
        counted = Counter(value for match in wide.page for value in facets[match.id].get(facet.key, none))
        assert {value: n for value, n in found.counts[facet.key].items() if n} == counted


def record(number: int, **values: object) -> dict[str, object]:
    return {
        "id": str(number),
        "title": "异地就医怎么备案",
        "text": TEXT,
        "date": f"2025-01-0{number}",
    } | values


def shown(index_dir: Path, query: Query) -> list[tuple[str, ...]]:
    return [(hit.article.id, *(one.id for one in hit.similar)) for hit in answer(open_current(index_dir), query).hits]


def test_a_reindex_finds_what_collapses(tmp_path: Path) -> None:
    place = {"province": "山东省", "city": "烟台市"}
    records = [
        record(1, **place),
        record(2, **place, title="备案，备案，备案", text="可以。" + TEXT),
        record(3, province="山东省", city="青岛市"),
        record(4, **place, text=TEXT.replace("。", ". ")),
        record(5, **place, text="补牙的费用里，治病的部分可以报销，美容的部分自己付。" * 3),
    ]
    source = tmp_path / "source.jsonl"

    def write() -> None:
        source.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records), encoding="utf-8")

    write()
    reindex([source], tmp_path / "index")
    assert shown(tmp_path / "index", Query(sort="newest")) == [("5",), ("4", "2", "1"), ("3",)]
    assert shown(tmp_path / "index", Query(sort="oldest")) == [("1", "2", "4"), ("3",), ("5",)]
    # 2 says it most often, 4 is longer than 1 by its blanks, 5 has it in its title alone.
    assert shown(tmp_path / "index", Query("备案")) == [("2", "1", "4"), ("3",), ("5",)]
    assert shown(tmp_path / "index", Query(sort="oldest", collapse=False)) == [("1",), ("2",), ("3",), ("4",), ("5",)]
    del records[3]
    write()
    reindex([source], tmp_path / "index", changed=True)
    assert shown(tmp_path / "index", Query(sort="newest")) == [("5",), ("3",), ("2", "1")]
