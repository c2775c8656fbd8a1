"""From a `Query` to the whole answer: the one path that page, JSON endpoint and command line share."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from ..errors import PageOutOfRange
from ..facets import FACETS, Facet, Facets
from ..indexing.builds import Build
from ..messages import message, note
from ..model import Announcement, Answer, Article, FacetCount, Hit, Matches, Named, Note, Parsed, Query, Results, Span
from ..query.grammar import MAX_CHARACTERS, parse
from ..query.highlight import snippets, spans, title_spans
from ..query.last_resort import is_cut, last_resort
from ..retrieval import holding
from ..retrieval.answers import asked, best_answer
from ..retrieval.places import alternatives
from ..retrieval.ranking import WORDS_AT_MOST
from ..suggest import FEW, Completion, complete, did_you_mean, reduced
from ..text import PLAIN, Language, fold
from .lacking import can_be_lacking, lacks

MOST_ALIKE = 4
"""So many places that sound like the one that is answered are offered; no syllables are those of more."""
OWN_WORDS = 3
"""Words of an operator that are offered while one is typed."""
_INITIALS = re.compile(r"(?<![0-9a-z])[a-z]{2,4}(?![0-9a-z])")
HITS_ASKED = 10
"""Among so many of the first hits those are looked for that may answer a question."""
SIMILAR = 10
"""Near-duplicates that a hit shows; it tells how many there are."""


def parse_text(text: str, facets: Facets = FACETS, language: Language = PLAIN) -> Parsed:
    """Return `text` understood, with the facet values that it names. Raises UserError if it is too long."""
    return parse(text, facets.find_places, facets.find_values, language)


def parse_for(build: Build, text: str) -> Parsed:
    """Return `text` as a build understands it: by its facets, and the words, synonyms and pins of its settings."""
    settings = build.settings.query
    pinned = tuple(article_id for article_id in settings.pinned(text) if build.get(article_id))
    return replace(parse_text(text, build.facets, settings.language), pinned=pinned)


def answer(build: Build, query: Query) -> Results:
    """Return the results of `query`. Raises UserError for a text that is too long, PageOutOfRange past the end."""
    started = time.perf_counter()
    parsed, matches, suggestion = understand(build, query)
    if query.page > 1 and not matches.page:
        last = max(1, math.ceil(matches.total / query.size))
        raise PageOutOfRange("page", message("past-the-end", last=last), f"page is past the end: there are {last}")
    alike = [match.similar[:SIMILAR] for match in matches.page]
    wanted = dict.fromkeys(chain([match.id for match in matches.page], *alike))
    articles = dict(zip(wanted, build.get_many(wanted), strict=True))
    words = can_be_lacking(parsed, _typed(build, parsed), matches)
    hits = tuple(
        Hit(
            article := articles[match.id],
            match.score,
            title_spans(parsed, article),
            snippets(parsed, article),
            match.why,
            tuple([articles[article_id] for article_id in similar]),
            len(match.similar),
            lacks(article, words, parsed.places),
            query.sort == "relevance" and match.id in parsed.pinned,
        )
        for match, similar in zip(matches.page, alike, strict=True)
    )
    return Results(
        query=query,
        parsed=replace(parsed, notes=(*parsed.notes, *_notes(build, query, parsed, matches))),
        total=matches.total,
        hits=hits,
        facets={facet.key: facet_counts(facet, matches.counts, query) for facet in build.facets},
        took_ms=(time.perf_counter() - started) * 1000,
        suggestion=suggestion,
        unmet=_unmet(build, query, parsed, matches),
        banners=tuple(Announcement(b.text, b.link) for b in build.settings.query.banners_for(query.text)),
        answer=on_top(build, query, parsed, hits),
    )


def on_top(build: Build, query: Query, parsed: Parsed, hits: Sequence[Hit]) -> Answer | None:
    """Return what answers the question, of one of the first hits; None where nothing surely does.

    Only the first page of results by relevance has one.
    """
    if query.page > 1 or query.sort != "relevance" or is_cut(parsed):
        return None
    chosen = [(facet.key, value) for facet in build.facets.places for value in query.filters.get(facet.key, ())]
    question = asked(parsed, chosen)
    if question is None:
        return None
    return best_answer(question, [hit.article for hit in hits[:HITS_ASKED]], build.facets)


def understand(build: Build, query: Query) -> tuple[Parsed, Matches, str | None]:
    """Return the query as it is answered, its matches, and the corrected text if there is one."""
    parsed = parse_for(build, query.text)
    parsed, matches, suggestion = settle(build, query, parsed, build.match(parsed, query), build.match)
    offered = (*_sounding_alike(build, query, parsed), *_spelled_alike(build, query, parsed))
    return replace(parsed, notes=(*parsed.notes, *offered)), matches, suggestion


def _sounding_alike(build: Build, query: Query, parsed: Parsed) -> Iterator[Note]:
    """Yield the queries with another place that sounds like the one that was put in place of letters: fuzhou."""
    if parsed.text == query.text or build.suggestions is None:
        return
    for place in parsed.places:
        name = parsed.text[place.start : place.end]
        if name in query.text or not re.search("[a-z]", fold(query.text)):
            continue
        for other in build.suggestions.places_alike(fold(name))[:MOST_ALIKE]:
            text = parsed.text[: place.start] + other + parsed.text[place.end :]
            if total := build.match(parse_for(build, text), query).total:
                yield replace(note("sounds-alike", text=text.strip(), total=total), text=text.strip())


def _spelled_alike(build: Build, query: Query, parsed: Parsed) -> Iterator[Note]:
    """Yield the queries with a place of the same first letters as what was put in place of them: sz, 省直 and 深圳."""
    if parsed.text == query.text or build.suggestions is None:
        return
    folded = fold(query.text)
    for run in _INITIALS.finditer(folded):
        if run.group() in fold(parsed.text):
            continue
        places = [place for place in build.suggestions.places_with_initials(run.group()) if place not in parsed.text]
        for place in places[:MOST_ALIKE]:
            text = (query.text[: run.start()] + place + query.text[run.end() :]).strip()
            if total := build.match(parse_for(build, text), query).total:
                yield replace(note("initials-alike", text=text, total=total), text=text)


def settle(
    build: Build, query: Query, parsed: Parsed, matches: Matches, match: Callable[[Parsed, Query], Matches]
) -> tuple[Parsed, Matches, str | None]:
    """Return how a query that was `parsed` and has these `matches` is answered; `match` finds those of another text.

    What finds nothing even when corrected is read another way (`query.last_resort`), which a note says. That depends on
    the text alone: where filters leave nothing of what it finds, it stays as it is.
    """

    anywhere = partial(_unfiltered, build, query)
    if not matches.total and _narrows(query) and anywhere(parsed).total:
        return parsed, matches, None
    typed = parsed
    parsed, matches, suggestion = _corrected(build, query, parsed, matches, match)
    if not matches.total and (parsed is typed or not _narrows(query) or not anywhere(parsed).total):
        reading = last_resort(parsed, matches.missing, partial(parse_for, build), anywhere)
        if reading:
            return reading, match(reading, query), suggestion
    return parsed, matches, suggestion


def _unfiltered(build: Build, query: Query, parsed: Parsed) -> Matches:
    """Return what a text finds whatever else a query asks for; the page is empty."""
    return build.counts(parsed, [Query(collapse=query.collapse)])[0].matches


def _narrows(query: Query) -> bool:
    """Tell whether a query asks for more than its text."""
    return bool(query.filters or query.date_from or query.date_to)


def _corrected(
    build: Build, query: Query, parsed: Parsed, matches: Matches, match: Callable[[Parsed, Query], Matches]
) -> tuple[Parsed, Matches, str | None]:
    """Return how a query is answered as far as corrections go.

    A text that finds nothing, or has a word that no article holds, is answered as what it was probably meant to say;
    one that finds little is answered as typed, and what it may have been meant to say is offered if that finds more. So
    is what may well be right as typed, even if it finds nothing.
    Both are said in a note.
    """
    correction = did_you_mean(build, build.suggestions, parsed, matches)
    if correction is None or _is_declared(build, parsed, correction.replaced):
        return parsed, matches, None
    better = parse_for(build, correction.text)
    found = match(better, query)
    if matches.total and correction.certain and found.total:
        wrong = "”“".join(correction.replaced)
    elif (
        not matches.total
        and not correction.doubtful
        and (found.total or (_narrows(query) and _unfiltered(build, query, better).total))
    ):
        # So there are results, but for the filters.
        wrong = query.text.strip()
    elif matches.total < FEW and found.total > matches.total:
        offered = note("did-you-mean", text=correction.text.strip(), total=found.total)
        return replace(parsed, notes=(*parsed.notes, offered)), matches, correction.text
    else:
        return parsed, matches, None
    corrected = note("corrected", wrong=wrong, text=correction.text.strip())
    return replace(better, notes=(*better.notes, corrected)), found, correction.text


def _is_declared(build: Build, parsed: Parsed, replaced: tuple[str, ...]) -> bool:
    """Tell whether an operator says that a text is right: by pins for it, or by words of which a part is replaced."""
    language = build.settings.query.language
    own = [clause.forms[0].text for clause in parsed.clauses if language.knows(clause.forms[0].text)]
    return bool(parsed.pinned) or any(word in part or part in word for word in own for part in map(fold, replaced))


def completions(build: Build, text: str, limit: int = 8, *, results: bool = True) -> tuple[Completion, ...]:
    """Return how `text` may go on, best first; none for an index that holds no suggestions.

    More than one word is offered where an article holds them all. Words that an operator declares come first. Where
    nothing begins so, titles that hold the text anywhere, whole questions; else the titles of what the text finds,
    corrected as it would be: those are left out without `results`, for a page that shows these below.
    """
    suggestions = build.suggestions
    if suggestions is None or len(text) > MAX_CHARACTERS:
        return ()
    own = tuple(
        Completion(word, "word", count)
        for word in build.settings.query.language.beginning_with(fold(text).strip())[:OWN_WORDS]
        if (count := _holding(build, word))
    )
    found = own + _unnamed(complete(suggestions, text, limit, partial(_holding, build)), own)
    if not found and text.strip():
        titles = _titles(build, build.match(parse_for(build, text), Query(text, size=limit)))
        holding_it = tuple(title for title in titles if reduced(fold(text)) in reduced(fold(title.text)))
        found = holding_it or (_titles(build, understand(build, Query(text, size=limit))[1]) if results else ())
    return found[:limit]


def _unnamed(offered: Iterable[Completion], found: Iterable[Completion]) -> tuple[Completion, ...]:
    """Return what is offered and not found yet."""
    named = {one.text for one in found}
    return tuple(one for one in offered if one.text not in named)


def _titles(build: Build, matches: Matches) -> tuple[Completion, ...]:
    """Return the titles of the matches on a page, each once, with how many of these have it."""
    titles = Counter(article.title for article in build.get_many([match.id for match in matches.page]))
    return tuple(Completion(title, "title", count) for title, count in titles.items())


def _holding(build: Build, text: str) -> int:
    """Return how many articles hold all words of `text`, as they are, and one of its places."""
    parsed = parse_for(build, text)
    words = (clause for clause in parsed.clauses if clause.kind == "word")
    asked = (word if word.place else replace(word, kind="phrase", forms=word.forms[:1]) for word in words)
    return holding(build, replace(parsed, clauses=tuple(asked)))


def article_highlights(parsed: Parsed, article: Article) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the spans to mark in an article's title and in its text."""
    return title_spans(parsed, article), spans(parsed, article.text)


