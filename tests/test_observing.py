"""Probes, ids of requests and log lines: what an operator sees, and that nothing of it was asked."""

import json
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gevent
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from search import IndexDamaged, IndexMissing, IndexOutdated, IndexUnavailable, reindex
from tests.test_connections import PATIENCE, serving, to_the_end
from tests.test_metrics import fetch, port_of_metrics
from tests.web import build_index
from webui import Settings, create_app
from webui.http.worker import log_failures
from webui.observing.log_lines import JsonLines, TextLines
from webui.served_index import STOPPING

UUID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    index = build_index(tmp_path_factory.mktemp("observing"))
    app = create_app(Settings(index, slow=PATIENCE * 1000))  # no answer is slow, however busy the machine

    @app.get("/crash/<what>")
    @app.get("/api/crash/<what>", endpoint="api_crash")
    def crash(what: str) -> None:
        try:
            raise KeyError(what)
        except KeyError as error:
            raise RuntimeError(f"cannot read {what}") from error

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@contextmanager
def recorded(form: logging.Formatter) -> Iterator[list[str]]:
    """Collect the lines that are written meanwhile."""
    lines: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Collecting()
    handler.setFormatter(form)
    log = logging.getLogger("webui")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


@contextmanager
def told() -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []
    with recorded(JsonLines()) as lines:
        yield found
    found += map(json.loads, lines)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_probes_answer_while_there_is_an_index(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.get_json()["status"]) == (200, "ok")


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/readyz", 503), ("/healthz", 503)])
def test_without_an_index_a_server_lives_and_is_not_ready(tmp_path: Path, path: str, status: int) -> None:
    assert create_app(Settings(tmp_path / "none")).test_client().get(path).status_code == status


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/readyz", 503), ("/healthz", 503)])
def test_a_server_that_stops_lives_and_is_not_ready(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    monkeypatch.setitem(app.config, STOPPING, True)
    response = app.test_client().get(path)
    assert response.status_code == status
    assert response.get_json(force=True).get("code") == ("stopping" if status == 503 else None)


@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_ready_is_who_finds_a_word(app: Flask, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("webui.http.health.answer", fail)
    assert app.test_client().get(path).status_code == 500


def test_health_tells_what_is_live_beside_what_is_served(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: 缴费\n---\n缴费。\n", "utf-8")
    index = tmp_path / "index"
    reindex([tmp_path / "a.md"], index)
    client = create_app(Settings(index)).test_client()
    first = client.get("/healthz").get_json()
    assert "waiting" not in first
    assert 0 <= first["age_seconds"] < PATIENCE
    (index / "CURRENT").write_text("20990101-000000-00000000\n", "ascii")  # a build that cannot be opened
    second = client.get("/healthz").get_json()
    assert second["waiting"] == {"build_id": "20990101-000000-00000000", "reason": "unusable"}
    assert second["build_id"] == first["build_id"]


@pytest.mark.parametrize("given", [UUID, UUID.upper(), "0123456789abcdef" * 2])
def test_the_id_that_a_proxy_gave_is_kept(client: FlaskClient, given: str) -> None:
    with told() as lines:
        assert client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    assert [line["request_id"] for line in lines] == [given]


@pytest.mark.parametrize(
    "given", ["", "x", "糖尿病".encode().decode("latin-1"), "110105194912310021", "13800138000", f"{UUID} x", "a" * 33]
)
def test_what_people_could_have_typed_is_no_id(client: FlaskClient, given: str) -> None:
    ids = {client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2 and given not in ids
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)


@pytest.mark.parametrize("path", ["/nowhere", "/?q=缴费&page=99", "/crash/x"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "block"])
def test_error_pages_show_the_id_of_their_line(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    with told() as lines:
        response = client.get(path, headers=headers)
    page = BeautifulSoup(response.text, "html.parser")
    number = page.select_one(".number code")
    assert number and number.get_text() == response.headers["X-Request-ID"]
    assert "编号" in page.get_text()
    assert {line["request_id"] for line in lines} == {number.get_text()}


@pytest.mark.parametrize(
    ("method", "path", "status", "route"),
    [
        ("GET", "/?q=缴费", 200, "/"),
        ("HEAD", "/?q=缴费", 200, "/"),
        ("GET", "/articles/pay/1?q=缴费", 200, "/articles/<path:article_id>"),
        ("GET", "/api/v1/articles/none", 404, "/api/v1/articles/<path:article_id>"),
        ("GET", "/nowhere", 404, "-"),
        ("POST", "/coverage", 405, "-"),
        ("DELETE", "/", 405, "-"),
        ("SECRET", "/", 405, "-"),
        ("GET", "/api/crash/x", 500, "/api/crash/<what>"),
    ],
)
def test_an_answer_is_a_line(client: FlaskClient, method: str, path: str, status: int, route: str) -> None:
    with told() as lines:
        response = client.open(path, method=method)
    line = lines[-1]
    assert (line["message"], line["status"], line["route"]) == ("answer", status, route)
    assert line["method"] == (method if method != "SECRET" else "-")
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["bytes"] == len(response.data)
    assert line["ms"] >= 0
    assert line["level"] == ("error" if status == 500 else "info")
    assert ("build" in line) is (status != 500), "the index was asked (pages of errors ask for its facets)"


def test_a_line_as_text(client: FlaskClient) -> None:
    with recorded(TextLines()) as lines:
        client.get("/articles/pay/1", headers={"X-Request-ID": UUID})
    (line,) = lines
    assert re.fullmatch(
        rf"\[[-0-9]+ [:0-9]+ [-+0-9]+\] \[[0-9]+\] \[INFO\] answer request_id={UUID} method=GET"
        r" route=/articles/<path:article_id> status=200 ms=[0-9.]+ bytes=[0-9]+ build=[-0-9a-f]+",
        line,
    )


def test_lines_are_lines() -> None:
    record = logging.LogRecord("webui", logging.ERROR, "", 0, "a file\n[ERROR] named so\u2028", None, None)
    assert TextLines().format(record).endswith("[ERROR] a file [ERROR] named so ")
    assert json.loads(JsonLines().format(record))["message"] == "a file [ERROR] named so "


@pytest.mark.parametrize(("slow", "level"), [(0.0, "warning"), (PATIENCE * 1000, "info")])
def test_a_slow_answer_is_a_warning_with_the_number_of_clauses(
    app: Flask, tmp_path: Path, slow: float, level: str
) -> None:
    address = app.extensions["yibao-index"].address
    client = create_app(Settings(address, slow=slow)).test_client()
    with told() as lines:
        client.get("/api/v1/search?q=黑河 缴费 -挂失")
        client.get("/livez")
    assert [line.get("clauses") for line in lines] == [3, None]
    assert [(line["level"], line["message"]) for line in lines] == [
        (level, "slow answer" if level == "warning" else "answer")
    ] * 2


def test_an_exception_tells_where_and_not_what(client: FlaskClient) -> None:
    with told() as lines:
        client.get("/crash/糖尿病?q=肝炎")
    failed, line = lines
    assert "KeyError" in failed["exception"] and "RuntimeError" in failed["exception"]
    assert "test_observing.py" in failed["exception"]
    assert "糖尿病" not in json.dumps(lines, ensure_ascii=False) and failed["request_id"] == line["request_id"]


def test_nor_does_it_where_somebody_else_writes_the_lines(client: FlaskClient) -> None:
    with recorded(logging.Formatter()) as lines:
        client.get("/crash/糖尿病")
    assert "KeyError" in lines[0] and "direct cause" in lines[0] and "糖尿病" not in "".join(lines)


def test_an_index_that_is_not_there_is_for_the_log(tmp_path: Path) -> None:
    client = create_app(Settings(tmp_path / "none")).test_client()
    for path in ("/", "/articles/x", "/sitemap.xml", "/api/v1/search", "/healthz", "/readyz"):
        with told() as lines:
            response = client.get(path)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30"), path
        assert str(tmp_path) not in response.text and "yibao reindex" not in response.text, path
        message = lines[0]
        assert "yibao reindex --index-dir" in message["message"] and str(tmp_path) in message["message"]
        assert message["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IndexMissing, "index-missing"),
        (IndexDamaged, "index-damaged"),
        (IndexOutdated, "index-outdated"),
        (IndexUnavailable, "index-unavailable"),
    ],
)
def test_programs_are_told_why_by_a_code(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: type[IndexUnavailable], code: str
) -> None:
    def fail() -> None:
        raise error("/var/secret is not an index", "yibao reindex /home/secret")

    monkeypatch.setattr("webui.http.api.engine", fail)
    response = client.get("/api/v1/search")
    assert (response.status_code, response.get_json(force=True)["code"]) == (503, code)
    assert "secret" not in response.text and response.headers["Retry-After"]


def test_what_escapes_from_a_greenlet_is_logged_by_its_places(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(what: str) -> None:
        raise KeyError(what)

    hub = gevent.get_hub()
    with recorded(TextLines()) as lines:
        log_failures(logging.getLogger("webui"))
        try:
            gevent.spawn(fail, "SECRET").join()
        finally:
            del hub.print_exception
    assert "KeyError" in lines[0] and "SECRET" not in lines[0]
    assert "SECRET" not in "".join(capfd.readouterr())


SECRETS = {"SECRET", "糖尿病", quote("糖尿病")}
HEADERS = ("Referer", "Cookie", "User-Agent", "X-Request-ID", "Authorization", "HX-Current-URL", "X-Forwarded-For")


def test_nothing_that_was_asked_is_written_down(seed_index: Path, tmp_path: Path) -> None:
    """Secrets in every place of sound and of broken requests; all that the processes write is looked through."""
    errors, state = tmp_path / "errors", tmp_path / "state"
    watching = ["--metrics", "127.0.0.1:0", "--gaps", "--state-dir", str(state), "--log-format", "json", "--slow", "0"]
    headers = "".join(f"{name}: SECRET 糖尿病\r\n" for name in HEADERS).encode()
    sound = [
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n".encode() + headers + b"\r\n"
        for host in ("a", "SECRET", "secret..SECRET", "SECRET:x")
        for method, path in (
            ("GET", "/?q=SECRET"),
            ("GET", f"/api/v1/search?q={quote('糖尿病')}&SECRET=SECRET"),
            ("GET", "/articles/SECRET"),
            ("GET", "/SECRET"),
            ("GET", "/export.json?q=SECRET"),
            ("SECRET", "/?q=SECRET"),
            ("GET", f"/?q={'SECRET' * 300}"),
        )
    ]
    broken = [
        b"GET /?q=SECRET HTTP/9.9\r\n\r\n",
        b"GET /?q=SECRET\r\n\r\n",
        b"SECRET\r\n\r\n",
        b"GET /SECRET HTTP/1.1\r\nSECRET\r\n\r\n",
        b"GET /SECRET HTTP/1.1\r\nHost: a\r\nContent-Length: SECRET\r\n\r\n",
        b"GET /SECRET HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: SECRET\r\n\r\n",
        b"GET /" + b"SECRET" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /SECRET HTTP/1.1\r\nHost: a\r\nSECRET: " + b"SECRET" * 2000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\nSECRET",
        "GET /糖尿病 HTTP/1.1\r\nHost: 糖尿病\r\nConnection: close\r\n\r\n".encode(),
    ]
    with serving(seed_index, *watching, errors=errors) as server:
        port = port_of_metrics(server)
        for request in (*sound, *broken):
            with server.connect() as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                assert to_the_end(client)
        assert server.ask("/livez") == 200
        metrics = fetch(port)[2]
        rest = server.process.stdout
        server.process.terminate()
        server.process.wait(PATIENCE)
        assert rest
        written = errors.read_text("utf-8")
        kept = [path.read_text("utf-8") for path in state.rglob("*.*")]
        everything = "\n".join([written, rest.read(), metrics, *kept]).lower()
    assert [secret for secret in SECRETS if secret.lower() in everything] == []
    assert "yibao_requests_total" in metrics
    lines = [line for line in written.splitlines() if "answer" in line]
    assert len(lines) == len(sound) + len(broken) + 1, "each has its line"
    objects = [json.loads(line) for line in lines]
    assert all(line["request_id"] for line in objects)
    unread = [line for line in objects if "ms" not in line]
    assert len(unread) >= 8 and {(line["method"], line["route"]) for line in unread} == {("-", "-")}
    assert {line["level"] for line in objects if line.get("ms")} == {"warning"}, "slower than 0 ms"
