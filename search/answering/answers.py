"""From a `Query` to the whole answer: the one path that page, JSON endpoint and command line share."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from ..engines.contract import Engine
from ..errors import PageOutOfRange
from ..facets import FACETS, find_insurance, label
from ..gazetteer import find_places
from ..model import Article, FacetCount, Hit, Matches, Note, Parsed, Query, Results, Span
from ..query.grammar import parse
from ..query.highlight import snippets, spans
from ..suggest import FEW, Completion, complete, did_you_mean, suggestions_of

SIMILAR = 10
"""Near-duplicates that a hit shows; it tells how many there are."""


def parse_text(text: str) -> Parsed:
    """Return `text` understood, places included. Raises UserError if it is too long."""
    return parse(text, find_places, find_insurance)


def answer(engine: Engine, query: Query) -> Results:
    """Return the results of `query`. Raises UserError for a text that is too long, PageOutOfRange past the end."""
    started = time.perf_counter()
    parsed, matches, suggestion = understand(engine, query)
    if query.page > 1 and not matches.page:
        last = max(1, math.ceil(matches.total / query.size))
        raise PageOutOfRange("page", f"只有 {last} 页。", f"page is past the end: there are {last}")
    articles = engine.get_many([match.id for match in matches.page])
    return Results(
        query=query,
        parsed=replace(parsed, notes=(*parsed.notes, *_notes(engine, query, parsed, matches))),
        total=matches.total,
        hits=tuple(
            Hit(
                article,
                match.score,
                spans(parsed, article.title),
                snippets(parsed, article),
                match.why,
                tuple(engine.get_many(match.similar[:SIMILAR])),
                len(match.similar),
            )
            for article, match in zip(articles, matches.page, strict=True)
        ),
        facets={facet.key: _facet_counts(facet.key, matches, query) for facet in FACETS},
        took_ms=(time.perf_counter() - started) * 1000,
        suggestion=suggestion,
    )


def understand(engine: Engine, query: Query) -> tuple[Parsed, Matches, str | None]:
    """Return the query as it is answered, its matches, and the corrected text if there is one.

    A text that finds nothing, or has a word that no article holds, is answered as what it was probably meant to say;
    one that finds little is answered as typed, and what it may have been meant to say is offered if that finds more.
    Both are said in a note.
    """
    parsed = parse_text(query.text)
    matches = engine.match(parsed, query)
    correction = did_you_mean(engine, parsed, matches)
    if correction is None:
        return parsed, matches, None
    better = parse_text(correction.text)
    found = engine.match(better, query)
    if matches.total and correction.certain and found.total:
        wrong = "”“".join(correction.replaced)
    elif not matches.total and (found.total or any(any(counts.values()) for counts in found.counts.values())):
        # Counts leave out a facet's own filter: so there are results, but for the filters.
        wrong = query.text.strip()
    elif matches.total < FEW and found.total > matches.total:
        note = Note("did-you-mean", f"“{correction.text.strip()}”有 {found.total} 条结果。")
        return replace(parsed, notes=(*parsed.notes, note)), matches, correction.text
    else:
        return parsed, matches, None
    note = Note("corrected", f"没有找到“{wrong}”，以下是“{correction.text.strip()}”的结果。")
    return replace(better, notes=(*better.notes, note)), found, correction.text


def completions(engine: Engine, text: str, limit: int = 8) -> tuple[Completion, ...]:
    """Return how `text` may go on, best first; none for an index that holds no suggestions.

    More than one word is offered where an article holds them all.
    """
    suggestions = suggestions_of(engine)
    return complete(suggestions, text, limit, partial(_holding, engine)) if suggestions else ()


def _holding(engine: Engine, text: str) -> int:
    """Return how many articles hold all words of `text`, as they are."""
    words = (clause for clause in parse(text).clauses if clause.kind == "word")
    phrases = tuple(replace(word, kind="phrase", forms=word.forms[:1]) for word in words)
    return engine.match(Parsed(text, phrases), Query(size=1)).total


def article_highlights(parsed: Parsed, article: Article) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the spans to mark in an article's title and in its text."""
    return spans(parsed, article.title), spans(parsed, article.text)


def _facet_counts(key: str, matches: Matches, query: Query) -> tuple[FacetCount, ...]:
    chosen = query.filters.get(key, ())
    counts: Mapping[str, int] = matches.counts.get(key, {})
    values = (
        FacetCount(value, label(key, value), counts.get(value, 0), value in chosen) for value in {*counts, *chosen}
    )
    return tuple(sorted(values, key=lambda v: (not v.selected, -v.count, v.label)))


def _notes(engine: Engine, query: Query, parsed: Parsed, matches: Matches) -> tuple[Note, ...]:
    """Return what a reader must know of the matches: places without an article, words that not all or none have."""
    of_places = tuple(_place_notes(engine, query, parsed, matches))
    words = [index for index in matches.optional if not (of_places and parsed.clauses[index].place)]
    missing = [parsed.clauses[index].text for index in words if index in matches.missing]
    # That a single character may lack is not worth a word.
    optional = [text for index in words if len(text := parsed.clauses[index].text) > 1 and text not in missing]
    of_words = [
        Note(code, f"{said}：{'、'.join(dict.fromkeys(texts))}")
        for code, said, texts in (
            ("missing-words", "没有一篇含有", missing),
            ("optional-words", "不是每条结果都含有", optional),
        )
        if texts
    ]
    return (*of_places, *of_words)


def _place_notes(engine: Engine, query: Query, parsed: Parsed, matches: Matches) -> Iterator[Note]:
    """Yield where a county belongs, and which places have no article, or none on the matter."""
    matter = [index for index, clause in enumerate(parsed.clauses) if clause.kind != "question" and not clause.place]
    rest = replace(parsed, clauses=tuple(parsed.clauses[index] for index in matter), places=())
    for place in parsed.places:
        if place.county:
            yield Note("county", f"{place.county}属于{place.label}。", place)
        found = matches.counts.get(place.facet, {}).get(place.value, 0)
        if query.filters.keys() & {"province", "city"} or (found and not set(matter) & set(matches.optional)):
            continue
        of_place = Query(filters={place.facet: (place.value,)}, size=1)
        if found and engine.match(rest, of_place).total:
            continue
        articles = engine.match(Parsed(""), of_place).total
        if not articles:
            yield Note("no-such-place", f"没有关于{place.label}的文章。", place)
        elif matter:
            yield Note("not-of-place", f"关于{place.label}的 {articles} 篇文章里，没有这方面的。", place)
