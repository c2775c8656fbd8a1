"""How a text may go on: for the endpoint, and as the options under the search box."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from search import completions

from ..served_index import engine

options = Blueprint("completions", __name__)
SHOWN = 6


@options.get("/suggest")
def listbox() -> Response:
    """The options of the search box, as a block."""
    text = request.args.get("q", "")
    found = [each for each in completions(engine(), text, SHOWN) if each.text != text.strip()]
    return make_response(render_template("options.html", options=found))
