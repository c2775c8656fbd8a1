"""The box on the pages of other sites: one that is allowed, one that is not; by script and in a frame."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.browser.conftest import TIMEOUT, _Quiet, held, serving, until
from tests.browser.looks import TOOLS
from tests.conftest import ROOT
from tests.web import build_index
from webui import Settings, create_app

pytestmark = pytest.mark.browser
DEMO = (ROOT / "bench/demo/embed.html").read_text("utf-8")
# A site that lets nothing run but what it names.
STRICT = "default-src 'none'; script-src {home}; connect-src {home}; frame-src {home}; form-action {home}"


class Site:
    """Another site, with the demo page in it; `home` is where the box comes from."""

    def __init__(self) -> None:
        self.home = ""
        self.app = Flask("another site")
        self.app.add_url_rule("/", view_func=self.page)

    def page(self) -> Response:
        response = Response(DEMO.replace("http://127.0.0.1:8000", self.home), mimetype="text/html")
        response.headers["Content-Security-Policy"] = STRICT.format(home=self.home)
        return response


@contextmanager
def other_site() -> Iterator[tuple[Site, str]]:
    site = Site()
    httpd = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=_Quiet)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@dataclass
class Sites:
    home: str
    allowed: str
    other: str


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    index: Path = build_index(tmp_path_factory.mktemp("embed"))
    with other_site() as (friend, allowed), other_site() as (stranger, other):
        app = create_app(Settings(index_dir=index, allow_origins=(allowed,)))
        with serving(app) as server:
            friend.home = stranger.home = server.url
            yield Sites(server.url, allowed, other)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def searched(page: Page, text: str) -> bool:
    return parse_qs(urlsplit(page.url).query).get("q") == [text]


def test_it_completes_and_searches(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    box = page.get_by_role("combobox", name="搜索医保政策与问答")
    box.fill("jiaof")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("缴费")
    text = option.inner_text()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(option).to_have_css("outline-style", "solid")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    box.press("Enter")
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, text)


def test_a_finger_chooses(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    page.get_by_role("combobox").fill("jiaof")
    option = page.get_by_role("option").first
    text = option.inner_text()
    option.click()
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, text)


def test_a_press_that_ends_elsewhere_takes_nothing(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    page.get_by_role("combobox").fill("jiaof")
    page.get_by_role("option").first.hover()
    page.mouse.down()
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.mouse.move(1, 1)
    page.mouse.up()
    page.keyboard.press("Shift")  # what the press did is done when this is heard
    assert page.url.startswith(sites.allowed)
    expect(page.get_by_role("combobox")).to_have_value("jiaof")
    expect(page.get_by_role("combobox")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_the_box_stands_out(page: Page, sites: Sites, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(sites.allowed)
    edge = page.get_by_role("combobox").evaluate(f"""(one) => {{
      {TOOLS}
      const {{borderTopColor, backgroundColor}} = getComputedStyle(one);
      return contrast(rgba(borderTopColor), rgba(backgroundColor));
    }}""")
    assert edge >= 3


def test_no_list_that_comes_late_takes_a_choice_away_and_typing_on_does(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    box, option = page.get_by_role("combobox"), page.get_by_role("option").first
    box.fill("jiao")
    expect(option).to_contain_text("缴")
    asked = held(page, "**/suggest?q=jiaof")
    box.press_sequentially("f")
    until(page, lambda: asked != [])
    with page.expect_event("requestfailed", lambda request: request.url.endswith("q=jiaof")):
        box.press("ArrowDown")  # it is not waited for any more
    chosen = option.inner_text()
    expect(option).to_have_attribute("aria-selected", "true")
    held(page, "**/suggest?q=jiaofe")
    box.press_sequentially("e")
    expect(option).to_have_attribute("aria-selected", "false")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, chosen)


def test_escape_and_leaving_close_the_list(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    box = page.get_by_role("combobox")
    for leave in (lambda: box.press("Escape"), box.blur):
        box.fill("jiao")
        expect(page.get_by_role("option").first).to_be_visible()
        leave()
        expect(page.get_by_role("option")).to_have_count(0)
        expect(box).to_have_value("jiao")


def test_keys_of_an_input_method_are_its_own(page: Page, sites: Sites) -> None:
    """Enter takes the candidate: it neither sends the form nor a completion, nor do arrows walk through the list."""
    page.goto(sites.allowed)
    box = page.get_by_role("combobox")
    box.click()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "jiao", "selectionStart": 4, "selectionEnd": 4})
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(page.locator("li[aria-selected=true]")).to_have_count(0)
    box.press("Enter")
    assert page.url.startswith(sites.allowed)
    session.send("Input.insertText", {"text": "缴费"})
    expect(box).to_have_value("缴费")
    box.press("Enter")
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, "缴费")


def test_a_site_that_is_not_allowed_gets_a_box_without_completion(page: Page, sites: Sites) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(sites.other)
    box = page.get_by_role("combobox", name="搜索医保政策与问答")
    with page.expect_event("requestfailed", lambda request: "/api/v1/suggest" in request.url):
        box.press_sequentially("缴费")
    expect(page.get_by_role("option")).to_have_count(0)
    box.press("Enter")
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, "缴费")


def test_a_frame_is_shown_to_the_site_that_is_allowed(page: Page, sites: Sites) -> None:
    page.goto(sites.allowed)
    frame = page.frame_locator("iframe")
    box = frame.get_by_role("combobox", name="搜索医保政策与问答")
    box.press_sequentially("jiaof", delay=20)
    expect(frame.get_by_role("option").first).to_contain_text("缴费")
    box.press("Enter")
    page.wait_for_url(f"{sites.home}/**")
    assert searched(page, "jiaof"), "in the whole window, not in the frame"


def test_a_frame_is_not_shown_to_another(page: Page, sites: Sites) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(sites.other)
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in each for each in said)
    expect(page.frame_locator("iframe").get_by_role("combobox")).to_have_count(0)


def test_without_a_script_the_frame_is_a_form(browser: Browser, sites: Sites) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{sites.home}/embed")
    page.get_by_label("搜索医保政策与问答").fill("缴费")
    page.get_by_role("button", name="搜索").click()
    assert searched(page, "缴费")
    context.close()
