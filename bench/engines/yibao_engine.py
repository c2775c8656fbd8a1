"""This project, scoring words only: what the peers do, so that answers and scores can be compared.

A clause whose typed form is empty, with the word as its synonym, scores by BM25 on words alone: bigram evidence and
boosts belong to what was typed. How many of the words must occur is set to all or to any.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import log
from pathlib import Path
from typing import Any

from search import ranking
from search.engine import Engine, open_engine, write_build
from search.facets import FACET_KEYS
from search.model import Article, Clause, Form, Matches, Parsed, Query

from ..answers import Answer, Formula, bm25
from ..records import UNDATED, read
from ..tasks import SIZE, Task

NAME = "yibao"
_NEVER = Clause("word", "", 0, 0, (Form(""),))
"""A clause that no document carries: three clauses and more are matched by their share of the weight."""
_SHARES = {"all": 1.0, "any": 0.0}


def version() -> str:
    from importlib.metadata import version as installed

    return installed("yibao-search")


def build(records: Path, target: Path, workers: int) -> None:
    write_build(target, _articles(records), lambda count: None)


def _articles(records: Path) -> Iterator[Article]:
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
    return YibaoSearcher(open_engine(target), {record.id: record.number for record in read(records)})


class YibaoSearcher:
    """The array evaluator, asked through the engine contract."""

    def __init__(self, engine: Engine, numbers: dict[str, int]) -> None:
        self._engine = engine
        self._numbers = numbers
        self.formula: Formula | None = bm25(
            lambda documents, df: log(1 + (documents - df + 0.5) / (df + 0.5)), ranking.TITLE_WEIGHT, most=255
        )

    def run(self, task: Task) -> Matches:
        ranking.MATCH_SHARE = _SHARES[task.rule]
        if task.phrase:
            clauses = [Clause("phrase", task.phrase, 0, 0, (Form(task.phrase),))]
        else:
            clauses = [Clause("word", word, 0, 0, (Form(""), Form(word))) for word in task.words]
            if task.rule == "any" and len(clauses) == 2:
                clauses.append(_NEVER)
        return self._engine.match(Parsed("", tuple(clauses)), query(task))

    def answer(self, task: Task, raw: Any) -> Answer:
        page = tuple((self._numbers[match.id], match.score - ranking.ARTICLE_BOOST) for match in raw.page)
        counts = {key: {value: count for value, count in raw.counts[key].items() if count} for key in FACET_KEYS}
        return Answer(raw.total, page, counts)


def query(task: Task) -> Query:
    """Return the task's filters, order and page."""
    return Query(filters=task.filters, sort="newest" if task.newest else "relevance", page=task.page, size=SIZE)
