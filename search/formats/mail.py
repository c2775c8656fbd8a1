"""`.eml`: a message that a mail program saved: its subject, day and text. Parsed by `email` of the standard library.

Who wrote it and to whom is left out, as those are people. Attachments are not read, which is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import BinaryIO

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .dates import parse_date
from .decoding import clean, decode, read_bytes
from .fields import MAX_LINE, FieldError, dated, make_article, title_in_name
from .fragment import read_fragment
from .headings import plain_sections
from .mht import page_of
from .text_lines import unwrapped


def read_mail(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the article of a message, and why its attachments are none."""
    try:
        data = read_bytes(stream, path)
        if not data.strip():
            raise SourceError(path, "the file is empty")
        message = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
        yield _article(message, path)
    except SourceError as error:
        yield Rejection(path, error.reason)
        return
    except FieldError as error:
        yield Rejection(path, str(error))
        return
    except (LookupError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        yield Rejection(path, f"the message is damaged ({type(error).__name__})")  # its parser trips over odd headers
        return
    names = [name for part in message.walk() if (name := part.get_filename())]
    if names:
        yield Rejection(path, f"attachments of a message are not read: {clean('; '.join(names))[:200]}")


def _article(message: EmailMessage, path: str) -> Article:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        raise SourceError(path, "no text in the message")
    title = " ".join(clean(str(message["subject"] or "")).split())[:MAX_LINE] or title_in_name(path)
    raw = {"title": title, "date": _day(str(message["date"] or "").partition(" (")[0])}
    if body.get_content_type() == "text/html":
        text, sections, tables = read_fragment(decode(page_of(body), path), title)
        return make_article(path, path, raw, text, sections, tables=tables)
    payload = body.get_payload(decode=True)
    assert isinstance(payload, bytes)
    lines = unwrapped(decode(payload, path).strip("\n").split("\n"))
    text = "\n".join(lines).rstrip()
    return dated(make_article(path, path, raw, text, plain_sections(text, title)), path, lines)


def _day(text: str) -> str | None:
    try:
        return parse_date(text).isoformat()
    except (ValueError, OverflowError):  # written by a program, not by the one who keeps the folder
        return None
