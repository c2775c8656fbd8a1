"""`.jsonl` (also packed: `.jsonl.xz`): one record a line, read line by line, so that size does not matter; `.json`.

A bad line is rejected with its number and the others go on.
"""

from __future__ import annotations

import io
import json
import logging
import lzma
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, cast

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import as_utf8, decode, read_document
from .packed import MAX_RATIO, PackedTooWell, Unpacked
from .records import Records, are_records

MAX_LINE = 64 * 1024 * 1024
"""Longest line in bytes: bounds the memory that a hostile (or packed) file can take."""
MOST_REJECTED = 100_000
"""Lines of a file that are rejected one by one: beyond, it is no file of records, and the list would take memory."""

_UNPACKED_AT_ONCE = 1 << 16

_log = logging.getLogger(__name__)


def read_jsonl(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the article or the rejection of every line that is not blank."""
    records = Records(path, facets)
    empty, rejected = True, 0
    for number, line in _lines(as_utf8(stream)):
        if line is None:
            empty = False
            yield Rejection(path, f"a line longer than {MAX_LINE // 1024 // 1024} MB", number)
        elif line.strip():
            empty = False
            record = _record(records, number, line)
            yield record
            rejected += isinstance(record, Rejection)
            if rejected == MOST_REJECTED:
                yield Rejection(path, f"{rejected:,} lines were rejected; what follows is not read", number + 1)
                break
    if empty:
        yield Rejection(path, "the file is empty")
    records.report(_log)


def read_jsonl_xz(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the records of an xz-packed file; where the packing is damaged, what came before it is kept."""
    try:
        unpacked = cast(BinaryIO, io.BufferedReader(Unpacked(stream), _UNPACKED_AT_ONCE))
        yield from read_jsonl(unpacked, path, facets)
    except (lzma.LZMAError, EOFError) as error:
        yield Rejection(path, f"damaged xz data, the rest is lost ({error})")
    except PackedTooWell:
        yield Rejection(path, f"it unpacks to more than {MAX_RATIO} times its size; the rest is left out")


def read_json(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the records of a `.json` file: a list of them, an object that holds one list of them, or one alone.

    Lines of records under this name are read as `.jsonl`.
    """
    try:
        text = read_document(stream, path)
        value = _value(text)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    except ValueError as error:
        if not _begins_with_records(text):
            yield Rejection(path, str(error))
            return
        yield from read_jsonl(io.BytesIO(text.encode("utf-8", "surrogatepass")), path, facets)
        return
    records = Records(path, facets)
    found = [*_unfolded(_records(value), records)]
    if not found:
        yield Rejection(path, "no records: a list of JSON objects is needed")
    rejected = 0
    for number, raw in enumerate(found, 1):
        record = records.read(raw, number) if isinstance(raw, dict) else Rejection(path, _NO_OBJECT, number)
        yield record
        rejected += isinstance(record, Rejection)
        if rejected == MOST_REJECTED:
            yield Rejection(path, f"{rejected:,} records were rejected; what follows is not read", number + 1)
            break
    records.report(_log)


_HAN, _NAME_SAYS = re.compile("[\u4e00-\u9fff]"), 4
_DEEPEST = 4  # objects around a list of records
_NO_OBJECT = "not a record: a JSON object is needed"


def _records(value: Any, depth: int = 0) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    inner = [*value.values()]
    lists = [one for one in inner if isinstance(one, list) and any(isinstance(each, dict) for each in one)]
    if len(lists) == 1:
        return lists[0]
    objects = [one for one in inner if isinstance(one, dict)]
    if len(inner) > 1 and len(objects) == len(inner):  # id → record
        return objects
    if lists or len(objects) != 1 or depth == _DEEPEST:
        return [value]
    found = _records(objects[0], depth + 1)  # the answer of an interface: code, message, data: {rows: […]}
    return [value] if found == objects else found


def _unfolded(items: Iterable[Any], records: Records, depth: int = 0) -> Iterator[Any]:
    """Yield records, those in place of an item that only holds them: a chapter of questions, a hit and its _source."""
    for item in items:
        inner = _inner(item, records) if isinstance(item, dict) and depth < _DEEPEST else []
        if inner:
            yield from _unfolded(inner, records, depth + 1)
        else:
            yield item


def _inner(item: Mapping[str, Any], records: Records) -> list[Any]:
    if "text" in records.fields(item):
        return []
    held = [each for value in item.values() for each in (value if isinstance(value, list) else [value])]
    objects = [each for each in held if isinstance(each, dict)]
    if any(_holds_records(each, records.facets) for each in objects):
        return objects
    pairs = [(name, value) for name, value in item.items() if isinstance(value, str)]
    if len(pairs) == len(item) > 1 and sum(len(_HAN.findall(name)) >= _NAME_SAYS for name, _ in pairs) * 2 > len(item):
        return [{"title": name, "text": value} for name, value in pairs]  # question → answer
    return []


def _holds_records(value: Any, facets: Facets, depth: int = 0) -> bool:
    """Tell whether a value is a record with a title and a text, or has one somewhere inside."""
    if isinstance(value, list):
        value = next((each for each in value if isinstance(each, dict)), None)
    if not isinstance(value, dict) or depth > _DEEPEST:
        return False
    return are_records(value, facets) or any(_holds_records(each, facets, depth + 1) for each in value.values())


def _begins_with_records(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0]
    try:
        return isinstance(_value(first), dict)
    except ValueError:
        return False


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield number and bytes of every line that is not empty; None for one that is too long.

    A line may end with CR alone: inside JSON none can stand.
    """
    number = 0
    for piece in iter(partial(stream.readline, MAX_LINE), b""):
        if len(piece) == MAX_LINE and not piece.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            number += 1
            yield number, None
            continue
        lines = piece.rstrip(b"\r\n").split(b"\r") if b"\r" in piece else (piece,)
        for line in lines:
            number += 1
            if line not in (b"\n", b""):
                yield number, line


def _record(records: Records, number: int, line: bytes) -> Article | Rejection:
    try:
        return records.read(_object(decode(line, records.path, number).strip()), number)
    except SourceError as error:
        return Rejection(records.path, error.reason, number)
    except ValueError as error:
        return Rejection(records.path, str(error), number)


def _object(line: str) -> Mapping[str, object]:
    raw = _value(line)
    if not isinstance(raw, dict):
        raise ValueError(_NO_OBJECT)
    return raw


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if error.lineno > 1 else f"column {error.colno}"
        raise ValueError(f"not JSON: {error.msg} ({where})") from error
    except ValueError as error:  # Python's bound on the digits of a number
        raise ValueError("not a record: a number has too many digits") from error
    except RecursionError as error:
        raise ValueError("not a record: nested too deeply") from error
