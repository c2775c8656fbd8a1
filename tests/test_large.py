"""大字模式 is a parameter of the address: every link and form of a page in large type leads to pages in large type."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.web import make_app
from webui.http.feedback import feedback
from webui.observing import feedback as observing
from webui.pages.large import enlarged, switch

NO_PAGES = (
    "/static/",
    "/feed.atom",
    "/export.",
    "/files/",
    "/opensearch.xml",
    "/suggest",
    "/qr.svg",
    "/icon-",
    "/site.",
)
PAGES = [
    "/",
    "/?q=缴费",
    "/?q=缴费&province=黑龙江省&page=1&size=20&explain=1",
    "/?q=黑河居民医保缴费",
    "/?q=空空如也",
    "/articles/card.md?q=挂失",
    "/articles/list.txt/1",
    "/articles/hostile",
    "/coverage",
    "/coverage?province=黑龙江",
    "/compare?a=黑河&b=烟台&topic=参保缴费",
    "/articles/nowhere",
    "/?q=缴费&page=9",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = make_app(tmp_path_factory.mktemp("large"))
    observing.ask(app, lambda client, said: None)
    assert feedback.name in app.blueprints
    return app


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def soup(client: FlaskClient, address: str, **headers: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address, headers=headers).get_data(as_text=True), "html.parser")


def large(address: str) -> str:
    return address + ("&" if "?" in address else "?") + "big=1"


def leads(page: BeautifulSoup) -> list[str]:
    """Every address of ours that a page leads to by a click, but for the switch."""
    found = [str(each["href"]) for each in page.select("a[href]:not(#size)")]
    found += [str(each["hx-get"]) for each in page.select("[hx-get]")]
    return [each for each in found if each.startswith("/") and not each.startswith(NO_PAGES)]


@pytest.mark.parametrize("address", PAGES)
def test_every_way_on_is_in_large_type(client: FlaskClient, address: str) -> None:
    page = soup(client, large(address))
    ways = leads(page)
    assert ways and [way for way in ways if parse_qs(urlsplit(way).query).get("big") != ["1"]] == []
    forms = page.select("form")
    assert forms
    for form in forms:
        fields = [(each["name"], each["value"]) for each in form.select("input[type=hidden]")]
        in_query = parse_qs(urlsplit(str(form["action"])).query).get("big") == ["1"]
        # A form that is sent by GET loses the query of its action.
        assert in_query if form["method"] == "post" else ("big", "1") in fields
    assert page.select_one("link[href*='large.css']")


@pytest.mark.parametrize("address", PAGES)
def test_nothing_says_so_where_it_was_not_asked_for(client: FlaskClient, address: str) -> None:
    page = soup(client, address)
    assert [way for way in leads(page) if "big" in parse_qs(urlsplit(way).query)] == []
    assert not page.select("[name=big], link[href*='large.css']")


@pytest.mark.parametrize("address", PAGES)
def test_the_switch_shows_the_same_page_in_the_other_size(client: FlaskClient, address: str) -> None:
    there = soup(client, address).select_one("#size")
    assert there and there.get_text() == "大字"
    path = address.partition("?")[0]
    other = soup(client, path + str(there["href"]))
    back = other.select_one("#size")
    assert back and back.get_text() == "标准" and other.select_one("link[href*='large.css']")
    again = soup(client, path + str(back["href"]))
    first, last = (page.select_one("main") for page in (soup(client, address), again))
    for main in (first, last):
        for number in main.select(".number") if main else ():
            number.decompose()  # of the request
    assert str(first) == str(last)


def test_what_is_kept_of_a_page_is_of_its_size(client: FlaskClient) -> None:
    for _ in range(2):
        for address in ("/", "/coverage"):
            assert not soup(client, address).select("link[href*='large.css']")
            assert soup(client, large(address)).select("link[href*='large.css']")
    tags = {client.get(address).headers["ETag"] for address in ("/articles/pay/1", "/articles/pay/1?big=1")}
    assert len(tags) == 2


def test_what_others_asked_is_in_no_page_that_is_kept(client: FlaskClient) -> None:
    """The start page and 收录情况 are made once for all readers: the switch must not tell one of them of another."""
    for address in ("/?utm=糖尿病", "/coverage?q=糖尿病", "/coverage?q=糖尿病&big=1"):
        client.get(address)
    for address in ("/", "/coverage", "/coverage?big=1"):
        assert "%E7%B3%96" not in client.get(address).get_data(as_text=True)


def test_search_engines_are_told_of_one_size(client: FlaskClient) -> None:
    for address in ("/articles/pay/1", "/coverage", "/"):
        canonical = soup(client, large(address)).select_one("link[rel=canonical]")
        assert canonical and canonical["href"] == f"http://localhost{address}"


def test_a_block_brings_the_switch_along_and_the_address_stays_large(client: FlaskClient) -> None:
    answer = client.get(
        "/?q=缴费&big=1",
        headers={"HX-Request": "true", "HX-Source": "form#search", "HX-Current-URL": "http://localhost/?big=1"},
    )
    block = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    size = block.select_one("#size[hx-swap-oob]")
    assert size and parse_qs(str(size["href"])[1:]) == {"q": ["缴费"]}
    assert leads(block) and all("big=1" in way for way in leads(block))
    told = answer.headers.get("HX-Push-Url") or answer.headers["HX-Replace-Url"]
    assert parse_qs(urlsplit(told).query)["big"] == ["1"]


def test_the_article_of_a_title_opens_in_large_type(client: FlaskClient) -> None:
    where = client.get("/open?q=医保卡丢了怎么办&big=1").headers["Location"]
    assert where.startswith("/articles/card.md?") and where.endswith("&big=1")


@pytest.mark.parametrize("value", ["", "0", "2", "on", "11"])
def test_only_one_value_asks_for_it(client: FlaskClient, value: str) -> None:
    assert not soup(client, f"/?q=缴费&big={value}").select("link[href*='large.css']")


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ('<a href="/">', '<a href="/?big=1">'),
        ('<a href="/?q=a&amp;page=2">', '<a href="/?q=a&amp;page=2&amp;big=1">'),
        ('<a href="/articles/x%20y#hit-1">', '<a href="/articles/x%20y?big=1#hit-1">'),
        ('<a href="//example.org/">', '<a href="//example.org/">'),
        ('<a href="https://example.org/?a=1">', '<a href="https://example.org/?a=1">'),
        ('<a href="#live">', '<a href="#live">'),
        ('<a href="/feed.atom?q=a">', '<a href="/feed.atom?q=a">'),
        ("<p>href=&#34;/&#34;</p>", "<p>href=&#34;/&#34;</p>"),
        ('<form method="get">', '<form method="get"><input type="hidden" name="big" value="1">'),
        ('<form method="post" action="/feedback">', '<form method="post" action="/feedback?big=1">'),
    ],
)
def test_addresses_of_pages_alone_are_changed(html: str, made: str) -> None:
    assert enlarged(html) == made


def test_the_switch_is_a_query_alone(app: Flask) -> None:
    with app.test_request_context("/?q=a"):
        assert (switch("/"), switch("/?q=a"), switch("/articles/x?q=a")) == ("?big=1", "?q=a&big=1", "?q=a&big=1")
    with app.test_request_context("/?q=a&big=1"):
        assert (switch("/"), switch("/?q=a")) == ("?", "?q=a")


def test_the_sheet_is_small_and_names_no_other_host() -> None:
    sheet = (Path(__file__).parents[1] / "webui/static/large.css").read_text("utf-8")
    assert len(sheet) < 4_000 and "url(" not in sheet and "@import" not in sheet
