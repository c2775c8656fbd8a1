"""The search box: its own clear button, completion while composing, titles that open, what was searched before."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser


def test_clear_button_empties_the_box_and_can_be_undone(page: Page) -> None:
    page.goto("/")
    clear = page.get_by_role("button", name="清空搜索框")
    expect(clear).to_be_hidden()
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("“缴费”")
    clear.click()
    expect(page.locator(".start")).to_be_visible()
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#q")).to_have_value("缴费")


def test_what_is_composed_is_completed_by_its_sound_and_searched_by_nobody(page: Page, server: Server) -> None:
    page.goto("/")
    page.focus("#q")
    server.asked.clear()
    cdp = page.context.new_cdp_session(page)
    for draft in ("y", "yi", "yi'di"):
        cdp.send("Input.imeSetComposition", {"text": draft, "selectionStart": len(draft), "selectionEnd": len(draft)})
        page.wait_for_timeout(60)
    expect(page.locator("#options li").first).to_contain_text("异地")
    assert server.texts() == []


def test_full_title_opens_its_article(page: Page, server: Server) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially("医保卡丢", delay=20)
    option = page.locator("#options li", has_text="医保卡丢了怎么办")
    expect(option).to_be_visible()
    option.click()
    expect(page.locator("h1")).to_have_text("医保卡丢了怎么办")
    assert "/articles/card.md" in page.url


def test_part_of_a_title_completes_to_the_whole_question(page: Page) -> None:
    page.goto("/")
    page.fill("#q", "丢了怎么办")
    expect(page.locator("#options li", has_text="医保卡丢了怎么办")).to_be_visible()


def test_searches_are_kept_only_where_the_operator_allows_it(page: Page) -> None:
    page.goto("/")
    page.fill("#q", "缴费")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("“缴费”")
    assert page.evaluate("localStorage.length") == 0, "not unless it is set"


ALLOWED = """addEventListener('DOMContentLoaded', () => { document.getElementById('search').dataset.recent = ''; })"""


def test_an_empty_box_offers_what_was_searched_and_forgets_it(page: Page) -> None:
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.getElementById('search').dataset.recent = ''; })"
    )
    page.goto("/")
    for text in ("缴费", "备案", "缴费"):
        page.fill("#q", text)
        page.keyboard.press("Enter")
        expect(page.locator("#count")).to_contain_text(f"“{text}”")
    page.fill("#q", "")
    options = page.locator("#options li")
    expect(options).to_have_text(["缴费", "备案", "清除搜索记录"])
    options.nth(1).click()
    expect(page.locator("#count")).to_contain_text("“备案”")
    page.fill("#q", "")
    expect(options.first).to_have_text("备案")
    options.last.click()
    expect(page.locator("#options")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('yibao-recent')") == "[]"
