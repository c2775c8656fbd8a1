"""`.pdf`: text in reading order, drawn tables as tables, pages as sections.

`glyphs` asks PDFium what is drawn, and is the one module that knows it; all after that is geometry: `tables` makes
grids of straight lines, `lines` makes lines, columns and paragraphs of characters, `furniture` takes running heads and
page numbers away. A file is data here: no script in it is run, no address in it is fetched.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

import pypdfium2

from ...errors import SourceError
from ...model import Article
from ..decoding import NO_TEXT
from ..documents import Block, Document, Grid, Text, document_article, header_rows, may_be_title, stated_title
from ..outline import Cell
from .furniture import without_furniture
from .glyphs import Sheet, sheets
from .lines import NOTE, Line, Paragraph, Row, ends_open, joined, notes_at, paragraphs, regions, rows, usual_size
from .tables import grids, placed

MAX_PAGES = 5_000
"""Pages of a file that are read; a yearbook has 1,500."""
PAGES_AT_ONCE = 50
"""Pages after which the file is opened anew: PDFium keeps every font and stream it met until the file is closed."""

_TITLE_SIZE = 1.15  # times the size of most of the text, from which on a line may be a title
_HEADING_LENGTH = 40
_UNREADABLE = 0.5  # share of characters without a meaning from which on nothing can be read
_SAME_EDGE = 3.0  # points by which the columns of a table may be moved on its next page
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
    notes_at: float  # from where on notes stand at its foot
    aside: list[Line]  # what stands another way than most of the page


def _page(file: pypdfium2.PdfDocument, number: int) -> _Page:
    try:
        page = file[number]
    except pypdfium2.PdfiumError:  # one page is damaged: the others are not
        return _Page(1.0, [], math.inf, [])
    try:
        found = sheets(page)
    finally:
        page.close()
    if not found:
        return _Page(1.0, [], math.inf, [])
    upright, *others = found
    aside = [line for sheet in others for region in regions(rows(sheet.glyphs)) for line in region]
    return _Page(upright.height, *_rows(upright), aside)


def _rows(sheet: Sheet) -> tuple[list[Row], float]:
    """Return the lines of a page with each drawn table as one of them, and where notes begin at its foot."""
    free = list(sheet.glyphs)
    tables: list[Row] = []
    drawn = grids(sheet.rules)
    for grid in drawn:
        inside = [g for g in free if grid.holds((g.x0 + g.x1) / 2, g.base - g.size / 3)]
        if cells := grid.read(inside):
            taken = set(map(id, inside))
            free = [g for g in free if id(g) not in taken]
            tables.append([placed(grid, cells)])
    found = rows(free)
    above_notes = [r for r in sheet.rules if not any(grid.holds((r.x0 + r.x1) / 2, r.y0) for grid in drawn)]
    begin = notes_at(found, above_notes, sheet.width, sheet.height)
    if begin < math.inf:
        notes = (NOTE.match(row[0].text) for row in found if row[0].base > begin)
        found = rows(free, {note["mark"] for note in notes if note})
    return sorted([*found, *tables], key=lambda row: row[0].base), begin


def _document(pages: list[_Page], bodies: list[list[Row]], stated: str) -> Document:
    read = [_paragraphs(page, body) for page, body in zip(pages, bodies, strict=True)]
    size = _usual_size(read)
    title, lead = _title(read, size, stated_title(stated))
    blocks = tuple(_blocks(read, size))
    at = (at for at, block in enumerate(blocks) if lead and isinstance(block, Text) and block.text == lead.text)
    return Document(blocks, title, stated, (*islice(at, 1),))


def _paragraphs(page: _Page, body: list[Row]) -> list[Paragraph]:
    """Return what stands on a page in reading order, the notes at its foot last."""
    usual = _usual(body)
    text = [row for row in body if row[0].base <= page.notes_at]
    found = [each for region in [*regions(text), page.aside] for each in paragraphs(region, usual)]
    for row in body[len(text) :]:
        mark = NOTE.match(row[0].text)
        words = " ".join(line.text for line in row)
        if mark or not found:
            found.append(Paragraph(words[mark.end() if mark else 0 :], row[0].size, row[0].top, note=True))
        else:
            found[-1].text = joined(found[-1].text, words)
    return found


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
    """Yield what the pages hold; one that goes on in the next column or page is one; notes stand below it."""
    pending: Text | Grid | None = None
    last: Paragraph | None = None
    notes: list[Text] = []
    for number, page in enumerate(read, 1):
        pages: tuple[tuple[int, int], ...] = ((0, number),) if len(read) > 1 else ()
        for found in page:
            if found.note:
                notes.append(Text(found.text))
                continue
            together = _together(pending, last, found, pages) if pending and last else None
            if together is None:
                yield from _with_notes(pending, notes)
                alone = _stands_alone(found, size)
                together = Grid(found.table, pages) if found.table else Text(found.text, alone, pages)
            pending, last, pages = together, found, ()
    yield from _with_notes(pending, notes)


def _with_notes(block: Text | Grid | None, notes: list[Text]) -> Iterator[Block]:
    if block:
        yield block
    yield from notes
    notes.clear()


def _together(
    pending: Text | Grid, last: Paragraph, found: Paragraph, pages: tuple[tuple[int, int], ...]
) -> Text | Grid | None:
    """Return what goes on in what was found as one with it, `pages` beginning there; None if it does not go on."""
    if isinstance(pending, Grid):
        if not (pages and found.table and _same_columns(found, last)):
            return None
        rows = found.table[_repeated(pending.rows, found.table) :]
        return Grid((*pending.rows, *rows), (*pending.pages, *((len(pending.rows), number) for _, number in pages)))
    if not (ends_open(last) and found.goes_on and _alike(found, last)):
        return None
    text = joined(pending.text, found.text)
    shifted = tuple((len(text) - len(found.text), number) for _, number in pages)
    return Text(text, pending.alone, (*pending.pages, *shifted))


def _same_columns(found: Paragraph, last: Paragraph) -> bool:
    """Tell whether two tables have their columns at the same places, and words in all of them."""
    here, there = found.lines[0].edges, last.lines[0].edges
    alike = len(found.table[0]) == len(last.table[0]) and len(here) == len(there)
    return alike and all(abs(a - b) <= _SAME_EDGE for a, b in zip(here, there, strict=True))


def _repeated(rows: Sequence[Sequence[Cell]], below: Sequence[Sequence[Cell]]) -> int:
    """Return how many rows that name the columns are written once more above those that go on."""
    pairs = zip(rows[: header_rows(rows)], below, strict=False)
    return sum(1 for _ in takewhile(lambda pair: tuple(pair[0]) == tuple(pair[1]), pairs))


def _alike(found: Paragraph, last: Paragraph) -> bool:
    return not found.table and not last.table and abs(found.size - last.size) < 0.1 * last.size


def _stands_alone(found: Paragraph, size: float) -> bool:
    return found.size >= _TITLE_SIZE * size and len(found.text) <= _HEADING_LENGTH