def facet_counts(facet: Facet, counts: Mapping[str, Mapping[str, int]], query: Query) -> tuple[FacetCount, ...]:
    """Return a facet's values with their `counts` (facet key → value → count).

    Chosen ones come first, then those in the facet's own order, then by count; last what is said of articles of which
    nothing else is.
    """
    chosen = query.filters.get(facet.key, ())
    own: Mapping[str, int] = counts.get(facet.key, {})
    values = (FacetCount(value, facet.label_of(value), own.get(value, 0), value in chosen) for value in {*own, *chosen})
    place = {value: place for place, value in enumerate(facet.order)}

    def rank(found: FacetCount) -> tuple[bool, bool, int, int, str]:
        last = found.value == facet.default
        return not found.selected, last, place.get(found.value, len(place)), -found.count, found.label

    return tuple(sorted(values, key=rank))


def _notes(build: Build, query: Query, parsed: Parsed, matches: Matches) -> tuple[Note, ...]:
    """Return what a reader must know of the matches: places without an article, words that none has.

    What they say is true of these matches: it is counted in them.
    """
    of_places = tuple(_place_notes(build, query, parsed, matches))
    words = [index for index in matches.optional if not (of_places and parsed.clauses[index].place)]
    typed = {clause.text for clause in _typed(build, parsed).clauses}
    missing = dict.fromkeys(text for i in words if i in matches.missing and (text := parsed.clauses[i].text) in typed)
    of_words = [note("missing-words", words="”“".join(missing))] if missing else []
    too_many = sum(clause.kind == "word" for clause in parsed.clauses) > WORDS_AT_MOST
    of_length = (note("too-many-words", most=WORDS_AT_MOST),) if too_many else ()
    return (*of_length, *of_places, *of_words)


