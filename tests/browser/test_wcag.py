"""Criteria of WCAG 2.2 that a script can hold and axe does not, in the order of docs/accessibility.md.

Each look at a page returns what is wrong there, in words; a test goes through the states and wants none of it.
"""

import base64
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Server
from tests.browser.test_accessibility import STATES, sized, states
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
each_size = pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
each_width = pytest.mark.parametrize("width", [360, 1280])

# What is seen of a selector, what to call it in a report, the ground it stands on, and how far two colours are apart.
TOOLS = """
  const seen = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('.unseen, .skip'));
  const called = (one) => `${one.tagName}#${one.id}.${one.className} ${one.textContent.trim().slice(0, 20)}`;
  const rgba = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const [red, green, blue, alpha = 1] = rgba(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    throw new Error('nothing is painted');
  };
  const light = (colour) => colour.slice(0, 3)
    .map((part) => part / 255).map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
  const contrast = (one, other) => {
    const [more, less] = [light(one), light(other)].sort((a, b) => b - a);
    return (more + .05) / (less + .05);
  };
"""


def look(page: Page, body: str, argument: object = None) -> Any:
    """What a script finds on the page."""
    return page.evaluate(f"async (given) => {{ {TOOLS} {body} }}", argument)


def unfold(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def visit(
    new_page: NewPage, server: Server, width: int, large: bool, only: tuple[str, ...] = (), **options: Any
) -> Iterator[tuple[str, Page]]:
    """Go through the states, or some."""
    page = new_page(complaints=True, viewport={"width": width, "height": 800}, **options)
    for state, enter in states(page, server, width, large):
        if not only or state in only:
            enter()
            yield state, page


# 1.2, 1.4.2, 1.4.5, 2.2.2, 2.3.1: nothing that sounds, plays, blinks or is written as a picture

MEDIA = """
  const media = 'audio, video, canvas, object, embed, iframe, svg, picture, marquee, blink, [autoplay]';
  const pictures = [...document.querySelectorAll('*')].filter((one) => ['', '::before', '::after', '::marker']
    .some((part) => /url\\(/.test(getComputedStyle(one, part).backgroundImage + getComputedStyle(one, part).content)));
  const refresh = document.querySelectorAll('meta[http-equiv=refresh]');
  return [...document.querySelectorAll(media), ...document.querySelectorAll('img:not(.code)'), ...pictures, ...refresh]
    .map(called);
"""
MOVING = """
  const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0);
  return moving.map(({effect}) => effect.target.id || effect.target.className);
"""
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

STAYS = """
  return seen('*').filter((one) => {
    const {position, top, bottom} = getComputedStyle(one), box = one.getBoundingClientRect();
    return (position === 'fixed' || position === 'sticky' && (top !== 'auto' || bottom !== 'auto'))
      && !one.matches('[popover]') && box.width > innerWidth / 2 && box.bottom > 0 && box.top < innerHeight;
  }).reduce((sum, one) => {
    const {top, bottom} = one.getBoundingClientRect();
    return sum + Math.min(bottom, innerHeight) - Math.max(top, 0);
  }, 0) / innerHeight;
"""


@each_size
@pytest.mark.parametrize("size", [(740, 360), (932, 430)])
def test_a_phone_on_its_side_shows_all(new_page: NewPage, server: Server, large: bool, size: tuple[int, int]) -> None:
    width, height = size
    page = new_page(complaints=True, viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    for state, enter in states(page, server, width, large):
        enter()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state
        for to in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
            page.evaluate(f"scrollTo(0, {to})")
            assert look(page, STAYS) <= 0.5, f"{state} at {to}"
    page.goto(f"/?q=缴费{'&big=1' if large else ''}")
    expect(page.locator("#q")).to_be_in_viewport(ratio=1)
    expect(page.locator(".card h2").first).to_be_in_viewport(ratio=1)
    assert "orientation" not in page.request.get("/site.webmanifest").text()


# 1.4.1: more than a colour

PALE = """
  const words = (node) => node.nodeType === 3 && /\\p{L}/u.test(node.data);
  const inSentence = (link) => {
    const block = link.closest('p, li, dd, td, th, div');
    return [...block.childNodes].some(words) && !link.closest('.snippet, [aria-current]');
  };
  const underlined = (one) => getComputedStyle(one).textDecorationLine === 'underline';
  const bold = (one) => +getComputedStyle(one).fontWeight >= 600;
  const ringed = (one) => getComputedStyle(one).outlineStyle === 'solid';
  return [
    ...seen('a[href]').filter((one) => inSentence(one) && !underlined(one)),
    ...seen('[aria-current]').filter((one) => !bold(one)),
    ...seen('.options :checked ~ .name').filter((one) => !bold(one)),
    ...seen('[role=option][aria-selected=true]').filter((one) => !ringed(one)),
  ].map(called);
"""


# 1.4.11: what one aims at, and where one is

EDGES = """
  return seen('input:not([type=checkbox], [type=hidden]), select, .outlined').flatMap((one) => {
    const style = getComputedStyle(one), outside = ground(one.parentElement);
    if (one.matches(':focus')) return [];
    const far = style.borderTopStyle === 'solid' ? contrast(rgba(style.borderTopColor), outside) : 0;
    return parseFloat(style.borderTopWidth) >= 1 && far >= 3 ? [] : [`${called(one)}: ${far}`];
  });
"""
RINGS = """
  return seen('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]').flatMap((one) => {
    one.focus({preventScroll: true});
    if (document.activeElement !== one) return [`${called(one)} takes no focus`];
    const style = getComputedStyle(one), ring = rgba(style.outlineColor);
    const far = contrast(ring, ground(one.parentElement));
    const inner = parseFloat(style.outlineOffset) < 0 ? contrast(ring, ground(one)) : far;
    return style.outlineStyle !== 'none' && Math.min(far, inner) >= 3 ? [] : [`${called(one)}: ${far}, ${inner}`];
  });
"""
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
def test_edges_of_controls_and_rings_stand_out(new_page: NewPage, server: Server, large: bool) -> None:
    for state, page in visit(new_page, server, 1280, large):
        unfold(page)
        page.keyboard.press("Tab")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            assert look(page, EDGES) == [], f"{state}, {scheme}"
            assert look(page, RINGS) == [], f"{state}, {scheme}"


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


# 1.4.12: lines, letters, words and paragraphs further apart

SPACED = """
  const sheet = new CSSStyleSheet(); // which the page's own policy does not forbid
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
"""
CUT = """
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, one = node.parentElement;
    if (!node.data.trim() || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.closest('.unseen, .skip, .snippet, .answer, select')) continue; // shortened on purpose
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()];
    for (let box = one; box !== document.body; box = box.parentElement) {
      const {display, overflowX, position} = getComputedStyle(box);
      const {left, right, top, bottom} = box.getBoundingClientRect();
      if (/auto|scroll/.test(overflowX)) break;
      if (!/^(inline|contents)$/.test(display) && rects.some((line) =>
        line.left < left - 1 || line.right > right + 1 || line.top < top - 1 || line.bottom > bottom + 1)
      ) found.push(`${called(one)} in ${called(box)}`);
      if (/absolute|fixed/.test(position)) break;
    }
  }
  return found;
"""


@each_size
@each_width
def test_wider_spacing_cuts_nothing_off(new_page: NewPage, server: Server, width: int, large: bool) -> None:
    for state, page in visit(new_page, server, width, large, has_touch=width == 360):
        unfold(page)
        look(page, SPACED)
        assert look(page, CUT) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state


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

STOP = """
  const one = document.activeElement;
  if (one === document.body) return null;
  const again = one === window.firstStop;
  window.firstStop ??= one;
  const style = getComputedStyle(one), box = one.getClientRects()[0];
  const table = one.parentElement.closest('.scroll, .sideways'); // it scrolls alone
  const edge = table ? table.getBoundingClientRect() : {left: 0, right: innerWidth};
  const hit = document.elementFromPoint(
    (Math.max(box.left, edge.left) + Math.min(box.right, edge.right)) / 2,
    (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2);
  const region = one.closest('.skip, .top, #trouble, #filters, #results, main, footer, [popover]');
  const {x, y} = region.getBoundingClientRect();
  return {
    name: called(one), again, same: one === window.lastStop || !(window.lastStop = one),
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    covered: one.contains(hit) || hit?.closest('[popover]:popover-open') ? '' : hit ? called(hit) : 'out of sight',
    region: region.id || region.classList[0] || region.tagName,
    left: box.left - x, top: box.top - y + region.scrollTop, bottom: box.bottom - y + region.scrollTop,
  };
"""


def stops(page: Page, key: str = "Tab") -> list[dict[str, Any]]:
    """Where the key leads to, until it has gone round."""
    page.evaluate("window.firstStop = window.lastStop = undefined")
    found: list[dict[str, Any]] = []
    for _ in range(500):
        page.keyboard.press(key)
        stop = look(page, STOP)
        if stop and stop["again"] and len(found) > 1 and not stop["same"]:
            return found
        if stop and not stop["same"]:  # a field for a day has stops inside
            found.append(stop)
    raise AssertionError("it does not go round")


def faults(found: list[dict[str, Any]], ring: int) -> list[str]:
    return [
        f"{stop['name']}: ring of {stop['ring']}, {stop['covered']}"
        for stop in found
        if stop["ring"] < ring or stop["covered"]
    ]


WAY = (
    "start",
    "results",
    "level",
    "nothing",
    "article",
    "neighbours",
    "coverage",
    "compare",
    "explained",
    "drawer",
    "trouble",
)


@each_size
@each_width
def test_the_focus_is_seen_wherever_it_goes(new_page: NewPage, server: Server, width: int, large: bool) -> None:
    """2.4.7, 2.4.11: to the end and back; what is opened over the page is another test's."""
    for state, page in visit(new_page, server, width, large, WAY):
        unfold(page)
        for key in ("Tab", "Shift+Tab"):
            assert faults(stops(page, key), 3 if large else 2) == [], f"{state}, {key}"


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
    for _, page in visit(new_page, server, width, large, (state,)):
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
                    after["left"] < stop["left"]
                    and after["top"] < stop["bottom"] - 4
                    and after["bottom"] > stop["top"] + 4
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


# 2.5.3: what is seen is in the name

NAMED = """
  const plain = (text) => text.replace(/\\s+/g, '');
  return seen(':is(a, button, input, select, summary):is([aria-label], [aria-labelledby])')
    .flatMap((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll('[aria-hidden=true], .unseen').forEach((part) => part.remove());
      const words = [...one.labels || []].map((label) => label.innerText).join('') + copy.textContent;
      const ids = (one.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
      const name = ids.map((id) => document.getElementById(id).textContent).join('') || one.getAttribute('aria-label');
      return !/[\\p{L}\\p{N}]/u.test(words) || plain(name).includes(plain(words)) ? [] : [`${words}: ${name}`];
    });
"""


# What is looked for in every state: 1.2.1 to 1.2.5, 1.4.2, 1.4.5 and 2.2.1; 2.3.1; 1.4.1; 2.5.3

LOOKS = {
    "something sounds, plays, goes on by itself, or is a picture": MEDIA,
    "moves": MOVING,
    "has a colour alone": PALE,
    "is called otherwise than one sees": NAMED,
}


@each_size
@each_width
def test_each_page_and_state(new_page: NewPage, server: Server, width: int, large: bool) -> None:
    for state, page in visit(new_page, server, width, large):
        unfold(page)
        for what, body in LOOKS.items():
            assert look(page, body) == [], f"{state}: {what}"


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
