"""Tables of cells (Excel, CSV): a sheet of questions and answers is an article a row, others are one article."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .documents import Block, Document, Grid, Heading, document_article, stated_title
from .fields import FieldError, title_in_name
from .outline import BETWEEN_CELLS, Cell, Covered
from .parts import MAX_CHARACTERS, part_of
from .records import Records, are_records

MAX_CELLS = 1_000_000
"""Cells of a file that hold something; a million of them are some 50 MB of text."""

_CAPTIONS = 5  # rows above the one that names the columns
_MOST_MERGED = 20_000  # merged areas that are looked at
_WIDEST_TITLE = 80

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
        for number, raw in _raw(sheet, head):
            count += 1
            yield records.read(raw, count if many else number)
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
        first = [*sheet.rows][: 2 if _caption(sheet) else 1]
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
    titles = [_caption(sheet) for sheet in sheets]
    title = next((title for title in titles if title), "") or stated_title(stated) or title_in_name(path, whatever=True)
    blocks: list[Block] = []
    for sheet, caption in zip(sheets, titles, strict=True):
        if len(sheets) > 1:
            blocks.append(Heading(2, sheet.name))
        rows = _grid(sheet)
        blocks.append(Grid(rows[1:] if caption and caption == title else rows))
    try:
        return document_article(path, Document(tuple(blocks), title))
    except FieldError as error:
        return Rejection(path, str(error))


def _caption(sheet: Sheet) -> str:
    """Return what stands alone in the first row, above the table."""
    first = next(iter(sheet.rows.values()))
    said = [cell for cell in first if cell.strip()]
    return said[0] if len(said) == 1 and len(sheet.rows) > 1 and len(said[0]) <= _WIDEST_TITLE else ""


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
