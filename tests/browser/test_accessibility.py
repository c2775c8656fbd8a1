"""axe finds nothing, on every page and state, light and dark, phone and desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser
STATES = {
    "start": "/",
    "results": "/?q=缴费&province=黑龙江省&page=1",
    "nothing": "/?q=缴费&topic=口腔",
    "notices": "/?q=备案&province=火星",
    "article": "/articles/card.md?q=挂失",
    "error": "/articles/nowhere",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe(new_page: NewPage, width: int, scheme: str) -> None:
    page = new_page(complaints=True, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for address in STATES.values():
        page.goto(address)
        _check(page, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    if width == 360:
        page.goto("/?q=缴费")
        page.locator(".open-filters").click()
        expect(page.locator("#filters")).to_be_visible()
        _check(page, "drawer")


def _check(page: Page, state: str) -> None:
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, f"{state}: {results.generate_report()}"


def test_count_is_announced_by_one_region_that_stays(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.region = document.querySelector('[role=status]')")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    assert page.evaluate("region.isConnected && region === document.querySelector('[role=status]')")
    assert page.locator("[role=status]").count() == 1
