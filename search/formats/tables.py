"""Tables of cells (Excel, CSV): a sheet of questions and answers is an article a row, others are one article."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .above import Above
from .documents import Block, Document, Grid, Heading, Text, document_article, stated_title
from .fields import FieldError, title_in_name
from .headings import numbering
from .outline import BETWEEN_CELLS, Cell, Covered
from .parts import MAX_CHARACTERS, part_of
from .records import Records, are_records

MAX_CELLS = 1_000_000
"""Cells of a file that hold something; a million of them are some 50 MB of text."""

_CAPTIONS = 5  # rows above the one that names the columns
_MOST_MERGED = 20_000  # merged areas that are looked at
_WIDEST_TITLE = 80
_NOTE = re.compile(r"[^:：]{1,12}[:：].*|[（(].*[）)]")
_ATTACHMENT = re.compile(r"附(?:件|表)\s*[\d一二三四五六七八九十]{0,3}\s*[:：]?")

_log = logging.getLogger(__name__)

Area = tuple[int, int, int, int]
"""Rows and columns that are one cell: first row, first column, last row, last column, from 0, inclusive."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: row number (from 0) → its cells as text, without rows that hold nothing. `merged` cells are one."""

    name: str
    rows: Mapping[int, Sequence[str]]
    merged: Sequence[Area] = field(default=())


def table_records(
    sheets: Sequence[Sheet],
    path: str,
    stated: str = "",
    facets: Facets = FACETS,
    *,
    most_cells: int = MAX_CELLS,
) -> Iterator[Article | Rejection]:
    """Yield what the sheets of a file hold. `stated` is the title that its metadata state.

    A table of no records with more than `most_cells` is no article.
    """
    documents: list[Sheet] = []
    count = 0
    for sheet in sheets:
        head = _head(sheet, facets)
        if head is None:
            documents += [sheet] if sheet.rows else []
            continue
        many = len(sheets) > 1
        records = Records(path, facets)
        above = Above(path, {number + 1: _line(row) for number, row in sheet.rows.items() if number < head})
        for number, raw in _raw(sheet, head):
            count += 1
            record = records.read(raw, count if many else number)
            yield above.holds_for(record) if isinstance(record, Article) else record
        yield from above.left_out()
        records.report(_log)
    rows = [row for sheet in documents for row in sheet.rows.values()]
    if sum(map(len, rows)) > most_cells:
        yield Rejection(path, f"a table of {len(rows):,} rows, no article: name its columns question and answer")
    elif documents:
        groups = [*_groups(documents, MAX_CHARACTERS)]
        for number, group in enumerate(groups, 1):
            article = _article(group, path, stated)
            if len(groups) > 1 and isinstance(article, Article):
                article = part_of(article, number, len(groups))
            yield article
    elif not count:
        yield Rejection(path, "no text in the file: its sheets are empty")


def _head(sheet: Sheet, facets: Facets) -> int | None:
    """Return the row that names the columns, if one does that so that each row below is a record."""
    first = [*sheet.rows][:_CAPTIONS]
    return next((number for number in first if are_records(sheet.rows[number], facets)), None)


