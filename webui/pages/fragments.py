"""Full page or block: what htmx gets, what everybody else gets, and which address goes into the history.

htmx marks its requests with `HX-Request`; when it restores a page from the history it wants the whole page again.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from flask import Response, make_response, render_template, request
from flask_htmx import HTMX

from search import Facets, Query

from ..caching import KEPT_BY_NOBODY, KEPT_BY_READER
from ..served_index import site
from .hotline import hotline
from .large import carried, enlarged, is_large, switch
from .links import SITE
from .state import SearchState, read

htmx = HTMX()

VARY = "HX-Request, HX-History-Restore-Request"


def wants_block() -> bool:
    """Return whether this request replaces a block of a page that is already there."""
    return bool(htmx) and not htmx.history_restore_request


def form() -> str:
    """Return the name of what `render` returns: it depends on this beside its page."""
    return ("block" if wants_block() else "page") + (" large" if is_large() else "")


def render(template: str, here: str, status: int = 200, **context: object) -> Response:
    """Render `template`.html, or only its block (`template`_block.html) for htmx. Both carry the title.

    `here` is the address of what is shown, by which it is also shown in the other size.
    """
    block = wants_block()
    page = "block.html" if block else f"{template}.html"
    known = {"site": site(), "site_name": site_name(), "hotline": hotline(site())}
    sizes = {"large": is_large(), "other_size": switch(here)}
    html = render_template(page, name=template, **known, **sizes, **context)
    response = make_response(enlarged(html) if is_large() else html)
    response.status_code = status
    response.headers["Vary"] = VARY
    # A block must never come back as the page when the browser goes back to this address. An error is over when it is
    # mended. A page may stay in the browser that asked, whose history names it anyway: going back is instant.
    response.headers["Cache-Control"] = KEPT_BY_NOBODY if block or status >= 400 else KEPT_BY_READER
    return response


def site_name() -> str:
    """Return what this site is called, also while there is no index."""
    return site().name or SITE


def query_before(facets: Facets) -> Query | None:
    """Return what the search page showed before a form changed it.

    None if a link was followed, which means just what it says, or if another page was there or none of ours.
    """
    if not wants_block() or request.headers.get("HX-Source", "").split("#")[0] == "a":
        return None
    try:
        address = urlsplit(htmx.current_url or "")
    except ValueError:
        return None
    return read(parse_qs(address.query), facets)[0].query if address.path == "/" else None


def without_lost_cities(state: SearchState, before: Query | None) -> SearchState:
    """Return the state without the cities of a province that was just ticked off: its box takes theirs along."""
    filters = before.filters if before else {}
    for key in (facet.parent for facet in state.facets if facet.parent):
        for value in filters.get(key, ()):
            if value not in state.query.filters.get(key, ()):
                state = state.with_facet(key, value).without_facet(key, value)
    return state


def update_address(response: Response, state: SearchState, before: Query | None) -> Response:
    """Tell htmx the canonical address: a new history entry for filters, pages and links, the same one while typing."""
    if wants_block():
        typed = _only_typed(before, state.query)
        header = "HX-Replace-Url" if typed else "HX-Push-Url"
        response.headers[header] = carried(state.url())
    return response


def _only_typed(before: Query | None, after: Query) -> bool:
    """Return whether nothing but the text differs; another text starts on page 1 again."""
    if before is None:
        return False
    page = after.page if before.text != after.text else before.page
    return replace(before, text=after.text, page=page) == after
