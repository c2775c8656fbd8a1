"""A list of results as a table or as JSON, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json

from search import Article, Facets, Results

from ..pages.links import article_path

LIMIT = 500
"""Results an export holds at most; the endpoint pages through more."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(results: Results, root: str, facets: Facets) -> list[dict[str, str | list[str]]]:
    """Return one flat record a hit; facet values are lists."""
    return [_row(hit.article, root, facets) for hit in results.hits]


def as_json(results: Results, root: str, facets: Facets) -> bytes:
    """Return the records with the true total, which may be more than are listed."""
    body = {"total": results.total, "articles": rows(results, root, facets)}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def as_csv(results: Results, root: str, facets: Facets) -> bytes:
    """Return the records as CSV (RFC 4180) with a byte order mark, by which Excel knows the encoding.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    table = rows(results, root, facets)
    names = list(_row(Article("", "article", "", ""), root, facets))
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in table)
    return ("\ufeff" + out.getvalue()).encode()


def _row(article: Article, root: str, facets: Facets) -> dict[str, str | list[str]]:
    return {
        "title": article.title,
        "date": article.date.isoformat() if article.date else "",
        "source": article.source,
        **{key: list(article.facets.get(key, ())) for key in facets.keys},
        "kind": article.kind,
        "page": root + article_path(article.id),
        "url": article.url,
        "id": article.id,
    }


def _cell(value: str | list[str]) -> str:
    text = value if isinstance(value, str) else "、".join(value)
    text = text.replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
