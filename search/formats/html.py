"""`.html` pages: the main text, found by trafilatura; menus, scripts and other furniture are left out.

What a page says of itself comes first (`page_facts`). The tree is made ready for the extractor and its tables are
kept aside (`page_tree`); where the extraction loses a table or more than half of the prose, the text is what we find
ourselves (`page_content`). An address is http or https.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO

import trafilatura

from ..errors import SourceError
from ..model import Article, Rejection
from .dates import parse_date
from .decoding import MAX_BYTES, read_document
from .documents import stated_title
from .fields import FieldError, dated, is_web_address, make_article, title_in_name
from .headings import plain_sections
from .official import official
from .outline import Outline, Written
from .page_content import han, has_headings, is_prompt, main_element, write_element
from .page_facts import PageFacts, page_facts, without_site
from .page_tree import MARK, Grid, prepared, with_few_attributes

MAX_HTML = 4 * 1024 * 1024
"""Largest page in bytes; a longer one is no article."""

_PICTURE = re.compile(rb"data:[\w.+-]+/[\w.+-]++(?:;[\w=-]++)*;base64,[A-Za-z0-9+/=%\s]*+")
_SHORT = 250
"""Characters below which the extractor takes whatever it finds, without paragraphs: then the text is ours too."""

_CONTAINERS = frozenset({"body", "main", "div", "quote", "table"})

# Its parser reports what is wrong with a page as warnings of its own; here a page that yields nothing is a Rejection.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_html(stream: BinaryIO, path: str) -> Iterator[Article | Rejection]:
    """Yield the one article of a page."""
    try:
        yield _article(read_document(_without_pictures(stream), path, MAX_HTML), path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
    except FieldError as error:
        yield Rejection(path, str(error))


def _without_pictures(stream: BinaryIO) -> BinaryIO:
    """Return a page without the pictures that lie in it, if it is too large with them: programs save pages so."""
    data = stream.read(MAX_BYTES + 1)
    return io.BytesIO(_PICTURE.sub(b"", data) if MAX_HTML < len(data) <= MAX_BYTES else data)


def _article(page: str, path: str) -> Article:
    try:
        written, facts = _read(with_few_attributes(page))
    except MemoryError:
        raise
    except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
        raise SourceError(path, f"the page cannot be parsed ({type(error).__name__})") from error
    text, sections, tables = written
    if not text.strip():
        raise SourceError(path, "no main text found in the page")
    lines = text.split("\n")
    notice = official(lines)
    raw = {
        "title": facts.title or (notice.title if notice else "") or facts.called or _named(path, written),
        "date": facts.day.isoformat() if facts.day else None,
        "source": facts.source or (notice.issuer if notice else ""),
        "url": facts.url,
    }
    article = make_article(
        path, path, raw, text, sections or plain_sections(text, numbered=True, tables=tables), tables=tables
    )
    return dated(article, path, lines, notice.day if notice else None)


def _named(path: str, written: Written) -> str:
    """Return what the name of a file calls a page that has no title; anything where it begins with a table."""
    return title_in_name(path, whatever=any(table.start == 0 for table in written.tables[:1]))


def _read(page: str) -> tuple[Written, PageFacts]:
    """Return the main text of a page and what the page says of itself."""
    tree: Any = trafilatura.load_html(page)
    if tree is None:
        return Outline().finish(), PageFacts()
    facts = page_facts(tree)
    grids = prepared(tree)
    # The extractor changes what it is given; the page is needed once more where it loses something.
    found: Any = trafilatura.bare_extraction(
        deepcopy(tree),
        fast=True,
        with_metadata=True,
        include_comments=False,
        include_formatting=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    facts = _completed(facts, found)
    title = facts.title or facts.called
    outline = Outline(title)
    if found:
        _write(found.body, outline, grids)
    written = outline.finish()
    element, prose = main_element(tree, grids)
    if not _is_whole(written, element, prose, grids):
        own = Outline(title)
        write_element(element, own, grids)
        ours = own.finish()
        if han(ours.text) and not _has_head(written, ours):
            outline, written = own, ours
    shown = _bare(written.text)
    lost = [line for line in facts.attached if _bare(line) not in shown] if shown else []
    for line in lost:
        outline.block(line, "list")
    return outline.finish() if lost else written, facts


def _has_head(written: Written, ours: Written) -> bool:
    """Tell whether an extraction has the head of a notice, number and title, which stand apart from its prose."""
    is_laid_out = "\n" in written.text and len(written.tables) >= len(ours.tables)
    return is_laid_out and official(written.text.split("\n")) is not None and official(ours.text.split("\n")) is None


def _bare(text: str) -> str:
    return "".join(text.split())


def _is_whole(written: Written, element: Any, prose: int, grids: list[Grid]) -> bool:
    """Tell whether an extraction has the tables, headings and half of the prose of a page, and is not short."""
    tables = sum(len(MARK.findall(text)) for text in element.itertext()) if grids else 0
    size = han(written.text)
    is_one = "\n" not in written.text  # it gave up, and took all words of the page as they come
    is_long = len(written.text) >= _SHORT and not is_one and size * 2 >= prose
    return is_long and len(written.tables) >= tables and (bool(written.sections) or not has_headings(element))


def _completed(facts: PageFacts, found: Any) -> PageFacts:
    """Return what a page says of itself, with what trafilatura knows where its tags say nothing."""
    if not found:
        return facts
    address = found.url if found.url and is_web_address(found.url) else ""
    return replace(
        facts,
        called=facts.called or without_site(stated_title(found.title or ""), facts.site),
        day=facts.day or _stated_date(found.date),
        source=facts.source or found.sitename or "",
        url=facts.url or address,
    )


def _stated_date(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _write(element: Any, outline: Outline, grids: list[Grid]) -> None:
    """Write an element of trafilatura's tree (TEI-like: head, p, list/item, quote, table/row/cell)."""
    tag = element.tag
    if tag == "head":
        rend = element.get("rend") or ""
        outline.heading(int(rend[1]) if rend[1:2].isdigit() else 2, _words(element))
    elif tag == "list":
        _write_list(element, outline, depth=1)
    elif tag in _CONTAINERS:
        if element.text and element.text.strip():
            outline.block(_joined(element.text))
        for child in element:
            _write(child, outline, grids)
            if child.tail and child.tail.strip():
                outline.block(_joined(child.tail))
    elif tag == "code":
        outline.block("".join(element.itertext()))
    else:
        for number, part in enumerate(MARK.split(_words(element))):
            if number % 2 and int(part) < len(grids):
                outline.table(*grids[int(part)])
            elif part.strip() and not is_prompt(part):
                outline.block(part)


def _write_list(element: Any, outline: Outline, depth: int) -> None:
    mark = "" if element.get("rend") == "ol" else "• "  # numbers are written already (`page_tree`)
    for item in element:
        outline.block(f"{'  ' * depth}{mark}{_words(item, without='list').strip()}", "list")
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
