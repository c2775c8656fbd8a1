"""The rows of tables in a window of a text: which row stands for a place, what its cells are called, what it is called.

The stored text keeps tables in lines; here a line is a row again. A place in a header row is stood for by the first row
below that has something in that column: the head of a column alone tells nothing. A row with one cell is a paragraph.
Offsets are in the window; those of a header may lie before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Article, Span, Table

AMOUNT = re.compile(r"[0-9０-９][0-9０-９.,]*\s*(?:%|％|元|万|倍|个|天|日|周|月|岁|次)|百分之|[一二三四五六七八九]成")
BETWEEN_CELLS = " · "
"""What stands between the cells of a row where it is shown in a line."""
_NUMBER = re.compile(r"[\s0-9０-９.,，%％~～—–-]*[0-9０-９][\s0-9０-９.,，%％~～—–-]*")
"""A cell that is a number: its unit stands in the head of its column."""
_ROWS_TRIED = 50
"""Below a header so many rows are looked at for one that has something in the column."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with words, the `heads` of its column from top to bottom; whether it says what the row is (`leads`)."""

    span: Span
    heads: tuple[Span, ...]
    leads: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The range of a row in the window, and where it is: which table of the window, which of its rows."""

    start: int
    end: int
    table: int
    number: int


class TableRows:
    """The rows in one window of an article's text."""

    def __init__(self, article: Article, offset: int, length: int) -> None:
        self._text = article.text
        self._offset = offset
        first = bisect_right(article.tables, offset, key=lambda table: table.end)
        last = bisect_left(article.tables, offset + length, key=lambda table: table.start)
        self._stop = offset + length
        self._tables = article.tables[first:last]
        self._ends: dict[int, tuple[int, list[int]]] = {}

    def at(self, position: int) -> Row | None:
        """Return the row that stands for a place; None if it is in no table, or in a row of one cell."""
        if not self._tables:
            return None
        where = position + self._offset
        index = bisect_right(self._tables, where, key=lambda table: table.start) - 1
        if index < 0 or where >= self._tables[index].end:
            return None
        table = self._tables[index]
        first, ends = self._rows(index)
        number = first + bisect_right(ends, where)
        if number < table.header:
            return self._below(index, number, where)
        return self._row(index, number) if number < len(table.rows) and _is_wide(table.rows[number]) else None

    def header(self, row: Row) -> Span:
        """Return the range of the rows that name the columns; empty if there are none."""
        table = self._tables[row.table]
        end = max(map(_end, table.rows[: table.header]), default=table.start)
        return table.start - self._offset, end - self._offset

    def header_before(self) -> Span | None:
        """Return the range of a header that lies before the window, while rows of its table stand in it."""
        if not self._tables or self._tables[0].start >= self._offset:
            return None
        return self.header(Row(0, 0, 0, 0))

    def shared(self, row: Row) -> list[Span]:
        """Return the cells at the beginning of a row that reach into it from rows above."""
        spans = []
        for start, end in self._tables[row.table].rows[row.number]:
            if start - self._offset >= row.start:
                break
            spans.append((start - self._offset, end - self._offset))
        return spans

    def cells(self, row: Row) -> list[Cell]:
        """Return the cells of a row that have words, from left to right."""
        table = self._tables[row.table]
        spans = table.rows[row.number]
        leading = self._leading(table, row.number)
        found: dict[Span, Cell] = {}
        for column, (start, end) in enumerate(spans):
            span = (start - self._offset, end - self._offset)
            if start < end and span not in found:
                found[span] = Cell(span, tuple(self._heads(table, column)), column < leading)
        return list(found.values())

    def is_amount(self, span: Span) -> bool:
        """Tell whether a cell says how much."""
        words = self._words(span)
        return bool(AMOUNT.search(words) or _NUMBER.fullmatch(words))

    def _words(self, span: Span) -> str:
        return self._text[span[0] + self._offset : span[1] + self._offset]

    def _leading(self, table: Table, number: int) -> int:
        """Return how many columns say what a row is: those it shares with its neighbours, its number, and one more."""
        spans = table.rows[number]
        beside = [table.rows[n] for n in (number - 1, number + 1) if table.header <= n < len(table.rows)]
        for column, (start, end) in enumerate(spans):
            words = self._text[start:end]
            is_shared = start < end and any(column < len(row) and row[column] == (start, end) for row in beside)
            if column and (AMOUNT.search(words) or _NUMBER.fullmatch(words)):
                return column
            if not (is_shared or (column == 0 and not any(map(str.isalpha, words)))):
                return column + 1
        return 1

    def _heads(self, table: Table, column: int) -> Iterator[Span]:
        """Yield what names a column, from top to bottom; what spans all columns is a caption and names none."""
        seen: set[Span] = set()
        for row in table.rows[: table.header]:
            start, end = row[column]
            if start < end and (start, end) not in seen and any(other != (start, end) for other in row):
                seen.add((start, end))
                yield start - self._offset, end - self._offset

    def _rows(self, index: int) -> tuple[int, list[int]]:
        """Return the first row of a table that reaches into the window, and where it and those after it end."""
        if index not in self._ends:
            rows = self._tables[index].rows
            first = bisect_right(rows, self._offset, key=_end)
            last = bisect_left(rows, self._stop, key=_end)
            self._ends[index] = first, [_end(row) for row in rows[first : last + 1]]
        return self._ends[index]

    def _row(self, index: int, number: int) -> Row:
        table = self._tables[index]
        before = _end(table.rows[number - 1]) if number else table.start
        row = table.rows[number]
        start = min((start for start, _ in row if start >= before), default=before)
        return Row(start - self._offset, _end(row) - self._offset, index, number)

    def _below(self, index: int, number: int, where: int) -> Row | None:
        table = self._tables[index]
        columns = [column for column, (start, end) in enumerate(table.rows[number]) if start <= where < end]
        below = range(table.header, min(table.header + _ROWS_TRIED, len(table.rows)))
        wide = [n for n in below if _is_wide(table.rows[n])]
        filled = (n for n in wide if any(table.rows[n][column][0] < table.rows[n][column][1] for column in columns))
        chosen = next(filled, wide[0] if wide else None)
        return None if chosen is None else self._row(index, chosen)


def _end(row: tuple[Span, ...]) -> int:
    return max(end for _, end in row)


def _is_wide(row: tuple[Span, ...]) -> bool:
    """Tell whether two cells of a row have words."""
    return len({span for span in row if span[0] < span[1]}) > 1
