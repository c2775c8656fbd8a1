"""Nothing is wrong with any page and state (looks.py), in either size of letters."""

import re

import pytest

from tests.browser.conftest import NewPage, Server, each_size
from tests.browser.looks import look_at_every_state, look_at_every_state_of_a_phone
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


@each_size
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wrong(new_page: NewPage, server: Server, width: int, large: bool) -> None:
    look_at_every_state(new_page, server, width, large)


@each_size
def test_nothing_is_wrong_on_a_phone(new_page: NewPage, server: Server, large: bool) -> None:
    look_at_every_state_of_a_phone(new_page, server, large)


def test_pages_ask_for_nothing_but_coarse_pointers() -> None:
    """Chromium that has had fingers forgets its mouse: one visit can tell the two apart by this alone."""
    texts = [path.read_text("utf-8") for path in (ROOT / "webui/static").glob("*.[cj]s*")]
    assert {ask for text in texts for ask in re.findall(r"\([\w-]*(?:pointer|hover)\b[^)]*\)", text)} == {
        "(pointer: coarse)"
    }
