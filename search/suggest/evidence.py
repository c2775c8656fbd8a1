"""Does anybody write so? What the collection says for and against the words of a query."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

import numpy as np

from ..engines.contract import Engine
from ..model import Article, Clause, Parsed, Query
from ..text import fold, occurrences, query_words
from .keys import SOUND_BITS, SOUNDS
from .suggestions import Suggestions

ENOUGH = 3
"""So many articles prove a word; so many are looked at."""
_PLACES, _AROUND = 8, 12
"""How many places of a rare word are looked at in an article, and how many characters around each."""
_MOST_READINGS = 8


def is_held(suggestions: Suggestions, clause: Clause) -> bool:
    """Tell whether a form of the clause is a dictionary word of the collection, or a character of one."""
    if any(len(form.text) == 1 and suggestions.has_character(form.text) for form in clause.forms):
        return True
    return any(row is not None for row in suggestions.rows_of([form.text for form in clause.forms]))


def count(engine: Engine, suggestions: Suggestions, clause: Clause) -> int:
    """Return how many articles hold a clause as a word; of a dictionary word that any holds, `ENOUGH`.

    In 抢救住院 the characters 救住 stand by accident: where the first articles that hold a clause hold it only so,
    they all are taken to. A single character is part of other words by right.
    """
    if is_held(suggestions, clause):
        return ENOUGH
    matches = engine.match(Parsed(clause.text, (clause,)), Query(size=ENOUGH, collapse=False))
    if len(clause.text) == 1:
        return matches.total
    articles = engine.get_many(match.id for match in matches.page)
    alone = sum(any(_stands_alone(form.text, article) for form in clause.forms) for article in articles)
    return matches.total if alone and matches.total > ENOUGH else alone


def _stands_alone(form: str, article: Article) -> bool:
    """Tell whether a form begins and ends where words do, at one of its first places in an article."""
    text = fold(f"{article.title}\n{article.text}")
    for start, end in occurrences(form, text)[:_PLACES]:
        first = max(0, start - _AROUND)
        words = query_words(text[first : end + _AROUND])
        if start - first in {word.start for word in words} and end - first in {word.end for word in words}:
            return True
    return False


def sound_like_known(suggestions: Suggestions, stretches: Sequence[str]) -> list[bool]:
    """Tell of short folded stretches of Han characters which sound like what people ask about, written otherwise: an
    insurance word, or a place that shares a character with it.
    """
    owners: list[int] = []
    heard: list[int] = []
    for number, stretch in enumerate(stretches):
        for sounds in islice(product(*map(suggestions.readings, stretch)), _MOST_READINGS):
            key = 0
            for sound in sounds:
                key = key << SOUND_BITS | int(suggestions.blur[sound])
            heard.append(key << SOUND_BITS * (SOUNDS - len(sounds)))
            owners.append(number)
    found = [False] * len(stretches)
    if heard:
        begins, ends = suggestions.blurred.equal(np.array(heard, dtype=np.uint64))
        for number, begin, end in zip(owners, begins, ends, strict=True):
            for row in suggestions.blurred.rows[begin : min(begin + ENOUGH, end)].tolist():
                word = suggestions.words[row]
                alike = len(word) == len(stretches[number]) and word != stretches[number]
                is_place = suggestions.is_place(row) and bool(set(word) & set(stretches[number]))
                found[number] |= alike and (suggestions.is_domain(row) or is_place)
    return found
