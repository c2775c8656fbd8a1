"""What may stand for a stretch of a query: words of the collection that sound, look or are spelled nearly like it.

Work is bounded whatever the collection: stretches are short, and of many words with one sound the heaviest are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..text import fold, question_words
from ..text.lexicon import lines
from .keys import (
    EDITED,
    LETTER_BITS,
    LONGEST_SYLLABLE,
    SOUND_BITS,
    SOUNDS,
    WIDTH,
    Keys,
    matrix,
    prefix_range,
    sign_number,
    spelling,
    without,
)
from .lattice import (
    CHANGED_COST,
    CHARACTER_COST,
    CUT_COST,
    FIRST_PLACE_GAIN,
    MISTAKE_COST,
    QUESTION_COST,
    SYLLABLE_COST,
    UNHELD_PLACE_COST,
    Edge,
    Kind,
    word_cost,
)
from .suggestions import Suggestions

LONGEST = 6
_AT_ONE_KEY = 8
"""How many words of one sound are looked at, the heaviest first."""
_AT_INITIALS = 32
"""… and of the same first letters, of which there are more, with the places among them."""
_MOST_SEQUENCES = 4096
_LONGEST_INITIALS = 16
"""No longer run of letters is taken for the first letters of words."""
_CONFUSABLES = Path(__file__).with_name("confusables.txt")
_SPOKEN = Path(__file__).with_name("spoken.txt")
_LONGEST_SPOKEN = 20
_SHORTEST_NAME = 4
"""No place is spelled with fewer letters, but by those that are other words too."""
_BEFORE_A_CUT = 2
"""After so many whole syllables the last one may be only begun: of fewer there are too many words."""
_LETTERS = re.compile("[a-z]+")
_SEPARATORS = re.compile("[ ']")


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Sounds that may be heard from `start` to `end`, packed so far into `key`."""

    start: int
    end: int
    key: int
    count: int
    cut: bool = False
    """Whether its last syllable is only begun."""


@lru_cache(maxsize=1)
def confusables() -> dict[str, str]:
    """Return for a character those that look like it."""
    table: dict[str, str] = {}
    for line in lines(_CONFUSABLES):
        group = fold("".join(line.split()))
        for character in group:
            table[character] = table.get(character, "") + group.replace(character, "")
    return table


@lru_cache(maxsize=1)
def spoken() -> dict[str, str]:
    """Return the words of one character and the question words that letters say: pinyin → word."""
    return dict(fold(line).split() for line in lines(_SPOKEN))


def find_edges(suggestions: Suggestions, text: str, doubtful: Sequence[bool]) -> list[Edge]:
    """Return the edges over a folded `text` of Han characters, letters and single separators.

    What replaces a stretch replaces a doubtful character, and never a stretch that is itself a word of the collection.
    """
    windows = [
        (start, end)
        for start in range(len(text))
        for end in range(start + 2, min(start + SOUNDS, len(text)) + 1)
        if not any(map(str.isascii, text[start:end]))
    ]
    rows = suggestions.rows_of([text[start:end] for start, end in windows])
    known = {window: row for window, row in zip(windows, rows, strict=True) if row is not None}
    finder = _Finder(suggestions, text, doubtful, known.keys())
    edges = [finder.edge(start, end, row, "typed") for (start, end), row in known.items()]
    edges += finder.by_sound(suggestions.words.sounds, "sound")
    edges += finder.by_sound(suggestions.rare, "rare")
    edges += finder.by_sound(suggestions.blurred, "blurred")
    edges += finder.by_shape(windows)
    edges += finder.by_edit(windows)
    edges += finder.by_initials()
    edges += finder.by_name()
    edges += finder.by_spoken()
    edges += finder.syllables()
    return edges


