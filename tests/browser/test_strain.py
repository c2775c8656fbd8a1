"""What strains a page, in a browser: nothing is wider than a phone, and long lists stay usable."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import TIMEOUT, Server, serving
from tests.web import extremes, make_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def strained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make_app(tmp_path_factory.mktemp("strained"), extremes())) as server:
        yield server


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=缴费",
        "/?q=城乡居民基本医疗保险",
        "/?province=广东",
        "/articles/title",
        "/articles/word",
        "/articles/line",
        "/articles/huge?q=缴费",
        "/coverage",
        "/coverage?province=新疆",
        "/compare?a=广州&b=克州",
    ],
)
def test_nothing_is_wider_than_its_window(browser: Browser, strained: Server, address: str, width: int) -> None:
    page = browser.new_page(base_url=strained.url, viewport={"width": width, "height": 800})
    page.set_default_timeout(TIMEOUT)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_list_of_all_cities_is_narrowed_at_once(browser: Browser, strained: Server) -> None:
    page = browser.new_page(base_url=strained.url)
    page.goto("/")
    page.fill("#find-city", "klmy")
    expect(page.locator("#facet-city .name:visible")).to_have_text(["新疆 · 克拉玛依"])
    page.fill("#find-city", "海")
    shown = page.locator("#facet-city .name:visible").all_inner_texts()
    assert "海南 · 海口" in shown and all("海" in name for name in shown)
    page.close()


def test_long_list_of_contents_leaves_the_text_in_sight(browser: Browser, strained: Server) -> None:
    page = browser.new_page(base_url=strained.url, viewport={"width": 360, "height": 800})
    page.goto("/articles/huge?q=缴费")
    box = page.locator(".text").bounding_box()
    assert box and box["y"] < 800
    page.close()
