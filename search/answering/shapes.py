"""The JSON objects that the endpoint and the command line print, each shape declared once.

A shape is a `TypedDict`: the type checker holds what is built here to it, the OpenAPI document is made from it, and a
test holds every answer to that. docs/api.md tells what the fields mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

from ..facets import FACETS, Facets
from ..model import (
    Answer,
    Article,
    ClauseKind,
    Count,
    Described,
    Direction,
    FacetCount,
    Hit,
    Kind,
    Named,
    Note,
    Parsed,
    Query,
    Results,
)

Json = dict[str, Any]
Day = Annotated[str, Described(format="date")]
Range = Annotated[tuple[Count, Count], Described(description="[start, end) in Unicode code points.")]
_FromOne = Annotated[int, Described(minimum=1)]


class ClauseJson(TypedDict):
    """A part of the query; `forms` are the folded characters any of which will do."""

    kind: ClauseKind
    text: str
    start: Count
    end: Count
    forms: list[str]
    place: str | None


class NamedJson(TypedDict):
    """A facet value that the query names; `county` is there if it names one of what the place contains."""

    facet: str
    value: str
    label: str
    start: Count
    end: Count
    county: str | None


class NoteJson(TypedDict):
    """Something a reader should know about how the query was read: a stable code and a Chinese sentence.

    `places` is there if it offers to compare some, `text` if it offers another query.
    """

    code: str
    message: str
    places: NotRequired[list[NamedJson]]
    text: NotRequired[str]


class UnderstoodJson(TypedDict):
    """The query, as it was answered; with what it names of each facet that can be recognised in words, by its key."""

    text: str
    clauses: list[ClauseJson]
    places: list[NamedJson]
    years: list[Count]
    document_numbers: list[str]
    asks_amount: bool
    direction: Direction | None
    notes: list[NoteJson]


class SnippetJson(TypedDict):
    """Whole sentences of an article; `section` is the anchor they stand under."""

    text: str
    highlights: list[Range]
    section: str | None


class SimilarJson(TypedDict):
    """The near-duplicates behind a hit: how many, and the first of them."""

    total: Count
    ids: list[str]


class PartJson(TypedDict):
    """A part of a score: a clause (or a boost) by name, the field it was found in, and what it added."""

    what: str
    where: str
    score: float


class HitJson(TypedDict):
    """A result; `lacks` are the words of the query that it does not hold. `why` is there if the query asked to explain,
    `similar` if it asked to collapse; `pinned` (true) if it comes first because the operator wants that.
    """

    id: str
    kind: Kind
    title: str
    title_highlights: list[Range]
    snippets: list[SnippetJson]
    url: str
    source: str
    date: Day | None
    lacks: list[str]
    score: float
    why: NotRequired[list[PartJson]]
    similar: NotRequired[SimilarJson]
    pinned: NotRequired[bool]


class FacetValueJson(TypedDict):
    """How many results a value of a facet has, its own facet's selection set aside."""

    value: str
    label: str
    count: Count
    selected: bool


class FacetsJson(TypedDict):
    """The values of every facet, with how many results each has."""


class BannerJson(TypedDict):
    """A line of text that the operator puts above the results, and where it leads to."""

    text: str
    link: str | None


class AnswerCellJson(TypedDict):
    """A cell of the row that answers; `heads` are the ranges of what names its column, from top to bottom."""

    start: Count
    end: Count
    heads: list[Range]


class DirectAnswerJson(TypedDict):
    """What answers the question: the characters [start, end) of the text of the article `id`, which is a hit.

    `section` is the anchor they stand under, `heading` that heading. `cells` is there for a row of a table, `why` (the
    words of the question it was chosen by) if the query asked to explain.
    """

    id: str
    text: str
    section: str | None
    heading: str | None
    start: Count
    end: Count
    cells: NotRequired[list[AnswerCellJson]]
    why: NotRequired[list[str]]


class AnswerJson(TypedDict):
    """The answer of `GET /api/v1/search`, best hit first."""

    query: UnderstoodJson
    total: Count
    page: _FromOne
    size: _FromOne
    took_ms: Annotated[float, Described(minimum=0)]
    hits: list[HitJson]
    facets: FacetsJson
    suggestion: str | None
    banners: list[BannerJson]
    answer: DirectAnswerJson | None


class SectionJson(TypedDict):
    """A heading of an article's text and the range it governs."""

    heading: str
    level: _FromOne
    start: Count
    end: Count
    anchor: str


class TableJson(TypedDict):
    """A table of an article's text: its rows of cells, each the range of its words; the first `header` name columns.

    All rows are equally long: a cell that spans several columns or rows comes at each of its places.
    """

    start: Count
    end: Count
    header: Count
    rows: list[list[Range]]


class EvidenceJson(TypedDict):
    """Why an article carries a facet value: which rule saw what, and where."""

    facet: str
    value: str
    rule: str
    field: Literal["title", "text", "metadata"]
    start: Count
    end: Count


