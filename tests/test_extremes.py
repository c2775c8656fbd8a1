"""Pages of what strains them: hundreds of facet values, titles without a break, an article of 300 kB."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from search import values
from tests.web import LONG_TITLE, LONG_WORD, extremes, make_app
from webui.pages.marked_text import pieces

Read = Callable[[str], BeautifulSoup]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("extremes"), extremes()).test_client()


@pytest.fixture
def read(client: FlaskClient) -> Read:
    return lambda address: BeautifulSoup(client.get(address).data, "html.parser")


def test_every_city_can_be_chosen_and_found_by_its_sound(read: Read) -> None:
    page = read("/")
    boxes = [str(box["value"]) for box in page.select("#facet-city input[type=checkbox]")]
    assert len(boxes) == len(set(boxes)) and set(boxes) == {*values("city"), "未注明"}
    assert len(page.select("#list-city li")) == 8
    assert page.select("#find-city") and all(item["data-spell"] for item in page.select("#facet-city li"))
    inside = read("/?province=广东").select("#in-city-广东省 input[type=checkbox]")
    assert len(inside) == 21


def test_first_page_with_every_city_is_light(client: FlaskClient) -> None:
    assert len(client.get("/", headers={"Accept-Encoding": "gzip"}).data) <= 20_000


def test_many_chosen_values_are_all_shown_and_all_removable(read: Read) -> None:
    cities = values("city")[:40]
    page = read("/?" + "&".join(f"city={city}" for city in cities))
    assert len(page.select(".chips a:not(.clear)")) == 40
    assert len(page.select("#facet-city .options:not(.unstated) :checked, #facet-city .options [checked]")) == 40


@pytest.mark.parametrize(("article", "title"), [("title", LONG_TITLE), ("word", LONG_WORD)])
def test_long_title_is_shown_whole(read: Read, article: str, title: str) -> None:
    page = read(f"/articles/{article}")
    assert page.h1 and page.h1.get_text() == title
    assert page.title and title in page.title.get_text()
    card = next(a for a in read(f"/?q={title}").select(".card h2 a"))
    assert card.get_text() == title


def test_article_of_300_kb_is_shown_whole_with_all_its_hits(read: Read, client: FlaskClient) -> None:
    page = read("/articles/huge?q=缴费")
    text = page.select_one(".text")
    assert text and len(text.get_text().encode()) > 280_000
    marks = text.select("mark")
    assert len(marks) == 380, "what stands everywhere is marked once a section"
    assert [str(mark["id"]) for mark in marks[:2]] == ["hit-1", "hit-2"] and marks[-1]["id"] == f"hit-{len(marks)}"
    assert len(page.select(".contents a")) == 380
    assert len(page.select(".hits ol a")) == 20, "without a script the first of them"
    assert len(client.get("/articles/huge?q=缴费", headers={"Accept-Encoding": "gzip"}).data) < 60_000


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.data(), TEXT)
def test_pieces_are_the_text_again_and_mark_what_was_marked(data: st.DataObject, text: str) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = pieces(text, spans, start, end)
    assert "".join(piece.text for piece in found) == text[start:end]
    marked = [piece.marked for piece in found for _ in piece.text]
    assert marked == [any(a <= at < b for a, b in spans) for at in range(start, end)]
