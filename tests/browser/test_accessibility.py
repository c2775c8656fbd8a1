"""The states of the page; and looks at some alone: how high on a phone, on paper, said aloud."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server

pytestmark = pytest.mark.browser
STATES = {
    "start": "/",
    "browse": "/?sort=newest",
    "results": "/?q=缴费&page=1",
    "answered": "/?q=黑河缴费错过了怎么办",
    "filtered": "/?q=缴费&province=黑龙江省&from=2024-01-01",
    "level": "/?province=黑龙江&province=未注明&city=黑河&city=未注明",
    "nothing": "/?q=缴费&topic=口腔",
    "nothing at all": "/?q=空空如也",
    "corrected": "/?q=异地就医备按",
    "offers": "/?q=黑河居民医保缴费",
    "notices": "/?q=备案&province=火星",
    "explained": "/?q=黑河补牙&explain=1",
    "article": "/articles/card.md?q=挂失",
    "teaser": "/articles/list.txt/1?q=补牙",
    "neighbours": "/articles/pay/1?q=缴费",
    "hostile": "/articles/hostile?q=备案",
    "coverage": "/coverage",
    "coverage inside": "/coverage?province=黑龙江",
    "compare": "/compare?a=黑河&b=烟台&topic=参保缴费",
    "compare empty": "/compare",
    "compare mistaken": "/compare?a=火星&b=烟台",
    "not found": "/articles/nowhere",
    "past the end": "/?q=缴费&page=9",
    "too long": "/?q=" + "长" * 201,
}
Go = Callable[[str], object]
"""Opens an address of the site, in the size of letters that is wished for."""


def _drawer(page: Page, server: Server, go: Go) -> None:
    go("/?q=缴费&province=黑龙江")
    page.locator(".open-filters").click()
    expect(page.locator("#filters")).to_be_visible()


def _find(page: Page, server: Server, go: Go) -> None:
    go("/")
    if page.locator(".open-filters").is_visible():
        page.locator(".open-filters").click()
        page.locator("#facet-city > summary").click()
    page.locator("#find-city").fill("c")
    expect(page.locator("#more-city")).to_have_attribute("open", "")


def _keys(page: Page, server: Server, go: Go) -> None:
    go("/?q=缴费")
    page.get_by_role("button", name="键盘操作").click()
    expect(page.locator("#keys")).to_be_visible()


def _completion(page: Page, server: Server, go: Go) -> None:
    go("/")
    page.locator("#q").press_sequentially("jiao", delay=20)
    expect(page).to_have_url(re.compile("[?&]q=jiao(&|$)"))  # nothing is awaited any more
    expect(page.locator("#options li").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def _trouble(page: Page, server: Server, go: Go) -> None:
    go("/?q=缴费")
    server.broken = True
    page.fill("#q", "备案")
    expect(page.locator("#trouble")).to_be_visible()
    server.broken = False


ACTIONS: dict[str, Callable[[Page, Server, Go], None]] = {
    "drawer": _drawer,
    "find": _find,
    "keys": _keys,
    "completion": _completion,
    "trouble": _trouble,
}


ONLY = {"drawer": False, "keys": True}
"""A drawer is on phones only, and keys are explained where there are some."""


def sized(address: str, large: bool) -> str:
    return f"{address}{'&' if '?' in address else '?'}big=1" if large else address


def states(page: Page, server: Server, width: int, large: bool = False) -> list[tuple[str, Callable[[], object]]]:
    """Every state by its name, and what brings the page into it."""

    def go(address: str) -> object:
        return page.goto(sized(address, large))

    opened = [(name, lambda address=address: go(address)) for name, address in STATES.items()]
    acted = [
        (name, lambda act=act: act(page, server, go))
        for name, act in ACTIONS.items()
        if (width < 800) is not ONLY.get(name)
    ]
    return [*opened, *acted]


@pytest.mark.parametrize("address", ["/?q=黑河居民医保缴费", "/?q=异地就医备按", "/?q=补牙"])
def test_first_title_stands_high_on_a_phone(new_page: NewPage, address: str) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto(address)
    title = page.locator(".card h2").first.bounding_box()
    assert title and title["y"] < 340, "below a line of notes and one of filters"


def test_error_stands_together_on_a_phone(new_page: NewPage) -> None:
    page = new_page(complaints=True, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto("/articles/nowhere")
    heading, link = page.locator("h1").bounding_box(), page.get_by_role("link", name="回到首页").bounding_box()
    assert heading and link and link["y"] - heading["y"] < 150


def test_nothing_on_a_phone_is_too_narrow_to_touch_or_to_read(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto("/?q=缴费")
    for link in page.locator(".reuse a:visible").all():
        box = link.bounding_box()
        assert box and (box["width"] >= 44 or len(link.inner_text()) == 2), "two figures are what is pressed"
    page.fill("#q", "")
    assert page.evaluate("(box) => box.scrollWidth <= box.clientWidth", page.locator("#q").element_handle())
    page.goto("/coverage")
    for link in page.locator(".topic a").all():
        box = link.bounding_box()
        assert box and box["width"] >= 44
    assert page.locator("thead th").last.inner_text() == "最新", "numbers first: they are what one came for"


def test_paper_holds_the_text_and_nothing_to_click(page: Page) -> None:
    page.emulate_media(media="print")
    for address, kept in {
        "/?q=缴费&province=黑龙江": ".card h2",
        "/articles/pay/1?q=缴费": ".text",
        "/coverage": "td",
    }.items():
        page.goto(address)
        expect(page.locator(kept).first).to_be_visible()
        expect(page.get_by_text("只供参考，不是官方答复")).to_be_visible()
        assert page.locator("button:visible, input:visible, nav:visible").count() == 0, address
    page.goto("/?q=缴费&province=黑龙江")
    assert page.locator("#count").inner_text().strip() == "“黑龙江”中关于“缴费”的 2 篇", "paper has no box"


def test_count_is_announced_by_one_region_that_stays(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.region = document.querySelector('[role=status]')")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    assert page.evaluate("region.isConnected && region === document.querySelector('[role=status]')")
    assert page.locator("[role=status]").count() == 1
