"""Places as facet values: their names, who contains whom, and which of them an article is about or a query names.

The title decides. Only where it names no place does the opening speak, and there a mere mention does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from ..gazetteer.divisions import Tier, Unit, gazetteer, is_of
from ..gazetteer.recognition import Found, understand, usage
from ..model import Evidence
from ..text.folding import fold
from .folded_article import OPENING, FoldedArticle
from .mentions import MENTIONS, Where

_LONGEST = 30  # characters of a name written in full
LEAD = 120
"""Characters within which a place must stand as subject: two or three sentences."""


@dataclass(frozen=True, slots=True)
class Divisions:
    """The divisions of one level as values: official names, with short labels."""

    level: Tier

    @property
    def values(self) -> tuple[str, ...]:
        """Every official name, by code."""
        return tuple(_labels(self.level))

    def label_of(self, value: str) -> str:
        """Return the short name of a division; other values come back as they are."""
        return _labels(self.level).get(value, value)

    def meanings(self, raw: str) -> Sequence[str]:
        """Return the divisions that an official or short name, an alias or a 6-digit code can mean.

        A unit of this level beats the counties that share its name; a county stands for its city (龙口市 → 烟台市). So
        does a name with what contains it before it (黑龙江省黑河市).
        """
        name = fold(raw).strip()
        table = gazetteer()
        units = (table.by_code[name],) if name in table.by_code else table.by_name.get(name, ())
        exact = [unit.official for unit in units if is_of(unit, self.level)]
        if exact:
            return exact
        if not units and (units := _in_full(name)) and self.level == "province":
            return list(dict.fromkeys(unit.province for unit in units))
        if self.level == "province":
            return []
        # A county inside a municipality has no city, but it makes the name ambiguous: 朝阳区 in 北京市 and in 长春市.
        cities = list(dict.fromkeys(unit.city or unit.province for unit in units))
        return [] if cities and not any(unit.city for unit in units) else cities


def _in_full(name: str) -> tuple[Unit, ...]:
    """Return the divisions that a name means whose beginning is what contains them: 黑龙江黑河, 沈阳市和平区."""
    table = gazetteer()
    for cut in range(2, min(len(name), _LONGEST) - 1):
        around = {unit.official for unit in table.by_name.get(name[:cut], ())}
        inside = table.by_name.get(name[cut:], ()) or (_in_full(name[cut:]) if around else ())
        if found := tuple(u for u in inside if around & ({u.province, u.city} - {u.official})):
            return found
    return ()


@lru_cache(maxsize=2)
def _labels(level: Tier) -> dict[str, str]:
    return {unit.official: unit.short for unit in gazetteer().of(level)}


def province_of(city: str) -> str:
    """Return the official province of an official city name. KeyError if there is no such city."""
    return _city_provinces()[city]


@lru_cache(maxsize=64)
def cities_of(province: str) -> tuple[str, ...]:
    """Return the official names of what is of city level in a province, by code; none for a municipality."""
    return tuple(city for city, around in _city_provinces().items() if around == province)


@lru_cache(maxsize=1)
def _city_provinces() -> dict[str, str]:
    return {unit.official: unit.province for unit in gazetteer().of("city")}


def detect_places(article: FoldedArticle) -> list[Evidence]:
    """Return evidence for province and city, in order of appearance. A city brings its province."""
    titled = _at_home(article)
    where: Where = "title" if titled else "text"
    evidence: dict[tuple[str, str], Evidence] = {}
    for each in titled or _subjects(article.opening[:OPENING]):
        unit = each.unit
        lifted = unit.official not in (unit.city, unit.province)
        rule = f"{each.rule} ({unit.official})" if lifted else each.rule
        for facet, value in (("province", unit.province), ("city", unit.city)):
            if value:
                evidence.setdefault((facet, value), Evidence(facet, value, rule, where, each.start, each.end))
    return list(evidence.values())


Chain = Sequence[Found]
"""Names one right after another, each inside the one before: 云南省|昆明市."""


def _chains(found: Iterable[Found]) -> list[Chain]:
    chains: list[list[Found]] = []
    for each in found:
        if chains and chains[-1][-1].end == each.start:
            chains[-1].append(each)
        else:
            chains.append([each])
    return list(chains)


def _at_home(article: FoldedArticle) -> list[Found]:
    """The places of the title without those that one only goes to from another: 绥化|去北京|看病."""
    home = [chain for chain in _chains(article.places) if not _is_destination(article.title, chain)]
    if not home or usage().moves.search(article.masked):
        return list(article.places)
    return [each for chain in home for each in chain]


def _is_destination(text: str, chain: Chain) -> bool:
    start, gone = chain[0].start, usage().destination
    return bool(gone.search(text, max(0, start - 3), start) or gone.search(text, start, start + 1))


def _subjects(opening: str) -> list[Found]:
    """The places that an opening is about: subject of an early sentence, and named again or first word or its rules.

    One that speaks of three provinces or more is about none of them.
    """
    found = understand(opening)
    if len({each.unit.province for each in found}) > 2:
        return []
    chains = _without_examples(opening, _chains(found))
    told = [each for chain in chains for each in chain]
    return [
        each
        for chain in chains
        if _is_subject(opening, chain[0]) and _is_backed(opening, chain[0], told)
        for each in chain
    ]


def _is_subject(opening: str, found: Found) -> bool:
    return found.start <= LEAD and bool(usage().subject.search(opening, max(0, found.start - 3), found.start))


def _is_backed(opening: str, found: Found, told: Iterable[Found]) -> bool:
    """Tell whether a subject is more than a mention: the first word, the place whose rules apply, or named again."""
    if found.start == 0 or usage().rules_of.search(opening, max(0, found.start - 3), found.start):
        return True
    own = {found.unit.city or found.unit.province, found.unit.official}
    # 浙江|宁波 names one place once.
    spans = [(other.start, other.end) for other in told if own & {other.unit.city, other.unit.province}]
    return sum(start not in {end for _, end in spans} for start, _ in spans) >= MENTIONS


def _without_examples(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains without those that begin as an example, or are one of a list: of 广东深圳、惠州 there remains 广东."""
    rules = usage()
    told: list[Chain] = []
    for chain, after in zip_longest(chains, chains[1:]):
        start, end = chain[0].start, chain[-1].end
        if rules.example.search(text, max(0, start - 10), start):
            continue
        if not rules.list_follows.match(text, end):
            told.append(chain)
        elif not (after and after[0].start == end + 1 and after[0].unit.province != chain[0].unit.province):
            told.append(chain[:-1])
    return [chain for chain in told if chain]
