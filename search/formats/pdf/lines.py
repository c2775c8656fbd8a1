"""Characters → lines in reading order → paragraphs. Pure geometry: knows no PDF.

Columns are told from tables without lines by being full: most lines of a column reach nearly across it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise
from statistics import median

from ..dates import is_day
from ..headings import numbering
from ..official import is_number
from ..outline import Cell
from .glyphs import Glyph, Rule

_WIDE = 1.0  # ems between characters beyond which two pieces of text stand beside each other
_BLANK = 0.22  # ems between letters that are a blank
_GUTTER = 0.8  # ems that a gutter is wide at least
_STEP = 3.0  # points between the places where a gutter is looked for
_FEWEST = 4  # lines that a column has at least
_FULL = 0.7  # share of its width that the lines of a column fill, in the median
_COLUMN_CHARS = 8  # characters of a line of a column, in the median
_BLANK_HAN = 0.7  # ems between ideographs that are a blank as wide as one
_INDENT = 1.4  # ems by which a new paragraph is moved in
_SET_RIGHT = 4.5  # ems beyond which a line is not moved in but set at the right: a signature
_RAGGED, _RAGGED_LATIN = 2.2, 8.0  # ems by which a line may end early though its sentence goes on
_PITCH = 1.45  # times the usual distance of lines beyond which a paragraph ends
_TITLE_PITCH = 2.4  # times their size: lines of a title may be paragraphs of their own
_OTHER_SIZE = 0.12  # share by which sizes of characters differ that are meant to
_NARROWEST = 12  # ems of a column in which lines are broken; where all are shorter, each is a paragraph
_LARGE = 1.15  # times the usual size: lines of a title, centred or not
_SAME_LINE = 0.45  # ems by which baselines of one line differ at most
_RAISED, _RAISED_LEAST = 0.65, 0.15  # ems by which what is raised over a line stands above it
_MOST_RAISED = 12  # characters that stand raised over a line without one between them that does not
_SMALL = 0.75  # times the size of a line: what is raised over it is no larger
_SHORTEST_RULE, _LONGEST_RULE = 0.08, 0.4  # shares of a page's width that the line above notes is long
NOTE = re.compile(r"\s*(?P<mark>\d{1,3}(?!\d)|[①-⑳]|[*＊†‡]|[\[［〔]\d{1,3}[\]］〕])\s*(?=\S)")
"""How a note at the foot of a page begins."""
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—·\U00020000-\U0003ffff]")
_BULLET = re.compile(r"[•·●■◆○□▪\-–—*]|\(?（?[\d一二三四五六七八九十]{1,3}[)）.、．]|[①-⑳]")
_ADOPTED = re.compile(r"[(（]\s*[12]\d{3}年")
_HYPHENED = re.compile(r"[A-Za-z]{2}-$")
_ENDS = ("。", "！", "？", "；", "：", ":", ";", ".", "!", "?")


Cells = tuple[tuple[Cell, ...], ...]
"""The rows of a table."""


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text without a gap in it, its box and the size of its characters; or a `table` that stands there.

    `edges` are those of the columns of the table, from left to right.

    With `gaps` it is several pieces beside each other: what is set so does not go on in the next line.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    table: Cells = ()
    edges: tuple[float, ...] = ()
    gaps: bool = False

    @property
    def top(self) -> float:
        """Where it begins, near enough."""
        return self.base - self.size


@dataclass(slots=True)
class Paragraph:
    """Text that belongs together. `size` is that of its characters.

    `open` tells that it may go on in the next column or page, `goes_on` that it may be what goes on; `centred` that
    its lines touch neither margin; `note` that it stands at the foot of its page.
    """

    text: str
    size: float
    top: float
    open: bool = False
    goes_on: bool = False
    centred: bool = False
    table: Cells = ()
    lines: list[Line] = field(default_factory=list)
    note: bool = False


Row = list[Line]
"""Pieces of text beside each other, from left to right."""


def rows(glyphs: Iterable[Glyph], marks: Container[str] = ()) -> list[Row]:
    """Return the lines of text from top to bottom, without the raised `marks` of notes."""
    found: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: g.base):
        if found and glyph.base - found[-1][0].base <= _SAME_LINE * max(glyph.size, found[-1][0].size):
            found[-1].append(glyph)
        else:
            found.append([glyph])
    lines = (_unmarked(sorted(row, key=lambda g: g.x0), marks) for row in _with_raised(found))
    return [pieces for line in lines if (pieces := _pieces(line))]


def _with_raised(found: Sequence[list[Glyph]]) -> Iterator[list[Glyph]]:
    """Yield the lines, each with the small characters that stand raised over it."""
    above: list[Glyph] = []
    for row in found:
        if above and not _stand_over(above, row):
            yield above
            above = []
        above = above + row if above else row
    if above:
        yield above


def _stand_over(small: Sequence[Glyph], row: Sequence[Glyph]) -> bool:
    if len(small) > _MOST_RAISED:
        return False
    size = median(glyph.size for glyph in row)
    begins, ends = min(glyph.x0 for glyph in row), max(glyph.x1 for glyph in row) + size
    return row[0].base - small[0].base <= _RAISED * size and all(
        glyph.size <= _SMALL * size and begins <= glyph.x0 <= ends for glyph in small
    )


def _unmarked(row: list[Glyph], marks: Container[str]) -> list[Glyph]:
    """Return the characters of a line without the raised ones that are marks of notes."""
    if not marks:
        return row
    size, base = median(glyph.size for glyph in row), median(glyph.base for glyph in row)
    kept: list[Glyph] = []
    for is_raised, run in groupby(row, lambda g: g.size <= _SMALL * size and g.base < base - _RAISED_LEAST * size):
        glyphs = [*run]
        if not (is_raised and "".join(glyph.char for glyph in glyphs) in marks):
            kept += glyphs
    return kept


def notes_at(found: Sequence[Row], rules: Iterable[Rule], width: float, height: float) -> float:
    """Return where the notes at the foot of a page of this size begin; beyond it if it has none.

    A short line is drawn above them, and the first begins with its mark.
    """
    for rule in sorted((rule for rule in rules if rule.y0 > height / 2), key=lambda rule: -rule.y0):
        below = [row for row in found if row[0].base > rule.y0]
        is_short = _SHORTEST_RULE * width <= rule.x1 - rule.x0 <= _LONGEST_RULE * width
        if is_short and below and len(below) < len(found) and abs(below[0][0].x0 - rule.x0) < 2 * below[0][0].size:
            return rule.y0 if NOTE.match(_beside(below[0]).text) else math.inf
    return math.inf


def _pieces(row: list[Glyph]) -> Row:
    cut: list[list[Glyph]] = []
    for glyph in row:
        if not cut or glyph.x0 - cut[-1][-1].x1 > _WIDE * min(glyph.size, cut[-1][-1].size):
            cut.append([glyph])
        elif not _is_shadow(glyph, cut[-1][-1]):
            cut[-1].append(glyph)
    if len(cut) > 1 and all(len(piece) == 1 and _HAN.match(piece[0].char) for piece in cut) and _is_even(cut):
        cut = [[piece[0] for piece in cut]]
        return [_line(cut[0], spaced=False)]
    return [_line(piece) for piece in cut]


def _is_even(cut: list[list[Glyph]]) -> bool:
    """Tell whether single characters are spread over a line (目　录)."""
    gaps = [after[0].x0 - before[0].x1 for before, after in pairwise(cut)]
    return max(gaps) - min(gaps) <= cut[0][0].size * 0.3 and max(gaps) <= cut[0][0].size * 6


def _is_shadow(glyph: Glyph, before: Glyph) -> bool:
    """Tell whether a character is drawn once more over itself, as some do for bold."""
    return glyph.char == before.char and glyph.x0 - before.x0 < 0.3 * max(before.x1 - before.x0, 0.1)


def _line(glyphs: Sequence[Glyph], spaced: bool = True) -> Line:
    text = [glyphs[0].char]
    gaps = [(b.x0 - a.x1) / max(min(b.size, a.size), 0.1) for a, b in pairwise(glyphs)]
    is_letterspaced = 2 * sum(gap > _BLANK_HAN for gap in gaps) > len(gaps)
    for before, glyph, gap in zip(glyphs, glyphs[1:], gaps, strict=False):
        both_han = _HAN.match(before.char) and _HAN.match(glyph.char)
        blank = (gap > _BLANK_HAN and not is_letterspaced) if both_han else gap > _BLANK
        text.append((" " if spaced and blank else "") + glyph.char)
    size = median(glyph.size for glyph in glyphs)
    return Line("".join(text), glyphs[0].x0, max(g.x1 for g in glyphs), glyphs[0].base, size)


def regions(found: Sequence[Row]) -> list[list[Line]]:
    """Return the lines in reading order, those of one column together."""
    return [_flat(part) if isinstance(part, _Band) else part for part in _split(list(found))]


@dataclass(slots=True)
class _Band:
    rows: list[Row]


def _flat(band: _Band) -> list[Line]:
    return [_beside(row) for row in band.rows]


def _beside(row: Row) -> Line:
    """Return pieces beside each other as one line."""
    if len(row) == 1:
        return row[0]
    text = " ".join(piece.text for piece in row)
    return Line(text, row[0].x0, row[-1].x1, row[0].base, max(piece.size for piece in row), gaps=True)


def _split(found: list[Row]) -> list[_Band | list[Line]]:
    gutter = _gutter(found)
    if gutter is None:
        return [_Band(found)] if found else []
    parts: list[_Band | list[Line]] = []
    for is_columns, band in _bands(found, gutter):
        if not is_columns:
            parts.append(_Band(band))
            continue
        for side in (False, True):
            half = [piece for row in band if (piece := [p for p in row if (p.x0 >= gutter) is side])]
            parts += _split(half)
    return parts


def _gutter(found: list[Row]) -> float | None:
    """Return where a gutter is that many lines respect and that has a column on either side; None if there is none."""
    pieces = [piece for row in found for piece in row]
    if len(found) < _FEWEST or len(pieces) < 2 * _FEWEST:
        return None
    best: tuple[int, float] | None = None
    for x in _clear_places(pieces, max(2 * _FEWEST, len(pieces) / 3)):
        taken = sum(len(band) for is_columns, band in _bands(found, x) if is_columns)
        if taken and (best is None or taken > best[0]):
            best = taken, x
    return best[1] if best and best[0] * 3 >= len(found) else None


def _clear_places(pieces: list[Line], fewest: float) -> list[float]:
    """Return the middles of the places across which fewer pieces stand than beside them, if `fewest` do not."""
    left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    steps = int((right - left) / _STEP) + 2
    change = [0] * (steps + 1)
    for piece in pieces:
        change[int((piece.x0 - left) / _STEP)] += 1
        change[min(int((piece.x1 - left) / _STEP) + 1, steps)] -= 1
    across = list(accumulate(change))
    found, start = [], 0
    for step in range(1, steps):
        if across[step] == across[start]:
            continue
        lower = across[start] < across[step] and (start == 0 or across[start] < across[start - 1])
        if lower and len(pieces) - across[start] >= fewest:
            found.append(left + (start + step) / 2 * _STEP)
        start = step
    return found


def _bands(found: list[Row], x: float) -> list[tuple[bool, list[Row]]]:
    """Cut the lines into those that go across `x` and runs of others; tell which of the runs are columns."""
    bands: list[tuple[bool, list[Row]]] = []
    for row in found:
        clear = not any(p.x0 - _GUTTER * p.size / 2 < x < p.x1 + _GUTTER * p.size / 2 for p in row)
        if bands and bands[-1][0] is clear:
            bands[-1][1].append(row)
        else:
            bands.append((clear, [row]))
    merged: list[tuple[bool, list[Row]]] = []
    for clear, band in bands:
        is_columns = clear and _are_columns(band, x)
        if merged and not is_columns and not merged[-1][0]:
            merged[-1][1].extend(band)
        else:
            merged.append((is_columns, band))
    return merged


def _are_columns(band: list[Row], x: float) -> bool:
    for side in (False, True):
        pieces = [p for row in band for p in row if (p.x0 >= x) is side]
        if len(pieces) < _FEWEST or median(len(p.text) for p in pieces) < _COLUMN_CHARS:
            return False
        width = max(p.x1 for p in pieces) - min(p.x0 for p in pieces)
        if median(p.x1 - p.x0 for p in pieces) < _FULL * width and not _is_divided(pieces):
            return False
    return True


def _is_divided(pieces: list[Line]) -> bool:
    """Tell whether these lines are columns themselves: of three, two are on one side of the first gutter."""
    by_row: dict[float, Row] = {}
    for piece in pieces:
        by_row.setdefault(piece.base, []).append(piece)
    return _gutter(list(by_row.values())) is not None


def paragraphs(lines: Sequence[Line], usual: float = 0.0) -> list[Paragraph]:
    """Return the paragraphs of a column, its lines joined as they are read.

    `usual` is the size of most lines of the page; without it, that of the column.
    """
    if not lines:
        return []
    left, right = _margins([line for line in lines if not line.table] or lines)
    usual = usual or usual_size(lines)
    pitch = _usual([b.base - a.base for a, b in pairwise(lines) if b.base > a.base])
    found: list[Paragraph] = []
    for line in lines:
        em = line.size
        at_right = (
            not line.gaps
            and right - left >= _NARROWEST * min(em, usual)
            and line.x0 - left <= _SET_RIGHT * em
            and line.x1 >= right - (_RAGGED if _HAN.search(line.text[-4:]) else _RAGGED_LATIN) * em
        )
        indent = (line.x0 - left) / em
        centred = indent > _INDENT and abs((line.x0 - left) - (right - line.x1)) < 2 * em
        last = found[-1] if found else None
        is_large = line.size > _LARGE * usual
        distance = _TITLE_PITCH * line.size if is_large and centred else _PITCH * max(pitch, line.size * 1.2)
        if last and _continues(line, last, 0.0 if is_large else indent, distance, centred):
            last.text = joined(last.text, line.text)
            last.lines.append(line)
            last.open = at_right
        else:
            found.append(_begun(line, at_right, indent, centred))
    return found


def _begun(line: Line, at_right: bool, indent: float, centred: bool) -> Paragraph:
    if line.table:
        return Paragraph("", line.size, line.top, table=line.table, lines=[line])
    goes_on = indent < 1.0 and not _BULLET.match(line.text)
    return Paragraph(line.text, line.size, line.top, at_right, goes_on, centred, lines=[line])


def _continues(line: Line, last: Paragraph, indent: float, distance: float, centred: bool) -> bool:
    """Tell whether a line goes on with what the last one says; `distance` is how far below it may stand."""
    before = last.lines[-1]
    resized = abs(line.size - before.size) > _OTHER_SIZE * before.size
    apart = line.base - before.base > distance
    if line.table or before.table or line.gaps or resized or apart:
        return False
    if centred and last.centred:  # a title over several lines
        return not before.text.endswith(_ENDS) and not _stands_by_itself(line.text)
    if before.text.endswith(_ENDS) and (_BULLET.match(line.text) or numbering(line.text)):
        return False
    if not last.open:
        return False
    if indent <= _INDENT:
        return True
    first = last.lines[0]
    hanging = _BULLET.match(first.text) is not None and line.x0 > first.x0 + 0.5 * line.size
    return hanging or (len(last.lines) > 1 and abs(line.x0 - before.x0) < 0.3 * line.size)


def _stands_by_itself(text: str) -> bool:
    """Tell whether a line below a title is what stands there beside it: number, day, (adopted on … by …)."""
    return is_number(text) or is_day(text) is not None or _ADOPTED.match(text) is not None


def usual_size(lines: Iterable[Line]) -> float:
    """Return the size of the characters of most lines."""
    return median([line.size for line in lines] or [0.0])


def _margins(lines: Sequence[Line]) -> tuple[float, float]:
    """Return where the lines begin and where they end: there, the outermost place that two share, if any do."""
    size = median(line.size for line in lines)
    rights = sorted((line.x1 for line in lines), reverse=True)
    right = next((a for a, b in pairwise(rights) if a - b < 0.5 * size), rights[0])
    return min(line.x0 for line in lines), right


def _usual(distances: Sequence[float]) -> float:
    return median(distances) if distances else 0.0


def joined(before: str, after: str) -> str:
    """Return two parts of a paragraph as one: Chinese without a blank, words with one, hyphens gone."""
    if not before or not after:
        return before + after
    if _HYPHENED.search(before) and after[0].islower():
        return before[:-1] + after
    both_letters = not _HAN.match(before[-1]) and not _HAN.match(after[0])
    return f"{before} {after}" if both_letters and not before.endswith("-") else before + after


def ends_open(paragraph: Paragraph) -> bool:
    """Tell whether a paragraph at the end of a column or page goes on in the next."""
    return paragraph.open and not paragraph.text.endswith(_ENDS) and not paragraph.centred
