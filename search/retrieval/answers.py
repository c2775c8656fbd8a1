"""The answer on top: the sentence, row or short list of an article that answers a question, or nothing.

Nothing is better than wrong. An article answers a question about its own place or a part of it, and one about none if
it is about none; in force. One of another insurance type answers only where the passage names the one asked for. Every
word that carries the question must stand in the passage, above it or in the title, or another that says the same. What
kind of answer is wanted, and what one looks like, is data (`questions`). Pure: texts are read, no engine is asked.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..facets import Facets
from ..facets.status import EXPIRED, NOT_YET, REPLACED
from ..model import Answer, AnswerCell, Article
from ..text import direction, fold
from .asked import Asked, about, asked, holding, holds
from .finding import findings
from .fitting import fits
from .questions import DISTRICT
from .reading import Finding, Reading

__all__ = ["Asked", "answer_in", "asked", "is_about"]

_DIGITS = re.compile("[0-9][0-9.,]*")
_NOT_IN_FORCE = frozenset({EXPIRED, NOT_YET, *REPLACED})


def answer_in(question: Asked, article: Article, facets: Facets) -> Answer | None:
    """Return what answers a question in an article; None if nothing surely does."""
    if names_district(question, article):
        question = replace(question, places=frozenset(about(article)))
    if not _may_answer(question, article):
        return None
    reading = Reading(question, article, facets)
    best = _best(reading)
    return _shown(reading, best) if best else None


def names_district(question: Asked, article: Article) -> bool:
    """Tell whether a question that names no place names a district that the title says: 天河 for 天河区."""
    title = fold(article.title)
    return not question.places and any(re.search(re.escape(word.text) + DISTRICT, title) for word in question.words)


def is_about(question: Asked, article: Article) -> bool:
    """Tell whether an article is about a place that is asked for: then what is said of wider ones is no answer."""
    return not about(article).isdisjoint(question.places)


def _may_answer(question: Asked, article: Article) -> bool:
    """Tell whether an article may answer at all: place, status and direction."""
    of = article.facets
    if not _NOT_IN_FORCE.isdisjoint(of.get("status", ())):
        return False
    looks = direction(fold(article.title))
    if looks and looks != question.parsed.direction and (question.parsed.direction or looks == "into"):
        return False
    places = about(article)
    return bool(places) == bool(question.places) and places <= holding(question.places)


def _best(reading: Reading) -> Finding | None:
    """Return the best finding that fits, of equals the first; None if another that fits alike says otherwise."""
    question = reading.question
    if not all(holds(word, reading.text) for word in reading.focus) or (question.kind.exact and _is_vague(reading)):
        return None
    best = findings(reading)
    for number, each in enumerate(best):
        if fits(reading, each):
            rest = (one for one in best[number + 1 :] if one.worth == each.worth and fits(reading, one))
            return None if any(_says_other(reading, each, one) for one in rest) else each
        if each.is_part:  # the next one would be the second part of an answer of which the first is not shown
            begins = (one for one in best if one.start == each.start and not one.is_part and fits(reading, one))
            return next(begins, None)
    return None


def _is_vague(reading: Reading) -> bool:
    """Tell whether an article is of more than the place asked for and asks something else: figures may differ."""
    if not reading.question.places or is_about(reading.question, reading.article):
        return False
    types = set(reading.article.facets.get("insurance", ()))
    same = types <= reading.question.insurance
    return not (
        reading.question.words and reading.in_title.issuperset(reading.question.words) and reading.title_asks and same
    )


def _says_other(reading: Reading, one: Finding, other: Finding) -> bool:
    """Tell whether two passages that fit alike give different figures: then neither is the answer."""
    if not reading.question.kind.exact or one.is_part or one.row:
        return False
    tells = reading.question.kind.tells
    texts = [reading.text[each.start : each.end] for each in (one, other)]
    figures = [{*_DIGITS.findall(text), *(match.group() for match in tells.finditer(text))} for text in texts]
    return figures[0].isdisjoint(figures[1])


def _shown(reading: Reading, best: Finding) -> Answer:
    section = reading.view.section(best.start)
    around = f"{reading.own(best.start, best.end, best.row)} {reading.above(best.start)} {reading.title}"
    cells = reading.view.rows.cells(best.row) if best.row else []
    return Answer(
        reading.article.id,
        reading.article.text[best.start : best.end],
        best.start,
        best.end,
        section.anchor if section else "",
        section.heading if section else "",
        tuple(AnswerCell(*cell.span, cell.heads) for cell in cells),
        tuple(dict.fromkeys(word.text for word in reading.question.words if holds(word, around))),
    )
