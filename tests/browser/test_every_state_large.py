"""Nothing is wrong with any page and state (looks.py), in large letters."""

import pytest

from tests.browser.conftest import NewPage, Server
from tests.browser.looks import look_at_every_state, look_at_every_state_of_a_phone

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wrong(new_page: NewPage, server: Server, width: int) -> None:
    look_at_every_state(new_page, server, width, large=True)


def test_nothing_is_wrong_on_a_phone(new_page: NewPage, server: Server) -> None:
    look_at_every_state_of_a_phone(new_page, server, large=True)
