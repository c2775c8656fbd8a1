"""What an engine answers, what it may be asked to show, and how its scores are computed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .tasks import Task

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Exact total, the page of (record number, score) best first, and facet key → value → count, zeros left out."""

    total: int
    page: tuple[tuple[int, float], ...]
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Formula:
    """How an engine scores words.

    `term` maps (tf, length, average length, documents, df) to scores; `title_weight` is how often a word of a title
    counts; `length` is what the engine remembers of a length.
    """

    term: Callable[[Array, Array, float, int, int], Array]
    title_weight: int = 1
    length: Callable[[Array], Array] = np.asarray


def bm25(
    idf: Callable[[int, int], float],
    title_weight: int = 1,
    length: Callable[[Array], Array] = np.asarray,
    most: int = sys.maxsize,
) -> Formula:
    """Return BM25 with k1 = 1.2 and b = 0.75, which all engines here are set to, and an engine's own idf.

    `most` is the greatest term frequency that the engine tells from a greater one.
    """

    def term(tf: Array, lengths: Array, average: float, documents: int, df: int) -> Array:
        tf = np.minimum(tf, most)
        scores: Array = idf(documents, df) * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * lengths / average))
        return scores

    return Formula(term, title_weight, length)


class Searcher(Protocol):
    """An index, opened."""

    formula: Formula | None

    def run(self, task: Task) -> Any:
        """Answer a task in the engine's own terms. This is what is timed."""
        ...

    def answer(self, task: Task, raw: Any) -> Answer:
        """Translate what `run` returned."""
        ...


class Contender(Protocol):
    """A module of `bench.engines`. Importing it raises ImportError where the engine is not installed."""

    NAME: str

    def version(self) -> str:
        """Return the engine's version."""
        ...

    def build(self, records: Path, target: Path, workers: int) -> None:
        """Index a records file into a new directory."""
        ...

    def open(self, target: Path, records: Path) -> Searcher:
        """Open an index."""
        ...
