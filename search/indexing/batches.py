"""What is done with a batch of articles, all of it pure: found facets, findings, hashes, index entries.

`prepare` runs in worker processes; the one that reads the sources gets back what it needs to merge and to report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from ..engines.contract import MakePart, Part
from ..facets import FACETS, Facets, classify
from ..hashing import hash64
from ..model import UNSTATED, Article
from ..storage.strings import Strings
from ..suggest.writing import LONGEST_TITLE
from .article_rows import EMPTY, FACET_FLAGS, SOURCED, TEASER, UNDATED, Rows
from .lint import Finding, about_key, content_findings, simhashes, stated_findings
from .validity import with_validity

_section = attrgetter("heading", "level", "start", "body", "end", "anchor")
_table = attrgetter("start", "end", "rows", "header")
_evidence = attrgetter("facet", "value", "rule", "field", "start", "end")


@dataclass(frozen=True, slots=True)
class Batch:
    """The `number`-th batch of a build: articles as read, ids unique. Without `make_part` it is only surveyed."""

    number: int
    articles: Sequence[Article]
    make_part: MakePart | None
    facets: Facets


@dataclass(frozen=True, slots=True)
class Survey:
    """Classified articles, their rows, and what is odd in the metadata of each (paths and findings, in order)."""

    articles: Sequence[Article]
    rows: Rows
    findings: Sequence[tuple[str, Finding]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What comes back of a batch: rows and findings as in `Survey`, and the engine's part."""

    rows: Rows
    findings: Sequence[tuple[str, Finding]]
    part: Part | None


def prepare(batch: Batch) -> Prepared:
    """Do all that can be done with a batch by itself."""
    found = survey(batch.articles, batch.facets)
    part = batch.make_part(batch.number, found.articles) if batch.make_part else None
    return Prepared(found.rows, found.findings, part)


def survey(read: Sequence[Article], facets: Facets = FACETS) -> Survey:
    """Classify articles as read, and note what a reindex must remember of them."""
    findings = [
        (article.path, finding)
        for article in read
        for finding in (*stated_findings(article, facets), *content_findings(article))
    ]
    articles = [with_validity(classify(article, facets)) for article in read]
    numbers = np.empty((len(articles), 4), np.uint64)
    hashes = [number for article in articles for number in (hash64(article.id), _content(article))]
    numbers[:, :2] = np.array(hashes, np.uint64).reshape(-1, 2)
    numbers[:, 2] = simhashes(article.text for article in articles)
    numbers[:, 3] = np.array([about_key(article, facets) for article in articles], np.uint64)
    rows = Rows(
        numbers,
        np.array([sum(_flags(article, facets)) for article in articles], np.uint32),
        Strings.of(article.id for article in articles),
        Strings.of(_completing(article.title) for article in articles),
    )
    return Survey(articles, rows, findings)


def _flags(article: Article, facets: Facets) -> Iterator[int]:
    if article.kind == "teaser":
        yield TEASER
    if article.date is None:
        yield UNDATED
    if not article.text.strip():
        yield EMPTY
    if article.source or article.url:
        yield SOURCED
    for number, key in enumerate(facets.stored.keys, FACET_FLAGS):
        values = article.facets.get(key, ())
        if values and values != (UNSTATED,):
            yield 1 << number


def id_hash(article_id: str) -> int:
    """Return the 64 bits by which an id is looked up."""
    return hash64(article_id)


def _content(article: Article) -> int:
    """Hash all that is stored of an article."""
    return hash64(
        repr(
            (
                len(article.text),
                article.kind,
                article.title,
                article.date and article.date.toordinal(),
                article.source,
                article.url,
                article.path,
                [_section(section) for section in article.sections],
                [_table(table) for table in article.tables],
                sorted(article.facets.items()),
                [_evidence(each) for each in article.evidence],
                (
                    str(article.effective),
                    str(article.expires),
                    article.superseded_by,
                    article.repealed_by,
                    article.repeals,
                ),
            )
        ),
        article.text,
    )


def _completing(title: str) -> str:
    """Return a title that suggestions may use, "" for a longer one; lone surrogates are no characters there."""
    return title.encode("utf-8", "replace").decode() if len(title) <= LONGEST_TITLE else ""