def _typed(build: Build, parsed: Parsed) -> Parsed:
    """Return the query with its words whole."""
    return parse_for(build, parsed.text) if is_cut(parsed) else parsed


def _unmet(build: Build, query: Query, parsed: Parsed, matches: Matches) -> tuple[str, ...]:
    """Return the words that not every result holds, and those that something else was searched for instead."""
    lacking = [
        clause.forms[0].text
        for index, clause in enumerate(parsed.clauses)
        if clause.kind in ("word", "phrase") and (not matches.total or index in matches.optional)
    ]
    if parsed.text != query.text or is_cut(parsed):
        kept = {clause.forms[0].text for clause in parsed.clauses}
        typed = parse_for(build, query.text).clauses
        lacking += [c.forms[0].text for c in typed if c.kind in ("word", "phrase") and c.forms[0].text not in kept]
    return tuple(dict.fromkeys(lacking))


def _place_notes(build: Build, query: Query, parsed: Parsed, matches: Matches) -> Iterator[Note]:
    """Yield where a county belongs, which places have no article, or none on the matter, and which can be compared."""
    yield from (note("county", place, county=place.county) for place in parsed.places if place.county)
    if query.filters.keys() & {facet.key for facet in build.facets.places}:
        return
    places = alternatives(parsed.places)
    found = {place: _about(place, matches) for place in places}
    for place in places:
        if not found[place]:
            yield from _nothing_of(build, query, parsed, place)
    if matches.total and len(places) > 1 and all(found.values()):
        named = "、".join(f"{place.label} {found[place]}" for place in places)
        yield replace(note("several-places", named=named), places=places)


def _about(place: Named, matches: Matches) -> int:
    """Return how many of the matches are about a place."""
    return matches.counts.get(place.facet, {}).get(place.value, 0)


def _nothing_of(build: Build, query: Query, parsed: Parsed, place: Named) -> Iterator[Note]:
    """Yield what is said of a place that no match is about: nothing, if it is but for the other filters."""
    whole = Query(query.text, collapse=query.collapse, size=1)
    if (query.filters or query.date_from or query.date_to) and _about(place, build.match(parsed, whole)):
        return
    articles = build.holding(place.facet, place.value)
    if not articles:
        yield note("no-such-place", place)
    elif any(clause.kind != "question" and not clause.place for clause in parsed.clauses):
        yield note("not-of-place", place, total=articles)
