"""How a page is handed on: its absolute address, and that of its picture for telephones."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from ..origin import root

LONGEST = 600
"""Characters of an address that telephones read from a screen: 99 squares a side."""


@dataclass(frozen=True, slots=True)
class Share:
    """The address of a page, absolute; and of its QR code, empty where the code would be too fine to be read."""

    address: str
    code: str


def share(path: str) -> Share:
    """Return how the page at `path` is handed on."""
    address = root() + path
    return Share(address, f"/qr.svg?{urlencode({'to': path})}" if len(address) <= LONGEST else "")
