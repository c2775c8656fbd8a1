"""The page asks no more of a browser than Chromium 90 and Safari 15 have, unless it does without where that is missing.

`ADDED` is what may be used all the same, and why: what is unknown is left out, and nothing is lost by that.
"""

import re

import pytest

from tests.conftest import ROOT

STATIC = ROOT / "webui/static"
YOUNGER_STYLE = {
    ":has(": 105,
    ":popover-open": 114,
    "::details-content": 131,
    "text-wrap": 114,
    "dvh": 108,
    "(scripting": 120,
    "translate:": 104,
    "rotate:": 104,
    "scale:": 104,
    "@container": 105,
    "@layer": 99,
    "@scope": 118,
    "@starting-style": 117,
    "color-mix(": 111,
    "oklch(": 111,
    "accent-color": 93,
    "subgrid": 117,
    "text-box": 133,
    "field-sizing": 123,
    "anchor-name": 125,
    "overflow: clip": 90,
    " & ": 112,
    "width <": 104,
    "width >": 104,
}
"""What stands in a style sheet, and the first Chromium that knows it."""
ADDED_STYLE = {
    ":popover-open": "the drawer as a column; @supports and a class stand in",
    "::details-content": "contents shown unfolded; one click unfolds them",
    "text-wrap": "lines of even length",
    "dvh": "behind the same in vh",
    "(scripting": "hides what the other kind of page needs; both may stand there",
    "accent-color": "a colour",
}
YOUNGER_SCRIPT = (
    r"\.at\(",
    r"\.findLast\w*\(",
    r"structuredClone",
    r"Object\.hasOwn\(",
    r"Object\.groupBy",
    r"\.(toSorted|toReversed|with)\(",
    r"\.moveBefore\(",
    r"\.checkVisibility\(",
    r"\bnavigation\.",
    r"\.aria[A-Z]",
    r"\(\?<[=!]",
    r"static \{",
    r"\.(show|hide|toggle)Popover\(",
    r"\.requestSubmit\(",
    r"navigator\.(clipboard|share)",
    r"startViewTransition",
    r"Promise\.try|withResolvers",
    r"#\w+ in ",
)
ADDED_SCRIPT = {
    ".togglePopover(": "asked for before: popovers",
    ".requestSubmit(": "asked for before; else the button is pressed",
    "navigator.clipboard": "asked for before",
}


def style() -> str:
    return re.sub(r"/\*.*?\*/", "", (STATIC / "style.css").read_text(encoding="utf-8"), flags=re.DOTALL)


def script() -> str:
    return re.sub(r"(^|\s)//.*", "", (STATIC / "app.js").read_text(encoding="utf-8"))


@pytest.mark.parametrize("feature", sorted(YOUNGER_STYLE))
def test_style_sheet_needs_nothing_younger(feature: str) -> None:
    assert (feature in style()) == (feature in ADDED_STYLE), YOUNGER_STYLE[feature]


@pytest.mark.parametrize("feature", YOUNGER_SCRIPT)
def test_script_needs_nothing_younger(feature: str) -> None:
    found = {match[0] for match in re.finditer(feature, script())}
    assert found <= set(ADDED_SCRIPT)


def test_rule_that_an_old_browser_drops_takes_no_other_along() -> None:
    """A selector that is unknown drops its whole list: it stands alone."""
    for selector in re.findall(r"([^{}]+)\{", style()):
        for young in (":popover-open", "::details-content"):
            assert young not in selector or "," not in selector.strip() or "@supports" in selector, selector
    assert re.search(r"min-height: 100vh; min-height: 100dvh", style()), "dvh stands behind what all know"
