"""A question as the answer on top reads it: its kind, the words that carry it, its places and insurance types."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..facets import province_of
from ..model import Article, Clause, Parsed
from ..text import fold, occurrences
from .questions import ACTS, EMPTY_WORDS, LEAVES_OPEN, MEASURES, SAYS_NOTHING, Kind, kind_of

_CLOSE = 0.65
"""Forms that weigh less say something wider or narrower: 智齿 for 拔牙, 生育津贴 for 产假."""


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
    empty = EMPTY_WORDS - ACTS if kind.name == "yes or no" else EMPTY_WORDS
    inside = question.span() if question else (0, 0)
    said = [clause for clause in parsed.clauses if clause.kind in ("word", "phrase") and not clause.place]
    words = tuple(
        clause
        for clause in said
        if len(clause.text) > 1
        and empty.isdisjoint((fold(clause.text), clause.forms[0].text))
        and not (clause.start < inside[1] and inside[0] < clause.end and not is_measure(kind, clause))
        and not (kind.name == "phone" and kind.heads.search(clause.forms[0].text))
    )
    small = tuple(
        clause
        for clause in said
        if len(clause.text) == 1
        and clause.text.isalpha()
        and clause.text not in SAYS_NOTHING
        and not inside[0] <= clause.start < inside[1]
    )
    named = frozenset((place.facet, place.value) for place in parsed.places) | frozenset(places)
    if not words and not (named and (kind.name == "where" or said)):
        return None
    return Asked(kind, folded, words, small, named, frozenset(one.value for one in parsed.insurance), parsed)


def is_measure(kind: Kind, word: Clause) -> bool:
    """Tell whether a word names what is measured: 起付线, 比例, 等待期; 多少钱 only asks."""
    text = word.forms[0].text
    return kind.name in MEASURES and kind.asks.search(text) is not None and not LEAVES_OPEN.search(text)


def holds(word: Clause, folded: str) -> bool:
    """Tell whether a folded text says a word, in a form that says as much as the word does."""
    return any(form.weight >= _CLOSE and occurrences(form.text, folded) for form in word.forms)


def about(article: Article) -> set[tuple[str, str]]:
    """Return the places (facet, value) that an article is about."""
    return {(facet, value) for facet in ("province", "city") for value in article.facets.get(facet, ())}


def holding(places: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the places and the provinces around them: what is said of these holds there."""
    return {*places, *(("province", province_of(value)) for facet, value in places if facet == "city")}
