"""Headings that are marked (Markdown, HTML): writes plain text and notes where each section stands in it."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Section
from .decoding import clean

Heading = tuple[int, int, int, str]
"""Where the heading line starts and ends, its level, its words."""


def sections_at(headings: Iterable[Heading], length: int) -> tuple[Section, ...]:
    """Return the sections that `headings` (in order) make of a text of `length` characters; anchors are s1, s2 …"""
    found = list(headings)
    if not found:
        return ()
    ends = [start for start, _, _, _ in found[1:]] + [length]
    return tuple(
        Section(heading=words, level=level, start=start, body=body, end=end, anchor=f"s{number}")
        for number, ((start, body, level, words), end) in enumerate(zip(found, ends, strict=True), 1)
    )


class Outline:
    """Collects blocks in reading order. A heading at the very top that only repeats `title` is left out."""

    def __init__(self, title: str = "") -> None:
        """Start empty."""
        self._title = title
        self._pieces: list[str] = []
        self._headings: list[Heading] = []
        self._length = 0
        self._group = ""

    def heading(self, level: int, words: str) -> None:
        """Add a heading line."""
        line = " ".join(clean(words).split())
        if line and (self._length or line != self._title):
            start = self._add(line, "")
            self._headings.append((start, self._length, level, line))

    def block(self, text: str, group: str = "") -> None:
        """Add a paragraph; lines of one `group` (a list's items, a table's rows) follow each other directly."""
        body = clean(text).strip("\n").rstrip()
        if body:
            self._add(body, group)

    def finish(self) -> tuple[str, tuple[Section, ...]]:
        """Return the text and its sections."""
        return "".join(self._pieces), sections_at(self._headings, self._length)

    def _add(self, piece: str, group: str) -> int:
        gap = "" if not self._length else "\n" if group and group == self._group else "\n\n"
        start = self._length + len(gap)
        self._pieces += (gap, piece)
        self._length = start + len(piece)
        self._group = group
        return start
