"""tantivy through tantivy-py: words without positions, bigrams with, facets as fast integers, terms aggregations.

Facets that are filtered need an aggregation of their own, without their filter. Hits are named by a fast field. What
was measured to be quicker is used: integers are counted twice as fast as texts, and one writer thread beside the
processes that cut makes fewer segments.
"""

from __future__ import annotations

from importlib.metadata import version as installed
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from tantivy import Index, Occur, Order, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from ..answers import Answer, Array, Formula, bm25
from ..records import FACET_KEYS, facet_values
from ..tasks import SIZE, Task
from ..tokens import bigrams, token_records

NAME = "tantivy"
HEAP = 512 << 20
_AGGREGATIONS = {key: {"terms": {"field": key, "size": 1_000}} for key in FACET_KEYS}


def version() -> str:
    return installed("tantivy")


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    index = Index(_schema(), str(target))
    _register(index)
    writer = index.writer(HEAP, 1)
    tables = {key: {value: number for number, value in enumerate(facet_values(key))} for key in FACET_KEYS}
    for cut in token_records(records, workers):
        record = cut.record
        writer.add_document(
            tantivy.Document(
                number=record.number,
                id=record.id,
                title=record.title,
                text=record.text,
                day=record.day,
                words=cut.words,
                bigrams=cut.bigrams,
                **{key: table[value] for (key, table), value in zip(tables.items(), record.facets, strict=True)},
            )
        )
    writer.commit()
    writer.wait_merging_threads()


def open(target: Path, records: Path) -> TantivySearcher:
    index = Index.open(str(target))
    _register(index)
    return TantivySearcher(index)


def _schema() -> Any:
    builder = SchemaBuilder()
    builder.add_integer_field("number", fast=True)
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", stored=True, fast=True)
    builder.add_text_field("words", tokenizer_name="blanks", index_option="freq")
    builder.add_text_field("bigrams", tokenizer_name="blanks", index_option="position")
    for key in FACET_KEYS:
        builder.add_integer_field(key, stored=True, fast=True, indexed=True)
    return builder.build()


def _register(index: Any) -> None:
    index.register_tokenizer("blanks", TextAnalyzerBuilder(Tokenizer.whitespace()).build())


class TantivySearcher:
    """A searcher of one committed index."""

    def __init__(self, index: Any) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self.formula: Formula | None = bm25(
            lambda documents, df: log(1 + (documents - df + 0.5) / (df + 0.5)), length=_remembered
        )

    def run(self, task: Task) -> Any:
        query = self._words(task)
        filters = {key: self._filter(key, values) for key, values in task.filters.items()}
        full = self._filtered(query, filters, "")
        if task.newest:
            found = self._searcher.search(full, SIZE, True, "day", task.offset, Order.Desc)
        else:
            found = self._searcher.search(full, SIZE, True, offset=task.offset)
        free = {key: wanted for key, wanted in _AGGREGATIONS.items() if key not in filters}
        counts = self._searcher.aggregate(full, free)
        for key in filters:
            counts |= self._searcher.aggregate(self._filtered(query, filters, key), {key: _AGGREGATIONS[key]})
        numbers = self._searcher.fast_field_values("number", [address for _, address in found.hits])
        return found, numbers, {key: _named(key, counts[key]["buckets"]) for key in FACET_KEYS}

    def answer(self, task: Task, raw: Any) -> Answer:
        found, numbers, counts = raw
        page = tuple((number, float(score)) for number, (score, _) in zip(numbers, found.hits, strict=True))
        return Answer(found.count, page, counts)

    def _words(self, task: Task) -> Any:
        if task.phrase:
            pairs: list[str | tuple[int, str]] = list(bigrams(task.phrase))
            if len(pairs) == 1:
                return Query.term_query(self._schema, "bigrams", pairs[0])
            return Query.phrase_query(self._schema, "bigrams", pairs)
        terms = [Query.term_query(self._schema, "words", word, "freq") for word in task.words]
        if len(terms) == 1:
            return terms[0]
        occur = Occur.Must if task.rule == "all" else Occur.Should
        return Query.boolean_query([(occur, term) for term in terms])

    def _filter(self, key: str, values: tuple[str, ...]) -> Any:
        # A term-set query builds an automaton first: slower for a few values.
        numbers = [facet_values(key).index(value) for value in values]
        terms = [(Occur.Should, Query.term_query(self._schema, key, number, "basic")) for number in numbers]
        return Query.const_score_query(Query.boolean_query(terms), 0.0)

    def _filtered(self, query: Any, filters: dict[str, Any], without: str) -> Any:
        wanted = [condition for key, condition in filters.items() if key != without]
        return Query.boolean_query([(Occur.Must, part) for part in (query, *wanted)]) if wanted else query


def _named(key: str, rows: list[dict[str, Any]]) -> dict[str, int]:
    values = facet_values(key)
    return {values[int(row["key"])]: row["doc_count"] for row in rows}


def _remembered(lengths: Array) -> Array:
    """Return lengths as tantivy stores them, in one byte: exact to 40, then rounded down to three binary digits."""
    known = np.array([_decode(code) for code in range(200)])
    return known[np.searchsorted(known, lengths, "right") - 1]


def _decode(code: int) -> int:
    if code < 24:
        return code
    rest, shift = (code - 24) & 7, ((code - 24) >> 3) - 1
    return 24 + (rest if shift < 0 else (rest | 8) << shift)
