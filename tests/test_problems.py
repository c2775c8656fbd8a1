"""Every status as a page, as a block and as a problem document, whoever it comes from: program, limiter, proxy."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, TooManyRequests, abort

from search import EngineUnavailable, IndexDamaged
from tests.web import make_app
from webui import Settings, create_app

HTMX = {"HX-Request": "true"}
SAYS = {
    400: "请检查地址",
    403: "请从搜索页重新开始",
    404: "换个词搜一搜",
    405: "请从搜索页重新开始",
    408: "请再试一次",
    410: "换个词搜一搜",
    413: "不收文件",
    414: "少选几个条件",
    429: "请等一分钟",
    431: "少选几个条件",
    451: "请检查地址",
    499: "请检查地址",
    500: "请稍后再试",
    502: "请过一会儿再试",
    503: "请过一会儿再试",
    504: "请过一会儿再试",
    599: "请稍后再试",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    app = make_app(tmp_path_factory.mktemp("problems"))

    @app.get("/fail/<int:status>")
    @app.get("/api/fail/<int:status>", endpoint="api")
    def fail(status: int) -> None:
        if status == 429:
            raise TooManyRequests(retry_after=60)
        if status in (499, 599):  # no status that HTTP knows
            error = HTTPException("away")
            error.code = status
            raise error
        abort(status)

    @app.get("/crash")
    @app.get("/api/crash", endpoint="api_crash")
    def crash() -> None:
        raise RuntimeError("secret")

    return app.test_client()


@pytest.mark.parametrize("status", SAYS)
def test_every_status_is_a_page_that_says_what_to_do(client: FlaskClient, status: int) -> None:
    for headers in ({}, HTMX):
        response = client.get(f"/fail/{status}?q=缴费", headers=headers)
        page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
        assert response.status_code == status
        assert SAYS[status] in page.select_one("[role=status]").get_text()  # type: ignore[union-attr]
        assert page.h1 and page.h1.get_text(strip=True)
        assert page.select_one("main a[href='/']"), "a way on"
        assert bool(page.select("#q")) is not bool(headers), "the box: on the page, outside of the block"
        assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("status", SAYS)
def test_every_status_is_a_problem_document(client: FlaskClient, status: int) -> None:
    response = client.get(f"/api/fail/{status}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    body = json.loads(response.data)
    assert body["status"] == status and body["type"] == "about:blank" and body["title"] and body["detail"]


def test_limiter_says_how_long_to_wait(client: FlaskClient) -> None:
    assert client.get("/fail/429").headers["Retry-After"] == "60"
    assert client.get("/api/fail/429").headers["Retry-After"] == "60"


def test_who_is_not_answered_is_told_when_to_ask_again(client: FlaskClient) -> None:
    assert client.get("/fail/503").headers["Retry-After"] == "30"
    assert client.get("/api/fail/503").headers["Retry-After"] == "30"
    assert "Retry-After" not in client.get("/fail/500").headers


def test_body_that_is_too_large_is_refused_in_the_design(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/take")
    def take() -> str:
        from flask import request

        return request.get_data(as_text=True)

    response = app.test_client().post("/take", data=b"x" * 100)
    page = BeautifulSoup(response.get_data(as_text=True), "html.parser")
    assert response.status_code == 413
    assert page.h1 and page.h1.get_text() == "发来的内容太大"


@pytest.mark.parametrize("path", ["/crash", "/api/crash"])
def test_defect_is_an_answer_that_tells_nothing(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 500
    assert "secret" not in response.get_data(as_text=True)


def test_method_that_is_not_served_names_those_that_are(client: FlaskClient) -> None:
    response = client.post("/")
    assert response.status_code == 405 and "GET" in response.headers["Allow"]
    assert "不支持这种请求" in response.get_data(as_text=True)


class Lost(EngineUnavailable):
    """What an engine raises for its own use."""


class Torn(IndexDamaged):
    """The same of an index."""


@pytest.mark.parametrize(("error", "code"), [(Lost("x"), "engine-unavailable"), (Torn("x"), "index-damaged")])
def test_a_kind_of_an_error_is_told_as_what_it_is_a_kind_of(tmp_path: Path, error: Exception, code: str) -> None:
    app = make_app(tmp_path)

    @app.get("/api/lost")
    def lost() -> None:
        raise error

    response = app.test_client().get("/api/lost")
    assert (response.status_code, json.loads(response.data)["code"]) == (503, code)


def test_a_cluster_that_does_not_answer_is_told_as_that() -> None:
    """Whoever asks gets 503 with when to ask again, and neither the address nor fewer results."""
    client = create_app(Settings("opensearch://reader:secret@127.0.0.1:1/yibao")).test_client()
    for path in ("/?q=医保", "/coverage", "/api/v1/search?q=医保", "/readyz", "/feed.atom"):
        response = client.get(path)
        text = response.get_data(as_text=True)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), path
        assert "127.0.0.1:1" not in text and "secret" not in text
        if response.mimetype == "application/problem+json":
            assert json.loads(text)["code"] == "engine-unavailable"
        else:
            assert "请过几秒再试一次" in text
    assert client.get("/livez").status_code == 200
