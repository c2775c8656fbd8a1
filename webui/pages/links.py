"""Links as values, and the addresses of what is not a search."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from search import Article

from .state import SearchState
from .wording import say

SITE = say("site")
BROWSE = "/?sort=newest"
"""All articles by date; the bare `/` is the start page."""
OWN_PAGE = r"/(?:(?:articles/|coverage|compare|feedback)[!$-;=?-Z_a-z~]*|\?[!$-;=?-Z_a-z~]*)?"
"""A pattern of the addresses of pages, as they stand in HTML: nothing that must be escaped there, no fragment."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text; `current` marks the one that leads to where the reader is, `count` what it leads to."""

    label: str
    url: str
    current: bool = False
    count: int = 0


def article_path(article_id: str) -> str:
    """Return the canonical path of an article."""
    return f"/articles/{quote(article_id)}"


def file_path(article_id: str) -> str:
    """Return the path of the file that an article was read from."""
    return f"/files/{quote(article_id)}"


def article_url(article: Article, state: SearchState, anchor: str = "") -> str:
    """Return the address of an article that remembers the search it was found by."""
    return f"{article_path(article.id)}{state.querystring()}{'#' + quote(anchor) if anchor else ''}"


def compare_url(a: str, b: str, topic: str = "", text: str = "") -> str:
    """Return the address that shows two places side by side."""
    pairs = {"a": a, "b": b, "topic": topic, "q": text}
    return "/compare?" + urlencode({name: value for name, value in pairs.items() if value})
