"""`.pdf`: text in reading order, drawn tables as tables, pages as sections.

`glyphs` asks PDFium what is drawn, and is the one module that knows it; all after that is geometry: `tables` makes
grids of straight lines, `lines` makes lines, columns and paragraphs of characters, `furniture` takes running heads and
page numbers away. A file is data here: no script in it is run, no address in it is fetched.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pypdfium2

from ...errors import SourceError
from ...model import Article
from ..decoding import NO_TEXT
from ..documents import Block, Document, Grid, Text, document_article, may_be_title, stated_title
from .furniture import without_furniture
from .glyphs import Sheet, sheets
from .lines import Line, Paragraph, Row, ends_open, joined, paragraphs, regions, rows, usual_size
from .tables import grids, placed

MAX_PAGES = 5_000
"""Pages of a file that are read; a yearbook has 1,500."""
PAGES_AT_ONCE = 50
"""Pages after which the file is opened anew: PDFium keeps every font and stream it met until the file is closed."""

_TITLE_SIZE = 1.15  # times the size of most of the text, from which on a line may be a title
_HEADING_LENGTH = 40
_UNREADABLE = 0.5  # share of characters without a meaning from which on nothing can be read
_AT_TOP = 6  # paragraphs of the first page among which a centred one may be the title
_WORD = re.compile(r"\w")


def pdf_article(data: bytes, path: str) -> Article:
    """Return the article of a PDF. Raises SourceError: damaged, locked by a password, too many pages, no text."""
    with _opened(data, path) as file:
        count = len(file)
        stated = file.get_metadata_dict().get("Title", "")
    if count > MAX_PAGES:
        raise SourceError(path, f"a PDF of more than {MAX_PAGES:,} pages")
    pages: list[_Page] = []
    while len(pages) < count:
        with _opened(data, path) as file:
            pages += [_page(file, number) for number in range(len(pages), min(len(pages) + PAGES_AT_ONCE, count))]
    bodies = without_furniture([page.rows for page in pages], [page.height for page in pages])
    text = "".join(_words(body, page.aside) for body, page in zip(bodies, pages, strict=True))
    if not _WORD.search(text):
        raise SourceError(path, NO_TEXT)
    if sum(unicodedata.category(char) in ("Co", "Cn", "Cc") for char in text) > _UNREADABLE * len(text):
        raise SourceError(path, "no text in the file (its fonts do not say which characters they show)")
    return document_article(path, _document(pages, bodies, stated))


def _opened(data: bytes, path: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise SourceError(path, "the PDF is locked by a password" if locked else "the PDF is damaged") from error


def _words(body: list[Row], aside: list[Line]) -> str:
    """Return all characters that a page says."""
    lines = [*aside, *(line for row in body for line in row)]
    cells = (cell for line in lines for row in line.table for cell in row if isinstance(cell, str))
    return "".join((*(line.text for line in lines if not line.table), *cells))


@dataclass(slots=True)
class _Page:
    height: float
    rows: list[Row]
    aside: list[Line]  # what stands another way than most of the page


def _page(file: pypdfium2.PdfDocument, number: int) -> _Page:
    try:
        page = file[number]
    except pypdfium2.PdfiumError:  # one page is damaged: the others are not
        return _Page(1.0, [], [])
    try:
        found = sheets(page)
    finally:
        page.close()
    if not found:
        return _Page(1.0, [], [])
    upright, *others = found
    aside = [line for sheet in others for region in regions(rows(sheet.glyphs)) for line in region]
    return _Page(upright.height, _rows(upright), aside)


def _rows(sheet: Sheet) -> list[Row]:
    """Return the lines of a page with each drawn table as one of them."""
    free = list(sheet.glyphs)
    tables: list[Row] = []
    for grid in grids(sheet.rules):
        inside = [g for g in free if grid.holds((g.x0 + g.x1) / 2, g.base - g.size / 3)]
        if cells := grid.read(inside):
            taken = set(map(id, inside))
            free = [g for g in free if id(g) not in taken]
            tables.append([placed(grid, cells)])
    return sorted([*rows(free), *tables], key=lambda row: row[0].base)


def _document(pages: list[_Page], bodies: list[list[Row]], stated: str) -> Document:
    read = [
        [found for region in [*regions(body), page.aside] for found in paragraphs(region, _usual(body))]
        for body, page in zip(bodies, pages, strict=True)
    ]
    size = _usual_size(read)
    title, lead = _title(read, size, stated_title(stated))
    blocks = tuple(_blocks(read, size))
    at = (at for at, block in enumerate(blocks) if lead and isinstance(block, Text) and block.text == lead.text)
    return Document(blocks, title, stated, (*islice(at, 1),))


def _usual(body: list[Row]) -> float:
    return usual_size(line for row in body for line in row)


def _usual_size(read: list[list[Paragraph]]) -> float:
    """Return the size of most characters."""
    sizes: Counter[float] = Counter()
    for page in read:
        for paragraph in page:
            sizes[round(paragraph.size * 2) / 2] += len(paragraph.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _title(read: list[list[Paragraph]], size: float, stated: str) -> tuple[str, Paragraph | None]:
    """Return the title and the paragraph that it is, if it stands in the text: the largest on the first page."""
    first = [found for found in next((page for page in read if page), []) if not found.table]
    bare = "".join(stated.split())
    for found in first:
        if bare and "".join(found.text.split()) == bare:
            return stated, found
    if bare and bare in "".join("".join(found.text.split()) for found in first):
        return stated, None
    large = [found for found in first if found.size >= _TITLE_SIZE * size and may_be_title(found.text)]
    if large:
        lead = max(large, key=lambda found: found.size)
        return lead.text, lead
    centred = next((found for found in first[:_AT_TOP] if found.centred and may_be_title(found.text)), None)
    if centred and not stated:
        return centred.text, centred
    return stated, None


def _blocks(read: list[list[Paragraph]], size: float) -> Iterator[Block]:
    """Yield what the pages hold; a paragraph that goes on in the next column or page is one."""
    pending: Text | None = None
    last: Paragraph | None = None
    for number, page in enumerate(read, 1):
        pages: tuple[tuple[int, int], ...] = ((0, number),) if len(read) > 1 else ()
        for found in page:
            if pending and last and ends_open(last) and found.goes_on and _alike(found, last):
                text = joined(pending.text, found.text)
                shifted = tuple((len(text) - len(found.text), number) for _, number in pages)
                pending = Text(text, pending.alone, (*pending.pages, *shifted))
            else:
                if pending:
                    yield pending
                if found.table:
                    yield Grid(found.table, pages)
                pending = None if found.table else Text(found.text, _stands_alone(found, size), pages)
            last, pages = found, ()
    if pending:
        yield pending


def _alike(found: Paragraph, last: Paragraph) -> bool:
    return not found.table and not last.table and abs(found.size - last.size) < 0.1 * last.size


def _stands_alone(found: Paragraph, size: float) -> bool:
    return found.size >= _TITLE_SIZE * size and len(found.text) <= _HEADING_LENGTH
