"""The filter column and the chips, as finished values: every label, count and address is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from search import FACETS, UNSTATED, Facet, FacetCount, Facets, Results

from .areas import applied_area
from .spellings import spelling
from .state import SearchState, holds
from .wording import say

SHOWN = 8
"""Values of a facet shown before 更多."""

LONG = 12
"""Stated values of a facet from which on it can be searched."""


OPEN = 2
"""So many facets that are no places are open where there is little room."""


@dataclass(frozen=True, slots=True)
class Option:
    """One checkbox. `spell` is how it sounds; `cities` nests the values that this one contains, once it is chosen."""

    id: str
    key: str
    value: str
    label: str
    count: int
    selected: bool
    spell: str
    cities: Options | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """A list of checkboxes: the first few, the rest for behind 更多, and the one for articles that state no value.

    A long one can be searched (`find`); one that `folds` is folded where there is little room.
    """

    id: str
    label: str
    shown: tuple[Option, ...]
    more: tuple[Option, ...]
    unstated: Option | None
    find: bool
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the search without it; `facet` is its key, empty for what is no value of one."""

    facet: str
    label: str
    without: SearchState
    url: str


def facet_groups(results: Results, facets: Facets) -> tuple[Options, ...]:
    """Return the groups of checkboxes in declared order.

    A chosen province carries its cities; cities without a chosen province stand in a group of their own and say where
    they are (黑龙江 · 黑河).
    """
    places = {facet.key for facet in facets.places}
    open_ = [facet.key for facet in facets if facet.key not in places][:OPEN]
    groups = (replace(_group(facet, results, facets), folds=facet.key not in open_) for facet in facets)
    return tuple(group for group in groups if group.shown or group.unstated)


def _group(facet: Facet, results: Results, facets: Facets) -> Options:
    counts: Sequence[FacetCount] = results.facets[facet.key]
    if facet.parent:
        parents = results.query.filters.get(facet.parent, ())
        options = [
            _option(facet.key, c, flat_label(facet.key, c.value, facets))
            for c in counts
            if _stays_flat(facet, c, parents)
        ]
        return _options(facet.key, facet.label, options)
    child = next(iter(facets.children(facet.key)), None)
    return _options(
        facet.key,
        facet.label,
        [_option(facet.key, c, c.label, _nested(child, c, results) if child and c.selected else None) for c in counts],
    )


def _stays_flat(facet: Facet, count: FacetCount, parents: Sequence[str]) -> bool:
    if any(holds(parent, facet, count.value, parents) for parent in parents):
        return False
    return count.selected or count.value == UNSTATED or set(parents) <= {UNSTATED}


def _nested(child: Facet, province: FacetCount, results: Results) -> Options | None:
    provinces = results.query.filters[child.parent]
    inside = [c for c in results.facets[child.key] if holds(province.value, child, c.value, provinces)]
    if all(c.value == UNSTATED and not c.selected for c in inside):  # a municipality: all of its articles
        return None
    name = say("facet-of", value=province.label, facet=child.label)
    return _options(f"{child.key}-{province.value}", name, [_option(child.key, c, c.label) for c in inside])


def _options(id_: str, name: str, options: list[Option]) -> Options:
    """Return the options with 未注明 last: it is no value, and says nothing by standing between two that are."""
    unstated = next((option for option in options if option.value == UNSTATED), None)
    stated = [option for option in options if option is not unstated]
    first = max(SHOWN, sum(option.selected for option in stated))
    if len(stated) == first + 1:  # 更多 over a single value would take the same room
        first += 1
    return Options(id_, name, tuple(stated[:first]), tuple(stated[first:]), unstated, LONG <= len(stated) != first)


def _option(key: str, count: FacetCount, name: str, cities: Options | None = None) -> Option:
    return Option(f"{key}-{count.value}", key, count.value, name, count.count, count.selected, _spell(name), cities)


def _spell(name: str) -> str:
    return " ".join(spelling(part) for part in name.split(" · "))


def flat_label(key: str, value: str, facets: Facets = FACETS) -> str:
    """Return the label of a value that stands alone: a city with its province, an unstated one with its facet."""
    facet = facets[key]
    if facet.parent and value != UNSTATED:
        return f"{facets.label(facet.parent, facet.parent_of(value))} · {facet.label_of(value)}"
    return facet.label_of(value)


def chip_label(facet: Facet, value: str) -> str:
    """Return a value's label where it stands without its facet: an unstated one names it."""
    return f"{facet.label}{UNSTATED}" if value == UNSTATED else facet.label_of(value)


def chips(state: SearchState) -> tuple[Chip, ...]:
    """Return one chip for each active filter, facets first, then the days."""
    return tuple(Chip(facet, name, without, without.url()) for facet, name, without in _active(state))


def _active(state: SearchState) -> Iterator[tuple[str, str, SearchState]]:
    query = state.query
    if area := applied_area(state):
        yield "", say("applies-in", place=area.label), state.with_places({})
    for facet in state.facets:
        if area and facet.key in area.filters:
            continue
        for value in query.filters.get(facet.key, ()):
            yield facet.key, chip_label(facet, value), state.without_facet(facet.key, value)
    if query.date_from:
        yield "", say("from", first=query.date_from), state.without_from()
    if query.date_to:
        yield "", say("to", last=query.date_to), state.without_to()
