"""The evaluator against a brute-force reading of the contract, on random collections and queries."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from engine_oracle import Oracle, at_page, collections, order_key, parsed_queries, queries
from engines import ENGINES
from hypothesis import given
from hypothesis import strategies as st

from search.engines.contract import Engine
from search.engines.whoosh import candidates
from search.model import Article, Parsed, Query
from search.query.grammar import parse
from search.retrieval import ranking

pytestmark = pytest.mark.usefixtures("inner_loops")


def build(articles: list[Article], name: str) -> Engine:
    with tempfile.TemporaryDirectory() as folder:
        return ENGINES[name](Path(folder), articles, ())


def check(engine: Engine, articles: list[Article], parsed: Parsed, query: Query) -> None:
    expected = Oracle(articles).answer(parsed, query)
    answer = engine.match(parsed, query)
    scores = {match.id: match.score for match in answer.page}
    assert scores == pytest.approx(expected.scores, rel=1e-4, abs=1e-5)
    assert answer.total == len(expected.scores)
    assert answer.counts == expected.counts
    assert answer.optional == expected.optional
    by_id = {article.id: article for article in articles}
    browses = not any(clause.kind in ("word", "phrase") for clause in parsed.clauses)
    sort = "newest" if browses and query.sort == "relevance" else query.sort
    ids = [match.id for match in answer.page]
    assert ids == sorted(ids, key=lambda article_id: order_key(by_id[article_id], scores[article_id], sort))


@pytest.mark.parametrize("name", ENGINES)
@given(collections(), parsed_queries, queries)
def test_matches_scores_order_and_counts_are_those_of_the_contract(name, articles, parsed, query):
    check(build(articles, name), articles, parsed, query)


@pytest.mark.parametrize("name", ENGINES)
@given(collections(), parsed_queries, st.lists(queries, min_size=1, max_size=3))
def test_counts_of_many_selections_are_those_of_their_matches(name, articles, parsed, asked):
    engine = build(articles, name)
    for query, tally in zip(asked, engine.counts(parsed, asked), strict=True):
        found = engine.match(parsed, replace(query, size=100))
        assert tally.matches == replace(found, page=())
        days = [article.date for article in engine.get_many([match.id for match in found.page]) if article.date]
        assert tally.newest == max(days, default=None)


@pytest.mark.parametrize("name", ENGINES)
@given(
    collections(),
    st.lists(st.tuples(parsed_queries, queries), min_size=1, max_size=3),
    st.integers(1, 3),
    st.sampled_from((0, 2, 100)),
)
def test_pages_cut_one_list_without_gap_or_repeat(name, articles, asked, size, window):
    engine = build(articles, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "RESCORE_WINDOW", window)
        for parsed, query in asked:
            whole = engine.match(parsed, query)
            pages = [engine.match(parsed, at_page(query, number, size)) for number in range(1, 12 // size + 2)]
            assert [match for page in pages for match in page.page] == list(whole.page)
            assert {page.total for page in pages} == {whole.total}
            if query.sort == "relevance":
                scores = [match.score for match in whole.page]
                assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", ENGINES)
@given(collections(), parsed_queries, queries, st.sampled_from((0, 2, 100)))
def test_reasons_add_up_to_the_score(name, articles, parsed, query, window):
    engine = build(articles, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "RESCORE_WINDOW", window)
        for match in engine.match(parsed, replace(query, explain=True)).page:
            assert sum(part.score for part in match.why) == pytest.approx(match.score, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("name", ENGINES)
@given(collections(), parsed_queries)
def test_explanations_add_up_to_the_score(name, articles, parsed):
    engine = build(articles, name)
    found = {match.id: match.score for match in engine.match(parsed, Query(size=50)).page}
    for article in articles:
        explained = engine.explain(parsed, article.id)
        assert sum(part.score for part in explained) == pytest.approx(found.get(article.id, 0.0), rel=1e-4, abs=1e-5)
        assert article.id in found or explained == []


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("name", ENGINES)
def test_pages_far_behind_follow_the_order_too(monkeypatch, name, sort):
    """Days that many have in common, scores that some have: behind the day the score decides, then the id."""
    monkeypatch.setattr(candidates, "HEAPED", 60)
    articles = [
        Article(f"a{number:03}", "article", "说明", "螃蟹" + "的话" * (number % 40), date(2025, 1, 1 + number % 3))
        for number in range(260)
    ]
    engine = build(articles, name)
    query = Query("螃蟹", size=50, sort=sort)
    parsed = parse(query.text)
    shown = [match for number in range(1, 7) for match in engine.match(parsed, at_page(query, number, 50)).page]
    by_id = {article.id: article for article in articles}
    keys = [order_key(by_id[match.id], match.score, sort) for match in shown]
    assert len({match.id for match in shown}) == 260
    assert keys == sorted(keys)
    assert len({match.score for match in shown}) > 20


@pytest.mark.parametrize("name", ENGINES)
@given(collections())
def test_stored_articles_come_back_as_they_were_given(name, articles):
    engine = build(articles, name)
    assert list(engine.articles()) == sorted(articles, key=lambda article: article.id)
    assert engine.get_many([article.id for article in articles]) == articles
    assert engine.get("no such id") is None
