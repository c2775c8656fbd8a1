"""Words and synonyms that an operator adds to those of the program: how questions are cut and widened, nothing else.

Matching is literal, so a text needs no analysis anew for a word that is only now one: where the words index does not
hold it, its characters are looked up. That is why these words are no part of what decides what an index holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .folding import fold
from .segmentation import segmenter

_HAN = re.compile(r"[\u4e00-\u9fd5]+")


@dataclass(frozen=True)
class Language:
    """`words`, and `groups` of synonyms as in `synonyms.txt`; as written, they are folded here."""

    words: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is one of these."""
        return word in self._folded

    def beginning_with(self, folded: str) -> list[str]:
        """Return the words that begin with some characters and go on, the shortest first."""
        found = [word for word in self._folded if folded and word.startswith(folded) and word != folded]
        return sorted(found, key=lambda word: (len(word), word))

    def mixed_in(self, folded: str) -> Iterator[str]:
        """Yield the words that are not Han characters alone and may stand in a folded text, longest first."""
        return (word for word in self._mixed if word in folded)

    def cut(self, run: str) -> list[str]:
        """Return one segmentation of a run of folded Han characters.

        An own word stands where there are fewer words with it: 沪惠保 in 沪惠保单 (against 沪 惠 保单), but no 医保通
        in 医保通知. Takes time proportional to the run, however many words there are.
        """
        words = segmenter().cut(run)
        start = 0
        while self._han and start < len(run):
            for length in self._lengths:
                word = run[start : start + length]
                if word in self._han and (fewer := _with(words, start, word)):
                    words, start = fewer, start + length
                    break
            else:
                start += 1
        return words

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(fold(word).strip() for word in self.words) - {""}

    @cached_property
    def _han(self) -> frozenset[str]:
        return frozenset(filter(_HAN.fullmatch, self._folded))

    @cached_property
    def _lengths(self) -> Sequence[int]:
        return sorted(set(map(len, self._han)), reverse=True)

    @cached_property
    def _mixed(self) -> Sequence[str]:
        return sorted(self._folded - self._han, key=lambda word: (-len(word), word))


PLAIN = Language()


def _with(words: list[str], start: int, word: str) -> list[str] | None:
    """Return a segmentation with `word` at `start`, what it tears cut anew; None if that makes no fewer words."""
    first, begin = 0, 0
    while begin + len(words[first]) <= start:
        begin += len(words[first])
        first += 1
    last, end = first, begin + len(words[first])
    while end < start + len(word):
        last += 1
        end += len(words[last])
    torn = "".join(words[first : last + 1])
    before, after = torn[: start - begin], torn[start - begin + len(word) :]
    parts = [*_cut(before), word, *_cut(after)]
    return [*words[:first], *parts, *words[last + 1 :]] if len(parts) < last + 1 - first else None


def _cut(run: str) -> list[str]:
    return segmenter().cut(run) if run else []
