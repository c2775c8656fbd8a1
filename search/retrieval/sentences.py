"""The sentences of an article's text: where they begin and end, what stands in a heading, under which section they are.

A sentence ends after 。；！？ (with the quotes and brackets that close there) or at the end of a line. A full stop of
one byte ends none: it stands in 3.5 and in web addresses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from ..model import Article, Section, Span
from ..text import fold
from .rows import TableRows

_SENTENCE_END = re.compile(r"[。；！？!?;]+[”’」』）)】》]*|[\r\n\u2028\u2029]+")
_CLOSED = re.compile(r"[。；！？!?;][”’」』）)】》]*\Z")
_MARGIN = re.compile(r"[\s•·●○◆◇■□▪▶►※\-*#>|–—]*")


class SentenceView:
    """One window of an article's text: its sentences by index, its rows of tables, the sections over it.

    Offsets are in the window.
    """

    def __init__(self, article: Article, offset: int, length: int) -> None:
        self.text = article.text[offset : offset + length]
        self.rows = TableRows(article, offset, length)
        self._whole = article.text
        self._offset = offset
        self._sections = article.sections
        self._section_starts = [section.start for section in article.sections]
        self._ends = [match.end() for match in _SENTENCE_END.finditer(self.text)]
        if not self._ends or self._ends[-1] < len(self.text):
            self._ends.append(len(self.text))

    def __len__(self) -> int:
        return len(self._ends)

    @cached_property
    def folded(self) -> str:
        """The text, folded: character by character, so that offsets are the same."""
        return fold(self.text)

    def cut(self, span: Span) -> str:
        """Return the characters of a range, which may lie outside the window."""
        return self._whole[max(0, span[0] + self._offset) : span[1] + self._offset]

    def index(self, position: int) -> int:
        """Return which sentence holds `position`."""
        return bisect_right(self._ends, position)

    def bounds(self, index: int) -> Span:
        """Return the range of a sentence without bullets before it and blanks around it; empty for a blank line."""
        start, end = self._ends[index - 1] if index else 0, self._ends[index]
        end = start + len(self.text[start:end].rstrip())
        margin = _MARGIN.match(self.text, start, end)
        return (margin.end() if margin else start), end

    def is_heading(self, index: int) -> bool:
        """Tell whether a sentence stands in a heading line."""
        start, _ = self.bounds(index)
        section = self.section(start)
        return section is not None and self._offset + start < section.body

    def following(self, index: int) -> tuple[int, Span] | None:
        """Return the sentence that continues this one: on its line, or below a line that ends without a full stop."""
        _, end = self.bounds(index)
        open_ended = not _CLOSED.search(self.text, max(0, end - 5), end)
        for other in range(index + 1, min(index + 4, len(self))):
            start, stop = self.bounds(other)
            if start < stop:
                continues = open_ended or not self.text[end:start].strip(" ")
                return (other, (start, stop)) if continues and not self.is_heading(other) else None
        return None

    def anchor(self, position: int) -> str:
        """Return the anchor of the section that governs `position`."""
        section = self.section(position)
        return section.anchor if section else ""

    def section(self, position: int) -> Section | None:
        """Return the section that governs `position`; its offsets are in the whole text."""
        index = bisect_right(self._section_starts, self._offset + position) - 1
        return self._sections[index] if index >= 0 else None
