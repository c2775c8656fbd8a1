"""What an operator pins comes first, whatever it holds, and totals, counts and pages stay exact: in every engine."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from engine_oracle import parsed_queries, queries
from engines import ENGINES
from hypothesis import given
from hypothesis import strategies as st
from test_collapse import grouped

from search import parse_text
from search.model import Article, Parsed, Query

pytestmark = pytest.mark.usefixtures("inner_loops")


@st.composite
def pinned_collections(draw: st.DrawFn) -> tuple[list[Article], list[list[str]], tuple[str, ...]]:
    articles, groups = draw(grouped())
    ids = ["nowhere", *(article.id for article in articles)]
    return articles, groups, tuple(draw(st.lists(st.sampled_from(ids), unique=True, max_size=4)))


def heads(ids: list[str], groups: list[list[str]]) -> list[str]:
    """The first of each group, in order."""
    group_of = {one: number for number, group in enumerate(groups) for one in group}
    first: dict[object, str] = {}
    for one in ids:
        first.setdefault(group_of.get(one, one), one)
    return list(first.values())


@pytest.mark.parametrize("name", ENGINES)
@given(pinned_collections(), parsed_queries, queries)
def test_pins_come_first_and_everything_stays_exact(name, collection, parsed, query):
    articles, groups, pins = collection
    if not any(clause.kind in ("word", "phrase") for clause in parsed.clauses):
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = ENGINES[name](Path(folder), articles, groups)
    wide = replace(query, page=1, size=100, collapse=False)
    asked = [match.id for match in engine.match(parsed, wide).page]
    admitted = {match.id for match in engine.match(Parsed(""), replace(wide, sort="newest")).page}
    pinned = replace(parsed, pinned=pins)
    first = [one for one in pins if one in admitted]
    expected = [*first, *(one for one in asked if one not in first)]
    apart = engine.match(pinned, wide)
    assert apart.total == len(expected)
    found = engine.match(pinned, query)
    begin = (query.page - 1) * query.size
    if query.sort == "relevance":
        assert [match.id for match in apart.page] == expected
        shown = heads(expected, groups) if query.collapse else expected
        assert [match.id for match in found.page] == shown[begin : begin + query.size]
        assert found.total == len(shown)
    else:
        assert {match.id for match in apart.page} == set(expected)
    everything = [one for match in found.page for one in (match.id, *match.similar)]
    assert len(everything) == len(set(everything))
    [tally] = engine.counts(pinned, [query])
    assert (tally.matches.total, tally.matches.counts) == (found.total, found.counts)


@pytest.mark.parametrize("name", ENGINES)
def test_a_pin_that_holds_no_word_is_counted_under_its_facets(name: str, tmp_path: Path) -> None:
    articles = [
        Article("a", "article", "补牙", "补牙可以报销", facets={"topic": ("口腔",)}),
        Article("b", "article", "指南", "办事指南", facets={"topic": ("其他",)}),
        Article("c", "article", "补牙二", "补牙补牙", facets={"topic": ("口腔",)}),
    ]
    engine = ENGINES[name](tmp_path, articles, ())
    parsed = replace(parse_text("补牙"), pinned=("b", "gone"))
    found = engine.match(parsed, Query("补牙", size=2))
    assert (found.total, found.page[0].id, len(found.page)) == (3, "b", 2)
    assert found.counts["topic"] == {"口腔": 2, "其他": 1}
    second = engine.match(parsed, Query("补牙", size=2, page=2))
    assert {*(m.id for m in found.page), *(m.id for m in second.page)} == {"a", "b", "c"}
    filtered = engine.match(parsed, Query("补牙", filters={"topic": ("口腔",)}))
    assert ({m.id for m in filtered.page}, filtered.total) == ({"a", "c"}, 2)
