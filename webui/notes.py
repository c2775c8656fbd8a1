"""The lines under the count: what was left out, corrected or searched as well, and which filters the words name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search import Clause, Parsed, Results, UserError, label, resolve

from .links import Link
from .state import SearchState

_TOGETHER = 4
"""Words that a name of an insurance type is at most cut into (城乡 居民 医疗 保险)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: words, and where one click leads from there."""

    text: str
    links: tuple[Link, ...] = ()


def lines(state: SearchState, results: Results, notices: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the lines, what went wrong first; `notices` are about the address, before anything was searched."""
    found = [*(Line(notice) for notice in notices), *_understood(state, results), *_offers(state, results)]
    return (*found, *_also_searched(state, results.parsed))


def is_corrected(results: Results) -> bool:
    """Tell whether another text than the typed one was searched for."""
    return any(note.code == "corrected" for note in results.parsed.notes)


def _understood(state: SearchState, results: Results) -> Iterator[Line]:
    """Yield what was noted about the query, but for what is said elsewhere or says nothing about no results."""
    silent = {"did-you-mean"} if results.total else {"did-you-mean", "optional-words"}
    for note in results.parsed.notes:
        if note.code == "corrected":
            typed = re.sub(r"[\W_]+", " ", state.query.text).strip()
            yield Line(note.message, (Link("只搜原来的字", state.with_text(f'"{typed}"').url()),))
        elif note.code not in silent:
            yield Line(note.message)
    if results.suggestion and not is_corrected(results):
        yield Line("您是不是要找：", (Link(results.suggestion, state.with_text(results.suggestion).url()),))


def _offers(state: SearchState, results: Results) -> Iterator[Line]:
    """Yield the places and insurance types that the words name, as filters: offered with a count, never forced."""
    counts = {(key, count.value): count.count for key, found in results.facets.items() for count in found}
    named = dict.fromkeys([*((p.facet, p.value) for p in results.parsed.places), *_insurance(results.parsed)])
    links = tuple(
        Link(label(key, value), state.with_facet(key, value).url(), count=counts[key, value])
        for key, value in named
        if counts.get((key, value)) and value not in state.query.filters.get(key, ())
    )
    if links:
        yield Line("只看：", links)


def _insurance(parsed: Parsed) -> Iterator[tuple[str, str]]:
    """Yield the insurance types that words name which stand together, the longest names first."""
    words = [clause for clause in parsed.clauses if clause.kind in ("word", "phrase")]
    at = 0
    while at < len(words):
        runs = (words[at : at + size] for size in range(_TOGETHER, 0, -1))
        run, value = next(((run, value) for run in runs if (value := _type(parsed, run))), (words[:1], ""))
        if value:
            yield "insurance", value
        at += len(run)


def _type(parsed: Parsed, run: list[Clause]) -> str:
    try:
        return resolve("insurance", parsed.text[run[0].start : run[-1].end])
    except UserError:
        return ""


def _also_searched(state: SearchState, parsed: Parsed) -> Iterator[Line]:
    """Yield the synonyms that were searched as well, and the address with the words quoted, which leaves them out."""
    words: list[str] = []
    text = parsed.text
    for clause in sorted(parsed.clauses, key=lambda c: -c.start):
        others = [form.text for form in clause.forms if form.weight < 1]
        if clause.kind == "word" and others:
            words = others + words
            text = f'{text[: clause.start]} "{text[clause.start : clause.end]}" {text[clause.end :]}'
    if words:
        quoted = Link("只搜原词", state.with_text(" ".join(text.split())).url())
        yield Line(f"也搜索了：{'、'.join(dict.fromkeys(words))}", (quoted,))
