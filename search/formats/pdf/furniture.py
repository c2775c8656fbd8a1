"""What stands on every page around the text: running heads and feet, page numbers. Told by place and repetition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from .lines import Row

_ZONE = 0.14  # share of a page's height, at either end, in which they stand
_DEEPEST = 3  # lines of a head or foot
_FEWEST = 3  # pages on which a line is repeated, if there are as many
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(
    r"\W*+(?:\d{1,4}|[ivxlIVXL]{1,6}|第?\d{1,4}页?[/,，共]*(?:第|共)?\d{0,4}页?|第[一二三四五六七八九十百]+页|"
    r"[Pp](?:age|\.)?\d{1,4}(?:(?:of|/)\d{1,4})?)\W*"
)


def without_furniture(pages: Sequence[list[Row]], heights: Sequence[float]) -> list[list[Row]]:
    """Return the lines of each page (from top to bottom) without running heads, feet and page numbers."""
    said = Counter(
        key for page, height in zip(pages, heights, strict=True) for key in {_key(row) for row in _outer(page, height)}
    )
    fewest = min(_FEWEST, max(2, len(pages)))
    return [
        _without(page, height, {key for key, count in said.items() if key and count >= fewest})
        for page, height in zip(pages, heights, strict=True)
    ]


def _outer(page: list[Row], height: float) -> Iterator[Row]:
    for row in page[:_DEEPEST]:
        if row[0].base <= _ZONE * height:
            yield row
    for row in page[max(_DEEPEST, len(page) - _DEEPEST) :]:
        if row[0].base >= (1 - _ZONE) * height:
            yield row


def _key(row: Row) -> str:
    """Return what a line says but for its numbers; nothing if it says numbers only, or is a table."""
    text = "".join("".join(piece.text.split()) for piece in row)
    return _DIGITS.sub("#", text) if len(_LETTER.findall(text)) > 1 and not row[0].table else ""


def _without(page: list[Row], height: float, repeated: set[str]) -> list[Row]:
    first, last = 0, len(page)
    while first < min(last, _DEEPEST) and page[first][0].base <= _ZONE * height and _goes(page[first], repeated):
        first += 1
    below = max(first, len(page) - _DEEPEST)
    while last > below and page[last - 1][0].base >= (1 - _ZONE) * height and _goes(page[last - 1], repeated):
        last -= 1
    return page[first:last]


def _goes(row: Row, repeated: set[str]) -> bool:
    text = "".join("".join(piece.text.split()) for piece in row)
    return not row[0].table and (_key(row) in repeated or _NUMBERED.fullmatch(text) is not None)
