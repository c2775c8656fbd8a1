"""The numbers that Word counts itself: 第一条, （二）, 3. stand in no paragraph, only how they are to be counted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_CLOSED = tuple("、.．)）：:")
_DIGITS = "〇一二三四五六七八九"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
BULLET = "• "


class _Level(NamedTuple):
    start: int
    form: str
    text: str


class Numbering:
    """Counts the numbered paragraphs of a document, in their order."""

    def __init__(self, root: Any) -> None:
        """Take the definitions of a document: the root of numbering.xml, None if it has none."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        if root is None:
            return
        abstract = {one.get(_W + "abstractNumId"): _levels(one) for one in root.iter(_W + "abstractNum")}
        for one in root.iter(_W + "num"):
            of = one.find(_W + "abstractNumId")
            levels = dict(abstract.get(of.get(_W + "val"), {})) if of is not None else {}
            for override in one.iter(_W + "lvlOverride"):
                level, start = _int(override, "ilvl"), override.find(_W + "startOverride")
                if start is not None and level in levels:
                    levels[level] = levels[level]._replace(start=_int(start, "val"))
            self._levels[one.get(_W + "numId")] = levels

    def label(self, number: Any) -> str:
        """Return what stands before the next paragraph that is numbered so (its `numPr`); nothing if it is not."""
        if number is None:
            return ""
        of, at = number.find(_W + "numId"), number.find(_W + "ilvl")
        key = of.get(_W + "val") if of is not None else ""
        level = min(_int(at, "val"), 8) if at is not None else 0
        levels = self._levels.get(key, {})
        if level not in levels:
            return ""
        counts = self._counts[key]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if levels[level].form == "bullet":
            return BULLET
        text = _PLACE.sub(lambda m: self._shown(levels, counts, int(m[1]) - 1), levels[level].text)
        return text if not text or text.endswith(_CLOSED) else f"{text} "

    @staticmethod
    def _shown(levels: dict[int, _Level], counts: dict[int, int], level: int) -> str:
        if level not in levels:
            return ""
        return written(counts.get(level, levels[level].start), levels[level].form)


def _levels(definition: Any) -> dict[int, _Level]:
    found = {}
    for level in definition.iter(_W + "lvl"):
        start, form, text = (level.find(_W + name) for name in ("start", "numFmt", "lvlText"))
        found[_int(level, "ilvl")] = _Level(
            _int(start, "val") if start is not None else 1,
            form.get(_W + "val") if form is not None else "decimal",
            (text.get(_W + "val") or "") if text is not None else "",
        )
    return found


def _int(element: Any, name: str) -> int:
    value = element.get(_W + name) or ""
    return min(int(value), 1_000_000) if value.isascii() and value.isdecimal() else 0


def written(number: int, form: str) -> str:
    """Return a number as one of Word's forms writes it; in digits where the form is not known or has no such number."""
    fewest, most, write = _FORMS.get(form, (0, 0, str))
    return write(number) if fewest <= number <= most else str(number)


_HUNDRED, _TEN, _ZERO = "百", "十", "零"


def _chinese(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}{_HUNDRED}" if hundreds else ""
    if tens:
        text += (_DIGITS[tens] if tens > 1 or hundreds else "") + _TEN
    elif hundreds and ones:
        text += _ZERO
    return text + (_DIGITS[ones] if ones else "")


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _letters(number: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[(number - 1) % 26] * ((number - 1) // 26 + 1)


_FORMS: dict[str, tuple[int, int, Callable[[int], str]]] = {
    **dict.fromkeys(
        (
            *("chineseCounting", "chineseCountingThousand", "japaneseCounting"),
            *("taiwaneseCounting", "taiwaneseCountingThousand"),
        ),
        (1, 999, _chinese),
    ),
    **dict.fromkeys(
        ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"),
        (0, 10**6, lambda number: "".join(_DIGITS[int(digit)] for digit in str(number))),
    ),
    "lowerLetter": (1, 26 * 30, _letters),
    "upperLetter": (1, 26 * 30, lambda number: _letters(number).upper()),
    "lowerRoman": (1, 3999, _roman),
    "upperRoman": (1, 3999, lambda number: _roman(number).upper()),
    "decimalEnclosedCircle": (1, len(_CIRCLED), lambda number: _CIRCLED[number - 1]),
    "decimalZero": (0, 9, lambda number: f"{number:02d}"),
    "none": (0, 10**9, lambda number: ""),
}
"""Form → the least and the greatest number that it writes, and how."""
