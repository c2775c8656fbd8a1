"""The suggestions of one build, opened: words and titles by row, and the keys that find them. Immutable."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..text import fold_all
from ..text.lexicon import place_names
from .keys import LETTER_BITS, LONGEST_SYLLABLE, WIDTH, Keys, blur, matrix, prefix_range, reduced, sign_number, spelling
from .writing import LEXICON, PLACE, QUESTION, open_file

_LONGEST_PLACE, _MOST_SPELLINGS = 5, 8
"""Longer names, and more readings of one, are not spelled."""


class Entries:
    """Words or titles in order of their reduced form, with how many articles hold each, what each weighs, its keys."""

    def __init__(self, arrays: Mapping[str, Array], name: str, reduced: bool = False) -> None:
        """Take the arrays of that name; `reduced` if all the texts are what they are compared by."""
        self._texts = _Texts(arrays[f"{name}_text"], arrays[f"{name}_offsets"], reduced)
        self._counts = arrays[f"{name}_counts"]
        self.weights = arrays[f"{name}_weights"]
        # A bisection begins at the same rows each time. The cache holds the texts alone: an object in a cache of its
        # own stays, mapping and all, until garbage collection.
        self._probe = lru_cache(maxsize=1 << 10)(self._texts.key)
        self.sounds, self.initials = (Keys.of(arrays, f"{name}_{kind}") for kind in ("sounds", "initials"))

    def __len__(self) -> int:
        return len(self._counts)

    def __getitem__(self, row: int) -> str:
        return self._texts[row]

    def count(self, row: int) -> int:
        """Return in how many articles the entry occurs, at least one."""
        return int(self._counts[row])

    def key(self, row: int) -> str:
        """Return what the entry is compared by."""
        return self._texts.key(row)

    def keys(self, rows: Sequence[int]) -> list[str]:
        """Return what some entries are compared by."""
        return self._texts.keys(rows)

    def beginning(self, prefix: str) -> tuple[int, int]:
        """Return the range of rows that begin with a reduced prefix."""
        rows, key = range(len(self)), self._probe
        first = bisect_left(rows, prefix, key=key)
        return first, bisect_left(rows, prefix + "\U0010ffff", lo=first, key=key)


class _Texts:
    """Texts end to end in UTF-8; `reduced` if they are what they are compared by."""

    def __init__(self, text: Array, offsets: Array, reduced: bool) -> None:
        self._text = text
        self._offsets = offsets
        self._reduced = reduced

    def __getitem__(self, row: int) -> str:
        begin, end = self._offsets[row : row + 2].tolist()
        return self._text[begin:end].tobytes().decode()

    def key(self, row: int) -> str:
        return self.keys([row])[0]

    def keys(self, rows: Sequence[int]) -> list[str]:
        texts = [self[row] for row in rows]
        return texts if self._reduced else list(map(reduced, fold_all(texts)))


class Suggestions:
    """The words and the titles of a build, and how characters sound. Raises IndexDamaged."""

    def __init__(self, path: Path) -> None:
        self._container = container = open_file(path)
        arrays = container.arrays
        self.documents: int = container.meta["documents"]
        self.words = Entries(arrays, "word", reduced=True)
        self.titles = Entries(arrays, "title")
        self._kinds = arrays["word_kinds"]
        self.spelled, self.edited, self.rare, self.blurred = (
            Keys.of(arrays, name) for name in ("spelled", "edited", "rare", "blurred")
        )
        self._syllables: list[str] = container.meta["syllables"]
        self.syllables = {syllable: number for number, syllable in enumerate(self._syllables, 1)}
        # 略 is lüe, and typed lue as well as lve.
        for syllable, number in list(self.syllables.items()):
            self.syllables.setdefault(syllable.replace("ve", "ue"), number)
        self.blur = blur(self._syllables)
        self._characters = arrays["characters"]
        self._first, self._second = np.split(arrays["readings"], 2)
        self._places: dict[str, tuple[str, ...]] | None = None

    def verify(self) -> None:
        """Compare every array with its checksum. Raises IndexDamaged."""
        self._container.verify()

    def is_domain(self, row: int) -> bool:
        """Tell whether a word is an insurance word."""
        return int(self._kinds[row]) == LEXICON

    def is_place(self, row: int) -> bool:
        """Tell whether a word is a place."""
        return int(self._kinds[row]) == PLACE

    def is_question(self, row: int) -> bool:
        """Tell whether a word only asks (怎么)."""
        return int(self._kinds[row]) == QUESTION

    def rows_of(self, words: Sequence[str]) -> list[int | None]:
        """Return the rows of folded words, None for a word that no article holds."""
        if not words:
            return []
        begins, ends = self.spelled.equal(spelling(matrix(words)))
        found: list[int | None] = []
        for word, begin, end in zip(words, begins, ends, strict=True):
            rows = self.spelled.rows[begin:end].tolist()
            found.append(next((row for row in rows if self.words[row] == word), None))
        return found

    def places_alike(self, place: str) -> list[str]:
        """Return the other places of the collection that sound like one, tones aside, the heaviest first."""
        (row,) = self.rows_of([place])
        if row is None:
            return []
        keys = self.words.sounds
        key = keys.keys[keys.rows == row]
        (begin, *_), (end, *_) = keys.equal(key)
        alike = [other for other in keys.rows[begin:end].tolist() if other != row and self.is_place(other)]
        return [self.words[other] for other in alike if len(self.words[other]) == len(place)]

    def places_with_initials(self, letters: str) -> list[str]:
        """Return the places of the collection whose characters begin with these letters, the heaviest first."""
        if not 1 < len(letters) <= WIDTH:
            return []
        bounds = np.array([prefix_range([sign_number(sign) for sign in letters], 0, WIDTH, LETTER_BITS)[0]], np.uint64)
        (begin, *_), (end, *_) = self.words.initials.equal(bounds)
        rows = self.words.initials.rows[begin:end].tolist()
        names = [self.words[row] for row in rows if self.is_place(row)]
        return list(dict.fromkeys(name for name in names if len(name) == len(letters)))

    def has_character(self, character: str) -> bool:
        """Tell whether a character occurs in any word."""
        place = int(np.searchsorted(self._characters, ord(character)))
        return place < len(self._characters) and int(self._characters[place]) == ord(character)

    def readings(self, character: str) -> tuple[int, ...]:
        """Return the one or two sounds of a folded character; none if it has no sound."""
        code = ord(character)
        if code >= len(self._first):
            return ()
        return tuple(sound for sound in (int(self._first[code]), int(self._second[code])) if sound)

    def are_syllables(self, letters: str) -> bool:
        """Tell whether letters are pinyin from end to end."""
        ends = {0}
        for start in range(len(letters)):
            if start in ends:
                lengths = range(1, LONGEST_SYLLABLE + 1)
                ends |= {start + length for length in lengths if letters[start : start + length] in self.syllables}
        return len(letters) in ends

    def spellings(self, character: str) -> tuple[str, ...]:
        """Return the syllables of a folded Han character."""
        sounds = self.readings(character)
        return tuple(self._syllables[sound - 1] for sound in sounds if sound <= len(self._syllables))

    def places_of(self, letters: str) -> tuple[str, ...]:
        """Return the places that are spelled so, in any reading of their characters, in no particular order."""
        if self._places is None:
            self._places = self._spelled_places()
        return self._places.get(letters, ())

    def _spelled_places(self) -> dict[str, tuple[str, ...]]:
        """Spell all places; takes some 0.1 s, so only for a query with letters that nothing holds."""
        spelled: dict[str, list[str]] = {}
        for name in place_names():
            if len(name) <= _LONGEST_PLACE:
                for syllables in islice(product(*map(self.spellings, name)), _MOST_SPELLINGS):
                    spelled.setdefault("".join(syllables), []).append(name)
        return {letters: tuple(dict.fromkeys(names)) for letters, names in spelled.items()}

    def initial(self, character: str) -> int:
        """Return the number of the first letter of a folded character, 0 if it has none."""
        spellings = self.spellings(character)
        return sign_number(spellings[0][0] if spellings else character)

    def syllables_from(self, letters: str) -> tuple[int, int]:
        """Return the first and the last sound whose syllable begins with `letters`; none if the last is the smaller."""
        return bisect_left(self._syllables, letters) + 1, bisect_left(self._syllables, letters + "~")
