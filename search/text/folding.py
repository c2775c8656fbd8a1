"""Folding: every code point becomes exactly one code point, so offsets never move.

Full-width → half-width, compatibility forms → plain, upper → lower case, traditional → simplified, whitespace and
control characters → one space, lone surrogates → U+FFFD. Whatever would need two characters stays as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

_CODE_POINTS = 0x110000
_AT_ONCE = 1 << 16
"""Characters looked up together: small enough that a text of 50 MB needs no second copy of itself."""
_FEW = 60
"""Characters of a title or a query, for which calls of NumPy cost more than the work."""
_KEPT = 20_000
_SURROGATES = slice(0xD800, 0xE000)
_PLAIN = ((0, 0x3400), (0xA000, 0xAC00), (0xFB00, 0x1F000), (0xE0000, 0xE0080))
"""Everything that has letter case or is white space or invisible lies here."""
_COMPATIBILITY = ((0x2F00, 0x2FE0), (0xF900, 0xFB00), (0xFE50, 0xFE70), (0xFF00, 0xFFF0), (0x2F800, 0x2FA20))
"""Blocks whose single-character NFKC form is what a reader sees: radicals, compatibility ideographs, small and
full-width forms. Circled digits and superscripts stay: ①备案 must not become the number 1."""
_IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))
_BLANK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def fold(text: str) -> str:
    """Return `text` folded, with the same number of code points. Never raises."""
    if text.isascii() and text.isprintable():
        return text.lower()
    if len(text) <= _FEW:
        return text.translate(_characters_folded)
    return fold_codes(text).tobytes().decode("utf-32-le")


class _CharactersFolded(dict[int, int]):
    """Code point → folded code point, of those that were asked for: for few characters quicker than arrays are."""

    def __missing__(self, code: int) -> int:
        folded = int(fold_table()[code])
        if len(self) < _KEPT:
            self[code] = folded
        return folded


_characters_folded = _CharactersFolded()


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return texts folded. All at once, as a call costs more than the few characters of a title or a word do."""
    folded = fold("".join(texts))
    return [folded[begin:end] for begin, end in pairwise(accumulate(map(len, texts), initial=0))]


def fold_codes(text: str) -> Codes:
    """Return the folded code points of `text` as a new uint32 array, one an original code point."""
    folded: Codes = np.empty(len(text), dtype=np.uint32)
    for start in range(0, len(text), _AT_ONCE):
        part = text[start : start + _AT_ONCE].encode("utf-32-le", "surrogatepass")
        # No code point lies outside the table; "clip" only spares NumPy the check and a copy.
        fold_table().take(np.frombuffer(part, dtype="<u4"), out=folded[start : start + _AT_ONCE], mode="clip")
    return folded


def is_letter(codes: Codes) -> NDArray[np.bool_]:
    """Tell which of some folded code points are letters or digits: ideographs and what follows them, 0-9, a-z."""
    return (codes >= 0x3400) | ((codes >= 0x30) & (codes <= 0x39)) | ((codes >= 0x61) & (codes <= 0x7A))


@lru_cache(maxsize=1)
def fold_table() -> Codes:
    """The map, code point → folded code point; 4.4 MB, built on first use in some 50 ms."""
    table: Codes = np.arange(_CODE_POINTS, dtype=np.uint32)
    table[_SURROGATES] = 0xFFFD
    for start, end in _COMPATIBILITY:
        _map(table, start, [unicodedata.normalize("NFKC", character) for character in _characters(start, end)])
    table[0x3000] = ord(" ")
    for start, end in _PLAIN:
        characters = _characters(start, end)
        categories = map(unicodedata.category, characters)
        lower = map(str.lower, characters)
        _map(
            table,
            start,
            [" " if category in _BLANK else small for category, small in zip(categories, lower, strict=True)],
        )
    table = _simplified()[table]
    # A mapped character may itself be mapped (full-width A → A → a): settle, so that folding twice changes nothing.
    for _ in range(4):
        table = table.take(table)
    table.flags.writeable = False
    return table


def _characters(start: int, end: int) -> str:
    return np.arange(start, end, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _map(table: Codes, start: int, changed: Sequence[str]) -> None:
    """Map the characters from `start` on that are not mapped yet; whatever is no single character stays as it is."""
    end = start + len(changed)
    if set(map(len, changed)) != {1}:
        characters = _characters(start, end)
        changed = [new if len(new) == 1 else old for new, old in zip(changed, characters, strict=True)]
    single = "".join(changed)
    codes = np.frombuffer(single.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    table[start:end] = np.where(table[start:end] == np.arange(start, end), codes, table[start:end])


def _simplified() -> Codes:
    """Traditional → simplified by OpenCC's t2s, asked one character at a time (one a line)."""
    from opencc import OpenCC

    converter = OpenCC("t2s")
    table: Codes = np.arange(_CODE_POINTS, dtype=np.uint32)
    for start, end in _IDEOGRAPHS:
        answers = converter.convert("\n".join(_characters(start, end))).split("\n")
        if len(answers) != end - start:
            raise RuntimeError("OpenCC did not answer one line a character")
        _map(table, start, answers)
    return table
