"""Where the server says it is, whom it answers, and what may be kept of its answers."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ, run_wsgi_app

from search import reindex
from tests.web import make_app
from webui import Settings, create_app

BASE = "https://yibao.example.org"
ABSOLUTE = ("/sitemap.xml", "/robots.txt", "/opensearch.xml", "/feed.atom", "/export.json?q=缴费", "/articles/pay/1")
OF_BUILD = (*ABSOLUTE[:4], "/coverage", "/openapi.json", "/api/v1/articles/pay/1")
ASKED = ("/api/v1/search?q=缴费", "/api/v1/suggest?q=缴", "/suggest?q=缴", "/export.json?q=缴费", "/export.csv?q=缴费")
ODD_HOSTS = ("x" * 64, "a..b", ".a", "..", "a b", "[::1", "a:b", "é", "-", "xn--a")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def settled(app: Flask, *, base_url: str = "", trusted_hosts: tuple[str, ...] = ()) -> FlaskClient:
    """Return a client of another app over the same index."""
    return create_app(Settings(app.extensions["yibao-index"].address, base_url, trusted_hosts)).test_client()


@pytest.mark.parametrize("path", ABSOLUTE)
def test_absolute_addresses_are_the_configured_ones_whatever_a_request_claims(app: Flask, path: str) -> None:
    answer = settled(app, base_url=BASE).get(path, base_url="http://evil.example", headers={"X-Forwarded-Host": "evil"})
    text = answer.get_data(as_text=True)
    assert BASE in text and "evil" not in text
    assert "http://localhost" in settled(app).get(path).get_data(as_text=True), "as asked, where nothing is configured"


def test_the_canonical_address_is_absolute(app: Flask) -> None:
    for base in (BASE, ""):
        page = BeautifulSoup(settled(app, base_url=base).get("/articles/pay/1?q=缴费").data, "html.parser")
        link = page.select_one("link[rel=canonical]")
        assert link and link["href"] == f"{base or 'http://localhost'}/articles/pay/1"


@pytest.mark.parametrize(
    ("host", "status"),
    [("yibao.example.org", 200), ("yibao.example.org:8000", 200), ("a.example.net", 200), ("evil.example", 400)],
)
def test_only_trusted_hosts_are_answered(app: Flask, host: str, status: int) -> None:
    client = settled(app, trusted_hosts=("yibao.example.org", ".example.net"))
    page = client.get("/?q=缴费", headers={"Host": host})
    assert page.status_code == status
    assert ("请检查地址" in page.get_data(as_text=True)) is (status == 400)
    assert client.get("/api/v1/search?q=缴费", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("host", ODD_HOSTS)
@pytest.mark.parametrize("path", ["/", "/api/v1/search", "/nowhere", "/healthz", "/sitemap.xml", "/articles/pay/1"])
def test_an_odd_host_is_no_defect_of_ours(app: Flask, host: str, path: str) -> None:
    # Not by the client, which cannot handle some of these itself.
    environ = {**create_environ(path), "HTTP_HOST": host.encode().decode("latin-1")}
    parts, status, headers = run_wsgi_app(app, environ, buffered=True)
    assert status[0] in "24" and headers["Content-Security-Policy"]
    assert b"".join(parts)


@pytest.mark.parametrize("path", ["/", "/api/v1/search"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 410, 413, 414, 429, 431, 500, 502, 503, 504])
def test_every_error_page_is_made_without_routing(app: Flask, status: int, path: str) -> None:
    error = HTTPException("away")
    error.code = status
    with app.test_request_context(path, environ_overrides={"HTTP_HOST": "a..b"}) as context:
        assert context.url_adapter is None, "the host leads nowhere"
        answer = app.make_response(app.handle_http_exception(error))
    assert answer.status_code == status
    if path == "/":
        page = BeautifulSoup(answer.get_data(), "html.parser")
        assert page.h1 and page.select("link[rel=stylesheet][href*='style.css?v=']")
    else:
        assert json.loads(answer.get_data())["status"] == status


def test_every_answer_says_what_may_be_kept_of_it(app: Flask, client: FlaskClient) -> None:
    paths = [str(rule) for rule in app.url_map.iter_rules() if "<" not in str(rule)]
    asked = [
        *paths,
        *ASKED,
        "/nowhere",
        "/api/v1/search?page=x",
        "/articles/pay/1",
        "/static/style.css",
        "/static/none",
    ]
    for path in asked:
        with client.get(path) as answer:
            assert answer.headers.get("Cache-Control"), path
    assert client.post("/").headers["Cache-Control"]


@pytest.mark.parametrize("path", ASKED)
def test_nobody_keeps_what_people_ask(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", OF_BUILD)
def test_what_depends_on_the_build_is_sent_once_a_build(path: str, tmp_path: Path) -> None:
    client = make_app(tmp_path).test_client()
    seen = set()
    for encoding in ("identity", "gzip"):
        asked = {"Accept-Encoding": encoding}
        first = client.get(path, headers=asked)
        tag = first.headers["ETag"]
        assert first.status_code == 200 and "no-cache" in first.headers["Cache-Control"]
        again = client.get(path, headers={**asked, "If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert client.get(path, headers={**asked, "If-None-Match": '"another"'}).status_code == 200
        seen.add(re.findall(r"[0-9a-f]{32}", tag)[0])
    assert len(seen) == 1
    reindex([tmp_path / "source"], tmp_path / "index")
    fresh = client.get(path, headers={"If-None-Match": tag})
    assert fresh.status_code == 200 and seen.isdisjoint(re.findall(r"[0-9a-f]{32}", fresh.headers["ETag"]))


def test_one_tag_is_not_taken_for_another_page(client: FlaskClient) -> None:
    tags = [client.get(path).headers["ETag"] for path in OF_BUILD]
    tags += [client.get("/coverage", headers={"HX-Request": "true"}).headers["ETag"]]
    tags += [client.get(path, base_url="http://else").headers["ETag"] for path in ABSOLUTE[:4]]
    assert len(set(tags)) == len(tags)
