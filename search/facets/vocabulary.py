"""What the values of a facet are, and which names mean them: listed ones, or whatever a field holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..text.folding import fold

LONGEST = 60
"""Characters of a value where any will do: it must fit beside a box to tick."""


class Vocabulary(Protocol):
    """The values of one facet."""

    @property
    def values(self) -> tuple[str, ...]:
        """Every official value in canonical order; none where any value will do."""
        ...

    def label_of(self, value: str) -> str:
        """Return the short label of an official value; other values come back as they are."""
        ...

    def meanings(self, raw: str) -> Sequence[str]:
        """Return the official values that a name can mean: none, one, or several."""
        ...


@dataclass(frozen=True, slots=True)
class AnyValue:
    """Whatever is stated is a value, as written but for spaces and the width of characters."""

    @property
    def values(self) -> tuple[str, ...]:
        """No list: the values are those that occur."""
        return ()

    def label_of(self, value: str) -> str:
        """Return the value."""
        return value

    def meanings(self, raw: str) -> Sequence[str]:
        """Return the value, unless it is empty or too long for one."""
        value = " ".join(unicodedata.normalize("NFKC", raw).split())
        return (value,) if 0 < len(value) <= LONGEST and value.isprintable() else ()


ANY_VALUE = AnyValue()


@dataclass(frozen=True, slots=True)
class ListedValues:
    """Values in canonical order, and the value that each (folded) name means."""

    values: tuple[str, ...]
    names: Mapping[str, str]

    @classmethod
    def of(cls, values: Iterable[str], aliases: Mapping[str, Iterable[str]]) -> ListedValues:
        """Return values that go by themselves and by their aliases. Raises ValueError for a name with two meanings."""
        values = tuple(values)
        if unknown := aliases.keys() - set(values):
            raise ValueError(f"aliases of {min(unknown)}, which is no value")
        names: dict[str, str] = {}
        for value in values:
            if not value.isprintable():
                raise ValueError(f"{value!r} is no value")
            for name in (value, *aliases.get(value, ())):
                if not fold(name).strip():
                    raise ValueError(f"a name of {value!r} is empty")
                if (key := fold(name).strip()) in names:
                    raise ValueError(f"{name} means both {names[key]} and {value}")
                names[key] = value
        return cls(values, names)

    def label_of(self, value: str) -> str:
        """Return the value."""
        return value

    def meanings(self, raw: str) -> Sequence[str]:
        """Return the value that goes by this name, if there is one."""
        value = self.names.get(fold(raw).strip())
        return (value,) if value else ()
