"""Facet values for articles: what the source states, made official, and for the rest what the rules detect.

Knows no facet by name. A stated value brings the one that contains it; a stated container admits only what lies inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import UserError
from ..model import UNSTATED, Article, Evidence
from .collection import Facets
from .facet import Detect, Facet
from .folded_article import fold_article
from .shipped import FACETS

Given = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OddMetadata:
    """Something odd about what a source states of an article: a stable code, the facet, the value, a sentence.

    The code is `unknown-value`, or `city-outside-province` with the keys of the facets in question.
    """

    code: str
    facet: str
    value: str
    message: str


def classify(article: Article, facets: Facets = FACETS) -> Article:
    """Return the article with all facets filled in and the evidence for every value.

    A facet that the article already has is kept, its values made official (unknown ones left out: `odd_metadata`
    reports them); a facet given without any value stays empty, that is 未注明. What the source states of no facet is
    dropped. Never raises for what an article says. Derived facets are left out.
    """
    facets = facets.stored
    said = facets.fields.marked(article.facets, article.source)
    stated = {facet.key: _official(facet, said[facet.key]) for facet in facets if facet.key in said}
    given = {key: values for key, values in stated.items() if values or set(said[key]) <= {UNSTATED}}
    evidence = [each for key, values in given.items() for each in _stated(key, values)]
    found = dict(given)
    if len(given) < len(facets):
        detected = list(_detected(article, given, facets))
        evidence += detected
        for key in facets.keys:
            if key not in given:
                found[key] = tuple(dict.fromkeys(each.value for each in detected if each.facet == key))
    in_order = {facet.key: found[facet.key] or ((facet.default,) if facet.default else ()) for facet in facets}
    return replace(article, facets=in_order, evidence=(*article.evidence, *evidence))


def odd_metadata(article: Article, facets: Facets = FACETS) -> list[OddMetadata]:
    """Return what is odd in the metadata of an article as read: unknown values, cities outside its provinces."""
    stated, facets = article.facets, facets.stored
    unknown = [odd for facet in facets if facet.key in stated for odd in _unknown(facet, stated[facet.key])]
    outside = [
        odd
        for facet in facets
        if facet.parent in stated and facet.key in stated
        for odd in _outside(facet, facets[facet.parent], stated[facet.key], stated[facet.parent])
    ]
    return [*unknown, *outside]


# What articles state is remembered, as thousands state the same.
@lru_cache(maxsize=1 << 12)
def _stated(key: str, values: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(key, value, "stated by the source", "metadata") for value in values)


@lru_cache(maxsize=1 << 12)
def _unknown(facet: Facet, raw: tuple[str, ...]) -> tuple[OddMetadata, ...]:
    found = []
    for each in raw:
        try:
            facet.resolve(each)
        except UserError as error:
            found.append(OddMetadata("unknown-value", facet.key, each, error.detail))
    return tuple(found)


@lru_cache(maxsize=1 << 12)
def _outside(
    facet: Facet, parent: Facet, inside: tuple[str, ...], containers: tuple[str, ...]
) -> tuple[OddMetadata, ...]:
    around = _official(parent, containers)
    code = f"{facet.key}-outside-{parent.key}"
    return tuple(
        OddMetadata(code, facet.key, raw, f"{value} lies in {facet.parent_of(value)}, not in {', '.join(around)}")
        for raw in inside
        for value in _official(facet, (raw,))
        if around and facet.parent_of(value) not in around
    )


@lru_cache(maxsize=1 << 12)
def _official(facet: Facet, raw: tuple[str, ...]) -> tuple[str, ...]:
    """The official values among `raw`, without unstated and unknown ones."""
    found: dict[str, None] = {}
    for each in raw:
        try:
            value = facet.resolve(each)
        except UserError:
            continue
        if value != UNSTATED:
            found[value] = None
    return tuple(found)


def _detected(article: Article, given: Given, facets: Facets) -> Iterator[Evidence]:
    """Yield evidence for the facets that are not given, in keeping with those that are."""
    folded = fold_article(article)
    settled = set(given)
    asked: set[Detect] = set()
    for facet in facets:
        if facet.key in settled:
            continue
        if brought := list(_brought(facet, given, facets)):
            settled.add(facet.key)
            yield from brought
        elif facet.detect and facet.detect not in asked:
            # One rule may speak of several facets: its evidence stays together, in order of appearance.
            asked.add(facet.detect)
            for each in facet.detect(folded):
                if each.facet in facets and each.facet not in settled and _is_admitted(each, given, facets):
                    yield each


def _brought(facet: Facet, given: Given, facets: Facets) -> Iterator[Evidence]:
    """Yield evidence for the values that contain stated ones: a stated city brings its province."""
    for child in facets.children(facet.key):
        for value in given.get(child.key, ()):
            yield Evidence(facet.key, child.parent_of(value), f"stated {child.key}", "metadata")


def _is_admitted(evidence: Evidence, given: Given, facets: Facets) -> bool:
    """Tell whether a value lies inside what the source states: a stated province admits only cities of its own."""
    facet = facets[evidence.facet]
    return facet.parent not in given or facet.parent_of(evidence.value) in given[facet.parent]
