"""Criteria of WCAG 2.2 that a script can hold and axe does not, in the order of docs/accessibility.md.

Those that hold for every page and state are in looks.py.
"""

import base64
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Server, each_size
from tests.browser.looks import MOVING, look, stops
from tests.browser.test_accessibility import STATES, sized, states
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


# 2.2.2, 2.3.1: what moves

DECLARED = """
  const rules = (list) => [...list].flatMap((rule) => [rule, ...rules(rule.cssRules || [])]);
  return [...document.styleSheets].flatMap((sheet) => rules(sheet.cssRules))
    .filter(({style}) => style && (style.animationName || style.transitionProperty))
    .map(({selectorText, style}) => `${selectorText}: ${style.animationName || style.transitionProperty}`);
"""


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", ["progress"]), ("reduce", [])])
def test_one_line_moves_while_an_answer_is_awaited(
    new_page: NewPage, server: Server, motion: str, moves: list[str]
) -> None:
    """2.2.2, 2.3.1: a gradient that goes by once a second, 2 px high; not where less motion is wished for."""
    page = new_page(reduced_motion=motion)
    page.goto("/?q=缴费")
    answer = server.hold("备案")
    page.fill("#q", "备案")
    expect(page.locator("#progress")).to_have_css("opacity", "1")
    assert look(page, MOVING) == moves
    answer.set()
    expect(page.locator("#count")).to_contain_text("“备案”")
    assert look(page, MOVING) == []
    assert {rule.split(":")[0].split(" ")[0] for rule in look(page, DECLARED)} == {".htmx-request", ".top.htmx-request"}


# 1.3.3, 1.3.5, 3.1.1, 3.3.7, 3.3.8: what templates say and ask for

TEMPLATES = {path.name: path.read_text("utf-8") for path in (ROOT / "webui/templates").iterdir()}
WORDS = "\n".join(
    [
        *TEMPLATES.values(),
        *(
            (ROOT / path).read_text("utf-8")
            for path in ("webui/pages/wording.py", "search/messages.py", "webui/static/app.js", "webui/static/embed.js")
        ),
    ]
)


def test_no_words_need_eyes_or_ears() -> None:
    """1.3.3: no “button on the right”; 下面 is what comes next in the order of reading."""
    assert re.findall(r"[左右]|颜色|[红绿蓝黄灰黑]色|圆形|方形|三角|箭头|闪|听到", WORDS) == []


def test_nothing_is_asked_about_the_reader() -> None:
    """1.3.5, 3.3.7, 3.3.8: no field whose purpose WCAG names, none that is asked for twice, no password."""
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", "\n".join(TEMPLATES.values()))
    kinds = {kind for field in fields for kind in re.findall(r'\btype="([^"]*)"', field)}
    assert kinds == {"text", "search", "date", "checkbox", "hidden"}
    shown = [field for field in fields if 'type="hidden"' not in field]
    names = {name for field in shown for name in re.findall(r'\bname="([^"]*)"', field)}
    assert names == {"q", "from", "to", "topic", "{{ name }}", "{{ option.key }}"}
    assert set(re.findall(r'(?<!aria-)autocomplete="([^"]*)"', WORDS)) == {"off"}


def test_every_page_says_its_language() -> None:
    """3.1.1"""
    assert TEMPLATES["base.html"].count("<html") == 1
    whole = [text for text in TEMPLATES.values() if "<html" in text]
    assert len(whole) == 2 and all('<html lang="zh-CN">' in text for text in whole)
    assert "base.html" in TEMPLATES["error.html"]


# 1.3.4: a phone on its side


