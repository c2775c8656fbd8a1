"""What is made once a build, what may be kept of every answer, and the one address of what has many."""

import gzip
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.http import http_date, parse_date

from search import Build, reindex
from tests.web import make_app
from webui import Settings, caching, create_app
from webui.http import feeds

ONCE = ("/", "/coverage", "/coverage?province=黑龙江省", "/sitemap.xml", "/feed.atom", "/export.json", "/export.csv")
ONCE_TOO = ("/openapi.json", "/opensearch.xml", "/robots.txt")
SAME = {
    "/": ("/?utm_source=x",),
    "/coverage": ("/coverage?a=1", "/coverage?province=无此省", "/coverage?q=缴费&city=黑河市"),
    "/sitemap.xml": ("/sitemap.xml?page=1", "/sitemap.xml?x=2", "/sitemap.xml?page="),
    "/feed.atom": ("/feed.atom?page=2&size=1", "/feed.atom?sort=oldest", "/feed.atom?x=1"),
    "/export.json": ("/export.json?size=1", "/export.json?explain=1"),
}
"""Addresses of one answer: varying what does not matter makes nothing anew."""
ASKED = (
    "/?q=缴费",
    "/?province=黑龙江省",
    "/articles/pay/1?q=缴费",
    "/compare?a=黑龙江省&b=吉林省&q=缴费",
    "/feed.atom?q=缴费",
    "/export.csv?province=黑龙江省",
    "/export.json?q=缴费",
    "/api/v1/search?q=缴费",
    "/api/v1/search",
    "/api/v1/suggest?q=缴",
    "/suggest?q=缴",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("caching"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of an app that has made nothing yet."""
    return create_app(Settings(app.extensions["yibao-index"].address)).test_client()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Response]]:
    """The answers that were made."""
    answers: list[Response] = []
    of = caching._Answer.of

    def noted(response: Response) -> Any:
        answers.append(response)
        return of(response)

    monkeypatch.setattr(caching._Answer, "of", noted)
    yield answers


@pytest.mark.parametrize("path", (*ONCE, *ONCE_TOO))
def test_what_depends_on_the_build_alone_is_made_once(client: FlaskClient, made: list[Response], path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200 and len(made) == 1
    for same in SAME.get(path, ()):
        assert client.get(same).data == first.data, same
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    unpacked = gzip.decompress(packed.data) if "Content-Encoding" in packed.headers else packed.data
    assert unpacked == first.data and "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Content-Length"] == str(len(packed.data))
    other = client.get(path, headers={"Accept-Encoding": "identity"})
    assert other.data == first.data and "Content-Encoding" not in other.headers
    head = client.head(path)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))
    for answer in (first, head):
        del answer.headers["X-Request-ID"]
    assert {**first.headers} == {**head.headers}
    assert len(made) == 1


@pytest.mark.parametrize("path", ASKED)
def test_what_is_asked_is_kept_by_nobody_else(client: FlaskClient, made: list[Response], path: str) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")
    assert made == []


def test_a_block_and_its_page_are_two_answers(client: FlaskClient) -> None:
    for path in ("/", "/coverage"):
        page, block = (client.get(path, headers=headers) for headers in ({}, {"HX-Request": "true"}))
        again = client.get(path)
        assert b"<html" in page.data and b"<html" not in block.data and again.data == page.data
        assert block.headers["Cache-Control"] == "no-store" and page.headers["Cache-Control"] == "public, no-cache"
    typed = {"HX-Request": "true", "HX-Current-URL": "http://localhost/?q=x"}
    assert client.get("/?q=", headers=typed).headers["HX-Replace-Url"] == "/"
    assert client.get("/?q=").headers.get("HX-Replace-Url") is None, "of the other request"


def test_another_day_another_start_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date, datetime

    from webui.pages import views

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls(2031, 5, 6, tzinfo=tz)

    answer = client.get("/")
    before = answer.data
    assert "Last-Modified" not in answer.headers, "it would still be that of the build"
    monkeypatch.setattr(views, "datetime", Later)
    after = client.get("/", headers={"If-None-Match": answer.headers["ETag"]}).data
    assert before != after and str(date(2031, 5, 6).year - 1) in after.decode()


def test_parts_of_the_sitemap_are_parts_each(
    client: FlaskClient, made: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "SITEMAP", 10)
    paths = ("/sitemap.xml", "/sitemap.xml?page=1", "/sitemap.xml?page=2")
    assert len({client.get(path).data for path in paths * 2}) == len(made) == 3
    assert client.get("/sitemap.xml?page=3").status_code == 404 and len(made) == 3


def test_another_build_is_another_answer(tmp_path: Path, made: list[Response]) -> None:
    client = make_app(tmp_path).test_client()
    before = client.get("/sitemap.xml")
    (tmp_path / "source/new.md").write_text("---\ntitle: 新政策\n---\n门诊报销。\n", "utf-8")
    reindex([tmp_path / "source"], tmp_path / "index")
    after = client.get("/sitemap.xml", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and after.data.count(b"<loc>") == before.data.count(b"<loc>") + 1
    assert len(made) == 2


def test_the_very_moment_is_asked_for(client: FlaskClient) -> None:
    """A server may go back to an older build: whoever has a newer one must get it."""
    path = "/sitemap.xml"
    first = client.get(path)
    moment = first.headers["Last-Modified"]
    at = parse_date(moment)
    assert at is not None
    same = client.get(path, headers={"If-Modified-Since": moment})
    assert (same.status_code, same.data) == (304, b"")
    assert [same.headers[name] for name in ("ETag", "Cache-Control")] == [first.headers["ETag"], "public, no-cache"]
    for other in (http_date(at.timestamp() + 1), http_date(at.timestamp() - 1), "yesterday"):
        assert client.get(path, headers={"If-Modified-Since": other}).status_code == 200
    tagged = {"If-Modified-Since": moment, "If-None-Match": '"other"'}
    assert client.get(path, headers=tagged).status_code == 200, "the tag decides where there is one"


def test_errors_are_not_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise ValueError("once")

    with monkeypatch.context() as patch:
        patch.setattr(feeds, "sitemap", broken)
        assert client.get("/sitemap.xml").status_code == 500
    assert client.get("/sitemap.xml").status_code == 200
    assert client.get("/articles/none").headers["Cache-Control"] == "no-store"
    assert "ETag" not in client.get("/api/v1/articles/none").headers
    for path in ("/articles/pay/1", "/feed.atom?q=缴费"):
        assert "ETag" in client.get(path).headers and "Last-Modified" not in client.get(path).headers


def test_many_who_ask_at_once_get_what_is_made_once(client: FlaskClient, made: list[Response]) -> None:
    """All but the first wait for it, whoever asks for something else does not."""
    go_on, begun = threading.Event(), threading.Event()
    match = Build.match

    def slow(*args: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return match(*args)

    answers: list[bytes] = []
    askers = [
        threading.Thread(target=lambda: answers.append(client.application.test_client().get("/sitemap.xml").data))
        for _ in range(4)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Build, "match", slow)
        for asker in askers:
            asker.start()
        assert begun.wait(60)
        assert client.get("/robots.txt").status_code == 200 and answers == []
        go_on.set()
        for asker in askers:
            asker.join(60)
    assert len(answers) == 4 and len(set(answers)) == 1
    assert len(made) == 2


def test_what_is_kept_is_bounded(client: FlaskClient, made: list[Response], monkeypatch: pytest.MonkeyPatch) -> None:
    """By hosts that are made up, too: what was asked for last stays."""
    monkeypatch.setattr(caching, "MOST", 20_000)
    kept = client.application.extensions["yibao-kept"]
    for number in range(40):
        assert client.get("/robots.txt", base_url=f"http://host{number}").status_code == 200
        assert client.get("/opensearch.xml").status_code == 200
        assert kept._size == sum(len(each.body) + 1024 for each in kept._answers.values()) <= 20_000
    assert len(made) == 41
    monkeypatch.setattr(caching, "MOST", 10)
    assert client.get("/coverage").status_code == 200 and not kept._answers


def test_every_route_says_what_may_be_kept_of_it(app: Flask) -> None:
    """Routes that are added later as well: each with each of its methods, found or not, by htmx or not."""
    client = app.test_client()
    values = {"article_id": ("pay/1", "none"), "filename": ("style.css", "none"), "size": ("192", "7")}
    asked = 0
    for rule in app.url_map.iter_rules():
        for n in range(2):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]][n], str(rule))  # noqa: B023
            for method in (*(rule.methods or ()), "POST"):
                for query, headers in (("", {}), ("?q=缴费", {"HX-Request": "true"}), ("?page=9999", {})):
                    with client.open(path + query, method=method, headers=headers) as answer:
                        assert answer.headers.get("Cache-Control"), (method, path + query)
                        if answer.status_code >= 400 or method == "OPTIONS":
                            assert answer.headers["Cache-Control"] == "no-store", (method, path + query)
                        asked += 1
    assert asked > 300


def test_static_files_are_kept_for_a_year_under_their_own_hash_only(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/").data, "html.parser")
    addresses = [str(tag.get("src") or tag.get("href")) for tag in page.select("script[src], [href^='/static/']")]
    assert len(addresses) >= 4

    def ask(path: str, **headers: str) -> tuple[int, str, str]:
        with client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as answer:
            return answer.status_code, answer.headers["Cache-Control"], answer.headers.get("ETag", "")

    for address in addresses:
        path, _, query = address.partition("?")
        assert ask(address)[:2] == (200, "public, max-age=31536000, immutable")
        other = next(each for each in addresses if each != address).partition("?")[2]
        for wrong in ("", "?v=", "?v=missing", "?v=None", f"?{other}", f"?v=x&{query}", f"?{query}&v=x", f"?{query}0"):
            status, kept, tag = ask(path + wrong)
            assert (status, kept) == (200, "public, no-cache"), wrong
        assert ask(path, If_None_Match=tag)[:2] == (304, "public, no-cache")
    for path in ("/static/vendor//htmx.min.js", "/static//vendor/htmx.min.js"):
        assert ask(path)[:2] in ((200, "public, no-cache"), (404, "no-store"))
    assert ask(addresses[0], Range="bytes=9999999-")[:2] == (416, "no-store")
    assert ask(addresses[0], If_Match='"x"')[:2] == (412, "no-store")


ONE_ADDRESS = {
    "/?page=1&q=缴费&size=10&x=1": "/?q=缴费",
    "/?q=缴费&explain=1": "/?q=缴费",
    "/?q=缴费&page=2&size=5&explain=1": "/?q=缴费&page=2&size=5",
    "/?q=缴费&sort=newest": "/?q=缴费&sort=newest",
    "/?topic=参保缴费&sort=newest&page=2&size=5": "/?topic=参保缴费&page=2&size=5",
    "/?topic=参保缴费&sort=oldest": "/?topic=参保缴费&sort=oldest",
    "/?page=2&size=10": "/?sort=newest&page=2",
    "/coverage?province=黑龙江&topic=住院": "/coverage?province=黑龙江省",
    "/articles/pay/1?q=缴费&page=2": "/articles/pay/1",
}


def test_what_shows_the_same_has_one_address(app: Flask) -> None:
    base = "https://yibao.example.org"
    client = create_app(Settings(app.extensions["yibao-index"].address, base)).test_client()
    for path, one in ONE_ADDRESS.items():
        canonical = _canonical(client.get(path))
        assert unquote(canonical) == base + one
        assert _canonical(client.get(canonical.removeprefix(base))) == canonical, "it leads to itself"


def _canonical(answer: Any) -> str:
    (link,) = BeautifulSoup(answer.data, "html.parser").select("link[rel=canonical]")
    return str(link["href"])


@pytest.mark.parametrize("path", ["//articles/pay/1", "//evil.example/x", "/articles//pay/1", "//api//v1/search"])
def test_no_address_is_put_right_by_a_redirect(client: FlaskClient, path: str) -> None:
    """It would be made of what the request calls this server."""
    answer = client.get("/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": "evil.example"})
    assert answer.status_code in (200, 404) and "Location" not in answer.headers
