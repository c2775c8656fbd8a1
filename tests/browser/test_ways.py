"""Keys, lists that can be searched, the way through an article, and what can be taken along."""

import re
from urllib.parse import unquote, urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, held, until
from tests.web import TOTAL

pytestmark = pytest.mark.browser


def test_keys_reach_everything_between_box_and_results(page: Page, server: Server) -> None:
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("缴费/?")
    assert page.input_value("#q") == "缴费/?", "in the box they are characters"
    page.fill("#q", "")
    expect(page.locator(".start")).to_be_visible()
    expect(page.locator("#options")).to_be_hidden()  # what was completed for the last text does not come any more
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    titles = page.locator(".card h2 a")
    expect(page.locator("#options li").first).to_be_visible()
    page.keyboard.press("Escape")  # completions first
    page.keyboard.press("ArrowDown")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.locator(".card h2 a").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    expect(page.locator(".start")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/")


def test_text_cleared_by_escape_can_be_had_back(page: Page) -> None:
    page.goto("/?q=缴费")
    page.focus("#q")
    page.keyboard.press("Escape")
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    page.keyboard.press("Control+z")
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert page.input_value("#q") == "缴费"


def test_completion_is_offered_by_sound_and_taken_by_key_or_mouse(page: Page, server: Server) -> None:
    page.goto("/")
    box, options = page.locator("#q"), page.locator("#options li")
    box.fill("yidi")
    expect(options.first).to_contain_text("异地")
    assert box.get_attribute("aria-expanded") == "true"
    expect(page.locator("#count")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert box.input_value() == "yidi", "what is typed stays until it is taken"
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("关于“异地”的 1 篇")
    expect(page).to_have_url(f"{server.url}/?q=%E5%BC%82%E5%9C%B0")
    expect(options.first).to_be_hidden()
    box.fill("缴")
    expect(options.filter(has_text="缴费").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    assert box.input_value() == "缴", "the first Esc closes, the second clears"
    box.press_sequentially("费")
    expect(options.first).to_be_visible()
    options.first.click()
    expect(options.first).to_be_hidden()
    assert box.input_value() != "缴费" and box.input_value().startswith("缴费")


def test_no_list_that_comes_late_takes_a_choice_away_and_typing_on_does(page: Page) -> None:
    page.goto("/")
    box, options = page.locator("#q"), page.locator("#options li")
    box.fill("jiao")
    expect(options.first).to_contain_text("缴")
    asked = held(page, "**/suggest?q=jiaof")
    box.press_sequentially("f")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#options li[aria-selected=true]").inner_text()
    until(page, lambda: asked != [])
    page.evaluate("""() => {
        const done = (resolve) => document.getElementById("options").addEventListener("htmx:finally:request", resolve);
        window.late = new Promise(done);
    }""")
    asked[0].continue_()
    page.evaluate("() => window.late.then(() => 0)")
    assert page.locator("#options li[aria-selected=true]").inner_text() == chosen
    held(page, "**/suggest?q=jiaofe")
    box.press_sequentially("e")
    expect(page.locator("#options li[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=jiaofe$"))


def test_candidate_is_taken_with_enter_though_completions_are_open(page: Page, server: Server) -> None:
    page.goto("/")
    page.focus("#q")
    page.keyboard.type("缴")
    expect(page.locator("#options li").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "fei", "selectionStart": 3, "selectionEnd": 3})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "text": "\r", "unmodifiedText": "\r"}
    cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **enter})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    assert page.input_value("#q") == "缴fei"
    cdp.send("Input.insertText", {"text": "费"})
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")


def test_long_list_is_searched_by_characters_pinyin_and_initials(page: Page) -> None:
    page.goto("/")
    shown = page.locator("#facet-city .name:visible")
    for typed, names in {
        "cs": ["湖南 · 长沙"],
        "cha": ["吉林 · 长春", "湖南 · 长沙"],
        "chang's": ["湖南 · 长沙"],
        "江苏": ["江苏 · 南京"],
        "zj": ["浙江 · 杭州"],
    }.items():
        page.fill("#find-city", typed)
        expect(shown).to_have_count(len(names))
        assert sorted(shown.all_inner_texts()) == sorted(names), typed
    page.locator("#facet-city input[type=checkbox]:visible").check()
    expect(page.locator("#count")).to_contain_text("杭州的 1 篇")
    assert page.input_value("#find-city") == "zj"
    expect(shown).to_have_text(["浙江 · 杭州"])
    page.fill("#find-city", "")
    expect(page.locator("#rest-city")).to_be_hidden()
    expect(shown).to_have_count(9)
    page.fill("#find-city", "火星")
    expect(page.locator("#facet-city")).to_have_text(re.compile("没有符合的选项"))
    expect(page.locator("#more-city summary")).to_be_hidden()
    page.fill("#find-city", "")
    expect(page.get_by_text("没有符合的选项")).to_be_hidden()


