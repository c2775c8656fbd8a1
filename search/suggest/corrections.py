"""Did you mean: what a query that does not find what it says may have been meant to say.

Only bare words can be wrong: quoted and excluded parts, numbers, years and document numbers stay as they are, and so
does every word that the collection holds. What is put in their place are words that the collection holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..engine import Engine
from ..grammar import MAX_CHARACTERS
from ..model import Article, Clause, Form, Matches, Parsed, Query
from ..text import fold, is_word, occurrences, query_words
from .lattice import ABSENT, LETTER_COST, ODD, UNKNOWN, Edge, cheapest
from .replacements import find_edges
from .store import Suggestions, suggestions_of

FEW = 3
"""A query with fewer hits than this may be wrong; so may a word that so few articles hold and no dictionary knows."""
MOST_DOUBTS = 40
"""A query with more doubtful characters than this is no slip of the pen."""

_PLACES, _AROUND = 8, 12
"""How many places of a rare word are looked at, and how many characters around each."""
_STRETCH = re.compile(r"(?:[\u3400-\u9fff]|(?<![0-9a-z])[a-z]+(?:[ '][a-z]+)*(?![0-9a-z]))+")


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` is the whole query put right; `replaced` are its parts as typed, in order.

    With `certain`, no article holds one of these parts, so that the query as typed cannot be answered whole, and each
    sounds or looks like what it is replaced by.
    """

    text: str
    replaced: tuple[str, ...]
    certain: bool


def did_you_mean(engine: Engine, parsed: Parsed, matches: Matches) -> Correction | None:
    """Return what `parsed` was probably meant to say, given what it matches; None if it seems right.

    Costs next to nothing for a query that finds enough and whose words all occur.
    """
    beside = _beside_question_characters(parsed)
    if matches.total >= FEW and not matches.optional and not beside:
        return None
    suggestions = suggestions_of(engine)
    return _Suspect(engine, suggestions, parsed, matches, beside).correction() if suggestions else None


def _beside_question_characters(parsed: Parsed) -> list[Clause]:
    """Return the short words that stand right beside a single question character: 备按, 中牙, 新农和.

    The two may be one word that was written wrong.
    """
    return [
        clause
        for pair in pairwise(parsed.clauses)
        if pair[0].end == pair[1].start
        for clause, other in (pair, pair[::-1])
        if clause.kind == "word" and len(clause.text) <= 2 and other.kind == "question" and len(other.text) == 1
    ]


