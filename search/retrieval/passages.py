"""Which sentences and table rows of an article speak of what was asked: snippets and the answer on top choose of them.

A row holds the words of its heads and of what it shares with other rows, too. Pure: texts are read, no engine is asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ..model import Span
from .marks import Mark, told
from .rows import AMOUNT, Row
from .sentences import SentenceView

_HEADING_FACTOR = 0.5
_AMOUNT_FACTOR = 1.5
_start = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or a row of a table that holds marks, and its range. `factor` is what its kind does to its worth."""

    bounds: Span
    marks: tuple[Mark, ...]
    factor: float
    row: Row | None = None

    @property
    def clauses(self) -> frozenset[int]:
        """The clauses of the query that it speaks of, by index."""
        return frozenset(mark.clause for mark in self.marks)

    def worth(self, seen: frozenset[int]) -> float:
        """Return how much it tells of the query beside clauses that were `seen`."""
        return self.factor * told(self.marks, seen)


def passages(view: SentenceView, marks: list[Mark], asks_amount: bool) -> list[Passage]:
    """Return the sentences and rows that hold marks, in text order; a row holds those of its heads, too."""
    within: dict[Span, list[Mark]] = {}
    rows: dict[Span, Row] = {}
    for mark in marks:
        if row := view.rows.at(mark.start):
            rows[row.start, row.end] = row
        elif mark.start >= 0:
            within.setdefault(view.bounds(view.index(mark.start)), []).append(mark)
    heads: dict[int, list[Mark]] = {}
    for bounds, row in rows.items():
        if row.table not in heads:
            heads[row.table] = _best_of_each(inside(marks, view.rows.header(row)))
        above = [mark for span in view.rows.shared(row) for mark in inside(marks, span)]
        within[bounds] = [*heads[row.table], *above, *inside(marks, bounds)]
    found = []
    for bounds, group in sorted(within.items()):
        factor = _HEADING_FACTOR if view.is_heading(view.index(bounds[0])) else 1.0
        if asks_amount and (AMOUNT.search(view.cut(bounds)) or (bounds in rows and _says_amount(view, rows[bounds]))):
            factor *= _AMOUNT_FACTOR
        found.append(Passage(bounds, tuple(group), factor, rows.get(bounds)))
    return found


def inside(marks: Sequence[Mark], span: Span) -> Sequence[Mark]:
    """Return the marks that begin in a range."""
    return marks[bisect_left(marks, span[0], key=_start) : bisect_left(marks, span[1], key=_start)]


def _best_of_each(marks: Iterable[Mark]) -> list[Mark]:
    """Return of each clause the mark that tells most."""
    return list({mark.clause: mark for mark in sorted(marks, key=lambda mark: mark.weight)}.values())


def _says_amount(view: SentenceView, row: Row) -> bool:
    return any(view.rows.is_amount(cell.span) for cell in view.rows.cells(row) if not cell.leads)
