"""Little or nothing found: what would bring more, with its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from search import Clause, Facet, Parsed

from .collection import Collection
from .filters import Chip
from .links import Link
from .state import SearchState
from .wording import say

FEW = 2
"""Up to so many results are few."""

MOST_WORDS = 5
"""Of so many words each is tried without; a search more takes about a millisecond."""

Way = tuple[str, SearchState]
"""What a click is called, and the search that it leads to."""


def advice(
    state: SearchState, parsed: Parsed, chips: tuple[Chip, ...], total: int, collection: Collection
) -> tuple[Link, ...]:
    """Return a link for every way to relax the search that finds more than `total`, those that give up least first."""

    def finding_more(ways: Iterable[Way]) -> tuple[Link, ...]:
        by_url: dict[str, Way] = {}
        for name, other in ways:
            by_url.setdefault(other.url(), (name, other))
        counted = collection.counts(other.query for _, other in by_url.values())
        found = [Link(name, url, count=n.total) for (url, (name, _)), n in zip(by_url.items(), counted, strict=True)]
        return tuple(link for link in found if link.count > total)

    fewer = finding_more(_without_a_filter(state, chips)) or finding_more(_with_one_filter(state, chips))
    seen = {link.url for link in fewer}
    return fewer + tuple(way for way in finding_more(_other_ways(state, parsed, chips)) if way.url not in seen)


def _chosen(state: SearchState, chips: tuple[Chip, ...]) -> Iterator[tuple[Facet, list[str]]]:
    """Yield the facets that the search is filtered by, and the values of each."""
    for facet in state.facets:
        if crowd := [chip.label for chip in chips if chip.facet == facet.key]:
            yield facet, crowd


def _without_a_filter(state: SearchState, chips: tuple[Chip, ...]) -> Iterator[Way]:
    """Yield the search without one facet or day; one of several values less would bring nothing: any will do."""
    for facet, crowd in _chosen(state, chips):
        name = say("without", part=crowd[0]) if len(crowd) == 1 else say("any-facet", facet=facet.label)
        yield name, state.without_facet(facet.key)
    for chip in chips:
        if not chip.facet:
            yield say("without", part=chip.label), chip.without


def _with_one_filter(state: SearchState, chips: tuple[Chip, ...]) -> Iterator[Way]:
    """Yield the search with one facet alone: where any two of the filters leave nothing."""
    for facet, crowd in _chosen(state, chips):
        name = say("only-filter", part=crowd[0]) if len(crowd) == 1 else say("only-facet", facet=facet.label)
        yield name, state.with_facet_alone(facet.key)


def _other_ways(state: SearchState, parsed: Parsed, chips: tuple[Chip, ...]) -> Iterator[Way]:
    """Yield the search with less of its text, or without one of both; the least loss first."""
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
