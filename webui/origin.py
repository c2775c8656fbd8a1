"""Where this server is on the web: what absolute addresses begin with, and which hosts it answers for."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, current_app, request
from werkzeug.exceptions import SecurityError

_BASE_URL = "BASE_URL"


def install(app: Flask, base_url: str, trusted_hosts: Sequence[str]) -> None:
    """Tell `app` the address that readers know it by, and the hosts it answers for: any, if none is named."""
    app.config[_BASE_URL] = base_url
    app.config["TRUSTED_HOSTS"] = list(trusted_hosts) or None
    app.jinja_env.globals["root"] = root


def root() -> str:
    """Return what absolute addresses begin with: as configured; else as the request says, which anybody may make up.

    Empty where the request names a host that is not answered for: its error page has addresses without one.
    """
    configured: str = current_app.config[_BASE_URL]
    try:
        # Not request.url_root, which cannot be had of every host that is let through (xn--a).
        return configured or f"{request.scheme}://{request.host}"
    except SecurityError:
        return ""
