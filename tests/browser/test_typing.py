"""Results while typing: one request a pause, none while an input method composes, the newest answer wins."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import NewPage, Server, until
from tests.web import TOTAL

pytestmark = pytest.mark.browser
PAUSE = 600
"""Milliseconds in which a request that should not happen would have happened: twice the page's own delay."""
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def start(page: Page, server: Server, address: str = "/") -> CDPSession:
    page.goto(address)
    page.focus("#q")
    server.asked.clear()
    return page.context.new_cdp_session(page)


def test_typing_updates_results_filters_and_address_and_leaves_the_caret_alone(page: Page, server: Server) -> None:
    page.goto("/")
    expect(page.locator("#count")).to_contain_text(f"全部 {TOTAL} 篇")
    entries = page.evaluate("history.length")
    page.click("#q")
    page.keyboard.type("备费", delay=20)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Backspace")
    page.keyboard.type("缴", delay=20)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    expect(page).to_have_url(f"{server.url}/?q=%E7%BC%B4%E8%B4%B9")
    expect(page).to_have_title("关于“缴费” · 医保搜索")
    assert page.locator("#facet-topic .name").all_inner_texts() == ["参保缴费"]
    assert page.evaluate("[document.activeElement.id, q.value, q.selectionStart]") == ["q", "缴费", 1]
    assert page.evaluate("history.length") == entries + 1, "one step back is the page that was there before"
    assert page.locator("h2 mark").first.inner_text() == "缴费"


def keep_time(page: Page) -> None:
    """From now on time passes on the page only when a test lets it."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)


def keys(page: Page, text: str, apart: int) -> None:
    """Press a key for each character, so many milliseconds of the page's own time apart."""
    for character in text:
        page.keyboard.insert_text(character)
        page.clock.run_for(apart)


@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
def test_first_answer_on_a_phone_comes_when_typing_pauses_and_others_too_where_showing_takes_long(
    new_page: NewPage, server: Server, slow: bool
) -> None:
    page = new_page(**PHONE)
    start(page, server)
    keep_time(page)
    keys(page, "缴费", 200)
    assert server.texts() == []
    page.clock.run_for(200)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    if slow:
        page.clock.fast_forward(1000)  # the next frame is so late
    page.clock.run_for(100)
    keys(page, "备案", 200)
    page.clock.run_for(200)
    expect(page.locator("#count")).to_contain_text("关于“缴费备案”")
    assert server.texts() == ["缴费", "缴费备", "缴费备案"][:: 2 if slow else 1]


def test_words_of_an_input_method_are_asked_for_at_once_at_a_desk(page: Page, server: Server) -> None:
    start(page, server)
    keep_time(page)
    page.evaluate(FIREFOX)
    page.clock.run_for(50)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")


def test_link_that_is_followed_just_after_a_key_is_not_overtaken_by_what_was_typed(
    new_page: NewPage, server: Server
) -> None:
    page = new_page(**PHONE)
    start(page, server, "/?q=缴费")
    keep_time(page)
    page.keyboard.insert_text("备")
    page.evaluate("document.querySelector('.sorts a:not([aria-current])').click()")
    page.clock.run_for(1000)
    expect(page.locator(".sorts [aria-current]")).to_have_text("最新")
    assert server.texts() == ["缴费"]


def test_link_that_is_followed_just_after_a_tick_is_not_overtaken_by_it(page: Page, server: Server) -> None:
    start(page, server, "/?q=缴费")
    keep_time(page)
    page.evaluate("""() => {
      document.querySelector('#filters input[value=黑龙江省]').click();
      document.querySelector('.sorts a:not([aria-current])').click();
    }""")
    page.clock.run_for(1000)
    expect(page.locator(".sorts [aria-current]")).to_have_text("最新")
    expect(page.locator("#count")).to_contain_text("12 篇")
    expect(page.locator("#filters input[value=黑龙江省]")).not_to_be_checked()
    assert server.texts() == ["缴费"]


KEYS = """(keys) => {
  const box = document.getElementById('q');
  for (const key of keys) {
    box.value += key;
    box.dispatchEvent(new InputEvent('input', {bubbles: true}));
  }
}"""


def test_fast_typing_asks_once(page: Page, server: Server) -> None:
    start(page, server)
    page.evaluate(KEYS, list("异地就医备案"))
    expect(page.locator("#count")).to_contain_text("关于“异地就医备案”的 2 篇")
    assert server.texts() == ["异地就医备案"]


def test_composing_asks_nothing_and_its_end_asks_once(page: Page, server: Server) -> None:
    cdp = start(page, server)
    for draft in ("j", "jiao", "jiao'f", "缴费"):
        cdp.send("Input.imeSetComposition", {"text": draft, "selectionStart": len(draft), "selectionEnd": len(draft)})
        page.wait_for_timeout(PAUSE if draft == "jiao'f" else 20)
    assert page.input_value("#q") == "缴费"
    assert server.texts() == []
    cdp.send("Input.insertText", {"text": "缴费"})
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    page.wait_for_timeout(PAUSE)
    assert server.texts() == ["缴费"]


def test_composition_that_changes_nothing_asks_nothing(page: Page, server: Server) -> None:
    cdp = start(page, server, "/?q=缴费")
    page.keyboard.press("End")
    cdp.send("Input.imeSetComposition", {"text": "sh", "selectionStart": 2, "selectionEnd": 2})
    cdp.send("Input.imeSetComposition", {"text": "", "selectionStart": 0, "selectionEnd": 0})
    cdp.send("Input.insertText", {"text": ""})
    page.wait_for_timeout(PAUSE)
    assert page.input_value("#q") == "缴费"
    assert server.texts() == []


