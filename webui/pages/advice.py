"""Little or nothing found: what would bring more, with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from search import Clause, Parsed

from .collection import Collection
from .filters import Chip
from .links import Link
from .state import SearchState
from .wording import say

FEW = 2
"""Up to so many results are few."""

MOST_WORDS = 5
"""Of so many words each is tried without; a search more takes about a millisecond."""


def advice(
    state: SearchState, parsed: Parsed, chips: tuple[Chip, ...], total: int, collection: Collection
) -> tuple[Link, ...]:
    """Return a link for every way to relax the search that finds more than `total`, those that give up least first."""
    ways: dict[str, tuple[str, SearchState]] = {}
    for name, other in _ways(state, parsed, chips):
        ways.setdefault(other.url(), (name, other))
    counted = collection.counts(other.query for _, other in ways.values())
    found = [Link(name, url, count=n.total) for (url, (name, _)), n in zip(ways.items(), counted, strict=True)]
    return tuple(link for link in found if link.count > total)


def _ways(state: SearchState, parsed: Parsed, chips: tuple[Chip, ...]) -> Iterator[tuple[str, SearchState]]:
    """Yield each way, the least loss first; of two with the same address the first one counts."""
    for facet in state.facets:  # one of several values less brings nothing: any of them would do
        crowd = [chip.label for chip in chips if chip.facet == facet.key]
        if len(crowd) > 1:
            yield say("any-facet", facet=facet.label), state.without_facet(facet.key)
        elif crowd:
            yield say("without", part=crowd[0]), state.without_facet(facet.key)
    for chip in chips:
        if not chip.facet:
            yield say("without", part=chip.label), chip.without
    # Words that are looked for in pieces are not what was typed.
    clauses = () if any(note.code in ("by-pairs", "by-characters") for note in parsed.notes) else parsed.clauses
    kinds = {clause.kind for clause in clauses}
    if "phrase" in kinds:
        yield say("without-quotes"), state.with_text(_written(parsed, phrase="{}"))
    if "excluded" in kinds:
        yield say("exclude-nothing"), state.with_text(_written(parsed, excluded=""))
    words = [clause for clause in clauses if clause.kind in ("word", "phrase")]
    for clause in words[:MOST_WORDS] if len(words) > 1 else ():
        rest = replace(parsed, clauses=tuple(other for other in parsed.clauses if other is not clause))
        yield say("without", part=clause.text), state.with_text(_written(rest))
    if chips and parsed.clauses:
        yield say("any-text"), state.with_text("")
    if len(chips) > 1:
        yield say("without-filters"), state.without_filters()
    if not chips:
        for place in parsed.places:
            yield say("all-of-place", place=place.label), state.with_text("").with_facet(place.facet, place.value)


def _says_again(clause: Clause, parsed: Parsed) -> bool:
    """Tell whether a clause is about characters of which others are, as that of a part of a document number."""
    return any(
        other is not clause and clause.start <= other.start and other.end <= clause.end for other in parsed.clauses
    )


def _written(parsed: Parsed, phrase: str = '"{}"', excluded: str = "-{}") -> str:
    """Return the query written anew from its parts."""
    forms = {"phrase": phrase, "excluded": excluded}
    parts = (
        forms.get(clause.kind, "{}").format(f'"{clause.text}"' if clause.quoted else clause.text)
        for clause in parsed.clauses
        if not _says_again(clause, parsed)
    )
    return " ".join(part for part in parts if part)
