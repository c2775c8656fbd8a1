"""省份: the province level, municipalities and special regions among it."""

from __future__ import annotations

from ..gazetteer import find_places
from .facet import Facet
from .places import Divisions, detect_places

PROVINCE = Facet(
    key="province",
    label="省份",
    vocabulary=Divisions("province"),
    place=True,
    detect=detect_places,
    recognise=find_places,
)
