"""The pages: search, article, and the error pages in the same design."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, make_response, redirect, request
from werkzeug.exceptions import NotFound

from search import MAX_CHARACTERS, UNSTATED, parse_for

from ..caching import once_a_build, tagged
from ..observing.answers import searched
from ..observing.feedback import is_asked
from ..observing.request_ids import request_id
from ..origin import root
from ..originals import offered, size_of
from ..served_index import engine, facets
from .article import article_page
from .collection import Collection
from .compare import compare_page
from .coverage import coverage_page
from .fragments import form, query_before, render, site_name, update_address, wants_block, without_lost_cities
from .links import Link, article_path, article_url
from .search_page import search_page
from .start import NEWEST
from .state import SearchState, read
from .wording import say

pages = Blueprint("pages", __name__)


@pages.get("/")
def search() -> Response:
    """The search page; the start page as long as nothing is asked for."""
    if shorter := _without_empty_fields():
        return shorter
    state, notices = _state()
    before = query_before(state.facets)
    state = without_lost_cities(state, before)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()

    def make() -> Response:
        collection = Collection(engine())
        results = searched(collection.answer(replace(state.query, size=NEWEST) if state.is_start() else state.query))
        return render("search", state.url(), page=search_page(state, results, notices, collection, today))

    asked = state.params() or notices
    if not asked:
        answer = once_a_build(make, str(today), form(), root(), dated=False)
    elif wants_block():
        answer = make()
    else:
        answer = tagged(make, str(today), root(), request.query_string.decode("latin-1"), asked=True)
    return update_address(answer, state, before)


def _without_empty_fields() -> Response | None:
    """Return the way to the same search without what a form sends, without a script, of fields that are left empty."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if value.strip()]
    if wants_block() or len(pairs) == len(list(request.args.items(multi=True))):
        return None
    return make_response(redirect("/" + ("?" + urlencode(pairs) if pairs else ""), 303))


@pages.get("/articles/<path:article_id>")
def article(article_id: str) -> Response:
    """One article, with the words of the search it was found by marked."""
    state, _ = _state()
    asked = bool(state.params())
    what = (root(), article_id, form(), offered(), state.querystring(), str(is_asked(article_id)))
    return tagged(lambda: _article(article_id, state), *what, asked=asked)


def _article(article_id: str, state: SearchState) -> Response:
    collection = Collection(engine())
    found = collection.engine.get(article_id)
    if found is None:
        raise NotFound
    parsed = parse_for(collection.engine, state.query.text)
    address = root() + article_path(article_id)
    page = article_page(found, parsed, state, address, collection, size_of(found))
    return render("article", article_url(found, state), page=page, asks=is_asked(found.id))


@pages.get("/coverage")
def coverage() -> Response:
    """Places × topics: what the collection holds and lacks. `province` looks into one province."""
    state, _ = _state()
    provinces = [value for value in state.query.filters.get("province", ()) if value != UNSTATED]
    province = provinces[0] if provinces else ""

    def make() -> Response:
        page = coverage_page(province, Collection(engine()))
        return render("coverage", page.canonical, page=page)

    return once_a_build(make, province, form(), root())


@pages.get("/compare")
def compare() -> Response:
    """Two places (`a`, `b`) side by side, on one `topic` or question (`q`)."""
    a, b, topic, question = (request.args.get(name, "")[:MAX_CHARACTERS] for name in ("a", "b", "topic", "q"))
    page = compare_page(a, b, topic, question, Collection(engine()))
    return render("compare", page.canonical, page=page)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page says. `hidden` keeps the filters in the form, so that mending the text does not lose them.

    `number` is the id of the request, by which an operator finds its line in the log.
    """

    title: str
    heading: str
    message: str
    number: str
    text: str
    hidden: tuple[tuple[str, str], ...]
    ways: tuple[Link, ...]


def error_page(status: int, heading: str, message: str, ways: tuple[Link, ...] = ()) -> Response:
    """Return an error in the design of the page: what happened, what to do, and a search box to go on with."""
    state, _ = _state()
    kept = tuple(pair for pair in state.params() if pair[0] not in ("q", "page"))
    ways = (*ways, Link(say("home"), "/"))
    page = ErrorPage(f"{heading} · {site_name()}", heading, message, request_id(), state.query.text, kept, ways)
    return render("error", state.url(), status, page=page)


def past_the_end(heading: str, message: str) -> Response:
    """Return the error for a page that is not there, with the ways to the first and the last one that are."""
    state, _ = _state()
    first = state.with_page(1)
    last = math.ceil(Collection(engine()).count(first.query) / first.query.size)
    ways = [Link(say("first-page"), first.url())]
    if last > 1:
        ways.append(Link(say("last-page", last=last), state.with_page(last).url()))
    return error_page(404, heading, message, ways=tuple(ways))


def _state() -> tuple[SearchState, tuple[str, ...]]:
    """Return what this request's address says, read once however often it is asked for."""
    if "state" not in g:
        g.state = read(request.args.to_dict(flat=False), facets())
    state: tuple[SearchState, tuple[str, ...]] = g.state
    return state
