"""`python -m bench.screenshots [FOLDER]`: the pictures in the README, taken of the shipped seeds.

With a FOLDER, every page and state instead, whole, light and dark, on a phone and on a desk, to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from bench.demo import demo

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 150_000
Scheme = Literal["light", "dark"]
Shot = tuple[str, int, int, Scheme]
"""Address, width, height, colour scheme."""
README: dict[str, Shot] = {
    "search.png": ("/?q=黑河补牙能报销吗&insurance=居民医保", 1040, 640, "light"),
    "article-phone.png": ("/articles/articles/heihe-buya-baoxiao-bili.md?q=补牙", 390, 720, "dark"),
}
STATES = {
    "start": "/",
    "results": "/?q=补牙",
    "filtered": "/?q=报销&province=黑龙江",
    "local": "/?q=报销&province=黑龙江&province=未注明&city=黑河&city=未注明",
    "nothing": "/?q=补牙&province=广东&topic=生育",
    "nothing-at-all": "/?q=空空如也",
    "corrected": "/?q=异地就医备按",
    "offer": "/?q=黑河补牙能报销吗",
    "notices": "/?q=备案&province=火星&from=昨天",
    "browse": "/?sort=newest&page=2",
    "explained": "/?q=黑河补牙&explain=1",
    "article": "/articles/articles/heihe-buya-baoxiao-bili.md?q=补牙",
    "coverage": "/coverage",
    "coverage-inside": "/coverage?province=黑龙江",
    "compare": "/compare?a=黑河&b=长沙&topic=口腔",
    "compare-empty": "/compare",
    "error": "/nowhere",
    "drawer": "/?q=报销&province=黑龙江",
    "more": "/",
    "keys": "/?q=补牙",
    "completion": "/",
    "waiting": "/?q=补牙",
}
PHONE = 360
WIDTHS = (PHONE, 1280)
HEIGHT = 800


def _drawer(page: Page) -> None:
    if page.locator(".open-filters").is_visible():
        page.locator(".open-filters").click()


def _more(page: Page) -> None:
    _drawer(page)
    page.locator("#more-province summary").click()


def _complete(page: Page) -> None:
    page.locator("#q").press_sequentially("yidi", delay=20)
    page.locator("#options li").first.wait_for()


def _wait(page: Page) -> None:
    page.route("**/*", lambda _: None)  # never answered
    page.locator(".chips a, .sorts a").last.click()
    page.wait_for_timeout(400)


ACTIONS: dict[str, Callable[[Page], None]] = {
    "drawer": _drawer,
    "more": _more,
    "keys": lambda page: page.keyboard.press("?"),
    "completion": _complete,
    "waiting": _wait,
}


def shoot(browser: Browser, url: str, shot: Shot, path: Path) -> None:
    """Take the picture of the README that `shot` describes."""
    address, width, height, scheme = shot
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, locale="zh-CN")
    page.goto(url + address)
    page.screenshot(path=path)
    page.close()


def shoot_states(browser: Browser, url: str, folder: Path) -> None:
    """Take pictures of every state; only the colours differ in the dark, so each page is opened once a width.

    Whole pages are taken through a window as high as they are: a picture beyond the window loses the touch screen.
    """
    for width in WIDTHS:
        touch = width == PHONE
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, has_touch=touch, is_mobile=touch, locale="zh-CN"
        )
        page = context.new_page()
        for name, address in STATES.items():
            page.unroute_all()
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.goto(url + address)
            if name in ACTIONS:
                ACTIONS[name](page)
            else:
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": max(HEIGHT, height)})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        context.close()


def main() -> None:
    """Take the pictures of the README, or those of every state into the folder that is named."""
    with demo() as (browser, url):
        if len(sys.argv) > 1:
            folder = Path(sys.argv[1])
            folder.mkdir(parents=True, exist_ok=True)
            shoot_states(browser, url, folder)
            print(f"{len(STATES) * len(WIDTHS) * 2} pictures in {folder}")
            return
        IMAGES.mkdir(parents=True, exist_ok=True)
        for name, shot in README.items():
            shoot(browser, url, shot, IMAGES / name)
            size = (IMAGES / name).stat().st_size
            print(f"{IMAGES / name}: {size // 1000} kB")
            if size > MOST_BYTES:
                sys.exit(f"{name} is larger than {MOST_BYTES // 1000} kB")


if __name__ == "__main__":
    main()
