"""What docs/security.md promises: its tests exist; and those promises that no other room holds."""

from __future__ import annotations

import ast
import re
import socket
from functools import cache
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web import make_app
from yaml.constructor import BaseConstructor

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/security.md").read_text("utf-8")
SOURCES = sorted([*(ROOT / "search").rglob("*.py"), *(ROOT / "webui").rglob("*.py")])
PAGES = [
    "/",
    "/?q=备案",
    "/articles/pay/1",
    "/coverage",
    "/feed.atom",
    "/export.csv",
    "/export.json",
    "/sitemap.xml",
    "/robots.txt",
    "/opensearch.xml",
    "/api/v1/search",
    "/api/v1/suggest?q=bei",
    "/openapi.json",
    "/healthz",
    "/nowhere",
    "/api/nowhere",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("security")).test_client()


def test_every_promise_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(tests/\w+\.py)::(\w+)`", TEXT)
    rows = [line for line in TEXT.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) > 20 and all("::" in row for row in rows)
    there = {
        (path, node.name)
        for path in {path for path, _ in named}
        for node in ast.parse((ROOT / path).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(named) - there == set()


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {str(node.module)}
    return found


def _calls(path: Path) -> set[str]:
    """Return what is called by a name or by one of a module, and of `yaml.load` with which loader."""
    calls = {
        ast.unparse(node.func): node
        for node in _nodes(path)
        if isinstance(node, ast.Call)
        and (isinstance(node.func, ast.Name) or isinstance(getattr(node.func, "value", None), ast.Name))
    }
    load = calls.get("yaml.load")
    return {*calls, *([ast.unparse(load.keywords[0].value)] if load else [])}


MAY_START = {
    # Starts Python, to read files in it under limits, and is answered by it.
    "search/processes.py": {"subprocess", "pickle"},
    # Starts LibreOffice where it is installed, in such a process: a list of arguments, no shell.
    "search/formats/libreoffice.py": {"subprocess"},
}


MAY_CALL = {
    # Says how long to wait for the cluster that the operator names, which is all that it asks.
    "search/engines/opensearch/cluster.py": {"urllib3"},
}


def test_no_command_is_started_and_nothing_is_unpickled() -> None:
    modules = {"subprocess", "pickle", "marshal", "shelve", "dill"}
    calls = {"eval", "exec", "os.system", "os.popen", "yaml.unsafe_load", "yaml.full_load", "os.execv", "os.spawnv"}
    for path in SOURCES:
        own = MAY_START.get(path.relative_to(ROOT).as_posix(), set())
        assert not _imports(path) & (modules - own), path
        made = _calls(path)
        assert not made & calls, path
        assert "yaml.load" not in made, path
    from search.formats.front_matter import _PlainLoader

    constructors = [kind for kind in _PlainLoader.__mro__ if "yaml_constructors" in vars(kind)]
    assert constructors == [BaseConstructor], "which builds text, lists and mappings only"
    assert not _PlainLoader.yaml_constructors


def test_nothing_calls_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {"urllib.request", "http.client", "requests", "urllib3", "ftplib", "smtplib"}
    for path in SOURCES:
        own = MAY_CALL.get(path.relative_to(ROOT).as_posix(), set())
        assert not _imports(path) & (modules - own), path

    def refused(*_: object) -> None:
        raise AssertionError("something connected")

    monkeypatch.setattr(socket.socket, "connect", refused)
    for page in PAGES:
        assert client.get(page).status_code in (200, 404)


@pytest.mark.parametrize("page", PAGES)
def test_no_answer_sets_a_cookie_or_names_the_program(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers
    assert not {"Set-Cookie", "Server", "X-Powered-By"} & set(headers.keys())


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_says_what_it_is(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind, _, more = answer.headers["Content-Type"].partition(";")
    # JSON is UTF-8 by its own definition; all other text says so.
    assert kind.endswith("json") or more.strip() == "charset=utf-8"


WAYS = ["../", "..%2f", "%2e%2e/", "..%5c", "....//", "%252e%252e%252f", "/", "%00/"]
FILES = ["etc/passwd", "webui/http/server.py", "pyproject.toml", "index/CURRENT", "source/card.md"]


@pytest.mark.parametrize("root", ["/", "/static/", "/static/v/", "/articles/", "/api/v1/articles/"])
def test_no_path_leads_to_a_file(client: FlaskClient, root: str) -> None:
    for way in WAYS:
        for file in FILES:
            for depth in (1, 4, 12):
                answer = client.get(root + way * depth + file)
                assert answer.status_code in (301, 308, 400, 404), answer.request.path
                assert "root:" not in answer.text and "def serve" not in answer.text


def test_proxies_insist_on_tls() -> None:
    for name in ("nginx.conf", "Caddyfile"):
        text = (ROOT / "docs/deploy" / name).read_text("utf-8")
        assert re.search(r"Strict-Transport-Security \"?max-age=\d{8}", text)
