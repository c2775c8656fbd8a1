"""How a text may go on: for the endpoint, and as the options under the search box."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request

from search import MAX_CHARACTERS, Query, completions

from ..served_index import engine
from .collection import Collection
from .large import carried
from .links import article_url
from .state import SearchState

options = Blueprint("completions", __name__)
SHOWN = 6
TITLES = 3
"""Titles among them: the results, which the list covers, begin with these too."""


@options.get("/suggest")
def listbox() -> Response:
    """The options of the search box, as a block."""
    text = request.args.get("q", "")
    found = [each for each in completions(engine(), text, SHOWN, results=False) if each.text != text.strip()]
    titles = [each for each in found if each.kind == "title"][TITLES:]
    return make_response(render_template("options.html", options=[each for each in found if each not in titles]))


@options.get("/open")
def opened() -> Response:
    """The article of the very title `q`; if none or several have it, the search for it."""
    title = request.args.get("q", "")[:MAX_CHARACTERS]
    state = SearchState(Query(text=title))
    hits = Collection(engine()).answer(replace(state.query, collapse=False)).hits if title.strip() else ()
    found = [hit.article for hit in hits if hit.article.title == title]
    answer = redirect(carried(article_url(found[0], state) if len(found) == 1 else state.url()), 303)
    return make_response(answer)
