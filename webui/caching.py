"""What may be kept of an answer, and by whom: nothing that people ask; by anybody what depends on the build alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from importlib.metadata import version
from typing import ParamSpec

from flask import Flask, Response, request

from .origin import root
from .served_index import engine

KEPT_BY_NOBODY = "no-store"
KEPT_BY_ANYBODY = "public, no-cache"
"""To be asked for again each time, which costs a comparison: a new build shows at once."""
_BLOCK = "HX-Request"
_P = ParamSpec("_P")


def install(app: Flask) -> None:
    """Let nobody keep an answer of `app` that does not say otherwise."""
    app.after_request(_by_nobody)


def _by_nobody(response: Response) -> Response:
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = KEPT_BY_NOBODY
    return response


def of_build(view: Callable[_P, Response]) -> Callable[_P, Response]:
    """Mark a view whose answer depends on the build and the address alone: it is made once for whoever keeps it.

    What the view itself says about keeping stands.
    """

    @wraps(view)
    def kept(*args: _P.args, **options: _P.kwargs) -> Response:
        tag = _tag()
        for known in request.if_none_match.as_set(include_weak=True):
            # Compression marks the tag of what it compressed.
            if known.partition(":")[0] == tag:
                return _tagged(Response(status=HTTPStatus.NOT_MODIFIED), known)
        response = view(*args, **options)
        return _tagged(response, tag) if response.status_code == HTTPStatus.OK else response

    return kept


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)  # weak: the same in other bytes, when compressed
    response.headers.setdefault("Cache-Control", KEPT_BY_ANYBODY)
    return response


def _tag() -> str:
    parts = (
        version("yibao-search"),
        engine().info.build_id,
        root(),
        request.full_path,
        request.headers.get(_BLOCK, ""),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
