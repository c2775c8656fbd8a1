"""Copying and handing on: what is copied, what is said aloud, and what is left where neither works."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server

pytestmark = pytest.mark.browser
# What http without TLS is like in a browser: no clipboard.
PLAIN = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
FORBIDDEN = PLAIN + "; document.execCommand = () => false"
COPIED = """document.addEventListener('copy', () => {
  window.copied = getSelection().toString() || document.activeElement.value;
})"""
SELECTED = (
    "() => { const f = document.getElementById('address'); return f.value.slice(f.selectionStart, f.selectionEnd); }"
)


def open_share(page: Page, address: str = "/articles/pay/1?q=缴费") -> None:
    page.goto(address)
    page.locator(".share summary").click()
    expect(page.locator("#address")).to_be_visible()


def test_the_clipboard_has_the_address_for_anybody(new_page: NewPage, server: Server) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    open_share(page)
    page.get_by_role("button", name="复制链接").click()
    expect(page.locator("#said")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/articles/pay/1"


def test_without_a_clipboard_it_is_copied_all_the_same(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.add_init_script(PLAIN)
    page.add_init_script(COPIED)
    open_share(page)
    page.get_by_role("button", name="复制链接").click()
    expect(page.locator("#said")).to_have_text("已复制")
    assert page.evaluate("window.copied") == f"{server.url}/articles/pay/1"


def test_where_nothing_works_it_is_selected_and_said(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.add_init_script(FORBIDDEN)
    open_share(page)
    page.get_by_role("button", name="复制链接").click()
    expect(page.locator("#said")).to_contain_text("请长按或按 Ctrl+C")
    assert page.evaluate(SELECTED) == f"{server.url}/articles/pay/1"
    assert page.locator("#said").get_attribute("aria-live") == "polite"


def test_a_citation_is_copied_the_same_way(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(FORBIDDEN)
    page.goto("/articles/pay/1")
    text = page.locator("#citation").inner_text()
    page.get_by_role("button", name="复制引用").click()
    expect(page.locator("#said")).to_contain_text("请长按")
    assert page.evaluate("getSelection().toString().trim()") == text


def test_what_the_browser_offers_is_offered(new_page: NewPage, server: Server) -> None:
    page = new_page()
    page.add_init_script("navigator.share = async (what) => { window.handed = what; }")
    page.goto("/?q=缴费")
    page.fill("#q", "补牙")  # what came after the page
    expect(page.locator("#count")).to_contain_text("1 篇")
    page.locator(".share summary").click()
    page.get_by_role("button", name="分享到…").click()
    handed = page.evaluate("window.handed")
    assert handed["url"].startswith(f"{server.url}/?q=%E8%A1%A5") and "补牙" in handed["title"]


def test_where_it_offers_nothing_there_is_no_button(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(navigator, 'share', {value: undefined})")
    open_share(page)
    expect(page.locator(".hand-on")).to_be_hidden()


def test_a_code_is_fetched_when_it_is_looked_at(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/articles/card.md")
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/qr.svg" in url] == []
    page.locator(".share summary").click()
    code = page.locator(".share img")
    expect(code).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('.share img').naturalWidth") > 0
    assert len([url for url in asked if "/qr.svg" in url]) == 1
