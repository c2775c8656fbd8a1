"""Ranges of days that readers often want, as links."""

from __future__ import annotations

from datetime import date

from .links import Link
from .state import SearchState
from .wording import say

YEARS = {1: "past-year", 2: "past-two-years", 5: "past-five-years"}


def presets(state: SearchState, today: date) -> tuple[Link, ...]:
    """Return a link for each range; `today` is the day in Asia/Shanghai."""
    query = state.query
    links = []
    for years, code in YEARS.items():
        first = _years_before(today, years)
        current = query.date_from == first and query.date_to is None
        links.append(Link(say(code), (state.without_from() if current else state.with_from(first)).url(), current))
    return tuple(links)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
