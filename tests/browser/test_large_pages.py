"""大字模式 in a browser: how large, how strong, how easily hit; and it stays while one searches."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server
from tests.browser.test_accessibility import ARTIFACTS, MAIN, SMALL, STATES, sized

pytestmark = pytest.mark.browser
LARGE = {name: sized(address, large=True) for name, address in STATES.items()}
# Letters of everything that is seen, in px, where they are below 22.
LITTLE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest('.unseen, .skip, [aria-hidden=true]')) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 22) found.push(`${element.tagName}.${element.className} ${walker.currentNode.data.trim()}: ${size}`);
  }
  for (const box of document.querySelectorAll('input:not([type=checkbox], [type=hidden]), select, button'))
    if (box.checkVisibility() && parseFloat(getComputedStyle(box).fontSize) < 22) found.push(box.id || box.name);
  return found;
}"""
CONTRAST = {"runOnly": ["color-contrast-enhanced"], "rules": {"color-contrast-enhanced": {"enabled": True}}}


@pytest.mark.parametrize("width", [360, 1280])
def test_letters_are_large_and_colours_strong(new_page: NewPage, server: Server, width: int) -> None:
    page = new_page(complaints=True, viewport={"width": width, "height": 800}, has_touch=width == 360)
    for state, address in LARGE.items():
        if width > 360 and state not in MAIN:
            continue
        page.goto(address)
        assert page.evaluate(LITTLE) == [], state
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            found = Axe().run(page, options={"resultTypes": ["violations"], **CONTRAST})
            assert found.violations_count == 0, f"{state}, {scheme}: {found.generate_report()}"
            if state in MAIN:
                page.screenshot(path=ARTIFACTS / f"large-{state.replace(' ', '-')}-{width}-{scheme}.png")


def test_axe_finds_nothing_else(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True, viewport={"width": 360, "height": 800}, has_touch=True)
    for state in ("start", "results", "article", "coverage", "compare", "nothing"):
        page.goto(LARGE[state])
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"


@pytest.mark.parametrize("touch", [True, False])
def test_all_is_easily_hit(new_page: NewPage, touch: bool) -> None:
    """With a mouse too: a hand that trembles."""
    page = new_page(complaints=True, viewport={"width": 360, "height": 800}, has_touch=touch, is_mobile=touch)
    for state, address in LARGE.items():
        page.goto(address)
        assert page.evaluate(SMALL) == [], state


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_is_wider_than_its_window(new_page: NewPage, width: int) -> None:
    page = new_page(complaints=True, viewport={"width": width, "height": 800})
    for state, address in LARGE.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state


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
