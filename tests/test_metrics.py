"""Metrics of a server with two workers: added up over both, on a port of their own, in labels that are ours."""

import os
import re
import signal
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask import Flask
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from werkzeug.test import Client

from search import Build, IndexDamaged, reindex
from search.command.cli import main
from tests.test_connections import PATIENCE, Server, serving, until
from tests.web import make_app
from webui import Settings, create_app
from webui.observing.metrics import FOLDER, Metrics, OfIndex

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
DEATHS = "yibao_worker_deaths_total"


def port_of_metrics(server: Server) -> int:
    assert server.process.stdout
    found = re.search(r"http://127\.0\.0\.1:([0-9]+)/metrics", server.process.stdout.readline())
    assert found
    return int(found.group(1))


def fetch(port: int, path: str = "/metrics") -> tuple[int, str, str]:
    client = HTTPConnection("127.0.0.1", port, PATIENCE)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
    finally:
        client.close()


def samples(port: int) -> Samples:
    status, kind, text = fetch(port)
    assert (status, kind.partition(";")[0]) == (200, "application/openmetrics-text")
    families = list(text_string_to_metric_families(text))
    return {(sample.name, frozenset(sample.labels.items())): sample.value for one in families for sample in one.samples}


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def test_a_server_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One server for all of it: starting one takes longest."""
    source, temporary = tmp_path / "source", tmp_path / "temporary"
    source.mkdir()
    temporary.mkdir()
    (source / "a.md").write_text("---\ntitle: 缴费\n---\n缴费。\n", "utf-8")
    (source / "b.jsonl").write_text('{"id": "b"}\n{"id": "c"}\n', "utf-8")
    build = reindex([source], tmp_path / "index").build_id
    monkeypatch.setenv("TMPDIR", str(temporary))
    errors, state = tmp_path / "errors", tmp_path / "state"
    with serving(tmp_path / "index", "--metrics", "127.0.0.1:0", "--state-dir", str(state), errors=errors) as server:
        port = port_of_metrics(server)
        held = server.connect()
        for _ in range(20):  # each on a connection of its own, so both workers have some
            assert server.ask(f"/api/v1/search?q={quote('缴费')}") == 200
            assert server.ask(f"/?q={quote('糖尿病')}") == 200
            assert server.ask("/SECRET") == 404
        found = samples(port)
        assert value(found, "yibao_requests_total", route="/api/v1/search", status="200") == 20
        assert value(found, "yibao_requests_total", route="/", status="200") == 20
        assert value(found, "yibao_requests_total", route="-", status="404") == 20
        assert value(found, "yibao_request_seconds_count", route="/api/v1/search") == 20
        assert value(found, "yibao_request_seconds_bucket", route="/", le="+Inf") == 20
        assert value(found, "yibao_no_results_total", route="/") == 20
        assert value(found, "yibao_no_results_total", route="/api/v1/search") == 0
        assert value(found, "yibao_index_up") == 1
        assert value(found, "yibao_index_info", served=str(build), live=str(build)) == 1
        assert value(found, "yibao_index_documents") == 1
        assert value(found, "yibao_index_rejections") == 2
        assert 0 <= value(found, "yibao_index_age_seconds") < PATIENCE
        assert value(found, DEATHS, how="SIGKILL") == 0
        until(lambda: value(samples(port), "yibao_connections") == 2)  # the one held, and the one that asks
        assert not re.search(f"SECRET|糖尿病|缴费|{tmp_path}", fetch(port)[2])

        assert fetch(port, "/?q=x")[0] == 404, "pages are not served here"
        assert server.ask("/metrics") == 404, "and metrics not there"

        victims = server.workers()
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        until(lambda: len(server.workers() - victims) == 2)
        found = samples(port)
        deaths = {dict(labels)["how"]: number for (name, labels), number in found.items() if name == DEATHS}
        # Between the two looks of the master, one may end of which only that is known.
        assert deaths.keys() <= {"SIGKILL", "unknown"} and sum(deaths.values()) == 2
        assert value(found, "yibao_requests_total", route="/", status="200") == 20, "what was counted stays"
        assert value(found, "yibao_connections") == 1, "what was held is gone"
        held.close()

        (source / "c.md").write_text("---\ntitle: 住院\n---\n住院。\n", "utf-8")
        new = reindex([source], tmp_path / "index").build_id
        assert value(samples(port), "yibao_index_info", served=str(new), live=str(new)) == 1
        assert f"[INFO] switched from index {build} to {new}" in errors.read_text("utf-8")
        files = {path.name.split("_")[0] for folder in temporary.iterdir() for path in folder.iterdir()}
        assert files == {"counter", "histogram", "gauge"}
    assert list(temporary.iterdir()) == [], "nothing is left behind"
    assert not state.exists(), "gaps are counted only where that is asked for"


@pytest.mark.parametrize("where", ["9100", ":9100", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "a:-1"])
def test_where_to_answer_is_a_host_and_a_port(where: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--metrics", where])
    assert done.exit_code == 2 and "must be like 127.0.0.1:9100" in done.output


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("metrics"))


def of_index(app: Flask) -> dict[str, float]:
    return {metric.name: metric.samples[0].value for metric in OfIndex(app).collect()}


def test_without_an_index_only_that_is_told(tmp_path: Path) -> None:
    assert of_index(create_app(Settings(tmp_path / "none"))) == {"yibao_index_up": 0}


def test_rejections_that_cannot_be_read_are_not_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Build) -> None:
        raise IndexDamaged("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Build, "manifest", fail)
        assert "yibao_index_rejections" not in of_index(app)
    assert of_index(app)["yibao_index_rejections"] == 0


@pytest.mark.parametrize(
    ("request_line", "status", "empty"),
    [("GET /metrics", 200, False), ("HEAD /metrics", 200, True), ("POST /metrics", 404, True), ("GET /", 404, True)],
)
def test_metrics_are_all_there_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, request_line: str, status: int, empty: bool
) -> None:
    method, path = request_line.split()
    monkeypatch.setenv(FOLDER, "")  # and what is set instead goes with it
    metrics = Metrics()
    try:
        response = Client(metrics.endpoint(app)).open(path, method=method)
        assert (response.status_code, response.data == b"") == (status, empty)
        assert response.headers["Cache-Control"] == "no-store"
    finally:
        metrics.close()
