"""`.docx`: paragraphs, headings by their styles, tables, numbers that Word counts, as the document would be printed.

What was deleted with changes tracked is gone, what was inserted is there; hidden text, comments and fields' codes are
not. Text boxes come after the paragraph that holds them, notes at the end. A macro is data that nobody looks at.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.package import OpcPackage, Unmarshaller
from docx.opc.part import Part
from docx.opc.parts.coreprops import CorePropertiesPart
from docx.opc.pkgreader import PackageReader
from lxml import etree

from ..errors import SourceError
from ..model import Article
from .documents import Block, Document, Grid, Heading, Text, document_article, may_be_title
from .outline import Cell, Covered
from .wordnumbers import Numbering

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _BODY = _W + "p", _W + "body"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=False)

_GONE = frozenset(_W + name for name in ("del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "delInstrText"))
_AS_TEXT = {_W + "tab": " ", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-", _W + "ptab": " "}
_WRAPPERS = frozenset(
    _W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body", "footnote", "endnote")
)
_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])$", re.I)
_TITLE_NAME = re.compile(r"(?:title|标题)$", re.I)
_CONTENTS_NAME = re.compile(r"(?:toc|目录)\s*(?:\d|heading|标题)$", re.I)
_CONTENTS = frozenset(("目录", "目次"))
_OFF = frozenset({"0", "false", "off", "none"})
_AT_TOP = 12  # paragraphs among which the title is looked for
_LARGE = 30  # half points: 二号 and 小二 are 44 and 36, the text of an official document 32
MAX_PARAGRAPHS = 100_000
"""Paragraphs of a table, which is read as one tree; with what offices say of each they take 4 kB."""
_DEEPEST = 40  # tables in tables


def docx_article(data: bytes, path: str) -> Article:
    """Return the article of a Word document. Raises SourceError where it is none, FieldError where it is empty."""
    try:
        package = OpcPackage()
        parts = PackageReader.from_file(io.BytesIO(data))  # type: ignore[no-untyped-call]
        Unmarshaller.unmarshal(parts, package, _part)  # type: ignore[no-untyped-call]
        word = _Word.of(package)
        read = [*word.blocks(_body(package.main_document_part.blob, path))]
        blocks = [block for block in read if block is not word.above_contents]
        stated = package.core_properties.title or ""
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
        raise SourceError(path, f"the Word document is damaged ({type(error).__name__})") from error
    blocks += word.notes(package)
    title = word.title
    if title is None and blocks and isinstance(blocks[0], Heading):
        title = blocks[0].words
    return document_article(path, Document(tuple(blocks), title or "", stated, _title_at(blocks, title or "")))


def _part(name: Any, content_type: str, reltype: str, blob: bytes, package: Any) -> Any:
    """Return a part as its bytes: python-docx would make a tree of the whole text."""
    kind = CorePropertiesPart if reltype == RELATIONSHIP_TYPE.CORE_PROPERTIES else Part
    return kind.load(name, content_type, blob, package)


def _root(blob: bytes) -> Any:
    return etree.fromstring(_transitional(blob), _PARSER)


def _transitional(blob: bytes) -> bytes:
    return blob.replace(_STRICT.encode(), _W[1:-1].encode())


def _body(blob: bytes, path: str) -> Iterator[Any]:
    """Yield what stands in the body of a document, each piece gone when the next is asked for. Raises SourceError.

    As one tree a document takes twenty times its size.
    """
    paragraphs = 0
    for _, element in etree.iterparse(
        io.BytesIO(_transitional(blob)),
        tag=(_PARAGRAPH, _W + "tbl", *_WRAPPERS),
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        huge_tree=False,
    ):
        paragraphs += element.tag == _PARAGRAPH
        if paragraphs > MAX_PARAGRAPHS:
            raise SourceError(path, f"a table of more than {MAX_PARAGRAPHS:,} cells; split it")
        parent = element.getparent()
        if parent is None or parent.tag != _BODY:
            continue
        if element.getroottree().docinfo.internalDTD is not None:
            raise SourceError(path, "the Word document is damaged (it declares entities)")
        yield element
        paragraphs = 0
        element.clear()
        while element.getprevious() is not None:  # the parser stands at the element itself
            del parent[0]


def _title_at(blocks: list[Block], title: str) -> tuple[int, ...]:
    """Return the blocks that make the title, which may be several lines; none if it stands in no place by itself."""
    for start in range(min(_AT_TOP, len(blocks)) if title else 0):
        text, end = "", start
        while end < len(blocks) and not isinstance(blocks[end], Grid) and title.startswith(text) and text != title:
            text += _words(blocks[end])
            end += 1
        if text == title:
            return tuple(range(start, end))
    return ()


def _words(block: Block) -> str:
    return block.words if isinstance(block, Heading) else block.text if isinstance(block, Text) else ""


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style says of its paragraphs: what it is called, level from 1, centred, size in half points, numbering."""

    name: str = ""
    level: int = 0
    centred: bool = False
    size: int = 0
    number: Any = None