class _Finder:
    """Finds what may replace stretches of one text."""

    def __init__(
        self, suggestions: Suggestions, text: str, doubtful: Sequence[bool], known: Set[tuple[int, int]]
    ) -> None:
        self._suggestions = suggestions
        self._text = text
        self._doubtful = doubtful
        self._known = known

    def by_sound(self, keys: Keys, kind: Kind) -> list[Edge]:
        """Return words that sound like a stretch of at most `LONGEST` characters or syllables."""
        frontier = [_Sequence(start, start, 0, 0) for start in range(len(self._text)) if self._text[start] not in " '"]
        edges: list[Edge] = []
        for count in range(1, LONGEST + 1):
            grown = [longer for one in frontier for longer in self._grow(one, kind == "blurred")][:_MOST_SEQUENCES]
            if not grown:
                break
            shift = SOUND_BITS * (SOUNDS - count)
            low = np.array([one.key << shift for one in grown], dtype=np.uint64)
            begins, ends = keys.ranges(low, low + np.uint64(1 << shift))
            frontier = [one for one, begin, end in zip(grown, begins, ends, strict=True) if begin < end and not one.cut]
            if count > 1:
                _, whole = keys.equal(low)
                for one, begin, end in zip(grown, begins, whole, strict=True):
                    if begin < end and self._open(one.start, one.end):
                        rows = keys.rows[begin : min(end, begin + _AT_ONE_KEY)].tolist()
                        edges += self._heard(one, rows, kind)
        return edges

    def _grow(self, one: _Sequence, blurred: bool) -> Iterator[_Sequence]:
        """Yield the sequence with one more sound."""
        text, start = self._text, one.end
        while one.count and start < len(text) and text[start] in " '":
            start += 1
        if start == len(text):
            return
        if text[start].isascii():
            syllables = self._suggestions.syllables
            ends = range(start + 1, min(start + LONGEST_SYLLABLE, len(text)) + 1)
            heard = [(end, sound) for end in ends if (sound := syllables.get(text[start:end]))]
        else:
            heard = [(start + 1, sound) for sound in self._suggestions.readings(text[start])]
        for end, sound in heard:
            number = int(self._suggestions.blur[sound]) if blurred else sound
            yield _Sequence(one.start, end, one.key << SOUND_BITS | number, one.count + 1)
        if one.count >= _BEFORE_A_CUT and text[start].isascii():
            yield from self._cut_short(one, start)

    def _cut_short(self, one: _Sequence, start: int) -> Iterator[_Sequence]:
        """Yield the sequence with each syllable that begins with the last letters of a run: yidijiuy is 异地就医."""
        rest = _LETTERS.match(self._text, start)
        if rest and rest.group() not in self._suggestions.syllables and len(rest.group()) < LONGEST_SYLLABLE:
            first, last = self._suggestions.syllables_from(rest.group())
            for sound in range(first, last + 1):
                yield _Sequence(one.start, rest.end(), one.key << SOUND_BITS | sound, one.count + 1, cut=True)

    def _heard(self, one: _Sequence, rows: list[int], kind: Kind) -> Iterator[Edge]:
        typed = self._text[one.start : one.end]
        han = [character for character in typed if not character.isascii()]
        for row in rows:
            word = self._suggestions.words[row]
            if len(word) != one.count:
                continue
            if len(han) == len(typed):
                yield self.edge(one.start, one.end, row, kind)
            elif all(character in word for character in han):
                edge = self.edge(one.start, one.end, row, "pinyin" if kind == "sound" else kind)
                yield replace(edge, cost=edge.cost + CUT_COST) if one.cut else edge

    def by_shape(self, windows: Sequence[tuple[int, int]]) -> list[Edge]:
        """Return words in which one character looks like the typed one, or two neighbours are swapped."""
        tries: list[tuple[int, int, str, Kind]] = []
        for start, end in windows:
            if not self._open(start, end):
                continue
            typed = self._text[start:end]
            for place, character in enumerate(typed):
                for other in confusables().get(character, ""):
                    tries.append((start, end, typed[:place] + other + typed[place + 1 :], "shape"))
                if place:
                    swapped = typed[: place - 1] + character + typed[place - 1] + typed[place + 1 :]
                    tries.append((start, end, swapped, "swapped"))
        rows = self._suggestions.rows_of([word for _, _, word, _ in tries])
        return [
            self.edge(start, end, row, kind)
            for (start, end, _, kind), row in zip(tries, rows, strict=True)
            if row is not None
        ]

    def by_edit(self, windows: Sequence[tuple[int, int]]) -> list[Edge]:
        """Return words of three characters and more that differ by one character: another, one more, one less."""
        chosen = [(start, end) for start, end in windows if end - start >= EDITED[0] and self._open(start, end)]
        if not chosen:
            return []
        codes = matrix([self._text[start:end] for start, end in chosen])
        edges: list[Edge] = []
        for column in range(-1, SOUNDS):
            keys = spelling(codes if column < 0 else without(codes, column))
            for table in (self._suggestions.edited, self._suggestions.spelled):
                begins, ends = table.equal(keys)
                for (start, end), begin, stop in zip(chosen, begins, ends, strict=True):
                    if column < end - start and begin < stop:
                        for row in table.rows[begin : min(stop, begin + _AT_ONE_KEY)].tolist():
                            if _is_one_off(self._text[start:end], self._suggestions.words[row], column):
                                edges.append(self.edge(start, end, row, "edit"))
        return edges

    def by_initials(self) -> list[Edge]:
        """Return words whose characters begin with the letters of a run, or of a part of it: xnh|bx → 新农合|报销.

        For a part that is an insurance word or a place, as two letters are the first of many words.
        """
        suggestions, edges = self._suggestions, []
        for run in _LETTERS.finditer(self._text):
            for start, end, row in self._by_letters(*run.span()) if self._open(*run.span()) else ():
                is_place = suggestions.is_place(row)
                if is_place or suggestions.is_domain(row) or (start, end) == run.span():
                    edge = self.edge(start, end, row, "initials")
                    gain = FIRST_PLACE_GAIN if is_place and start == run.start() else 0
                    edges.append(replace(edge, cost=edge.cost - gain))
        return edges

    def _by_letters(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield the parts of a run of letters with the rows of words of as many characters, the heaviest first."""
        if last - first > _LONGEST_INITIALS:
            return
        spans = [(start, end) for start in range(first, last) for end in range(start + 2, min(start + WIDTH, last) + 1)]
        signs = [[sign_number(sign) for sign in self._text[start:end]] for start, end in spans]
        keys = np.array([prefix_range(one, 0, WIDTH, LETTER_BITS)[0] for one in signs], dtype=np.uint64)
        initials = self._suggestions.words.initials
        for (start, end), begin, stop in zip(spans, *initials.equal(keys), strict=True):
            for row in initials.rows[begin : min(stop, begin + _AT_INITIALS)].tolist():
                if len(self._suggestions.words[row]) == end - start:
                    yield start, end, row

    def by_name(self) -> list[Edge]:
        """Return the places whose names letters spell, in any reading and in any collection: zhongqing, leqing.

        What is a syllable by itself spells only those that the collection knows: 都安 is not duan elsewhere.
        """
        edges: list[Edge] = []
        for run in _LETTERS.finditer(self._text):
            for start in range(*run.span()):
                for end in range(start + _SHORTEST_NAME, min(start + _LONGEST_SPOKEN, run.end()) + 1):
                    names = self._suggestions.places_of(self._text[start:end]) if self._open(start, end) else ()
                    rows = self._suggestions.rows_of(names)
                    edges += [
                        self._named(start, end, name, row)
                        for name, row in zip(names, rows, strict=True)
                        if row is not None or self._text[start:end] not in self._suggestions.syllables
                    ]
        return edges

    def _named(self, start: int, end: int, name: str, row: int | None) -> Edge:
        cost = UNHELD_PLACE_COST if row is None else min(word_cost(self._suggestions, row), UNHELD_PLACE_COST)
        return Edge(start, end, name, cost, "pinyin")

    def by_spoken(self) -> list[Edge]:
        """Return question words and words of one character that are spelled out: baoxiao|ma → 报销|吗."""
        edges: list[Edge] = []
        letters = [place for place, character in enumerate(self._text) if _is_letter(character)]
        spans = [(start, last + 1) for start in letters for last in letters if start <= last < start + _LONGEST_SPOKEN]
        for start, end in spans:
            word = spoken().get(_SEPARATORS.sub("", self._text[start:end]))
            if word and self._open(start, end):
                if word in question_words():
                    edges.append(Edge(start, end, word, QUESTION_COST, "pinyin"))
                elif self._suggestions.has_character(word):
                    edges.append(Edge(start, end, word, CHARACTER_COST, "pinyin"))
        return edges

    def syllables(self) -> list[Edge]:
        """Return the syllables as they were typed, of runs of letters that are nothing else: what no word says."""
        known = self._suggestions.syllables
        return [
            Edge(start, end, self._text[start:end], SYLLABLE_COST, "typed")
            for run in _LETTERS.finditer(self._text)
            if self._suggestions.are_syllables(run.group())
            for start in range(*run.span())
            for end in range(start + 2, min(start + LONGEST_SYLLABLE, run.end()) + 1)
            if self._text[start:end] in known
        ]

    def edge(self, start: int, end: int, row: int, kind: Kind) -> Edge:
        """Return the edge of a word for a stretch. Letters are no characters that change."""
        word, typed = self._suggestions.words[row], self._text[start:end]
        changed = max(len(typed), len(word)) - sum(a == b for a, b in zip(typed, word, strict=False))
        cost = MISTAKE_COST[kind] + (0 if any(map(str.isascii, typed)) else CHANGED_COST * changed)
        return Edge(start, end, word, cost + word_cost(self._suggestions, row), kind, self._suggestions.is_domain(row))

    def _open(self, start: int, end: int) -> bool:
        """Tell whether a stretch may be replaced. One that holds a separator begins and ends where words do."""
        text = self._text
        if " " in text[start:end] and (_is_letter(text[:start][-1:]) or _is_letter(text[end : end + 1])):
            return False
        return any(self._doubtful[start:end]) and (start, end) not in self._known


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _is_one_off(typed: str, word: str, column: int) -> bool:
    """Tell whether `typed` is one mistake from `word`: the character at `column`, or (-1) one left out anywhere."""
    if column < 0:
        return len(word) == len(typed) + 1 and any(word[:i] + word[i + 1 :] == typed for i in range(len(word)))
    left = typed[:column] + typed[column + 1 :]
    if len(word) == len(typed):
        return word != typed and word[:column] + word[column + 1 :] == left
    return len(word) >= EDITED[0] and word == left
