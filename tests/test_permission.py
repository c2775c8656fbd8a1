"""Other sites: which may read the endpoint and frame the pages. And clients: who each is, and how often it may ask."""

import json
import os
import socket

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from search.command.cli import main
from tests.web import make_app
from webui import Settings, create_app
from webui.http import server
from webui.http.clients import Rates, client_of, one_client

PORTAL, OTHER = "https://portal.example.org", "https://other.example.org:8443"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("permission"))


def settled(app: Flask, **settings: object) -> FlaskClient:
    return create_app(Settings(app.extensions["yibao-index"].address, **settings)).test_client()  # type: ignore[arg-type]


PATHS = ("/api/v1/search?q=缴费", "/api/v1/articles/pay/1", "/api/v1/search?page=x", "/api/none", "/", "/feed.atom")


def test_nobody_else_reads_or_frames_unless_allowed(app: Flask) -> None:
    client = settled(app)
    for path in PATHS:
        answer = client.get(path, headers={"Origin": PORTAL})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert "Origin" not in answer.headers.get("Vary", "")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    preflight = client.options(PATHS[0], headers={"Origin": PORTAL, "Access-Control-Request-Method": "GET"})
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_those_that_are_allowed_read_the_endpoint_and_nothing_else(app: Flask) -> None:
    client = settled(app, allow_origins=(PORTAL, OTHER))
    for path in PATHS:
        for origin in (PORTAL, OTHER, "https://evil.example", f"{PORTAL}.evil.example", "null", "*", None):
            answer = client.get(path, headers={"Origin": origin} if origin else {})
            shared = path.startswith("/api/")
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed == (origin if shared and origin in (PORTAL, OTHER) else None)
            assert ("Origin" in answer.vary) is shared, "a cache must not give one site the answer to another"
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert f"frame-ancestors {PORTAL} {OTHER}" in answer.headers["Content-Security-Policy"]
    tag = client.get(PATHS[1]).headers["ETag"]
    known = client.get(PATHS[1], headers={"Origin": PORTAL, "If-None-Match": tag})
    assert known.status_code == 304 and known.headers["Access-Control-Allow-Origin"] == PORTAL


def test_a_browser_that_asks_first_hears_what_is_allowed(app: Flask) -> None:
    client = settled(app, allow_origins=(PORTAL,))
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    answer = client.options(PATHS[0], headers={"Origin": PORTAL, **asks})
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == PORTAL
    assert answer.headers["Access-Control-Allow-Methods"] == "GET"
    assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    assert int(answer.headers["Access-Control-Max-Age"]) <= 3600 and answer.headers["Cache-Control"] == "no-store"
    stranger = client.options(PATHS[0], headers={"Origin": "https://evil.example", **asks})
    assert not [name for name, _ in stranger.headers if name.startswith("Access-Control")]


WRONG = (
    "*",
    "null",
    "portal.example.org",
    "ftp://a.example",
    "https://",
    "https://a.example/path",
    "https://a.example//",
    "https://a.example?",
    "https://a.example#x",
    "https://me@a.example",
    "https://*.a.example",
    "https://a.example; script-src *",
    "https://a.example,https://b.example",
    "https://a..b",
    "https://a.example:99999",
    "https://[::1",
    "https://[x::y]",
    "https://-a.example",
)


@pytest.mark.parametrize("option", ["--allow-origin", "--base-url"])
@pytest.mark.parametrize("value", WRONG)
def test_a_site_that_is_none_is_refused_by_a_sentence(option: str, value: str) -> None:
    done = CliRunner().invoke(main, ["serve", option, value])
    assert done.exit_code == 2 and "example.org, without a path" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("value", ["nan", "-1", "0.5", "x"])
