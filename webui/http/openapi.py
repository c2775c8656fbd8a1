"""The OpenAPI 3.1 document, made from what the code itself reads: the parameters, the facets, the response shapes."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from types import GenericAlias
from typing import Annotated, get_type_hints

from search import (
    EACH_FACET,
    FACETS,
    SORTS,
    AnswerJson,
    ArticleJson,
    Described,
    Facet,
    Facets,
    IndexInfo,
    NamedJson,
    Parameter,
    UnderstoodJson,
    parameters,
)

from .json_schema import Json, Narrowed, Schemas
from .responses import Health, Probe, Problem, Suggestions

_TEXT: Json = {"type": "string"}


def document(facets: Facets = FACETS) -> Json:
    """Return the document of a build with these facets, as a JSON object."""
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
                    "parameters": [_parameter(parameter) for parameter in parameters(facets).values()],
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
            "/livez": _probe("live", "Tell that this process answers.", "Probe"),
            "/readyz": _probe("ready", "Tell whether to send requests here.", "Probe", 503),
            "/healthz": _probe("health", "Tell whether there is an index, and which.", "Health", 503),
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
        "components": {"schemas": _schemas(facets)},
    }


def _probe(operation: str, summary: str, schema: str, *problems: int) -> Json:
    responses = _responses("It answers.", schema, *problems)
    return {"get": {"operationId": operation, "summary": summary, "responses": responses}}


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
    names = {
        400: "A parameter is at fault.",
        404: "There is no such thing.",
        503: "There is no usable index, or this server stops.",
    }
    answers: Json = {
        "200": {"description": description, "content": {"application/json": {"schema": _ref(schema)}}},
    }
    for status in problems:
        content = {"application/problem+json": {"schema": _ref("Problem")}}
        answers[str(status)] = {"description": names[status], "content": content}
    return answers


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas(facets: Facets) -> Json:
    """Return the schemas of all answers, with what they refer to."""
    schemas = Schemas(_name, lambda shape: _further(shape, facets))
    for shape in (AnswerJson, ArticleJson, Suggestions, Probe, Health, Problem):
        schemas.of(shape)
    return schemas.components


def _name(shape: type) -> str:
    return shape.__name__.removesuffix("Json")


def _further(shape: type, facets: Facets) -> Json:
    """Return the types of the fields that a shape has beside those it declares, or that say more than they."""
    if shape is Health:
        return get_type_hints(IndexInfo, include_extras=True)
    if shape is UnderstoodJson:
        recognised = {facet.key: _named(facet.key.title(), facet) for facet in facets.recognised}
        return {"places": _named("Place", *facets.places), **recognised}
    return dict.fromkeys(facets.keys, EACH_FACET[shape]) if shape in EACH_FACET else {}


def _named(name: str, *facets: Facet) -> GenericAlias:
    keys = Described(enum=tuple(facet.key for facet in facets))
    return GenericAlias(list, (Narrowed(NamedJson, name, (("facet", Annotated[str, keys]),)),))
