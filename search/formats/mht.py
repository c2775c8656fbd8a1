"""A page that a browser or Word saved with its pictures in one file (`.mht`, MHTML): the page in it."""

from __future__ import annotations

from email import message_from_bytes, policy


def saved_page(data: bytes) -> bytes | None:
    """Return the first page of a message, in UTF-8 where the message says its encoding; None if there is none."""
    message = message_from_bytes(data, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() != "text/html":
            continue
        page = part.get_payload(decode=True)
        assert isinstance(page, bytes)
        charset = part.get_content_charset() or ""
        try:
            return page.decode("gb18030" if charset in _NARROWER else charset).encode() if charset else page
        except (LookupError, UnicodeError):
            return page  # told by its bytes
    return None


_NARROWER = frozenset({"gb2312", "gbk"})
