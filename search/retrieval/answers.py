"""The answer on top: the sentence, row or short list of an article that answers a question, or nothing.

Nothing is better than wrong. An article answers a question about its own place or a part of it, and about any place if it
is about none; of no other insurance type; in force. Every word that carries the question must stand in the passage, above
it or in the title, and what the title lacks in the passage or above it. What kind of answer is wanted, and what one looks
like, is data (`questions`). Pure: texts are read, no engine is asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..facets import Facets, province_of
from ..facets.status import EXPIRED, NOT_YET, REPLACED
from ..model import Answer, AnswerCell, Article, Clause, Parsed, Section, Span
from ..text import direction, fold, occurrences
from .marks import marks_of
from .passages import passages
from .questions import (
    EMPTY_WORDS,
    MADE_UP,
    MEASURES,
    OPENS_WITH_VERDICT,
    PAYS,
    SAYS_NO_HEADING,
    SAYS_YES_HEADING,
    VAGUE,
    Kind,
    kind_of,
)
from .rows import Row
from .sentences import SentenceView

_WINDOW = 20_000
"""An answer is looked for in so many characters of a text."""
_MARKS = 200
"""So many occurrences of each form are looked at."""
_LONGEST = 160
"""Characters of an answer; what is longer is no answer at a glance."""
_SHORT = 24
"""能。 alone says too little: the next sentence is taken along."""
_LEAD_SENTENCES = 4
_SECTION_SENTENCES = 12
_NOT_IN_FORCE = frozenset({EXPIRED, NOT_YET, *REPLACED})
_BULLET = re.compile(r"\s*(?:[•·●○◆■▪*-]|[0-9]{1,2}[.、])\s*")
_YEAR = re.compile(r"20[0-9]{2}(?= ?年|\b)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the rule reads it: its kind, the words that carry it, and what an article must not contradict."""

    kind: Kind
    folded: str
    words: tuple[Clause, ...]
    places: frozenset[tuple[str, str]]
    insurance: frozenset[str]
    parsed: Parsed


def asked(parsed: Parsed, places: Collection[tuple[str, str]] = ()) -> Asked | None:
    """Return the question that a query asks; None if it is none, or has no word to go by.

    `places` (facet, value) are those chosen as filters, beside those that the query names.
    """
    folded = fold(parsed.text)
    kind = kind_of(folded)
    if kind is None or any(clause.kind == "excluded" for clause in parsed.clauses):
        return None
    question = kind.asks.search(folded)
    inside = question.span() if question and kind.name not in MEASURES else (0, 0)
    words = tuple(
        clause
        for clause in parsed.clauses
        if clause.kind in ("word", "phrase")
        and not clause.place
        and len(clause.text) > 1
        and clause.forms[0].text not in EMPTY_WORDS
        and not (clause.start < inside[1] and inside[0] < clause.end)
    )
    named = frozenset((place.facet, place.value) for place in parsed.places) | frozenset(places)
    if not words and not (named and kind.name == "where"):
        return None
    return Asked(kind, folded, words, named, frozenset(one.value for one in parsed.insurance), parsed)


def answer_in(question: Asked, article: Article, facets: Facets) -> Answer | None:
    """Return what answers a question in an article; None if nothing surely does."""
    if not _may_answer(question, article):
        return None
    return _Reader(question, article, facets).answer()


def _may_answer(question: Asked, article: Article) -> bool:
    """Tell whether an article may answer at all: place, insurance type, status and direction."""
    of = article.facets
    insurance = set(of.get("insurance", ()))
    if question.insurance and insurance and not question.insurance <= insurance:
        return False
    if not _NOT_IN_FORCE.isdisjoint(of.get("status", ())):
        return False
    looks = direction(fold(article.title))
    if question.parsed.direction and looks and looks != question.parsed.direction:
        return False
    about = {(facet, value) for facet in ("province", "city") for value in of.get(facet, ())}
    return about <= _holding(question.places)


