"""What other programs fetch: feed, exports, the browser's search description, and what crawlers read."""

from __future__ import annotations

import math
from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from search import Query, Sort, answer, parse_text

from ..caching import of_build
from ..origin import root
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
@of_build
def feed() -> Response:
    """Any search as an Atom feed, newest first."""
    state = _on_one_page(FEED, "newest")
    live = engine()
    plain = state.all_results().with_sort("relevance")
    body = atom_feed(answer(live, state.query), plain, root(), live.info.built_at)
    return Response(body, mimetype="application/atom+xml")


@feeds.get("/export.csv")
def export_csv() -> Response:
    """Any search as a table."""
    body = as_csv(answer(engine(), _on_one_page(LIMIT).query), root(), facets())
    return _download(body, "text/csv", "yibao.csv")


@feeds.get("/export.json")
def export_json() -> Response:
    """Any search as JSON."""
    body = as_json(answer(engine(), _on_one_page(LIMIT).query), root(), facets())
    return _download(body, "application/json", "yibao.json")


@feeds.get("/opensearch.xml")
@of_build
def description() -> Response:
    """How a browser searches here."""
    return Response(opensearch(root()), mimetype="application/opensearchdescription+xml")


@feeds.get("/robots.txt")
@of_build
def robots() -> Response:
    """What crawlers should leave alone."""
    return Response(ROBOTS.format(root=root()), mimetype="text/plain")


@feeds.get("/sitemap.xml")
@of_build
def site_map() -> Response:
    """The addresses of all articles; a list of sitemaps (`page`) if there are more than one holds."""
    state, _ = read({"page": request.args.getlist("page")[:1]})
    number = state.query.page
    matches = engine().match(parse_text(""), Query(sort="oldest", page=number, size=SITEMAP, collapse=False))
    parts = math.ceil(matches.total / SITEMAP)
    if parts > 1 and "page" not in request.args:
        body = sitemap_index([f"{root()}/sitemap.xml?page={part}" for part in range(1, parts + 1)])
    elif number > max(1, parts):
        raise NotFound
    else:
        own = ["/", "/coverage"] if number == 1 else []
        body = sitemap(root() + path for path in (*own, *(article_path(match.id) for match in matches.page)))
    return Response(body, mimetype="application/xml")


def _on_one_page(size: int, sort: Sort | None = None) -> SearchState:
    """Return what is searched for on one long page, in its own order or in `sort`."""
    state, _ = read(request.args.to_dict(flat=False), facets())
    return replace(state, query=replace(state.query, sort=sort or state.query.sort, page=1, size=size))


def _download(body: bytes, mimetype: str, name: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
