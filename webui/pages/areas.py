"""适用于我: what applies to somebody insured in a place: the city's articles, its province's, those for anywhere.

It is an ordinary combination of filters, so its counts are exact: province is P or 未注明, and city is X or 未注明. As
an article of a city always has the city's province, that is (X) or (P, no city) or (no place at all).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search import UNSTATED, Article, label, province_of, values

from .state import SearchState
from .wording import say


@dataclass(frozen=True, slots=True)
class Area:
    """A city and its province; a municipality is a province without a `city`."""

    province: str
    city: str = ""

    @property
    def label(self) -> str:
        """The short name of the place."""
        return label("city", self.city) if self.city else label("province", self.province)

    @property
    def value(self) -> str:
        """The official name of the place."""
        return self.city or self.province

    @property
    def whole(self) -> str:
        """What the level above the city is called."""
        return say("whole-region" if self.province.endswith("自治区") else "whole-province")

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The facet values that let through what applies here."""
        cities = {"city": (self.city, UNSTATED)} if self.city else {}
        return {"province": (self.province, UNSTATED), **cities}

    @property
    def only(self) -> Mapping[str, tuple[str, ...]]:
        """The facet values of the place alone."""
        return {"city": (self.city,)} if self.city else {"province": (self.province,)}

    def level_of(self, article: Article) -> str:
        """Return on which level an article applies here: 本市, 全省 (全区), or 通用 when it states no place."""
        if self.city and self.city in article.facets.get("city", ()):
            return say("this-city")
        if self.province in article.facets.get("province", ()):
            return self.whole if self.city else say("this-city")
        return say("anywhere")


def chosen_area(state: SearchState) -> Area | None:
    """Return the one place that the filters name, if they name exactly one city or municipality."""
    filters = state.query.filters
    cities = [value for value in filters.get("city", ()) if value != UNSTATED]
    provinces = [value for value in filters.get("province", ()) if value != UNSTATED]
    if len(cities) == 1 and set(provinces) <= {province_of(cities[0])}:
        return Area(province_of(cities[0]), cities[0])
    if not filters.get("city") and len(provinces) == 1 and _is_municipality(provinces[0]):
        return Area(provinces[0])
    return None


def applied_area(state: SearchState) -> Area | None:
    """Return the place if the search is switched to all that applies there."""
    area = chosen_area(state)
    filters = state.query.filters
    on = area and all(set(filters.get(key, ())) == set(wanted) for key, wanted in area.filters.items())
    return area if on else None


def _is_municipality(province: str) -> bool:
    return all(province_of(city) != province for city in values("city"))
