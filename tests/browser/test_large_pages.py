"""大字模式 in a browser: what fits into the box; and it stays while one searches."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

# How many characters of a text that is wider than the box can be read in it.
SEEN = """() => {
  const box = document.getElementById('q'), style = getComputedStyle(box);
  const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return Math.floor(room / parseFloat(style.fontSize));
}"""


@pytest.mark.parametrize(("address", "letters"), [("/?q=缴费", "200%"), ("/?q=缴费&big=1", "")])
def test_the_box_shows_eight_characters_on_the_narrowest_phone(page: Page, address: str, letters: str) -> None:
    """Letters of 200 % as WCAG 1.4.4 asks for, and those of large type."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    if letters:
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
    assert page.evaluate(SEEN) >= 8
    box, button = page.locator("#q").bounding_box(), page.locator("#search .primary").bounding_box()
    assert box and button and button["y"] >= box["y"] + box["height"], "the head stacks"


def test_it_stays_while_one_searches_filters_reads_and_goes_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="大字").click()
    expect(page.get_by_role("link", name="标准")).to_be_visible()
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    assert "big=1" in page.url
    page.locator("#filters input[value=黑龙江省]").check()
    expect(page.locator("#count")).to_contain_text("2 篇")
    assert "big=1" in page.url
    page.locator(".card h2 a").first.click()
    expect(page.locator("article h1")).to_be_visible()
    assert "big=1" in page.url
    page.locator(".back a").click()
    expect(page.locator("#count")).to_contain_text("2 篇")
    page.get_by_role("link", name="标准").click()
    expect(page.get_by_role("link", name="大字")).to_be_visible()
    assert "big" not in page.url and "province=" in page.url, "the very search, in the usual size"


def test_another_order_shows_its_first_result(new_page: NewPage) -> None:
    """The orders stand below the results."""
    page = new_page(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page.goto("/?q=缴费&big=1")
    expect(page.locator(".card h2").first).to_be_in_viewport()
    page.locator(".sorts").get_by_role("link", name="最早").tap()
    expect(page.locator(".sorts [aria-current]")).to_have_text("最早")
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator(".card h2").first).to_be_in_viewport()


def test_it_needs_no_script(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="大字").click()
    page.fill("#q", "缴费")
    page.get_by_role("button", name="搜索", exact=True).click()
    assert "big=1" in page.url
    page.locator(".card h2 a").first.click()
    assert "big=1" in page.url
    assert page.context.cookies() == []
