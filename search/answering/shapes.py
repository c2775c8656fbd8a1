"""The JSON objects that the endpoint and the command line print; the shape is described in docs/api.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..facets import FACET_KEYS
from ..model import Article, Hit, Named, Parsed, Query, Results

Json = dict[str, Any]


def results_json(results: Results) -> Json:
    """Return the answer of `GET /api/v1/search`. Highlights are `[start, end)` in code points."""
    return {
        "query": _query_json(results.parsed),
        "total": results.total,
        "page": results.query.page,
        "size": results.query.size,
        "took_ms": round(results.took_ms, 3),
        "hits": [_hit_json(hit) | _asked_json(hit, results.query) for hit in results.hits],
        "facets": {
            key: [
                {"value": v.value, "label": v.label, "count": v.count, "selected": v.selected}
                for v in results.facets[key]
            ]
            for key in FACET_KEYS
        },
        "suggestion": results.suggestion,
    }


def article_json(article: Article) -> Json:
    """Return an article as `GET /api/v1/articles/<id>` and `yibao export` give it."""
    return {
        "id": article.id,
        "kind": article.kind,
        "title": article.title,
        "text": article.text,
        "date": _day(article),
        "source": article.source,
        "url": article.url,
        **_facet_values(article.facets),
        "sections": [
            {"heading": s.heading, "level": s.level, "start": s.start, "end": s.end, "anchor": s.anchor}
            for s in article.sections
        ],
        "evidence": [
            {"facet": e.facet, "value": e.value, "rule": e.rule, "field": e.field, "start": e.start, "end": e.end}
            for e in article.evidence
        ],
    }


def _query_json(parsed: Parsed) -> Json:
    return {
        "text": parsed.text,
        "clauses": [
            {
                "kind": clause.kind,
                "text": clause.text,
                "start": clause.start,
                "end": clause.end,
                "forms": [form.text for form in clause.forms],
                "place": clause.place or None,
            }
            for clause in parsed.clauses
        ],
        "places": list(map(_named_json, parsed.places)),
        "insurance": list(map(_named_json, parsed.insurance)),
        "years": list(parsed.years),
        "document_numbers": list(parsed.document_numbers),
        "asks_amount": parsed.asks_amount,
        "direction": parsed.direction,
        "notes": [{"code": note.code, "message": note.message} for note in parsed.notes],
    }


def _named_json(named: Named) -> Json:
    return {
        "facet": named.facet,
        "value": named.value,
        "label": named.label,
        "start": named.start,
        "end": named.end,
        "county": named.county or None,
    }


def _hit_json(hit: Hit) -> Json:
    article = hit.article
    return {
        "id": article.id,
        "kind": article.kind,
        "title": article.title,
        "title_highlights": [list(span) for span in hit.title_highlights],
        "snippets": [
            {"text": s.text, "highlights": [list(span) for span in s.highlights], "section": s.section or None}
            for s in hit.snippets
        ],
        "url": article.url,
        "source": article.source,
        "date": _day(article),
        **_facet_values(article.facets),
        "score": round(hit.score, 6),
    }


def _asked_json(hit: Hit, query: Query) -> Json:
    """Return what a hit tells when it is asked for."""
    why = [{"what": c.what, "where": c.where, "score": round(c.score, 6)} for c in hit.why]
    similar = {"total": hit.similar_total, "ids": [article.id for article in hit.similar]}
    return ({"why": why} if query.explain else {}) | ({"similar": similar} if query.collapse else {})


def _facet_values(facets: Mapping[str, tuple[str, ...]]) -> Json:
    return {key: list(facets.get(key, ())) for key in FACET_KEYS}


def _day(article: Article) -> str | None:
    return article.date.isoformat() if article.date else None
