"""One result as a card: its title and sentences with marks, and what it is about in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from search import FACETS, NOT_IN_FORCE, Article, Facets, Hit, Snippet

from .areas import Area
from .days import age
from .filters import flat_label
from .links import Link, article_url
from .marked_text import Pieces, pieces
from .state import SearchState
from .why import why_line
from .wording import say

KIND_LABELS = {"article": "", "teaser": say("teaser")}


@dataclass(frozen=True, slots=True)
class SnippetView:
    """Sentences of an article, marked, and the address of the section they stand in."""

    pieces: Pieces
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One result. `facets` are its place, insurance types and topics in words; `level` says for whom it is written,
    `age` that it is old, if it is, `lapsed` that it is not in force.

    `divider` is what stands before it, if it is the first of those that hold only part of what was asked.
    """

    url: str
    title: Pieces
    lapsed: str
    kind: str
    pinned: str
    level: str
    snippets: tuple[SnippetView, ...]
    facets: tuple[str, ...]
    date: str
    age: str
    source: str
    why: str
    lacks: str
    divider: str
    similar: Similar | None


@dataclass(frozen=True, slots=True)
class Similar:
    """Near-duplicates behind a card: how many, the first of them, and the search that shows all one by one."""

    total: int
    links: tuple[Link, ...]
    apart: str


def cards(hits: tuple[Hit, ...], state: SearchState, today: date, area: Area | None = None) -> tuple[Card, ...]:
    """Return the cards of a page. Those that hold only part are set apart where they stand below all that hold all."""
    whole = next((number for number, hit in enumerate(hits) if hit.lacks), 0)
    apart = whole if all(hit.lacks for hit in hits[whole:]) else 0
    made = [card(hit, state, today, area) for hit in hits]
    return tuple(replace(one, divider=say("only-part")) if n and n == apart else one for n, one in enumerate(made))


def card(hit: Hit, state: SearchState, today: date, area: Area | None = None) -> Card:
    """Return the card of a hit on the day `today`; with an `area` it says on which level it applies there."""
    article = hit.article
    status = lapsed(article)
    return Card(
        url=article_url(article, state),
        title=pieces(article.title, hit.title_highlights),
        lapsed=status,
        kind=KIND_LABELS[article.kind],
        pinned=say("pinned") if hit.pinned else "",
        level=area.level_of(article) if area else "",
        snippets=tuple(_snippet(article, snippet, state) for snippet in hit.snippets),
        facets=tuple(words for words in facet_words(article, state.facets) if words != status),
        date=article.date.isoformat() if article.date else "",
        age=age(article, today),
        source=article.source,
        why=why_line(hit.why, article, state.facets),
        lacks=say("lacks", words="".join(f"“{word}”" for word in hit.lacks)) if hit.lacks else "",
        divider="",
        similar=_similar(hit, state) if hit.similar else None,
    )


def lapsed(article: Article) -> str:
    """Return how it is with a text that is not in force, in a word; nothing of any other."""
    return next(iter(NOT_IN_FORCE.intersection(article.facets.get("status", ()))), "")


def _similar(hit: Hit, state: SearchState) -> Similar:
    links = tuple(Link(_named(article), article_url(article, state)) for article in hit.similar)
    return Similar(hit.similar_total, links, state.with_collapse(False).url() if hit.similar_total > len(links) else "")


def _named(article: Article) -> str:
    """Return a title with what tells it from the others: its date and source."""
    about = " · ".join(filter(None, (article.date.isoformat() if article.date else "", article.source)))
    return f"{article.title}（{about}）" if about else article.title


def facet_words(article: Article, facets: Facets = FACETS) -> tuple[str, ...]:
    """Return place, insurance types and topics of an article in words; a city speaks for its province.

    The value of an article of which nothing is known (其他) tells nothing.
    """
    named = {facet.parent_of(value) for facet in facets if facet.parent for value in article.facets.get(facet.key, ())}
    groups = (
        [
            flat_label(facet.key, v, facets)
            for v in article.facets.get(facet.key, ())
            if (facet.parent or v not in named) and v != facet.default
        ]
        for facet in facets
    )
    return tuple("、".join(group) for group in groups if group)


def _snippet(article: Article, snippet: Snippet, state: SearchState) -> SnippetView:
    url = article_url(article, state, snippet.section) if snippet.section else ""
    return SnippetView(pieces(snippet.text, snippet.highlights), url)
