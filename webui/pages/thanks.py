"""What a reader sees who has said whether an article helped: thanks, the way back, and the question why not."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from search import REASONS, Article

from ..caching import KEPT_BY_NOBODY
from .fragments import render, site_name
from .links import Link, article_path
from .wording import say


@dataclass(frozen=True, slots=True)
class Thanks:
    """The page after an opinion; `reasons` are codes with their words, to choose from after one of no use."""

    title: str
    heading: str
    article: str
    back: Link
    reasons: tuple[tuple[str, str], ...]
    canonical: str = ""
    text: str = ""


def thanks(article: Article, kind: str, reason: str) -> Response:
    """Return the page for an opinion on `article` that was just counted."""
    asks = kind == "useless" and not reason
    page = Thanks(
        title=f"{say('thanks')} · {site_name()}",
        heading=say("thanks"),
        article=article.id,
        back=Link(say("back-to-article", title=article.title), article_path(article.id)),
        reasons=tuple((code, say(f"reason-{code}")) for code in REASONS) if asks else (),
    )
    response = render("thanks", article_path(article.id), page=page)
    response.headers["Cache-Control"] = KEPT_BY_NOBODY
    return response
