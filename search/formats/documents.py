"""Office documents, whatever they were written with: blocks in reading order → an article.

Each reader says what stands in its file; which of that is the title, what are sections, and how pages and tables stand
in the text is decided here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..model import Article, Section
from .decoding import clean
from .fields import MAX_LINE, make_article
from .headings import plain_sections
from .outline import Cell, Covered, Outline

PAGE_HEADING, PAGE_ANCHOR = "第 {} 页", "第{}页"

# What programs write where a title belongs.
_NO_TITLE = re.compile(
    r"(?:microsoft|wps|kingsoft|powerpoint|excel|word|adobe|latex|untitled|no ?title|document\d*$|book\d*$|sheet\d*$|"
    r"无标题|未命名|文档\s*\d*$|幻灯片|工作簿|新建|print|scan|img)|\.(?:docx?|xlsx?|pptx?|wps|et|pdf|indd|cdr|tmp|html?|txt)$|"
    r"^[\W\d_]*$",
    re.I,
)
_LONGEST_TITLE = 200
_SHOWN_TITLE = 120
# What stands above a title: the head of an authority (…局文件), a document number, a date.
_ABOVE_TITLE = re.compile(r"(?:文件|公报|简报)$|[〔\[（(]\d{4}[〕\]）)]\s*第?\d+号|^\d{4}年\d+月(?:\d+日)?$|^附件")
_WORD = re.compile(r"\w")


class Heading(NamedTuple):
    """A heading that is marked as one, with its level from 1."""

    level: int
    words: str


class Text(NamedTuple):
    """A paragraph. `alone` says that it stands apart, as headings do.

    `pages` are those that begin in it: offset and number.
    """

    text: str
    alone: bool = False
    pages: tuple[tuple[int, int], ...] = ()


class Grid(NamedTuple):
    """A table, and which pages begin with it."""

    rows: Sequence[Sequence[Cell]]
    pages: tuple[tuple[int, int], ...] = ()


Block = Heading | Text | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: `title` is one that its layout shows, `stated` what its metadata say it is called."""

    blocks: tuple[Block, ...]
    title: str = ""
    stated: str = ""


def document_article(path: str, document: Document, number: int | None = None) -> Article:
    """Return the article that a document makes; `number` tells the documents of one file apart. Raises FieldError."""
    title = (document.title or stated_title(document.stated))[:MAX_LINE]
    outline = Outline(" ".join(clean(title).split()))
    pages: list[tuple[int, int]] = []
    for block in document.blocks:
        pages += _write(block, outline)
    written = outline.finish()
    sections = written.sections or plain_sections(written.text, title)
    raw = {"title": title or None}
    default_id = path if number is None else f"{path}/{number}"
    sections = with_pages(sections, pages, len(written.text))
    return make_article(path, default_id, raw, written.text, sections, tables=written.tables)


def _write(block: Block, outline: Outline) -> list[tuple[int, int]]:
    """Write a block; return where pages begin in the text."""
    if isinstance(block, Heading):
        outline.heading(block.level, block.words)
        return []
    if isinstance(block, Grid):
        start = outline.table(block.rows, header_rows(block.rows))
    else:
        start = outline.block(block.text, "" if block.alone else "text")
    return [(start + offset, number) for offset, number in block.pages]


def header_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many rows name the columns: the first, with what a cell of it spans or divides."""
    if len(rows) < 2:
        return 0
    count = 2 if Covered.LEFT in rows[0] else 1
    while count < len(rows) and Covered.ABOVE in rows[count]:
        count += 1
    return count if count < len(rows) else 1


def with_pages(sections: Iterable[Section], pages: Iterable[tuple[int, int]], length: int) -> tuple[Section, ...]:
    """Return sections with one more for every page, whose heading stands in no line of the text (start, number)."""
    marks = [
        Section(PAGE_HEADING.format(number), 1, start, start, start, PAGE_ANCHOR.format(number))
        for start, number in pages
    ]
    if not marks:
        return tuple(sections)
    every = sorted([*marks, *sections], key=lambda section: section.start)  # a page comes before what begins it
    ends = [section.start for section in every[1:]] + [length]
    return tuple(replace(section, end=end) for section, end in zip(every, ends, strict=True))


def stated_title(text: str) -> str:
    """Return the title that metadata state; nothing if a program wrote it there."""
    title = " ".join(clean(text).split())
    return "" if _NO_TITLE.search(title) or len(title) > _LONGEST_TITLE else title


def may_be_title(text: str) -> bool:
    """Tell whether a line that stands out can be the title of its document."""
    return len(_WORD.findall(text)) > 1 and len(text) <= _SHOWN_TITLE and not _ABOVE_TITLE.search(text)


def file_title(path: str) -> str:
    """Return what a file is called, without its suffix."""
    return PurePosixPath(path.rpartition("!/")[2] or path).stem
