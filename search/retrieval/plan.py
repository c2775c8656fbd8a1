"""What matches well enough: from the clauses of a query and how often they occur, to what is required of an article.

All words, where enough articles carry them all and hold the place; otherwise those of around the place too; otherwise
those that carry enough of the query's idf weight (minimum should match, in weight instead of numbers).
`ranking.MATCH_STEPS` says how much is enough, and for how many.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from ..model import Clause, Parsed
from ..text import is_part_of_number
from . import ranking
from .bm25 import idf
from .places import ANYWHERE, Within, any_of, places_asked_for

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

    `words` come heaviest first; an article that is within the places of the query has `places` beside them. Without
    `required` one of the words is required in any case: what else is said of a place is no answer.
    """

    required: tuple[int, ...]
    words: tuple[Weighed, ...]
    places: float = 0.0
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a query asks of an article, clauses by their index.

    It must carry all of `required`, of the words of `share` (if there is one) those that weigh `least` together, and
    none of `excluded`. Without a share it must also be `within`, if there is that. With `browse` everything matches
    that is not excluded, with `nothing` no article does. `scored` are the clauses a score is made of, `optional` those
    that a match need not carry (that of a place counts as carried by what holds any of the places), `missing` the words
    that occur nowhere, those of places that no article is about. The articles `pinned` (ids) match besides, whatever
    they carry.
    """

    required: tuple[int, ...] = ()
    share: Share | None = None
    least: float = 0.0
    within: Within | None = None
    excluded: tuple[int, ...] = ()
    scored: tuple[Weighed, ...] = ()
    optional: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    browse: bool = False
    nothing: bool = False
    pinned: tuple[str, ...] = ()


class Statistics(Protocol):
    """How often the clauses of a query occur in a collection; what `make_plan` asks of an engine."""

    documents: int
    """How many articles there are."""

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause, in any of its forms."""
        ...

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        """Return how many articles carry all of these clauses, and are within, if there is that."""
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
    places = places_asked_for(parsed)
    matter = [number for number in words if not (places and parsed.clauses[number].place)]
    named = [number for number in words if number not in matter]
    held = [statistics.count((), place.holding) for place in places]
    asked = _Asked(parsed.clauses, phrases, matter, df, weigh, any_of(places) if places else None, held)
    enough = _enough(asked, statistics)
    unheld = [number for place, count in zip(places, held, strict=True) if not count for number in place.clauses]
    return Plan(
        required=tuple(phrases if enough.share else (*phrases, *matter)),
        share=enough.share,
        least=enough.least,
        within=enough.within,
        excluded=excluded,
        scored=tuple([Weighed(number, weigh[number]) for number in (*phrases, *words, *bonus)]),
        optional=tuple(sorted([*bonus, *enough.lacking, *(named if enough.leaves_places else ())])),
        missing=tuple(sorted([*[number for number in matter if not df[number]], *unheld])),
        pinned=parsed.pinned,
    )


def _weight(clause: Clause, documents: int, df: int) -> float:
    """Return how much a clause tells. The word of a place tells less than its rarity: the place itself is weighed.

    A part of a document number tells more than the words that it is made of.
    """
    if clause.forms and is_part_of_number(clause.forms[0].text):
        return idf(documents, df) * ranking.NUMBER_PART_GAIN
    return idf(documents, df) * (ranking.PLACE_WORD_SHARE if clause.place else 1.0)


class _Asked(NamedTuple):
    """What is known of a query: its clauses, which are phrases and which other words than those of its places; how
    many articles carry each and how much it tells; its places, and how many articles hold each.
    """

    clauses: Sequence[Clause]
    phrases: Sequence[int]
    matter: Sequence[int]
    df: dict[int, int]
    weigh: dict[int, float]
    places: Within | None
    held: Sequence[int]


class _Enough(NamedTuple):
    """What is enough of the words (a share and its sum; None: all of them), within what, which words can be lacking,
    and whether the places can be.
    """

    within: Within | None
    leaves_places: bool = False
    share: Share | None = None
    least: float = 0.0
    lacking: Sequence[int] = ()


def _enough(asked: _Asked, statistics: Statistics) -> _Enough:
    """Decide how much of a query is enough. Less and less is asked for, but never so little that it says nothing."""
    clauses, phrases, matter, df, weigh, places, held = asked
    holding = places.holding if places else None
    required = [*phrases, *matter]
    if not required:
        return _Enough(holding)
    found = statistics.count(required, holding)
    terms = len(matter) + bool(places)
    most = ranking.MATCH_ENOUGH_OF_TWO if terms == 2 else sys.maxsize
    steps = [(share, min(enough, most)) for share, enough in ranking.MATCH_STEPS]
    if not steps or found >= steps[0][1]:
        return _Enough(holding)
    too_many = ranking.MATCH_AT_MOST * statistics.documents
    allowed, around = holding, holding
    for wider in (places, replace(places, around=ANYWHERE)) if places else ():
        if found >= steps[0][1]:
            break
        more = statistics.count(required, wider)
        if found and more > max(too_many, ranking.MATCH_AROUND):
            break
        found, allowed, around = more, wider, places
    whole = _Enough(allowed, leaves_places=allowed is not holding)
    telling = [number for number in matter if len(clauses[number].text) > 1]
    # Single characters are in many texts by chance; where all else is unknown they tell nothing.
    unknown = telling and not phrases and not any(df[number] for number in telling)
    if terms < 2 or not matter or unknown or found >= steps[0][1]:
        return whole
    weights = {number: weigh[number] if df[number] else 0.0 for number in matter}
    place = sum(ranking.PLACE_WORD_SHARE * idf(statistics.documents, count) for count in held if count)
    heaviest = sorted(weights.items(), key=lambda one: -one[1])
    # Of a question about two places (insured here, ill there) a share is no answer that knows of neither.
    near = around if len(held) == 1 else holding
    share = Share(tuple(phrases), tuple([Weighed(*one) for one in heaviest]), place, near)
    total, least = sum(weights.values()) + place, 0.0
    if total > place:
        sums = [(part - _ROUNDING) * total for part, _ in steps]
        with closing(statistics.reach(share, sums)) as reached:
            for (_, enough), wanted in zip(steps, sums, strict=True):
                if found >= enough:
                    break
                more = next(reached)
                if found and more > too_many:
                    break
                if more > found:
                    found, least = more, wanted
    if not least:
        return whole
    lacking = [number for number in matter if found and (total - weights[number] >= least or not df[number])]
    return _Enough(around, bool(places), share, least, lacking)
