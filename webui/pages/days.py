"""Ranges of days that readers often want, as links."""

from __future__ import annotations

from datetime import date

from search import Article

from .links import Link
from .state import SearchState
from .wording import say

CALENDAR_YEARS = 3
"""So many years, this one first, can be chosen whole."""
LAST_YEARS = 5
AGED_YEARS = 2
"""An article of so many calendar years ago, or more, may have been overtaken: rules and figures are set by the year."""


def presets(state: SearchState, today: date) -> tuple[Link, ...]:
    """Return a link for each range; `today` is the day in Asia/Shanghai."""
    query = state.query
    links = []
    for year in range(today.year, today.year - CALENDAR_YEARS, -1):
        chosen = state.with_year(year)
        current = (query.date_from, query.date_to) == (chosen.query.date_from, chosen.query.date_to)
        links.append(Link(say("in-year", year=year), (state.without_days() if current else chosen).url(), current))
    first = _years_before(today, LAST_YEARS)
    current = query.date_from == first and query.date_to is None
    last = state.without_days() if current else state.with_from(first)
    return (*links, Link(say("past-five-years"), last.url(), current))


def age(article: Article, today: date) -> str:
    """Return what is to be said of how old an article is; empty if it is not, or if it says itself whether it holds."""
    if article.facets.get("status") or not article.date or today.year - article.date.year < AGED_YEARS:
        return ""
    return say("aged", year=article.date.year)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