def test_a_limit_that_is_none_is_refused_by_a_sentence(value: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--rate-limit", value])
    assert done.exit_code == 2 and "--rate-limit" in done.output


def test_settings_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """As browsers write them, from options and from the environment."""
    seen: list[server.Serving] = []
    monkeypatch.setattr(server, "serve", lambda _address, serving: seen.append(serving))
    sites = ["HTTPS://Portal.Example.ORG:443/", "http://医保.例子:8080", "http://[0:0::1]:80"]
    done = CliRunner().invoke(main, ["serve", *(part for site in sites for part in ("--allow-origin", site))])
    assert done.exit_code == 0, done.output
    written = (PORTAL, "http://xn--dlqq54a.xn--fsqu00a:8080", "http://[::1]")
    environment = {"YIBAO_ALLOW_ORIGINS": f"{PORTAL} {OTHER}", "YIBAO_RATE_LIMIT": "7"}
    assert CliRunner().invoke(main, ["serve"], env=environment).exit_code == 0
    assert seen[0].allow_origins[::2] == written[::2] and seen[0].allow_origins[1].startswith("http://xn--")
    assert (seen[0].rate_limit, seen[1].allow_origins, seen[1].rate_limit) == (0, (PORTAL, OTHER), 7)


def test_settings_reach_the_application(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []

    class Noted:
        def __init__(self, settings: Settings, *_: object) -> None:
            seen.append(settings)

        def run(self) -> None: ...

    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(server, "_listen", lambda *_: listener)
        monkeypatch.setattr(server, "_Server", Noted)
        asked = server.Serving(
            "127.0.0.1", 0, 2, allow_origins=(PORTAL,), rate_limit=7, proxies=("10.0.0.5",), trusted_hosts=("a",)
        )
        server.serve(app.extensions["yibao-index"].address, asked)
    (settings,) = seen
    assert (settings.allow_origins, settings.rate_limit, settings.trusted_hosts) == ((PORTAL,), 7, ("a",))
    assert set(settings.proxies) == {"127.0.0.1", "::1", "10.0.0.5"}, "a proxy on this machine needs no naming"


PROXIES = ("127.0.0.1", "::1", "10.0.0.5")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody's proxy: it may say what it likes
        ("127.0.0.1", "", ""),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "192.0.2.1, 198.51.100.1", "198.51.100.1"),  # the first was said by the client itself
        ("127.0.0.1", "192.0.2.1,198.51.100.1 , 10.0.0.5", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 127.0.0.1, 192.0.2.9", "192.0.2.9"),
        ("127.0.0.1", "10.0.0.5, 127.0.0.1", ""),
        ("127.0.0.1", "198.51.100.1, unknown", ""),
        ("::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::99", "", "2001:db8:1:2::/64"),
        ("", "198.51.100.1", ""),
    ],
)
def test_who_asks_is_who_the_last_trusted_proxy_saw(peer: str, forwarded: str, client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_a_network_of_a_subscriber_is_one_client(one: str, other: str, same: bool) -> None:
    assert (one_client(one) == one_client(other)) is same


def test_a_client_may_ask_five_seconds_worth_at_once_then_at_its_rate() -> None:
    now = [1000.0]
    rates = Rates(2, lambda: now[0])
    assert [rates.wait("a") for _ in range(10)] == [0.0] * 10
    assert rates.wait("a") == pytest.approx(0.5) and rates.wait("b") == 0
    now[0] += 0.5
    assert rates.wait("a") == 0
    assert rates.wait("a") == pytest.approx(0.5), "what is refused costs nothing"
    now[0] += 60
    assert [rates.wait("a") == 0 for _ in range(11)] == [True] * 10 + [False]


def test_all_processes_count_together() -> None:
    rates = Rates(1, lambda: 1000.0)
    child = os.fork()
    if not child:
        os._exit(sum(rates.wait("a") == 0 for _ in range(4)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
    assert [rates.wait("a") == 0 for _ in range(2)] == [True, False]


def test_a_client_among_many_is_counted_and_no_other_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that share a place in the table are two; where there is none left, nobody is refused."""
    monkeypatch.setattr("webui.http.clients._SLOTS", 4)
    rates = Rates(1, lambda: 1000.0)
    assert [rates.wait(f"c{number}") for number in range(100)] == [0.0] * 100
    counted = sum(any(rates.wait(f"c{number}") for _ in range(6)) for number in range(100))
    assert 1 <= counted <= 4


def test_too_many_requests_are_answered_in_the_form_of_the_route(app: Flask) -> None:
    client = settled(app, rate_limit=1, proxies=("127.0.0.1",))

    answers = [client.get("/nowhere", headers={"X-Forwarded-For": "192.0.2.1"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    page = answers[-1]
    assert 1 <= int(page.headers["Retry-After"]) <= 5 and page.headers["Cache-Control"] == "no-store"
    assert "请等一分钟" in BeautifulSoup(page.data, "html.parser").get_text()
    refused = client.get("/api/v1/search", headers={"X-Forwarded-For": "192.0.2.1"})
    assert refused.status_code == 429 and refused.mimetype == "application/problem+json"
    assert json.loads(refused.data)["status"] == 429 and refused.headers["Retry-After"]
    others = [client.get("/api/v1/search", headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(2, 9)]
    assert {answer.status_code for answer in others} == {200}
    for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}):
        mine = [client.get("/healthz", headers=headers) for _ in range(9)]
        assert {answer.status_code for answer in mine} == {200}, "nobody knows who: a check of the proxy's own"
    with client.get("/static/style.css", headers={"X-Forwarded-For": "192.0.2.1"}) as style:
        assert style.status_code == 200


def test_nobody_is_counted_unless_asked_for(app: Flask) -> None:
    client = settled(app)
    assert {client.get("/robots.txt").status_code for _ in range(300)} == {200}
