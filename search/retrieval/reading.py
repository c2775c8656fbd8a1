"""An article read for one question: what a passage says, what stands above it, what is known before it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..facets import Facets
from ..model import Article, Section, Span
from ..text import fold, occurrences, query_words
from .asked import Asked, holds, says_as_much
from .marks import marks_of
from .passages import passages
from .questions import EMPTY_WORDS, asks_figure, kind_of
from .rows import Row
from .sentences import SentenceView

_WINDOW = 20_000
"""An answer is looked for in so many characters of a text."""
_MARKS = 200
"""So many occurrences of each form are looked at."""
SHORT = 24
"""能。 alone says too little: the next sentence is taken along."""
LONGEST = 160
"""Characters of an answer; what is longer is no answer at a glance."""
_LEAD_SENTENCES = 4
_SECTION_SENTENCES = 12
_CLAUSE = re.compile("[,;:?]")
_BULLET = re.compile(r"\s*(?:[•·●○◆■▪*-]|[0-9]{1,2}[.、])\s*")


class Reading:
    """One article, read for one question. Offsets are in its text; `title` and `text` are folded.

    `lead` is the range of the first sentence, `in_title` the words of the question that the title holds, `title_asks`
    tells whether the title asks the same kind of question.
    """

    def __init__(self, question: Asked, article: Article, facets: Facets) -> None:
        self.question = question
        self.article = article
        self.facets = facets
        self.view = SentenceView(article, 0, _WINDOW)
        self.title = fold(article.title)
        self.text = self.view.folded
        self._above: dict[int, str] = {}
        first = self.first(0)
        self.lead = self.opened(first) if first is not None else (0, 0)
        self.in_title = {word for word in (*question.words, *question.small) if holds(word, self.title)}
        self.title_asks = asks_figure(self.title) if question.kind.exact else kind_of(self.title) is question.kind
        self.body = next((s.start for s in self.sections() if s.body > s.start), len(self.text))

    def sections(self) -> list[Section]:
        """Return the sections that begin in what is read."""
        return [section for section in self.article.sections if section.body < len(self.text)]

    def begins(self, section: Section) -> int | None:
        """Return where the first sentence of a section begins; None where there is none, or another heading."""
        first = self.first(section.body)
        return None if first is None else self._start(first)

    def first(self, position: int) -> int | None:
        """Return the first sentence with words at or behind a position, in the part of the text that begins there."""
        for index in range(self.view.index(position), min(self.view.index(position) + 4, len(self.view))):
            start, end = self.view.bounds(index)
            if start < end and start >= position:
                return None if self.view.is_heading(index) else index
        return None

    def opened(self, index: int) -> Span:
        """Return the range of a sentence, with the next one if it is short: 能。 alone says too little."""
        start, end = self.view.bounds(index)
        if end - start < SHORT and (following := self.view.following(index)):
            end = following[1][1]
        return start, end

    def whole(self, index: int, end: int) -> int:
        """Return where a sentence that ends in a semicolon ends as a whole, or nearly."""
        start = self._start(index)
        while self.text[end - 1 : end] == ";" and (following := self.view.following(index)):
            index, bounds = following
            if bounds[1] - start > LONGEST or self.is_bullet(bounds[0]):
                break
            end = bounds[1]
        return end

    def sentences(self) -> Iterator[tuple[int, Row | None]]:
        """Yield the sentences and rows to look at, in text order: with words of the question, first, or below such."""
        marks = marks_of(self.question.parsed, self.text, _MARKS)
        chosen = {self.view.index(each.bounds[0]) for each in passages(self.view, marks, False)}
        chosen.update(index for index in range(min(_LEAD_SENTENCES, len(self.view))) if self._start(index) < self.body)
        words = (*self.question.words, *self.question.small)
        for word in self.question.words:  # what says the same is no mark
            for form in word.forms:
                found = occurrences(form.text, self.text)[:_MARKS] if says_as_much(form) else ()
                chosen.update(self.view.index(start) for start, _ in found)
        for section in self.sections():
            heading = fold(section.heading)
            if self.promises(heading) or any(holds(word, heading) for word in words):
                begin = self.view.index(section.body)
                chosen.update(
                    index
                    for index in range(begin, min(begin + _SECTION_SENTENCES, len(self.view)))
                    if self._start(index) < section.end
                )
        for index in sorted(chosen):
            start, end = self.view.bounds(index)
            if start < end and (not self.view.is_heading(index) or self._states(index)):
                yield index, self.view.rows.at(start)

    def _states(self, index: int) -> bool:
        """Tell whether a heading is a whole sentence, as in laws: 第六条 …。"""
        start, end = self.view.bounds(index)
        return end - start >= SHORT and self.text[end - 1] in "。;"

    def _start(self, index: int) -> int:
        return self.view.bounds(index)[0]

    def own(self, start: int, end: int, row: Row | None) -> str:
        """Return what a passage says, folded; a row says the heads of its columns, too."""
        if row is None:
            return self.text[start:end]
        cells = self.view.rows.cells(row)
        return " ".join(self.text[a:b] for cell in cells for a, b in (*cell.heads, cell.span))

    def above(self, position: int) -> str:
        """Return the headings that a place stands under, folded, innermost last."""
        section = self.view.section(position)
        if section is None:
            return ""
        if section.start not in self._above:
            found = [section]
            for outer in reversed([each for each in self.article.sections if each.start < section.start]):
                if outer.level < found[-1].level:
                    found.append(outer)
            self._above[section.start] = " ".join(fold(each.heading) for each in reversed(found))
        return self._above[section.start]

    def promises(self, above: str) -> bool:
        """Tell whether headings promise what is asked."""
        kind = self.question.kind
        return bool(above and (kind.heads.search(above) or kind.asks.search(above)))

    def added(self, asking: str) -> int:
        """Return how many words a question or a heading of the article has that the reader did not say."""
        kind, match = self.question.kind, self.question.kind.asks.search(asking)
        said = asking[: match.end()] + _CLAUSE.split(asking[match.end() :], maxsplit=1)[0] if match else asking
        named = [*self.facets.find_places(said), *self.facets.find_values(said)]
        known = [form.text for word in (*self.question.words, *self.question.small) for form in word.forms]
        added = 0
        for start, end in ((token.start, token.end) for token in query_words(said)):
            text = said[start:end]
            is_named = any(one.start < end and start < one.end for one in named)
            is_asking = any(each.search(text) for each in (kind.asks, kind.tells, kind.heads)) or text in EMPTY_WORDS
            if len(text) > 1 and not text.isdigit() and not is_named and not is_asking:
                added += text not in self.question.folded and not any(text in one or one in text for one in known)
        return added

    def is_bullet(self, start: int) -> bool:
        """Tell whether a sentence is an item of a list: bullets stand before it on its line, or a number."""
        if _BULLET.match(self.view.text, start):
            return True
        line = self.view.text.rfind("\n", 0, start) + 1
        return _BULLET.fullmatch(self.view.text, line, start) is not None

    def places_in(self, own: str) -> set[tuple[str, str]]:
        """Return the places (facet, value) that a folded text names."""
        return {(place.facet, place.value) for place in self.facets.find_places(own)}
