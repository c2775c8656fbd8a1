"""Facets as data, to be kept beside a build: what answers need to know, so not how values were found.

A shipped facet is told by its key alone: which names its values go by is this program's business, not the build's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .collection import Facets
from .facet import Facet
from .shipped import FACETS
from .vocabulary import AnyValue, ListedValues

Declaration = dict[str, Any]


def declarations(facets: Facets) -> list[Declaration]:
    """Return facets as JSON objects, in order. Raises ValueError for one that cannot be told by data."""
    return [{"key": facet.key} if _is_shipped(facet) else _declaration(facet) for facet in facets]


def facets_declared(declared: Sequence[Declaration]) -> Facets:
    """Return the facets that `declarations` told. Raises ValueError, KeyError or TypeError for what it did not tell."""
    found = tuple(FACETS[each["key"]] if len(each) == 1 else _facet(**each) for each in declared)
    return FACETS if found == FACETS.declared else Facets(found)


def _is_shipped(facet: Facet) -> bool:
    return facet.key in FACETS and FACETS[facet.key] is facet


def _declaration(facet: Facet) -> Declaration:
    vocabulary = facet.vocabulary
    if facet.parent or facet.place or facet.recognise or not isinstance(vocabulary, AnyValue | ListedValues):
        raise ValueError(f"facet {facet.key} is more than a field with values: list it in search/facets/shipped.py")
    listed = vocabulary if isinstance(vocabulary, ListedValues) else None
    return {
        "key": facet.key,
        "label": facet.label,
        "unstated": facet.unstated,
        "default": facet.default,
        "values": listed and list(listed.values),
        "names": listed and dict(listed.names),
        "order": list(facet.order),
    }


def _facet(  # noqa: PLR0913, PLR0917 - the fields of a declaration
    key: str,
    label: str,
    unstated: bool,
    default: str,
    values: list[str] | None,
    names: dict[str, str] | None,
    order: Sequence[str] = (),
) -> Facet:
    vocabulary = AnyValue() if values is None or names is None else ListedValues(tuple(values), names)
    return Facet(key, label, vocabulary, unstated=unstated, default=default, order=tuple(order))
