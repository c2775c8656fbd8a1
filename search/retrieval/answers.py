"""The answer on top: the sentence, row or short list of an article that answers a question, or nothing.

Nothing is better than wrong. An article answers a question about its own place or a part of it, and about any
place if it is about none; of no other insurance type; in force. Every word that carries the question must stand in the
passage, above it or in the title. What kind of answer is wanted, and what one looks like, is data (`questions`).
Pure: texts are read, no engine is asked.
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
    ANY_WAY,
    ASKS_CHANGE,
    ASKS_PAY,
    CASES,
    CHANGES,
    EMPTY_WORDS,
    EXCEPTION,
    LEAVES_OPEN,
    LONG_HEADING,
    MADE_UP,
    MEASURES,
    NO_VERDICT,
    OPENS_WITH_VERDICT,
    PAY_VERBS,
    PAYS,
    SAVE,
    SAYS_NO_HEADING,
    SAYS_YES_HEADING,
    SPECIAL,
    STATES_UNIT,
    STRONG_WAY,
    UNITS,
    VAGUE,
    VAGUE_VERBS,
    YEAR,
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
_CLOSE = 0.65
"""Forms that weigh less say something wider or narrower: 智齿 for 拔牙, 生育津贴 for 产假."""
_LEAD_SENTENCES = 4
_SECTION_SENTENCES = 12
_NOT_IN_FORCE = frozenset({EXPIRED, NOT_YET, *REPLACED})
_BULLET = re.compile(r"\s*(?:[•·●○◆■▪*-]|[0-9]{1,2}[.、])\s*")
_CLAUSE_END = re.compile("[,;:]")
_OPEN_END = re.compile("[?:]$")
"""What ends so only leads to an answer."""
_FIGURE = re.compile("[0-9][0-9.,]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the rule reads it: its kind, the words that carry it, and what an article must not contradict.

    `small` are its words of one character, mostly verbs: 退 in 能退吗.
    """

    kind: Kind
    folded: str
    words: tuple[Clause, ...]
    small: tuple[Clause, ...]
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
    inside = question.span() if question else (0, 0)
    said = [clause for clause in parsed.clauses if clause.kind in ("word", "phrase") and not clause.place]
    words = tuple(
        clause
        for clause in said
        if len(clause.text) > 1
        and clause.forms[0].text not in EMPTY_WORDS
        and not (clause.start < inside[1] and inside[0] < clause.end and not _is_measure(kind, clause))
    )
    small = tuple(
        clause
        for clause in said
        if len(clause.text) == 1 and clause.text.isalpha() and not inside[0] <= clause.start < inside[1]
    )
    named = frozenset((place.facet, place.value) for place in parsed.places) | frozenset(places)
    if not words and not (named and (kind.name == "where" or said)):
        return None
    return Asked(kind, folded, words, small, named, frozenset(one.value for one in parsed.insurance), parsed)


def _is_measure(kind: Kind, word: Clause) -> bool:
    """Tell whether a word names what is measured: 起付线, 比例, 等待期; 多少钱 only asks."""
    text = word.forms[0].text
    return kind.name in MEASURES and kind.asks.search(text) is not None and not LEAVES_OPEN.search(text)


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
    if looks and looks != question.parsed.direction and (question.parsed.direction or looks == "into"):
        return False
    return _about(article) <= _holding(question.places)


def _about(article: Article) -> set[tuple[str, str]]:
    """Return the places (facet, value) that an article is about."""
    return {(facet, value) for facet in ("province", "city") for value in article.facets.get(facet, ())}


