"""How characters sound: the only module that knows pypinyin. It is used when an index is built, never while searching.

Characters get their first two readings by a table; the readings of whole words (重庆, 银行) are windows of characters
that override it. Readings are without tones, ü is v.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from ..arrays import Array
from .keys import SIGNS, SOUND_BITS, matrix, spelling

CODES = 0x10000
"""The table covers the basic plane; rarer characters have no sound."""
_LONGEST_WINDOW = 4
_SYLLABLE = re.compile(r"[a-z]*[aeiouv][a-z]*")


@dataclass(frozen=True, slots=True)
class Readings:
    """`first` and `second` (0: none) map a code point to a sound; `windows[length]` are hashes and sounds of words."""

    syllables: tuple[str, ...]
    first: Array
    second: Array
    windows: dict[int, tuple[Array, Array]]

    def sounds(self, codes: Array) -> Array:
        """Return the sounds of a matrix of folded code points, same shape, uint16; words override characters."""
        known = np.where(codes < CODES, codes, 0)
        sounds = self.first[known]
        for length, (hashes, word_sounds) in self.windows.items():
            for start in range(codes.shape[1] - length + 1):
                window = np.zeros_like(codes)
                window[:, :length] = codes[:, start : start + length]
                # Only rows where some character has a second reading can differ.
                rows = np.flatnonzero(self.second[known[:, start : start + length]].any(axis=1))
                keys = spelling(window[rows])
                found = np.minimum(np.searchsorted(hashes, keys), len(hashes) - 1)
                hit = hashes[found] == keys
                sounds[rows[hit], start : start + length] = word_sounds[found[hit]]
        return sounds


@lru_cache(maxsize=1)
def readings() -> Readings:
    """Return the readings of all characters; takes about a second the first time."""
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    characters = {
        code: list(dict.fromkeys(filter(_SYLLABLE.fullmatch, map(_plain, text.split(",")))))
        for code, text in pinyin_dict.items()
        if code < CODES
    }
    syllables = tuple(sorted({syllable for found in characters.values() for syllable in found}))
    number = {syllable: index for index, syllable in enumerate(syllables, 1)}
    if len(syllables) + len(SIGNS) >= 1 << SOUND_BITS:
        raise RuntimeError("more syllables than a sound has numbers for")
    first, second = np.zeros((2, CODES), dtype=np.uint16)
    for code, found in characters.items():
        for table, syllable in zip((first, second), found, strict=False):
            table[code] = number[syllable]
    for index, sign in enumerate(SIGNS):
        first[ord(sign)] = len(syllables) + 1 + index
    words: dict[int, dict[str, list[int]]] = {length: {} for length in range(2, _LONGEST_WINDOW + 1)}
    usual = first.tolist()
    for word, parts in phrases_dict.items():
        if len(word) in words and len(parts) == len(word):
            spoken = [number.get(_plain(part[0]), 0) for part in parts]
            if spoken != [usual[ord(character) % CODES] for character in word]:
                words[len(word)][word] = spoken
    return Readings(syllables, first, second, {length: _window(found) for length, found in words.items()})


def _window(words: dict[str, list[int]]) -> tuple[Array, Array]:
    hashes = spelling(matrix(list(words)))
    order = np.argsort(hashes)
    return hashes[order], np.array(list(words.values()), dtype=np.uint16)[order]


@cache
def _plain(syllable: str) -> str:
    """Take the tone off, and write ü as v. There are some 1,500 syllables with a tone."""
    decomposed = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(character for character in decomposed if not unicodedata.combining(character))