class ArticleJson(TypedDict):
    """An article as `GET /api/v1/articles/<id>` and `yibao export` give it."""

    id: str
    kind: Kind
    title: str
    text: str
    date: Day | None
    source: str
    url: str
    effective: Day | None
    expires: Day | None
    superseded_by: str | None
    repealed_by: str | None
    sections: list[SectionJson]
    tables: list[TableJson]
    evidence: list[EvidenceJson]


EACH_FACET: Mapping[type, Any] = {HitJson: list[str], ArticleJson: list[str], FacetsJson: list[FacetValueJson]}
"""In these shapes the key of every facet is a field too, of this type."""


def results_json(results: Results, facets: Facets = FACETS) -> AnswerJson:
    """Return the answer of `GET /api/v1/search` from a build with these facets."""
    return {
        "query": _query_json(results.parsed, facets),
        "total": results.total,
        "page": results.query.page,
        "size": results.query.size,
        "took_ms": round(results.took_ms, 3),
        "hits": [_hit_json(hit, results.query, facets) for hit in results.hits],
        "facets": cast(FacetsJson, {key: _facet_json(results.facets[key]) for key in facets.keys}),
        "suggestion": results.suggestion,
        "banners": [{"text": banner.text, "link": banner.link or None} for banner in results.banners],
        "answer": _answer_json(results.answer, results.query) if results.answer else None,
    }


def article_json(article: Article, facets: Facets = FACETS) -> ArticleJson:
    """Return an article as `GET /api/v1/articles/<id>` and `yibao export` give it."""
    shape = {
        "id": article.id,
        "kind": article.kind,
        "title": article.title,
        "text": article.text,
        "date": _day(article.date),
        "source": article.source,
        "url": article.url,
        **_facet_values(article.facets, facets),
        "effective": _day(article.effective),
        "expires": _day(article.expires),
        "superseded_by": article.superseded_by or None,
        "repealed_by": article.repealed_by or None,
        "sections": [
            {"heading": s.heading, "level": s.level, "start": s.start, "end": s.end, "anchor": s.anchor}
            for s in article.sections
        ],
        "tables": [
            {"start": t.start, "end": t.end, "header": t.header, "rows": [list(row) for row in t.rows]}
            for t in article.tables
        ],
        "evidence": [
            {"facet": e.facet, "value": e.value, "rule": e.rule, "field": e.field, "start": e.start, "end": e.end}
            for e in article.evidence
        ],
    }
    return cast(ArticleJson, shape)


def _query_json(parsed: Parsed, facets: Facets) -> UnderstoodJson:
    shape = {
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
        "places": _named_json(parsed.places),
        **{
            facet.key: _named_json(named for named in parsed.named if named.facet == facet.key)
            for facet in facets.recognised
        },
        "years": list(parsed.years),
        "document_numbers": list(parsed.document_numbers),
        "asks_amount": parsed.asks_amount,
        "direction": parsed.direction,
        "notes": list(map(_note_json, parsed.notes)),
    }
    return cast(UnderstoodJson, shape)


def _note_json(note: Note) -> NoteJson:
    shape: NoteJson = {"code": note.code, "message": note.message}
    if note.places:
        shape["places"] = _named_json(note.places)
    if note.text:
        shape["text"] = note.text
    return shape


def _named_json(found: Iterable[Named]) -> list[NamedJson]:
    return [
        {
            "facet": named.facet,
            "value": named.value,
            "label": named.label,
            "start": named.start,
            "end": named.end,
            "county": named.county or None,
        }
        for named in found
    ]


def _facet_json(counts: Iterable[FacetCount]) -> list[FacetValueJson]:
    return [{"value": v.value, "label": v.label, "count": v.count, "selected": v.selected} for v in counts]


def _hit_json(hit: Hit, query: Query, facets: Facets) -> HitJson:
    article = hit.article
    shape = {
        "id": article.id,
        "kind": article.kind,
        "title": article.title,
        "title_highlights": list(hit.title_highlights),
        "snippets": [
            {"text": s.text, "highlights": list(s.highlights), "section": s.section or None} for s in hit.snippets
        ],
        "url": article.url,
        "source": article.source,
        "date": _day(article.date),
        **_facet_values(article.facets, facets),
        "lacks": list(hit.lacks),
        "score": round(hit.score, 6),
    }
    if query.explain:
        shape["why"] = [{"what": c.what, "where": c.where, "score": round(c.score, 6)} for c in hit.why]
    if hit.pinned:
        shape["pinned"] = True
    if query.collapse:
        shape["similar"] = {"total": hit.similar_total, "ids": [article.id for article in hit.similar]}
    return cast(HitJson, shape)


def _answer_json(answer: Answer, query: Query) -> DirectAnswerJson:
    shape: DirectAnswerJson = {
        "id": answer.id,
        "text": answer.text,
        "section": answer.section or None,
        "heading": answer.heading or None,
        "start": answer.start,
        "end": answer.end,
    }
    if answer.cells:
        shape["cells"] = [{"start": c.start, "end": c.end, "heads": list(c.heads)} for c in answer.cells]
    if query.explain:
        shape["why"] = list(answer.words)
    return shape


def _facet_values(values: Mapping[str, tuple[str, ...]], facets: Facets) -> Json:
    return {key: list(values.get(key, ())) for key in facets.keys}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
