"""Headings and tables that are marked: writes plain text and notes where each section and each cell stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from ..model import Section, Span, Table
from .decoding import clean

Heading = tuple[int, int, int, str]
"""Where the heading line starts and ends, its level, its words."""


def sections_at(headings: Iterable[Heading], length: int) -> tuple[Section, ...]:
    """Return the sections that `headings` (in order) make of a text of `length` characters; anchors are s1, s2 …"""
    found = list(headings)
    if not found:
        return ()
    ends = [start for start, _, _, _ in found[1:]] + [length]
    return tuple(
        Section(heading=words, level=level, start=start, body=body, end=end, anchor=f"s{number}")
        for number, ((start, body, level, words), end) in enumerate(zip(found, ends, strict=True), 1)
    )


class Covered(Enum):
    """What stands in a row of a table in the place of a cell: that the cell to the left, or the one above, spans it."""

    LEFT = "left"
    ABOVE = "above"


Cell = str | Covered
BETWEEN_CELLS = " | "


class Written(NamedTuple):
    """The text of an outline, with the sections and tables that stand in it."""

    text: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]


class Outline:
    """Collects blocks in reading order. A heading at the very top that only repeats `title` is left out."""

    def __init__(self, title: str = "") -> None:
        """Start empty."""
        self._title = title
        self._pieces: list[str] = []
        self._headings: list[Heading] = []
        self._tables: list[Table] = []
        self._length = 0
        self._group = ""

    def heading(self, level: int, words: str) -> None:
        """Add a heading line."""
        line = " ".join(clean(words).split())
        if line and (self._length or line != self._title):
            start = self._add(line, "")
            self._headings.append((start, self._length, level, line))

    def block(self, text: str, group: str = "") -> int:
        """Add a paragraph; lines of one `group` (a list's items) follow each other directly. Return where it begins."""
        body = clean(text).strip("\n").rstrip()
        return self._add(body, group) if body else self._length

    def table(self, rows: Sequence[Sequence[Cell]], header: int = 0) -> list[int]:
        """Add a table, a line a row, the cells of a line with “ | ” between them; rows without words are left out.

        Return where each of the rows begins.

        `header` is how many of the rows, from the first, name the columns. A row may be shorter than others: what it
        lacks are empty cells. A cell that others are covered by is written once.
        """
        width = max(map(len, rows), default=0)
        spans: list[tuple[Span, ...]] = []
        starts: list[int] = []
        written_header = 0
        self._group = ""  # so that a table right after another begins a paragraph of its own
        for number, row in enumerate(rows):
            cells = [cell if isinstance(cell, Covered) else " ".join(clean(cell).split()) for cell in row]
            if not any(cell and not isinstance(cell, Covered) for cell in cells):
                starts.append(self._length)
                continue
            written_header += number < header
            line = BETWEEN_CELLS.join(cell for cell in cells if not isinstance(cell, Covered))
            at = self._add(line.rstrip(), "table")
            starts.append(at)
            found: list[Span] = []
            for cell in cells:
                if isinstance(cell, Covered):
                    above = spans[-1] if spans and cell is Covered.ABOVE else ()
                    found.append(above[len(found)] if len(found) < len(above) else found[-1] if found else (at, at))
                    continue
                begin = min(at, self._length)
                found.append((begin, begin + len(cell)))
                at = begin + len(cell) + len(BETWEEN_CELLS)
            spans.append((*found, *[(self._length, self._length)] * (width - len(found))))
        if spans:
            self._tables.append(Table(spans[0][0][0], self._length, tuple(spans), written_header))
        return starts

    def finish(self) -> Written:
        """Return what was written."""
        return Written("".join(self._pieces), sections_at(self._headings, self._length), tuple(self._tables))

    def _add(self, piece: str, group: str) -> int:
        gap = "" if not self._length else "\n" if group and group == self._group else "\n\n"
        start = self._length + len(gap)
        self._pieces += (gap, piece)
        self._length = start + len(piece)
        self._group = group
        return start
