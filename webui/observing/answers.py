"""What is told of every answer: the rule of its route, never the path; a status, a time, a size. One line each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import Flask, Response, current_app, g, request

from search import Results

from ..served_index import served_build
from .request_ids import HEADER, request_id

UNREAD = "yibao.unread"
"""Set in the environment of an answer to a request that was not read: it has neither method nor route."""
SLOW = 1000.0
"""Milliseconds beyond which an answer is called slow, if nobody says otherwise."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NONE = "-"
_KEY = "yibao-observers"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. Who asked chose none of these values, but among those there are.

    `route` and `method` are `-` where there is none such; `ms` is None for a request that was not read; `build` is the
    index it was answered from, if it was asked; `clauses` says how many parts a search had.
    """

    request_id: str
    method: str
    route: str
    status: int
    ms: float | None
    bytes: int
    build: str | None
    clauses: int | None


Observer = Callable[[Answered, Results | None], None]
"""Is told of each answer, with the results of the search if it was one."""


def install(app: Flask, slow: float = SLOW) -> None:
    """Give the answers of `app` their id and their line. To be called first, so that it sees them as they are sent."""
    app.extensions[_KEY] = []
    app.before_request(_begin)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        answered = _answered(response)
        _tell(answered, slow)
        for observer in current_app.extensions[_KEY]:
            observer(answered, g.get("results"))
        return response


def observe(app: Flask, observer: Observer) -> None:
    """Let `observer` be told of each answer. It must not raise."""
    app.extensions[_KEY].append(observer)


def searched(results: Results) -> Results:
    """Take note that this request was a reader's search, and return its results."""
    g.results = results
    return results


def _begin() -> None:
    g.begun = time.perf_counter()


def _answered(response: Response) -> Answered:
    unread = UNREAD in request.environ
    rule = None if unread else request.url_rule
    results: Results | None = g.get("results")
    return Answered(
        request_id=request_id(),
        method=request.method if request.method in _METHODS and not unread else _NONE,
        route=rule.rule if rule else _NONE,
        status=response.status_code,
        ms=round((time.perf_counter() - g.begun) * 1000, 1) if "begun" in g else None,
        bytes=0 if request.method == "HEAD" else response.calculate_content_length() or 0,
        build=served_build(),
        clauses=len(results.parsed.clauses) if results else None,
    )


def _tell(answered: Answered, slow: float) -> None:
    late = answered.ms is not None and answered.ms > slow
    level = logging.ERROR if answered.status >= 500 else logging.WARNING if late else logging.INFO
    _log.log(level, "slow answer" if late else "answer", extra=asdict(answered))
