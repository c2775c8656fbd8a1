"""Tables whose lines are drawn: straight lines → grids → cells. Pure geometry: knows no PDF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..outline import Cell, Covered
from .glyphs import Glyph, Rule
from .lines import Cells, Line, joined, rows

_SNAP = 3.0  # points within which lines are one
_TOUCH = 4.0  # points within which lines meet
_DRAWN = 0.6  # share of a cell's side that is drawn, if it is one
_MOST_LINES = 400  # rows or columns of a grid; more are hatching
_LEAST_CELL = 4.0  # points


@dataclass(frozen=True, slots=True)
class Grid:
    """A drawn table: where its lines are, and which of its smallest cells are one (by the number of the first)."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owner: tuple[tuple[tuple[int, int], ...], ...]

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return row and column of the cell that a point in the table lies in."""
        row = max(sum(1 for at in self.ys[1:-1] if at < y), 0)
        column = max(sum(1 for at in self.xs[1:-1] if at < x), 0)
        return self.owner[row][column]

    def read(self, glyphs: Iterable[Glyph]) -> Cells:
        """Return the rows of the table without empty ones; a cell over several has its words in the first."""
        inside: defaultdict[tuple[int, int], list[Glyph]] = defaultdict(list)
        for glyph in glyphs:
            inside[self.cell((glyph.x0 + glyph.x1) / 2, glyph.base - glyph.size / 3)].append(glyph)
        texts = {cell: text for cell, found in inside.items() if (text := _text(found))}
        used_rows = sorted({row for row, _ in texts})
        used_columns = sorted({column for _, column in texts})
        return tuple(tuple(self._shown(texts, row, column) for column in used_columns) for row in used_rows)

    def _shown(self, texts: Mapping[tuple[int, int], str], row: int, column: int) -> Cell:
        """Return what stands at a place: the words of its cell, or which way those are that cover it."""
        cell = self.owner[row][column]
        if cell == (row, column) or cell not in texts:
            return texts.get((row, column), "")
        return Covered.LEFT if cell[0] == row or cell[1] != column else Covered.ABOVE


def placed(grid: Grid, cells: Cells) -> Line:
    """Return a table as what stands in its place among the lines."""
    return Line("\ufffc" * 20, grid.xs[0], grid.xs[-1], grid.ys[0] + 1, 1.0, cells, grid.xs)


def _text(glyphs: Sequence[Glyph]) -> str:
    text = ""
    for row in rows(glyphs):
        text = joined(text, " ".join(piece.text for piece in row))
    return text


def grids(rules: Sequence[Rule]) -> list[Grid]:
    """Return the tables that lines make, from top to bottom."""
    across = _merged([(r.y0, r.x0, r.x1) for r in rules if r.x1 - r.x0 >= r.y1 - r.y0])
    down = _merged([(r.x0, r.y0, r.y1) for r in rules if r.x1 - r.x0 < r.y1 - r.y0])
    found = [grid for part in _connected(across, down) if (grid := _grid(*part))]
    outer = [grid for grid in found if not any(other is not grid and _inside(grid, other) for other in found)]
    return sorted(outer, key=lambda grid: (grid.ys[0], grid.xs[0]))


Stroke = tuple[float, float, float]
"""Where a line is across its direction, and from where to where it goes."""


def _merged(strokes: list[Stroke]) -> list[Stroke]:
    """Return the lines with those that lie on each other, or go on from each other, as one."""
    by_place: list[list[Stroke]] = []
    for stroke in sorted(strokes):
        if by_place and stroke[0] - by_place[-1][-1][0] <= _SNAP and stroke[0] - by_place[-1][0][0] <= 2 * _SNAP:
            by_place[-1].append(stroke)
        else:
            by_place.append([stroke])
    found: list[Stroke] = []
    for group in by_place:
        place = sum(stroke[0] for stroke in group) / len(group)
        start, end = None, 0.0
        for _, a, b in sorted(group, key=lambda stroke: stroke[1]):
            if start is None:
                start, end = a, b
            elif a <= end + _SNAP:
                end = max(end, b)
            else:
                found.append((place, start, end))
                start, end = a, b
        if start is not None:
            found.append((place, start, end))
    return [stroke for stroke in found if stroke[2] - stroke[1] >= _LEAST_CELL]


def _connected(across: list[Stroke], down: list[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Return the lines in groups that touch each other."""
    if len(across) * len(down) > _MOST_LINES * _MOST_LINES:
        return []
    parent = list(range(len(across) + len(down)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for i, (y, x0, x1) in enumerate(across):
        for j, (x, y0, y1) in enumerate(down, len(across)):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and y0 - _TOUCH <= y <= y1 + _TOUCH:
                parent[root(i)] = root(j)
    groups: defaultdict[int, tuple[list[Stroke], list[Stroke]]] = defaultdict(lambda: ([], []))
    for i, stroke in enumerate(across):
        groups[root(i)][0].append(stroke)
    for j, stroke in enumerate(down, len(across)):
        groups[root(j)][1].append(stroke)
    return [group for group in groups.values() if group[0] and group[1]]


def _grid(across: list[Stroke], down: list[Stroke]) -> Grid | None:
    """Return the grid of lines that touch, if it has two cells or more. Outer sides need not be drawn."""
    left, right = min(s[1] for s in across), max(s[2] for s in across)
    top, bottom = min(s[1] for s in down), max(s[2] for s in down)
    xs = _places([*(s[0] for s in down), left, right])
    ys = _places([*(s[0] for s in across), top, bottom])
    rows_, columns = len(ys) - 1, len(xs) - 1
    if len(across) < 2 or rows_ * columns < 2 or max(rows_, columns) > _MOST_LINES or not down:
        return None
    owner = [[(r, c) for c in range(columns)] for r in range(rows_)]
    for r, (y0, y1) in enumerate(pairwise(ys)):
        for c, (x0, x1) in enumerate(pairwise(xs)):
            if c and owner[r][c - 1][0] == r and not _is_drawn(down, xs[c], y0, y1):
                owner[r][c] = owner[r][c - 1]
            elif r and owner[r - 1][c][1] == c and not _is_drawn(across, ys[r], x0, x1):
                owner[r][c] = owner[r - 1][c]
            elif r and c and owner[r][c - 1] == owner[r - 1][c] and not _is_drawn(down, xs[c], y0, y1):
                owner[r][c] = owner[r][c - 1]
    cells = {cell for row in owner for cell in row}
    if len({column for _, column in cells}) < 2:  # a frame, a rule below a head: no table
        return None
    return Grid(tuple(xs), tuple(ys), tuple(map(tuple, owner)))


def _places(values: list[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _LEAST_CELL:
            found.append(value)
    return found


def _is_drawn(strokes: list[Stroke], place: float, start: float, end: float) -> bool:
    covered = sum(max(0.0, min(b, end) - max(a, start)) for at, a, b in strokes if abs(at - place) <= _LEAST_CELL)
    return covered >= _DRAWN * (end - start)


def _inside(grid: Grid, other: Grid) -> bool:
    """Tell whether a table lies in a cell of another; then it is read as part of that."""
    return (
        other.xs[0] <= grid.xs[0]
        and grid.xs[-1] <= other.xs[-1]
        and (other.ys[0] <= grid.ys[0] and grid.ys[-1] <= other.ys[-1])
    )
