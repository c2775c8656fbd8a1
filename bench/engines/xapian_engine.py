"""Xapian through Debian's python3-xapian: words as terms, bigrams as postings, facets counted by match spies.

Debian's module is for the system's interpreter; it is loaded alone, without the other packages beside it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from math import log
from pathlib import Path
from typing import Any

from ..answers import Answer, Formula, bm25
from ..records import FACET_KEYS
from ..tasks import SIZE, Task
from ..tokens import bigrams, token_records

NAME = "Xapian"
DEBIAN = Path("/usr/lib/python3/dist-packages/xapian")
DAY = len(FACET_KEYS)
"""The value slot of the date; those of the facets come before it."""


def _import() -> Any:
    if "xapian" not in sys.modules:
        spec = spec_from_file_location("xapian", DEBIAN / "__init__.py", submodule_search_locations=[str(DEBIAN)])
        if not DEBIAN.is_dir() or spec is None or spec.loader is None:
            raise ImportError("python3-xapian is not installed")
        module = module_from_spec(spec)
        sys.modules["xapian"] = module
        spec.loader.exec_module(module)
    return sys.modules["xapian"]


xapian = _import()


def version() -> str:
    return str(xapian.version_string())


def build(records: Path, target: Path, workers: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    database = xapian.WritableDatabase(str(target), xapian.DB_CREATE_OR_OPEN)
    for cut in token_records(records, workers):
        record = cut.record
        document = xapian.Document()
        document.set_data(json.dumps([record.id, record.title, record.text], ensure_ascii=False))
        for word, count in Counter(cut.words.split()).items():
            document.add_term(f"W{word}", count)
        for position, pair in enumerate(cut.bigrams.split()):
            document.add_posting(f"B{pair}", position, 0)
        for slot, value in enumerate(record.facets):
            document.add_boolean_term(f"F{slot}{value}")
            document.add_value(slot, value)
        document.add_value(DAY, f"{record.day:07d}")
        database.add_document(document)
    database.commit()
    database.close()


def open(target: Path, records: Path) -> XapianSearcher:
    return XapianSearcher(xapian.Database(str(target)))


def _idf(documents: int, df: int) -> float:
    odds = (documents - df + 0.5) / (df + 0.5)
    return log(odds * 0.5 + 1 if odds < 2 else odds)


class XapianSearcher:
    """A database opened for reading. Document ids count from 1."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._documents = database.get_doccount()
        self.formula: Formula | None = bm25(_idf)

    def run(self, task: Task) -> Any:
        query = self._words(task)
        filters = {
            key: xapian.Query(xapian.Query.OP_OR, [f"F{FACET_KEYS.index(key)}{value}" for value in values])
            for key, values in task.filters.items()
        }
        found, counts = self._search(task, _filtered(query, filters, ""), [k for k in FACET_KEYS if k not in filters])
        for key in filters:
            counts |= self._search(task, _filtered(query, filters, key), [key], count_only=True)[1]
        return found, counts

    def answer(self, task: Task, raw: Any) -> Answer:
        found, counts = raw
        page = tuple((match.docid - 1, match.weight) for match in found)
        return Answer(found.get_matches_estimated(), page, counts)

    def _search(
        self, task: Task, query: Any, keys: list[str], count_only: bool = False
    ) -> tuple[Any, dict[str, dict[str, int]]]:
        enquire = xapian.Enquire(self._database)
        enquire.set_query(query)
        enquire.set_weighting_scheme(xapian.BM25Weight(1.2, 0, 1, 0.75, 0))
        if count_only:
            enquire.set_weighting_scheme(xapian.BoolWeight())
        elif task.newest:
            enquire.set_sort_by_value_then_relevance(DAY, True)
        spies = {key: xapian.ValueCountMatchSpy(FACET_KEYS.index(key)) for key in keys}
        for spy in spies.values():
            enquire.add_matchspy(spy)
        offset, size = (0, 0) if count_only else (task.offset, SIZE)
        found = enquire.get_mset(offset, size, self._documents)
        return found, {key: {row.term.decode(): row.termfreq for row in spy.values()} for key, spy in spies.items()}

    def _words(self, task: Task) -> Any:
        if task.phrase:
            return xapian.Query(xapian.Query.OP_PHRASE, [f"B{pair}" for pair in bigrams(task.phrase)])
        operator = xapian.Query.OP_AND if task.rule == "all" else xapian.Query.OP_OR
        return xapian.Query(operator, [f"W{word}" for word in task.words])


def _filtered(query: Any, filters: dict[str, Any], without: str) -> Any:
    for key, condition in filters.items():
        if key != without:
            query = xapian.Query(xapian.Query.OP_FILTER, query, condition)
    return query
