"""Facet values for articles: what the source states, made official, and for the rest what the rules detect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import UserError
from ..facets import FACET_KEYS
from ..model import UNSTATED, Article, Evidence
from .about import insurance, places, read, topics
from .values import province_of, resolve

NO_TOPIC = "其他"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd about the metadata of an article: a stable code, the facet, the value as written, a sentence."""

    code: Literal["unknown-value", "city-outside-province"]
    facet: str
    value: str
    message: str


def classify(article: Article) -> Article:
    """Return the article with all four facets filled in and the evidence for every value.

    A facet that the article already has is kept, its values made official (unknown ones left out: `lint` reports
    them); a facet given without any value stays empty, that is 未注明. Never raises for what an article says.
    """
    stated = {key: _official(key, article.facets[key]) for key in FACET_KEYS if key in article.facets}
    given = {key: values for key, values in stated.items() if values or set(article.facets[key]) <= {UNSTATED}}
    evidence = [
        Evidence(key, value, "stated by the source", "metadata") for key, values in given.items() for value in values
    ]
    if len(given) < len(FACET_KEYS):
        evidence += _detected(article, given)
    facets = {key: tuple(dict.fromkeys(each.value for each in evidence if each.facet == key)) for key in FACET_KEYS}
    facets["topic"] = facets["topic"] or (NO_TOPIC,)
    return replace(article, facets=facets, evidence=(*article.evidence, *evidence))


def lint(article: Article) -> list[Finding]:
    """Return what is odd in the metadata of an article as read: unknown values, cities outside its provinces."""
    findings: list[Finding] = []
    for key in FACET_KEYS:
        for raw in article.facets.get(key, ()):
            try:
                resolve(key, raw)
            except UserError as error:
                findings.append(Finding("unknown-value", key, raw, error.detail))
    provinces = _official("province", article.facets.get("province", ()))
    for raw in article.facets.get("city", ()) if provinces else ():
        for city in _official("city", (raw,)):
            if province_of(city) not in provinces:
                message = f"{city} lies in {province_of(city)}, not in {', '.join(provinces)}"
                findings.append(Finding("city-outside-province", "city", raw, message))
    return findings


def _official(key: str, raw: Iterable[str]) -> tuple[str, ...]:
    """The official values among `raw`, without unstated and unknown ones."""
    found: dict[str, None] = {}
    for each in raw:
        try:
            value = resolve(key, each)
        except UserError:
            continue
        if value != UNSTATED:
            found[value] = None
    return tuple(found)


def _detected(article: Article, given: dict[str, tuple[str, ...]]) -> list[Evidence]:
    """Evidence for the facets that are not given, in keeping with those that are."""
    reading = read(article)
    evidence: list[Evidence] = []
    if not {"province", "city"} <= given.keys():
        evidence += _places(places(reading), given)
    if "insurance" not in given:
        evidence += insurance(reading)
    if "topic" not in given:
        evidence += topics(reading)
    return evidence


def _places(found: Iterable[Evidence], given: dict[str, tuple[str, ...]]) -> list[Evidence]:
    """A stated city brings its province; a stated province admits only cities of its own."""
    if given.get("city"):
        return [Evidence("province", province_of(city), "stated city", "metadata") for city in given["city"]]
    if "province" in given:
        return [each for each in found if each.facet == "city" and province_of(each.value) in given["province"]]
    return [each for each in found if each.facet not in given]
