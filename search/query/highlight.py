"""Where a query's words stand in a text, and which sentences show it best. Offsets only, never HTML.

A mark is a literal occurrence (`text.occurrences`) of a clause's form in the folded text, so it is found by the same
rule that made the article match. Folding moves no character: the offsets hold in the original text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..model import Article, Clause, Form, Parsed, Snippet, Span
from ..text import fold, occurrences
from .sentences import SentenceView

_WINDOW = 100_000
"""Snippets are looked for in so many characters of a text."""
_OVERLAP = 1_000
"""Windows share so many characters, more than any query has: so no match is cut."""
_MARKS_CONSIDERED = 1_000
"""Of each form: a frequent word must not hide a rare one."""
_OPENINGS_TRIED = 50
_OPENING_SENTENCES = 50
_SHORT = 40
"""A sentence shorter than this takes the next one along, so that 报销比例： does not stand alone."""
_LEAD = 24
"""Characters kept before the first mark where a long sentence is cut."""

_BLANKS = dict.fromkeys((*range(0x20), 0x7F, 0x2028, 0x2029), " ")
_AMOUNT = re.compile(r"[0-9０-９][0-9０-９.,]*\s*(?:%|％|元|万|倍|个|天|日|周|月|岁|次)|百分之|[一二三四五六七八九]成")

_WANTED = frozenset({"word", "phrase", "optional"})
_HEADING_FACTOR = 0.5
_AMOUNT_FACTOR = 1.5
_SEEN_FACTOR = 0.1
_OPTIONAL_FACTOR = 0.5
_LONGEST_COUNTED = 4
"""A form of four characters tells as much as a longer one; a single character a quarter of that."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """An occurrence of a form: where, of which clause (by index), and how much it tells."""

    start: int
    end: int
    clause: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that holds marks. `factor` is what its kind does to its worth."""

    index: int
    marks: tuple[_Mark, ...]
    factor: float

    @property
    def clauses(self) -> frozenset[int]:
        return frozenset(mark.clause for mark in self.marks)

    def worth(self, seen: frozenset[int]) -> float:
        return self.factor * _told(self.marks, seen)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Ranges to show one after the other; `head` and `tail` stand where a sentence is cut."""

    parts: tuple[Span, ...]
    head: str = ""
    tail: str = ""

    @property
    def start(self) -> int:
        return self.parts[0][0]

    @property
    def end(self) -> int:
        return self.parts[-1][1]


def spans(parsed: Parsed, text: str) -> tuple[Span, ...]:
    """Return the ranges of `text` to mark: in order, touching ones merged. Synonyms are marked, exclusions are not."""
    return _merged((mark.start, mark.end) for mark in _marks(parsed, fold(text)))


def title_spans(parsed: Parsed, article: Article) -> tuple[Span, ...]:
    """Return the ranges of a title to mark: also the name by which it is about a place of the query (合肥 for 安徽)."""
    found = spans(parsed, article.title)
    asked = {clause.place for clause in parsed.clauses if clause.kind == "word"} - {""}
    about = {(place.facet, place.value) for place in parsed.places if place.value in asked}
    named = {(e.start, e.end) for e in article.evidence if e.field == "title" and (e.facet, e.value) in about}
    added = [one for one in named if not any(one[0] < end and start < one[1] for start, end in found)]
    return _merged(sorted([*found, *added])) if added else found


def snippets(parsed: Parsed, article: Article, limit: int = 2, max_chars: int = 160) -> tuple[Snippet, ...]:
    """Return up to `limit` stretches of whole sentences that show most of the query, in text order.

    Without a match in the text (the title matched, or nothing was asked) it is the opening. A sentence longer than
    `max_chars` is cut around its marks, with … where something is left out. Empty only for a text without characters.
    """
    if any(map(_is_wanted, parsed.clauses)):
        view = SentenceView(article, _window(parsed, article.text), _WINDOW)
        marks = _marks(parsed, fold(view.text), _MARKS_CONSIDERED)
        if marks:
            stretches = _best(view, _sentences(view, marks, parsed.asks_amount), limit, max_chars)
            return tuple(_snippet(view, stretch, marks) for stretch in stretches)
    view = SentenceView(article, 0, _WINDOW)
    return tuple(_snippet(view, stretch, []) for stretch in _opening(view, max_chars))


def _window(parsed: Parsed, text: str) -> int:
    """Return where the window begins that tells most of the query; the first of those that do."""
    best, most = 0, 0.0
    whole = sum(max(_weight(clause, form) for form in clause.forms) for clause in parsed.clauses if _is_wanted(clause))
    for offset in range(0, len(text), _WINDOW - _OVERLAP) if len(text) > _WINDOW else ():
        told = _held(parsed, fold(text[offset : offset + _WINDOW]))
        if told > most:
            best, most = offset, told
        if told >= whole:
            break
    return best


def _held(parsed: Parsed, folded: str) -> float:
    """Return what is told by the clauses that occur: each by the form that tells most."""
    return sum(
        max((_weight(clause, form) for form in clause.forms if occurrences(form.text, folded)), default=0.0)
        for clause in parsed.clauses
        if _is_wanted(clause)
    )


def _is_wanted(clause: Clause) -> bool:
    return clause.kind in _WANTED


def _marks(parsed: Parsed, folded: str, most: int | None = None) -> list[_Mark]:
    """Return the occurrences of every wanted form, all or the first `most` of each, in text order."""
    marks = [
        _Mark(start, end, index, _weight(clause, form))
        for index, clause in enumerate(parsed.clauses)
        if _is_wanted(clause)
        for form in clause.forms
        for start, end in occurrences(form.text, folded)[:most]
    ]
    return sorted(marks, key=lambda mark: mark.start)


def _weight(clause: Clause, form: Form) -> float:
    kind_factor = _OPTIONAL_FACTOR if clause.kind == "optional" else 1.0
    return kind_factor * form.weight * min(len(form.text), _LONGEST_COUNTED)


def _sentences(view: SentenceView, marks: list[_Mark], asks_amount: bool) -> list[_Sentence]:
    """Return the sentences that hold marks, in text order."""
    found = []
    for index, group in groupby(marks, key=lambda mark: view.index(mark.start)):
        factor = _HEADING_FACTOR if view.is_heading(index) else 1.0
        if asks_amount and _AMOUNT.search(view.text, *view.bounds(index)):
            factor *= _AMOUNT_FACTOR
        found.append(_Sentence(index, tuple(group), factor))
    return found


def _best(view: SentenceView, sentences: list[_Sentence], limit: int, max_chars: int) -> list[_Stretch]:
    """Choose greedily: the sentence that tells most, then the one that adds most to it."""
    chosen: list[_Stretch] = []
    seen: frozenset[int] = frozenset()
    while sentences and len(chosen) < limit:
        best = max(sentences, key=lambda sentence: sentence.worth(seen))
        if (
            chosen
            and not best.clauses - seen
            and sum(stretch.end - stretch.start for stretch in chosen) > max_chars // 2
        ):
            break
        stretch = _stretch(view, best.index, best.marks, max_chars)
        chosen.append(stretch)
        seen |= best.clauses
        sentences = [other for other in sentences if not _overlap(stretch, view.bounds(other.index))]
    return sorted(chosen, key=lambda stretch: stretch.start)


def _overlap(stretch: _Stretch, bounds: Span) -> bool:
    return bounds[0] < stretch.end and stretch.start < bounds[1]


def _stretch(view: SentenceView, index: int, marks: Sequence[_Mark], max_chars: int) -> _Stretch:
    """Return what is shown for a sentence: itself, what follows it if it is short, a part of it if it is long."""
    start, end = view.bounds(index)
    if end - start > max_chars:
        return _cut(start, end, marks, max_chars)
    parts = [(start, end)]
    while end - start < _SHORT and (further := view.following(index)):
        index, bounds = further
        if bounds[1] - start > max_chars:
            break
        parts.append(bounds)
        end = bounds[1]
    return _Stretch(tuple(parts))


def _cut(start: int, end: int, marks: Sequence[_Mark], max_chars: int) -> _Stretch:
    """Cut a long sentence to the `max_chars` that hold most, with some characters before the first mark."""
    openings = [max(start, min(mark.start - _LEAD, end - max_chars)) for mark in marks[:_OPENINGS_TRIED]] or [start]

    def held(opening: int) -> float:
        inside = [mark for mark in marks if opening <= mark.start and mark.end <= opening + max_chars]
        return _told(inside, frozenset())

    opening = max(openings, key=held)
    close = opening + max_chars
    return _Stretch(((opening, close),), "…" if opening > start else "", "…" if close < end else "")


def _opening(view: SentenceView, max_chars: int) -> list[_Stretch]:
    """Return the first sentence below the headings, or the first heading if there is nothing else near."""
    filled = [
        index for index in range(min(len(view), _OPENING_SENTENCES)) if view.bounds(index)[0] < view.bounds(index)[1]
    ]
    plain = [index for index in filled if not view.is_heading(index)]
    return [_stretch(view, index, (), max_chars) for index in (plain or filled)[:1]]


def _snippet(view: SentenceView, stretch: _Stretch, marks: list[_Mark]) -> Snippet:
    text, inside, last = stretch.head, list[Span](), stretch.start
    for start, end in stretch.parts:
        text += " " if start > last else ""
        shift = len(text) - start
        inside += [
            (max(mark.start, start) + shift, min(mark.end, end) + shift)
            for mark in marks
            if mark.start < end and start < mark.end
        ]
        text += view.text[start:end].translate(_BLANKS)
        last = end
    return Snippet(text + stretch.tail, _merged(inside), view.anchor(stretch.start))


def _told(marks: Iterable[_Mark], seen: frozenset[int]) -> float:
    """What marks tell together: each clause once, hardly anything for one that is shown already."""
    best: dict[int, float] = {}
    for mark in marks:
        best[mark.clause] = max(best.get(mark.clause, 0.0), mark.weight)
    return sum(weight * (_SEEN_FACTOR if clause in seen else 1.0) for clause, weight in best.items())


def _merged(ranges: Iterable[Span]) -> tuple[Span, ...]:
    """Join touching and overlapping ranges; the input is in order of starts."""
    merged: list[Span] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