def test_list_is_under_the_box_it_is_searched_with_on_a_phone(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto("/")
    page.locator(".open-filters").tap()
    page.locator("#facet-city > summary").tap()
    page.locator("#find-city").tap()
    box, head = page.locator("#find-city").bounding_box(), page.locator(".drawer-head").bounding_box()
    first = page.locator("#list-city label").first.bounding_box()
    assert box and head and first
    assert box["y"] >= head["y"] + head["height"], "not under the bar"
    assert first["y"] < 300, "above the keys"


def test_what_applies_to_a_city_in_one_click_and_back_in_one(page: Page) -> None:
    page.goto("/?city=黑河市")
    page.get_by_role("link", name="也看黑龙江全省").click()
    expect(page.locator("#count")).to_contain_text("适用于黑河的 6 篇")
    expect(page.locator(".level").first).to_be_visible()
    assert page.locator("[id='city-未注明']").is_checked()
    page.get_by_role("link", name="只看黑河本地的").click()
    expect(page.locator("#count")).to_contain_text("黑河的 2 篇")


def test_feed_address_and_page_size_follow_the_search(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/")
    page.fill("#q", "缴费")
    expect(page.locator("#count")).to_contain_text("第 1–10 篇")
    feed = page.locator("link[rel=alternate]").get_attribute("href") or ""
    assert unquote(feed).endswith("/feed.atom?q=缴费")
    page.get_by_role("link", name="20", exact=True).click()
    expect(page.locator(".card")).to_have_count(12)
    page.get_by_text("分享", exact=True).click()
    page.locator(".reuse .copy").click()
    expect(page.locator(".reuse .copy")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "yibao.csv"


def test_article_has_its_hits_its_citation_and_the_way_back(new_page: NewPage, server: Server) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    search = "?" + urlencode({"q": "挂失", "topic": "医保卡与电子凭证"})
    page.goto("/articles/card.md" + search)
    hits = page.locator(".text mark")
    assert hits.count() >= 2
    last = f"#hit-{hits.count()}"
    for step, expected in (("下一处", "#hit-1"), ("下一处", "#hit-2"), ("上一处", "#hit-1"), ("上一处", last)):
        page.get_by_role("button", name=step).click()
        assert page.evaluate("location.hash") == expected
        expect(page.locator(".hits span")).to_have_text(f"{expected.removeprefix('#hit-')}/{hits.count()}")
    page.get_by_role("button", name="复制引用").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#citation").inner_text()
    page.get_by_role("link", name="返回搜索结果").click()
    expect(page).to_have_url(f"{server.url}/{search}")


def test_second_place_is_one_tap_away_on_a_phone(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 300})
    page.goto("/compare?a=黑河&b=烟台")
    page.get_by_role("link", name="看烟台（1 篇）").click()
    heading = page.locator("#place-b").bounding_box()
    assert heading and 0 < heading["y"] < 250
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".jump")).to_be_hidden()


def test_step_through_the_hits_leaves_the_buttons_where_they_are(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    page.goto("/articles/card.md?q=挂失")
    before = page.evaluate("document.querySelector('.hits').getBoundingClientRect().x")
    page.get_by_role("button", name="下一处").click()
    expect(page.locator(".hits span")).to_contain_text("1/")
    assert page.evaluate("document.querySelector('.hits').getBoundingClientRect().x") == before


@pytest.mark.parametrize("scripted", [True, False])
def test_contents_are_folded_on_a_phone_and_lead_to_a_heading_in_sight(new_page: NewPage, scripted: bool) -> None:
    page = new_page(viewport={"width": 360, "height": 400}, java_script_enabled=scripted)
    page.goto("/articles/card.md")
    link = page.locator(".contents a").last
    expect(link).to_be_hidden()
    page.get_by_text("目录（2）").click()
    link.click()
    heading = page.locator(".text h2").last.bounding_box()
    assert heading and 8 < heading["y"] < 300
    page.set_viewport_size({"width": 1280, "height": 900})
    page.reload()
    expect(link).to_be_visible()


def test_new_pages_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    expect(page.locator("#find-city")).to_be_hidden()
    page.get_by_role("link", name="收录情况").first.click()
    page.locator("tbody tr", has_text="黑龙江").get_by_role("link", name="黑龙江", exact=True).click()
    expect(page.locator("h1")).to_have_text("黑龙江收录情况")
    page.goto("/compare")
    page.get_by_label("地区一").select_option("黑河市")
    page.get_by_label("地区二").select_option("烟台市")
    page.get_by_role("button", name="对比").click()
    expect(page.locator(".sides h2")).to_have_text(["黑河（2 篇）", "烟台（1 篇）"])
    page.goto("/articles/card.md?q=挂失")
    expect(page.locator(".copy, .hits button").first).to_be_hidden()
    second = page.get_by_role("link", name="第 2 处")
    box = second.bounding_box()
    assert box and box["width"] >= 24 and box["height"] >= 24
    second.click()
    assert page.url.endswith("#hit-2")


def test_first_page_takes_six_requests_at_most(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/", wait_until="networkidle")
    assert len(asked) <= 6, asked
