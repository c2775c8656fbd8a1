"""A search box for the pages of other sites: a script (`/embed.js`) or a page for a frame (`/embed`).

Who may is the setting of `security`: the sites that may read the endpoint and frame the pages (docs/embed.md).
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, render_template

from ..caching import KEPT_BY_ANYBODY, once_a_build
from ..pages.fragments import site_name

embedding = Blueprint("embedding", __name__)
SCRIPT = Path(__file__).parents[1] / "static" / "embed.js"


@embedding.get("/embed.js")
def script() -> Response:
    """The script, at an address that stays the same."""
    response = Response(SCRIPT.read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = KEPT_BY_ANYBODY
    response.add_etag()
    return response


@embedding.get("/embed")
def frame() -> Response:
    """The box alone, as a page for a frame. Without a script it is a plain form."""
    return once_a_build(lambda: Response(render_template("embed.html", site_name=site_name()), mimetype="text/html"))
