"""Texts as 64-bit keys, many at once: by spelling, by sound, by first letters. Sorted keys are found by bisection.

A *sound* is a small number: 0 nothing, then the syllables of pinyin without tones in alphabetical order, then the
letters and digits. Seven sounds of 9 bits fill a key with the first in the highest bits, so that the texts that begin
alike lie side by side, and a text cut anywhere (also within a syllable) is a range of keys.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Array

WIDTH = 10
"""How many characters of a text its keys can tell."""
SOUNDS = 7
SOUND_BITS = 9
LETTER_BITS = 6
LONGEST_SYLLABLE = 6
EDITED = range(3, 8)
"""Words of this many characters are found with one character wrong, missing or too many."""
SIGNS = string.ascii_lowercase + string.digits
"""Their sounds follow those of the syllables; as first letters they are numbered from 1."""

_NOT_WORD = re.compile(r"[\W_]+")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted keys and the rows (numbers of words or titles) they stand for; equal keys best row first."""

    keys: Array
    rows: Array

    @classmethod
    def of(cls, arrays: Mapping[str, Array], name: str) -> Keys:
        """Take keys and rows from named arrays."""
        return cls(arrays[f"{name}_keys"], arrays[f"{name}_rows"])

    def ranges(self, low: Array, high: Array) -> tuple[list[int], list[int]]:
        """Return begin and end in `rows` of the keys in each [low, high)."""
        return np.searchsorted(self.keys, low).tolist(), np.searchsorted(self.keys, high).tolist()

    def equal(self, keys: Array) -> tuple[list[int], list[int]]:
        """Return begin and end in `rows` of each key."""
        return np.searchsorted(self.keys, keys).tolist(), np.searchsorted(self.keys, keys, side="right").tolist()


def make_keys(keys: Array, rows: Array, weights: Array) -> Keys:
    """Sort keys with their rows. `weights` are by row; the heavier of rows with one key comes first."""
    order = np.lexsort((-weights[rows], keys))
    return Keys(keys[order], rows[order].astype(np.uint32))


def matrix(texts: Sequence[str]) -> Array:
    """Return the first `WIDTH` code points of each text, shape (texts, WIDTH), uint32, zeros behind the end."""
    joined = "".join(text[:WIDTH].ljust(WIDTH, "\0") for text in texts)
    return np.frombuffer(joined.encode("utf-32-le"), "<u4").reshape(len(texts), WIDTH)


def spelling(codes: Array) -> Array:
    """Return a hash of each row of code points."""
    keys = np.zeros(len(codes), dtype=np.uint64)
    for column in codes.T:
        keys = (keys + column.astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
        keys ^= keys >> np.uint64(29)
    return keys


def without(codes: Array, column: int) -> Array:
    """Return the rows with one character taken out."""
    shorter = np.zeros_like(codes)
    shorter[:, :-1] = np.delete(codes, column, axis=1)
    return shorter


def sound_keys(sounds: Array) -> Array:
    """Return the packed first `SOUNDS` columns of a matrix of sounds."""
    return _packed(sounds[:, :SOUNDS], SOUND_BITS)


def letter_keys(letters: Array) -> Array:
    """Return the packed columns of a matrix of first letters."""
    return _packed(letters, LETTER_BITS)


def _packed(columns: Array, bits: int) -> Array:
    keys = np.zeros(len(columns), dtype=np.uint64)
    for column in columns.T:
        keys = keys << np.uint64(bits) | column.astype(np.uint64)
    return keys


def prefix_range(values: Sequence[int], last: int, width: int, bits: int) -> tuple[int, int]:
    """Return [low, high) of the keys that begin with `values`, the last of them being anything up to `last`."""
    shift = bits * (width - len(values))
    low = 0
    for value in values:
        low = low << bits | value
    return low << shift, (low + last - values[-1] + 1) << shift


def sign_number(sign: str) -> int:
    """Return the number of a letter or digit as a first letter, from 1; 0 for any other character."""
    return SIGNS.find(sign) + 1 if sign else 0


def reduced(folded: str) -> str:
    """Return a folded text without punctuation and spaces, as titles are compared and completed."""
    return _NOT_WORD.sub("", folded)


def plain_letters(folded: str) -> str:
    """Return a folded text with the marks of pinyin taken off, as many characters: ü is v, as in the keys."""
    return folded if folded.isascii() else "".join(map(_plain_letter, folded))


def _plain_letter(character: str) -> str:
    if not "\u00c0" <= character <= "\u01ff":
        return character
    parts = unicodedata.normalize("NFD", character)
    plain = parts[0]
    if plain == "u" and "\u0308" in parts:
        return "v"
    return plain if plain.isascii() and plain.isalpha() else character


def blur(syllables: Sequence[str]) -> Array:
    """Return sound → the sound that stands for all that are easily confused (zh z, ch c, sh s, n l, -ng -n)."""
    first: dict[str, int] = {}
    table = np.arange(1 + len(syllables) + len(SIGNS), dtype=np.uint16)
    for number, syllable in enumerate(syllables, 1):
        heard = re.sub(r"^([zcs])h", r"\1", re.sub(r"(?<=[aei])ng$", "n", re.sub(r"^n(?=.)", "l", syllable)))
        table[number] = first.setdefault(heard, number)
    return table