def _holding(places: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the places and the provinces around them: what is said of these holds there."""
    return {*places, *(("province", province_of(value)) for facet, value in places if facet == "city")}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A range of the text, how much of the question it and what stands above it hold, and the row that it is."""

    start: int
    end: int
    worth: float
    row: Row | None = None


class _Reader:
    """One article, read for one question. Offsets are in its text."""

    def __init__(self, question: Asked, article: Article, facets: Facets) -> None:
        self.question = question
        self.article = article
        self.facets = facets
        self.view = SentenceView(article, 0, _WINDOW)
        self.title = fold(article.title)
        self.text = fold(self.view.text)
        self.titled = {word for word in question.words if _holds(word, self.title)}
        self.focus = [word for word in question.words if word not in self.titled]

    def answer(self) -> Answer | None:
        """Return the best of what answers; of equals the first."""
        if not all(_holds(word, self.text) for word in self.focus):
            return None
        found = list(self._verdicts() if self.question.kind.name == "yes or no" else self._telling())
        found = [each for each in found if each.end - each.start <= _LONGEST and self._fits(each)]
        if not found:
            return None
        return self._shown(max(found, key=lambda each: (each.worth, -each.start)))

    def _telling(self) -> Iterator[_Candidate]:
        """Yield sentences, rows and parts of the text that hold what this kind of answer holds."""
        kind = self.question.kind
        if not kind.exact:
            yield from self._parts()
        if kind.name == "how":
            return
        for index, row in self._sentences():
            start, end = (row.start, row.end) if row else self.view.bounds(index)
            own = self._own(start, end, row)
            if not kind.tells.search(own) or own.endswith(("?", "？")) or not self._covers(own, start):
                continue
            if row and not self._names_row(row):
                continue
            yield _Candidate(start, end, self._worth(own, start), row)

    def _verdicts(self) -> Iterator[_Candidate]:
        """Yield what says yes or no: at the beginning, below a heading that asks, behind a question, in a list."""
        tells, pays = self.question.kind.tells, "报" in self.question.folded
        if self.titled and not self.focus and (first := self._first(0)) is not None:
            yield from self._opening(first, 3.0)
        for section in self._sections():
            heading = fold(section.heading)
            if self._all_in(heading) and (first := self._first(section.body)) is not None:
                yield from self._opening(first, 2.0)
        for index, row in self._sentences():
            start, end = self.view.bounds(index)
            own, above = self._own(start, end, row), self._above(start)
            held = [word for word in self.question.words if _holds(word, own)]
            if row or not held:
                continue
            if own.endswith(("?", "？")):
                following = self.view.following(index)
                if self._covers(own, start) and following and tells.search(fold(self.view.cut(following[1]))):
                    yield _Candidate(start, following[1][1], 2.5)
                continue
            if len(held) == len(self.question.words) and _is_bullet(self.view, start):
                if SAYS_NO_HEADING.search(above) or SAYS_YES_HEADING.search(above):
                    yield _Candidate(start, end, 2.2)
            if self._covers(own, start) and tells.search(own) and (not pays or PAYS.search(own)):
                if len(held) >= len(self.question.words) - len(self.titled) and not VAGUE.search(own):
                    yield _Candidate(start, end, 1.0 + len(held) / len(self.question.words) / 2)

    def _opening(self, index: int, worth: float) -> Iterator[_Candidate]:
        """Yield a sentence that begins by saying yes or no, with the next one if it is short."""
        start, end = self.view.bounds(index)
        if not OPENS_WITH_VERDICT.match(self.text, start, end + 1):
            return
        if end - start < _SHORT and (following := self.view.following(index)):
            end = following[1][1]
        yield _Candidate(start, end, worth)

    def _parts(self) -> Iterator[_Candidate]:
        """Yield the beginnings of sections whose heading promises this kind of answer."""
        kind = self.question.kind
        for section in self._sections():
            heading = fold(section.heading)
            if not kind.heads.search(heading):
                continue
            if not all(_holds(word, self._above(section.body)) for word in self.focus):
                continue
            start, end = self._block(section)
            if start < end and kind.tells.search(self.text, start, end):
                held = sum(_holds(word, heading) for word in self.question.words)
                yield _Candidate(start, end, 2.0 + held)

    def _block(self, section: Section) -> Span:
        """Return as many lines of a section as an answer may have."""
        first = self._first(section.body)
        if first is None:
            return 0, 0
        start, end = self.view.bounds(first)
        for index in range(first + 1, len(self.view)):
            if self.view.is_heading(index):
                break
            _, stop = self.view.bounds(index)
            if stop > section.end or stop - start > _LONGEST:
                break
            end = max(end, stop)
        return start, end

    def _sections(self) -> list[Section]:
        return [section for section in self.article.sections if section.body < len(self.text)]

    def _first(self, position: int) -> int | None:
        """Return the first sentence with words at or behind a position, in the part of the text that begins there."""
        for index in range(self.view.index(position), min(self.view.index(position) + 4, len(self.view))):
            start, end = self.view.bounds(index)
            if start < end and start >= position:
                return None if self.view.is_heading(index) else index
        return None

    def _sentences(self) -> Iterator[tuple[int, Row | None]]:
        """Yield the sentences and rows to look at, in text order: with words of the question, first, or below such."""
        marks = marks_of(self.question.parsed, self.text, _MARKS)
        chosen = {self.view.index(each.bounds[0]) for each in passages(self.view, marks, False)}
        first = next((section.start for section in self._sections() if section.body > section.start), len(self.text))
        chosen.update(index for index in range(min(_LEAD_SENTENCES, len(self.view))) if self._start(index) < first)
        for section in self._sections():
            if any(_holds(word, fold(section.heading)) for word in self.question.words):
                begin = self.view.index(section.body)
                chosen.update(
                    index
                    for index in range(begin, min(begin + _SECTION_SENTENCES, len(self.view)))
                    if self._start(index) < section.end
                )
        for index in sorted(chosen):
            start, end = self.view.bounds(index)
            if start < end and not self.view.is_heading(index):
                yield index, self.view.rows.at(start)

    def _start(self, index: int) -> int:
        return self.view.bounds(index)[0]

    def _own(self, start: int, end: int, row: Row | None) -> str:
        """Return what a passage says, folded; a row says the heads of its columns, too."""
        if row is None:
            return self.text[start:end]
        cells = self.view.rows.cells(row)
        return " ".join(self.text[a:b] for cell in cells for a, b in (*cell.heads, cell.span))

    def _above(self, position: int) -> str:
        """Return the headings that a place stands under, folded, innermost last."""
        governing = [section for section in self.article.sections if section.start <= position]
        found: list[Section] = []
        for section in reversed(governing):
            if not found or section.level < found[-1].level:
                found.append(section)
        return " ".join(fold(section.heading) for section in reversed(found))

    def _all_in(self, heading: str) -> bool:
        """Tell whether a heading asks the question: it holds what the title lacks, and some word of it."""
        words = self.focus or self.question.words
        return all(_holds(word, heading) for word in words)

    def _covers(self, own: str, start: int) -> bool:
        """Tell whether a passage and what stands above it hold what the title lacks, and some word of the question."""
        around = f"{own} {self._above(start)}"
        if not all(_holds(word, around) for word in self.focus):
            return False
        measured = [word for word in self.question.words if self._measures(word)]
        if measured and not all(_holds(word, around) for word in measured):
            return False
        return any(_holds(word, around) for word in self.question.words) or self._is_first(start)

    def _measures(self, word: Clause) -> bool:
        match = self.question.kind.asks.search(word.forms[0].text)
        return self.question.kind.name in MEASURES and match is not None

    def _is_first(self, start: int) -> bool:
        """Tell whether a passage is the first of a text whose title asks the question."""
        return self._first(0) == self.view.index(start)

    def _names_row(self, row: Row) -> bool:
        """Tell whether the question names a row: by what the row is called."""
        leads = [self.text[cell.span[0] : cell.span[1]] for cell in self.view.rows.cells(row) if cell.leads]
        return any(
            lead in self.question.folded or any(_holds(word, lead) for word in self.question.words) for lead in leads
        )

    def _worth(self, own: str, start: int) -> float:
        above = self._above(start)
        return sum(
            (1.0 if _holds(word, own) else 0.5 if _holds(word, above) else 0.0) * len(word.text)
            for word in self.question.words
        )

    def _fits(self, each: _Candidate) -> bool:
        """Tell whether a passage is of the right place, insurance type and year, and figures are no examples."""
        own = self._own(each.start, each.end, each.row)
        section = self.view.section(each.start)
        around = self.text[section.start : section.end] if section else self.text[: each.end]
        if self.question.kind.exact and (MADE_UP.search(around) or VAGUE.search(own)):
            return False
        if not self._is_of_place(own) or not self._is_of_insurance(own, fold(section.heading) if section else ""):
            return False
        return not self.question.kind.exact or self._is_of_year(own)

    def _is_of_place(self, own: str) -> bool:
        allowed = _holding(self.question.places)
        named = self.facets.find_places(own)
        return all((place.facet, place.value) in allowed for place in named)

    def _is_of_insurance(self, own: str, heading: str) -> bool:
        if not self.question.insurance:
            return True
        for text in (own, heading):
            named = {one.value for one in self.facets.find_values(text) if one.facet == "insurance"}
            if named:
                return self.question.insurance <= named
        return bool(self.article.facets.get("insurance"))

    def _is_of_year(self, own: str) -> bool:
        years = {str(year) for year in self.question.parsed.years}
        if not years:
            return True
        for text in (own, self.title):
            if named := set(_YEAR.findall(text)):
                return not years.isdisjoint(named)
        return self.article.date is not None and str(self.article.date.year) in years

    def _shown(self, best: _Candidate) -> Answer:
        section = self.view.section(best.start)
        around = f"{self._own(best.start, best.end, best.row)} {self._above(best.start)} {self.title}"
        cells = self.view.rows.cells(best.row) if best.row else []
        return Answer(
            self.article.id,
            self.article.text[best.start : best.end],
            best.start,
            best.end,
            section.anchor if section else "",
            section.heading if section else "",
            tuple(AnswerCell(*cell.span, cell.heads) for cell in cells),
            tuple(dict.fromkeys(word.text for word in self.question.words if _holds(word, around))),
        )


def _holds(word: Clause, folded: str) -> bool:
    return any(occurrences(form.text, folded) for form in word.forms)


def _is_bullet(view: SentenceView, start: int) -> bool:
    """Tell whether a sentence is an item of a list: bullets stand before it on its line."""
    line = view.text.rfind("\n", 0, start) + 1
    return start > line and _BULLET.fullmatch(view.text, line, start) is not None
