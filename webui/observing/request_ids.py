"""An id a request: in the answer, in each log line, and on error pages, so that one leads to the other."""

from __future__ import annotations

import re
import secrets

from flask import g, request

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""Ids that proxies make (nginx: 32 digits; Envoy, Caddy, Traefik: a UUID). Nothing that people type looks so."""


def request_id() -> str:
    """Return the id of this request: the one that a proxy gave it, or a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    found: str = g.request_id
    return found
