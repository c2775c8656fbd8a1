"""The journeys that lean most on the browser, in Firefox and WebKitGTK: all other tests of the page are Chromium's."""

import json
from collections.abc import Iterator

import pytest

from search import reindex
from tests.browser.conftest import Server, serving
from tests.browser.webdriver import DOWN, ENTER, RIGHT, Window, firefox, webkit
from tests.web import records
from webui import Settings, create_app

pytestmark = pytest.mark.browser
COUNT = "document.querySelector('#count').textContent"
TOP = "document.querySelector('{}').getBoundingClientRect().top"
STARTS = {"firefox": firefox, "webkit": webkit}
WIDE = ["|" + "|".join(f"{row}档第{column}列的待遇" for column in range(14)) + "|" for row in range(9)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("web")
    source = folder / "source"
    source.mkdir()
    (source / "records.jsonl").write_text("\n".join(map(json.dumps, records())), "utf-8")
    table = "\n".join([WIDE[0], "|---" * 14 + "|", *WIDE[1:]])
    (source / "wide.md").write_text(f"---\ntitle: 待遇对照表\n---\n\n各档待遇如下。\n\n{table}\n", "utf-8")
    reindex([source], folder / "index")
    with serving(create_app(Settings(folder / "index"))) as server:
        yield server


@pytest.fixture(scope="module", params=[pytest.param(name, marks=getattr(pytest.mark, name)) for name in STARTS])
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with STARTS[request.param](tmp_path_factory.mktemp("browser")) as window:
        yield window


@pytest.fixture
def phone(started: Window) -> Window:
    started.resize(360, 740)
    return started


@pytest.fixture
def desk(started: Window) -> Window:
    started.resize(1280, 800)
    return started


def search(page: Window, text: str) -> None:
    page.click("#q")
    page.value("q.select()")
    page.type(text + ENTER)
    page.until(f"{COUNT}.includes('“{text}”')")


def test_back_is_the_search_before(phone: Window, own: Server) -> None:
    phone.go(own.url)
    search(phone, "缴费")
    search(phone, "备案")
    phone.back()
    phone.until(f"{COUNT}.includes('“缴费”') && q.value === '缴费'")
    phone.back()
    phone.until("!!document.querySelector('.start') && q.value === ''")


def test_back_to_the_list_is_to_the_place_in_it(phone: Window, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.value("scrollTo(0, 900)")
    phone.until("scrollY === 900")
    phone.click(".card:nth-child(7) h2 a")
    phone.until("!!document.querySelector('article h1') && document.readyState === 'complete'")
    phone.click(".hits [data-step='1']")
    phone.until("location.hash === '#hit-1'")
    phone.value("location.hash = 'citation'")
    phone.click(".back a")
    phone.until("!!document.querySelector('.cards') && Math.abs(scrollY - 900) < 200")


def test_drawer_opens_ticks_and_closes(phone: Window, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click(".open-filters")
    phone.until("filters.matches(':popover-open')")
    phone.click("#list-insurance label")
    phone.until("location.search.includes('insurance=')")
    assert phone.value("filters.matches(':popover-open')")
    phone.click(".done")
    phone.until("!filters.matches(':popover-open')")
    assert phone.value("document.querySelectorAll('.chips li').length") == 2


def test_what_is_ticked_stays_where_it_was(desk: Window, own: Server) -> None:
    """Though the list above it becomes ten lines shorter."""
    desk.go(f"{own.url}/?q=缴费")
    desk.value("scrollTo(0, 330)")
    box = "#city-昆明市"
    before = desk.value(TOP.format(box))
    desk.click(box)
    desk.until("document.querySelectorAll('#facet-province label').length === 1")
    desk.until(f"Math.abs({TOP.format(box)} - {before}) < 2")
    assert desk.value("document.activeElement.id") == "city-昆明市"


def test_completion_is_chosen_by_keys(desk: Window, own: Server) -> None:
    desk.go(own.url)
    desk.click("#q")
    desk.type("jiaofei")
    desk.until(
        "!document.querySelector('#options').hidden && document.querySelector('#option-1').textContent === '缴费'"
        " && location.search.includes('jiaofei') && !document.querySelector('.htmx-request')"  # nothing is awaited
    )
    desk.type(DOWN + ENTER)
    desk.until(f"q.value === '缴费' && {COUNT}.includes('“缴费”')")


def test_wide_table_scrolls_in_its_own_box_by_keys(phone: Window, own: Server) -> None:
    phone.go(f"{own.url}/articles/wide.md")
    assert phone.value("document.documentElement.scrollWidth <= innerWidth")
    assert phone.told("article th")[0] == "columnheader"
    phone.value("document.querySelector('.sideways').focus()")
    phone.type(RIGHT)
    phone.until("document.querySelector('.sideways').scrollLeft > 0")


def test_own_button_clears_the_box_and_keeps_the_focus(phone: Window, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click("#clear")
    phone.until("q.value === '' && !!document.querySelector('.start')")
    assert phone.value("document.activeElement.id") == "q"


def test_large_type_is_kept_and_wider_than_no_window(phone: Window, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click("#size")
    phone.until("location.search.includes('big=1') && document.readyState === 'complete'")
    assert phone.value(TOP.format("#q")) == phone.value(TOP.format("#search .primary"))
    assert phone.value("document.documentElement.scrollWidth <= innerWidth")
    phone.value("scrollTo(0, 1200)")
    phone.until(f"{TOP.format('#q')} >= 0 && {TOP.format('#q')} < 24")


def test_copying_says_what_came_of_it(desk: Window, own: Server) -> None:
    desk.go(f"{own.url}/?q=缴费")
    desk.click(".reuse .share summary, .reuse details:has(.copy) summary")
    desk.click(".reuse .copy")
    desk.until("document.querySelector('#said').textContent.length > 0")


TOLD = {
    "header": ("banner", ""),
    "#q": ("combobox", "搜索医保政策与问答"),
    "#clear": ("button", "清空搜索框"),
    "#search .primary": ("button", "搜索"),
    "#size": ("link", "大字"),
    "main": ("main", ""),
}


def test_screen_readers_are_told(desk: Window, own: Server) -> None:
    """By the trees of both, which have rules of their own for names."""
    desk.go(f"{own.url}/?q=缴费")
    assert {selector: desk.told(selector) for selector in TOLD} == TOLD
