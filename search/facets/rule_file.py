"""A hand-kept vocabulary of values with what in a text speaks for each: `insurance.toml`, `topic.toml`.

Patterns are regular expressions over *folded* text in which recognised places are masked by 〇, so that a place name
can neither break nor make a word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .vocabulary import ListedValues

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A facet value and what speaks for it.

    `title`: asked about, when found in the title · `weak`: the same, if no `title` pattern of any asking value fits ·
    `body`: counted in the opening · `yields_to`: values that already cover it when they are found too, unless `insists`
    fits the title · `unless`: a title that this fits is not about it, whatever else it says · `beside`: values that
    together with it are the whole matter: once each is no mere mention · `care`: names a kind of care (门诊, 口腔), not
    a question about it · `other`: no medical insurance.
    """

    value: str
    title: re.Pattern[str] | None
    weak: re.Pattern[str] | None
    body: re.Pattern[str] | None
    insists: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    yields_to: frozenset[str]
    beside: frozenset[str]
    care: bool
    other: bool

    def is_barred(self, title: str) -> bool:
        """Tell whether a title says that the text is not about this value."""
        return bool(self.unless and self.unless.search(title))


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The vocabulary of a file beside this module, read and compiled when first asked for."""

    name: str

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What speaks for each value, in canonical order."""
        return _read(self.name).entries

    @property
    def field(self) -> re.Pattern[str] | None:
        """The words that make a text one of the field: elsewhere the entries mean other things. None: they do not."""
        return _read(self.name).field

    @property
    def elsewhere(self) -> re.Pattern[str] | None:
        """The words that make a title one of another field, though it has such a word."""
        return _read(self.name).elsewhere

    @property
    def own(self) -> re.Pattern[str] | None:
        """The words by which such a title is ours all the same."""
        return _read(self.name).own

    @property
    def values(self) -> tuple[str, ...]:
        """Every value in canonical order."""
        return _read(self.name).listed.values

    def label_of(self, value: str) -> str:
        """Return the value."""
        return value

    def meanings(self, raw: str) -> Sequence[str]:
        """Return the value that goes by this name, if there is one."""
        return _read(self.name).listed.meanings(raw)


@dataclass(frozen=True, slots=True)
class _Rules:
    entries: tuple[Entry, ...]
    listed: ListedValues
    field: re.Pattern[str] | None
    elsewhere: re.Pattern[str] | None
    own: re.Pattern[str] | None


@lru_cache(maxsize=8)
def _read(name: str) -> _Rules:
    file = tomllib.loads((HERE / name).read_text("utf-8"))
    tables: list[dict[str, Any]] = file["entry"]
    aliases = {table["value"]: table.get("aliases", ()) for table in tables}
    listed = ListedValues.of((table["value"] for table in tables), aliases)
    patterns = {key: _pattern(file.get(key)) for key in ("field", "elsewhere", "own")}
    return _Rules(tuple(map(_entry, tables)), listed, **patterns)


def _entry(table: dict[str, Any]) -> Entry:
    return Entry(
        value=table["value"],
        title=_pattern(table.get("title")),
        weak=_pattern(table.get("weak")),
        body=_pattern(table.get("body")),
        insists=_pattern(table.get("insists")),
        unless=_pattern(table.get("unless")),
        yields_to=frozenset(table.get("yields_to", ())),
        beside=frozenset(table.get("beside", ())),
        care=table.get("care", False),
        other=table.get("other", False),
    )


def _pattern(alternatives: list[str] | None) -> re.Pattern[str] | None:
    return re.compile("|".join(alternatives)) if alternatives else None