def _holding(places: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the places and the provinces around them: what is said of these holds there."""
    return {*places, *(("province", province_of(value)) for facet, value in places if facet == "city")}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A range of the text, how much of the question it and what stands above it hold, and the row that it is.

    `is_part` tells whether it is there because of its heading.
    """

    start: int
    end: int
    worth: float
    row: Row | None = None
    is_part: bool = False


class _Reader:
    """One article, read for one question. Offsets are in its text."""

    def __init__(self, question: Asked, article: Article, facets: Facets) -> None:
        self.question = question
        self.article = article
        self.facets = facets
        self.view = SentenceView(article, 0, _WINDOW)
        self.title = fold(article.title)
        self.text = fold(self.view.text)
        first = self._first(0)
        self.lead = self._opened(first) if first is not None else (0, 0)
        about = f"{self.title} {self.text[slice(*self.lead)]}"
        self.titled = {word for word in question.words if _holds(word, about)}
        self.focus = [word for word in question.words if word not in self.titled]
        self.in_title = {word for word in question.words if _holds(word, self.title)}
        own_kind = kind_of(self.title)
        self.title_asks = own_kind is not None and (
            own_kind.exact if question.kind.exact else own_kind is question.kind
        )
        self.body = next((s.start for s in self._sections() if s.body > s.start), len(self.text))

    def answer(self) -> Answer | None:
        """Return the best of what answers; of equals the first."""
        if not all(_holds(word, self.text) for word in self.focus) or (self.question.kind.exact and self._is_vague()):
            return None
        found = self._verdicts() if self.question.kind.name == "yes or no" else self._telling()
        best = sorted(found, key=lambda each: (-each.worth, each.start))
        for number, each in enumerate(best):
            if self._fits(each):
                rest = (one for one in best[number + 1 :] if one.worth == each.worth and self._fits(one))
                return None if any(self._says_other(each, one) for one in rest) else self._shown(each)
            if each.is_part:
                return None  # the next one would be the second part of an answer of which the first is not shown
        return None

    def _is_vague(self) -> bool:
        """Tell whether an article is of more than the place asked for and asks something else: figures may differ."""
        if not self.question.places or not _about(self.article).isdisjoint(self.question.places):
            return False
        types = set(self.article.facets.get("insurance", ()))
        same = types <= self.question.insurance
        return not (self.question.words and self.in_title.issuperset(self.question.words) and self.title_asks and same)

    def _says_other(self, one: _Candidate, other: _Candidate) -> bool:
        """Tell whether two passages that fit alike give different figures: then neither is the answer."""
        if not self.question.kind.exact or one.is_part or one.row:
            return False
        figures = [set(_FIGURE.findall(self.text[each.start : each.end])) for each in (one, other)]
        return figures[0].isdisjoint(figures[1])

    def _telling(self) -> Iterator[_Candidate]:
        """Yield sentences, rows and parts of the text that hold what this kind of answer holds."""
        kind = self.question.kind
        yield from self._parts()
        for index, row in self._sentences():
            start, end = (row.start, row.end) if row else self.view.bounds(index)
            own = self._own(start, end, row)
            if end - start > _LONGEST or not kind.tells.search(own) or _OPEN_END.search(own):
                continue
            if row and not self._names_row(row):
                continue
            if kind.name == "how" and not STRONG_WAY.search(own):
                continue
            names = row or (kind.name == "department" and _is_bullet(self.view, start))
            if kind.exact or names:
                held = any(_holds(word, own) for word in self.question.words)
                if self._covers(own, start) and (kind.exact or held):
                    yield _Candidate(start, end, self._worth(own, start) + 12.0 * (not kind.exact), row)
            elif self._is_lead(start) and self.title_asks and not self.focus:
                yield _Candidate(start, end, 5.0 if self.question.words else 15.0)

    def _verdicts(self) -> Iterator[_Candidate]:
        """Yield what says yes or no: at the beginning, below a heading that asks, behind a question, in a list."""
        tells, pays = self.question.kind.tells, ASKS_PAY in self.question.folded
        in_title = sum(_holds(word, self.title) for word in self.question.words)
        if not self.focus and self.lead[1] and in_title * 2 >= len(self.question.words):
            yield from self._opening(self.view.index(self.lead[0]), 3.0)
        for section in self._sections():
            heading = fold(section.heading)
            if self._asks_it(heading) and (first := self._first(section.body)) is not None:
                yield from self._opening(first, 2.0)
        known = in_title * 2 >= len(self.question.words)
        wanted = [*self.question.words, *(word for word in self.question.small if word.text not in PAY_VERBS)]
        for index, row in self._sentences():
            start, end = self.view.bounds(index)
            own, above = self._own(start, end, row), self._above(start)
            if row or end - start > _LONGEST or not all(_holds(word, own) for word in wanted):
                continue
            if own.endswith("?"):
                following = self.view.following(index)
                if following and tells.search(fold(self.view.cut(following[1]))):
                    yield _Candidate(start, following[1][1], 2.5)
            elif _is_bullet(self.view, start) and (SAYS_NO_HEADING.search(above) or SAYS_YES_HEADING.search(above)):
                yield _Candidate(start, end, 2.2)
            elif (
                known and not _is_bullet(self.view, start) and not VAGUE.search(own) and (not pays or PAYS.search(own))
            ):
                if NO_VERDICT.search(own):
                    continue
                parts = _CLAUSE_END.split(own)
                if any(tells.search(part) and any(_holds(word, part) for word in wanted) for part in parts):
                    yield _Candidate(start, end, 1.0)

    def _opening(self, index: int, worth: float) -> Iterator[_Candidate]:
        """Yield a sentence that begins by saying yes or no, with the next one if it is short."""
        start, end = self._opened(index)
        if OPENS_WITH_VERDICT.match(self.text, start, end + 1) and not NO_VERDICT.search(self.text, start, end):
            yield _Candidate(start, end, worth)

    def _opened(self, index: int) -> Span:
        """Return the range of a sentence, with the next one if it is short: 能。 alone says too little."""
        start, end = self.view.bounds(index)
        if end - start < _SHORT and (following := self.view.following(index)):
            end = following[1][1]
        return start, end

    def _parts(self) -> Iterator[_Candidate]:
        """Yield the beginnings of sections whose heading promises this kind of answer."""
        kind = self.question.kind
        for section in self._sections():
            heading = fold(section.heading)
            promises = self._promises_part(heading, self._above(section.body))
            topical = kind.name == "how" and self.focus and all(_holds(word, heading) for word in self.focus)
            if not promises and not topical:
                continue
            start, end = self._block(section)
            around = self._above(section.body) + (self.text[start:end] if kind.exact else "")
            if not self._holds_all(around, section.body):
                continue
            if start < end and kind.tells.search(self.text, start, end) and not _OPEN_END.search(self.text[start:end]):
                held = sum(_holds(word, heading) for word in (*self.question.words, *self.question.small))
                yield _Candidate(start, end, 10.0 * promises + held, is_part=True)

    def _promises_part(self, heading: str, above: str) -> bool:
        """Tell whether a heading promises what is asked, and not for a case that the question leaves out."""
        kind, asked_for = self.question.kind, self.question.folded
        if not kind.heads.search(heading):
            return False
        told = bool(self.focus) and all(_holds(word, above) for word in self.focus)
        if not told and any(word not in asked_for for word in SPECIAL.findall(above)):
            return False
        if any(_holds(word, heading) for word in self.question.words) or kind.asks.search(heading):
            return True
        return len(kind.heads.sub("", heading)) <= LONG_HEADING

    def _block(self, section: Section) -> Span:
        """Return the first paragraph or list of a section; of a long one as many sentences as an answer may have.

        A list of papers is whole, or it is no answer.
        """
        first = self._first(section.body)
        if first is None:
            return 0, 0
        start, end = self.view.bounds(first)
        for index in range(first + 1, len(self.view)):
            begin, stop = self.view.bounds(index)
            if begin >= section.end or self.view.is_heading(index):
                break
            if begin == stop:
                continue
            if "\n\n" in self.view.text[end:begin] and end - start >= _SHORT:
                break
            if stop - start > _LONGEST:
                return (0, 0) if self.question.kind.name == "papers" else (start, end)
            end = stop
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
        chosen.update(index for index in range(min(_LEAD_SENTENCES, len(self.view))) if self._start(index) < self.body)
        words = (*self.question.words, *self.question.small)
        for section in self._sections():
            heading = fold(section.heading)
            if self._promises(heading) or any(_holds(word, heading) for word in words):
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

    def _asks_it(self, heading: str) -> bool:
        """Tell whether a heading asks the question: it holds what the title lacks, and some word of it."""
        words = (*self.question.words, *self.question.small)
        return all(_holds(word, heading) for word in self.focus) and any(_holds(word, heading) for word in words)

    def _covers(self, own: str, start: int) -> bool:
        """Tell whether a passage and what stands above it hold what the title lacks, and some word of the question."""
        above = self._above(start)
        around = f"{own} {above}"
        leads = self._is_lead(start) and self.title_asks
        if not self._holds_all(around, start):
            return False
        if not leads and not all(
            _holds(word, around) for word in self.question.words if _is_measure(self.question.kind, word)
        ):
            return False
        return leads or bool(self._promises(above)) or any(_holds(word, around) for word in self.question.words)

    def _holds_all(self, around: str, start: int) -> bool:
        """Tell whether what the title lacks stands around a passage; the first sentence speaks for its paragraph."""
        known = self.titled if self._is_lead(start) else self.in_title
        words = (word for word in self.question.words if word not in known)
        vague = VAGUE_VERBS if self.question.kind.exact else ANY_WAY
        small = (w for w in self.question.small if w.text not in vague and not _holds(w, self.title))
        return all(_holds(word, around) for word in (*words, *small))

    def _promises(self, above: str) -> bool:
        kind = self.question.kind
        return bool(above and (kind.heads.search(above) or kind.asks.search(above)))

    def _is_lead(self, start: int) -> bool:
        """Tell whether a passage stands before the first heading; of a text without any it is the first sentence."""
        return start < self.body if self.body < len(self.text) else start == self.lead[0]

    def _names_row(self, row: Row) -> bool:
        """Tell whether the question names a row: by what the row is called."""
        leads = [self.text[cell.span[0] : cell.span[1]] for cell in self.view.rows.cells(row) if cell.leads]
        return any(
            lead in self.question.folded or any(_holds(word, lead) for word in self.question.words) for lead in leads
        )

    def _worth(self, own: str, start: int) -> float:
        above = self._above(start)
        leads = self._is_lead(start) and self.title_asks
        held = (
            (
                1.0
                if _holds(word, own)
                else 0.9
                if leads and word in self.titled
                else 0.5
                if _holds(word, above)
                else 0.0
            )
            * len(word.text)
            for word in self.question.words
        )
        small = sum(_holds(word, f"{own} {above}") for word in self.question.small)
        return sum(held) + small + 2.0 * self._promises(above) + leads

    def _fits(self, each: _Candidate) -> bool:
        """Tell whether a passage is of the right place, insurance type and year, and figures are no examples."""
        own = self._own(each.start, each.end, each.row)
        section = self.view.section(each.start)
        around = self.text[section.start : section.end] if section else self.text[: each.end]
        if any(re.search(re.escape(form.text) + SAVE, own) for word in self.question.words for form in word.forms):
            return False
        if self.question.kind.exact and not (self._is_stated(own, around) and self._is_of_case(own, each)):
            return False
        if not self._is_of_place(own) or not self._is_of_insurance(
            own, fold(section.heading) if section else "", each.start
        ):
            return False
        return not self.question.kind.exact or self._is_of_year(own)

    def _is_stated(self, own: str, around: str) -> bool:
        """Tell whether a figure is stated: not made up, not vague, not by how much it changed, per what is asked."""
        question = self.question.folded
        named = self._places_in(own)
        if MADE_UP.search(around) or (VAGUE.search(own) and named.isdisjoint(self.question.places)):
            return False
        tells = self.question.kind.tells
        if not ASKS_CHANGE.search(question) and not tells.search(CHANGES.sub("", own)):
            return False
        stated = " ".join(STATES_UNIT.findall(own))
        context = stated or f"{own} {around[:40]} {self.title}"
        return all(tells.search(context) for asks, tells in UNITS if asks.search(question))

    def _is_of_case(self, own: str, each: _Candidate) -> bool:
        """Tell whether a figure is not for one case of several, such as a level of hospital, unless that was asked."""
        known = f"{self.question.folded} {self.title}"
        said = EXCEPTION.sub("", own if each.is_part else f"{own} {self._above(each.start)}")
        named = [set(case.findall(said)) for case in CASES]
        return not any(
            len(each) == 1 and each.isdisjoint(case.findall(known)) for each, case in zip(named, CASES, strict=True)
        )

    def _places_in(self, own: str) -> set[tuple[str, str]]:
        return {(place.facet, place.value) for place in self.facets.find_places(own)}

    def _is_of_place(self, own: str) -> bool:
        named = self._places_in(own)
        return named <= _holding(self.question.places) or not named.isdisjoint(self.question.places)

    def _before(self, start: int) -> Iterator[str]:
        """Yield the sentences before a passage in its part of the text, nearest first: what they speak of goes on."""
        section = self.view.section(start)
        first = self.view.index(max(section.body, section.start) if section else 0)
        for index in range(self.view.index(start) - 1, first - 1, -1):
            yield self.text[slice(*self.view.bounds(index))]

    def _is_of_insurance(self, own: str, heading: str, start: int) -> bool:
        if not self.question.insurance:
            return True
        about = set(self.article.facets.get("insurance", ()))
        for text in (own, heading, *(self._before(start) if len(about) > 1 else ())):
            named = {one.value for one in self.facets.find_values(text) if one.facet == "insurance"}
            if text is own and self.question.kind.exact and len(named) > 1 and not named <= self.question.insurance:
                return False
            if named and not (about == self.question.insurance and not self.question.kind.exact):
                return not named.isdisjoint(self.question.insurance)
        return bool(about)

    def _is_of_year(self, own: str) -> bool:
        years = {str(year) for year in self.question.parsed.years}
        if not years:
            return True
        for text in (own, self.title):
            if named := set(YEAR.findall(text)):
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
    return any(form.weight >= _CLOSE and occurrences(form.text, folded) for form in word.forms)


def _is_bullet(view: SentenceView, start: int) -> bool:
    """Tell whether a sentence is an item of a list: bullets stand before it on its line, or a number."""
    if _BULLET.match(view.text, start):
        return True
    line = view.text.rfind("\n", 0, start) + 1
    return start > line and _BULLET.fullmatch(view.text, line, start) is not None
