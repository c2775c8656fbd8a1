"""This project, scoring words only: what the peers do, so that answers and scores can be compared.

Clauses without a text score by BM25 on words alone: pairs of characters and what is rescored come from the text. How
many of the words must occur is set to all or to any, by the weights in `search.retrieval.ranking`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from math import log
from pathlib import Path
from typing import Any

from search.engines.contract import Engine
from search.engines.whoosh import WhooshEngine, write_index
from search.model import Article, Clause, Form, Matches, Parsed, Query
from search.retrieval import ranking

from ..answers import Answer, Formula, bm25
from ..records import FACET_KEYS, UNDATED, read
from ..tasks import SIZE, Task

NAME = "yibao"
_MATCHING = ("MATCH_STEPS", "MATCH_AT_MOST", "MATCH_ENOUGH_OF_TWO", "BM25_B", "LENGTH_AT_MOST")
SERVED = {name: getattr(ranking, name) for name in _MATCHING}
"""How the program itself matches and scores words."""
_RULES: dict[str, tuple[Any, ...]] = {
    "all": ((), 1.0, 1, 0.75, sys.maxsize),
    "any": (((0.0, sys.maxsize),), 1.0, sys.maxsize, 0.75, sys.maxsize),
}


def version() -> str:
    from importlib.metadata import version as installed

    return installed("yibao-search")


def build(records: Path, target: Path, workers: int) -> None:
    write_index(target, articles(records))


def articles(records: Path) -> Iterator[Article]:
    """Yield the records of a file as articles."""
    for record in read(records):
        yield Article(
            id=record.id,
            kind="article",
            title=record.title,
            text=record.text,
            date=date.fromordinal(record.day) if record.day != UNDATED else None,
            facets={key: (value,) for key, value in zip(FACET_KEYS, record.facets, strict=True)},
        )


def open(target: Path, records: Path) -> YibaoSearcher:
    return YibaoSearcher(WhooshEngine.open(target), numbers(records))


def numbers(records: Path) -> dict[str, int]:
    """Return the numbers of the records by their ids."""
    return {record.id: record.number for record in read(records)}


class YibaoSearcher:
    """The array evaluator, asked through the engine contract."""

    def __init__(self, engine: Engine, numbers: dict[str, int]) -> None:
        self._engine = engine
        self._numbers = numbers
        self.formula: Formula | None = bm25(
            lambda documents, df: log(1 + (documents - df + 0.5) / (df + 0.5)), ranking.TITLE_WEIGHT, most=255
        )

    def run(self, task: Task) -> Matches:
        match_by(dict(zip(_MATCHING, _RULES[task.rule], strict=True)))
        if task.phrase:
            clauses = [Clause("phrase", task.phrase, 0, 0, (Form(task.phrase),))]
        else:
            clauses = [Clause("word", word, 0, 0, (Form(word),)) for word in task.words]
        return self._engine.match(Parsed("", tuple(clauses)), query(task))

    def answer(self, task: Task, raw: Any) -> Answer:
        page = tuple((self._numbers[match.id], match.score - ranking.ARTICLE_BOOST) for match in raw.page)
        counts = {key: {value: count for value, count in raw.counts[key].items() if count} for key in FACET_KEYS}
        return Answer(raw.total, page, counts)


def match_by(weights: dict[str, Any]) -> None:
    """Let this process match by other weights than those in `search.retrieval.ranking`."""
    for name, value in weights.items():
        setattr(ranking, name, value)


def query(task: Task) -> Query:
    """Return the task's filters, order and page."""
    sort = "newest" if task.newest else "relevance"
    return Query(filters=task.filters, sort=sort, page=task.page, size=SIZE, collapse=False)
