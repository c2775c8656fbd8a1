"""What the search page shows, as frozen values: labels, sentences, counts and addresses are finished here.

Templates print these and compute nothing. All text is plain; escaping is the template's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from search import FACETS, Article, Hit, Parsed, Query, Results, Snippet, Sort, label, province_of

from .filters import Chip, Options, chip_label, chips, facet_groups, flat_label
from .pieces import Pieces, pieces
from .state import SearchState

SITE = "医保检索"
KIND_LABELS = {"article": "", "teaser": "摘要"}
SORT_LABELS: dict[Sort, str] = {"relevance": "最相关", "newest": "最新", "oldest": "最早"}
Total = Callable[[Query], int]


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text; `current` marks the one that leads to where the reader is."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class SnippetView:
    """Sentences of an article, marked, and the address of the section they stand in."""

    pieces: Pieces
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One result. `facets` are its place, insurance types and topics in words."""

    url: str
    title: Pieces
    kind: str
    snippets: tuple[SnippetView, ...]
    facets: tuple[str, ...]
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Pager:
    """The way through the pages; `pages` holds None where some are left out."""

    previous: str
    next: str
    pages: tuple[Link | None, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Everything on the search page. `hidden` are the parameters that the form carries along unseen."""

    title: str
    canonical: str
    indexable: bool
    text: str
    sentence: str
    range: str
    notices: tuple[str, ...]
    suggestion: Link | None
    also: tuple[str, ...]
    also_off: str
    offers: tuple[Link, ...]
    chips: tuple[Chip, ...]
    clear: str
    groups: tuple[Options, ...]
    date_from: str
    date_to: str
    hidden: tuple[tuple[str, str], ...]
    sorts: tuple[Link, ...]
    cards: tuple[Card, ...]
    pager: Pager | None
    advice: tuple[Link, ...]
    total: int


def search_page(state: SearchState, results: Results, notices: tuple[str, ...], total_of: Total) -> SearchPage:
    """Return the page for `results`; `total_of` counts another query, for the advice when nothing was found."""
    query = state.query
    what = _what(query)
    also, also_off = _also_searched(state, results.parsed)
    active = chips(state)
    return SearchPage(
        title=f"{what} · {SITE}" if what else SITE,
        canonical=state.url(),
        indexable=not state.params(),
        text=query.text,
        sentence=_sentence(what, results.total),
        range=_range(query, results.total),
        notices=(*notices, *_notes(results)),
        suggestion=Link(results.suggestion, state.with_text(results.suggestion).url()) if results.suggestion else None,
        also=also,
        also_off=also_off,
        offers=_offers(state, results),
        chips=active,
        clear=state.without_filters().url(),
        groups=facet_groups(results),
        date_from=query.date_from.isoformat() if query.date_from else "",
        date_to=query.date_to.isoformat() if query.date_to else "",
        hidden=tuple(pair for pair in state.params() if pair[0] in ("sort", "size")),
        sorts=_sorts(state),
        cards=tuple(_card(hit, state) for hit in results.hits),
        pager=_pager(state, results.total),
        advice=_advice(state, active, total_of) if not results.total else (),
        total=results.total,
    )


def article_url(article: Article, state: SearchState, anchor: str = "") -> str:
    """Return the address of an article that remembers the search it was found by."""
    return f"/articles/{quote(article.id)}{state.querystring()}{'#' + quote(anchor) if anchor else ''}"


def facet_words(article: Article) -> tuple[str, ...]:
    """Return place, insurance types and topics of an article in words; a city speaks for its province."""
    named = {province_of(value) for facet in FACETS if facet.parent for value in article.facets.get(facet.key, ())}
    groups = (
        [flat_label(facet.key, v) for v in article.facets.get(facet.key, ()) if facet.parent or v not in named]
        for facet in FACETS
    )
    return tuple("、".join(group) for group in groups if group)


def _what(query: Query) -> str:
    """Return in words what was asked for; empty if nothing was."""
    parts = ["、".join(chip_label(f, v) for v in query.filters[f.key]) for f in FACETS if query.filters.get(f.key)]
    filters = " · ".join(part for part in (*parts, _days(query)) if part)
    text = query.text.strip()
    text = text if len(text) <= 40 else text[:40] + "…"
    if not text:
        return filters
    return f"{filters} 中关于“{text}”" if filters else f"关于“{text}”"


def _days(query: Query) -> str:
    if query.date_from and query.date_to:
        return f"{query.date_from} 至 {query.date_to}"
    if query.date_from:
        return f"{query.date_from} 以来"
    return f"截至 {query.date_to}" if query.date_to else ""


def _sentence(what: str, total: int) -> str:
    if not total:
        return f"没有找到{what}的文章" if what else "这里还没有文章"
    return f"{what}的 {total} 篇" if what else f"全部 {total} 篇"


def _notes(results: Results) -> tuple[str, ...]:
    """Return what was noted about the query; which words are optional says nothing about no results."""
    return tuple(n.message for n in results.parsed.notes if results.total or n.code != "optional-words")


def _range(query: Query, total: int) -> str:
    first, last = (query.page - 1) * query.size + 1, min(query.page * query.size, total)
    return f"第 {first}–{last} 篇" if total > query.size else ""


def _sorts(state: SearchState) -> tuple[Link, ...]:
    order = state.query.sort
    if not state.query.text.strip():  # without a text there is nothing to be relevant to: newest first
        order = "newest" if order == "relevance" else order
        return tuple(
            Link(SORT_LABELS[sort], state.with_sort("relevance" if sort == "newest" else sort).url(), sort == order)
            for sort in SORT_LABELS
            if sort != "relevance"
        )
    return tuple(Link(text, state.with_sort(sort).url(), sort == order) for sort, text in SORT_LABELS.items())


def _also_searched(state: SearchState, parsed: Parsed) -> tuple[tuple[str, ...], str]:
    """Return the synonyms that were searched as well, and the address with the words quoted, which leaves them out."""
    words: list[str] = []
    text = parsed.text
    for clause in sorted(parsed.clauses, key=lambda c: -c.start):
        others = [form.text for form in clause.forms if form.weight < 1]
        if clause.kind == "word" and others:
            words = others + words
            text = f'{text[: clause.start]} "{text[clause.start : clause.end]}" {text[clause.end :]}'
    return tuple(dict.fromkeys(words)), state.with_text(" ".join(text.split())).url() if words else ""


def _offers(state: SearchState, results: Results) -> tuple[Link, ...]:
    counts = {(key, value.value): value.count for key, values in results.facets.items() for value in values}
    places = dict.fromkeys((place.facet, place.value) for place in results.parsed.places)
    return tuple(
        Link(f"只看{label(key, value)}（{counts[key, value]}）", state.with_facet(key, value).url())
        for key, value in places
        if counts.get((key, value)) and value not in state.query.filters.get(key, ())
    )


def _advice(state: SearchState, active: tuple[Chip, ...], total_of: Total) -> tuple[Link, ...]:
    """Return for each active filter what its removal would bring, most first."""
    without = [(f"去掉“{chip.label}”", chip.without) for chip in active]
    if len(active) > 1:
        without.append(("去掉全部筛选", state.without_filters()))
    found = [(total_of(other.query), name, other) for name, other in without]
    return tuple(Link(f"{name}：{n} 篇", other.url()) for n, name, other in sorted(found, key=lambda f: -f[0]) if n)


def _card(hit: Hit, state: SearchState) -> Card:
    article = hit.article
    return Card(
        url=article_url(article, state),
        title=pieces(article.title, hit.title_highlights),
        kind=KIND_LABELS[article.kind],
        snippets=tuple(_snippet(article, snippet, state) for snippet in hit.snippets),
        facets=facet_words(article),
        date=article.date.isoformat() if article.date else "",
        source=article.source,
    )


def _snippet(article: Article, snippet: Snippet, state: SearchState) -> SnippetView:
    url = article_url(article, state, snippet.section) if snippet.section else ""
    return SnippetView(pieces(snippet.text, snippet.highlights), url)


def _pager(state: SearchState, total: int) -> Pager | None:
    last, page = math.ceil(total / state.query.size), state.query.page
    if last < 2:
        return None
    near = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    pages: list[Link | None] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            pages.append(None)
        pages.append(Link(str(number), state.with_page(number).url(), number == page))
    return Pager(
        previous=state.with_page(page - 1).url() if page > 1 else "",
        next=state.with_page(page + 1).url() if page < last else "",
        pages=tuple(pages),
    )
