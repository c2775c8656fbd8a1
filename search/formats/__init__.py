"""Document formats: each turns the bytes of one source file into articles, and says what could not be used.

Knows bytes, encodings and the fields of a record; must not know folders, engines or what the values of a facet are.

To add a format, write `formats/<name>.py` with a function like the others and add its suffix to `READERS`. A reader
gets an open binary stream, the file's path as used in ids, and the facets whose values a record may state; it yields
an `Article` or a `Rejection` for every record and never raises for bad content.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .archive import SUFFIX as ARCHIVE
from .delimited import read_delimited
from .jsonl import read_json, read_jsonl, read_jsonl_xz
from .text import read_text

Reader = Callable[[BinaryIO, str, Facets], Iterator[Article | Rejection]]


# The libraries of these two take longer to import than a search takes to answer, and only a reindex needs them.
def _read_html(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .html import read_html

    return read_html(stream, path)


def _read_markdown(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .markdown import read_markdown

    return read_markdown(stream, path, facets)


def _read_office(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .office import read_office

    return read_office(stream, path, facets)


def _read_mail(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .mail import read_mail

    return read_mail(stream, path, facets)


def _read_xml(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    from .xml import read_xml

    return read_xml(stream, path, facets)


# The files in an archive are read one by one, each by its own reader (`indexing.ingest`).
def read_archive(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield why an archive in a place where none is expected is not read."""
    yield Rejection(path, "an archive in an archive is not read; unpack it")


def _read_packed(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    yield Rejection(path, "of archives only .zip is read: unpack it, or pack it as .zip")


READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".mdx"), _read_markdown),
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".jsonl.xz": read_jsonl_xz,
    ".json": read_json,
    ".html": _read_html,
    **dict.fromkeys((".htm", ".xhtml", ".shtml"), _read_html),
    ".txt": read_text,
    ".text": read_text,
    **dict.fromkeys((".xml", ".rss", ".atom"), _read_xml),
    ".eml": _read_mail,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ARCHIVE: read_archive,
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), _read_packed),
    **dict.fromkeys((".pdf", ".docx", ".docm", ".xlsx", ".xlsm", ".xls"), _read_office),
    **dict.fromkeys((".doc", ".wps", ".et", ".rtf", ".odt", ".ods", ".ofd", ".mht", ".mhtml"), _read_office),
}
"""Suffix (lower case) → reader."""

PARSED_FROM: dict[Reader, int] = {
    _read_html: 0,
    _read_markdown: 16 * 1024,
    _read_office: 0,
    _read_mail: 0,
    _read_xml: 0,
}
"""Readers whose parser is not ours and may take any time → from how many bytes on it is not run in this process.

A Markdown file below that takes at most 3 s, the parser being plain Python and at worst quadratic.
"""

LONG: frozenset[Reader] = frozenset({_read_office})
"""Those whose honest files may take longer: a yearbook of 2,000 pages."""

OFFICE_EXTRA = "pip install 'yibao-search[office]'"
_OFFICE_MODULES = ("pypdfium2", "docx", "openpyxl", "xlrd")
_IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".webp"))
_SLIDES = frozenset((".ppt", ".pptx", ".dps", ".odp"))
_LOGS = frozenset((".log",))


def read_all(reader: Reader, data: bytes, path: str, facets: Facets) -> list[Article | Rejection]:
    """Return what a reader makes of the bytes of a file, to be called in another process."""
    return list(reader(BytesIO(data), path, facets))


def reader_for(name: str) -> Reader | None:
    """Return the reader of a file name, by its suffix in any case; None if no format has it, or no library."""
    lower = name.lower()
    reader = next((reader for suffix, reader in READERS.items() if lower.endswith(suffix)), None)
    return None if reader is _read_office and not has_office() else reader


_CALLED_TEXT: frozenset[Reader] = frozenset(
    {read_text, read_delimited, read_json, read_jsonl, _read_html, _read_markdown, _read_xml}
)
_OFFICE = re.compile(rb"\A(?:%PDF-|\xd0\xcf\x11\xe0|PK\x03\x04)")
_DOCUMENT = re.compile(rb"\APK\x03\x04.{26}(?:\[Content_Types\]|mimetypeapplication/vnd\.oasis)", re.DOTALL)
_PAGE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!doctype\s+html|<html)\b", re.I)
_PIECE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:head|body|div|p|table|center|h[1-6])(?:\s[^<>]{0,1000})?>", re.I)
_OFFICE_XML = re.compile(rb"<\?mso-application|=\"urn:schemas-microsoft-com:office:(?:spreadsheet|word)")
_XML_HEAD = 4096  # bytes in which a file of XML says what it is
_OTHER_ARCHIVE = re.compile(rb"\A(?:Rar!|7z\xbc\xaf\x27\x1c|\x1f\x8b)")
_JSON = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"[^\"]*\"\s*:")


def reader_of(reader: Reader, data: bytes) -> Reader:
    """Return what reads a file whose name asks for `reader`: what it is, its bytes tell where they are sure."""
    if has_office() and (
        (reader in _CALLED_TEXT and _OFFICE.match(data))
        or (reader is read_archive and _DOCUMENT.match(data))
        or (reader is _read_xml and _OFFICE_XML.search(data, 0, _XML_HEAD))
    ):
        return _read_office
    if reader is read_archive and _OTHER_ARCHIVE.match(data):
        return _read_packed
    if (reader in _CALLED_TEXT and _PAGE.match(data)) or (reader is read_text and _PIECE.match(data)):
        return _read_html
    return read_json if reader is read_text and _JSON.match(data) else reader


@lru_cache(maxsize=1)
def has_office() -> bool:
    """Tell whether the extra `office` is installed."""
    return all(find_spec(module) for module in _OFFICE_MODULES)


def would_read(suffix: str) -> str:
    """Return what reads files of a suffix that are skipped: the end of a sentence that begins with their number."""
    if suffix in READERS:
        return f"are read with `{OFFICE_EXTRA}`"
    if suffix in _IMAGES:
        return "are pictures: a program that recognises text can make PDF of them"
    if suffix in _SLIDES:
        return "are presentations: save them as PDF"
    if suffix in _LOGS:
        return "are logs: what a program notes, no articles"
    return "are read by no format"


def skipped_types(names: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return of files that are skipped each suffix, most first, how many have it, and what would read them."""
    counts = Counter(PurePath(name).suffix.lower() for name in names)
    return [(suffix, count, would_read(suffix)) for suffix, count in counts.most_common()]


def skipped_by_type(names: Iterable[str]) -> list[str]:
    """Return a line for each thing that would read files that are skipped: how many of which suffix, most first."""
    lines: dict[str, list[str]] = {}
    for suffix, count, what in skipped_types(names):
        lines.setdefault(what, []).append(f"{count:,} {suffix or 'without a suffix'}")
    return [f"{', '.join(found)} {what}" for what, found in lines.items()]
