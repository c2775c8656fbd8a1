"""When each article has which status: computed when a build is written, so that a day is asked for like a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from ...arrays import Array
from ...retrieval.validity import UNKNOWN, Statuses, Validities, statuses, taken
from .documents import Step
from .statistics import Valid

_LONG_AGO = date.min.toordinal()
_SAME_DAY = 2_000_000
"""A day to which the days of articles are moved that have nothing to do with each other, to look at all of them at
once: far from 0, which stands for no day, and still one that there is."""


def steps_of(valid: Valid) -> Mapping[str, tuple[Step, ...]]:
    """Return id → the steps of its status, for the articles that ever have one."""
    known = valid.known
    related = _related(known)
    found = {**_apart(valid, ~related), **_together(valid, related)}
    return {article_id: steps for article_id, steps in found.items() if any(step.code for step in steps)}


def _related(known: Validities) -> Array:
    """Tell which articles share their work with another one, or repeal one, or are repealed."""
    works, count = np.unique(known.works, return_counts=True)
    shared = known.works.astype(np.bool_) & np.isin(known.works, works[count > 1])
    related = shared | np.isin(known.works, known.repealed)
    related[known.repealing] = True
    return related


def _apart(valid: Valid, chosen: Array) -> Mapping[str, tuple[Step, ...]]:
    """Return the steps of articles whose status depends on nothing but themselves."""
    rows = np.flatnonzero(chosen)
    known = taken(valid.known, chosen, 0)
    days = [np.full(len(rows), _LONG_AGO)]
    days += [np.where(known.effective == UNKNOWN, _LONG_AGO, known.effective)]
    days += [np.where(known.expires == UNKNOWN, _LONG_AGO, known.expires + 1)]
    looked_at = [(day, _on_own_days(known, day)) for day in days]
    found = {}
    for place, row in enumerate(rows.tolist()):
        on = dict(sorted((int(day[place]), int(codes[place])) for day, codes in looked_at))
        found[valid.ids[row]] = _steps((day, code, "") for day, code in on.items())
    return found


def _on_own_days(known: Validities, days: Array) -> Array:
    """Return the code of each article on a day of its own: all days are moved so that these are one and the same."""
    moved = {
        name: np.where(column == UNKNOWN, UNKNOWN, column - days + _SAME_DAY)
        for name in ("effective", "expires", "version")
        for column in (getattr(known, name).astype(np.int64),)
    }
    return statuses(known._replace(**moved), date.fromordinal(_SAME_DAY)).codes


def _together(valid: Valid, chosen: Array) -> Mapping[str, tuple[Step, ...]]:
    """Return the steps of articles whose statuses depend on each other, on each day that matters to any of them."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return {}
    held = taken(valid.known, chosen, 0)
    numbers = (np.cumsum(chosen) - 1).astype(np.uint32)
    known = held._replace(rows=numbers.take(held.rows), repealing=numbers.take(held.repealing))
    dated = np.concatenate([known.effective, known.version, known.expires + (known.expires != UNKNOWN)])
    days = sorted({_LONG_AGO, *dated[(dated > _LONG_AGO) & (dated <= date.max.toordinal())].tolist()})
    ids = [valid.ids[row] for row in rows.tolist()]
    changes: list[list[tuple[int, int, str]]] = [[] for _ in ids]
    before: Statuses | None = None
    for day in days:
        now = statuses(known, date.fromordinal(day))
        differing = np.arange(len(ids))
        if before:
            other = (now.codes != before.codes) | (now.replaced_by != before.replaced_by)
            differing = np.flatnonzero(other)
        for row in differing.tolist():
            by = int(now.replaced_by[row])
            changes[row].append((day, int(now.codes[row]), ids[by] if by >= 0 else ""))
        before = now
    return {article_id: _steps(each) for article_id, each in zip(ids, changes, strict=True)}


def _steps(changes: Iterable[tuple[int, int, str]]) -> tuple[Step, ...]:
    """Return the changes that are any; none stands at the beginning of all days."""
    found: list[Step] = []
    for change in changes:
        step = Step(*change)
        if step[1:] != (found[-1][1:] if found else (0, "")):
            found.append(step)
    return tuple(found)
