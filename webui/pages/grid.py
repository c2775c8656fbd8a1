"""The tables of an article as rows of cells to show: marked text, which cells are heads, how far a cell reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from search import Span, Table

from .marked_text import Pieces, pieces

MOST_CELLS = 20_000
"""A table of more cells is shown as lines: a browser takes seconds to lay it out."""

Scope = Literal["", "col", "colgroup", "row", "rowgroup"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell: its words, what it is the head of (`scope`, "" for none), and how many columns and rows it takes."""

    pieces: Pieces
    scope: Scope = ""
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row: the cells that begin in it, and the anchors of sections that begin there."""

    cells: tuple[GridCell, ...]
    anchors: tuple[str, ...] = ()


def grid(table: Table, text: str, spans: Sequence[Span], anchors: Mapping[int, str]) -> tuple[GridRow, ...]:
    """Return the rows of a table of `text`, with `spans` marked. `anchors` tells where sections begin, ascending."""
    taken: set[tuple[int, int]] = set()
    rows = []
    places = list(anchors.items())
    for number, row in enumerate(table.rows):
        end = max(stop for _, stop in row)
        here = []
        while places and (places[0][0] < end or number == len(table.rows) - 1):
            here.append(places.pop(0)[1])
        cells = tuple(_cells(table, number, taken, text, spans))
        rows.append(GridRow(cells, tuple(here)))
    return tuple(rows)


def _cells(
    table: Table, number: int, taken: set[tuple[int, int]], text: str, spans: Sequence[Span]
) -> Iterator[GridCell]:
    row = table.rows[number]
    for column, span in enumerate(row):
        if (number, column) in taken:
            continue
        columns, rows = _reach(table, number, column, taken) if span[0] < span[1] else (1, 1)
        taken.update((number + down, column + right) for down in range(rows) for right in range(columns))
        scope = _scope(table, number, column, columns, rows)
        yield GridCell(pieces(text, spans, *span), scope, columns, rows)


def _reach(table: Table, number: int, column: int, taken: set[tuple[int, int]]) -> tuple[int, int]:
    """Return how many columns and rows a cell takes: as far as its range is repeated, in a rectangle.

    It does not reach out of the header, which is a part of its own.
    """
    span = table.rows[number][column]
    width = len(table.rows[number])
    end = column + 1
    while end < width and table.rows[number][end] == span and (number, end) not in taken:
        end += 1
    last = table.header if number < table.header else len(table.rows)
    below = number + 1
    while below < last and all(table.rows[below][at] == span for at in range(column, end)):
        below += 1
    return end - column, below - number


def _scope(table: Table, number: int, column: int, columns: int, rows: int) -> Scope:
    if number < table.header:
        return "col" if columns == 1 else "colgroup"
    if column or not table.header or columns == len(table.rows[number]):
        return ""
    return "row" if rows == 1 else "rowgroup"
