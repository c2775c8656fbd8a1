"""What the page of one article shows, as frozen values: blocks of marked text, contents, metadata, the way back."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from search import Article, Facets, Parsed, Query, Section, Span, Table, article_highlights

from .cards import KIND_LABELS, lapsed
from .collection import Collection
from .grid import MOST_CELLS, GridRow, grid
from .links import BROWSE, Link, article_url, file_path
from .marked_text import Piece, Pieces, pieces
from .neighbours import Neighbour, elsewhere, nearby, newer, older
from .points import broken
from .state import SearchState
from .wording import say

_BULLET = re.compile(r"\s*(?:[•·●▪◦○]|[-*+](?=\s))\s*")
_NUMBER = re.compile(r"\s*(?:\d{1,2}[.．、]|[(（]\d{1,2}[)）])")
_HEADING_MARK = re.compile(r"\s*#{1,6}\s+")


OFTEN = 10
"""A word of a query that stands more often in a text is everywhere in it, and marked once a section."""

BlockKind = Literal["heading", "paragraph", "list", "numbered", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 2 to 4, with its `anchor`), a paragraph (one item), a list (one item a line) or a table.

    The items of `numbered` begin with their own numbers, as written. A table has `rows`, of which the first `header`
    name the columns, and no items.
    """

    kind: BlockKind
    items: tuple[Pieces, ...]
    level: int = 0
    anchor: str = ""
    rows: tuple[GridRow, ...] = ()
    header: int = 0

    def with_pieces(self, change: Callable[[Piece], Piece]) -> Block:
        """Return the block with every piece changed, in reading order."""

        def changed(item: Pieces) -> Pieces:
            return tuple(change(piece) for piece in item)

        rows = (
            replace(row, cells=tuple(replace(cell, pieces=changed(cell.pieces)) for cell in row.cells))
            for row in self.rows
        )
        return replace(self, items=tuple(changed(item) for item in self.items), rows=tuple(rows))


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
    """Everything on the page of an article.

    `hits` are the anchors of the marks, `found` is how often the words stand in the text: more, if not all are marked.
    `lapsed` says that it is not in force, `found_by` is the search that led to it. A teaser was `found_on` a page that
    is an article itself.
    """

    id: str
    title: str
    canonical: str
    text: str
    found_by: tuple[tuple[str, str], ...]
    hidden: tuple[tuple[str, str], ...]
    heading: Pieces
    lapsed: str
    kind: str
    date: str
    source: str
    source_url: str
    original: Link | None
    found_on: Link | None
    facts: tuple[Fact, ...]
    contents: tuple[Entry, ...]
    blocks: tuple[Block, ...]
    hits: tuple[str, ...]
    found: int
    back: Link
    description: str
    citation: str
    linked_data: Mapping[str, object]
    elsewhere: tuple[Neighbour, ...]
    nearby: tuple[Neighbour, ...]


def article_page(  # noqa: PLR0913, PLR0917 - an article, what led to it, and what is around it
    article: Article,
    parsed: Parsed,
    state: SearchState,
    address: str,
    collection: Collection,
    original_size: int | None = None,
) -> ArticlePage:
    """Return the page of `article`, with the words of the search that led to it marked.

    `address` is the article's own, absolute; `collection` holds its neighbours; the file that it was read from, if that
    is offered, has `original_size` bytes.
    """
    in_title, in_text = article_highlights(parsed, article)
    searched = bool(state.params())
    source_url = article.url if article.url.lower().startswith(("https://", "http://")) else ""
    parts, hits = _numbered(blocks(article, once_a_section(article, in_text)))
    return ArticlePage(
        id=article.id,
        title=f"{article.title} · {collection.site}",
        canonical=urlsplit(address).path,
        text=state.query.text,
        found_by=tuple(state.params()),
        hidden=tuple(pair for pair in state.params() if pair[0] not in ("q", "page")),
        heading=pieces(article.title, in_title),
        lapsed=say("lapsed", status=status) if (status := lapsed(article)) else "",
        kind=KIND_LABELS[article.kind],
        date=article.date.isoformat() if article.date else "",
        source=article.source,
        source_url=source_url,
        original=_original(article, original_size) if original_size is not None and not source_url else None,
        found_on=_found_on(article, collection),
        facts=(*_facts(article, state.facets), *_validity(article, collection)),
        contents=tuple(Entry(s.heading, s.anchor, _level(s, article)) for s in article.sections if s.heading),
        blocks=parts,
        hits=hits,
        found=len(in_text),
        back=Link(say("back-to-results"), state.url()) if searched else Link(say("all-articles"), BROWSE),
        description=" ".join(article.text.split())[:120] or article.title,
        citation=_citation(article, address, collection.site),
        linked_data=_linked_data(article, address, state.facets),
        elsewhere=elsewhere(article, collection),
        nearby=nearby(article, collection),
    )


