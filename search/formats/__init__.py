"""Document formats: each turns the bytes of one source file into articles.

To add a format, write `formats/<name>.py` with a function like the others and add its suffix to `READERS`. A reader
gets an open binary stream and the file's path as used in ids; it yields an `Article` or a `Rejection` for every record
and never raises for bad content. It must not know folders, the taxonomy or the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from ..model import Article, Rejection
from .html import read_html
from .jsonl import read_jsonl, read_jsonl_xz
from .markdown import read_markdown
from .text import read_text

Reader = Callable[[BinaryIO, str], Iterator[Article | Rejection]]

READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".jsonl": read_jsonl,
    ".jsonl.xz": read_jsonl_xz,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
}
"""Suffix (lower case) → reader."""


def reader_for(name: str) -> Reader | None:
    """Return the reader of a file name, by its suffix in any case; None if no format has it."""
    lower = name.lower()
    return next((reader for suffix, reader in READERS.items() if lower.endswith(suffix)), None)
