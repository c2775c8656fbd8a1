"""`python -m bench.screenshots [FOLDER]`: the pictures in the README, taken of the shipped seeds.

With a FOLDER, every page and state instead, light and dark, wide and narrow, to look at.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser

from bench.demo import demo

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 150_000
Shot = tuple[str, int, int, str]
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
    "corrected": "/?q=异地就医备按",
    "article": "/articles/articles/heihe-buya-baoxiao-bili.md?q=补牙",
    "coverage": "/coverage",
    "compare": "/compare?a=黑河&b=长沙&topic=口腔",
    "error": "/nowhere",
}


def shoot(browser: Browser, url: str, shot: Shot, path: Path) -> None:
    address, width, height, scheme = shot
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="zh-CN",
    )
    page.goto(url + address)
    page.screenshot(path=path)
    page.close()


def main() -> None:
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
        shots = {
            f"{name}-{width}-{scheme}.png": (address, width, 900, scheme)
            for name, address in STATES.items()
            for width in (360, 1280)
            for scheme in ("light", "dark")
        }
    else:
        folder, shots = IMAGES, README
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as (browser, url):
        for name, shot in shots.items():
            shoot(browser, url, shot, folder / name)
            size = (folder / name).stat().st_size
            print(f"{folder / name}: {size // 1000} kB")
            if folder == IMAGES and size > MOST_BYTES:
                sys.exit(f"{name} is larger than {MOST_BYTES // 1000} kB")


if __name__ == "__main__":
    main()
