"""有用, 没用: who may say it, what is counted, what is kept; nothing of the reader."""

import json
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search import FEEDBACK, REASONS, GapDays, opinion
from search.command.cli import main
from search.gaps import LONGEST_ID, opinion_of
from tests.test_connections import PATIENCE, serving
from tests.web import build_index, make_app
from webui.observing import feedback

OWN = {"Sec-Fetch-Site": "same-origin"}
Said = list[tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("feedback"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("asked"))


@pytest.fixture
def said(shown: Flask) -> Iterator[Said]:
    heard: Said = []
    feedback.ask(shown, lambda client, keys: heard.append((client, keys)))
    yield heard
    shown.extensions.pop("yibao-feedback")


_LAST = iter(range(1, 250))


@pytest.fixture
def client(shown: Flask) -> FlaskClient:
    """A client with an address of its own."""
    client = shown.test_client()
    client.environ_base["REMOTE_ADDR"] = f"192.0.2.{next(_LAST)}"
    return client


def post(client: FlaskClient, headers: dict[str, str] = OWN, **fields: str) -> TestResponse:
    return client.post("/feedback", data=fields, headers=headers, follow_redirects=True)


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def test_articles_ask_only_where_it_is_wanted(client: FlaskClient, shown: Flask) -> None:
    before = client.get("/articles/pay/1")
    assert not soup(before).select(".feedback, meta[name=referrer]")
    assert post(client, article="pay/1", kind="useful").status_code == 404
    feedback.ask(shown, lambda client, keys: None)
    try:
        after = client.get("/articles/pay/1", headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200, "another page by now"
        form = soup(after).select_one("form.feedback")
        assert form and form["method"] == "post" and not form.select("[hx-post]")
    finally:
        shown.extensions.pop("yibao-feedback")


def test_the_form_of_a_page_is_counted_as_it_stands(client: FlaskClient, said: Said) -> None:
    page = soup(client.get("/articles/list.txt/1"))
    (form,) = page.select("form.feedback")
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    button = form.select("button")[1]
    answer = post(client, **fields, kind=str(button["value"]))
    assert (answer.status_code, button.get_text()) == (200, "没用")
    assert said == [(client.environ_base["REMOTE_ADDR"], ("useless list.txt/1",))]
    (why,) = soup(answer).select("main form")
    fields = {str(each["name"]): str(each["value"]) for each in why.select("input")}
    buttons = why.select("button")
    assert [str(each["value"]) for each in buttons] == list(REASONS)
    answer = post(client, **fields, reason=str(buttons[0]["value"]))
    assert said[1][1] == ("useless list.txt/1", "useless:outdated list.txt/1")
    assert not soup(answer).select("main form"), "asked once"
    (back,) = soup(answer).select(".back a")
    assert back["href"] == "/articles/list.txt/1"
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


def test_thanks_lead_back_to_the_article_with_the_search_that_led_to_it(client: FlaskClient, said: Said) -> None:
    address = "/articles/pay/1?q=%E7%BC%B4%E8%B4%B9&province=%E9%BB%91%E9%BE%99%E6%B1%9F%E7%9C%81&page=2"
    (form,) = soup(client.get(address)).select("form.feedback")
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    answer = post(client, **fields, kind="useless")
    (back,) = soup(answer).select(".back a")
    assert back["href"] == address
    (why,) = soup(answer).select("main form")
    fields = {str(each["name"]): str(each["value"]) for each in why.select("input")}
    (back,) = soup(post(client, **fields, reason="unclear")).select(".back a")
    assert back["href"] == address
    assert len(said) == 2


@pytest.mark.parametrize("query", ["", "?article=pay/1", "?article=nowhere&kind=useful", "?article=pay/1&kind=x"])
def test_thanks_for_nothing_are_no_page(client: FlaskClient, said: Said, query: str) -> None:
    assert client.get(f"/feedback/thanks{query}").status_code == 404


def test_what_helped_is_not_asked_why(client: FlaskClient, said: Said) -> None:
    answer = post(client, article="pay/1", kind="useful")
    assert not soup(answer).select("main form") and said[0][1] == ("useful pay/1",)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 200),  # a browser before 2023
        ({"Origin": "https://example.org"}, 403),
        ({"Origin": "http://localhost.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_no_other_site_lets_its_visitors_say_so(
    client: FlaskClient, said: Said, headers: dict[str, str], status: int
) -> None:
    assert post(client, headers, article="pay/1", kind="useful").status_code == status
    assert len(said) == (status == 200)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"article": "pay/1"},
        {"article": "pay/1", "kind": "USEFUL"},
        {"article": "pay/1", "kind": "useful", "reason": "outdated"},
        {"article": "pay/1", "kind": "useless", "reason": "我的病历"},
        {"article": "nowhere", "kind": "useful"},
        {"article": "pay/1\nuseful pay/2", "kind": "useful"},
        {"article": "../../etc/passwd", "kind": "useful"},
        {"article": "p" * 5000, "kind": "useful"},
        {"article": "\x00", "kind": "useful"},
        {"article": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "kind": "useful"},
    ],
)
def test_what_is_no_opinion_on_an_article_is_refused(client: FlaskClient, said: Said, fields: dict[str, str]) -> None:
    assert post(client, **fields).status_code == 404
    assert said == []


