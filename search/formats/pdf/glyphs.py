"""A page of a PDF as what is drawn on it: characters with their boxes, and straight lines.

The only module that knows PDFium. Everything is handed on upright: whichever way the page or its text is turned, x
grows along the lines and y downwards, in points. What was drawn is data; nothing of a file is executed or fetched.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

MAX_GLYPHS = 100_000
"""Characters of a page that are read; a dense page of a newspaper has 15,000."""
MAX_SEGMENTS = 20_000
"""Segments of drawn paths that are looked at on a page; maps and charts have more, tables do not."""
_DEEPEST_FORM = 4
_HYPHEN = 2  # PDFium's sign for a hyphen at the end of a line
_NO_INK = frozenset({0, 9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x3000, 0xFFFE, 0xFFFF, 0xFFFD, *range(0x2000, 0x200B)})
_WITH_LINES = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM)
_DIAGONAL = 0.15  # radians off a right angle: a watermark across the page
_STRAIGHT = 1.0  # points by which a straight line may lean

# Fonts made on some systems say radicals where ideographs are meant; Unicode has compatible characters for one block of
# them only (EquivalentUnifiedIdeograph.txt has the other).
_RADICALS = dict(
    zip(
        "⺠⺟⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "民母虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)


class Glyph(NamedTuple):
    """A character: where it stands, its baseline and the size of its font."""

    char: str
    x0: float
    x1: float
    base: float
    size: float


class Rule(NamedTuple):
    """A straight line from (x0, y0) to (x1, y1), along one axis: x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one way of turning the page lets be read."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]


Turn = Callable[[float, float], tuple[float, float]]


def sheets(page: Any) -> list[Sheet]:
    """Return a page as it is read upright, the way most characters stand first. `page` is a PdfPage."""
    left, bottom, right, top = page.get_mediabox()
    width, height = right - left, top - bottom
    turns: tuple[tuple[float, float, Turn], ...] = (
        (width, height, lambda x, y: (x - left, top - y)),
        (height, width, lambda x, y: (y - bottom, x - left)),
        (width, height, lambda x, y: (right - x, y - bottom)),
        (height, width, lambda x, y: (top - y, right - x)),
    )
    by_turn = _glyphs(page, [turn for _, _, turn in turns])
    found: list[Sheet] = []
    for quarter in sorted(by_turn, key=lambda quarter: -len(by_turn[quarter])):
        across, down, turn = turns[quarter]
        rules = tuple(_rules(page, turn)) if not found else ()
        found.append(Sheet(across, down, tuple(by_turn[quarter]), rules))
    return found


def _glyphs(page: Any, turns: list[Turn]) -> dict[int, list[Glyph]]:
    """Return the characters by quarters of a turn, in the order in which they were drawn.

    Every call into the library counts: a file may have a million characters.
    """
    text = page.get_textpage()
    raw = text.raw
    fonts: dict[tuple[float, ...], tuple[int | None, float]] = {}
    found: dict[int, list[Glyph]] = defaultdict(list)
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    box_at, matrix_at = ctypes.pointer(box), ctypes.pointer(matrix)
    try:
        for index in range(min(pdfium.FPDFText_CountChars(raw), MAX_GLYPHS)):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            if code in _NO_INK or code > 0x10FFFF or not pdfium.FPDFText_GetLooseCharBox(raw, index, box_at):
                continue
            pdfium.FPDFText_GetMatrix(raw, index, matrix_at)
            m, height = matrix, box.top - box.bottom
            key = (m.a, m.b, m.c, m.d, height)
            if key not in fonts:
                fonts[key] = _font(m, pdfium.FPDFText_GetFontSize(raw, index))
            quarter, size = fonts[key]
            if quarter is None:
                continue
            char = "-" if code == _HYPHEN else as_written(chr(code))
            turn = turns[quarter]
            one, other = turn(box.left, box.bottom)[0], turn(box.right, box.top)[0]
            found[quarter].append(Glyph(char, min(one, other), max(one, other), turn(m.e, m.f)[1], size))
    finally:
        text.close()
    return found


def as_written(char: str) -> str:
    """Return the ideograph for a radical or a compatible form of it, and the letters of a ligature."""
    if not "\u2e80" <= char <= "\u2fdf" and not "\uf900" <= char <= "\ufb06":
        return char
    if char in _RADICALS:
        return _RADICALS[char]
    return unicodedata.normalize("NFKC", char)


def _font(matrix: Any, size: float) -> tuple[int | None, float]:
    """Return how many quarters a character is turned (None: askew, as a watermark) and how large it is."""
    angle = math.atan2(matrix.b, matrix.a)
    quarter = round(angle / (math.pi / 2))
    askew = abs(angle - quarter * math.pi / 2) > _DIAGONAL
    return (None if askew else quarter % 4), size * math.hypot(matrix.c, matrix.d)


def _rules(page: Any, turn: Turn) -> Iterator[Rule]:
    """Yield the straight edges of what is drawn: lines, and the sides of rectangles (many draw lines as thin ones)."""
    budget = Counter(segments=MAX_SEGMENTS)
    matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    count = pdfium.FPDFPage_CountObjects(page.raw)
    for index in range(count):
        drawn = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(drawn) in _WITH_LINES:
            yield from _edges(drawn, matrix, turn, budget, 0)


Matrix = tuple[float, float, float, float, float, float]


def _edges(drawn: Any, outer: Matrix, turn: Turn, budget: Counter[str], depth: int) -> Iterator[Rule]:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind not in _WITH_LINES or budget["segments"] <= 0:
        return
    matrix = _times(_matrix(drawn), outer)
    if kind == pdfium.FPDF_PAGEOBJ_FORM:
        inner = range(pdfium.FPDFFormObj_CountObjects(drawn)) if depth < _DEEPEST_FORM else ()
        for index in inner:
            yield from _edges(pdfium.FPDFFormObj_GetObject(drawn, index), matrix, turn, budget, depth + 1)
        return
    start = at = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(pdfium.FPDFPath_CountSegments(drawn), budget["segments"])):
        budget["segments"] -= 1
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = turn(*_applied(matrix, x.value, y.value))
        what = pdfium.FPDFPathSegment_GetType(segment)
        if what == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif what == pdfium.FPDF_SEGMENT_LINETO:
            yield from _straight(at, point)
        at = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield from _straight(at, start)
            at = start


def _straight(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Rule]:
    (x0, x1), (y0, y1) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    if min(x1 - x0, y1 - y0) <= _STRAIGHT < max(x1 - x0, y1 - y0):
        yield Rule(x0, y0, x1, y1)


def _matrix(drawn: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(drawn, found):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies `m`, then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _applied(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
