"""The two hand-kept vocabularies, `insurance.toml` and `topics.toml`, read and compiled once.

Patterns are regular expressions over *folded* text in which recognised places are masked by 〇, so that a place name
can neither break nor make a word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A facet value and what speaks for it.

    `title`: asked about, when found in the title · `weak`: the same, if no `title` pattern of any asking value fits ·
    `body`: counted in the opening · `yields_to`: values that already cover it when they are found too, unless `insists`
    fits the title · `care`: names a kind of care (门诊, 口腔), not a question about it.
    """

    value: str
    title: re.Pattern[str] | None
    weak: re.Pattern[str] | None
    body: re.Pattern[str] | None
    insists: re.Pattern[str] | None
    yields_to: frozenset[str]
    care: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values of one facet in canonical order, and every (folded) name of each."""

    entries: tuple[Entry, ...]
    values: tuple[str, ...]
    names: Mapping[str, str]


@lru_cache(maxsize=2)
def vocabulary(name: Literal["insurance", "topics"]) -> Vocabulary:
    """Return the vocabulary of that file."""
    tables: list[dict[str, Any]] = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["entry"]
    entries = tuple(_entry(table) for table in tables)
    names: dict[str, str] = {}
    for table in tables:
        for each in (table["value"], *table.get("aliases", ())):
            if each in names:
                raise ValueError(f"{name}.toml: {each} means both {names[each]} and {table['value']}")
            names[each] = table["value"]
    return Vocabulary(entries, tuple(entry.value for entry in entries), names)


def _entry(table: dict[str, Any]) -> Entry:
    return Entry(
        value=table["value"],
        title=_pattern(table.get("title")),
        weak=_pattern(table.get("weak")),
        body=_pattern(table.get("body")),
        insists=_pattern(table.get("insists")),
        yields_to=frozenset(table.get("yields_to", ())),
        care=table.get("care", False),
    )


def _pattern(alternatives: list[str] | None) -> re.Pattern[str] | None:
    return re.compile("|".join(alternatives)) if alternatives else None
