"""Journeys in Firefox: history, the way back, filters, clearing, large type, copying, what screen readers are told."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Server, serving
from tests.browser.firefox import ENTER, Firefox, firefox
from tests.web import make_app

pytestmark = [pytest.mark.browser, pytest.mark.firefox]
COUNT = "document.querySelector('#count').textContent"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make_app(tmp_path_factory.mktemp("web"))) as server:
        yield server


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def phone(started: Firefox) -> Firefox:
    started.open(360, 740)
    return started


@pytest.fixture
def desk(started: Firefox) -> Firefox:
    started.open(1280, 800)
    return started


def search(page: Firefox, text: str) -> None:
    page.click("#q")
    page.value("q.select()")
    page.type(text + ENTER)
    page.until(f"{COUNT}.includes('“{text}”')")


def test_back_is_the_search_before(phone: Firefox, own: Server) -> None:
    phone.go(own.url)
    search(phone, "缴费")
    search(phone, "备案")
    phone.back()
    phone.until(f"{COUNT}.includes('“缴费”') && q.value === '缴费'")
    phone.back()
    phone.until("!!document.querySelector('.start') && q.value === ''")


def test_back_to_the_list_is_to_the_place_in_it(phone: Firefox, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.value("scrollTo(0, 900)")
    phone.until("scrollY === 900")
    phone.click(".card:nth-child(7) h2 a")
    phone.until("!!document.querySelector('article h1')")
    phone.click(".back a")
    phone.until("!!document.querySelector('.cards') && Math.abs(scrollY - 900) < 200")


def test_drawer_opens_ticks_and_closes(phone: Firefox, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click(".open-filters")
    phone.until("filters.matches(':popover-open')")
    phone.click("#list-insurance label")
    phone.until("location.search.includes('insurance=')")
    assert phone.value("filters.matches(':popover-open')")
    phone.click(".done")
    phone.until("!filters.matches(':popover-open')")
    assert phone.value("document.querySelectorAll('.chips li').length") == 2


def test_own_button_clears_the_box_and_keeps_the_focus(phone: Firefox, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click("#clear")
    phone.until("q.value === '' && !!document.querySelector('.start')")
    assert phone.value("document.activeElement.id") == "q"


def test_large_type_is_kept_and_wider_than_no_window(phone: Firefox, own: Server) -> None:
    phone.go(f"{own.url}/?q=缴费")
    phone.click("#size")
    phone.until("location.search.includes('big=1') && document.readyState === 'complete'")
    top = "document.querySelector('{}').getBoundingClientRect().top"
    assert phone.value(top.format("#q")) == phone.value(top.format("#search .primary"))
    assert phone.value("document.documentElement.scrollWidth <= innerWidth")
    phone.value("scrollTo(0, 1200)")
    phone.until(f"{top.format('#q')} >= 0 && {top.format('#q')} < 24")


def test_copying_says_what_came_of_it(desk: Firefox, own: Server) -> None:
    desk.go(f"{own.url}/?q=缴费")
    desk.click(".reuse .share summary, .reuse details:has(.copy) summary")
    desk.click(".reuse .copy")
    desk.until("document.querySelector('#said').textContent.length > 0")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("banner", ""),
        ("search", ""),
        ("combobox", "搜索医保政策与问答"),
        ("button", "清空搜索框"),
        ("button", "搜索"),
        ("link", "大字"),
        ("main", ""),
        ("heading", "医保政策与问答搜索"),
        ("status", ""),
        ("navigation", "排序"),
        ("complementary", "筛选"),
        ("group", "险种"),
        ("contentinfo", ""),
    ],
)
def test_screen_readers_are_told(desk: Firefox, own: Server, role: str, name: str) -> None:
    """By the tree of Firefox, which has its own rules for names."""
    desk.go(f"{own.url}/?q=缴费")
    assert desk.named(role, name) >= 1
