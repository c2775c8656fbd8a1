"""What one step back leads to: every search that was sent, opened or filtered; never what was only typed on the way."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server

pytestmark = pytest.mark.browser


def shown(page: Page) -> tuple[str, str]:
    """The text in the box and in the address."""
    return page.input_value("#q"), parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def search(page: Page, text: str, number: str) -> None:
    """Type a text key by key, and send it."""
    page.click("#q")
    page.keyboard.press("Control+a")
    page.keyboard.type(text, delay=60)
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text(f"“{text}”")
    expect(page.locator("#count")).to_contain_text(number)


@pytest.mark.parametrize("delay", [0, 0.4], ids=["answered while typing", "sent before the answer"])
def test_each_search_that_was_sent_is_one_step(page: Page, server: Server, delay: float) -> None:
    server.slow.update(dict.fromkeys(("缴费", "备案", "补牙"), delay))
    page.goto("/")
    entries = page.evaluate("history.length")
    for text, number in (("缴费", "12 篇"), ("备案", "2 篇"), ("补牙", "1 篇")):
        search(page, text, number)
    assert page.evaluate("history.length") == entries + 3
    for text in ("备案", "缴费"):
        page.go_back()
        expect(page.locator("#count")).to_contain_text(f"“{text}”")
        assert shown(page) == (text, text)
    page.go_back()
    expect(page.locator(".start")).to_be_visible()
    assert shown(page) == ("", "")


def test_typing_goes_on_in_one_entry(page: Page) -> None:
    page.goto("/?q=补牙")
    entries = page.evaluate("history.length")
    for text in ("缴", "缴费", "备案", "居民"):
        page.fill("#q", text)
        expect(page.locator("#count")).to_contain_text(f"“{text}”")
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“补牙”")


def test_search_whose_result_was_opened_stays(page: Page, server: Server) -> None:
    page.goto("/")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("“缴费”")
    page.keyboard.press("Escape")
    page.locator(".card h2 a").first.click()
    expect(page.locator(".back a")).to_be_visible()
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“缴费”")
    page.fill("#q", "备案")
    expect(page.locator("#count")).to_contain_text("“备案”")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“缴费”")
    assert shown(page) == ("缴费", "缴费")


def test_filtered_search_stays_when_another_text_is_typed(page: Page) -> None:
    page.goto("/?q=缴费")
    page.locator("[id='province-黑龙江省']").check()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”")
    page.fill("#q", "补牙")
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“补牙”")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")


@pytest.mark.parametrize("api", ["navigation", "no navigation"])
def test_way_back_from_an_article_is_the_place_in_the_list(new_page: NewPage, api: str) -> None:
    """Also where there is no Navigation API (Safari, Firefox), after jumps inside the article and a reload of it."""
    page = new_page(viewport={"width": 360, "height": 500})
    if api == "no navigation":
        page.add_init_script("delete window.navigation")
    page.goto("/?q=挂失&sort=newest")
    page.goto("/?q=缴费")
    link = page.locator(".card h2 a").nth(7)
    link.scroll_into_view_if_needed()
    left = page.evaluate("scrollY")
    link.click()
    expect(page.locator(".back a")).to_be_visible()
    for anchor in ("citation", "title", "citation"):
        page.evaluate(f"location.hash = '{anchor}'")
    page.get_by_role("button", name="下一处").click()
    page.reload()
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page.locator("#count")).to_contain_text("第 1–10 篇")
    page.wait_for_timeout(300)
    assert abs(page.evaluate("scrollY") - left) < 2
    page.go_forward()
    expect(page.locator("#citation")).to_be_visible()
