"""The gazetteer: provinces, cities and counties of China, read from `divisions.tsv`.

Knows names and who contains whom; it must not know how a text uses a name (that is `places.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Level = Literal["province", "city", "county", "direct", "pool"]

HERE = Path(__file__).parent
DIVISIONS = HERE / "divisions.tsv"
CITY_LEVELS: frozenset[Level] = frozenset({"city", "direct", "pool"})
"""What the city facet offers: prefecture-level units, units governed directly by a province, the Xinjiang corps."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A division. `province` and `city` are official names; `city` is "" above city level and inside municipalities."""

    code: str
    official: str
    short: str
    level: Level
    province: str
    city: str
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names the unit goes by, the official one first, each once."""
        return tuple(dict.fromkeys((self.official, self.short, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All units by code order, and the ways to find one."""

    units: tuple[Unit, ...]
    by_code: dict[str, Unit]
    by_name: dict[str, tuple[Unit, ...]]
    ordinary: frozenset[str]
    """Short names that are everyday words too (`ordinary.txt`)."""

    def values(self, facet: Literal["province", "city"]) -> tuple[Unit, ...]:
        """Return the units that are values of the facet, in code order."""
        return tuple(unit for unit in self.units if is_value(unit, facet))


def is_value(unit: Unit, facet: str) -> bool:
    """Tell whether the unit itself is a value of the facet `province` or `city`."""
    return unit.level == "province" if facet == "province" else unit.level in CITY_LEVELS


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Read the tables; a few milliseconds, once."""
    rows = [line.split("\t") for line in _lines("divisions.tsv")]
    official = {row[0]: row[1] for row in rows}
    level = {row[0]: row[3] for row in rows}
    parent = {row[0]: row[4] for row in rows}
    units: list[Unit] = []
    for code, name, short, kind, above, aliases in rows:
        province = code
        while parent[province]:
            province = parent[province]
        city = code if kind in CITY_LEVELS else above if kind == "county" and level[above] == "city" else ""
        extra = tuple(alias for alias in aliases.split(",") if alias)
        units.append(Unit(code, name, short, _level(kind), official[province], official.get(city, ""), extra))
    by_name: dict[str, tuple[Unit, ...]] = {}
    for unit in units:
        for each in unit.names:
            by_name[each] = (*by_name.get(each, ()), unit)
    ordinary = frozenset(word for line in _lines("ordinary.txt") for word in line.split())
    return Gazetteer(tuple(units), {unit.code: unit for unit in units}, by_name, ordinary)


def _level(kind: str) -> Level:
    match kind:
        case "province" | "city" | "county" | "direct" | "pool":
            return kind
    raise ValueError(f"divisions.tsv: unknown level {kind!r}")


def _lines(name: str) -> list[str]:
    text = (HERE / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
