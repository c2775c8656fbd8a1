"""axe finds nothing, on every page and state, light and dark, phone and desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser
STATES = {
    "start": "/",
    "results": "/?q=缴费&province=黑龙江省&page=1",
    "level": "/?province=黑龙江&province=未注明&city=黑河&city=未注明",
    "nothing": "/?q=缴费&topic=口腔",
    "notices": "/?q=备案&province=火星",
    "article": "/articles/card.md?q=挂失",
    "neighbours": "/articles/pay/1?q=缴费",
    "coverage": "/coverage",
    "compare": "/compare?a=黑河&b=烟台",
    "error": "/articles/nowhere",
}


@pytest.mark.parametrize("width", [360, 1280])
def test_axe(new_page: NewPage, width: int) -> None:
    page = new_page(complaints=True, viewport={"width": width, "height": 800})
    for state, address in STATES.items():
        page.goto(address)
        _check(page, state)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state
    page.goto("/?q=缴费")
    if width == 360:
        page.locator(".open-filters").click()
        expect(page.locator("#filters")).to_be_visible()
        _check(page, "drawer")
    else:
        page.get_by_role("button", name="键盘操作").click()
        expect(page.locator("#keys")).to_be_visible()
        _check(page, "keys")


def _check(page: Page, state: str) -> None:
    """Everything in the light, and colours once more in the dark: nothing else changes there."""
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        results = Axe().run(page, options={"resultTypes": ["violations"], **options})
        assert results.violations_count == 0, f"{state}, {scheme}: {results.generate_report()}"


def test_count_is_announced_by_one_region_that_stays(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.region = document.querySelector('[role=status]')")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    assert page.evaluate("region.isConnected && region === document.querySelector('[role=status]')")
    assert page.locator("[role=status]").count() == 1