def test_a_form_that_is_too_large_is_not_read(client: FlaskClient, said: Said) -> None:
    assert post(client, article="pay/1", kind="useful", more="x" * 10_000).status_code == 413
    assert said == []


def test_one_client_says_little_at_once(client: FlaskClient, shown: Flask, said: Said) -> None:
    statuses = [post(client, article="pay/1", kind="useful").status_code for _ in range(8)]
    assert statuses[:5] == [200] * 5 and 429 in statuses[5:]
    other = shown.test_client()
    other.environ_base["REMOTE_ADDR"] = "198.51.100.1"
    assert post(other, article="pay/1", kind="useful").status_code == 200


def test_an_address_is_not_a_way_to_say_so(client: FlaskClient, said: Said) -> None:
    assert client.get("/feedback?article=pay/1&kind=useful", headers=OWN).status_code == 405
    assert client.get("/feedback/thanks?article=pay/1&kind=useful", headers=OWN).status_code == 200
    assert post(client, article="", kind="").status_code == 404
    assert said == []


@pytest.mark.parametrize("article", ["pay/1", "a b\tc\nd", "文件/一.md", "x:y"])
@pytest.mark.parametrize("reason", ["", *REASONS])
def test_what_is_counted_is_one_line_and_tells_kind_and_article(article: str, reason: str) -> None:
    told = opinion(article, "useless", reason)
    assert all("\t" not in each and "\n" not in each and each.isascii() for each in told)
    assert opinion_of(told[-1]) == (f"useless:{reason}" if reason else "useless", article)
    assert opinion_of(told[0]) == ("useless", article)


def test_of_an_id_beyond_all_measure_nothing_is_counted() -> None:
    assert opinion("a" * LONGEST_ID, "useful") and not opinion("a" * (LONGEST_ID + 1), "useful")


def send(port: int, address: str, **fields: str) -> int:
    client = HTTPConnection("127.0.0.1", port, PATIENCE, (address, 0))
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **OWN}
        client.request("POST", "/feedback", urlencode(fields), headers)
        response = client.getresponse()
        response.read()
        return response.status
    finally:
        client.close()


def test_five_clients_make_a_number_and_nothing_else_is_kept(index: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(index, "--feedback", "--state-dir", str(state)) as server:
        for client in range(10, 16):
            assert send(server.port, f"127.0.0.{client}", article="pay/1", kind="useful") == 303
            if client < 14:
                send(server.port, f"127.0.0.{client}", article="pay/2", kind="useless", reason="outdated")
        for _ in range(4):
            send(server.port, "127.0.0.16", article="pay/3", kind="useful")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [json.loads(path.read_text("utf-8")) for path in files] == [{"useful pay/1": 6}]
    assert [path.parent.name for path in files] == ["feedback"]
    shown = CliRunner().invoke(main, ["gaps", "--state-dir", str(state), "--days", "2"])
    assert shown.output.splitlines()[-1].split() == ["6", "useful", "pay/1"]


def test_opinions_are_printed_by_count(tmp_path: Path) -> None:
    days = GapDays(tmp_path, FEEDBACK)
    days.prepare()
    days.add(date.today(), {"useful pay/1": 5, "useless:outdated a%1Bb": 9})
    asked = CliRunner().invoke(main, ["gaps", "--json"], env={"YIBAO_STATE": str(tmp_path)})
    assert json.loads(asked.output)["feedback"] == [
        {"article": "a\x1bb", "kind": "useless:outdated", "count": 9},
        {"article": "pay/1", "kind": "useful", "count": 5},
    ]
    plain = CliRunner().invoke(main, ["gaps"], env={"YIBAO_STATE": str(tmp_path)}).output
    assert "\x1b" not in plain, "an id that would steer a terminal"


def test_asking_needs_a_place_to_count_in() -> None:
    done = CliRunner().invoke(main, ["serve", "--feedback"])
    assert done.exit_code == 2 and "--feedback" in done.output and "YIBAO_STATE" in done.output
