"""Errors as answers: a page for readers, `application/problem+json` (RFC 9457) for programs.

Neither shows a path, a command or a message of the system: those are for the operator, and stand in the log.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from search import (
    EngineUnavailable,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    IndexUnavailable,
    PageOutOfRange,
    UserError,
)

from ..pages.views import error_page, past_the_end
from ..pages.wording import ERRORS, OVERLOADED, say
from .responses import Problem

_MACHINE_PATHS = ("/api/", "/healthz", "/livez", "/readyz", "/openapi.json")
_NO_INDEX: dict[type[Exception], tuple[str, str]] = {
    EngineUnavailable: ("engine-unavailable", "the cluster that holds the index does not answer now"),
    IndexMissing: ("index-missing", "there is no index yet"),
    IndexDamaged: ("index-damaged", "the index is damaged"),
    IndexOutdated: ("index-outdated", "the index was made by another version of this program"),
}
AGAIN = "30"
"""Seconds after which to ask again when nothing can be answered (`Retry-After`)."""
SOON = "5"
"""The same where another node of a cluster may take over meanwhile."""
_STATUSES = {status.value for status in HTTPStatus}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(UserError, _user_error)
    app.register_error_handler(IndexUnavailable, _unavailable)
    app.register_error_handler(EngineUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_error)


def problem(status: int, detail: str, *, parameter: str = "", code: str = "") -> Response:
    """Return a problem document; `parameter` is the one at fault, if one is, `code` names why nothing is answered."""
    title = HTTPStatus(status).phrase if status in _STATUSES else "Unknown Error"
    body: Problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if parameter:
        body["parameter"] = parameter
    if code:
        body["code"] = code
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


def _unavailable(error: IndexUnavailable | EngineUnavailable) -> Response:
    _log.error("%s", error)
    if _for_machine():
        reasons = (reason for kind, reason in _NO_INDEX.items() if isinstance(error, kind))
        code, detail = next(reasons, ("index-unavailable", "the index cannot be searched"))
        response = problem(503, f"{detail}; the log of the server says what to do", code=code)
    else:
        response = error_page(503, *(OVERLOADED if isinstance(error, EngineUnavailable) else ERRORS[503]))
    response.headers["Retry-After"] = SOON if isinstance(error, EngineUnavailable) else AGAIN
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
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", AGAIN)
    return response
