"""SQLite FTS5: two contentless tables (words, bigrams), facet values and texts beside them, one statement a query."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from math import log
from pathlib import Path
from typing import Any

from ..answers import Answer, Formula, bm25
from ..records import FACET_KEYS, facet_values
from ..tasks import SIZE, Task
from ..tokens import bigrams, token_records

NAME = "SQLite FTS5"
_COLUMNS = ", ".join(FACET_KEYS)
_TOKENIZE = "tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co Cn'\""
_SCHEMA = f"""
CREATE TABLE facets (number INTEGER PRIMARY KEY, day INTEGER, {_COLUMNS});
CREATE TABLE texts (number INTEGER PRIMARY KEY, id TEXT, title TEXT, text TEXT);
CREATE VIRTUAL TABLE words USING fts5 (tokens, content='', {_TOKENIZE});
CREATE VIRTUAL TABLE bigrams USING fts5 (tokens, content='', {_TOKENIZE});
"""

with closing(sqlite3.connect(":memory:")) as _memory:
    if not _memory.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
        raise ImportError("this SQLite has no FTS5")


def version() -> str:
    return sqlite3.sqlite_version


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    ordinals = [{value: number for number, value in enumerate(facet_values(key))} for key in FACET_KEYS]
    connection = sqlite3.connect(target / "fts.db")
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
    for cut in token_records(records, workers):
        record = cut.record
        facets = [table[value] for table, value in zip(ordinals, record.facets, strict=True)]
        connection.execute("INSERT INTO facets VALUES (?, ?, ?, ?, ?, ?)", (record.number, record.day, *facets))
        connection.execute(
            "INSERT INTO texts VALUES (?, ?, ?, ?)", (record.number, record.id, record.title, record.text)
        )
        connection.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (record.number, cut.words))
        connection.execute("INSERT INTO bigrams (rowid, tokens) VALUES (?, ?)", (record.number, cut.bigrams))
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    connection.execute("INSERT INTO bigrams (bigrams) VALUES ('optimize')")
    connection.commit()
    connection.close()


def open(target: Path, records: Path) -> Fts5Searcher:
    connection = sqlite3.connect(f"file:{target / 'fts.db'}?mode=ro", uri=True)
    connection.execute(f"PRAGMA mmap_size = {8 << 30}")
    return Fts5Searcher(connection)


def _idf(documents: int, df: int) -> float:
    return max(log((documents - df + 0.5) / (df + 0.5)), 1e-6) if documents > df else 1e-6


class Fts5Searcher:
    """One connection. The hits are taken once, with scores and facets; page and counts are read from them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.formula: Formula | None = bm25(_idf)

    def __del__(self) -> None:
        self._connection.close()

    def run(self, task: Task) -> list[tuple[str, int, float]]:
        table = "bigrams" if task.phrase else "words"
        conditions = {key: _condition(key, values) for key, values in task.filters.items()}
        order = "day DESC, score" if task.newest else "score"
        everything = " AND ".join(conditions.values()) or "1"
        parts = [
            f"SELECT * FROM (SELECT '', number, score FROM hits WHERE {everything} ORDER BY {order}"
            f" LIMIT {SIZE} OFFSET {task.offset})"
        ]
        for key in FACET_KEYS:
            others = " AND ".join(condition for other, condition in conditions.items() if other != key) or "1"
            parts.append(f"SELECT '{key}', {key}, count(*) FROM hits WHERE {others} GROUP BY {key}")
        parts.append(f"SELECT 'total', 0, count(*) FROM hits WHERE {everything}")
        statement = (
            f"WITH hits AS MATERIALIZED (SELECT number, bm25({table}) AS score, day, {_COLUMNS} "
            f"FROM {table} JOIN facets ON facets.number = {table}.rowid WHERE {table} MATCH ?) "
        ) + " UNION ALL ".join(parts)
        return self._connection.execute(statement, (_match(task),)).fetchall()

    def answer(self, task: Task, raw: Any) -> Answer:
        counts: dict[str, dict[str, int]] = {key: {} for key in FACET_KEYS}
        page = []
        total = 0
        for key, number, value in raw:
            if not key:
                page.append((number, -value))
            elif key == "total":
                total = value
            else:
                counts[key][facet_values(key)[number]] = value
        return Answer(total, tuple(page), counts)


def _condition(key: str, values: tuple[str, ...]) -> str:
    return f"{key} IN ({', '.join(str(facet_values(key).index(value)) for value in values)})"


def _match(task: Task) -> str:
    if task.phrase:
        return f'"{" ".join(bigrams(task.phrase))}"'
    return (" AND " if task.rule == "all" else " OR ").join(f'"{word}"' for word in task.words)
