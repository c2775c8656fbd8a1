"""What matches well enough: from the clauses of a query and how often they occur, to what is required of an article.

All words, where enough articles carry them all; otherwise those that carry enough of the query's idf weight (minimum
should match, in weight instead of numbers). `ranking.MATCH_STEPS` says how much is enough, and for how many.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from ..model import Clause, Parsed
from . import ranking
from .bm25 import idf

_ROUNDING = 1e-9
"""Sums of weights that differ by less are equal: 0.6 of a sum is not always exact in binary."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A clause of the query by its index, and how much it tells: its idf, less where it is the word of a place."""

    clause: int
    weight: float


@dataclass(frozen=True, slots=True)
class Share:
    """A demand that can be lowered: all clauses of `required`, and of `words` so many that their weights reach a sum.

    `words` come heaviest first. Where the words of places (`places` is what those weigh together) would be enough by
    themselves, one of `matter` is required too, if there is any: what else is said of a place is no answer.
    """

    required: tuple[int, ...]
    words: tuple[Weighed, ...]
    matter: tuple[int, ...] = ()
    places: float = 0.0

    def needs_matter(self, least: float) -> bool:
        """Tell whether one of `matter` is required beside a sum of `least`."""
        return bool(self.matter) and self.places > 0 and least <= self.places


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query asks of an article, clauses by their index.

    It must carry all of `required`, of the words of `share` (if there is one) those that weigh `least` together, and
    none of `excluded`. With `browse` everything matches that is not excluded, with `nothing` no article does. `scored`
    are the clauses a score is made of, `optional` those that a match need not carry, `missing` the words that occur
    nowhere.
    """

    required: tuple[int, ...] = ()
    share: Share | None = None
    least: float = 0.0
    excluded: tuple[int, ...] = ()
    scored: tuple[Weighed, ...] = ()
    optional: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    browse: bool = False
    nothing: bool = False


class Statistics(Protocol):
    """How often the clauses of a query occur in a collection; what `make_plan` asks of an engine."""

    documents: int
    """How many articles there are."""

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause, in any of its forms."""
        ...

    def count(self, clauses: Sequence[int]) -> int:
        """Return how many articles carry all of these clauses."""
        ...

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        """Yield for falling sums how many articles fulfil the share with that sum; an engine may count ahead."""
        ...


def make_plan(parsed: Parsed, statistics: Statistics) -> Plan:
    """Decide what the clauses of a query require of an article."""
    if not parsed.clauses:
        return Plan(nothing=True) if parsed.text.strip() else Plan(browse=True)
    of: dict[str, list[int]] = {"word": [], "phrase": [], "optional": [], "excluded": [], "question": []}
    for number, clause in enumerate(parsed.clauses):
        if clause.forms:
            of[clause.kind].append(number)
    words, phrases, bonus, excluded = of["word"], of["phrase"], of["optional"], tuple(of["excluded"])
    df = {number: statistics.df(number) for number in (*phrases, *words, *bonus)}
    weigh = {number: _weight(parsed.clauses[number], statistics.documents, df[number]) for number in df}
    if len(words) > ranking.WORDS_AT_MOST:
        telling = sorted(words, key=lambda number: (not df[number], -weigh[number]))
        words = sorted(telling[: ranking.WORDS_AT_MOST])
    if not phrases and not words:
        scored = tuple(Weighed(number, weigh[number]) for number in bonus)
        return Plan(excluded=excluded, scored=scored, optional=tuple(bonus), browse=True)
    share, least, lacking = _enough(parsed.clauses, phrases, words, df, weigh, statistics)
    return Plan(
        required=tuple(phrases if share else (*phrases, *words)),
        share=share,
        least=least,
        excluded=excluded,
        scored=tuple([Weighed(number, weigh[number]) for number in (*phrases, *words, *bonus)]),
        optional=tuple(sorted([*bonus, *lacking])),
        missing=tuple([number for number in words if not df[number]]),
    )


def _weight(clause: Clause, documents: int, df: int) -> float:
    """Return how much a clause tells. The word of a place tells less than its rarity: the place itself is weighed."""
    return idf(documents, df) * (ranking.PLACE_WORD_SHARE if clause.place else 1.0)


def _enough(  # noqa: PLR0913, PLR0917 - one column each of what is known of the clauses
    clauses: Sequence[Clause],
    phrases: Sequence[int],
    words: Sequence[int],
    df: dict[int, int],
    weigh: dict[int, float],
    statistics: Statistics,
) -> tuple[Share | None, float, list[int]]:
    """Return what is enough of the words (a share and its sum; None: all of them), and which words can be lacking.

    The share of the words' weight is lowered step by step, but never so far that the answer says nothing.
    """
    found = statistics.count([*phrases, *words])
    most = ranking.MATCH_ENOUGH_OF_TWO if len(words) == 2 else sys.maxsize
    steps = [(share, min(enough, most)) for share, enough in ranking.MATCH_STEPS]
    if len(words) < 2 or not steps or found >= steps[0][1]:
        return None, 0.0, []
    telling = [number for number in words if len(clauses[number].text) > 1 and not clauses[number].place]
    if telling and not phrases and not any(df[number] for number in telling):
        # Single characters are in many texts by chance; where all else is unknown they tell nothing.
        return None, 0.0, []
    weights = {number: weigh[number] if df[number] else 0.0 for number in words}
    total, least, share = sum(weights.values()), 0.0, _share(clauses, phrases, words, df, weigh)
    if total:
        sums = [(part - _ROUNDING) * total for part, _ in steps]
        with closing(statistics.reach(share, sums)) as reached:
            for (_, enough), wanted in zip(steps, sums, strict=True):
                if found >= enough:
                    break
                wider = next(reached)
                if found and wider > ranking.MATCH_AT_MOST * statistics.documents:
                    break
                found, least = wider, wanted
    if not least:
        return None, 0.0, []
    lacking = [number for number in words if found and (total - weights[number] >= least or not df[number])]
    return share, least, lacking


def _share(
    clauses: Sequence[Clause],
    phrases: Sequence[int],
    words: Sequence[int],
    df: dict[int, int],
    weigh: dict[int, float],
) -> Share:
    heaviest = sorted([(weigh[number] if df[number] else 0.0, number) for number in words], key=lambda one: -one[0])
    return Share(
        tuple(phrases),
        tuple([Weighed(number, weight) for weight, number in heaviest]),
        () if phrases else tuple([number for number in words if df[number] and not clauses[number].place]),
        sum([weigh[number] for number in words if df[number] and clauses[number].place]),
    )
