"""Words and synonyms that an operator adds to those of the program: how questions are cut and widened, nothing else.

Matching is literal, so a text needs no analysis anew for a word that is only now one: where the words index does not
hold it, its characters are looked up. That is why these words are no part of what decides what an index holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .folding import fold
from .segmentation import segmenter

_HAN = re.compile(r"[\u4e00-\u9fd5]+")


@dataclass(frozen=True, slots=True)
class Language:
    """`words`, and `groups` of synonyms as in `synonyms.txt`; as written, they are folded here."""

    words: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def mixed(self) -> tuple[str, ...]:
        """The words that are not Han characters alone, folded, longest first."""
        return _sorted_words(self.words)[1]

    def cut(self, run: str) -> list[str]:
        """Return one segmentation of a run of folded Han characters.

        An own word stands where the cut then has fewer words, or only joins some: 沪惠保 in 沪惠保单, but no 医保通
        in 医保通知.
        """
        own = _sorted_words(self.words)[0]
        return _cut(run, own) if own and run else segmenter().cut(run)


PLAIN = Language()


def _cut(run: str, own: Sequence[str]) -> list[str]:
    plain = segmenter().cut(run)
    for word in own:
        start = run.find(word)
        while start >= 0 and word not in plain:
            end = start + len(word)
            parts = [*_cut_rest(run[:start], own), word, *_cut_rest(run[end:], own)]
            if len(parts) < len(plain):
                return parts
            start = run.find(word, start + 1)
    return plain


def _cut_rest(run: str, own: Sequence[str]) -> list[str]:
    return _cut(run, own) if run else []


@lru_cache(maxsize=8)
def _sorted_words(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of Han characters alone and the others, folded, the longest first."""
    folded = sorted({fold(word).strip() for word in words} - {""}, key=lambda word: (-len(word), word))
    han = tuple(word for word in folded if _HAN.fullmatch(word))
    return han, tuple(word for word in folded if not _HAN.fullmatch(word))
