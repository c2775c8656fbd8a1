"""Errors as answers: a page for readers, `application/problem+json` (RFC 9457) for programs."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from search import IndexUnavailable, PageOutOfRange, UserError

from ..pages.views import error_page, past_the_end
from ..pages.wording import ERRORS, NO_INDEX, say
from .responses import Problem

_MACHINE_PATHS = ("/api/", "/healthz", "/openapi.json")
_STATUSES = {status.value for status in HTTPStatus}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(UserError, _user_error)
    app.register_error_handler(IndexUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_error)


def problem(status: int, detail: str, parameter: str = "") -> Response:
    """Return a problem document; `parameter` is the one at fault, if one is."""
    title = HTTPStatus(status).phrase if status in _STATUSES else "Unknown Error"
    body: Problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if parameter:
        body["parameter"] = parameter
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def _for_machine() -> bool:
    return request.path.startswith(_MACHINE_PATHS)


def _user_error(error: UserError) -> Response:
    status = 404 if isinstance(error, PageOutOfRange) else 400
    if _for_machine():
        return problem(status, error.detail, parameter=error.field)
    if status == 404:
        return past_the_end(say("no-such-page"), error.message)
    return error_page(status, say("refused"), error.message)


def _unavailable(error: IndexUnavailable) -> Response:
    _log.error("%s", error)
    response = problem(503, str(error)) if _for_machine() else error_page(503, *NO_INDEX, error.command)
    response.headers["Retry-After"] = "30"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if _for_machine():
        response = problem(status, error.description or error.name)
    else:
        response = error_page(status, *ERRORS.get(status, ERRORS[400 if status < 500 else 500]))
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    )
    return response
