"""What it takes to hold the places of a query: an article is about one of them, about a part of it, or names it.

What holds in the province around a city, or everywhere, holds in the city too; it answers the rest of the question, but
does not hold the place. Several places are alternatives; of a place and what contains it the narrower one is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..facets import cities_of, province_of
from ..model import Clause, Named, Parsed
from .conditions import Condition, Every, Holds, Not, Some, unstated

ANYWHERE: Condition = Some((unstated("province"), Not(unstated("province"))))
"""Fulfilled by every article."""


@dataclass(frozen=True, slots=True)
class Within:
    """Articles that hold a place: they carry any of `clauses` (by index), or fulfil `about`.

    With `around`, also those that fulfil it and hold no place: they are within, but lack what the clauses say.
    """

    clauses: tuple[int, ...]
    about: Condition
    around: Condition | None = None

    @property
    def holding(self) -> Within:
        """Those that hold the place, and no others."""
        return self if self.around is None else replace(self, around=None)


def is_about(place: Named) -> Condition:
    """Return the condition that an article is about a place, or about a part of it."""
    if place.facet == "province" and (cities := cities_of(place.value)):
        return Some((Holds("province", (place.value,)), Holds("city", cities)))
    return Holds(place.facet, (place.value,))


def is_around(place: Named) -> Condition:
    """Return the condition that an article is about the province around a city and about no city, or about no place.

    What a country or a province says holds in its cities too.
    """
    if place.facet != "city":
        return unstated("province")
    return Some((Every((Holds("province", (province_of(place.value),)), unstated("city"))), unstated("province")))


def alternatives(places: Iterable[Named]) -> tuple[Named, ...]:
    """Return the places that a query asks for, each once, without those that contain another one of them."""
    each = {(place.facet, place.value): place for place in reversed(tuple(places))}
    around = {("province", province_of(value)) for facet, value in each if facet == "city"}
    return tuple(place for key, place in reversed(each.items()) if key not in around)


def places_asked_for(parsed: Parsed) -> tuple[Within, ...]:
    """Return what it takes to hold each of the places that the words of a query name."""
    asked = {number: clause for number, clause in enumerate(parsed.clauses) if clause.place and clause.kind == "word"}
    named = {clause.place for clause in asked.values()}
    return tuple(
        Within(tuple(_naming(place.value, asked, parsed)), is_about(place), is_around(place))
        for place in alternatives(place for place in parsed.places if place.value in named)
    )


def any_of(places: Sequence[Within]) -> Within:
    """Return what it takes to hold one of some places."""
    if len(places) == 1:
        return places[0]
    around = tuple(dict.fromkeys(place.around for place in places if place.around is not None))
    return Within(
        tuple(number for place in places for number in place.clauses),
        Some(tuple(place.about for place in places)),
        Some(around) if around else None,
    )


def _naming(value: str, asked: dict[int, Clause], parsed: Parsed) -> Iterable[int]:
    """Return the clauses that name a place itself; failing that, a county of it.

    Other words inside its name do not name it: 自治区.
    """
    starts = {place.start: place.county for place in parsed.places if place.value == value}
    own = [number for number, clause in asked.items() if clause.place == value]
    found = [number for number in own if parsed.clauses[number].start in starts] or own
    itself = [number for number in found if not starts.get(parsed.clauses[number].start)]
    return itself or found