@each_size
@pytest.mark.parametrize("size", [(740, 360), (932, 430)])
def test_a_phone_on_its_side_shows_box_and_first_result(new_page: NewPage, large: bool, size: tuple[int, int]) -> None:
    width, height = size
    page = new_page(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page.goto(f"/?q=缴费{'&big=1' if large else ''}")
    expect(page.locator("#q")).to_be_in_viewport(ratio=1)
    expect(page.locator(".card h2").first).to_be_in_viewport(ratio=1)
    assert "orientation" not in page.request.get("/site.webmanifest").text()


# 1.4.11: boxes to tick

# How many pixels of a picture stand out against a ground.
PIXELS = """
  const {picture, around} = given;
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt());
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  canvas.drawImage(bitmap, 0, 0);
  const {data} = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) count += contrast([...data.slice(at, at + 3)], around) >= 3;
  return count;
"""


@each_size
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_boxes_to_tick_stand_out(new_page: NewPage, large: bool, scheme: str) -> None:
    """They are the browser's own, in a size and a colour of ours: only a picture tells."""
    page = new_page(color_scheme=scheme)
    page.goto(f"/?q=缴费&province=黑龙江{'&big=1' if large else ''}")
    for box in (page.locator("#filters :checked").first, page.locator("#filters .filter:not(:checked)").first):
        picture = base64.b64encode(box.screenshot()).decode()
        around = look(page, "return ground(document.querySelector('#filters'))")
        size = box.bounding_box()
        assert size and look(page, PIXELS, {"picture": picture, "around": around}) >= 2 * size["width"]


# 2.1.4: single keys


def single_keys_work(page: Page) -> bool:
    title = page.locator(".card h2 a").first
    title.focus()
    page.keyboard.press("/")
    to_the_box = page.locator("#q").evaluate("(box) => box === document.activeElement")
    title.focus()
    page.keyboard.press("?")
    opened = page.locator("#keys").is_visible()
    assert opened is to_the_box
    page.keyboard.press("Escape")
    return opened


def switch_single_keys(page: Page) -> None:
    page.get_by_role("button", name="键盘操作").click()
    page.get_by_label("使用单键快捷键（/ 和 ?）").click()
    page.get_by_role("button", name="关闭", exact=True).click()


@pytest.mark.parametrize("width", [320, 1280])
def test_single_keys_can_be_switched_off(new_page: NewPage, width: int) -> None:
    """On a desk at 400 % too; through a reload, and through the way back, which brings another body."""
    page = new_page(viewport={"width": width, "height": 800})
    page.goto("/?q=缴费")
    kept = "JSON.stringify(localStorage)"
    assert single_keys_work(page) and page.evaluate(kept) == "{}"
    switch_single_keys(page)
    assert not single_keys_work(page) and page.evaluate(kept) == '{"yibao-single-keys":"off"}'
    page.reload()
    assert not single_keys_work(page)
    page.fill("#q", "备案")
    expect(page.locator("#count")).to_contain_text("“备案”")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("“缴费”")
    assert not single_keys_work(page)
    expect(page.locator("#single")).not_to_be_checked()
    switch_single_keys(page)
    assert single_keys_work(page) and page.evaluate(kept) == "{}"


def test_single_keys_are_off_for_this_page_where_nothing_may_be_kept(page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }})")
    page.goto("/?q=缴费")
    assert single_keys_work(page)
    switch_single_keys(page)
    assert not single_keys_work(page)
    page.reload()
    assert single_keys_work(page)


# 2.4.3, 2.4.7, 2.4.11: the way of the focus


def test_escape_uncovers_what_has_the_focus(new_page: NewPage, server: Server) -> None:
    """2.4.11: the drawer is left by Tab, and what then has the focus may lie below it."""
    page = new_page(viewport={"width": 360, "height": 800})
    page.goto("/?q=缴费&province=黑龙江")
    page.locator(".open-filters").click()
    title = page.locator(".card h2 a").first
    title.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#filters")).to_be_hidden()
    expect(title).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()


@each_size
@pytest.mark.parametrize(
    ("state", "width"), [("start", 360), ("start", 1280), ("results", 360), ("results", 1280), ("drawer", 360)]
)
def test_tab_goes_as_one_reads(new_page: NewPage, server: Server, state: str, width: int, large: bool) -> None:
    """2.4.3: part by part, in each from above to below and from left to right."""
    page = new_page(viewport={"width": width, "height": 800})
    dict(states(page, server, width, large))[state]()
    if state == "drawer":
        page.locator(".open-filters").focus()
        found = [stop for stop in stops(page) if stop["region"] == "filters"]
    else:
        found = [stop for stop in stops(page) if stop["region"] != "skip"]
        parts = list(dict.fromkeys(stop["region"] for stop in found))
        assert parts == (["top", "results", "FOOTER"] if width == 360 else ["top", "filters", "results", "FOOTER"])
        assert sorted(found, key=lambda stop: parts.index(stop["region"])) == found
    assert [
        f"{stop['name']}, then {after['name']}"
        for stop, after in pairwise(found)
        if stop["region"] == after["region"]
        and (
            after["bottom"] <= stop["top"] + 1
            or (
                after["left"] < stop["left"] and after["top"] < stop["bottom"] - 4 and after["bottom"] > stop["top"] + 4
            )
        )
    ] == []


def test_the_focus_stays_where_one_types_and_ticks(page: Page) -> None:
    """2.4.3"""
    page.goto("/")
    page.focus("#q")
    page.keyboard.insert_text("缴费")
    expect(page.locator("#count")).to_contain_text("12 篇")
    expect(page.locator("#q")).to_be_focused()
    box = page.locator("#filters input[value=黑龙江省]")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#count")).to_contain_text("2 篇")
    expect(box).to_be_focused()
    expect(box).to_be_checked()


