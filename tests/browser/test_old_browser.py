"""Search, read and filter in a browser of 2021: no popover, no :has, no ::details-content, no Navigation API."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser
GONE = """
for (const name of ['togglePopover', 'showPopover', 'hidePopover', 'popover', 'requestSubmit'])
  for (const kind of [HTMLElement, HTMLFormElement]) delete kind.prototype[name];
delete window.navigation;
for (const name of ['at', 'findLast', 'toSorted']) delete Array.prototype[name];
delete Element.prototype.moveBefore;
delete Element.prototype.checkVisibility;
"""


def _aged(route: Route) -> None:
    """Hand on what an old browser makes of an answer: what it does not know says nothing to it."""
    with suppress(Error):  # the page no longer wants it
        answer = route.fetch()
        route.fulfill(response=answer, body=_as_known(answer.text(), answer.headers.get("content-type", "")))


def _as_known(text: str, kind: str) -> str:
    if "text/html" in kind:
        return re.sub(r" popover(?=[ >])", " data-popover", text)
    if "text/css" in kind:
        text = text.replace("[popover]", "[data-popover]")
        for young in (":popover-open", "::details-content", "dvh"):
            text = text.replace(young, f"{young}-x")
    return text


def old(new_page: NewPage, **options: object) -> Page:
    page = new_page(viewport={"width": 360, "height": 740}, **options)
    page.add_init_script(GONE)
    page.route("**/*", _aged)
    return page


def test_search_filter_and_read(new_page: NewPage) -> None:
    page = old(new_page)
    page.goto("/")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("“缴费”的 12 篇")
    page.keyboard.press("Escape")
    drawer = page.locator("#filters")
    expect(drawer).to_be_hidden()
    page.locator(".open-filters").click()
    expect(drawer).to_be_visible()
    page.locator("#facet-province > summary").click()
    page.locator("[id='province-黑龙江省']").check()
    expect(page.locator(".done")).to_have_text("看 2 篇结果")
    page.locator(".done").click()
    expect(drawer).to_be_hidden()
    page.locator(".card h2 a").first.click()
    expect(page.locator(".text")).to_contain_text("集中缴费")
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”的 2 篇")


def test_completion_is_taken(new_page: NewPage) -> None:
    page = old(new_page)
    page.goto("/")
    page.locator("#q").press_sequentially("yidi", delay=20)
    expect(page.locator("#options li").first).to_contain_text("异地")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("“异地")


def test_without_a_script_the_filters_stand_below_the_results(new_page: NewPage) -> None:
    page = old(new_page, java_script_enabled=False)
    page.goto("/?q=缴费")
    first, filters = page.locator(".card").first.bounding_box(), page.locator("#filters").bounding_box()
    assert first and filters and first["y"] < 190 < filters["y"]
    page.locator("[id='province-黑龙江省']").check()
    page.get_by_role("button", name="应用筛选").click()
    expect(page.locator(".card")).to_have_count(2)
    page.wait_for_load_state()