def _original(article: Article, size: int) -> Link:
    kind = PurePosixPath(article.path).suffix.removeprefix(".").upper()
    shown = f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{math.ceil(size / 1e3)} KB"
    label = say("original", kind=kind, size=shown) if kind else say("original-of-no-kind", size=shown)
    return Link(label, file_path(article.id))


def _found_on(article: Article, collection: Collection) -> Link | None:
    """Return the article on whose page a teaser stood."""
    page = collection.engine.get(article.id.rpartition("/")[0]) if article.kind == "teaser" else None
    if page is None or page.path != article.path:
        return None
    return Link(page.title, article_url(page, SearchState(Query())))


def once_a_section(article: Article, spans: Sequence[Span]) -> list[Span]:
    """Return the spans (offsets in the text) to mark: of what stands everywhere, the first in each section."""
    times = Counter(article.text[start:end] for start, end in spans)
    starts = [section.start for section in article.sections]
    seen: set[tuple[str, int]] = set()
    kept = []
    for start, end in spans:
        word = article.text[start:end], bisect_right(starts, start)
        if times[word[0]] <= OFTEN or word not in seen:
            kept.append((start, end))
        seen.add(word)
    return kept


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

    numbered = tuple(block.with_pieces(anchored) for block in found)
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
    """Yield an article's text in order, with `spans` (offsets in the text) marked.

    A section that begins inside a table (a page of a PDF, a row that reads like a heading) is an anchor of its row.
    """
    tables = [table for table in article.tables if sum(map(len, table.rows)) <= MOST_CELLS]
    inside: dict[int, dict[int, str]] = {}
    at = 0
    for section in article.sections:
        if table := _table_around(section, tables):
            inside.setdefault(table.start, {})[section.start] = section.anchor
    for section in article.sections:
        if _table_around(section, tables):
            continue
        yield from _body(article.text, spans, at, section.start, tables, inside)
        start = section.start + len(m[0]) if (m := _HEADING_MARK.match(article.text, section.start)) else section.start
        stands = section.body > section.start  # that of a page of a PDF is in no line of the text
        heading = _trimmed(article.text, spans, start, section.body) if stands else pieces(section.heading, ())
        if heading:
            yield Block("heading", (heading,), _level(section, article), section.anchor)
        at = section.body
    yield from _body(article.text, spans, at, len(article.text), tables, inside)


def _table_around(section: Section, tables: Sequence[Table]) -> Table | None:
    """Return the table in which a section begins: one whose heading stands in no line may begin with it as well."""
    number = bisect_right(tables, section.start, key=attrgetter("start")) - 1
    if number < 0 or section.start >= tables[number].end:
        return None
    return None if section.start == tables[number].start and section.body == section.start else tables[number]


def _body(  # noqa: PLR0913, PLR0917 - a text, its marks and tables, and a range of it
    text: str,
    spans: Sequence[Span],
    start: int,
    end: int,
    tables: Sequence[Table],
    inside: Mapping[int, dict[int, str]],
) -> Iterator[Block]:
    first = bisect_left(tables, start, key=attrgetter("start"))
    for table in tables[first : bisect_left(tables, end, key=attrgetter("start"))]:
        yield from _lines(text, spans, start, table.start)
        yield Block("table", (), rows=grid(table, text, spans, inside.get(table.start, {})), header=table.header)
        start = table.end
    yield from _lines(text, spans, start, end)


def _lines(text: str, spans: Sequence[Span], start: int, end: int) -> Iterator[Block]:
    found = (broken(text, start + m.start(), start + m.end()) for m in re.finditer(r"[^\n]+", text[start:end]))
    lines = (_line(text, spans, *part) for line in found for part in pairwise(line))
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
