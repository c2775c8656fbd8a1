"""Files of offices: PDF, Word, Excel and what LibreOffice can turn into those. What a file is, its bytes tell.

Many a .docx is a .doc, and many an .xls a page of HTML or lines of text: the name decides nothing here. Imported only
where something is read: the libraries are those of the extra `office`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import read_bytes
from .fields import FieldError, is_web_address
from .libreoffice import converted
from .mht import saved_page
from .packed import MAX_RATIO

MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes that the parts of a document may unpack to; a workbook of a million rows has 200 MB."""
MAX_PARTS = 10_000
MAX_TREE = 64 * 1024 * 1024
"""Bytes of a part that is read as one tree, which takes ten times the memory; a book of 1,000 pages has 10 MB."""
_SMALL = 8 * 1024 * 1024  # bytes that a part may unpack to however well it is packed
_IN_A_TREE = re.compile(r"word/.*\.xml|content\.xml")

_HEAD = 4096
_PDF_WITHIN = 1024  # bytes before which a PDF must begin
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|meta|table|body|div)\b", re.I)
_BEGINS = {
    "rtf": re.compile(rb"\A\{\\rtf"),
    "mht": re.compile(rb"\A(?:[\w-]+:.*\r?\n(?:[ \t].*\r?\n)*)*?content-type:\s*multipart/related", re.I),
    "sheet": re.compile(rb"\A<\?xml.*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL),
    "html": _HTML,
    "xml": re.compile(rb"\A<\?xml"),
}
"""Kind → how a file of it begins, the surest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read."""

    data: bytes
    path: str
    facets: Facets


Read = Callable[[Source], Iterator[Article | Rejection]]


def read_office(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield what a file holds, whatever it is called."""
    try:
        data = read_bytes(stream, path)
        if not data.strip(b"\0\r\n\t "):
            raise SourceError(path, "the file is empty")
        yield from READ[kind_of(data, path)](Source(data, path, facets))
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
    except FieldError as error:
        yield Rejection(path, str(error))


def kind_of(data: bytes, path: str) -> str:
    """Return what a file is, one of `READ`. Raises SourceError for an archive that is damaged or packed too well."""
    head = data[:_HEAD]
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return "pdf"
    if head.startswith(_OLE):
        return next((kind for kind, name in _STREAMS.items() if name.encode("utf-16-le") in data), "ole")
    if head.startswith(b"PK"):
        return _kind_of_zip(data, path)
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    return next((kind for kind, pattern in _BEGINS.items() if pattern.search(start)), "text")


_STREAMS = {
    "locked": "EncryptedPackage",
    "doc": "WordDocument",
    "xls": "Workbook",
    "xls5": "Book",
    "ppt": "PowerPoint Document",
}
"""Kind → the stream that an OLE file of it has."""

_PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/", "ofd": "ofd.xml"}
"""Kind → what the name of a part of it begins with."""

_MIME = {
    "odt": b"application/vnd.oasis.opendocument.text",
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
    "odp": b"application/vnd.oasis.opendocument.presentation",
}


def _kind_of_zip(data: bytes, path: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = [part.filename.lower() for part in parts]
            if any(part.flag_bits & 1 for part in parts):
                return "locked"
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise SourceError(path, f"it unpacks to more than {MAX_UNPACKED // 1024 // 1024} MB")
            if any(part.file_size > max(MAX_RATIO * part.compress_size, _SMALL) for part in parts):
                raise SourceError(path, f"it unpacks to more than {MAX_RATIO} times its size")
            if any(part.file_size > MAX_TREE and _IN_A_TREE.match(part.filename.lower()) for part in parts):
                raise SourceError(
                    path, f"a document of more than {MAX_TREE // 1024 // 1024} MB of text and marks; split it"
                )
            mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise SourceError(path, "the file is damaged: it ends early, or parts of it are missing") from error
    for kind, begin in _MIME.items():
        if mime.startswith(begin):
            return kind
    return next((kind for kind, part in _PARTS.items() if any(n.startswith(part) for n in names)), "zip")


def _pdf(source: Source) -> Iterator[Article | Rejection]:
    from .pdf import pdf_article

    yield pdf_article(source.data, source.path)


def _docx(source: Source) -> Iterator[Article | Rejection]:
    from .docx import docx_article

    yield docx_article(source.data, source.path)


def _xlsx(source: Source) -> Iterator[Article | Rejection]:
    from .excel import xlsx_sheets
    from .tables import table_records

    sheets, stated = xlsx_sheets(source.data, source.path)
    return table_records(sheets, source.path, stated, source.facets)


def _xls(source: Source) -> Iterator[Article | Rejection]:
    from .excel import xls_sheets
    from .tables import table_records

    sheets, stated = xls_sheets(source.data, source.path)
    return table_records(sheets, source.path, stated, source.facets)


def _html(source: Source) -> Iterator[Article | Rejection]:
    from .html import read_html

    return read_html(io.BytesIO(source.data), source.path)


def _mht(source: Source) -> Iterator[Article | Rejection]:
    page = saved_page(source.data)
    if page is None:
        raise SourceError(source.path, "no page in the file")
    for record in _html(Source(page.data, source.path, source.facets)):
        if isinstance(record, Article) and not record.url and is_web_address(page.address):
            yield replace(record, url=page.address)
        else:
            yield record


def _text(source: Source) -> Iterator[Article | Rejection]:
    from .delimited import read_delimited

    if not source.path.lower().endswith(_SHEETS):
        raise SourceError(source.path, "not what its name says: neither a document of an office program nor a page")
    return read_delimited(io.BytesIO(source.data), source.path, source.facets)


_SHEETS = (".xls", ".xlsx", ".et", ".ods")


def _through(suffix: str, into: str) -> Read:
    def read(source: Source) -> Iterator[Article | Rejection]:
        data = converted(source.data, source.path, suffix, into)
        kind = kind_of(data, source.path)
        if kind != into:
            raise SourceError(source.path, "LibreOffice cannot read the file")
        return READ[kind](Source(data, source.path, source.facets))

    return read


def _rejected(reason: str) -> Read:
    def read(source: Source) -> Iterator[Article | Rejection]:
        yield Rejection(source.path, reason)

    return read


READ: dict[str, Read] = {
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "xls": _xls,
    "xls5": _xls,
    "html": _html,
    "text": _text,
    "doc": _through("doc", "docx"),
    "rtf": _through("rtf", "docx"),
    "odt": _through("odt", "docx"),
    "ods": _through("ods", "xlsx"),
    "mht": _mht,
    "xml": _through("xml", "docx"),
    "sheet": _through("xml", "xlsx"),
    "locked": _rejected("the document is locked by a password"),
    "ofd": _rejected("OFD is not read: there is no library for it; save it as PDF"),
    "ppt": _rejected("presentations are not read; save it as PDF"),
    "pptx": _rejected("presentations are not read; save it as PDF"),
    "odp": _rejected("presentations are not read; save it as PDF"),
    "ole": _rejected("not what its name says: no document or workbook is in it"),
    "zip": _rejected("not what its name says: an archive without a document in it"),
}
"""What a file is → what reads it."""
