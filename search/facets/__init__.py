"""The facets of an article: province, city, insurance type, topic; their values, and how texts name them.

Knows the gazetteer and the text rules; must not know files, engines or pages. How each is decided:
docs/decisions/0020-facets.md.
"""

from __future__ import annotations

from .classification import Finding, classify, lint
from .declared import FACET_KEYS, FACETS, Facet
from .detection import find_insurance
from .values import label, place_names, province_of, resolve, values

__all__ = [
    "FACETS",
    "FACET_KEYS",
    "Facet",
    "Finding",
    "classify",
    "find_insurance",
    "label",
    "lint",
    "place_names",
    "province_of",
    "resolve",
    "values",
]