class _Suspect:
    """A query that may be wrong, and what of it."""

    def __init__(
        self, engine: Engine, suggestions: Suggestions, parsed: Parsed, matches: Matches, beside: list[Clause]
    ) -> None:
        self._engine = engine
        self._suggestions = suggestions
        self._parsed = parsed
        few = matches.total < FEW
        words = [
            clause
            for index, clause in enumerate(parsed.clauses)
            if clause.kind == "word" and not _is_fixed(clause) and (few or index in matches.optional)
        ]
        self._hits = {clause: self._count(clause) for clause in words}
        self._wrong: list[Clause] = []
        self._doubts = [0] * len(parsed.text)
        for clause in beside:
            if not _is_fixed(clause) and not self._is_held(clause):
                self._doubt(clause, ODD)
        for clause, hits in self._hits.items():
            if hits < (FEW if few and len(clause.text) > 1 else 1):
                self._wrong.append(clause)
                self._doubt(clause, ABSENT if is_word(clause.forms[0].text) and not clause.text.isascii() else UNKNOWN)
            elif few and len(clause.text) == 1:
                self._doubt(clause, ODD)

    def _doubt(self, clause: Clause, doubt: int) -> None:
        self._doubts[clause.start : clause.end] = [doubt] * (clause.end - clause.start)

    def correction(self) -> Correction | None:
        """Return the correction, if there is one."""
        if not 0 < sum(map(bool, self._doubts)) <= MOST_DOUBTS:
            return None
        edges = list(self._edges())
        text, done = "", 0
        for edge in edges:
            text += self._parsed.text[done : edge.start] + edge.word
            done = edge.end
        text += self._parsed.text[done:]
        if not edges or len(text) > MAX_CHARACTERS:
            return None
        replaced = tuple(self._parsed.text[edge.start : edge.end] for edge in edges)
        certain = all(edge.sure for edge in edges) and any(map(self._is_missing, edges))
        return Correction(text, replaced, certain)

    def _edges(self) -> Iterator[Edge]:
        """Yield what is replaced, in order."""
        bare = list(fold(self._parsed.text))
        for clause in self._parsed.clauses:
            if clause.kind in ("phrase", "excluded") or _is_fixed(clause):
                bare[clause.start : clause.end] = "\0" * (clause.end - clause.start)
        for stretch in _STRETCH.finditer("".join(bare)):
            doubts = self._doubts[stretch.start() : stretch.end()]
            if any(doubts):
                yield from self._path(stretch.group(), stretch.start(), doubts)

    def _path(self, text: str, offset: int, doubts: list[int]) -> Iterator[Edge]:
        edges = [edge.moved(offset) for edge in find_edges(self._suggestions, text, doubts)]
        # What may well be right as it stands needs a proof that it is not: that nobody writes so.
        held = {
            (edge.start, edge.end): self._is_missing(edge)
            for edge in edges
            if edge.changed and max(self._doubts[edge.start : edge.end]) == ODD
        }
        edges = [edge.moved(-offset) for edge in edges if held.get((edge.start, edge.end), True)]
        path = [edge.moved(offset) for edge in cheapest(text, edges, doubts)]
        left = [edge for edge in path if edge.cost >= LETTER_COST and not edge.changed and edge.end - edge.start == 1]
        for edge in path:
            # A part of a name put right is a name got wrong.
            spoilt = [c for c in self._wrong if _overlap(c, edge) and any(_overlap(c, other) for other in left)]
            if edge.changed and not spoilt:
                yield edge

    def _is_missing(self, edge: Edge) -> bool:
        """Tell whether no article holds what an edge replaces."""
        inside = [clause for clause in self._wrong if _overlap(clause, edge)]
        if inside:
            return any(not self._hits[clause] for clause in inside)
        typed = self._parsed.text[edge.start : edge.end]
        return not self._count(Clause("phrase", typed, edge.start, edge.end, (Form(fold(typed)),)))

    def _count(self, clause: Clause) -> int:
        """Return how many articles hold a clause as a word; of a dictionary word that any holds, `FEW`.

        In 抢救住院 the characters 救住 stand by accident: where so few articles hold them, that is looked at.
        """
        if self._is_held(clause):
            return FEW
        matches = self._engine.match(Parsed(clause.text, (clause,)), Query(size=FEW))
        if matches.total >= FEW:
            return matches.total
        articles = self._engine.get_many(match.id for match in matches.page)
        return sum(any(_stands_alone(form.text, article) for form in clause.forms) for article in articles)

    def _is_held(self, clause: Clause) -> bool:
        """Tell whether a form of the clause is a word of the collection."""
        return any(row is not None for row in self._suggestions.rows_of([form.text for form in clause.forms]))


def _stands_alone(form: str, article: Article) -> bool:
    """Tell whether a form begins and ends where words do, at one of its first places in an article."""
    text = fold(f"{article.title}\n{article.text}")
    for start, end in occurrences(form, text)[:_PLACES]:
        first = max(0, start - _AROUND)
        words = query_words(text[first : end + _AROUND])
        if start - first in {word.start for word in words} and end - first in {word.end for word in words}:
            return True
    return False


def _is_fixed(clause: Clause) -> bool:
    """Tell whether a clause is never corrected: a place, a number."""
    return bool(clause.place) or any(character.isdigit() for character in clause.text)


def _overlap(clause: Clause, edge: Edge) -> bool:
    return clause.start < edge.end and edge.start < clause.end
