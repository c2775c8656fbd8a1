"""Synonyms of query words, from the hand-kept file `synonyms.txt`.

A line is a group: `甲 = 乙 = 丙` (each finds the others) or `甲 → 乙 丙` (甲 also finds 乙 and 丙, not the reverse). An
`@0.5` at its end sets the weight of the group's forms. What stands after `#` says when the group holds. A number that
has forms may be typed in any way of writing it; the forms are characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..model import Form
from .folding import fold
from .lexicon import HERE, lines
from .tokens import as_word

SYNONYMS = HERE / "synonyms.txt"
SAME_WORDS = HERE / "same_words.txt"


def synonyms(word: str, weight: float, groups: tuple[str, ...] = ()) -> tuple[Form, ...]:
    """Return the other forms that a folded query word also searches, in file order; often none.

    `weight` is that of the forms of groups that set none; `groups` are further ones than those of the file. Forms that
    contain the word are left out: the word itself stands wherever they stand.
    """
    shipped = _table(weight).get(word, ())
    if not groups:
        return shipped
    known = {form.text for form in shipped}
    return (*shipped, *(form for form in _added(groups, weight).get(word, ()) if form.text not in known))


def same_words(word: str) -> tuple[Form, ...]:
    """Return what says in an answer what a folded word of a question says, from `same_words.txt`; often nothing."""
    return _same_words().get(word, ())


@lru_cache(maxsize=1)
def _same_words() -> dict[str, tuple[Form, ...]]:
    return _forms(lines(SAME_WORDS), 1.0)


@lru_cache(maxsize=1)
def _table(default: float) -> dict[str, tuple[Form, ...]]:
    return _forms(lines(SYNONYMS), default)


@lru_cache(maxsize=8)
def _added(groups: tuple[str, ...], default: float) -> dict[str, tuple[Form, ...]]:
    return _forms(groups, default)


def _forms(groups: Iterable[str], default: float) -> dict[str, tuple[Form, ...]]:
    table: dict[str, dict[str, Form]] = {}
    for line in groups:
        for word, others, weight in read_group(line, default):
            forms = table.setdefault(word, {})
            for other in others:
                if word not in other:
                    forms.setdefault(other, Form(other, weight))
    return {word: tuple(forms.values()) for word, forms in table.items()}


def read_group(line: str, default: float) -> list[tuple[str, tuple[str, ...], float]]:
    """Return (word, its other forms, weight) for each word that the line gives forms to. ValueError if malformed."""
    groups, _, weight_text = line.partition("@")
    weight = float(weight_text) if weight_text else default
    if "→" in groups:
        left, right = groups.split("→")
        targets = tuple(fold(word) for word in right.split())
        return [(as_word(fold(word)), targets, weight) for word in left.split()]
    members = [fold(word.strip()) for word in groups.split("=")]
    if len(members) < 2 or not all(members):
        raise ValueError(f"not a synonym group: {line!r}")
    return [(as_word(word), tuple(other for other in members if other != word), weight) for word in members]
