"""What an article gets beside its words: for the place and the insurance type it is about, and for being a full one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..facets import province_of
from ..facets.status import EXPIRED, REPLACED
from ..model import Direction, Parsed
from . import ranking
from .conditions import Condition, Every, Holds, IsFull, Looks, Not, Some, unstated


@dataclass(frozen=True, slots=True)
class Boost:
    """`weight` is added to the score of an article that fulfils `condition`; `what` and `where` are for `explain`."""

    what: str
    where: str
    weight: float
    condition: Condition


@dataclass(frozen=True, slots=True)
class Boosts:
    """The boosts of a query.

    `standing` do not depend on what is asked, but for whether a place is named, so that an engine may add them up once
    for all documents. `not_elsewhere` holds of an article that is about no other place than the query; None if that
    names none.
    """

    asked: tuple[Boost, ...] = ()
    standing: tuple[Boost, ...] = ()
    not_elsewhere: Condition | None = None


NO_BOOSTS = Boosts()


def boosts_of(parsed: Parsed) -> Boosts:
    """Return what the places and the insurance types of a query are worth to the articles about them."""
    if not parsed.places:
        return Boosts(_insurance(parsed), _standing(ranking.ARTICLE_BOOST, ranking.ANYWHERE_BOOST))
    places, not_elsewhere = _places(parsed)
    return Boosts((*places, *_insurance(parsed)), _standing(ranking.ARTICLE_BOOST), not_elsewhere)


@lru_cache(maxsize=8)
def _standing(full: float, anywhere: float | None = None) -> tuple[Boost, ...]:
    """Return the boosts of full articles and, where no place is named, of those about none: always the same value."""
    boosts = [
        Boost("full article", "kind", full, IsFull()),
        Boost("replaced", "status", ranking.REPLACED, Holds("status", REPLACED)),
        Boost("expired", "status", ranking.EXPIRED, Holds("status", (EXPIRED,))),
    ]
    if anywhere is not None:
        boosts.append(Boost("no place", "other place", anywhere, unstated("province")))
    return tuple(boosts)


def _places(parsed: Parsed) -> tuple[list[Boost], Condition]:
    """Return what articles about a place of the query get, those about its province, and those about no other place;
    and which are about no other place: about any of these, or about none.

    An article that looks the other way (into the place, where the query looks out of it) is about another one.
    """
    same_way = _same_way(parsed.direction)
    places = tuple(dict.fromkeys((place.facet, place.value) for place in parsed.places))
    about = [Every((Holds(facet, (value,)), *same_way)) for facet, value in places]
    provinces = dict.fromkeys(province_of(value) for facet, value in places if facet == "city")
    # What a country or a province says holds in its cities too.
    around = {name: Every((Holds("province", (name,)), unstated("city"), *same_way)) for name in provinces}
    not_elsewhere = Some((*about, *around.values(), unstated("province")))
    boosts = [
        Boost(value, facet, ranking.PLACE_BOOST, condition)
        for (facet, value), condition in zip(places, about, strict=True)
    ]
    boosts += [Boost(name, "province", ranking.PROVINCE_BOOST, condition) for name, condition in around.items()]
    boosts.append(Boost("no other place", "other place", ranking.NO_OTHER_PLACE_BOOST, not_elsewhere))
    return boosts, not_elsewhere


def _same_way(direction: Direction | None) -> tuple[Condition, ...]:
    """Return what is asked of articles so that they do not look the other way."""
    if direction is None:
        return ()
    return (Not(Looks("out" if direction == "into" else "into")),)


def _insurance(parsed: Parsed) -> tuple[Boost, ...]:
    """Return what articles about an insurance type of the query get, and those that are about no other one."""
    if not parsed.insurance:
        return ()
    values = tuple(named.value for named in parsed.insurance)
    fitting = Holds("insurance", values)
    return (
        Boost("、".join(values), "insurance", ranking.INSURANCE_BOOST, fitting),
        Boost(
            "no other insurance",
            "other insurance",
            ranking.NO_OTHER_INSURANCE_BOOST,
            Some((fitting, unstated("insurance"))),
        ),
    )
