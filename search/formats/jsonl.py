"""`.jsonl` (also packed: `.jsonl.xz`): one record a line, read line by line, so that size does not matter.

A bad line is rejected with its number and the others go on.
"""

from __future__ import annotations

import io
import json
import logging
import lzma
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO, cast

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import clean, decode
from .fields import FieldError, is_field, make_article
from .headings import plain_sections
from .packed import MAX_RATIO, PackedTooWell, Unpacked

MAX_LINE = 64 * 1024 * 1024
"""Longest line in bytes: bounds the memory that a hostile (or packed) file can take."""
MOST_REJECTED = 100_000
"""Lines of a file that are rejected one by one: beyond, it is no file of records, and the list would take memory."""

_UNPACKED_AT_ONCE = 1 << 16
_MOST_NAMES, _LONGEST_NAME = 1000, 40  # of unknown fields that are remembered

_log = logging.getLogger(__name__)


def read_jsonl(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the article or the rejection of every line that is not blank."""
    unknown: Counter[str] = Counter()
    empty, rejected = True, 0
    for number, line in _lines(stream):
        if line is None:
            empty = False
            yield Rejection(path, f"a line longer than {MAX_LINE // 1024 // 1024} MB", number)
        elif line.strip():
            empty = False
            record = _record(path, number, line, unknown, facets)
            yield record
            rejected += isinstance(record, Rejection)
            if rejected == MOST_REJECTED:
                yield Rejection(path, f"{rejected:,} lines were rejected; what follows is not read", number + 1)
                break
    if empty:
        yield Rejection(path, "the file is empty")
    if unknown:
        names = ", ".join(f"{name!r} ({count:,})" for name, count in unknown.most_common(10))
        _log.warning("%s: fields that no record has were ignored: %s", path, names)


def read_jsonl_xz(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the records of an xz-packed file; where the packing is damaged, what came before it is kept."""
    try:
        yield from read_jsonl(cast(BinaryIO, io.BufferedReader(Unpacked(stream), _UNPACKED_AT_ONCE)), path, facets)
    except (lzma.LZMAError, EOFError) as error:
        yield Rejection(path, f"damaged xz data, the rest is lost ({error})")
    except PackedTooWell:
        yield Rejection(path, f"it unpacks to more than {MAX_RATIO} times its size; the rest is left out")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield number and bytes of every line that is not empty; None for one that is too long."""
    for number, line in enumerate(iter(partial(stream.readline, MAX_LINE), b""), 1):
        if line == b"\n":
            continue
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield number, None


def _record(path: str, number: int, line: bytes, unknown: Counter[str], facets: Facets) -> Article | Rejection:
    try:
        raw = _object(decode(line, path, number).strip())
        unknown.update(key[:_LONGEST_NAME] for key in raw if not is_field(key, facets) and len(unknown) < _MOST_NAMES)
        text = _text(facets.fields.renamed(raw).get("text"))
        return make_article(path, f"{path}/{number}", raw, text, plain_sections(text), facets)
    except SourceError as error:
        return Rejection(path, error.reason, number)
    except ValueError as error:
        return Rejection(path, str(error), number)


def _object(line: str) -> Mapping[str, object]:
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} (column {error.colno})") from error
    except ValueError as error:  # Python's bound on the digits of a number
        raise ValueError("not a record: a number has too many digits") from error
    except RecursionError as error:
        raise ValueError("not a record: nested too deeply") from error
    if not isinstance(raw, dict):
        raise ValueError("not a record: a JSON object is needed")
    return raw


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise FieldError("text", "missing" if value is None else "must be text")
    return clean(value.replace("\r\n", "\n").replace("\r", "\n")).strip("\n").rstrip()