TYPED_THEN_COMPOSING = """() => {
  const box = document.getElementById('q');
  box.value = '缴';
  box.dispatchEvent(new InputEvent('input', {bubbles: true}));
  box.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
}"""
COMPOSED = """() => {
  const box = document.getElementById('q');
  box.value = '缴费';
  box.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true, data: '费'}));
}"""


def test_letter_typed_just_before_composing_waits_for_its_end(page: Page, server: Server) -> None:
    start(page, server)
    page.evaluate(TYPED_THEN_COMPOSING)
    page.wait_for_timeout(PAUSE)
    assert server.texts() == []
    page.evaluate(COMPOSED)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert server.texts() == ["缴费"]


def test_latin_letters_composed_as_on_android_ask_once(page: Page, server: Server) -> None:
    cdp = start(page, server)
    for end in range(1, 4):
        cdp.send("Input.imeSetComposition", {"text": "App"[:end], "selectionStart": end, "selectionEnd": end})
        page.wait_for_timeout(20)
    cdp.send("Input.insertText", {"text": "App"})
    page.wait_for_timeout(PAUSE)
    assert server.texts() == ["App"]


@pytest.mark.parametrize("article_page", [False, True], ids=["search page", "article page"])
def test_enter_that_takes_a_candidate_does_not_submit(page: Page, server: Server, article_page: bool) -> None:
    address = "/articles/national" if article_page else "/"
    cdp = start(page, server, address)
    cdp.send("Input.imeSetComposition", {"text": "缴费", "selectionStart": 2, "selectionEnd": 2})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "text": "\r", "unmodifiedText": "\r"}
    cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **enter})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    page.wait_for_timeout(PAUSE)
    assert server.texts() == []
    assert page.url == server.url + address


SAFARI = """() => {
  const box = document.getElementById('q');
  const fire = (event) => box.dispatchEvent(event);
  const options = {bubbles: true, cancelable: true};
  fire(new CompositionEvent('compositionstart', options));
  box.value = '缴费';
  fire(new InputEvent('input', {...options, isComposing: true}));
  fire(new CompositionEvent('compositionend', {...options, data: '缴费'}));
  const enter = new KeyboardEvent('keydown', {...options, key: 'Enter', keyCode: 229});
  fire(enter);
  return enter.defaultPrevented;
}"""


def test_safari_sends_the_committing_enter_after_the_composition(page: Page, server: Server) -> None:
    start(page, server)
    assert page.evaluate(SAFARI) is True
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    assert server.texts() == ["缴费"]


FIREFOX = """() => {
  const box = document.getElementById('q');
  const options = {bubbles: true};
  box.dispatchEvent(new CompositionEvent('compositionstart', options));
  box.value = '缴费';
  box.dispatchEvent(new CompositionEvent('compositionend', {...options, data: '缴费'}));
  box.dispatchEvent(new InputEvent('input', options));
}"""


def test_input_after_the_end_of_a_composition_does_not_ask_twice(page: Page, server: Server) -> None:
    start(page, server)
    page.evaluate(FIREFOX)
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    page.wait_for_timeout(PAUSE)
    assert server.texts() == ["缴费"]


def test_plain_enter_submits_at_once(page: Page, server: Server) -> None:
    start(page, server)
    page.evaluate("document.getElementById('q').value = '备案'")  # no input event: nothing but Enter can ask
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    page.wait_for_timeout(PAUSE)
    assert server.texts() == ["备案"]
    assert page.evaluate("document.activeElement.id") == "q"


def test_older_answer_neither_delays_nor_overwrites_a_newer_one(page: Page, server: Server) -> None:
    start(page, server)
    late = server.hold("缴费")
    server.answered.clear()
    page.fill("#q", "缴费")
    until(page, lambda: server.texts() == ["缴费"])
    page.fill("#q", "备案")
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    assert server.answered == ["备案"]
    late.set()
    until(page, lambda: len(server.answered) == 2)
    page.wait_for_timeout(200)
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    expect(page).to_have_url(f"{server.url}/?q=%E5%A4%87%E6%A1%88")


def test_server_that_goes_away_leaves_the_last_results_and_can_be_asked_again(
    new_page: NewPage, server: Server
) -> None:
    page = new_page(complaints=True)
    start(page, server, "/?q=缴费")
    server.broken = True
    page.fill("#q", "备案")
    expect(page.locator("#trouble")).to_contain_text("服务暂时出错或太忙，下面还是上次的结果。")
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    expect(page.locator("#options li").first).to_be_visible()
    page.keyboard.press("Escape")
    server.broken = False
    page.click("#retry")
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    expect(page.locator("#trouble")).to_be_hidden()


def test_network_that_comes_back_brings_the_results(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True)
    start(page, server, "/?q=缴费")
    page.context.set_offline(True)
    page.fill("#q", "备案")
    expect(page.locator("#trouble")).to_contain_text("网络不通，下面还是上次的结果。")
    page.context.set_offline(False)
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    expect(page.locator("#trouble")).to_be_hidden()


def test_an_error_while_typing_keeps_the_filters_until_it_is_mended(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True)
    start(page, server, "/?city=黑河市")
    lost = f"{server.url}/nowhere?city={quote('黑河市')}"
    page.route(re.compile("wrong"), lambda route: route.fulfill(response=route.fetch(url=lost), status=400))
    page.fill("#q", "wrong")
    expect(page.locator("#live h1")).to_have_text("没有这一页")
    page.fill("#q", "补牙")
    expect(page.locator("#count")).to_contain_text("“黑河”中关于“补牙”的 1 篇")
