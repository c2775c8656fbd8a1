"""The answer on top: the sentence, row or short list of an article that answers a question, or nothing.

Nothing is better than wrong. An article answers a question about its own place or a part of it, and one about none if
it is about none; in force. A passage must fit (`fitting`): be of the place, insurance type and case asked of. Of those
that fit the one is shown whose evidence makes it surest (`evidence`), if that is sure enough. Pure: texts are read, no
engine is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ..facets import Facets
from ..facets.status import NOT_IN_FORCE
from ..model import Answer, AnswerCell, Article
from ..text import direction, fold
from .asked import Asked, about, asked, holding, holds
from .evidence import LIKELY, SURE, Evidence, probability
from .finding import Finding, findings
from .fitting import fits
from .questions import DISTRICT
from .reading import Reading

__all__ = ["Asked", "asked", "best_answer"]

MOST_READ = 2
"""So many articles are read, the first that may answer at all."""
_DIGITS = re.compile("[0-9][0-9.,]*")


def best_answer(question: Asked, articles: Sequence[Article], facets: Facets) -> Answer | None:
    """Return what answers a question, of articles in the order in which they were found; None if nothing surely does.

    What is about the place itself comes before what holds there, too; of what is as sure, the longest: all steps of a
    list, and not its first.
    """
    found = [
        (probability(evidence.of(each)), reading, each)
        for place, reading in enumerate(readings(question, articles, facets))
        for evidence in [Evidence(reading, place)]
        for each in findings(reading)
    ]
    fitting = (
        one
        for one in sorted(found, key=lambda one: (-one[0], one[2].start - one[2].end))
        if one[0] >= LIKELY and fits(*one[1:])
    )
    best = next(fitting, None)
    if best is None or best[0] < SURE:
        return None
    if question.kind.exact and any(_says_other(best[1:], other[1:]) for other in fitting):
        return None
    return _shown(*best[1:])


def _says_other(one: tuple[Reading, Finding], other: tuple[Reading, Finding]) -> bool:
    """Tell whether two sentences of an article give different figures: then neither is the answer."""
    (reading, first), (elsewhere, second) = one, other
    if elsewhere is not reading or first.row or second.row:
        return False
    tells = reading.question.kind.tells
    texts = [reading.text[each.start : each.end] for each in (first, second)]
    figures = [{*_DIGITS.findall(text), *(match.group() for match in tells.finditer(text))} for text in texts]
    return figures[0].isdisjoint(figures[1])


def readings(question: Asked, articles: Sequence[Article], facets: Facets) -> Iterator[Reading]:
    """Yield the first articles that may answer, as they are read."""
    return islice(_readings(question, articles, facets), MOST_READ)


def _readings(question: Asked, articles: Sequence[Article], facets: Facets) -> Iterator[Reading]:
    own = [article for article in articles if is_about(question, article)]
    for article in own or articles:
        of = replace(question, places=frozenset(about(article))) if names_district(question, article) else question
        if _may_answer(of, article):
            reading = Reading(of, article, facets)
            if not (of.kind.exact and _is_vague(reading)):
                yield reading


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
    if not NOT_IN_FORCE.isdisjoint(of.get("status", ())):
        return False
    looks = direction(fold(article.title))
    if looks and looks != question.parsed.direction and (question.parsed.direction or looks == "into"):
        return False
    places = about(article)
    return bool(places) == bool(question.places) and places <= holding(question.places)


def _is_vague(reading: Reading) -> bool:
    """Tell whether an article is of more than the place asked for and asks something else: figures may differ."""
    if not reading.question.places or is_about(reading.question, reading.article):
        return False
    types = set(reading.article.facets.get("insurance", ()))
    same = types <= reading.question.insurance
    return not (
        reading.question.words and reading.in_title.issuperset(reading.question.words) and reading.title_asks and same
    )


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
