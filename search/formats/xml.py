"""`.xml`: records as data bases and sites export them (`<item><title>…`), and feeds (RSS, Atom).

An element is a record if its children, or its attributes, are named as a title and a text are. Marks of a page in it
are read as those of a page. Nothing is fetched, and a file that declares entities is refused.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import read_document
from .jsonl import MOST_REJECTED
from .records import Records

_ENTITY = re.compile(r"<!ENTITY", re.I)
_NAMED_CHARACTER = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]{2,8};")  # those of pages: &nbsp;
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_ATOM = "{http://www.w3.org/2005/Atom}"
_FULL_TEXT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_NAMED_BY = "name"  # <field name="title">, <str name="title">: the attribute says what the tag does not

_SAFE = {"resolve_entities": False, "no_network": True, "huge_tree": False, "remove_comments": True, "remove_pis": True}

_log = logging.getLogger(__name__)


def read_xml(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the records of a file; why there are none."""
    try:
        root = _root(read_document(stream, path), path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    records = Records(path, facets)
    count = rejected = 0
    for count, element in enumerate(_records(root, records), 1):
        record = records.read(_fields(element), count)
        yield Rejection(path, record.reason, element.sourceline) if isinstance(record, Rejection) else record
        rejected += isinstance(record, Rejection)
        if rejected == MOST_REJECTED:
            yield Rejection(path, f"{rejected:,} records were rejected; what follows is not read", element.sourceline)
            break
    if not count:
        yield Rejection(path, "no records: elements with a title and a text are needed")
    records.report(_log)


def _root(text: str, path: str) -> Any:
    if _ENTITY.search(text):
        raise SourceError(path, "it declares entities, which are not read")
    parser = etree.XMLParser(**_SAFE)
    text = _NAMED_CHARACTER.sub(lambda found: html.unescape(found[0]), _DECLARATION.sub("", text, count=1).strip())
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error  # said as of every file that takes too much
        raise SourceError(path, f"not XML: {error.msg}", error.lineno) from error


def _records(element: Any, records: Records) -> Iterator[Any]:
    """Yield the elements that are records: the outermost, but of one that consists of records (a feed) those."""
    if _is_record(element, records) and not any(_is_record(child, records) for child in element):
        yield element
        return
    for child in element:
        yield from _records(child, records)  # the parser refuses what is nested more than 256 deep


def _is_record(element: Any, records: Records) -> bool:
    return {"title", "text"} <= records.fields(dict.fromkeys(name for name, _ in _named(element))).keys()


def _named(element: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an element: name, and the attribute's value or the child that holds it."""
    for name, value in element.attrib.items():
        yield _local(name), value
    full = element.find(_FULL_TEXT)
    for child in element:
        if child.tag == _FULL_TEXT:
            yield "content", child
        elif full is None or child.tag != "description":  # which is the beginning of the full text
            yield child.get(_NAMED_BY) or _local(child.tag), child
    if element.attrib and not len(element) and (element.text or "").strip():
        yield "text", element


def _fields(element: Any) -> dict[str, object]:
    raw: dict[str, object] = {}
    for name, held in _named(element):
        if not (name == "id" and element.tag.startswith(_ATOM)):  # which is an address
            raw.setdefault(name, held if isinstance(held, str) else _value(held))
    return raw


def _value(element: Any) -> str:
    """Return what an element says, with the marks of a page in it."""
    if element.tag == f"{_ATOM}link":
        return str(element.get("href", ""))
    inner = (etree.tostring(part, encoding="unicode", method="html") for part in element)
    return "".join((element.text or "", *inner))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
