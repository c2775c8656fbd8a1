"""Facet values for articles: what the source states, made official, and for the rest what the rules detect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ..errors import UserError
from ..model import UNSTATED, Article, Evidence
from .declared import FACET_KEYS
from .detection import insurance, places, read, topics
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
    evidence = [each for key, values in given.items() for each in _stated(key, values)]
    facets = dict(given)
    if len(given) < len(FACET_KEYS):
        detected = _detected(article, given)
        evidence += detected
        for key in FACET_KEYS:
            if key not in given:
                facets[key] = tuple(dict.fromkeys(each.value for each in detected if each.facet == key))
    facets["topic"] = facets["topic"] or (NO_TOPIC,)
    in_order = {key: facets[key] for key in FACET_KEYS}
    return replace(article, facets=in_order, evidence=(*article.evidence, *evidence))


def lint(article: Article) -> list[Finding]:
    """Return what is odd in the metadata of an article as read: unknown values, cities outside its provinces."""
    stated = article.facets
    unknown = [finding for key in FACET_KEYS if key in stated for finding in _unknown(key, stated[key])]
    return [*unknown, *_outside(stated.get("province", ()), stated.get("city", ()))]


# What articles state is remembered, as thousands state the same.
@lru_cache(maxsize=1 << 12)
def _stated(key: str, values: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(key, value, "stated by the source", "metadata") for value in values)


@lru_cache(maxsize=1 << 12)
def _unknown(key: str, raw: tuple[str, ...]) -> tuple[Finding, ...]:
    findings = []
    for each in raw:
        try:
            resolve(key, each)
        except UserError as error:
            findings.append(Finding("unknown-value", key, each, error.detail))
    return tuple(findings)


@lru_cache(maxsize=1 << 12)
def _outside(province: tuple[str, ...], city: tuple[str, ...]) -> tuple[Finding, ...]:
    provinces = _official("province", province)
    findings = []
    for raw in city if provinces else ():
        for found in _official("city", (raw,)):
            if province_of(found) not in provinces:
                message = f"{found} lies in {province_of(found)}, not in {', '.join(provinces)}"
                findings.append(Finding("city-outside-province", "city", raw, message))
    return tuple(findings)


@lru_cache(maxsize=1 << 12)
def _official(key: str, raw: tuple[str, ...]) -> tuple[str, ...]:
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
