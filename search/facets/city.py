"""城市: the prefecture level, and what is governed directly by a province. A city always brings its province."""

from __future__ import annotations

from ..gazetteer import find_places
from .facet import Facet
from .places import Divisions, detect_places, province_of

CITY = Facet(
    key="city",
    label="城市",
    vocabulary=Divisions("city"),
    parent="province",
    parent_of=province_of,
    place=True,
    detect=detect_places,
    recognise=find_places,
)
