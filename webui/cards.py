"""One result as a card: its title and sentences with marks, and what it is about in words."""

from __future__ import annotations

from dataclasses import dataclass

from search import FACETS, Article, Hit, Snippet, province_of

from .filters import flat_label
from .links import article_url
from .local import Area
from .pieces import Pieces, pieces
from .state import SearchState
from .why import why_line

KIND_LABELS = {"article": "", "teaser": "摘要"}


@dataclass(frozen=True, slots=True)
class SnippetView:
    """Sentences of an article, marked, and the address of the section they stand in."""

    pieces: Pieces
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One result. `facets` are its place, insurance types and topics in words; `level` says for whom it is written."""

    url: str
    title: Pieces
    kind: str
    level: str
    snippets: tuple[SnippetView, ...]
    facets: tuple[str, ...]
    date: str
    source: str
    why: str


def card(hit: Hit, state: SearchState, area: Area | None = None) -> Card:
    """Return the card of a hit; with an `area` it says on which level it applies there."""
    article = hit.article
    return Card(
        url=article_url(article, state),
        title=pieces(article.title, hit.title_highlights),
        kind=KIND_LABELS[article.kind],
        level=area.level_of(article) if area else "",
        snippets=tuple(_snippet(article, snippet, state) for snippet in hit.snippets),
        facets=facet_words(article),
        date=article.date.isoformat() if article.date else "",
        source=article.source,
        why=why_line(hit.why),
    )


def facet_words(article: Article) -> tuple[str, ...]:
    """Return place, insurance types and topics of an article in words; a city speaks for its province."""
    named = {province_of(value) for facet in FACETS if facet.parent for value in article.facets.get(facet.key, ())}
    groups = (
        [flat_label(facet.key, v) for v in article.facets.get(facet.key, ()) if facet.parent or v not in named]
        for facet in FACETS
    )
    return tuple("、".join(group) for group in groups if group)


def _snippet(article: Article, snippet: Snippet, state: SearchState) -> SnippetView:
    url = article_url(article, state, snippet.section) if snippet.section else ""
    return SnippetView(pieces(snippet.text, snippet.highlights), url)
