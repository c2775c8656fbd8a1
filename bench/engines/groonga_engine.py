"""Groonga through its C library (Debian's libgroonga0), called in this process: delimited tokens, drilldowns.

Its scores are sums of term frequencies. It keeps the texts that it indexes, so its index holds the tokens twice.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterable
from ctypes.util import find_library
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..answers import Answer, Array, Formula
from ..records import FACET_KEYS
from ..tasks import SIZE, Task
from ..tokens import TokenRecord, bigrams, token_records

NAME = "Groonga"
BLOCK = 1_000
_FOUND = find_library("groonga")
if not _FOUND:
    raise ImportError("libgroonga is not installed")
_library = ctypes.CDLL(_FOUND)
_library.grn_ctx_open.restype = ctypes.c_void_p
_library.grn_db_open.restype = _library.grn_db_create.restype = ctypes.c_void_p
_library.grn_get_version.restype = ctypes.c_char_p
_library.grn_ctx_send.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint, ctypes.c_int)
_library.grn_ctx_recv.argtypes = (
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.POINTER(ctypes.c_uint),
    ctypes.POINTER(ctypes.c_int),
)
_library.grn_init()
_MORE = 1


def version() -> str:
    return str(_library.grn_get_version().decode())


class Database:
    """A database in a context of its own, spoken to by commands."""

    def __init__(self, path: Path, create: bool = False) -> None:
        self._context = ctypes.c_void_p(_library.grn_ctx_open(0))
        name = str(path).encode()
        if create:
            database = _library.grn_db_create(self._context, name, None)
        else:
            database = _library.grn_db_open(self._context, name)
        if not database:
            raise OSError(f"groonga cannot open {path}")

    def send(self, command: str) -> Any:
        """Run a command, or hand over the values that the last one asked for; return its decoded output."""
        encoded = command.encode()
        _library.grn_ctx_send(self._context, encoded, len(encoded), 0)
        text, length, flags = ctypes.c_void_p(), ctypes.c_uint(), ctypes.c_int()
        output = b""
        while True:
            _library.grn_ctx_recv(self._context, ctypes.byref(text), ctypes.byref(length), ctypes.byref(flags))
            output += ctypes.string_at(text, length.value) if text.value else b""
            if not flags.value & _MORE:
                break
        # The return code is the first member of the context.
        error = ctypes.cast(self._context, ctypes.POINTER(ctypes.c_int)).contents.value
        if error:
            raise RuntimeError(f"groonga: error {error}: {command[:200]}")
        return json.loads(output) if output else None

    def command(self, name: str, /, **parameters: object) -> Any:
        """Run a command by name."""
        return self.send(f"/d/{name}?{urlencode(parameters)}")


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    database = Database(target / "db", create=True)
    database.command("table_create", name="Docs", flags="TABLE_NO_KEY")
    for key in FACET_KEYS:
        database.command("table_create", name=key, flags="TABLE_PAT_KEY", key_type="ShortText")
    columns = {"number": "UInt32", "id": "ShortText", "title": "Text", "text": "Text", "day": "UInt32"}
    columns |= {"words": "Text", "bigrams": "Text"} | {key: key for key in FACET_KEYS}
    for name, kind in columns.items():
        database.command("column_create", table="Docs", name=name, flags="COLUMN_SCALAR", type=kind)
    cut = token_records(records, workers)
    while block := list(islice(cut, BLOCK)):
        database.send("load --table Docs")
        database.send(json.dumps(list(_rows(block)), ensure_ascii=False))
    for name, flags in (("words", "COLUMN_INDEX"), ("bigrams", "COLUMN_INDEX|WITH_POSITION")):
        terms = f"terms_{name}"
        database.command(
            "table_create", name=terms, flags="TABLE_PAT_KEY", key_type="ShortText", default_tokenizer="TokenDelimit"
        )
        database.command("column_create", table=terms, name="docs", flags=flags, type="Docs", source=name)
    for key in FACET_KEYS:
        database.command("column_create", table=key, name="docs", flags="COLUMN_INDEX", type="Docs", source=key)
    database.command("database_unmap")


def _rows(block: Iterable[TokenRecord]) -> Iterable[dict[str, Any]]:
    for cut in block:
        record = cut.record
        yield {
            "number": record.number,
            "id": record.id,
            "title": record.title,
            "text": record.text,
            "day": record.day,
            "words": cut.words,
            "bigrams": cut.bigrams,
            **dict(zip(FACET_KEYS, record.facets, strict=True)),
        }


def open(target: Path, records: Path) -> GroongaSearcher:
    return GroongaSearcher(Database(target / "db"))


def _frequencies(tf: Array, lengths: Array, average: float, documents: int, df: int) -> Array:
    return tf


class GroongaSearcher:
    """Selections by filter scripts; a facet that is filtered needs a selection without its filter."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.formula: Formula | None = Formula(_frequencies)

    def run(self, task: Task) -> Any:
        words = _script(task)
        filters = {
            key: f"({' || '.join(f'{key} == {json.dumps(value, ensure_ascii=False)}' for value in values)})"
            for key, values in task.filters.items()
        }
        free = [key for key in FACET_KEYS if key not in filters]
        found, *lists = self._select(" && ".join((words, *filters.values())), free, task)
        counts = dict(zip(free, lists, strict=True))
        for key in filters:
            others = " && ".join([words, *(part for other, part in filters.items() if other != key)])
            counts[key] = self._select(others, [key], None)[1]
        return found, counts

    def answer(self, task: Task, raw: Any) -> Answer:
        found, counts = raw
        # Each condition adds 1 to the score.
        page = tuple((number, float(score - len(task.filters))) for number, score in found[2:])
        return Answer(found[0][0], page, {key: dict(counts[key][2:]) for key in FACET_KEYS})

    def _select(self, script: str, keys: list[str], task: Task | None) -> Any:
        return self._database.command(
            "select",
            table="Docs",
            filter=script,
            output_columns="number,_score",
            sort_keys="-day,-_score" if task and task.newest else "-_score",
            offset=task.offset if task else 0,
            limit=SIZE if task else 0,
            drilldown=",".join(keys),
            drilldown_limit=-1,
            drilldown_output_columns="_key,_nsubrecs",
            cache="no",
        )


def _script(task: Task) -> str:
    if task.phrase:
        return f'bigrams @ "{" ".join(bigrams(task.phrase))}"'
    operator = " && " if task.rule == "all" else " || "
    return f"({operator.join(f'words @ {json.dumps(word, ensure_ascii=False)}' for word in task.words)})"
