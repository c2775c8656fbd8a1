"""Stored articles: one JSON line each, in blocks compressed by zstd, any of which is read by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import zstandard

from ..arrays import Array
from ..errors import IndexDamaged
from ..model import Article, Evidence, Section, Table

BLOCK = 16 << 10
"""Characters a block before compression. 48 K pack 10 % better and take 1.5 times as long to read (short records)."""
LEVEL = 3
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StoreWriter:
    """Packs articles into blocks and hands each finished block to `write`."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        self._lines: list[str] = []
        self._size = 0
        self._documents = 0
        self._first_documents = [0]
        self._offsets = [0]

    def add(self, article: Article) -> None:
        """Append an article; its document number is the number of those before it."""
        line = encode(article)
        self._lines.append(line)
        self._size += len(line)
        self._documents += 1
        if self._size >= BLOCK:
            self._flush()

    def finish(self) -> tuple[Array, Array]:
        """Write what is left; return each block's first document and its offset, both with an end appended."""
        if self._lines:
            self._flush()
        return np.asarray(self._first_documents, np.uint32), np.asarray(self._offsets, np.uint64)

    def _flush(self) -> None:
        block = self._compressor.compress("\n".join(self._lines).encode("utf-8", "surrogatepass"))
        self._write(block)
        self._first_documents.append(self._documents)
        self._offsets.append(self._offsets[-1] + len(block))
        self._lines, self._size = [], 0


class Store:
    """Reads articles by document number; thread-safe. The last few blocks are kept.

    Each block has a checksum of its own, which is compared when it is unpacked.
    """

    def __init__(self, blocks: Array, first_documents: Array, offsets: Array) -> None:
        self._first_documents = first_documents
        # The cache holds the blocks, not the store: an object in a cache of its own stays until garbage collection.
        self._lines = lru_cache(maxsize=32)(_Blocks(blocks, offsets).lines)

    def article(self, document: int) -> Article:
        """Return a stored article. Raises IndexDamaged if its block cannot be read."""
        block = int(np.searchsorted(self._first_documents, document, side="right")) - 1
        lines = self._lines(block)
        try:
            return decode(lines[document - int(self._first_documents[block])].decode("utf-8", "surrogatepass"))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexDamaged("a stored article cannot be read") from error


class _Blocks:
    """Compressed blocks end to end, and where each begins."""

    def __init__(self, blocks: Array, offsets: Array) -> None:
        self._blocks = blocks
        self._offsets = offsets
        self._local = threading.local()

    def lines(self, block: int) -> list[bytes]:
        """Return the articles of a block, a line of JSON each. Raises IndexDamaged."""
        begin, end = int(self._offsets[block]), int(self._offsets[block + 1])
        # A decompressor must not be shared by threads.
        if not hasattr(self._local, "decompressor"):
            self._local.decompressor = zstandard.ZstdDecompressor()
        try:
            raw: bytes = self._local.decompressor.decompress(self._blocks[begin:end].data)
        except (zstandard.ZstdError, MemoryError) as error:  # a damaged block may ask for any amount of memory
            raise IndexDamaged("a block of stored articles cannot be read") from error
        return raw.split(b"\n")


def encode(article: Article) -> str:
    """Return an article as one line of JSON, without line feeds."""
    values = [
        article.id,
        article.kind,
        article.title,
        article.text,
        article.date and article.date.isoformat(),
        article.source,
        article.url,
        article.path,
        [[s.heading, s.level, s.start, s.body, s.end, s.anchor] for s in article.sections],
        [[t.start, t.end, t.rows, t.header] for t in article.tables],
        {key: list(values) for key, values in article.facets.items()},
        [[e.facet, e.value, e.rule, e.field, e.start, e.end] for e in article.evidence],
        _validity(article),
    ]
    return _to_json(values)


def decode(line: str) -> Article:
    """Return the article that `encode` turned into `line`."""
    key, kind, title, text, day, source, url, path, sections, tables, facets, evidence, validity = json.loads(line)
    return Article(
        id=key,
        kind=kind,
        title=title,
        text=text,
        date=date.fromisoformat(day) if day else None,
        source=source,
        url=url,
        path=path,
        sections=tuple(Section(*section) for section in sections),
        tables=tuple(_table(*table) for table in tables),
        facets={key: tuple(values) for key, values in facets.items()},
        evidence=tuple(Evidence(*item) for item in evidence),
        **_validity_of(*validity),
    )


def _validity(article: Article) -> list[object]:
    """Return what an article says of its validity: nothing for most."""
    days: list[object] = [day and day.isoformat() for day in (article.effective, article.expires)]
    found = [*days, article.superseded_by, article.repealed_by, list(article.repeals)]
    return found if any(found) else []


def _validity_of(
    effective: str | None = None,
    expires: str | None = None,
    superseded_by: str = "",
    repealed_by: str = "",
    repeals: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "effective": effective and date.fromisoformat(effective),
        "expires": expires and date.fromisoformat(expires),
        "superseded_by": superseded_by,
        "repealed_by": repealed_by,
        "repeals": tuple(repeals),
    }


def _table(start: int, end: int, rows: list[list[list[int]]], header: int) -> Table:
    return Table(start, end, tuple(tuple((begin, stop) for begin, stop in row) for row in rows), header)
