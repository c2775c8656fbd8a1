"""`python -m bench.vitals`: INP and CLS on a phone whose processor is four times slower than this one.

As a browser tells them: INP is the longest time from a key or tap to the next frame, CLS what moved unasked. Beside
that stands all that moved, also just after a key, which CLS leaves out. INP is that of an idle machine: how busy this
one was is told, and above its number of processors the figure says nothing of the page.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from bench.demo import demo

SLOWER = 4
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1280, "height": 800}},
}
ROUNDS = 3
INP_MS, CLS = 100, 0.05

WATCH = """
  window.seen = {event: [], shift: []};
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.interactionId) seen.event.push([one.name, one.duration]);
  }).observe({type: 'event', durationThreshold: 16, buffered: true});
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.shift.push([one.value, one.hadRecentInput]);
  }).observe({type: 'layout-shift', buffered: true});
"""


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)


def _type(page: Page) -> None:
    page.locator("#q").click()
    page.keyboard.type("yidijiuyi", delay=150)
    page.keyboard.press("Control+a")
    for character in "门诊慢特病怎么申请":
        page.keyboard.insert_text(character)
        page.keyboard.press("Shift")  # a key that is timed: inserted text is none
        page.wait_for_timeout(150)
    page.keyboard.press("Enter")


def _open(page: Page) -> None:
    if page.locator(".open-filters").is_visible():
        page.locator(".open-filters").tap()


def _drawer(page: Page) -> None:
    _open(page)
    page.locator("#facet-city > summary").click()
    page.locator("#facet-city > summary").click()


def _tick(page: Page) -> None:
    _open(page)
    for number in (0, 1):
        page.locator("#list-insurance label").nth(number).click()
        _settled(page)


ACTIONS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "typing": ("/", _type),
    "ticking a filter": ("/?q=报销", _tick),
    "drawer and groups": ("/?q=报销", _drawer),
}


def main() -> None:
    print(f"processor {SLOWER} times slower, {ROUNDS} rounds, worst of all; allowed: INP {INP_MS} ms, CLS {CLS}")
    print(f"{os.getloadavg()[0]:.1f} processes for {os.cpu_count()} processors")
    with demo() as (browser, url):
        for size, options in SIZES.items():
            for name, (address, act) in ACTIONS.items():
                inp, cls, moved = 0.0, 0.0, 0.0
                for _ in range(ROUNDS):
                    context = browser.new_context(locale="zh-CN", **options)
                    context.add_init_script(WATCH)
                    page = context.new_page()
                    page.goto(url + address)
                    _settled(page)
                    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
                    act(page)
                    _settled(page)
                    events, shifts = page.evaluate("[seen.event, seen.shift]")
                    inp = max(inp, *(duration for _, duration in events))
                    cls = max(cls, sum(value for value, after_input in shifts if not after_input))
                    moved = max(moved, sum(value for value, _ in shifts))
                    context.close()
                print(f"{size}, {name}: INP {inp:.0f} ms, CLS {cls:.3f}, with what followed a key {moved:.3f}")


if __name__ == "__main__":
    main()
