"""Facet values by any of their names: what URLs, front matter and pages use to speak of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..errors import UserError
from ..gazetteer.divisions import Unit, gazetteer, is_value
from ..model import UNSTATED
from ..text.folding import fold
from .declared import FACETS
from .vocabulary import vocabulary

_PLACES = ("province", "city")
_LABELS = {facet.key: facet.label for facet in FACETS}
_UNSTATED_ALLOWED = frozenset(facet.key for facet in FACETS if facet.unstated)


def resolve(facet_key: str, raw: str) -> str:
    """Return the official value that `raw` names: official or short name, alias, 6-digit code, or `UNSTATED`.

    A county-level name or code lifts to its city (龙口市 → 烟台市). Raises UserError (`field` is the facet key) when
    the name is unknown or could be several.
    """
    if facet_key not in _LABELS:
        raise UserError(facet_key, f"没有“{facet_key}”这一分类。", f"unknown facet {facet_key!r}")
    found = _meanings(facet_key, raw)
    if len(found) == 1:
        return found[0]
    shown = raw.strip()[:20]
    if found:
        some = "、".join(found[:4])
        raise UserError(
            facet_key, f"{_LABELS[facet_key]}“{shown}”不止一个：{some}。", f"ambiguous {facet_key} {shown!r}: {some}"
        )
    raise UserError(facet_key, f"没有名为“{shown}”的{_LABELS[facet_key]}。", f"unknown {facet_key} {shown!r}")


def label(facet_key: str, value: str) -> str:
    """Return the short label of an official value (黑龙江省 → 黑龙江); other values come back as they are."""
    return _place_labels(facet_key).get(value, value) if facet_key in _PLACES else value


def province_of(city: str) -> str:
    """Return the official province of an official city name. KeyError if there is no such city."""
    return _city_provinces()[city]


def values(facet_key: str) -> tuple[str, ...]:
    """Return every official value of a facet in canonical order (`UNSTATED` is none). KeyError for an unknown facet."""
    if facet_key in _PLACES:
        return tuple(_place_labels(facet_key))
    return {"insurance": vocabulary("insurance"), "topic": vocabulary("topics")}[facet_key].values


def place_names() -> tuple[str, ...]:
    """Return every name of every division that has two characters or more, each once."""
    return tuple(gazetteer().by_name)


@lru_cache(maxsize=1 << 14)
def _meanings(facet_key: str, raw: str) -> Sequence[str]:
    """The values a name can mean. Remembered, as thousands of records state the same ones."""
    name = fold(raw).strip()
    return [UNSTATED] if name == UNSTATED and facet_key in _UNSTATED_ALLOWED else _lookup(facet_key, name)


def _lookup(facet_key: str, name: str) -> list[str]:
    """The values a folded name can mean; a unit of the facet's own level beats the counties that share its name."""
    if facet_key not in _PLACES:
        value = vocabulary("insurance" if facet_key == "insurance" else "topics").names.get(name)
        return [value] if value else []
    table = gazetteer()
    units = (table.by_code[name],) if name in table.by_code else table.by_name.get(name, ())
    exact = [unit.official for unit in units if is_value(unit, facet_key)]
    if exact or facet_key == "province":
        return exact
    # A county inside a municipality has no city, but it makes the name ambiguous: 朝阳区 in 北京市 and in 长春市.
    cities = list(dict.fromkeys(unit.city or unit.province for unit in units))
    return [] if cities and not any(unit.city for unit in units) else cities


@lru_cache(maxsize=2)
def _place_labels(facet_key: str) -> dict[str, str]:
    return {unit.official: unit.short for unit in _units(facet_key)}


@lru_cache(maxsize=1)
def _city_provinces() -> dict[str, str]:
    return {unit.official: unit.province for unit in _units("city")}


def _units(facet_key: str) -> tuple[Unit, ...]:
    return gazetteer().values("province" if facet_key == "province" else "city")