def _raw(sheet: Sheet, head: int) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield row number (from 1) and the record of every row below the head; a merged cell holds for all its rows."""
    columns = [" ".join(name.split()) for name in sheet.rows[head]]
    above = {
        (row, column): (top, left)
        for top, left, bottom, right in sheet.merged[:_MOST_MERGED]
        if top > head
        for row in range(top, min(bottom, top + 10_000) + 1)
        for column in range(left, min(right, left + 100) + 1)
    }
    for number, cells in sheet.rows.items():
        if number <= head:
            continue
        record: dict[str, object] = {}
        for column, name in enumerate(columns):
            row, at = above.get((number, column), (number, column))
            values = sheet.rows.get(row, ()) if row != number else cells
            if name and name not in record:
                record[name] = values[at] if at < len(values) else ""
        yield number + 1, record


def _groups(sheets: Sequence[Sheet], most: int) -> Iterator[list[Sheet]]:
    """Yield the sheets that make an article of at most `most` characters; of a longer one rows, each with the head."""
    group: list[Sheet] = []
    size = 0
    for sheet in sheets:
        first = [*sheet.rows][: len(_above(sheet)) + 1]
        rows: dict[int, Sequence[str]] = {}
        for number, row in sheet.rows.items():
            length = sum(map(len, row)) + len(BETWEEN_CELLS) * len(row)
            if size + length > most and len(rows) > len(first):
                yield [*group, replace(sheet, rows=rows)]
                group, rows, size = [], {row: sheet.rows[row] for row in first}, 0
            rows[number] = row
            size += length
        group.append(replace(sheet, rows=rows))
    yield group


def _article(sheets: Sequence[Sheet], path: str, stated: str) -> Article | Rejection:
    captions = [caption for sheet in sheets if (caption := _caption(_above(sheet)))]
    title = next(iter(captions), "") or stated_title(stated) or title_in_name(path, whatever=True)
    blocks: list[Block] = []
    for sheet in sheets:
        if len(sheets) > 1:
            blocks.append(Heading(2, sheet.name))
        for number, table in enumerate(_apart(sheet)):
            above = _above(table)
            lines = [line for line in map(_line, above.values()) if line != title]
            blocks += [
                Heading(3 if len(sheets) > 1 else 2, line) if _numbered(line) or number else Text(line)
                for line in lines
            ]
            blocks.append(Grid(_grid(table)[len(above) :]))
    try:
        return document_article(path, Document(tuple(blocks), title))
    except FieldError as error:
        return Rejection(path, str(error))


def _apart(sheet: Sheet) -> Iterator[Sheet]:
    """Yield the tables of a sheet: a new one begins where below an empty row something stands alone."""
    numbers = [*sheet.rows]
    start = 0
    for at in range(1, len(numbers)):
        is_apart = numbers[at] - numbers[at - 1] > 1 and at + 1 < len(numbers) and at - start > 1
        if is_apart and len(_said(sheet.rows[numbers[at]])) == 1 < len(_said(sheet.rows[numbers[at + 1]])):
            yield replace(sheet, rows={number: sheet.rows[number] for number in numbers[start:at]})
            start = at
    yield replace(sheet, rows={number: sheet.rows[number] for number in numbers[start:]})


def _above(sheet: Sheet) -> dict[int, Sequence[str]]:
    """Return the rows above a table: one cell alone (its name), or labels (填报单位：某局) and their values."""
    first = [*sheet.rows.items()][: _CAPTIONS + 1]
    above: dict[int, Sequence[str]] = {}
    if all(len(_said(row)) < 2 for _, row in first):
        first = first[:2]  # a column, whose first cell is its name
    for (number, row), (_, below) in pairwise(first):
        said = _said(row)
        is_alone = len(said) == 1 and len(said[0]) <= _WIDEST_TITLE
        is_notes = bool(above) and len(said) <= len(_said(below)) and all(map(_NOTE.fullmatch, said))
        if not is_alone and not is_notes:
            break
        above[number] = row
    return above


def _caption(above: Mapping[int, Sequence[str]]) -> str:
    """Return the name of a table among the rows above it: what stands alone and is no number of it (附件1, 一、…)."""
    lines = (_line(row) for row in above.values() if len(_said(row)) == 1)
    return next((line for line in lines if not (_ATTACHMENT.fullmatch(line) or _numbered(line))), "")


def _said(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _line(row: Sequence[str]) -> str:
    return " ".join(" ".join(_said(row)).split())


def _numbered(line: str) -> bool:
    return bool(numbering(line))


def _grid(sheet: Sheet) -> list[list[Cell]]:
    """Return the rows with what is merged marked so, without columns that hold nothing."""
    used = sorted({column for row in sheet.rows.values() for column, cell in enumerate(row) if cell})
    covered: dict[tuple[int, int], Covered] = {}
    for area in sheet.merged[:_MOST_MERGED]:
        covered.update(_covered(area, sheet.rows, used))
    return [
        [covered.get((number, column)) or (row[column] if column < len(row) else "") for column in used]
        for number, row in sheet.rows.items()
    ]


def _covered(area: Area, rows: Mapping[int, Sequence[str]], used: Iterable[int]) -> dict[tuple[int, int], Covered]:
    top, left, bottom, right = area
    if top not in rows or left not in used:
        return {}
    columns = [column for column in used if left <= column <= right]
    return {
        (row, column): Covered.LEFT if row == top else Covered.ABOVE
        for row in range(top, min(bottom, top + 10_000) + 1)
        if row in rows
        for column in columns
        if (row, column) != (top, left)
    }
