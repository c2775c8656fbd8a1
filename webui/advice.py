"""Nothing found: what would bring something, with its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from search import FACETS, Parsed, Query, Results

from .filters import Chip
from .links import Link
from .state import SearchState

Answer = Callable[[Query], Results]


def advice(state: SearchState, parsed: Parsed, chips: tuple[Chip, ...], answer: Answer) -> tuple[Link, ...]:
    """Return a link for every way to relax the search that finds anything, the one that finds most first."""
    ways = {other.url(): (name, other) for name, other in _ways(state, parsed, chips)}.values()
    found = [(answer(replace(other.query, size=1)).total, name, other) for name, other in ways]
    return tuple(Link(name, other.url(), count=n) for n, name, other in sorted(found, key=lambda f: -f[0]) if n)


def _ways(state: SearchState, parsed: Parsed, chips: tuple[Chip, ...]) -> Iterator[tuple[str, SearchState]]:
    """Yield each way; of two with the same address the later name stands."""
    if len(chips) > 1:
        yield "去掉全部筛选", state.without_filters()
    for facet in FACETS:  # one of several values less brings nothing: any of them would do
        crowd = [chip.label for chip in chips if chip.facet == facet.key]
        if len(crowd) > 1:
            yield f"不限{facet.label}", state.without_facet(facet.key)
        elif crowd:
            yield f"去掉“{crowd[0]}”", state.without_facet(facet.key)
    for chip in chips:
        if not chip.facet:
            yield f"去掉“{chip.label}”", chip.without
    if chips and parsed.clauses:
        yield "不限文字，只留筛选条件", state.with_text("")
    kinds = {clause.kind for clause in parsed.clauses}
    if "phrase" in kinds:
        yield "去掉引号", state.with_text(_written(parsed, phrase="{}"))
    if "excluded" in kinds:
        yield "不排除任何词", state.with_text(_written(parsed, excluded=""))


def _written(parsed: Parsed, phrase: str = '"{}"', excluded: str = "-{}") -> str:
    """Return the query written anew from its parts."""
    forms = {"phrase": phrase, "excluded": excluded}
    parts = (forms.get(clause.kind, "{}").format(clause.text) for clause in parsed.clauses)
    return " ".join(part for part in parts if part)
