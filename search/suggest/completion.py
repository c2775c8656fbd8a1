"""How what is being typed may go on: words and titles that begin so, by characters, pinyin or first letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from ..arrays import Array
from ..model import Count
from ..text import fold, query_words, question_words
from .keys import LETTER_BITS, LONGEST_SYLLABLE, SOUND_BITS, SOUNDS, WIDTH, Keys, plain_letters, prefix_range, reduced
from .suggestions import Entries, Suggestions

LONGEST_PREFIX = 40
TITLE_SHARE = 3 / 8
"""The share of the places that is kept for titles, if there are so many."""
CHARACTERS_GAIN, SOUNDS_GAIN, RARE_GAIN, INITIALS_GAIN = 3.0, 1.5, 0.5, 0.0
"""What begins with the very characters goes before what sounds so, that before what sounds so in a rarer reading, and
that before what has these first letters."""
_LOOKED_AT = 64
"""How many entries of a range, the heaviest first, are looked at."""
_MOST_READINGS = 32
_SEPARATORS = re.compile(r"[\W_]+")
_CONTINUED = 4
"""How many ways to go on are looked up in the articles, each some tenths of a millisecond."""


Holding = Callable[[str], int]
"""Text → how many articles hold all its words."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A text to search for. `count` is how many articles hold the word, or have the title, that completes it."""

    text: str
    kind: Literal["word", "place", "title"]
    count: Count


def complete(
    suggestions: Suggestions, prefix: str, limit: int = 8, holding: Holding | None = None
) -> tuple[Completion, ...]:
    """Return how `prefix` may go on, best first: words, then titles.

    If no word begins so, the titles that do, then what has its last word completed: of that, where `holding` is given,
    only what articles hold, and counted so.
    Takes no longer for a large collection than for a small one, but for the bisection and the choice of the heaviest.
    """
    folded = plain_letters(fold(prefix)).lstrip()
    typed = reduced(folded)
    if not typed or len(folded) > LONGEST_PREFIX or limit < 1:
        return ()
    spelled = _SEPARATORS.sub("'", folded.rstrip(" '"))
    titles = [
        Completion(suggestions.titles[row], "title", suggestions.titles.count(row))
        for row in islice(_rows(suggestions, suggestions.titles, typed, spelled), limit)
    ]
    words = _words(suggestions, typed, spelled, limit)
    if words:
        chosen = [*words[: limit - min(len(titles), int(limit * TITLE_SHARE))], *titles]
    else:
        last = query_words(folded)[-1]
        chosen = titles
        if last.start > 0 and last.end == len(folded):
            chosen += _continued(suggestions, folded[: last.start], last.text, holding)
    return tuple({reduced(fold(one.text)): one for one in reversed(chosen)}.values())[::-1][:limit]


def _words(suggestions: Suggestions, typed: str, spelled: str, limit: int) -> list[Completion]:
    words = suggestions.words
    rows = (row for row in _rows(suggestions, words, typed, spelled) if not suggestions.is_question(row))
    return [
        Completion(words[row], "place" if suggestions.is_place(row) else "word", words.count(row))
        for row in islice(rows, limit)
    ]


def _continued(suggestions: Suggestions, head: str, typed: str, holding: Holding | None) -> Iterator[Completion]:
    """Yield the words that begin as typed, with what stands before them.

    No other word begins with a question word (补牙能 is no 补牙能退), unless it began before: 异地就 is 异地就医.
    """
    asks = typed in question_words() and not head[-1:].isdigit()
    for word in _words(suggestions, reduced(typed), reduced(typed), _CONTINUED):
        text = head + word.text
        if asks and query_words(text)[-1].start >= len(head):
            continue
        count = holding(text) if holding else word.count
        if count:
            yield Completion(text, word.kind, count)


def _rows(suggestions: Suggestions, entries: Entries, typed: str, spelled: str) -> Iterator[int]:
    """Yield the rows of what begins as typed and says more, best first.

    `spelled` is what was typed with an apostrophe where a syllable ends, as input methods write: xi'an is no xian.
    """
    scores = _scores(suggestions, entries, typed, spelled)
    for row in sorted(scores, key=lambda row: (-scores[row], row)):
        if entries.key(row) != typed:
            yield row


