"""The OpenAPI 3.1 document, made from the declarations that the code itself reads: `PARAMETERS` and `FACETS`.

Answers are described closed (every field required, but `why` and `similar`, which are there when asked for; and no
others), so that a field the code adds or drops fails a test.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any, get_args

from search import FACETS, PARAMETERS, SORTS, ClauseKind, Direction, Parameter

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_SPAN: Json = {
    "type": "array",
    "prefixItems": [_COUNT, _COUNT],
    "minItems": 2,
    "maxItems": 2,
    "description": "[start, end) in Unicode code points.",
}
_DAY: Json = {"type": ["string", "null"], "format": "date"}
_KIND: Json = {"enum": ["article", "teaser"]}


def document() -> Json:
    """Return the document as a JSON object."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "yibao",
            "version": _version(),
            "summary": "Faceted search for Chinese medical-insurance (医保) knowledge.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {
            "/api/v1/search": {
                "get": {
                    "operationId": "search",
                    "summary": "Search the articles.",
                    "description": "An unknown, repeated or unreadable parameter is an error that names it.",
                    "parameters": [_parameter(parameter) for parameter in PARAMETERS],
                    "responses": _responses("The answer.", "Answer", 400, 404, 503),
                }
            },
            "/api/v1/articles/{id}": {
                "get": {
                    "operationId": "article",
                    "summary": "Get one stored article.",
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "description": "The id of a hit; slashes in it may stand as they are.",
                            "schema": {"type": "string", "minLength": 1},
                        }
                    ],
                    "responses": _responses("The article.", "Article", 400, 404, 503),
                }
            },
            "/api/v1/suggest": {
                "get": {
                    "operationId": "suggest",
                    "summary": "Complete a text that is being typed.",
                    "description": "By its characters, by pinyin (also cut short) and by first letters.",
                    "parameters": [
                        {"name": "q", "in": "query", "description": "The text so far.", "schema": _TEXT},
                    ],
                    "responses": _responses("Completions, best first.", "Suggestions", 400, 503),
                }
            },
            "/healthz": {
                "get": {
                    "operationId": "health",
                    "summary": "Tell whether there is an index, and which.",
                    "responses": _responses("It answers.", "Health", 503),
                }
            },
            "/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "Get this document.",
                    "responses": {
                        "200": {
                            "description": "The document.",
                            "content": {"application/json": {"schema": {"type": "object"}}},
                        }
                    },
                }
            },
        },
        "components": {"schemas": _schemas()},
    }


def _version() -> str:
    try:
        return version("yibao-search")
    except PackageNotFoundError:  # a bare checkout
        return "0"


def _parameter(parameter: Parameter) -> Json:
    schemas: dict[str, Json] = {
        "text": _TEXT,
        "facet": {"type": "array", "items": _TEXT},
        "date": _or_empty({"type": "string", "format": "date"}),
        "sort": {"type": "string", "enum": [*SORTS, ""], "default": SORTS[0]},
        "flag": {"type": "string", "enum": ["0", "1", ""], "default": "0"},
        "integer": _or_empty({"type": "integer", "minimum": 1, "maximum": parameter.maximum}),
    }
    described: Json = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": schemas[parameter.kind],
    }
    if parameter.repeatable:
        described |= {"style": "form", "explode": True}
    return described


def _or_empty(schema: Json) -> Json:
    """Return a schema that also takes what an untouched form field sends."""
    return {"anyOf": [schema, {"const": ""}]}


def _responses(description: str, schema: str, *problems: int) -> Json:
    names = {400: "A parameter is at fault.", 404: "There is no such thing.", 503: "There is no usable index."}
    answers: Json = {
        "200": {"description": description, "content": {"application/json": {"schema": _ref(schema)}}},
    }
    for status in problems:
        content = {"application/problem+json": {"schema": _ref("Problem")}}
        answers[str(status)] = {"description": names[status], "content": content}
    return answers


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _named(*facets: str) -> Json:
    county: Json = {"type": ["string", "null"]}
    return _closed(facet={"enum": list(facets)}, value=_TEXT, label=_TEXT, start=_COUNT, end=_COUNT, county=county)


def _closed(optional: Json | None = None, /, **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def _schemas() -> Json:
    facet_values = {facet.key: _list(_TEXT) for facet in FACETS}
    return {
        "Answer": _closed(
            query=_ref("Understood"),
            total=_COUNT,
            page={"type": "integer", "minimum": 1},
            size={"type": "integer", "minimum": 1},
            took_ms={"type": "number", "minimum": 0},
            hits=_list(_ref("Hit")),
            facets=_closed(**{facet.key: _list(_ref("FacetValue")) for facet in FACETS}),
            suggestion={"type": ["string", "null"]},
        ),
        "Understood": _closed(
            text=_TEXT,
            clauses=_list(
                _closed(
                    kind={"enum": list(get_args(ClauseKind))},
                    text=_TEXT,
                    start=_COUNT,
                    end=_COUNT,
                    forms=_list(_TEXT),
                    place={"type": ["string", "null"]},
                )
            ),
            places=_list(_named("province", "city")),
            insurance=_list(_named("insurance")),
            years=_list(_COUNT),
            document_numbers=_list(_TEXT),
            asks_amount={"type": "boolean"},
            direction={"enum": [*get_args(Direction), None]},
            notes=_list(_closed(code=_TEXT, message=_TEXT)),
        ),
        "Hit": _closed(
            {
                "why": _list(_closed(what=_TEXT, where=_TEXT, score={"type": "number"})),
                "similar": _closed(total=_COUNT, ids=_list(_TEXT)),
            },
            id=_TEXT,
            kind=_KIND,
            title=_TEXT,
            title_highlights=_list(_SPAN),
            snippets=_list(_closed(text=_TEXT, highlights=_list(_SPAN), section={"type": ["string", "null"]})),
            url=_TEXT,
            source=_TEXT,
            date=_DAY,
            **facet_values,
            score={"type": "number"},
        ),
        "FacetValue": _closed(value=_TEXT, label=_TEXT, count=_COUNT, selected={"type": "boolean"}),
        "Article": _closed(
            id=_TEXT,
            kind=_KIND,
            title=_TEXT,
            text=_TEXT,
            date=_DAY,
            source=_TEXT,
            url=_TEXT,
            **facet_values,
            sections=_list(
                _closed(heading=_TEXT, level={"type": "integer", "minimum": 1}, start=_COUNT, end=_COUNT, anchor=_TEXT)
            ),
            evidence=_list(
                _closed(
                    facet=_TEXT,
                    value=_TEXT,
                    rule=_TEXT,
                    field={"enum": ["title", "text", "metadata"]},
                    start=_COUNT,
                    end=_COUNT,
                )
            ),
        ),
        "Suggestions": _closed(
            suggestions=_list(_closed(text=_TEXT, kind={"enum": ["word", "place", "title"]}, count=_COUNT)),
        ),
        "Health": _closed(
            status={"const": "ok"},
            schema_version={"type": "integer"},
            fingerprint=_TEXT,
            segmenter=_TEXT,
            built_at={"type": "string", "format": "date-time"},
            documents=_COUNT,
            build_id=_TEXT,
        ),
        "Problem": {
            "type": "object",
            "description": "RFC 9457. `parameter` names the query or path parameter at fault, where one is.",
            "properties": {
                "type": {"type": "string"},
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "parameter": _TEXT,
            },
            "required": ["type", "title", "status", "detail"],
            "additionalProperties": False,
        },
    }
