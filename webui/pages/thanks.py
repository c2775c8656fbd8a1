"""What a reader sees who has said whether an article helped: thanks, the way back, and the question why not."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from search import REASONS, Article

from ..caching import KEPT_BY_NOBODY
from .fragments import render, site_name
from .links import Link, article_path, article_url
from .state import SearchState
from .wording import say


@dataclass(frozen=True, slots=True)
class Thanks:
    """The page after an opinion; `reasons` are codes with their words, to choose from after one of no use.

    `found_by` is the search that led to the article.
    """

    title: str
    heading: str
    article: str
    back: Link
    found_by: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    canonical: str = ""
    text: str = ""


def thanks(article: Article, kind: str, reason: str, state: SearchState) -> Response:
    """Return the page for an opinion on `article` that was just counted; it was found by the search `state`."""
    asks = kind == "useless" and not reason
    page = Thanks(
        title=f"{say('thanks')} · {site_name()}",
        heading=say("thanks"),
        article=article.id,
        back=Link(say("back-to-article", title=article.title), article_url(article, state)),
        found_by=tuple(state.params()),
        reasons=tuple((code, say(f"reason-{code}")) for code in REASONS) if asks else (),
    )
    response = render("thanks", article_path(article.id), page=page)
    response.headers["Cache-Control"] = KEPT_BY_NOBODY
    return response
