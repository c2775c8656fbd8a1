"""The telephone that answers where no article does: its name and number, as a link that a phone can call."""

from __future__ import annotations

import re
from dataclasses import dataclass

from search import Site

from .wording import CALLING, say

_NUMBER = re.compile(r"\+?\d[\d -]*\d")


@dataclass(frozen=True, slots=True)
class Hotline:
    """A telephone: its name with its number, the number alone, and its `tel:` address ("" where there is no number)."""

    label: str
    number: str
    url: str


def hotline(site: Site) -> Hotline:
    """Return the telephone of a site: that of its settings, or else that of the country."""
    text = site.hotline or say("hotline-number")
    found = _NUMBER.search(text)
    number = found[0] if found else text
    name = site.hotline_name or say("hotline-name")
    label = f"{name} {text}" if number == text.strip() else text  # an operator may have written both into one
    return Hotline(label, number, f"tel:{re.sub('[ -]', '', number)}" if found else "")


def asks_to_call(text: str) -> bool:
    """Tell whether a text asks for a telephone or for somebody to talk to."""
    return any(word in text for word in CALLING)
