"""What the page of one article shows, as frozen values: blocks of marked text, contents, metadata, the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from search import Article, Facets, Parsed, Query, Section, Span, article_highlights

from .cards import KIND_LABELS
from .collection import Collection
from .links import BROWSE, Link
from .marked_text import Piece, Pieces, pieces
from .neighbours import Neighbour, elsewhere, nearby, newer, older
from .state import SearchState
from .wording import say

_BULLET = re.compile(r"\s*(?:[•·●▪◦○]|[-*+](?=\s))\s*")
_NUMBER = re.compile(r"\s*(?:\d{1,2}[.．、]|[(（]\d{1,2}[)）])")
_HEADING_MARK = re.compile(r"\s*#{1,6}\s+")


BlockKind = Literal["heading", "paragraph", "list", "numbered"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 2 to 4, with its `anchor`), a paragraph (one item) or a list (one item a line).

    The items of `numbered` begin with their own numbers, as written.
    """

    kind: BlockKind
    items: tuple[Pieces, ...]
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents list."""

    label: str
    anchor: str
    level: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of metadata: its name, and its values as searches for the same, as articles, or without an address."""

    name: str
    values: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything on the page of an article."""

    title: str
    canonical: str
    text: str
    hidden: tuple[tuple[str, str], ...]
    heading: Pieces
    kind: str
    date: str
    source: str
    source_url: str
    facts: tuple[Fact, ...]
    contents: tuple[Entry, ...]
    blocks: tuple[Block, ...]
    hits: tuple[str, ...]
    back: Link
    description: str
    citation: str
    linked_data: Mapping[str, object]
    elsewhere: tuple[Neighbour, ...]
    nearby: tuple[Neighbour, ...]


def article_page(
    article: Article, parsed: Parsed, state: SearchState, address: str, collection: Collection
) -> ArticlePage:
    """Return the page of `article`, with the words of the search that led to it marked.

    `address` is the article's own, absolute; `collection` holds its neighbours.
    """
    in_title, in_text = article_highlights(parsed, article)
    searched = bool(state.params())
    parts, hits = _numbered(blocks(article, in_text))
    return ArticlePage(
        title=f"{article.title} · {collection.site}",
        canonical=urlsplit(address).path,
        text=state.query.text,
        hidden=tuple(pair for pair in state.params() if pair[0] not in ("q", "page")),
        heading=pieces(article.title, in_title),
        kind=KIND_LABELS[article.kind],
        date=article.date.isoformat() if article.date else "",
        source=article.source,
        source_url=article.url if article.url.lower().startswith(("https://", "http://")) else "",
        facts=(*_facts(article, state.facets), *_validity(article, collection)),
        contents=tuple(Entry(s.heading, s.anchor, _level(s, article)) for s in article.sections if s.heading),
        blocks=parts,
        hits=hits,
        back=Link(say("back-to-results"), state.url()) if searched else Link(say("all-articles"), BROWSE),
        description=" ".join(article.text.split())[:120] or article.title,
        citation=_citation(article, address, collection.site),
        linked_data=_linked_data(article, address, state.facets),
        elsewhere=elsewhere(article, collection),
        nearby=nearby(article, collection),
    )


def _citation(article: Article, address: str, site: str) -> str:
    parts = (f"{article.source}：" if article.source else "", f"《{article.title}》")
    day = f"，{article.date.isoformat()}" if article.date else ""
    return f"{''.join(parts)}{day}。{site}，{address}"


def _linked_data(article: Article, address: str, facets: Facets) -> Mapping[str, object]:
    """Return the article in the words of schema.org."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title,
        "inLanguage": "zh-CN",
        "mainEntityOfPage": address,
        "about": list(article.facets.get("topic", ())),
    }
    if places := [v for facet in reversed(facets.places) for v in article.facets.get(facet.key, ())]:
        data["spatialCoverage"] = places
    if article.date:
        data["datePublished"] = article.date.isoformat()
    if article.source:
        data["publisher"] = {"@type": "Organization", "name": article.source}
    return data


def _numbered(found: Iterable[Block]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks with an anchor on every mark, and the anchors."""
    anchors: list[str] = []

    def anchored(piece: Piece) -> Piece:
        if not piece.marked:
            return piece
        anchors.append(f"hit-{len(anchors) + 1}")
        return replace(piece, anchor=anchors[-1])

    numbered = tuple(
        replace(block, items=tuple(tuple(anchored(piece) for piece in item) for item in block.items)) for block in found
    )
    return numbered, tuple(anchors)


def _facts(article: Article, facets: Facets) -> Iterator[Fact]:
    for facet in facets:
        values = article.facets.get(facet.key, ())
        if values:
            every = SearchState(Query(), facets)
            links = (Link(facet.label_of(v), every.with_facet(facet.key, v).url()) for v in values)
            yield Fact(facet.label, tuple(links))


def _validity(article: Article, collection: Collection) -> Iterator[Fact]:
    """Yield from when on and until when an official text holds, and what came after and before it."""
    for code, day in (("effective", article.effective), ("expires", article.expires)):
        if day:
            yield Fact(say(code), (Link(day.isoformat(), ""),))
    if by := newer(article, collection):
        yield Fact(say("repealed-by" if article.repealed_by else "superseded-by"), (by,))
    if before := older(article, collection):
        yield Fact(say("took-place-of"), before)


def _level(section: Section, article: Article) -> int:
    """Return the HTML heading level: the article's title is the only h1, its highest sections are h2."""
    return min(4, 2 + section.level - min(s.level for s in article.sections))


def blocks(article: Article, spans: Sequence[Span]) -> Iterator[Block]:
    """Yield an article's text in order, with `spans` (offsets in the text) marked."""
    at = 0
    for section in article.sections:
        yield from _body(article.text, spans, at, section.start)
        start = section.start + len(m[0]) if (m := _HEADING_MARK.match(article.text, section.start)) else section.start
        stands = section.body > section.start  # that of a page of a PDF is in no line of the text
        heading = _trimmed(article.text, spans, start, section.body) if stands else pieces(section.heading, ())
        if heading:
            yield Block("heading", (heading,), _level(section, article), section.anchor)
        at = section.body
    yield from _body(article.text, spans, at, len(article.text))


def _body(text: str, spans: Sequence[Span], start: int, end: int) -> Iterator[Block]:
    lines = (_line(text, spans, start + m.start(), start + m.end()) for m in re.finditer(r"[^\n]+", text[start:end]))
    for kind, group in groupby((line for line in lines if line[1]), key=lambda line: line[0]):
        items = tuple(item for _, item in group)
        if kind == "paragraph":
            yield from (Block(kind, (item,)) for item in items)
        else:
            yield Block(kind, items)


def _line(text: str, spans: Sequence[Span], start: int, end: int) -> tuple[BlockKind, Pieces]:
    if bullet := _BULLET.match(text, start, end):
        return "list", _trimmed(text, spans, bullet.end(), end)
    kind: BlockKind = "numbered" if _NUMBER.match(text, start, end) else "paragraph"
    return kind, _trimmed(text, spans, start, end)


def _trimmed(text: str, spans: Sequence[Span], start: int, end: int) -> Pieces:
    line = text[start:end]
    left = start + len(line) - len(line.lstrip())
    return pieces(text, spans, left, max(left, start + len(line.rstrip())))
