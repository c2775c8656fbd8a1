"""Where readers say whether an article helped: a form, without script and without cookie.

Only a form of our own may send it, so that no other site can let its visitors say so. Of the reader nothing is kept:
docs/decisions/0421-feedback.md.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, request
from werkzeug.exceptions import Forbidden, NotFound, TooManyRequests

from search import Article, opinion

from ..observing.feedback import hand_on, is_asked
from ..origin import root
from ..pages.large import carried
from ..pages.state import read
from ..pages.thanks import thanks
from ..served_index import engine
from .clients import Rates, asker

feedback = Blueprint("feedback", __name__)

PER_SECOND = 1
"""Opinions that one client may send a second, and five times as many at once."""
LONGEST = 8192
"""Bytes of a form."""
_KEY = "yibao-opinions"


def install(app: Flask, trusted: Collection[str]) -> None:
    """Let `app` take opinions where they are asked for; behind `trusted` proxies by their X-Forwarded-For."""
    app.extensions[_KEY] = (Rates(PER_SECOND), frozenset(trusted))
    app.register_blueprint(feedback)


@feedback.post("/feedback")
def said() -> Response:
    """Count an opinion (`article`, `kind`, `reason`), and lead to the thanks, from which Back leads to the article.

    The other fields are the search that led to the article.
    """
    if not _is_own():
        raise Forbidden
    rates, trusted = current_app.extensions[_KEY]
    client = asker(trusted)
    if client and (early := rates.wait(client)):
        raise TooManyRequests(retry_after=math.ceil(early))
    request.max_content_length = LONGEST
    article_id, kind, reason = (request.form.get(name, "") for name in ("article", "kind", "reason"))
    article = _asked_about(article_id)
    if article is None or not hand_on(client, article.id, kind, reason):
        raise NotFound
    address = "/feedback/thanks?" + urlencode(list(request.form.items(multi=True)))
    return make_response(redirect(carried(address), 303))


@feedback.get("/feedback/thanks")
def thanked() -> Response:
    """Thank for an opinion, which is counted already."""
    article_id, kind, reason = (request.args.get(name, "") for name in ("article", "kind", "reason"))
    article = _asked_about(article_id)
    if article is None or not opinion(article.id, kind, reason):
        raise NotFound
    state, _ = read(request.args.to_dict(flat=False), engine().facets)
    return thanks(article, kind, reason, state)


def _asked_about(article_id: str) -> Article | None:
    return engine().get(article_id) if is_asked(article_id) else None


def _is_own() -> bool:
    """Tell whether a page of ours sent this request: as the browser says itself, or if it is older, by its Origin."""
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site is not None else request.headers.get("Origin") == root()
