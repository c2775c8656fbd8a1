"""Finding places in texts: which names stand there, which unit each means, and which of them the text is about.

Names are looked up by their first two characters, so one pass over the text sees all 8,000 of them. A name that is an
everyday word, or that several units share, counts only with support. All text is folded.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..model import Named
from .divisions import HERE, Gazetteer, Unit, gazetteer

_FULL = re.compile("(?:省|市|县|区|州|盟|旗|兵团)$")
_LEVELS = {"province": 0, "city": 1, "direct": 1, "pool": 1, "county": 2}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text and the units that bear it, highest level first. `full` = with 省, 市, 县 … written out."""

    start: int
    end: int
    units: tuple[Unit, ...]
    full: bool
    ordinary: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A mention, understood: the unit meant and the rule that decided it."""

    start: int
    end: int
    unit: Unit
    rule: str


@dataclass(frozen=True, slots=True)
class Usage:
    """`usage_rules.toml`, compiled."""

    after: re.Pattern[str]
    after_county: re.Pattern[str]
    not_full: re.Pattern[str]
    abbreviation: re.Pattern[str]
    left: re.Pattern[str]
    left_brief: re.Pattern[str]
    right: re.Pattern[str]
    subject: re.Pattern[str]
    rules_of: re.Pattern[str]
    destination: re.Pattern[str]
    moves: re.Pattern[str]
    example: re.Pattern[str]
    list_follows: re.Pattern[str]


@lru_cache(maxsize=1)
def usage() -> Usage:
    """Return the compiled rules of use."""
    raw = _raw_usage()
    return Usage(**{key: re.compile(value.replace("\n", "")) for key, value in raw.items() if isinstance(value, str)})


def _raw_usage() -> dict[str, Any]:
    return tomllib.loads((HERE / "usage_rules.toml").read_text("utf-8"))


def find_places(folded_text: str) -> list[Named]:
    """Return the places a query names, in order; a county stands for its city.

    Inside a municipality, where there is no city, a county stands for the province. A facet value comes once for its
    own name, and once for each county.
    """
    places: dict[tuple[str, str], Named] = {}
    for named in map(_named, understand(folded_text, brief=True)):
        places.setdefault((named.value, named.county), named)
    return list(places.values())


def _named(found: Found) -> Named:
    unit = found.unit
    county = unit.short if unit.level == "county" else ""
    if unit.city:
        label = next(city.short for city in gazetteer().by_name[unit.city] if city.official == unit.city)
        return Named("city", unit.city, label, found.start, found.end, county)
    label = gazetteer().by_name[unit.province][0].short
    return Named("province", unit.province, label, found.start, found.end, county)


def understand(text: str, elsewhere: Callable[[], Iterable[Unit]] = tuple, brief: bool = False) -> list[Found]:
    """Return the places that `text` names, in order.

    `elsewhere` gives units named in the rest of the same article; asked only when a name here needs support. In a
    `brief` text, a title or a query, a city whose name is an everyday word needs less of it.
    """
    mentions = scan(text)
    if not mentions:
        return []
    sure = [_sure(mention) for mention in mentions]
    contexts = [_names(unit for unit in sure if unit)]
    if not all(sure):
        contexts.append(contexts[0] | _names(elsewhere()))
    found: list[Found] = []
    for mention in mentions:
        if found and mention.start < found[-1].end:
            continue
        unit, rule = _meaning(mention, text, found, contexts, brief)
        if unit:
            found.append(Found(mention.start, mention.end, unit, rule))
    return found


def sure_units(text: str) -> list[Unit]:
    """Return the units that `text` names beyond doubt."""
    return [unit for mention in scan(text) if (unit := _sure(mention))]


def scan(text: str) -> list[Mention]:
    """Return every name, leftmost and longest first; everyday words do not hide what begins inside them."""
    names = _names_by_head()
    abbreviations = _abbreviations()
    mentions: list[Mention] = []
    position = 0
    last = len(text) - 1
    while position < last:
        step = 1
        if text[position] in abbreviations and (unit := _abbreviated(text, position)):
            mentions.append(Mention(position, position + 1, (unit,), full=False, ordinary=False))
        for name, units, full, ordinary in names.get(text[position : position + 2], ()):
            if not text.startswith(name, position):
                continue
            end = position + len(name)
            cut = _cut(units, full, text, position, end) if units else None
            if cut is not None:
                # 黄浦江|苏州河: what bears the name of a place is passed over whole.
                step = max(step, cut - position)
                continue
            if units:
                mentions.append(Mention(position, end, units, full, ordinary))
            step = 1 if ordinary else len(name)
            break
        position += step
    return mentions


def _abbreviated(text: str, position: int) -> Unit | None:
    """The province of which the one character there is short, if what belongs to it follows: 沪|医保."""
    return _abbreviations()[text[position]] if usage().abbreviation.match(text, position) else None


@lru_cache(maxsize=1)
def _abbreviations() -> dict[str, Unit]:
    return {sign: gazetteer().by_name[name][0] for sign, name in _raw_usage()["abbreviations"].items()}


def _cut(units: Sequence[Unit], full: bool, text: str, start: int, end: int) -> int | None:
    """Return how far to pass over a name that is a part of another word (南京|路, 普陀|山); None if it is none.

    What follows may be the name of a place itself: 北京|河北. In 河北区|域 a shorter name stands.
    """
    rules = usage()
    if full:
        return start if rules.not_full.match(text, end) else None
    found = rules.after.match(text, end)
    if not found and units[0].level == "county":
        found = rules.after_county.match(text, end)
    return None if not found or _begins_name(text, end) else found.end()


def _begins_name(text: str, position: int) -> bool:
    names = _names_by_head().get(text[position : position + 2], ())
    return any(units and not ordinary and text.startswith(name, position) for name, units, _, ordinary in names)


Name = tuple[str, tuple[Unit, ...], bool, bool]


@lru_cache(maxsize=1)
def _names_by_head() -> dict[str, tuple[Name, ...]]:
    """First two characters → the names that begin so, longest first."""
    table: Gazetteer = gazetteer()
    heads: dict[str, list[Name]] = {}
    for name, units in table.by_name.items():
        ranked = tuple(sorted(units, key=lambda unit: _LEVELS[unit.level]))
        full = len(name) > 2 and bool(_FULL.search(name))
        heads.setdefault(name[:2], []).append((name, ranked, full, _is_ordinary(name, ranked, full)))
    for phrase in _raw_usage()["blocked"]:
        heads.setdefault(phrase[:2], []).append((phrase, (), False, False))
    return {head: tuple(sorted(names, key=lambda name: -len(name[0]))) for head, names in heads.items()}


def _is_ordinary(name: str, units: Sequence[Unit], full: bool) -> bool:
    """Tell whether a name needs support: an everyday word, one that several counties share, or a 区 of such a name."""
    table = gazetteer()
    if units[0].level != "county":
        return not full and name in table.ordinary
    stem = name[:-1] if full and name.endswith("区") else name
    bearers = table.by_name.get(stem, ())
    shared = len(bearers) > 1 and len({(unit.province, unit.city) for unit in bearers}) > 1
    return stem in table.ordinary or (shared and (stem != name or not full))


def _sure(mention: Mention) -> Unit | None:
    """The unit of a mention that needs no support: one of city level or above, or a county written out."""
    first = mention.units[0]
    if mention.ordinary or (first.level == "county" and (not mention.full or len(mention.units) > 1)):
        return None
    return first


def _meaning(
    mention: Mention, text: str, found: Sequence[Found], contexts: Sequence[frozenset[str]], brief: bool
) -> tuple[Unit | None, str]:
    """Decide which unit a mention means, if any, and by which rule."""
    if inside := _follows_parent(mention, found):
        return inside, "after its province or city"
    if sure := _sure(mention):
        return sure, "named"
    # An everyday word that is a county too (和平, 友好): its province somewhere, its city elsewhere, are chance.
    weak = mention.ordinary and not mention.full and mention.units[0].level == "county"
    keys = (("official", "city"), ("official",)) if weak else (("official", "city", "province"),) * 2
    for context, told_by in zip(contexts, keys, strict=False):
        if unit := _supported(mention, context, told_by):
            return unit, "supported"
    # A county inside a city of its name belongs to it, and elsewhere it would be named with its own city.
    is_city = mention.units[0].level != "county"
    if (len(mention.units) == 1 or is_city) and not weak and _stands_alone(mention, text, brief and is_city):
        return mention.units[0], "stands alone"
    return None, ""


def _supported(mention: Mention, context: frozenset[str], told_by: Sequence[str]) -> Unit | None:
    """The one candidate of which the context holds the full name, failing that the city, then the province."""
    for key in told_by:
        near = [unit for unit in mention.units if getattr(unit, key) in context]
        if near and len({(unit.province, unit.city) for unit in near}) == 1:
            return near[0]
    return None


def _follows_parent(mention: Mention, found: Sequence[Found]) -> Unit | None:
    """黑龙江|黑河, 吉林|吉林: the unit right after the one that contains it."""
    if not found or mention.start - found[-1].end > 1:
        return None
    above = found[-1].unit
    for unit in mention.units:
        if unit is above or above.level == "county" or above.official not in (unit.province, unit.city):
            continue
        # 天津河北 is two provinces, 黑龙江西安 names the city: a county yields to a higher unit of its name,
        # except inside a municipality (北京朝阳) or right after its own city.
        top = mention.units[0].level
        yields = unit.level == "county" and above.level == "province" and top != "county"
        if not yields or (top != "province" and not unit.city):
            return unit
    return None


def _stands_alone(mention: Mention, text: str, brief: bool) -> bool:
    rules = usage()
    if brief:
        return bool(rules.left_brief.search(text, max(0, mention.start - 1), mention.start))
    if not rules.left.search(text, max(0, mention.start - 1), mention.start):
        return False
    return mention.full or bool(rules.right.match(text, mention.end))


def _parents(unit: Unit) -> frozenset[str]:
    """The names whose presence supports a unit: what contains it, and itself written out."""
    return frozenset(name for name in (unit.province, unit.city, unit.official) if name)


def _names(units: Iterable[Unit]) -> frozenset[str]:
    return frozenset(name for unit in units for name in _parents(unit))