def _scores(suggestions: Suggestions, entries: Entries, typed: str, spelled: str) -> dict[int, float]:
    """Return the rows of what begins as typed, by its characters or as it sounds, and how good each is."""
    scores: dict[int, float] = {}
    if not typed.isascii() or typed.isdigit():
        rows = _heaviest(entries, np.arange(*entries.beginning(typed)))
        scores = dict(zip(rows, (entries.weights[rows] + CHARACTERS_GAIN).tolist(), strict=True))
    if typed.isdigit() or not any(map(str.isascii, typed)):
        return scores
    is_words = entries is suggestions.words
    heard = list(_sound_ranges(suggestions, spelled))
    lettered = _within(entries, entries.initials, _initial_ranges(suggestions, typed))
    if len(typed) == 2:
        # Two first letters tell too little, but of an insurance word.
        lettered = [row for row in lettered if is_words and suggestions.is_domain(row)]
    ways = [(_within(entries, entries.sounds, heard), SOUNDS_GAIN, True), (lettered, INITIALS_GAIN, False)]
    if is_words:
        ways.append((_within(entries, suggestions.rare, heard), RARE_GAIN, True))
    known = list({row for rows, _, _ in ways for row in rows})
    keys = dict(zip(known, entries.keys(known), strict=True))
    weights = dict(zip(known, entries.weights[known].tolist(), strict=True))
    for rows, gain, by_sound in ways:
        for row in rows:
            if _agrees(suggestions, keys[row], typed, by_sound):
                scores[row] = max(scores.get(row, 0.0), gain + weights[row])
    return scores


def _heaviest(entries: Entries, rows: Array) -> list[int]:
    if len(rows) > _LOOKED_AT:
        rows = rows[np.argpartition(-entries.weights[rows], _LOOKED_AT)[:_LOOKED_AT]]
    found: list[int] = rows.tolist()
    return found


def _within(entries: Entries, keys: Keys, ranges: list[tuple[int, int]]) -> list[int]:
    if not ranges:
        return []
    bounds = np.array(ranges, dtype=np.uint64)
    begins, ends = keys.ranges(bounds[:, 0], bounds[:, 1])
    return [row for begin, end in zip(begins, ends, strict=True) for row in _heaviest(entries, keys.rows[begin:end])]


def _sound_ranges(suggestions: Suggestions, typed: str) -> Iterator[tuple[int, int]]:
    """Yield the key ranges of the ways to hear `typed`; its last letters may be the beginning of a syllable."""
    waiting: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    for _ in range(_MOST_READINGS):
        if not waiting:
            return
        position, sounds = waiting.pop()
        if position == len(typed) or len(sounds) == SOUNDS:
            yield prefix_range(sounds, sounds[-1], SOUNDS, SOUND_BITS)
            continue
        if typed[position] == "'":
            waiting.append((position + 1, sounds))
            continue
        if not typed[position].isascii():
            waiting += [(position + 1, (*sounds, sound)) for sound in suggestions.readings(typed[position])]
            continue
        rest = typed[position:]
        first, last = suggestions.syllables_from(rest)
        if first <= last:
            yield prefix_range((*sounds, first), last, SOUNDS, SOUND_BITS)
        waiting += [
            (position + length, (*sounds, sound))
            for length in range(1, min(len(rest), LONGEST_SYLLABLE + 1))
            if (sound := suggestions.syllables.get(rest[:length]))
        ]


def _initial_ranges(suggestions: Suggestions, typed: str) -> list[tuple[int, int]]:
    if len(typed) < 2 or not any(map(str.isascii, typed)):
        return []
    letters = [suggestions.initial(character) for character in typed[:WIDTH]]
    return [prefix_range(letters, letters[-1], WIDTH, LETTER_BITS)] if all(letters) else []


def _agrees(suggestions: Suggestions, text: str, typed: str, by_sound: bool) -> bool:
    """Tell whether `text` can begin as typed: in characters, and syllables (`by_sound`) or first letters.

    A key that found `text` says so already where `typed` is all letters and no longer than a key.
    """
    if typed.isascii() and len(typed) <= SOUNDS:
        return True
    ways = [(0, 0)]
    while ways:
        place, position = ways.pop()
        rest = typed[position:]
        if not rest:
            return True
        if place == len(text):
            continue
        spelled = suggestions.spellings(text[place]) if rest[0].isascii() else ()
        for spelling in {text[place], *(spelled if by_sound else (one[0] for one in spelled))}:
            if spelling.startswith(rest):
                return True
            if rest.startswith(spelling):
                ways.append((place + 1, position + len(spelling)))
    return False
