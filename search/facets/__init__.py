"""The facets of an article: province, city, insurance type, topic; their values, and how texts name them.

A module a facet, and one list of them (`shipped`). Knows the gazetteer and the text rules; must not know files to
index, engines or pages. How each is decided: docs/decisions/0020-facets.md.
"""

from __future__ import annotations

from .classification import OddMetadata, classify, odd_metadata
from .collection import Facets
from .declaring import declarations, facets_declared
from .facet import Facet, facet_of_field
from .field_map import FieldMap
from .official import OFFICIAL, OFFICIAL_VALUE
from .places import cities_of, province_of
from .shipped import FACET_KEYS, FACETS, label, resolve, values

__all__ = [
    "FACETS",
    "FACET_KEYS",
    "OFFICIAL",
    "OFFICIAL_VALUE",
    "Facet",
    "Facets",
    "FieldMap",
    "OddMetadata",
    "cities_of",
    "classify",
    "declarations",
    "facet_of_field",
    "facets_declared",
    "label",
    "odd_metadata",
    "province_of",
    "resolve",
    "values",
]
