"""What the page of one article shows, as frozen values: blocks of marked text, contents, metadata, the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from search import FACETS, Article, Parsed, Query, Section, Span, article_highlights, label

from .pages import KIND_LABELS, SITE, Link
from .pieces import Pieces, pieces
from .state import SearchState

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
    """A line of metadata: its name, and its values as searches for the same."""

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
    marks: int
    back: Link


def article_page(article: Article, parsed: Parsed, state: SearchState, canonical: str) -> ArticlePage:
    """Return the page of `article`, with the words of the search that led to it marked."""
    in_title, in_text = article_highlights(parsed, article)
    searched = bool(state.params())
    return ArticlePage(
        title=f"{article.title} · {SITE}",
        canonical=canonical,
        text=state.query.text,
        hidden=tuple(pair for pair in state.params() if pair[0] not in ("q", "page")),
        heading=pieces(article.title, in_title),
        kind=KIND_LABELS[article.kind],
        date=article.date.isoformat() if article.date else "",
        source=article.source,
        source_url=article.url if article.url.lower().startswith(("https://", "http://")) else "",
        facts=tuple(_facts(article)),
        contents=tuple(Entry(s.heading, s.anchor, _level(s, article)) for s in article.sections if s.heading),
        blocks=tuple(_blocks(article, in_text)),
        marks=len(in_title) + len(in_text),
        back=Link("返回搜索结果" if searched else "全部文章", state.url()),
    )


def _facts(article: Article) -> Iterator[Fact]:
    for facet in FACETS:
        values = article.facets.get(facet.key, ())
        if values:
            every = SearchState(Query())
            links = (Link(label(facet.key, v), every.with_facet(facet.key, v).url()) for v in values)
            yield Fact(facet.label, tuple(links))


def _level(section: Section, article: Article) -> int:
    """Return the HTML heading level: the article's title is the only h1, its highest sections are h2."""
    return min(4, 2 + section.level - min(s.level for s in article.sections))


def _blocks(article: Article, spans: Sequence[Span]) -> Iterator[Block]:
    at = 0
    for section in article.sections:
        yield from _body(article.text, spans, at, section.start)
        start = section.start + len(m[0]) if (m := _HEADING_MARK.match(article.text, section.start)) else section.start
        heading = _trimmed(article.text, spans, start, section.body)
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
