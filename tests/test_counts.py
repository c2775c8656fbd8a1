"""Numbers without articles: `count` says what `answer` says, and pages read no more than they show."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search import FACETS, Article, Engine, Query, UserError, answer, count, counts, open_current
from webui import Settings, create_app

HEILONGJIANG = {"province": ("黑龙江省",)}


@pytest.fixture(scope="module")
def engine(seed_index: Path) -> Iterator[Engine]:
    opened = open_current(seed_index)
    yield opened
    opened.close()


QUERIES = [
    Query(),
    Query("补牙能报销吗"),
    Query("异地就医备按"),  # 备案 written wrong
    Query("备案", HEILONGJIANG),
    Query("备案", HEILONGJIANG, sort="oldest", page=3, size=2, explain=True),
    Query(filters={"topic": ("口腔", "住院")}, date_from=date(2025, 1, 1)),
    Query("备案", collapse=False),
    Query("。。。"),
    Query("火星登月"),
]


@pytest.mark.parametrize("query", QUERIES, ids=[str(number) for number, _ in enumerate(QUERIES)])
def test_numbers_are_those_of_the_answer(engine: Engine, query: Query) -> None:
    whole = answer(engine, replace(query, page=1, size=1000))
    (counted,) = counts(engine, [query], newest=True)
    assert counted.total == count(engine, query) == whole.total
    assert counted.suggestion == whole.suggestion
    assert {facet.key: counted.facet(facet) for facet in FACETS} == dict(whole.facets)
    assert counted.newest == max((hit.article.date for hit in whole.hits if hit.article.date), default=None)


def test_corrected_text_counts_as_what_it_was_meant_to_say(engine: Engine) -> None:
    wrong, right = counts(engine, [Query("异地就医备按"), Query("异地就医备案")])
    assert wrong.suggestion == "异地就医备案"
    assert wrong.total == right.total > 0


def test_many_come_in_the_order_asked_for(engine: Engine) -> None:
    assert [counted.query for counted in counts(engine, QUERIES)] == QUERIES
    assert counts(engine, []) == []


def test_text_too_long_is_the_readers_error(engine: Engine) -> None:
    with pytest.raises(UserError):
        count(engine, Query("长" * 1000))


class Spy:
    """An engine that notes which stored articles are read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.read: list[str] = []

    def get(self, article_id: str) -> Article | None:
        self.read.append(article_id)
        return self._engine.get(article_id)

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        ids = list(article_ids)
        self.read += ids
        return self._engine.get_many(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class Watched:
    """A client of the pages over the seeds, and what was done for the page last got."""

    def __init__(self, client: FlaskClient, spy: Spy, snippets: list[str], states: list[object]) -> None:
        self.client, self.spy, self.snippets, self.states = client, spy, snippets, states

    def get(self, address: str, headers: dict[str, str] | None = None) -> BeautifulSoup:
        for noted in (self.spy.read, self.snippets, self.states):
            noted.clear()
        response = self.client.get(address, headers=headers)
        assert response.status_code == 200
        return BeautifulSoup(response.get_data(as_text=True), "html.parser")


@pytest.fixture
def watched(seed_index: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Watched:
    from search.answering import answers
    from webui.pages import state, views

    spy, snippets, states, make, query_from = Spy(engine), [], [], answers.snippets, state.query_from
    monkeypatch.setattr(views, "engine", lambda: spy)
    monkeypatch.setattr(answers, "snippets", lambda p, article: snippets.append(article.id) or make(p, article))
    monkeypatch.setattr(state, "query_from", lambda *a, **b: states.append(a) or query_from(*a, **b))
    return Watched(create_app(Settings(index_dir=seed_index)).test_client(), spy, snippets, states)


def _shown(page: BeautifulSoup) -> set[str]:
    """Return the ids of the articles that a page links to."""
    paths = (str(link["href"]).split("?")[0].split("#")[0] for link in page.select("a[href^='/articles/']"))
    return {unquote(path.removeprefix("/articles/")) for path in paths}


@pytest.mark.parametrize("address", ["/", "/?q=备案&province=黑龙江省", "/?q=火星登月&province=黑龙江省&topic=口腔"])
def test_only_articles_that_are_shown_are_read(watched: Watched, address: str) -> None:
    page = watched.get(address)
    assert set(watched.spy.read) == _shown(page)
    assert len(watched.spy.read) == len(set(watched.spy.read))
    assert len(watched.snippets) == len(page.select("li.card"))


def test_coverage_makes_no_answers(watched: Watched) -> None:
    """Nor is an article read for the date of the newest one of each place: the engine tells it."""
    page = watched.get("/coverage")
    assert len(page.select("tbody tr")) > 5
    assert watched.spy.read == watched.snippets == []


def test_compare_without_two_places_reads_nothing(watched: Watched) -> None:
    assert watched.get("/compare?a=黑河").select("select option")
    assert watched.spy.read == watched.snippets == []


def test_address_is_read_once(watched: Watched) -> None:
    """By a plain request and by a link; a form is compared with what was there before, which is read once too."""
    before = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/?q={quote('备案')}"}
    watched.get("/?q=备案&page=1")
    assert len(watched.states) == 1
    watched.get("/?q=备案&sort=newest", {**before, "HX-Source": "a"})
    assert len(watched.states) == 1
    watched.get("/?q=备案&province=黑龙江省", {**before, "HX-Source": "form#search"})
    assert len(watched.states) == 2


def test_error_page_reads_its_address_once(watched: Watched) -> None:
    watched.states.clear()
    assert watched.client.get("/?q=备案&page=999").status_code == 404
    assert len(watched.states) == 1
