"""Where a line of text counts its points (一、… 二、…), so that each can be shown as a line of its own."""

from __future__ import annotations

import re
import unicodedata

_FORMS = tuple(
    re.compile(rf"(?:^|(?<=[。；;：:！!？?\s])){form}")
    for form in (
        "([一二三四五六七八九十]{1,3})、",
        "[(（]([一二三四五六七八九十]{1,3})[)）]",
        "第([一二三四五六七八九十]{1,3})[，,、]",
        "([①-⑳])",
        r"(\d{1,2})[、.．](?!\d)",
        r"[(（](\d{1,2})[)）]",
    )
)
_DIGITS = "一二三四五六七八九"
_NUMERALS = ("", *_DIGITS, *(f"{tens}十{one}" for tens in ("", *_DIGITS[1:]) for one in ("", *_DIGITS)))


def broken(text: str, start: int, end: int) -> list[int]:
    """Return where to break the line `text[start:end]`, its ends included: before points counted from one on in it.

    A line is left as it is unless two of the same form follow each other.
    """
    for form in _FORMS:
        breaks: list[int] = []
        for point in form.finditer(text[start:end]):
            if _number(point[1]) == len(breaks) + 1:
                breaks.append(start + point.start())
        if len(breaks) > 1:
            return [*([start] if breaks[0] > start else ()), *breaks, end]
    return [start, end]


def _number(point: str) -> float:
    if point in _NUMERALS:
        return _NUMERALS.index(point)
    return float(point) if point.isdecimal() else unicodedata.numeric(point, 0)
