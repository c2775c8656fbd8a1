"""What a boost asks of an article: tests of its features, put together. Data, which every engine evaluates in its way.

An engine with columns in memory gives them to `evaluate`; one that is asked by queries makes filters of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np

from ..arrays import Mask
from ..model import UNSTATED, Direction


@dataclass(frozen=True, slots=True)
class Holds:
    """The article has any of these values of a facet; `UNSTATED` stands for having none."""

    facet: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """The title is about care elsewhere and looks this way."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class IsFull:
    """It is a full article, not the teaser of one."""


@dataclass(frozen=True, slots=True)
class Not:
    """The other does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Any of these holds."""

    conditions: tuple[Condition, ...]


Condition = Holds | Looks | IsFull | Not | Every | Some


def unstated(facet: str) -> Holds:
    """Return the condition that an article has no value of a facet."""
    return Holds(facet, (UNSTATED,))


class Columns(Protocol):
    """The features of some documents, as far as conditions ask for them: a mask of one item a document each."""

    def holds(self, facet: str, values: tuple[str, ...]) -> Mask:
        """Tell which have any of the values of a facet."""
        ...

    def looks(self, direction: Direction) -> Mask:
        """Tell which look this way."""
        ...

    def is_full(self) -> Mask:
        """Tell which are full articles."""
        ...


class Evaluation:
    """Evaluates conditions over the columns of the same documents; what several of them share is evaluated once."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[int, tuple[Condition, Mask]] = {}

    def __call__(self, condition: Condition) -> Mask:
        """Return which documents fulfil a condition."""
        known = self._known.get(id(condition))
        if known is None:
            # Kept with its condition, so that no other one can get its identity meanwhile.
            known = self._known[id(condition)] = condition, self._evaluate(condition)
        return known[1]

    def _evaluate(self, condition: Condition) -> Mask:
        match condition:
            case Holds(facet, values):
                return self._columns.holds(facet, values)
            case Looks(direction):
                return self._columns.looks(direction)
            case IsFull():
                return self._columns.is_full()
            case Not(other):
                return ~self(other)
            case Every(conditions):
                return reduce(np.logical_and, map(self, conditions))
            case Some(conditions):
                return reduce(np.logical_or, map(self, conditions))
