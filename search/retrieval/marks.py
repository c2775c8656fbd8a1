"""Where a query's words stand in a folded text, and how much each occurrence tells.

A mark is a literal occurrence (`text.occurrences`) of a clause's form in the folded text, so it is found by the same
rule that made the article match. Folding moves no character: the offsets hold in the original text.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from ..model import Clause, Form, Parsed, Span
from ..text import occurrences

_WANTED = frozenset({"word", "phrase", "optional"})
_SEEN_FACTOR = 0.1
_OPTIONAL_FACTOR = 0.5
_LONGEST_COUNTED = 4
"""A form of four characters tells as much as a longer one; a single character a quarter of that."""


_start = attrgetter("start")


class Mark(NamedTuple):
    """An occurrence of a form: where, of which clause (by index), and how much it tells."""

    start: int
    end: int
    clause: int
    weight: float


def is_wanted(clause: Clause) -> bool:
    """Tell whether a clause is looked for at all: what is excluded, and question words, are not."""
    return clause.kind in _WANTED


def marks_of(parsed: Parsed, folded: str, most: int | None = None) -> list[Mark]:
    """Return the occurrences of every wanted form, all or the first `most` of each, in text order."""
    marks = []
    for index, clause in enumerate(parsed.clauses):
        if not is_wanted(clause):
            continue
        for form in clause.forms:
            if found := occurrences(form.text, folded)[:most]:
                tells = weight(clause, form)
                marks += [Mark(start, end, index, tells) for start, end in found]
    return sorted(marks, key=_start)


def held(parsed: Parsed, folded: str) -> float:
    """Return what is told by the clauses that occur: each by the form that tells most."""
    return sum(
        max((weight(clause, form) for form in clause.forms if occurrences(form.text, folded)), default=0.0)
        for clause in parsed.clauses
        if is_wanted(clause)
    )


def weight(clause: Clause, form: Form) -> float:
    """Return how much an occurrence of a form of a clause tells."""
    kind_factor = _OPTIONAL_FACTOR if clause.kind == "optional" else 1.0
    return kind_factor * form.weight * min(len(form.text), _LONGEST_COUNTED)


def told(marks: Iterable[Mark], seen: frozenset[int] = frozenset()) -> float:
    """Return what marks tell together: each clause once, hardly anything for one that is shown already (`seen`)."""
    best: dict[int, float] = {}
    for mark in marks:
        best[mark.clause] = max(best.get(mark.clause, 0.0), mark.weight)
    return sum(weight * (_SEEN_FACTOR if clause in seen else 1.0) for clause, weight in best.items())


def merged(ranges: Iterable[Span]) -> tuple[Span, ...]:
    """Join touching and overlapping ranges; the input is in order of starts."""
    joined: list[Span] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
