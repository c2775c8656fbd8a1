"""What other programs fetch: feed, exports, the browser's search description, and what crawlers read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from search import Facets, Query, Results, Sort, answer, parse_text

from ..caching import once_a_build, tagged
from ..origin import root
from ..pages.fragments import site_name
from ..pages.links import article_path
from ..pages.state import SearchState, read
from ..served_index import engine, facets
from .export import LIMIT, as_csv, as_json
from .xml import atom_feed, opensearch, sitemap, sitemap_index

feeds = Blueprint("feeds", __name__)

FEED = 50
"""Entries of a feed."""
SITEMAP = 50_000
"""Addresses of one sitemap, by its protocol."""
# A crawler gets the articles and the pages that list them, not every combination of filters.
ROBOTS = """User-agent: *
Disallow: /*?
Disallow: /api/
Disallow: /compare
Disallow: /export.
Disallow: /feed.atom
Allow: /static/
Allow: /sitemap.xml

Sitemap: {root}/sitemap.xml
"""


@feeds.get("/feed.atom")
def feed() -> Response:
    """Any search as an Atom feed, newest first."""
    state = _on_one_page(FEED, "newest")
    plain = state.all_results().with_sort("relevance")

    def make() -> Response:
        live = engine()
        body = atom_feed(answer(live, state.query), plain, root(), live.info.built_at, site_name())
        return Response(body, mimetype="application/atom+xml")

    if plain.params():
        return tagged(make, root(), plain.querystring(), asked=True)
    return once_a_build(make, root())


@feeds.get("/export.csv")
def export_csv() -> Response:
    """Any search as a table."""
    return _export(as_csv, "text/csv", "yibao.csv")


@feeds.get("/export.json")
def export_json() -> Response:
    """Any search as JSON."""
    return _export(as_json, "application/json", "yibao.json")


@feeds.get("/opensearch.xml")
def description() -> Response:
    """How a browser searches here."""
    return once_a_build(
        lambda: Response(opensearch(root(), site_name()), mimetype="application/opensearchdescription+xml"), root()
    )


@feeds.get("/robots.txt")
def robots() -> Response:
    """What crawlers should leave alone."""
    return once_a_build(lambda: Response(ROBOTS.format(root=root()), mimetype="text/plain"), root())


@feeds.get("/sitemap.xml")
def site_map() -> Response:
    """The addresses of all articles; a list of sitemaps (`page`) if there are more than one holds."""
    state, _ = read({"page": request.args.getlist("page")[:1]})
    parts = max(1, math.ceil(engine().info.documents / SITEMAP))
    number = state.query.page
    if parts > 1 and "page" not in request.args:
        number = 0
    elif number > parts:
        raise NotFound
    return once_a_build(lambda: _site_map(number, parts), root(), f"{number} of {parts}")


def _site_map(number: int, parts: int) -> Response:
    """Return a part of the sitemap; number 0 is the list of them."""
    if not number:
        body = sitemap_index([f"{root()}/sitemap.xml?page={part}" for part in range(1, parts + 1)])
    else:
        every = Query(sort="oldest", page=number, size=SITEMAP, collapse=False)
        found = (article_path(match.id) for match in engine().match(parse_text(""), every).page)
        own = ["/", "/coverage"] if number == 1 else []
        body = sitemap(root() + path for path in (*own, *found))
    return Response(body, mimetype="application/xml")


def _export(write: Callable[[Results, str, Facets], bytes], mimetype: str, name: str) -> Response:
    """Return the first results as a file. What was chosen or typed is nobody's to keep; all articles are."""
    state = _on_one_page(LIMIT)

    def make() -> Response:
        response = Response(write(answer(engine(), state.query), root(), facets()), mimetype=mimetype)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    # Without a text there is nothing to be relevant to: newest first.
    oldest = state.query.sort == "oldest"
    return make() if state.criteria() else once_a_build(make, root(), "oldest" if oldest else "newest")


def _on_one_page(size: int, sort: Sort | None = None) -> SearchState:
    """Return what is searched for on one long page, in its own order or in `sort`."""
    state, _ = read(request.args.to_dict(flat=False), facets())
    return replace(state, query=replace(state.query, sort=sort or state.query.sort, page=1, size=size))
