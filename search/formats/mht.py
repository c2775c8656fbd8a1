"""A page that a browser or Word saved with its pictures in one file (`.mht`, MHTML): the page in it."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from typing import NamedTuple


class SavedPage(NamedTuple):
    """A page, in UTF-8 where its message says the encoding, and where it was saved from; empty if that is not said."""

    data: bytes
    address: str


def saved_page(data: bytes) -> SavedPage | None:
    """Return the first page of a message; None if there is none."""
    message = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            where = message["Snapshot-Content-Location"] or part["Content-Location"] or ""
            return SavedPage(page_of(part), "".join(str(where).split()))
    return None


def page_of(part: MIMEPart) -> bytes:
    """Return the bytes of a part that is a page, in UTF-8 where it says its encoding."""
    page = part.get_payload(decode=True)
    assert isinstance(page, bytes)
    charset = part.get_content_charset() or ""
    try:
        return page.decode("gb18030" if charset in _NARROWER else charset).encode() if charset else page
    except (LookupError, UnicodeError):
        return page  # told by its bytes


_NARROWER = frozenset({"gb2312", "gbk"})
