"""The JSON endpoints. Strict where the page is lenient: every parameter must be known and readable."""

from __future__ import annotations

import dataclasses

from flask import Blueprint, Response, jsonify, request

from search import UserError, answer, article_json, query_from, results_json

from .live import engine
from .openapi import document
from .problems import problem

endpoints = Blueprint("api", __name__)


@endpoints.get("/api/v1/search")
def search() -> Response:
    """Search: the answer to `q` and the filters."""
    query = query_from(request.args.to_dict(flat=False))
    return jsonify(results_json(answer(engine(), query)))


@endpoints.get("/api/v1/articles/<path:article_id>")
def article(article_id: str) -> Response:
    """One stored article. It takes no parameters."""
    for name in request.args:
        raise UserError(name, f"没有名为“{name}”的参数。", f"unknown parameter {name!r}")
    found = engine().get(article_id)
    return jsonify(article_json(found)) if found else problem(404, "there is no such article", parameter="id")


@endpoints.get("/healthz")
def health() -> Response:
    """Whether this instance can answer, and from which index."""
    return jsonify({"status": "ok", **dataclasses.asdict(engine().info)})


@endpoints.get("/openapi.json")
def openapi() -> Response:
    """This interface, described in OpenAPI 3.1."""
    return jsonify(document())
