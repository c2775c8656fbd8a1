"""Plain Whoosh 2.7.4: its own codec, searcher, sortable columns and facets, with tokens given."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from ..answers import Answer, Array, Formula, bm25
from ..records import FACET_KEYS
from ..tasks import SIZE, Task
from ..tokens import bigrams, token_records

with warnings.catch_warnings():
    # Its source has escapes that newer Pythons warn about.
    warnings.simplefilter("ignore")
    import whoosh
    from whoosh import fields, index, query, sorting
    from whoosh.analysis import Token, Tokenizer
    from whoosh.util.numeric import byte_to_length, length_to_byte

NAME = "plain Whoosh"
MEMORY_MB = 512


class Blanks(Tokenizer):  # type: ignore[misc]
    """Splits at blanks."""

    def __call__(self, value: str, positions: bool = False, **_: object) -> Iterator[Any]:
        token = Token(positions)
        for position, text in enumerate(value.split()):
            token.text, token.pos, token.boost, token.stopped = text, position, 1.0, False
            yield token


def version() -> str:
    return ".".join(map(str, whoosh.__version__))


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    schema = fields.Schema(
        number=fields.STORED,
        id=fields.STORED,
        title=fields.STORED,
        text=fields.STORED,
        day=fields.NUMERIC(sortable=True),
        words=fields.TEXT(Blanks(), phrase=False),
        bigrams=fields.TEXT(Blanks(), phrase=True),
        **{key: fields.ID(sortable=True) for key in FACET_KEYS},
    )
    writer = index.create_in(target, schema).writer(limitmb=MEMORY_MB)
    for cut in token_records(records, workers):
        record = cut.record
        writer.add_document(
            number=record.number,
            id=record.id,
            title=record.title,
            text=record.text,
            day=record.day,
            words=cut.words,
            bigrams=cut.bigrams,
            **dict(zip(FACET_KEYS, record.facets, strict=True)),
        )
    writer.commit(optimize=True)


def open(target: Path, records: Path) -> WhooshSearcher:
    return WhooshSearcher(index.open_dir(target).searcher())


class WhooshSearcher:
    """Whoosh's own searcher. `optimize` is off: with it, top tens are wrong for some queries."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self.formula: Formula | None = bm25(lambda documents, df: log(documents / (df + 1)) + 1, length=_remembered)

    def run(self, task: Task) -> Any:
        words = _words(task)
        filters = {key: query.Or([query.Term(key, v) for v in values]) for key, values in task.filters.items()}
        free = [key for key in FACET_KEYS if key not in filters]
        found = self._search(words, _and(filters, ""), free, task.offset + SIZE, task.newest)
        page = [(hit["number"], hit.score) for hit in found[task.offset : task.offset + SIZE]]
        counts = {key: found.groups(key) for key in free}
        for key in filters:
            counts[key] = self._search(words, _and(filters, key), [key], 1, False).groups(key)
        return len(found), page, counts

    def answer(self, task: Task, raw: Any) -> Answer:
        total, page, counts = raw
        return Answer(total, tuple((n, 0.0 if s is None or task.newest else s) for n, s in page), counts)

    def _search(self, words: Any, condition: Any, keys: list[str], limit: int, newest: bool) -> Any:
        return self._searcher.search(
            words,
            limit=limit,
            filter=condition,
            groupedby={key: sorting.FieldFacet(key, maptype=sorting.Count) for key in keys},
            sortedby=sorting.FieldFacet("day", reverse=True) if newest else None,
            optimize=False,
        )


def _words(task: Task) -> Any:
    if task.phrase:
        return query.Phrase("bigrams", list(bigrams(task.phrase)))
    terms = [query.Term("words", word) for word in task.words]
    return query.And(terms) if task.rule == "all" else query.Or(terms)


def _and(filters: dict[str, Any], without: str) -> Any:
    wanted = [condition for key, condition in filters.items() if key != without]
    return query.And(wanted) if wanted else None


def _remembered(lengths: Array) -> Array:
    return np.array([byte_to_length(length_to_byte(int(length))) for length in lengths])