@dataclass(slots=True)
class _Word:
    styles: dict[str, _Style]
    default: _Style
    numbering: Numbering
    title: str | None = None
    seen: int = 0
    above_contents: Block | None = None
    _last: Block | None = None
    _title_look: tuple[str, int] | None = None
    _boxes: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, package: Any) -> _Word:
        """Read the styles and the numbering of a document."""
        related = {
            name: _root(rel.target_part.blob)
            for rel in package.main_document_part.rels.values()
            for name in ("styles", "numbering")
            if not rel.is_external and rel.reltype.rpartition("/")[2] == name
        }
        found = {s.get(_W + "styleId"): s for s in related["styles"].iter(_W + "style")} if "styles" in related else {}
        styles = {key: _style(key, found) for key in found}
        default = next((styles[key] for key, one in found.items() if _is_default(one)), _Style())
        return cls(styles, default, Numbering(related.get("numbering")))

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[Block]:
        """Yield what stands in a body, a cell or a text box, in order."""
        for element in parent if parent is not None else ():
            if element.tag == _PARAGRAPH:
                yield from self._paragraph(element)
                boxes, self._boxes = self._boxes, []
                for box in boxes:
                    if depth < _DEEPEST:
                        yield from self.blocks(box, depth + 1)
            elif element.tag == _W + "tbl" and depth < _DEEPEST:
                yield from self._table(element, depth)
            elif element.tag in _WRAPPERS and not _is_empty_control(element):
                yield from self.blocks(element, depth)

    def notes(self, package: Any) -> Iterator[Block]:
        """Yield the notes at the foot of pages and at the end."""
        for rel in package.main_document_part.rels.values():
            if rel.reltype in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES) and not rel.is_external:
                for note in _root(rel.target_part.blob):
                    if note.get(_W + "type") is None:
                        yield from self.blocks(note)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        properties = element.find(_W + "pPr")
        style = self._look(element, properties)
        text = self._text(element).strip(" \n")
        if _CONTENTS_NAME.match(style.name):
            if self._last and "".join(_words(self._last).split()) in _CONTENTS:
                self.above_contents = self._last
            return
        if not text.strip():
            return
        label = self.numbering.label(style.number)
        text = label + text
        self._note_title(style, text)
        if style.level:
            self._last = Heading(style.level, " ".join(text.split()))
        else:
            self._last = Text(text, bold=_is_bold(element))
        yield self._last

    def _look(self, element: Any, properties: Any) -> _Style:
        """Return the style of a paragraph with what it says itself."""
        if properties is None:
            return self.default
        named = properties.find(_W + "pStyle")
        style = self.styles.get(named.get(_W + "val"), self.default) if named is not None else self.default
        own = _said(properties, style)
        sizes = [int(s.get(_W + "val") or 0) for s in element.iterfind(f"{_W}r/{_W}rPr/{_W}sz") if _is_number(s)]
        return own if not sizes else _Style(own.name, own.level, own.centred, max(sizes), own.number)

    def _note_title(self, style: _Style, text: str) -> None:
        """Take note of the title: what has its style, or large lines in the middle near the top."""
        self.seen += 1
        if self.title is None and _TITLE_NAME.match(style.name) and self.seen <= _AT_TOP:
            self.title, self._title_look = text, (style.name, style.size)
        elif self.title is None and style.centred and style.size >= _LARGE and self.seen <= _AT_TOP:
            if may_be_title(text):
                self.title, self._title_look = text, (style.name, style.size)
        elif self._title_look == (style.name, style.size) and style.centred and self.title:
            self.title += text  # a title over several lines
        else:
            self._title_look = None

    def _table(self, element: Any, depth: int) -> Iterator[Block]:
        rows = [row for row in _inside(element, _W + "tr") if row.find(f"{_W}trPr/{_W}del") is None]
        cells = [[*_inside(row, _W + "tc")] for row in rows]
        if max(map(len, cells), default=0) <= 1:  # a frame around text
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell, depth + 1)
            return
        yield Grid([self._row(row, found, depth) for row, found in zip(rows, cells, strict=True)])

    def _row(self, row: Any, cells: list[Any], depth: int) -> list[Cell]:
        found: list[Cell] = [""] * min(_value(row, f"{_W}trPr/{_W}gridBefore", 0), 100)
        for cell in cells:
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            above = merge is not None and merge.get(_W + "val", "continue") == "continue"
            found.append(Covered.ABOVE if above else self._cell(cell, depth))
            found += [Covered.ABOVE if above else Covered.LEFT] * min(
                _value(cell, f"{_W}tcPr/{_W}gridSpan", 1) - 1, 100
            )
        return found

    def _cell(self, cell: Any, depth: int) -> str:
        parts = []
        for block in self.blocks(cell, depth + 1):
            if isinstance(block, Grid):
                parts += [" ".join(c for c in row if isinstance(c, str) and c) for row in block.rows]
            else:
                parts.append(_words(block))
        return " ".join(part for part in parts if part)

    def _text(self, element: Any) -> str:
        """Return the words of a paragraph; text boxes are put aside."""
        parts: list[str] = []
        waiting = [element]
        while waiting:
            found = waiting.pop()
            tag = found.tag
            if tag in (_W + "t", _MATH_TEXT):
                parts.append(found.text or "")
            elif tag in _AS_TEXT:
                parts.append(_AS_TEXT[tag] if found.get(_W + "type") != "page" else " ")
            elif tag == _W + "txbxContent":
                self._boxes.append(found)
            elif tag not in _GONE and not (tag == _W + "r" and _is_hidden(found)) and not _is_empty_control(found):
                children = [*found]
                if tag == _ALTERNATIVES:  # the same once more, for older programs
                    children = [c for c in children if c.tag != _FALLBACK][:1] or children[:1]
                waiting += reversed(children)
        return "".join(parts)


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """Yield the children of a tag, also those that are wrapped."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)


def _is_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.iter(_W + "r") if "".join(text.text or "" for text in run.iter(_W + "t")).strip()]
    marks = [run.find(f"{_W}rPr/{_W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(_W + "val", "true") not in _OFF for mark in marks)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(_W + "val", "true") not in _OFF


def _is_empty_control(element: Any) -> bool:
    """Tell whether this is a field to be filled in that shows 单击此处输入文字."""
    return element.tag == _W + "sdt" and element.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None


def _is_default(style: Any) -> bool:
    return style.get(_W + "type") == "paragraph" and style.get(_W + "default", "false") not in {*_OFF, ""}


def _is_number(element: Any) -> bool:
    return (element.get(_W + "val") or "").isdecimal()


def _value(element: Any, way: str, default: int) -> int:
    found = element.find(way)
    return int(found.get(_W + "val")) if found is not None and _is_number(found) else default


def _style(key: str, styles: dict[str, Any], depth: int = 0) -> _Style:
    element = styles.get(key)
    if element is None or depth > 20:
        return _Style()
    parent = element.find(_W + "basedOn")
    inherited = _style(parent.get(_W + "val"), styles, depth + 1) if parent is not None else _Style()
    name = element.find(_W + "name")
    called = (name.get(_W + "val") or "") if name is not None else ""
    level = _HEADING_NAME.match(called)
    base = _Style(
        called, int(level[1]) if level else inherited.level, inherited.centred, inherited.size, inherited.number
    )
    properties = element.find(_W + "pPr")
    said = _said(properties, base) if properties is not None else base
    return _Style(said.name, said.level, said.centred, _value(element, f"{_W}rPr/{_W}sz", said.size), said.number)


def _said(properties: Any, style: _Style) -> _Style:
    """Return a style with what the properties of a paragraph say otherwise."""
    outline = _value(properties, _W + "outlineLvl", style.level - 1)
    alignment = properties.find(_W + "jc")
    centred = style.centred if alignment is None else alignment.get(_W + "val") == "center"
    number = properties.find(_W + "numPr")
    size = _value(properties, f"{_W}rPr/{_W}sz", style.size)
    return _Style(
        style.name, 0 if outline > 8 else outline + 1, centred, size, number if number is not None else style.number
    )
