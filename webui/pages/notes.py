"""The lines around the results: what was left out, corrected or searched as well, and which filters the words name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search import Results

from .links import Link, compare_url
from .neighbours import question_of
from .state import SearchState
from .wording import say

LACKING = ("missing-words", "no-such-place", "not-of-place")
"""Codes of the notes that tell what no article has, or none of a place: the results are of something else then."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: words, and where one click leads from there; whether the sentence over the results says it too, and
    whether it tells that something asked for is nowhere.
    """

    text: str
    links: tuple[Link, ...] = ()
    is_said: bool = False
    is_lack: bool = False


def lines(state: SearchState, results: Results, notices: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the lines above, what went wrong first; `notices` are about the address, before anything was searched."""
    return (
        *(Line(notice) for notice in notices),
        *_apart(state),
        *_understood(state, results),
        *_offers(state, results),
    )


def is_corrected(results: Results) -> bool:
    """Tell whether another text than the typed one was searched for."""
    return any(note.code == "corrected" for note in results.parsed.notes)


def nowhere(results: Results) -> str:
    """Return the sentence on words that no article holds, if no result holds all that was asked; else empty."""
    if not results.hits or not all(hit.lacks for hit in results.hits):
        return ""
    return next((note.message for note in results.parsed.notes if note.code == "missing-words"), "")


def _apart(state: SearchState) -> Iterator[Line]:
    if not state.query.collapse:
        yield Line(say("listed-apart"), (Link(say("collapse"), state.with_collapse(True).url()),))


def _understood(state: SearchState, results: Results) -> Iterator[Line]:
    """Yield what was noted about the query, but for what is said elsewhere."""
    for note in results.parsed.notes:
        is_lack = note.code in LACKING
        if note.code == "corrected":
            typed = re.sub(r"[\W_]+", " ", state.query.text).strip()
            yield Line(note.message, (Link(say("as-typed"), state.with_text(f'"{typed}"').url()),))
        elif note.code == "not-of-place" and (place := note.place):
            everything = state.with_text("").with_facet(place.facet, place.value)
            yield Line(note.message, (Link(say("of-place", place=place.label), everything.url()),), is_lack=is_lack)
        elif note.code == "several-places" and len(note.places) == 2:
            continue  # both are offered, with their numbers
        elif note.code in ("sounds-alike", "initials-alike"):
            yield Line(note.message, (Link(note.text, state.with_text(note.text).url()),))
        elif note.code != "did-you-mean":
            yield Line(note.message, is_said=note.message == nowhere(results), is_lack=is_lack)
    if results.suggestion and not is_corrected(results):
        yield Line(say("did-you-mean"), (Link(results.suggestion, state.with_text(results.suggestion).url()),))


def _side_by_side(state: SearchState, results: Results) -> tuple[Link, ...]:
    """Return the page that puts the two places of a query side by side, with the rest of what was asked."""
    named = next((note.places for note in results.parsed.notes if note.code == "several-places"), ())
    if len(named) != 2:
        return ()
    first, second = (place.value for place in named)
    return (Link(say("side-by-side"), compare_url(first, second, text=question_of(state.query.text))),)


def _offers(state: SearchState, results: Results) -> Iterator[Line]:
    """Yield what the words name, as filters: offered, never forced."""
    counts = {(key, count.value): count.count for key, found in results.facets.items() for count in found}
    parsed = results.parsed
    named = dict.fromkeys((each.facet, each.value) for each in (*parsed.places, *parsed.named))
    links = tuple(
        Link(state.facets.label(key, value), state.with_facet(key, value).url(), count=counts[key, value])
        for key, value in named
        if counts.get((key, value)) and value not in state.query.filters.get(key, ())
    )
    if results.total and not (state.query.date_from or state.query.date_to):
        links += tuple(Link(say("of-year", year=year), state.with_year(year).url()) for year in parsed.years)
    links += tuple(
        Link(say("document-number", number=number), state.with_text(f'"{number}"').url())
        for number in parsed.document_numbers
    )
    links += _side_by_side(state, results)
    if links:
        yield Line(say("only"), links)


SYNONYMS_SHOWN = 4


def also_searched(state: SearchState, results: Results) -> Line | None:
    """Return some of the synonyms that were searched as well, none that was typed, and the search with the words
    quoted, which leaves them out.
    """
    words: list[str] = []
    parsed = results.parsed
    text = parsed.text
    for clause in sorted(parsed.clauses, key=lambda c: -c.start):
        others = [form.text for form in clause.forms if form.weight < 1]
        if clause.kind == "word" and others:
            words = [other for other in others if other not in parsed.text] + words
            text = f'{text[: clause.start]} "{text[clause.start : clause.end]}" {text[clause.end :]}'
    if not words or not results.total:
        return None
    quoted = Link(say("not-these"), state.with_text(" ".join(text.split())).url())
    return Line(say("also-searched", words="、".join(list(dict.fromkeys(words))[:SYNONYMS_SHOWN])), (quoted,))
