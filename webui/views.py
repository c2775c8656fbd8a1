"""The pages: search, article, and the error pages in the same design."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from search import Query, UserError, answer, parse_text

from .article import article_page
from .fragments import render, update_address
from .live import engine
from .pages import SITE, search_page
from .state import SearchState, read

pages = Blueprint("pages", __name__)


@pages.get("/")
def search() -> Response:
    """The search page. An empty search browses, newest first."""
    state, notices = _state()
    live = engine()

    def total_of(query: Query) -> int:
        return answer(live, replace(query, page=1, size=1)).total

    page = search_page(state, answer(live, state.query), notices, total_of)
    return update_address(render("search", page=page), state)


@pages.get("/articles/<path:article_id>")
def article(article_id: str) -> Response:
    """One article, with the words of the search it was found by marked."""
    found = engine().get(article_id)
    if found is None:
        raise NotFound
    state, _ = _state()
    try:
        parsed = parse_text(state.query.text)
    except UserError:  # too long to search for: the article is still worth reading
        parsed = parse_text("")
    canonical = url_for("pages.article", article_id=article_id)
    return render("article", page=article_page(found, parsed, state, canonical))


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page says. `hidden` keeps the filters in the form, so that mending the text does not lose them."""

    title: str
    heading: str
    message: str
    command: str
    text: str
    hidden: tuple[tuple[str, str], ...]


def error_page(status: int, heading: str, message: str, command: str = "") -> Response:
    """Return an error in the design of the page: what happened, what to do, and a search box to go on with."""
    state, _ = _state()
    kept = tuple(pair for pair in state.params() if pair[0] not in ("q", "page"))
    page = ErrorPage(f"{heading} · {SITE}", heading, message, command, state.query.text[:200], kept)
    return render("error", status, page=page)


def _state() -> tuple[SearchState, tuple[str, ...]]:
    return read(request.args.to_dict(flat=False))
