"""The suggestions of one build, opened: words and titles by row, and the keys that find them. Immutable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from ..engine import Engine
from ..engines.whoosh.container import Container
from ..errors import IndexDamaged
from ..text import fold
from .keys import SIGNS, Array, Keys, matrix, spelling
from .writing import FILE, LEXICON, PLACE, QUESTION, blur, reduced

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_open: WeakKeyDictionary[Engine, Suggestions | None] = WeakKeyDictionary()


class Suggestions:
    """Words (rows in order of code points) and titles (rows in order of their reduced folded text) of a build."""

    def __init__(self, path: Path) -> None:
        container = Container(path)
        arrays = self._arrays = container.arrays
        self.documents: int = container.meta["documents"]
        self.syllables: dict[str, int] = {text: n for n, text in enumerate(container.meta["syllables"], 1)}
        self.signs = {sign: len(self.syllables) + 1 + n for n, sign in enumerate(SIGNS)}
        self.blur = blur(container.meta["syllables"])
        self.first, self.second = np.split(arrays["readings"], 2)
        self.spelled, self.edited, self.sounds, self.blurred, self.initials, self.title_sounds, self.title_initials = (
            Keys(arrays[f"{name}_keys"], arrays[f"{name}_rows"])
            for name in ("spelled", "edited", "sounds", "blurred", "initials", "title_sounds", "title_initials")
        )
        self.word_weights: Array = arrays["word_weights"]
        self.title_weights: Array = arrays["title_weights"]

    def word(self, row: int) -> str:
        """Return a word, folded."""
        return self._text("word", row)

    def df(self, row: int) -> int:
        """Return how many articles hold a word, at least one."""
        return int(self._arrays["word_df"][row])

    def is_domain(self, row: int) -> bool:
        """Tell whether a word is an insurance word."""
        return int(self._arrays["word_kinds"][row]) == LEXICON

    def is_place(self, row: int) -> bool:
        """Tell whether a word is a place."""
        return int(self._arrays["word_kinds"][row]) == PLACE

    def is_question(self, row: int) -> bool:
        """Tell whether a word asks only (怎么)."""
        return int(self._arrays["word_kinds"][row]) == QUESTION

    def title(self, row: int) -> str:
        """Return a title as it was first written."""
        return self._text("title", row)

    def title_count(self, row: int) -> int:
        """Return how many articles have a title."""
        return int(self._arrays["title_counts"][row])

    def readings(self, character: str) -> tuple[int, ...]:
        """Return the one or two sounds of a folded character; none if it has no sound."""
        code = ord(character)
        if code >= len(self.first):
            return ()
        return tuple(sound for sound in (int(self.first[code]), int(self.second[code])) if sound)

    def rows_of(self, words: Sequence[str]) -> list[int | None]:
        """Return the rows of folded words, None for a word that no article holds."""
        if not words:
            return []
        begins, ends = self.spelled.equal(spelling(matrix(words)))
        found: list[int | None] = []
        for word, begin, end in zip(words, begins, ends, strict=True):
            rows = self.spelled.rows[begin:end].tolist()
            found.append(next((row for row in rows if self.word(row) == word), None))
        return found

    def words_from(self, prefix: str) -> tuple[int, int]:
        """Return the range of rows of words that begin with a folded prefix."""
        return self._rank_word(prefix), self._rank_word(prefix + "\U0010ffff")

    def titles_from(self, prefix: str) -> tuple[int, int]:
        """Return the range of rows of titles that begin with a reduced prefix."""
        return self._rank_title(prefix), self._rank_title(prefix + "\U0010ffff")

    def _rank_word(self, text: str) -> int:
        return _rank(len(self.word_weights), lambda row: self.word(row) < text)

    def _rank_title(self, text: str) -> int:
        return _rank(len(self.title_weights), lambda row: reduced(fold(self.title(row))) < text)

    def _text(self, kind: str, row: int) -> str:
        begin, end = self._arrays[f"{kind}_offsets"][row : row + 2].tolist()
        return self._arrays[f"{kind}_text"][begin:end].tobytes().decode()


def _rank(count: int, before: Callable[[int], bool]) -> int:
    """Return how many of `count` sorted rows stand before."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if before(middle):
            low = middle + 1
        else:
            high = middle
    return low


def suggestions_of(engine: Engine) -> Suggestions | None:
    """Return the suggestions that belong to an open engine, opening them the first time; thread-safe.

    None for an index without them, or if they cannot be read (logged once): searching goes on without suggestions.
    """
    with _lock:
        if engine not in _open:
            _open[engine] = _opened(engine.directory / FILE)
        return _open[engine]


def _opened(path: Path) -> Suggestions | None:
    if not path.exists():
        return None
    try:
        return Suggestions(path)
    except IndexDamaged as error:
        _log.error("going on without suggestions: %s", error)
        return None
