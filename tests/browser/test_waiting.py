"""What a reader sees while an answer is under way, or does not come whole: nothing moves, nothing is lost."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server, until

pytestmark = pytest.mark.browser

# From the moment a request begins: how long ago that was, and how opaque are the bars over the first card and the line.
WATCH = """() => {
  window.seen = [];
  document.addEventListener('htmx:before:request', (event) => {
    if (event.detail.ctx.target.id !== 'live') return;
    const began = performance.now();
    const look = () => {
      const bars = getComputedStyle(document.querySelector('.card'), '::after');
      const line = getComputedStyle(document.getElementById('progress'));
      const drawn = bars.content === 'none' ? 0 : +bars.opacity;
      seen.push({ms: performance.now() - began, bars: drawn, line: +line.opacity,
                 moves: line.animationName + ' after ' + line.animationDelay, delay: bars.animationDelay});
      if (document.querySelector('.top').matches('.htmx-request')) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}"""
BOXES = """() => [...document.querySelectorAll('#q, #filters, #results, #count, .card, .card h2')].map((element) => {
  const {x, y, width, height} = element.getBoundingClientRect();
  return [x, y, width, height];
})"""


def watched(page: Page) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = page.evaluate("seen")
    return seen


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_bars_stand_in_only_after_200_ms(new_page: NewPage, server: Server, motion: str) -> None:
    page = new_page(reduced_motion=motion)
    page.goto("/?q=缴费")
    page.evaluate(WATCH)
    before = page.evaluate(BOXES)
    answer = server.hold("备案")
    page.fill("#q", "备案")
    until(page, lambda: page.evaluate("seen.some(({ ms }) => ms > 500)"))
    assert page.evaluate(BOXES) == before, "bars take the place of what they stand for"
    assert page.locator("#count").inner_text().startswith("关于“缴费”"), "and say nothing to a screen reader"
    seen = watched(page)
    answer.set()
    expect(page.locator("#count")).to_contain_text("关于“备案”的 2 篇")
    early = [look for look in seen if look["ms"] < 190]
    late = [look for look in seen if look["ms"] > 400]
    assert {(look["bars"], look["line"]) for look in early} <= {(0, 0)}  # a busy browser may draw nothing so early
    assert {look["delay"] for look in seen if look["bars"]} == {"0.2s"}
    assert {(look["bars"], look["line"]) for look in late} == {(1, 1)}
    assert {look["moves"] for look in late} == {"run after 0.2s" if motion == "no-preference" else "none after 0s"}
    after = page.evaluate("getComputedStyle(document.querySelector('.card'), '::after').content")
    assert after == "none", "what has come is not covered"


def test_bars_go_when_nothing_comes(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True)
    page.goto("/?q=缴费")
    server.slow["备案"], server.broken = 0.6, True
    page.fill("#q", "备案")
    expect(page.locator("#trouble")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.card'), '::after').content") == "none"
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_around_the_results_moves_while_typing(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    page.goto("/")
    frame = "['q', 'filters', 'results'].map((id) => document.getElementById(id).getBoundingClientRect())"
    before = page.evaluate(f"{frame}.map(({{x, y, width}}) => [x, y, width])")
    for text, found in {
        "缴": "12 篇",
        "缴费": "12 篇",
        "缴费备": "2 篇",
        "备案": "2 篇",
        "空空如也": "没有找到",
    }.items():
        page.fill("#q", text)
        expect(page.locator("#count")).to_contain_text(f"“{text}”")
        expect(page.locator("#count")).to_contain_text(found)
        assert page.evaluate(f"{frame}.map(({{x, y, width}}) => [x, y, width])") == before, text


def test_answer_that_breaks_off_leaves_the_last_results(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True)
    page.goto("/?q=缴费")
    server.cut = True
    page.fill("#q", "备案")
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.locator("#count")).to_contain_text("关于“缴费”的 12 篇")
    with page.expect_event("requestfailed"):
        page.locator("[id='province-黑龙江省']").check()
    expect(page.locator("#trouble")).to_be_visible()
    server.cut = False
    page.click("#retry")
    expect(page.locator("#count")).to_contain_text("“黑龙江”中关于“备案”")
    expect(page.locator("#trouble")).to_be_hidden()
    assert page.locator("[id='province-黑龙江省']").is_checked()


def test_article_is_read_though_the_server_is_gone(new_page: NewPage, server: Server) -> None:
    page = new_page(complaints=True)
    page.goto("/articles/card.md?q=挂失")
    page.context.set_offline(True)
    page.get_by_role("button", name="下一处").click()
    assert page.evaluate("location.hash") == "#hit-1"
    page.locator("#q").press_sequentially("备案", delay=20)
    expect(page.locator("h1")).to_have_text("医保卡丢了怎么办")
