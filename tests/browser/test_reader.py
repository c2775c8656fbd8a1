"""What a reader meets on the way: short texts, telephones, marks, tables of places, dates the wrong way round."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serving
from tests.web import make_app

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
TEASER = "参保人员注意三点：一、先在手机上备案；二、选好医院；三、带上社保卡。其余照旧。"
LONG = "\n\n".join(
    f"## 第{n}部分\n\n体检的人要先登记，到了体检那天空腹，体检之后拿体检报告。" + ("挂号另算。" if n == 2 else "")
    for n in range(1, 7)
)
RECORDS: list[dict[str, object]] = [
    {"id": "page.txt", "title": "跨省就诊", "text": "跨省就诊要备案。", "topic": "异地就医", "city": "黑河市"},
    {"id": "page.txt/1", "kind": "teaser", "title": "跨省就诊备案", "text": TEASER, "topic": "异地就医"},
    {"id": "long", "title": "体检怎么约", "text": LONG, "topic": "其他"},
    {"id": "twice", "title": "窗口几点开门", "text": "窗口九点开门。\n\n窗口九点开门。\n\n周末窗口九点开门吗？不开。"},
    {
        "id": "yantai",
        "title": "烟台跨省就诊",
        "text": "烟台的人跨省就诊也要备案。",
        "city": "烟台市",
        "topic": "异地就医",
    },
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make_app(tmp_path_factory.mktemp("reader"), RECORDS)) as server:
        yield server.url


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="zh-CN", **PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_teaser_is_laid_out_and_leads_on(phone: Page) -> None:
    phone.goto("/articles/page.txt/1")
    assert phone.locator(".text p").all_inner_texts() == [
        "参保人员注意三点：",
        "一、先在手机上备案；",
        "二、选好医院；",
        "三、带上社保卡。其余照旧。",
    ]
    expect(phone.get_by_role("button", name="复制标题")).to_be_visible()
    assert phone.locator(".aside a").first.get_attribute("href") == "/articles/page.txt"
    assert phone.locator(".aside .call").get_attribute("href") == "tel:12393"
    assert phone.locator(".neighbours a").count()


@pytest.mark.parametrize(
    ("search", "where"),
    [
        ("/?q=根本没有的词", ".nothing .call"),
        ("/?q=体检", ".second .call"),
        ("/articles/long", ".after .call"),
        ("/", "footer .call"),
        ("/?q=官方电话", ".notes .call, .nothing .call"),
        ("/?q=跨省就诊打什么热线", ".notes .call"),
    ],
)
def test_hotline_can_be_called_where_an_answer_is_missing(phone: Page, search: str, where: str) -> None:
    phone.goto(search)
    link = phone.locator(where).first
    expect(link).to_have_text("医保服务热线 12393")
    assert link.get_attribute("href") == "tel:12393"


def test_word_that_is_everywhere_is_marked_once_a_section_and_counted_whole(phone: Page) -> None:
    phone.goto("/articles/long?q=体检 挂号")
    marks = phone.locator(".text p mark").all_inner_texts()
    assert marks.count("体检") == 6 and marks.count("挂号") == 1
    times = LONG.count("体检") + 1
    expect(phone.locator("#at")).to_have_text(f"找到 {times} 处，标出 7 处")
    bar, window = phone.locator(".hits").bounding_box(), 740
    assert bar and (bar["x"], bar["width"]) == (0, 360), "an edge of the window, no island in the text"
    assert abs(bar["y"] + bar["height"] - window) < 1


def test_snippet_says_nothing_twice(phone: Page) -> None:
    phone.goto("/?q=窗口九点开门")
    text = phone.locator(".card", has_text="窗口几点开门").locator(".snippet").inner_text()
    assert len(re.findall("窗口九点开门。", text)) == 1


def test_skip_links_lead_to_results_and_to_filters(browser: Browser, address: str) -> None:
    page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}).new_page()
    for presses, target, inside in ((1, "#results", ".sorts a, .cards a"), (2, "#filters", "#filters summary")):
        page.goto("/?q=跨省就诊")
        for _ in range(presses):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.url.endswith(target)
        assert page.evaluate("(inside) => document.activeElement.matches(inside)", inside)
    page.context.close()


def test_two_places_in_one_query_lead_to_both_side_by_side(phone: Page) -> None:
    phone.goto("/?q=黑河和烟台跨省就诊")
    phone.get_by_role("link", name="并排对比").first.click()
    expect(phone.locator(".sides h2")).to_have_text([re.compile("黑河"), re.compile("烟台")])
    fields = phone.locator(".pair :is(select, input)")
    sizes = fields.evaluate_all("(all) => all.map((field) => getComputedStyle(field).fontSize)")
    assert set(sizes) == {"16px"}, "smaller ones make a phone zoom in"
    expect(phone.get_by_text("没有列出的地方，这里还没有文章")).to_be_visible()


def test_what_says_nothing_is_no_tag_and_stands_last(phone: Page) -> None:
    phone.goto("/?q=体检")
    assert "其他" not in phone.locator(".card .tag").all_inner_texts()
    phone.goto("/")
    assert phone.locator("#list-topic .name").all_text_contents()[-1] == "其他"


def test_phone_has_no_files_and_no_keys_and_a_feed_that_explains_itself(phone: Page) -> None:
    phone.goto("/?q=跨省就诊")
    for part in phone.locator("[download], .keys-button").all():
        expect(part).to_be_hidden()
    follow = phone.locator(".reuse .follow")
    expect(follow.locator("a")).to_be_hidden()
    follow.locator("summary").tap()
    expect(follow).to_contain_text("不用注册")
    expect(follow.locator("a")).to_be_visible()


def test_coverage_scrolls_with_its_page_and_says_its_figures(phone: Page) -> None:
    phone.goto("/coverage")
    box, table = phone.locator(".scroll").bounding_box(), phone.locator(".coverage").bounding_box()
    assert box and table and box["height"] >= table["height"], "all of it is there"
    assert phone.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowY") == "hidden"
    assert phone.locator(".coverage [aria-label]").count() == 0
    assert phone.locator(".coverage td a").first.text_content() == "黑龙江 1 篇"


def test_head_of_a_page(phone: Page, address: str) -> None:
    phone.goto("/articles/long?q=体检")
    assert phone.locator("link[rel=canonical]").get_attribute("href") == f"{address}/articles/long"
    assert phone.locator("meta[name=theme-color]").count() == 2
    assert phone.locator("#q").get_attribute("type") == "text", "a combobox may not be a search field"
    assert phone.request.get("/favicon.ico").ok
    answer = phone.request.get("/?q=体检")
    again = phone.request.get("/?q=体检", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


def test_years_are_one_tap_and_dates_the_wrong_way_round_say_so(phone: Page) -> None:
    phone.goto("/?q=跨省就诊&from=2025-06-01&to=2024-06-01")
    expect(phone.locator(".notes").first).to_contain_text("日期条件没有用上")
    phone.goto("/?q=跨省就诊")
    phone.locator(".open-filters").tap()
    phone.locator("#facet-date > summary").tap()
    years = [text for text in phone.locator(".presets a").all_inner_texts() if text.isdecimal()]
    assert len(years) == 3 and years == sorted(years, reverse=True)
    phone.locator(".presets a").first.tap()
    expect(phone.locator("#from")).to_have_value(f"{years[0]}-01-01")
    expect(phone.locator("#to")).to_have_value(f"{years[0]}-12-31")


def test_empty_fields_leave_the_address_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", "体检")
    page.get_by_role("button", name="搜索", exact=True).click()
    assert page.url == f"{address}/?q=%E4%BD%93%E6%A3%80"
    context.close()
