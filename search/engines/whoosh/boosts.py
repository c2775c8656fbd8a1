"""What an article gets beside its words: for the place and the insurance type it is about, and for being a full one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...facets import province_of
from ...model import UNSTATED, Direction, Parsed
from ...retrieval import ranking
from .counting import holds_value
from .layout import DIRECTIONS
from .segment import Segment
from .statistics import Part

Array = NDArray[Any]


def boosts(parsed: Parsed, segment: Segment, hits: Array) -> Iterator[Part]:
    """Yield what, where, and how much is added to each hit because of what the query names."""
    if parsed.places:
        yield from _place(parsed, segment, hits)
    if parsed.insurance:
        yield from _insurance(parsed, segment, hits)


def standing(parsed: Parsed, segment: Segment, hits: Array) -> Iterator[Part]:
    """Yield the same for what does not depend on the query, but for whether it names a place."""
    yield Part("full article", "kind", segment.arrays["full"].take(hits) * np.float32(ranking.ARTICLE_BOOST))
    if not parsed.places:
        nowhere = holds_value(segment, "province", (UNSTATED,), hits)
        yield Part("no place", "other place", nowhere * np.float32(ranking.ANYWHERE_BOOST))


def _place(parsed: Parsed, segment: Segment, hits: Array) -> Iterator[Part]:
    """Yield what articles about a place of the query get, those about its province, and those about no other place."""
    about, around, here = about_places(parsed, segment, hits)
    for place, held in zip(parsed.places, about, strict=True):
        yield Part(place.value, place.facet, held * np.float32(ranking.PLACE_BOOST))
    for province, held in around.items():
        yield Part(province, "province", held * np.float32(ranking.PROVINCE_BOOST))
    yield Part("no other place", "other place", here * np.float32(ranking.NO_OTHER_PLACE_BOOST))


def about_places(parsed: Parsed, segment: Segment, hits: Array) -> tuple[list[Array], dict[str, Array], Array]:
    """Tell of each place of the query which hits are about it; of each province around one, which are about it and no
    city; and which are about no other place: about any of these, or about none.

    An article that looks the other way (into the place, where the query looks out of it) is about another one.
    """
    same_way = _same_way(parsed, segment, hits)
    about = [holds_value(segment, place.facet, (place.value,), hits) & same_way for place in parsed.places]
    # What a country or a province says holds in its cities too.
    no_city = holds_value(segment, "city", (UNSTATED,), hits) & same_way
    provinces = dict.fromkeys(province_of(place.value) for place in parsed.places if place.facet == "city")
    around = {province: holds_value(segment, "province", (province,), hits) & no_city for province in provinces}
    nowhere = holds_value(segment, "province", (UNSTATED,), hits)
    return about, around, np.logical_or.reduce([*about, *around.values(), nowhere])


def _same_way(parsed: Parsed, segment: Segment, hits: Array) -> Array:
    """Tell which hits do not look the other way."""
    if parsed.direction is None:
        return np.ones(len(hits), dtype=np.bool_)
    opposite: Direction = "out" if parsed.direction == "into" else "into"
    same: Array = segment.arrays["direction"].take(hits) != DIRECTIONS.index(opposite)
    return same


def _insurance(parsed: Parsed, segment: Segment, hits: Array) -> Iterator[Part]:
    """Yield what articles about an insurance type of the query get, and those that are about no other one."""
    values = [named.value for named in parsed.insurance]
    fitting = holds_value(segment, "insurance", values, hits)
    yield Part("、".join(values), "insurance", fitting * np.float32(ranking.INSURANCE_BOOST))
    fitting |= holds_value(segment, "insurance", (UNSTATED,), hits)
    yield Part("no other insurance", "other insurance", fitting * np.float32(ranking.NO_OTHER_INSURANCE_BOOST))
