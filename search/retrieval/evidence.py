"""How surely a passage answers a question: logistic regression over what both say, with weights learned offline.

The weights are learned from judged questions (`search/quality/judged/answers`) by `python -m bench.answer_weights`,
which also says how well they do for questions that they were not learned from (docs/decisions/0500).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from ..model import Section
from ..text import fold
from .asked import holds
from .finding import Finding
from .questions import ASKS_PAY, OPENS_WITH_VERDICT, PAY_VERDICT, SAYS_LITTLE, VAGUE, VAGUE_VERBS, kind_of
from .reading import Reading

SURE = 0.65
"""From this probability on a passage is shown: of those shown 19 of 20 are right (0500)."""
LIKELY = 0.4
"""From this probability on a passage that says otherwise makes the best one doubtful."""
SMALL = 0.5
"""What a word of one character counts, longer ones counting their characters."""
MANY_WORDS = 5
FAR = 30
"""Sentences after which the place in a text says nothing more."""
MANY_ADDED = 6
NO_HEADING = 0.3
"""What counts for words that a heading adds where there is none."""

WEIGHTS: Mapping[str, float] = {
    "always": -0.86,
    "place of the article": -2.17,
    "words of the question": 1.09,
    "asks for a figure": 1.56,
    "asks when": 0.82,
    "asks how long": 1.22,
    "title holds": -2.19,
    "title has pairs": -0.36,
    "title adds": -0.55,
    "title asks the same": -0.30,
    "heading holds": -0.91,
    "heading adds": -1.22,
    "heading promises": 1.02,
    "first below the heading": 0.35,
    "first below the heading, which holds": 0.66,
    "first below the heading, which asks the same": 0.89,
    "first of all, the title asks the same and holds": 1.01,
    "passage has pairs": 1.32,
    "passage holds, yes or no": 1.18,
    "passage begins with a verdict": 0.73,
    "passage is vague": -0.40,
    "not said": -2.59,
    "all words are said": -0.25,
    "all is said": 1.64,
    "words are said near and what is asked is told": 1.32,
    "far down": -1.14,
}
"""By the names of `evidence`; `always` is the intercept."""


def probability(evidence: Mapping[str, float]) -> float:
    """Return how probable it is that a passage with this evidence answers its question."""
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in evidence.items())))


class Heading(NamedTuple):
    """What a heading says of a question, each from 0 to 1."""

    holds: float
    adds: float
    promises: float
    asks_the_same: float


class Evidence:
    """What an article says of a question, and what each passage of it adds."""

    def __init__(self, reading: Reading, place: int) -> None:
        """Take an article as it is read, and its place among those that may answer, from 0."""
        question = reading.question
        self._reading = reading
        self._weights = {word: float(len(word.text)) for word in question.words}
        self._weights.update({word: SMALL for word in question.small if word.text not in VAGUE_VERBS})
        self._pairs = _pairs(question.folded)
        self._headings: dict[int, Heading] = {}
        self._of_article = {
            "always": 1.0,
            "place of the article": place / 2,
            "words of the question": min(len(question.words), MANY_WORDS) / MANY_WORDS,
            "asks for a figure": float(question.kind.exact and question.kind.name not in ("how long", "when")),
            "asks when": float(question.kind.name == "when"),
            "asks how long": float(question.kind.name == "how long"),
            "title holds": self._share(reading.title),
            "title has pairs": self._pairs_in(reading.title),
            "title adds": _few(reading.added(reading.title)),
            "title asks the same": float(reading.title_asks),
        }

    def of(self, each: Finding) -> dict[str, float]:
        """Return the evidence of a passage by name, each from 0 to 1."""
        reading, question = self._reading, self._reading.question
        own, above = reading.own(each.start, each.end, each.row), reading.above(each.start)
        whole = f"{own} {above} {reading.title}"
        section = reading.view.section(each.start)
        first = section is not None and reading.begins(section) == each.start
        heading = self._of_heading(section)
        leads = each.start == reading.lead[0] and reading.title_asks
        is_verdict = question.kind.name == "yes or no"
        tells = PAY_VERDICT if is_verdict and ASKS_PAY.search(question.folded) else question.kind.tells
        near = all(holds(word, f"{own} {above}") for word in question.words if word not in reading.in_title)
        return {
            **self._of_article,
            "heading holds": heading.holds,
            "heading adds": heading.adds,
            "heading promises": heading.promises,
            "first below the heading": float(first),
            "first below the heading, which holds": first * heading.holds,
            "first below the heading, which asks the same": first * heading.asks_the_same,
            "first of all, the title asks the same and holds": leads * self._of_article["title holds"],
            "passage has pairs": self._pairs_in(own),
            "passage holds, yes or no": is_verdict * self._share(own),
            "passage begins with a verdict": float(is_verdict and OPENS_WITH_VERDICT.match(own) is not None),
            "passage is vague": float(VAGUE.search(own) is not None),
            "not said": 1 - self._share(whole),
            "all words are said": float(all(holds(word, whole) for word in question.words)),
            "all is said": float(all(holds(word, whole) for word in self._weights)),
            "words are said near and what is asked is told": float(near and tells.search(own) is not None),
            "far down": min(reading.view.index(each.start), FAR) / FAR,
        }

    def _of_heading(self, section: Section | None) -> Heading:
        """Return what the heading over a passage says of the question, looked at once."""
        start = section.start if section else -1
        if start not in self._headings:
            kind, heading = self._reading.question.kind, fold(section.heading) if section else ""
            share, added = self._share(heading), self._reading.added(heading)
            self._headings[start] = Heading(
                share,
                _few(added) if heading else NO_HEADING,
                float(bool(heading) and kind.heads.search(heading) is not None),
                float(kind_of(heading) is kind and (share > 0 or not added)),
            )
        return self._headings[start]

    def _share(self, text: str) -> float:
        """Return how much of the question a text holds; of one that has no word of its own, all."""
        total = sum(self._weights.values())
        return sum(weight for word, weight in self._weights.items() if holds(word, text)) / total if total else 1.0

    def _pairs_in(self, text: str) -> float:
        """Return the share of the question's pairs of characters that a text has."""
        return len(self._pairs & _pairs(text)) / max(len(self._pairs), 1)


def _few(added: int) -> float:
    """Return how many words are added, as a share of what is many."""
    return min(added, MANY_ADDED) / MANY_ADDED


def _pairs(text: str) -> set[str]:
    """Return the pairs of adjoining characters of a text, without what only asks."""
    text = SAYS_LITTLE.sub("", text)
    return {text[place : place + 2] for place in range(len(text) - 1)}
