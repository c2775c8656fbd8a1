"""A question as the answer on top reads it: its kind, the words that carry it, its places and insurance types."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from ..facets import province_of
from ..model import Article, Clause, Form, Parsed
from ..text import fold, is_word, occurrences, same_words
from .questions import (
    ACCOUNT,
    ACTS,
    CARD_MONEY,
    EMPTY_WORDS,
    LEAVES_OPEN,
    MEASURES,
    MODAL_VERBS,
    SAYS_NOTHING,
    TWO_CHARACTERS,
    Kind,
    kind_of,
)

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
    every = (clause for clause in parsed.clauses if clause.kind in ("word", "phrase") and not clause.place)
    said = _account([part for clause in every for part in _said(clause)], folded)
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
    if kind.name == "yes or no" and question and (verb := question.group(1)) and verb not in MODAL_VERBS:
        start = question.start(1)
        small += (Clause("word", verb, start, start + 1, (Form(verb, 1.0),)),)
    named = frozenset((place.facet, place.value) for place in parsed.places) | frozenset(places)
    if not words and len(small) < 2 and not (named and (kind.name == "where" or said)):
        return None
    return Asked(kind, folded, words, small, named, frozenset(one.value for one in parsed.insurance), parsed)


def _said(clause: Clause) -> Iterator[Clause]:
    """Yield a word with what says the same; one of two characters that no dictionary has is two: 药占, 人跑."""
    text = clause.forms[0].text
    said = (*clause.forms, *same_words(text))
    if clause.kind == "word" and len(said) == 1 and TWO_CHARACTERS.fullmatch(text) and not is_word(text):
        for place, character in enumerate(text):
            start = clause.start + place
            one = replace(clause, text=character, start=start, end=start + 1, forms=(Form(character, 1.0),))
            yield from _said(one)
    else:
        yield replace(clause, forms=said)


def _account(words: list[Clause], folded: str) -> list[Clause]:
    """Return words in which 卡里的钱 is what the texts call it."""
    card = CARD_MONEY.search(folded)
    inside = [word for word in words if card and word.start < card.end() and card.start() < word.end]
    if not inside:
        return words
    called = tuple(Form(text, 1.0) for text in ACCOUNT)
    return [
        replace(word, text=ACCOUNT[0], forms=called) if word is inside[0] else word
        for word in words
        if word not in inside[1:]
    ]


def is_measure(kind: Kind, word: Clause) -> bool:
    """Tell whether a word names what is measured: 起付线, 比例, 等待期; 多少钱 only asks."""
    text = word.forms[0].text
    return kind.name in MEASURES and kind.asks.search(text) is not None and not LEAVES_OPEN.search(text)


def holds(word: Clause, folded: str) -> bool:
    """Tell whether a folded text says a word, in a form that says as much as the word does."""
    return any(says_as_much(form) and occurrences(form.text, folded) for form in word.forms)


def says_as_much(form: Form) -> bool:
    """Tell whether a form of a word says as much as the word does."""
    return form.weight >= _CLOSE


def about(article: Article) -> set[tuple[str, str]]:
    """Return the places (facet, value) that an article is about."""
    return {(facet, value) for facet in ("province", "city") for value in article.facets.get(facet, ())}


def holding(places: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the places and the provinces around them: what is said of these holds there."""
    return {*places, *(("province", province_of(value)) for facet, value in places if facet == "city")}
