"""What a score is made of: BM25 of words, BM25 of the pairs of the query as typed, and boosts. Data for every engine.

A clause scores as its best form (what the form counts x BM25 of the form), so a typed word beats its synonym and a text
full of synonyms does not beat one that says what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..arrays import Scores
from ..model import Contribution, Parsed
from ..text import fold
from ..text.tokens import HAN
from . import ranking
from .bm25 import idf, saturated
from .boosts import NO_BOOSTS, Boosts, boosts_of
from .plan import Plan

_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")


@dataclass(frozen=True, slots=True)
class ClauseTerm:
    """A clause (by its index) in the words: it adds the best of its forms, `factors[i]` x tf / (tf + norm) for each."""

    clause: int
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PairTerm:
    """A pair of characters that stand side by side in the query: it adds `factor` x tf / (tf + norm)."""

    pair: str
    factor: float


@dataclass(frozen=True, slots=True)
class Scoring:
    """The parts of a score: terms in the words, then in the bigrams, then boosts.

    `bare` is what was typed outside quotes and exclusions, folded; `weight` the sum of the idf of its pairs. Without
    any part every score is 0 (`is_flat`).
    """

    clauses: tuple[ClauseTerm, ...] = ()
    pairs: tuple[PairTerm, ...] = ()
    boosts: Boosts = NO_BOOSTS
    bare: str = ""
    weight: float = 0.0
    is_flat: bool = False


class PairStatistics(Protocol):
    """How often pairs of characters occur; what `make_scoring` asks of an engine."""

    documents: int

    def pair_df(self, pair: str) -> int:
        """Return how many articles hold two characters side by side."""
        ...


class ScorePart(NamedTuple):
    """A part of the score of some articles: a clause or a boost by name, the field it was found in, what it adds."""

    what: str
    where: str
    scores: Scores


FLAT = Scoring(is_flat=True)


def make_scoring(parsed: Parsed, plan: Plan, statistics: PairStatistics) -> Scoring:
    """Decide what the matches of a query score by."""
    if plan.browse or plan.nothing:
        return FLAT
    clauses = []
    for number, weight in [(one.clause, one.weight) for one in plan.scored]:
        # One idf a clause: a rare synonym must not outweigh the word that was typed.
        factor = saturated(weight)
        forms = parsed.clauses[number].forms
        clauses.append(ClauseTerm(number, tuple([form.weight**ranking.SYNONYM_POWER * factor for form in forms])))
    bare = bare_text(parsed)
    # Pairs across the borders of words too: what stands side by side in the query mostly does so in its answer.
    pairs = list(dict.fromkeys(_PAIR.findall(bare)))
    weights = [idf(statistics.documents, statistics.pair_df(pair)) for pair in pairs]
    terms = [PairTerm(*one) for one in zip(pairs, [ranking.BIGRAM_SHARE * saturated(w) for w in weights], strict=True)]
    return Scoring(tuple(clauses), tuple(terms), boosts_of(parsed), bare, sum(weights))


def bare_text(parsed: Parsed) -> str:
    """Return what was typed outside quotes and exclusions, folded."""
    if not parsed.text:
        return ""
    bare = list(fold(parsed.text))
    for clause in parsed.clauses:
        if clause.kind in ("phrase", "excluded"):
            bare[clause.start : clause.end] = " " * (clause.end - clause.start)
    return "".join(bare)


def contributions(parts: Sequence[ScorePart], row: int = 0) -> tuple[Contribution, ...]:
    """Return the parts of one article's score (the `row`-th) that are not 0, largest first."""
    found = [Contribution(part.what, part.where, float(part.scores[row])) for part in parts if part.scores[row]]
    return tuple(sorted(found, key=lambda part: -part.score))
