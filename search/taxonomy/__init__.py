"""Facets of an article: provinces and cities (gazetteer and place finder), insurance types, topics.

`classify` fills them in with evidence, `lint` reports odd metadata, `find_places` and
`find_insurance` read queries; `resolve`, `label`,
`province_of` and `values` speak of values. How each decision is made: docs/decisions/0020-facets.md.
"""

from __future__ import annotations

from .about import find_insurance
from .classification import Finding, classify, lint
from .places import find_places
from .values import label, place_names, province_of, resolve, values

__all__ = [
    "Finding",
    "classify",
    "find_insurance",
    "find_places",
    "label",
    "lint",
    "place_names",
    "province_of",
    "resolve",
    "values",
]
