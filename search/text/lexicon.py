"""Reads the hand-kept word files: insurance words, mixed words, and the place names of the gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..gazetteer import gazetteer
from .folding import fold, fold_all

HERE = Path(__file__).parent
LEXICON = HERE / "lexicon.txt"
MIXED = HERE / "mixed.txt"
QUESTION_WORDS = HERE / "question_words.txt"

HAN_WORD = re.compile(r"[\u4e00-\u9fd5]{2,}")


@lru_cache(maxsize=1)
def lexicon() -> dict[str, tuple[str, ...]]:
    """Return the insurance words in file order, folded: word → the parts a query reads it as (itself, mostly)."""
    words: dict[str, tuple[str, ...]] = {}
    for line in lines(LEXICON):
        parts = tuple(fold(line).split())
        words["".join(parts)] = parts
    return words


@lru_cache(maxsize=1)
def mixed_words() -> tuple[str, ...]:
    """Return the words of Han and other characters (b超, a类), folded."""
    return tuple(fold(line) for line in lines(MIXED))


@lru_cache(maxsize=1)
def question_words() -> frozenset[str]:
    """Return the words that a question is made of and an answer is not (怎么, 吗, 的 …), folded."""
    return frozenset(word for line in lines(QUESTION_WORDS) for word in fold(line).split())


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """Return `place_names` for looking up."""
    return frozenset(place_names())


@lru_cache(maxsize=1)
def place_names() -> tuple[str, ...]:
    """Return official names, short names and aliases of all places, folded, two Han characters and more, sorted."""
    return tuple(sorted(set(filter(HAN_WORD.fullmatch, fold_all(list(gazetteer().by_name))))))


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a word file without comments (`#` to the end of the line) and blank lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        content = line.split("#", 1)[0].rstrip()
        if content.strip():
            yield content
