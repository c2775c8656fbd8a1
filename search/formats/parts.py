"""An article too long for a page → several: an almanac in one file, the log of years. Knows text, sections, tables.

What is done with an article takes some seventy-five bytes of memory a character, in every process that does it; and a
reader's browser has to show it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..model import Article, Section, Span, Table

MAX_CHARACTERS = 1_000_000
"""Characters of an article; a book of 1,000 pages has 700,000."""
_TITLE = "{}（第 {} 部分，共 {} 部分）"
_ID = "{}/part-{}"


def parts(article: Article, most: int = MAX_CHARACTERS) -> Iterator[Article]:
    """Yield an article, or those of at most `most` characters that it is divided into; the first keeps its id.

    It is divided before a section, else between lines. A section or table over several parts is in each of them.
    """
    if len(article.text) <= most:
        yield article
        return
    starts = [*_starts(article, most), len(article.text)]
    count = len(starts) - 1
    for number, (start, end) in enumerate(pairwise(starts), 1):
        text = article.text[start:end].rstrip()
        yield replace(
            part_of(article, number, count),
            text=text,
            sections=tuple(_sections(article.sections, start, start + len(text))),
            tables=tuple(_tables(article.tables, start, start + len(text))),
        )


def part_of(article: Article, number: int, count: int) -> Article:
    """Return an article with the id and the title of the `number`-th part of `count`."""
    article_id = article.id if number == 1 else _ID.format(article.id, number)
    return replace(article, id=article_id, title=_TITLE.format(article.title, number, count))


def _starts(article: Article, most: int) -> Iterator[int]:
    text = article.text
    sections = [section.start for section in article.sections]
    start = 0
    while True:
        yield start
        if len(text) - start <= most:
            return
        section = sections[bisect_right(sections, start + most) - 1] if sections else 0
        line = text.rfind("\n", start + 1, start + most) + 1
        start = next((at for at in (section, line) if at > start + most // 2), start + most)
        while start < len(text) and text[start].isspace():
            start += 1
        if start == len(text):
            return


def _sections(sections: Sequence[Section], start: int, end: int) -> Iterator[Section]:
    for section in sections:
        if section.start < end and section.end > start:
            begin, body, stop = (min(max(at, start), end) - start for at in (section.start, section.body, section.end))
            yield replace(section, start=begin, body=body, end=stop)


def _tables(tables: Sequence[Table], start: int, end: int) -> Iterator[Table]:
    for table in tables:
        if table.start >= end or table.end <= start:
            continue
        rows: list[tuple[Span, ...]] = []
        header = 0
        for number, row in enumerate(table.rows):
            at = max(begin for begin, _ in row)  # what covers a cell from above stands before
            if start <= at < end:
                rows.append(tuple(_span(span, start, end) for span in row))
                header += number < table.header
        if rows:
            yield Table(max(table.start, start) - start, min(table.end, end) - start, tuple(rows), header)


def _span(span: Span, start: int, end: int) -> Span:
    begin, stop = (min(max(at, start), end) - start for at in span)
    return begin, stop
