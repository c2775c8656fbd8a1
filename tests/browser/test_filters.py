"""Filters, chips, pages and the way back, with mouse, keyboard, finger, and without JavaScript."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, until
from tests.web import TOTAL

pytestmark = pytest.mark.browser


def ids(page: Page) -> list[str]:
    return [link.get_attribute("href") or "" for link in page.locator(".card h2 a").all()]


def chips(page: Page) -> list[str]:
    return [text.rstrip("×").strip() for text in page.locator(".chips li a:not(.clear)").all_inner_texts()]


def test_filters_make_history_and_the_way_back_restores_the_whole_page(page: Page, server: Server) -> None:
    page.goto("/")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    page.get_by_label("黑龙江 2", exact=False).first.check()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”的 2 篇")
    page.locator("#in-city-黑龙江省").get_by_label("黑河").check()
    expect(page.locator("#count")).to_contain_text("黑河”中关于“缴费”的 1 篇")
    assert chips(page) == ["黑龙江", "黑河"]
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”的 2 篇")
    assert chips(page) == ["黑龙江"]
    assert not page.get_by_label("黑河").is_checked()
    page.go_back()
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert page.input_value("#q") == "缴费"
    page.go_forward()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”的 2 篇")
    page.fill("#q", "补牙")  # the page that came back is as alive as the first
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“补牙”的 1 篇")


def test_the_way_back_from_an_article_shows_the_page_not_a_block(page: Page, server: Server) -> None:
    page.goto("/")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    page.locator(".card h2 a").first.click()
    expect(page.locator("h1 mark").first).to_have_text("缴费")
    page.go_back()
    expect(page.locator("#q")).to_have_value("缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    page.go_forward()
    page.get_by_text("返回搜索结果").click()
    expect(page).to_have_url(f"{server.url}/?q=%E7%BC%B4%E8%B4%B9")


def test_province_switched_off_takes_its_cities_along(page: Page) -> None:
    page.goto("/?province=黑龙江省&city=黑河市")
    page.locator("[id='province-黑龙江省']").uncheck()
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    assert chips(page) == []


def test_chip_removes_its_filter_and_the_checkbox_follows(page: Page) -> None:
    page.goto("/")
    page.locator("[id='insurance-居民医保']").check()
    expect(page.locator("#count")).to_contain_text("居民医保的 13 篇")
    page.get_by_label("去掉条件：居民医保").click()
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    assert not page.locator("[id='insurance-居民医保']").is_checked()
    page.locator("#from").fill("2025-02-01")
    expect(page.locator("#count")).to_contain_text("全部 3 篇（2025-02-01 起）")
    page.get_by_label("去掉条件：2025-02-01 起").click()
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    assert page.input_value("#from") == ""


def test_box_says_what_a_link_searched_for(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="补牙能报销吗", exact=True).click()
    expect(page.locator("#count")).to_contain_text("关于“补牙能报销吗”的")
    assert page.input_value("#q") == "补牙能报销吗"
    page.locator("[id='insurance-居民医保']").check()
    expect(page.locator("#count")).to_contain_text("“居民医保”中关于“补牙能报销吗”的")
    page.go_back()
    page.go_back()
    expect(page.locator(".start")).to_be_visible()
    assert page.input_value("#q") == "", "the example is a step of its own in the history"


def test_link_clicked_before_the_text_was_answered_wins_and_the_box_follows(page: Page, server: Server) -> None:
    page.goto("/?q=缴费&province=黑龙江")
    answer = server.hold("备案")
    page.fill("#q", "备案")
    until(page, lambda: "备案" in server.texts())
    expect(page.locator("#options li").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("去掉条件：黑龙江").click()
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    answer.set()
    until(page, lambda: "备案" in server.answered)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert page.input_value("#q") == "缴费"


@pytest.mark.parametrize("moving", ["atomic moves", "no atomic moves"])
def test_more_stays_open_and_the_focus_stays_on_the_checkbox(page: Page, moving: str) -> None:
    if moving == "no atomic moves":  # Safari, and Firefox before 144
        page.add_init_script("delete Element.prototype.moveBefore")
    page.goto("/?q=缴费")
    page.locator("#more-province summary").click()
    box = page.locator("#more-province input").last
    name = box.get_attribute("id")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#count")).to_contain_text("1 篇")
    assert page.evaluate("document.activeElement.id") == name
    assert page.locator("#more-province").get_attribute("open") is not None


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_under_the_finger_stays_there(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 740}, has_touch=True)
    page.goto("/?q=缴费")
    if width == 360:
        page.locator(".open-filters").tap()
        page.locator("#facet-province > summary").tap()
    names = page.locator(":is(#list-province, #rest-province) > li > label .name")
    order = names.all_text_contents()
    for last in (False, True):  # the eighth of those in sight, then one behind 更多
        if last:
            page.locator("#more-province summary").tap()
        label = page.locator("#rest-province label" if last else "#list-province label").last
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box
        for chosen in (True, False):
            page.touchscreen.tap(box["x"] + 40, box["y"] + box["height"] / 2)
            expect(page.locator(".chips a:not(.clear)")).to_have_count(int(chosen))
            assert page.evaluate("document.activeElement.name") == "province", "the focus stays on the box"
            assert names.all_text_contents() == order


def test_list_above_that_shrinks_does_not_move_the_box_either(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto("/")
    page.locator(".open-filters").tap()
    box = page.locator("[id='topic-口腔']")
    box.scroll_into_view_if_needed()
    before = page.evaluate("document.getElementById('topic-口腔').getBoundingClientRect().top")
    box.tap()
    expect(page.locator(".done")).to_have_text("看 1 篇结果")
    assert page.locator("#list-insurance li").count() == 2
    assert abs(page.evaluate("document.getElementById('topic-口腔').getBoundingClientRect().top") - before) < 2


def test_pages_and_order(page: Page) -> None:
    page.goto("/?q=缴费&sort=oldest")
    assert ids(page)[0].startswith("/articles/pay/1?")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("#count")).to_contain_text("第 11–12 篇")
    assert [path.split("?")[0] for path in ids(page)] == ["/articles/pay/11", "/articles/pay/12"]
    assert page.evaluate("document.activeElement.id") == "results"
    page.get_by_role("link", name="最新").click()
    expect(page.locator("#count")).to_contain_text("第 1–10 篇")
    assert ids(page)[0].startswith("/articles/pay/12?")
    page.fill("#q", "居民医保缴费")  # the order is kept while typing
    expect(page.locator("#count")).to_contain_text("关于“居民医保缴费”的 12 篇")
    assert parse_qs(urlsplit(page.url).query) == {"q": ["居民医保缴费"], "sort": ["newest"]}


def test_slow_answer_does_not_land_on_the_page_one_goes_back_to(page: Page, server: Server) -> None:
    page.goto("/?q=缴费")
    page.locator("[id='province-黑龙江省']").check()
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“缴费”的 2 篇")  # "12 篇" holds "2 篇" too
    late, wanted = server.hold("备案"), server.hold("缴费")
    page.fill("#q", "备案")
    until(page, lambda: "备案" in server.texts())
    server.answered.clear()
    page.go_back(wait_until="commit")
    late.set()
    until(page, lambda: "备案" in server.answered)
    wanted.set()
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert parse_qs(urlsplit(page.url).query) == {"q": ["缴费"]}
    assert page.input_value("#q") == "缴费"


def test_drawer_on_a_phone(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto("/?q=缴费")
    drawer = page.locator("#filters")
    expect(drawer).to_be_hidden()
    page.locator(".open-filters").tap()
    expect(drawer).to_be_visible()
    page.locator("#facet-province > summary").tap()
    page.locator("[id='province-黑龙江省']").tap()
    expect(page.locator(".done")).to_have_text("看 2 篇结果")
    expect(drawer).to_be_visible()
    page.locator(".done").tap()
    expect(drawer).to_be_hidden()
    expect(page.locator(".badge")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_keyboard_alone(page: Page) -> None:
    page.goto("/?q=缴费")
    for name in ("跳到搜索结果", "跳到筛选"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):  # the head of the first group, its first box
        page.keyboard.press("Tab")
    first = page.locator("#facet-province input").first
    expect(first).to_be_focused()
    name = first.get_attribute("value")
    page.keyboard.press("Space")
    expect(page.locator(".chips li").first).to_be_visible()
    assert page.evaluate("document.activeElement.value") == name


def test_two_boxes_ticked_in_one_go_ask_once(page: Page, server: Server) -> None:
    page.goto("/")
    server.asked.clear()
    page.evaluate("for (const box of [...document.querySelectorAll('#list-topic input')].slice(0, 2)) box.click()")
    expect(page.locator(".chips li")).to_have_count(3)
    assert [len(asked["topic"]) for asked in server.asked] == [2]


def test_answer_to_what_was_typed_before_a_tick_does_not_undo_it(page: Page, server: Server) -> None:
    page.goto("/?q=缴费")
    answer = server.hold("备案")
    page.fill("#q", "备案")
    until(page, lambda: "备案" in server.texts())
    page.clock.install()  # no time passes: the tick is not asked for yet
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    page.locator("#facet-topic input").first.evaluate("(box) => box.click()")
    answer.set()
    until(page, lambda: "备案" in server.answered)
    assert page.locator("#facet-topic input").first.is_checked()
    page.clock.run_for(100)
    expect(page.locator(".chips li").first).to_be_visible()
    assert server.asked[-1].keys() == {"q", "topic"}


def test_typing_another_text_keeps_what_is_unfolded_and_looked_for_in_a_group(page: Page) -> None:
    page.goto("/")
    page.fill("#find-city", "zj")
    page.locator("#more-province summary").click()
    page.fill("#q", "医保")
    expect(page.locator("#count")).to_contain_text("“医保”")
    expect(page.locator("#find-city")).to_have_value("zj")
    expect(page.locator("#facet-city .name:visible")).to_have_text(["浙江 · 杭州"])
    assert page.locator("#more-province").get_attribute("open") is not None


def test_whole_journey_by_keyboard(page: Page, server: Server) -> None:
    """Find an article, filter, open it, come back: with nothing but keys, and the focus always somewhere visible."""
    press = page.keyboard.press
    page.goto("/")
    press("/")
    page.keyboard.type("jiaofei", delay=20)
    expect(page.locator("#options li").first).to_be_visible()
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#count")).to_contain_text("缴费")
    tab_to(page, "#facet-province input")
    press("Space")
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于")
    tab_to(page, "#in-city-黑龙江省 input")
    press("Space")
    expect(page.locator(".chips li")).to_have_count(4)  # two filters, clear all, 适用于我
    press("/")
    expect(page.locator("#options")).to_be_hidden()
    press("ArrowDown")
    expect(page.locator(".card h2 a").first).to_be_focused()
    address = page.url
    press("Enter")
    expect(page.locator(".back a")).to_have_text("← 返回搜索结果")
    tab_to(page, ".back a")
    press("Enter")
    expect(page).to_have_url(address)
    expect(page.locator(".chips li")).to_have_count(4)
    tab_to(page, ".chips a")
    press("Enter")
    expect(page.locator(".chips li")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "results", "the chip is gone; Tab goes on from its place"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that matches has the focus; it must be in sight."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
            assert box["top"] >= 0 and box["bottom"] <= 900, "scrolled into sight, not under the header"
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_without_javascript_everything_is_a_form_or_a_link(new_page: NewPage, page: Page, server: Server) -> None:
    plain = new_page(java_script_enabled=False)
    plain.goto("/")
    plain.fill("#q", "缴费")
    plain.get_by_role("button", name="搜索").click()
    assert plain.locator("#count").inner_text().startswith("关于“缴费”的 12 篇")
    plain.locator("[id='province-黑龙江省']").check()
    plain.locator("#more-city summary").click()
    plain.locator("#facet-city").get_by_label("黑龙江 · 黑河").check()
    plain.get_by_role("button", name="应用筛选").click()
    assert chips(plain) == ["黑龙江", "黑河"]
    page.goto(plain.url)
    assert ids(plain) == ids(page) == ["/articles/pay/1" + plain.url.removeprefix(server.url + "/").split("&from")[0]]
    plain.get_by_label("去掉条件：黑龙江").click()
    assert chips(plain) == []
    plain.get_by_role("link", name="下一页").click()
    assert "第 11–12 篇" in plain.locator("#count").inner_text()


ADDRESSES = (
    "/",
    "/?q=缴费&page=2&sort=oldest",
    "/?q=缴费&province=黑龙江省",
    "/?province=黑龙江&province=未注明&city=黑河&city=未注明",
    "/?q=缴费&topic=口腔",
    "/?q=异地就医备按",
    "/articles/pay/1?q=缴费",
    "/coverage",
    "/compare?a=黑河&b=烟台",
    "/articles/nowhere",
)


def test_same_address_gives_the_same_with_and_without_javascript(new_page: NewPage, page: Page) -> None:
    plain, scripted = new_page(java_script_enabled=False, complaints=True), new_page(complaints=True)
    for address in ADDRESSES:
        seen = []
        for each in (plain, scripted):
            each.goto(address)
            links = [link.get_attribute("href") for link in each.locator("main a").all()]
            boxes = [box.get_attribute("id") for box in each.locator("main input:checked").all()]
            text = re.sub(r"编号：[0-9a-f]{16}", "", each.locator("main").text_content() or "")
            seen.append((each.title(), text, links, boxes))
        assert seen[0] == seen[1], address


def test_drawer_opens_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/")
    page.locator(".open-filters").click()
    page.locator("[id='insurance-职工医保']").check()
    page.get_by_role("button", name="应用筛选").click()
    assert chips(page) == ["职工医保"]


@pytest.mark.parametrize("width", [360, 1280])
def test_next_page_opens_at_its_first_result_and_the_way_back_where_it_was_left(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 500})
    page.goto("/?q=缴费")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("#count")).to_contain_text("第 11–12 篇")
    title = page.locator(".card h2").first.bounding_box()
    assert title and 0 < title["y"] < 400, "the first title is in sight"
    page.get_by_role("link", name="上一页").click()
    expect(page.locator("#count")).to_contain_text("第 1–10 篇")
    link = page.locator(".card h2 a").nth(7)
    link.scroll_into_view_if_needed()
    left = page.evaluate("scrollY")
    assert left > 300
    link.click()
    page.evaluate("location.hash = 'citation'")  # a jump inside the article is an entry of its own
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page.locator("#count")).to_contain_text("第 1–10 篇")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == left
    page.go_forward()
    expect(page.locator("#citation")).to_be_visible()


def test_way_back_to_a_search_one_does_not_come_from_is_its_address(page: Page, server: Server) -> None:
    page.goto("/?q=补牙")
    page.goto("/articles/pay/1?q=缴费")
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page).to_have_url(f"{server.url}/?q=%E7%BC%B4%E8%B4%B9")