# 2.4.5: ways to an article

TITLE = "黑河居民医保缴费时间"


def _by_search(page: Page) -> Locator:
    page.goto("/")
    page.fill("#q", "黑河缴费")
    return page.locator(".card").get_by_role("link", name=TITLE)


def _by_filters(page: Page) -> Locator:
    page.goto("/")
    page.locator("#filters input[value=黑龙江省]").check()
    return page.locator(".card").get_by_role("link", name=TITLE)


def _by_coverage(page: Page) -> Locator:
    page.goto("/")
    page.locator("footer").get_by_role("link", name="收录情况").click()
    page.locator("tr", has_text="黑龙江").locator("td.n a").first.click()
    return page.locator(".card").get_by_role("link", name=TITLE)


def _by_neighbours(page: Page) -> Locator:
    page.goto("/articles/pay/2")
    return page.locator(".neighbours").get_by_role("link", name="武汉居民医保缴费时间")


@pytest.mark.parametrize("way", [_by_search, _by_filters, _by_coverage, _by_neighbours])
def test_ways_to_an_article(page: Page, way: Callable[[Page], Locator]) -> None:
    link = way(page)
    title = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_the_sitemap_is_a_way(page: Page) -> None:
    assert "/articles/pay/1</loc>" in page.request.get("/sitemap.xml").text()


# 2.5.1, 2.5.2, 2.5.4, 2.5.7: what fingers and hands do

LISTENED = """
  window.heard = [];
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    heard.push(type);
    return listen.call(this, type, ...rest);
  };
"""


def test_nothing_is_dragged_shaken_or_done_by_pressing(new_page: NewPage, server: Server) -> None:
    """2.5.1, 2.5.4, 2.5.7: the one thing heard of a finger that goes down keeps the focus in the box."""
    page = new_page()
    page.add_init_script(LISTENED)
    for address in ("/", "/?q=缴费", "/articles/card.md?q=挂失", "/compare", "/coverage"):
        page.goto(address)
        heard = set(page.evaluate("heard"))
        assert {"click", "keydown", "input"} <= heard
        assert {one for one in heard if re.match("mouse|pointer|touch|drag|drop|device|gesture|wheel", one)} == {
            "mousedown"
        }
        assert page.evaluate("document.querySelectorAll('[draggable], [onmousedown], [ontouchstart]').length") == 0


@pytest.mark.parametrize("part", [".card h2 a", "#filters label", "#search .primary", "#clear", "#options li"])
def test_a_press_that_ends_elsewhere_does_nothing(page: Page, server: Server, part: str) -> None:
    """2.5.2"""
    page.goto("/?q=缴费")
    if part == "#options li":
        page.fill("#q", "")
        page.locator("#q").press_sequentially("jiao", delay=20)
        expect(page.locator(part).first).to_be_visible()
        expect(page).to_have_url(re.compile(r"q=jiao$"))
    before = (page.url, page.locator("#q").input_value())
    asked = len(server.asked)
    box = page.locator(part).first.bounding_box()
    assert box
    page.evaluate("window.stays = true")
    page.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(1270, 880, steps=3)
    page.mouse.up()
    assert (page.url, page.locator("#q").input_value()) == before
    page.fill("#q", "备案")  # and whatever was begun has ended when this is answered
    expect(page.locator("#count")).to_contain_text("关于“备案”的")
    assert server.texts()[asked:] == ["备案"] and page.evaluate("window.stays")


# 3.2.3, 3.2.4, 3.2.6: the same head and foot


def around(page: Page, address: str) -> list[list[tuple[str, ...]]]:
    """What can be acted on in head and foot, in order; the link to the other size leads to where one is."""
    text = BeautifulSoup(page.request.get(address).text(), "html.parser")
    return [
        [
            (
                one.name,
                one.text.strip(),
                str(one.get("aria-label")),
                "" if one.get("id") == "size" else str(one.get("href")),
            )
            for one in text.select(f"{part} :is(a, button, input, summary)")
        ]
        for part in (".top", "footer")
    ]


@each_size
def test_head_and_foot_are_the_same_everywhere(page: Page, large: bool) -> None:
    head, foot = around(page, sized("/", large))
    assert len(head) == 5 + large and ("a", "医保服务热线 12393", "None", "tel:12393") in foot
    for state, address in STATES.items():
        assert around(page, sized(address, large)) == [head, foot], state
