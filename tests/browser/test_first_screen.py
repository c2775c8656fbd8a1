"""What stands on a phone's first screen, and that nothing of it moves while one types."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import NewPage, Server

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize(
    "address", ["/?q=缴费", "/?q=黑河居民医保缴费", "/?q=缴费&province=黑龙江", "/?q=黑河和烟台缴费", "/?sort=newest"]
)
def test_first_card_begins_at_190_px_at_most(new_page: NewPage, address: str) -> None:
    page = new_page(**PHONE)
    page.goto(address)
    card = page.locator(".card").first.bounding_box()
    assert card and card["y"] <= 190


def test_count_order_and_filters_are_one_line_and_the_box_stays(new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto("/?q=缴费")
    lines = [page.locator(part).bounding_box() for part in ("#count", ".sorts", ".open-filters")]
    middles = [line["y"] + line["height"] / 2 for line in lines if line]
    assert len(middles) == 3 and max(middles) - min(middles) < 6
    assert page.locator("#count > [aria-hidden]").first.inner_text() == "共 12 篇"
    assert page.locator("#count .unseen").inner_text().startswith("关于“缴费”的 12 篇")
    page.evaluate("scrollTo(0, 600)")
    box = page.locator("#q").bounding_box()
    assert box and 0 <= box["y"] < 12, "the line above has gone, the box has not"


@pytest.mark.parametrize("address", ["/?q=黑河缴费&big=1", "/?q=缴费&province=黑龙江&big=1"])
def test_large_letters_leave_room_for_a_title_and_what_it_says(new_page: NewPage, address: str) -> None:
    """On a small phone; the orders stand below the results."""
    page = new_page(**{**PHONE, "viewport": {"width": 360, "height": 640}})
    page.goto(address)
    title, said = (page.locator(f".card {part}").first.bounding_box() for part in ("h2", ".snippet"))
    assert title and title["y"] <= 290
    assert said and said["y"] + 2 * 41 <= 640, "two lines of it"
    last, orders = page.locator(".card").last.bounding_box(), page.locator(".sorts").bounding_box()
    assert last and orders and orders["y"] >= last["y"] + last["height"]


LARGE = """() => {
  const [sheet] = document.styleSheets;
  sheet.insertRule('html { font-size: 200% !important }', sheet.cssRules.length);
}"""
ROOM = """() => {
  const box = document.getElementById('q'), style = getComputedStyle(box);
  const inside = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return [parseFloat(style.fontSize), inside];
}"""


def test_head_stacks_where_letters_are_twice_as_large(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto("/?q=异地就医备案")
    page.evaluate(LARGE)
    size, inside = page.evaluate(ROOM)
    assert size > 30 and inside / size >= 4, "four characters in sight"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_drawer_is_two_screens_at_most_and_its_groups_fold(new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto("/")
    page.locator(".open-filters").tap()
    assert page.evaluate("filters.scrollHeight") <= 2 * 740
    tops = {name: page.locator(f"#facet-{name}").bounding_box() for name in ("insurance", "topic", "province", "city")}
    order = sorted(tops, key=lambda name: tops[name]["y"] if tops[name] else 0)
    assert order == ["insurance", "topic", "province", "city"]
    expect(page.locator("#list-city")).to_be_hidden()
    page.locator("#facet-city > summary").tap()
    expect(page.locator("#list-city")).to_be_visible()


def test_groups_keep_their_places_while_one_ticks_types_and_goes_back(new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto("/?q=缴费")
    places = "() => [...document.querySelectorAll('#filters > *')].map((part) => part.id || part.className)"
    order = page.evaluate(places)
    assert order[-4:] == ["facet-province", "facet-city", "facet-date", "drawer-foot"]
    page.locator(".open-filters").tap()
    page.locator("#list-insurance label").first.tap()
    expect(page.locator(".chips a:not(.clear)")).to_have_count(1)
    assert page.evaluate(places) == order
    page.locator(".done").tap()
    page.fill("#q", "报销")
    expect(page.locator("#count")).to_contain_text("“报销”")
    assert page.evaluate(places) == order
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“缴费”")
    assert page.evaluate(places) == order


def test_group_that_was_folded_stays_so_and_a_chosen_one_is_open(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/?q=缴费")
    page.locator("#facet-insurance > summary").click()
    page.fill("#q", "备案")
    expect(page.locator("#count")).to_contain_text("“备案”")
    assert page.locator("#facet-insurance").get_attribute("open") is None
    phone = new_page(**PHONE)
    phone.goto("/?q=缴费&city=黑河市")
    assert phone.locator("#facet-city").get_attribute("open") is not None


SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => { for (const one of list.getEntries()) shifts.push(one.value); })
    .observe({type: 'layout-shift', buffered: true});
}"""


def compose(page: Page, cdp: CDPSession, drafts: list[str], text: str, found: str) -> None:
    for draft in drafts:
        cdp.send("Input.imeSetComposition", {"text": draft, "selectionStart": len(draft), "selectionEnd": len(draft)})
        page.wait_for_timeout(120)
    cdp.send("Input.insertText", {"text": text})
    expect(page.locator("#count")).to_contain_text(found)
    page.wait_for_timeout(600)  # what comes half a second after a key counts


@pytest.mark.parametrize("width", [360, 1280])
def test_an_input_method_session_moves_nothing(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 740})
    page.goto("/")
    page.evaluate(SHIFTS)
    page.focus("#q")
    cdp = page.context.new_cdp_session(page)
    compose(page, cdp, ["j", "jiao", "jiao'f"], "缴费", "“缴费”的 12 篇")
    compose(page, cdp, ["b", "be", "bei'an"], "备案", "“缴费备案”")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    expect(page.locator(".start")).to_be_visible()
    compose(page, cdp, ["k", "kong'kong"], "空空如也", "空空如也")
    assert page.evaluate("shifts.reduce((sum, one) => sum + one, 0)") < 0.05


@pytest.mark.parametrize("width", [360, 1280])
def test_ticking_and_sending_move_nothing_that_stays(new_page: NewPage, server: Server, width: int) -> None:
    """However late the answer comes: what half a second after a key or a tap excuses is counted here, too."""
    page = new_page(viewport={"width": width, "height": 740})
    page.goto("/?sort=newest")
    if page.locator(".open-filters").is_visible():
        page.locator(".open-filters").click()
    page.evaluate(SHIFTS)
    page.locator("#facet-insurance input").first.check()
    expect(page.locator(".chips")).to_be_visible()
    page.locator("#facet-topic input").first.check()
    expect(page.locator(".chips li")).to_have_count(3)
    page.wait_for_timeout(600)  # what comes half a second after a tap counts
    assert page.evaluate("shifts.reduce((sum, one) => sum + one, 0)") < 0.05


def test_what_is_sent_moves_no_card_into_the_place_of_another(new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto("/?q=缴费")
    page.evaluate(SHIFTS)
    page.evaluate("q.value = '登记 卡丢了 缴费'; q.form.requestSubmit()")
    expect(page.locator("#count")).to_contain_text("登记")
    page.wait_for_timeout(600)
    assert page.evaluate("shifts.reduce((sum, one) => sum + one, 0)") < 0.05
