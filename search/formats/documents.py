"""Office documents, whatever they were written with: blocks in reading order → an article.

Each reader says what stands in its file; which of that is the title, what are sections, and how pages and tables stand
in the text is decided here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from ..model import Article, Section
from .decoding import clean
from .fields import MAX_LINE, dated, make_article, title_in_name
from .headings import bold_headings, plain_sections
from .official import Official, official
from .outline import Cell, Covered, Outline
from .text_lines import answers, asks

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
_TOLD_ROWS = 100  # rows of a table in which somebody looks for title, number and day
# What stands above a title: the head of an authority (…局文件), a document number, a date.
_ABOVE_TITLE = re.compile(r"(?:文件|公报|简报)$|[〔\[（(]\d{4}[〕\]）)]\s*第?\d+号|^\d{4}年\d+月(?:\d+日)?$|^附件")
_ROW = "|"  # what stands for a table among lines
_NO_TITLE_ENDS = tuple("，；：,;:、")
_WORD = re.compile(r"\w")


class Heading(NamedTuple):
    """A heading that is marked as one, with its level from 1."""

    level: int
    words: str


class Text(NamedTuple):
    """A paragraph. `alone` says that it stands apart, as headings do.

    `pages` are those that begin in it: offset and number. `bold` says that all of it is.
    """

    text: str
    alone: bool = False
    pages: tuple[tuple[int, int], ...] = ()
    bold: bool = False


class Grid(NamedTuple):
    """A table, and which pages begin in it: row and number."""

    rows: Sequence[Sequence[Cell]]
    pages: tuple[tuple[int, int], ...] = ()


Block = Heading | Text | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: `title` is one that its layout shows, `stated` what its metadata say it is called.

    `title_at` are the blocks that are this title, and so no part of the text.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    stated: str = ""
    title_at: tuple[int, ...] = ()


def document_article(path: str, document: Document) -> Article:
    """Return the article that a document makes. Raises FieldError."""
    lines = [(at, line) for at, block in enumerate(document.blocks) for line in _lines(block)]
    words = [line for _, line in lines]
    notice = official(words)
    if notice and any(isinstance(document.blocks[lines[line][0]], Grid) for line in notice.title_at):
        notice = None  # a row of a table is no title
    title, title_at = _shown_title(document, notice, [at for at, _ in lines])
    title = (title or stated_title(document.stated) or title_in_name(path))[:MAX_LINE]
    outline = Outline(" ".join(clean(title).split()))
    pages: list[tuple[int, int]] = []
    blocks = [*_without(document.blocks, title_at)]
    for block in blocks if notice else _with_headings(blocks):
        pages += _write(block, outline)
    written = outline.finish()
    sections = written.sections or plain_sections(
        written.text, title, numbered=notice is not None, paragraphs=True, tables=written.tables
    )
    raw = {"title": title or None, "source": notice.issuer if notice else None}
    sections = with_pages(sections, pages, len(written.text))
    article = make_article(path, path, raw, written.text, sections, tables=written.tables)
    return dated(article, path, words, notice.day if notice else None)


def _with_headings(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return blocks of which questions (问：…) or bold paragraphs are headings, where none is marked as one."""
    if any(isinstance(block, Heading) for block in blocks):
        return blocks
    lines = [(block.text, block.bold) if isinstance(block, Text) else (_ROW, False) for block in blocks]
    headings = {*_questions(lines)} or {*bold_headings(lines)}
    return [Heading(2, lines[at][0]) if at in headings else block for at, block in enumerate(blocks)]


def _questions(lines: Sequence[tuple[str, bool]]) -> Iterator[int]:
    """Yield which paragraphs ask what the next one answers."""
    return (at for at, ((words, _), (below, _)) in enumerate(pairwise(lines)) if asks(words) and answers(below))


def _lines(block: Block) -> list[str]:
    """Return a block as lines of text, a row of a table as one; of a long table those at its ends."""
    if isinstance(block, Heading):
        return [block.words]
    if isinstance(block, Grid):
        rows = (
            block.rows if len(block.rows) <= 2 * _TOLD_ROWS else [*block.rows[:_TOLD_ROWS], *block.rows[-_TOLD_ROWS:]]
        )
        return [" ".join(cell for cell in row if isinstance(cell, str)) for row in rows]
    return block.text.split("\n")


def _shown_title(document: Document, notice: Official | None, blocks_of: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """Return the title that a document shows, and the blocks that are it: as an official notice, or by its layout.

    What the layout shows counts where it says more: the issuer before the title (某局 / 关于…的通知).
    """
    if notice is None or _bare(notice.title) in _bare(document.title):
        return document.title, document.title_at
    at = tuple(dict.fromkeys(blocks_of[line] for line in notice.title_at))
    whole = "".join("".join(_lines(document.blocks[block])) for block in at)
    return notice.title, at if _bare(whole) == _bare(notice.title) else ()


def _bare(text: str) -> str:
    return "".join(text.split())


def _without(blocks: Sequence[Block], left_out: Sequence[int]) -> Iterator[Block]:
    """Yield the blocks but some; pages that begin in one of those begin in the next."""
    pages: tuple[tuple[int, int], ...] = ()
    for at, block in enumerate(blocks):
        if at in left_out:
            pages += () if isinstance(block, Heading) else tuple((0, number) for _, number in block.pages)
        elif pages and not isinstance(block, Heading):
            yield block._replace(pages=(*pages, *block.pages))
            pages = ()
        else:
            yield block


def _write(block: Block, outline: Outline) -> list[tuple[int, int]]:
    """Write a block; return where pages begin in the text."""
    if isinstance(block, Heading):
        outline.heading(block.level, block.words)
        return []
    if isinstance(block, Grid):
        starts = outline.table(block.rows, header_rows(block.rows))
        return [(starts[row], number) for row, number in block.pages]
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
    is_sentence = text.endswith(_NO_TITLE_ENDS) or "。" in text
    return len(_WORD.findall(text)) > 1 and len(text) <= _SHOWN_TITLE and not (is_sentence or _ABOVE_TITLE.search(text))
