"""A real server with the known records, and pages of a real browser that notice what should not happen."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web import make_app

TIMEOUT = 15_000
"""Milliseconds until a browser test gives up: machines that run all checks at once are slow."""
expect.set_options(timeout=TIMEOUT)
each_size = pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
"""Letters of both sizes."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """The server as a test sees it: what was asked, and how slowly or badly it answers.

    `asked` holds the parameters of each search request, `answered` the texts of those that are done; `slow` maps a text
    to the seconds its answer takes, `held` to what lets it come; `broken` makes every search a 503, `cut` ends every
    answer in its middle.
    """

    url: str = ""
    app: Flask | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    held: dict[str, Event] = field(default_factory=dict)
    broken: bool = False
    cut: bool = False

    def hold(self, text: str) -> Event:
        """Keep the answers for a text back until what is returned is set."""
        return self.held.setdefault(text, Event())

    def texts(self) -> list[str]:
        return [params.get("q", [""])[0] for params in self.asked]

    def wrap(self, app: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
        def whole(environ: dict[str, Any], start_response: Any) -> bytes:
            # Werkzeug's server does not close an answer whose reader has gone; what is read here at once, is closed.
            with closing(app(environ, start_response)) as answer:
                return b"".join(answer)

        def tapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"] != "/":
                return [whole(environ, start_response)]
            params = parse_qs(environ["QUERY_STRING"])
            text = params.get("q", [""])[0]
            self.asked.append(params)
            time.sleep(self.slow.get(text, 0))
            if text in self.held:
                self.held[text].wait(TIMEOUT / 1000)
            self.answered.append(text)
            if self.broken:
                start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
                return [b"away"]
            answer = whole(environ, start_response)
            return [answer[: len(answer) // 2] if self.cut else answer]  # the length that was promised stays

        return tapped


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what the server has seen."""
    end = time.monotonic() + TIMEOUT / 1000
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        page.wait_for_timeout(20)


def held(page: Page, address: str) -> list[Route]:
    """The requests of a page for an address, each kept back until the test lets it go on."""
    routes: list[Route] = []

    def keep(route: Route) -> None:
        routes.append(route)

    page.route(address, keep)
    return routes


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make_app(tmp_path_factory.mktemp("web"))) as server:
        yield server


@contextmanager
def serving(app: Flask) -> Iterator[Server]:
    """Serve `app` on a port of its own."""
    server = Server(app=app)
    httpd = make_server("127.0.0.1", 0, server.wrap(app), threaded=True, request_handler=_Quiet)
    httpd.daemon_threads = True
    server.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield server
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def server(running: Server) -> Server:
    running.asked.clear()
    running.answered.clear()
    running.slow.clear()
    for held in running.held.values():
        held.set()
    running.held.clear()
    running.broken = running.cut = False
    return running


# One a file: Playwright runs an event loop as long as it is there, and other files of the same process want their own.
@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, server: Server) -> Iterator[NewPage]:
    """Open pages with any context options; at the end, fail if one complained or asked another host.

    `complaints=True` allows console messages (a test with a failing server has some).
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    host = urlsplit(server.url).netloc

    def open_page(*, complaints: bool = False, **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options}
        context = browser.new_context(base_url=server.url, **options)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", lambda request: _check_host(request.url, host, faults))
        if not complaints:
            page.on("console", lambda message: _blame(faults, message.type, message.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def _blame(faults: list[str], kind: str, text: str) -> None:
    faults.append(f"console: {kind}: {text}")


def _check_host(url: str, host: str, faults: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.netloc != host:
        faults.append(f"asked another host: {url}")


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()
