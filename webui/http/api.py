"""The JSON endpoints. Strict where the page is lenient: every parameter must be known and readable."""

from __future__ import annotations

import dataclasses

from flask import Blueprint, Response, jsonify, request

from search import answer, article_json, check_names, completions, parameters, query_from, results_json

from ..caching import once_a_build, tagged
from ..observing.answers import searched
from ..served_index import engine, facets
from .openapi import document
from .problems import problem

endpoints = Blueprint("api", __name__)


@endpoints.get("/api/v1/search")
def search() -> Response:
    """Search: the answer to `q` and the filters."""
    query = query_from(request.args.to_dict(flat=False), facets())
    return jsonify(results_json(searched(answer(engine(), query)), facets()))


@endpoints.get("/api/v1/articles/<path:article_id>")
def article(article_id: str) -> Response:
    """One stored article. It takes no parameters."""
    check_names(request.args.to_dict(flat=False), {})
    return tagged(lambda: _article(article_id), article_id)


def _article(article_id: str) -> Response:
    found = engine().get(article_id)
    return jsonify(article_json(found, facets())) if found else problem(404, "there is no such article", parameter="id")


@endpoints.get("/api/v1/suggest")
def suggest() -> Response:
    """How the text being typed may go on. `q` is its only parameter."""
    check_names(request.args.to_dict(flat=False), {"q": parameters()["q"]})
    found = completions(engine(), request.args.get("q", ""))
    return jsonify({"suggestions": [dataclasses.asdict(completion) for completion in found]})


@endpoints.get("/openapi.json")
def openapi() -> Response:
    """This interface, described in OpenAPI 3.1."""
    return once_a_build(lambda: jsonify(document(facets())))
