"""Document formats: each turns the bytes of one source file into articles, and says what could not be used.

Knows bytes, encodings and the fields of a record; must not know folders, engines or what the values of a facet are.

To add a format, write `formats/<name>.py` with a function like the others and add its suffix to `READERS`. A reader
gets an open binary stream, the file's path as used in ids, and the facets whose values a record may state; it yields
an `Article` or a `Rejection` for every record and never raises for bad content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO

from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .jsonl import read_jsonl, read_jsonl_xz
from .text import read_text

Reader = Callable[[BinaryIO, str, Facets], Iterator[Article | Rejection]]


# The libraries of these two take longer to import than a search takes to answer, and only a reindex needs them.
def _read_html(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .html import read_html

    return read_html(stream, path)


def _read_markdown(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .markdown import read_markdown

    return read_markdown(stream, path, facets)


# Neither a page nor plain text has a place where it could state a facet.
def _read_text(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    return read_text(stream, path)


READERS: dict[str, Reader] = {
    ".md": _read_markdown,
    ".jsonl": read_jsonl,
    ".jsonl.xz": read_jsonl_xz,
    ".html": _read_html,
    ".htm": _read_html,
    ".txt": _read_text,
}
"""Suffix (lower case) → reader."""

PARSED_FROM: dict[Reader, int] = {_read_html: 0, _read_markdown: 16 * 1024}
"""Readers whose parser is not ours and may take any time → from how many bytes on it is not run in this process.

A Markdown file below that takes at most 3 s, the parser being plain Python and at worst quadratic.
"""


def read_all(reader: Reader, data: bytes, path: str, facets: Facets) -> list[Article | Rejection]:
    """Return what a reader makes of the bytes of a file, to be called in another process."""
    return list(reader(BytesIO(data), path, facets))


def reader_for(name: str) -> Reader | None:
    """Return the reader of a file name, by its suffix in any case; None if no format has it."""
    lower = name.lower()
    return next((reader for suffix, reader in READERS.items() if lower.endswith(suffix)), None)
