"""The cheapest reading of a stretch of a query: what was typed, or words that sound or look like it.

Every stretch of characters that is, sounds like, or looks like a word of the collection is an edge; the cheapest path
from end to end wins. Costs are negative logarithms of rough probabilities: of the word (by how many articles hold it),
and of the mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Literal

from ..text import question_words
from .suggestions import Suggestions

Kind = Literal["typed", "pinyin", "initials", "sound", "shape", "blurred", "swapped", "edit", "rare"]
"""How a word comes from what was typed: as it is, from letters, same sound, similar shape, similar sound, neighbours
swapped, one character otherwise wrong, the sound of a rarer reading.
"""

WORD_COST = 1.5
"""Each word costs this much, so that one long word beats two short ones."""
RARITY = 0.5
"""What log(articles / articles with the word) counts."""
DOMAIN_GAIN = 2.0
"""What an insurance word is cheaper; a place gains half of it."""
QUESTION_COST = 2.0
DOUBTFUL_COST, CHARACTER_COST = 8.0, 4.0
"""A character that belongs to no word of the collection; one that may stand for itself."""
LETTER_COST = 6.0
"""A letter that belongs to no pinyin."""
SYLLABLE_COST = 7.0
"""Letters that are a syllable of no word: more than two characters that only ask, less than any letters apart."""
MISTAKE_COST: dict[Kind, float] = {
    "typed": 0.0,
    "pinyin": 0.0,
    "initials": 3.0,
    "sound": 2.0,
    "shape": 2.5,
    "blurred": 3.0,
    "swapped": 3.0,
    "edit": 5.0,
    "rare": 6.0,
}
"""What each kind of replacement costs, beside what the word costs."""
FIRST_PLACE_GAIN = 1.0
"""What first letters cost less that begin a query and are those of a place: bjyb is 北京医保 rather than 补缴医保."""
CUT_COST = 1.5
"""What letters cost more of which the last syllable is only begun."""
UNHELD_PLACE_COST = 3.0
"""A place that letters spell and no article names, and at most any place: names come before what is no word."""
CHANGED_COST = 0.5
"""For every character that changes, on top of it: 备按 → 备案 rather than 被安."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A word put for the characters [start, end), and why; `domain` tells an insurance word."""

    start: int
    end: int
    word: str
    cost: float
    kind: Kind
    domain: bool = False

    @property
    def changed(self) -> bool:
        """Tell whether it differs from what was typed."""
        return self.kind != "typed"

    def moved(self, offset: int) -> Edge:
        """Return the edge in a text that begins `offset` characters earlier."""
        return replace(self, start=self.start + offset, end=self.end + offset)


def cheapest(text: str, edges: Sequence[Edge], doubtful: Sequence[bool]) -> list[Edge]:
    """Return the cheapest way through `text` along `edges`; characters without an edge stand for themselves.

    A character that is `doubtful` had better belong to a word.
    """
    begins: list[list[Edge]] = [[] for _ in text]
    for edge in edges:
        begins[edge.start].append(edge)
    costs = [0.0] + [float("inf")] * len(text)
    path: list[Edge] = []
    arriving: dict[int, Edge] = {}
    for start, (character, doubt) in enumerate(zip(text, doubtful, strict=True)):
        for edge in (*begins[start], _single(character, start, doubt)):
            if costs[start] + edge.cost < costs[edge.end]:
                costs[edge.end] = costs[start] + edge.cost
                arriving[edge.end] = edge
    position = len(text)
    while position:
        path.append(arriving[position])
        position = arriving[position].start
    return path[::-1]


def _single(character: str, start: int, doubtful: bool) -> Edge:
    cost = DOUBTFUL_COST if doubtful else CHARACTER_COST
    if character in question_words():
        cost = QUESTION_COST
    elif character in " '":
        cost = 0.0
    elif character.isascii():
        cost = LETTER_COST
    return Edge(start, start + 1, character, cost, "typed")


def word_cost(suggestions: Suggestions, row: int) -> float:
    """Return what a word costs, whatever was typed."""
    if suggestions.is_question(row):
        return QUESTION_COST
    gain = DOMAIN_GAIN * suggestions.is_domain(row) + DOMAIN_GAIN / 2 * suggestions.is_place(row)
    rarity = log((suggestions.documents + 1) / suggestions.words.count(row))
    return WORD_COST + max(0.0, RARITY * rarity - gain)
