"""Headers of every answer: nothing runs but our own files, nobody frames us unasked, and no query leaks.

What people ask about their health stays between them and this server: no referrer, no cookies, no log of queries.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors {ancestors}",
    )
)
_SHARED = "/api/"
"""Below this, pages of other origins may read, if they are allowed to."""
_REMEMBERED = "600"
"""Seconds a browser may remember what it was allowed: after a change of the setting it asks again that soon."""


def install(app: Flask, allow_origins: Sequence[str] = ()) -> None:
    """Add the headers to every answer of `app`. Pages of `allow_origins` may frame ours and read what `/api/` says."""
    policy = CONTENT_SECURITY_POLICY.format(ancestors=" ".join(allow_origins) or "'none'")

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)  # what is no page of ours has a stricter one
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if allow_origins and request.path.startswith(_SHARED):
            response.vary.add("Origin")
            if request.origin in allow_origins:
                _permit(response)
        return response


def _permit(response: Response) -> None:
    """Let the page that asks read the answer (CORS). Never with credentials, of which there are none here."""
    response.headers["Access-Control-Allow-Origin"] = request.origin
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    if request.method == "OPTIONS" and request.access_control_request_method:
        response.headers["Access-Control-Allow-Methods"] = "GET"
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = _REMEMBERED
