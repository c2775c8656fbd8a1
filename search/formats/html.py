"""`.html` pages: main text, title and date by trafilatura; menus, scripts and other furniture are left out.

A date counts only if the page states one (metadata or a dated element); none is guessed from the text. The address is
the page's canonical one, if that is http or https.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import trafilatura

from ..errors import SourceError
from ..model import Article, Rejection
from .decoding import read_document
from .fields import FieldError, is_web_address, make_article, parse_date
from .outline import Outline

MAX_HTML = 4 * 1024 * 1024
"""Largest page in bytes; a longer one is no article."""

MAX_ATTRIBUTES = 256
"""Attributes of a tag that are read: the parser compares each with all before it, so that thousands take minutes."""

_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?+)?+"""
# Possessive throughout, and each tag is consumed whole: one pass over the page, whatever it holds.
_TAG = re.compile(rf"(<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+)(?:{_ATTRIBUTE})*+")

_CONTAINERS = frozenset({"body", "main", "div", "quote", "table"})

# Its parser reports what is wrong with a page as warnings of its own; here a page that yields nothing is a Rejection.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_html(stream: BinaryIO, path: str) -> Iterator[Article | Rejection]:
    """Yield the one article of a page."""
    try:
        yield _article(read_document(stream, path, MAX_HTML), path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
    except FieldError as error:
        yield Rejection(path, str(error))


def _article(page: str, path: str) -> Article:
    try:
        found: Any = trafilatura.bare_extraction(
            _TAG.sub(r"\1", page),
            with_metadata=True,
            include_comments=False,
            include_formatting=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        outline = Outline(_joined(found.title or "") if found else "")
        if found:
            _write(found.body, outline)
    except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
        raise SourceError(path, f"the page cannot be parsed ({type(error).__name__})") from error
    text, sections, tables = outline.finish()
    if not text.strip():
        raise SourceError(path, "no main text found in the page")
    raw = {
        "title": found.title,
        "date": _stated_date(found.date),
        "source": found.sitename,
        "url": found.url if found.url and is_web_address(found.url) else None,
    }
    return make_article(path, path, raw, text, sections, tables=tables)


def _stated_date(text: str | None) -> str | None:
    try:
        return parse_date(text).isoformat() if text else None
    except ValueError:
        return None


def _write(element: Any, outline: Outline) -> None:
    """Write an element of trafilatura's tree (TEI-like: head, p, list/item, quote, table/row/cell)."""
    tag = element.tag
    if tag == "head":
        rend = element.get("rend") or ""
        outline.heading(int(rend[1]) if rend[1:2].isdigit() else 2, _words(element))
    elif tag == "table" and element.find("row") is not None:
        _write_table(element, outline)
    elif tag == "list":
        _write_list(element, outline, depth=1)
    elif tag in _CONTAINERS:
        if element.text and element.text.strip():
            outline.block(_joined(element.text))
        for child in element:
            _write(child, outline)
            if child.tail and child.tail.strip():
                outline.block(_joined(child.tail))
    elif tag == "code":
        outline.block("".join(element.itertext()))
    else:
        outline.block(_words(element))


def _write_table(table: Any, outline: Outline) -> None:
    rows = table.findall("row")
    header = next((n for n, row in enumerate(rows) if any(c.get("role") != "head" for c in row)), len(rows))
    outline.table([[_words(cell) for cell in row] for row in rows], header)


def _write_list(element: Any, outline: Outline, depth: int) -> None:
    for item in element:
        outline.block(f"{'  ' * depth}• {_words(item, without='list').strip()}", "list")
        for inner in item.iterchildren("list"):
            _write_list(inner, outline, depth + 1)


def _words(element: Any, without: str = "") -> str:
    """Return the readable characters of an element; `lb` is a line break, other white space is one space."""
    return "\n".join(_joined(line) for line in _raw(element, without).split("\n")).strip("\n")


def _raw(element: Any, without: str = "") -> str:
    parts = [_one_line(element.text)]
    for child in element:
        parts.append("" if child.tag == without else "\n" if child.tag == "lb" else _raw(child))
        parts.append(_one_line(child.tail))
    return "".join(parts)


def _one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _joined(text: str) -> str:
    return " ".join(text.split())
