"""An article as far as the rules of facets look at it, folded: title, opening, headings, and the title's places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..gazetteer.recognition import Found, sure_units, understand
from ..model import Article
from ..text.folding import fold

OPENING = 400
"""Characters of the text that may say what it is about: two teasers, or an article's first two paragraphs. Further
down, texts of this kind compare and give examples."""

SCOPE = "\n第二条"
"""The article that says what a statute is for; its first one only says why, after the letter that brings it."""
SCOPE_WITHIN = 1500
SCOPE_LENGTH = 200
"""Characters in which it must begin, and that belong to it: then the opening of a statute goes so far."""

_ABOUT = "关于"
_ISSUER = re.compile(
    r"(?:[局厅委署]|(?<![全内外])部|政府|(?:委员|常委|协|联合|理事|总工)会"
    r"|国务院|法院|检察院|总社|银行|中心|办公室|部门)[\s、,，]*$"
)
_SITE = re.compile(r"\s*[-_—–|].{1,30}(?:网站?|门户|频道|公众号|信息公开|[局厅委会府])$")
"""Who tells it, which is not what is told: before 关于, and after a dash at the end."""

_ROUNDUP = re.compile("(?:快讯|简讯|要闻|速览|早报|晚报|周报|联播)$")
"""Many news under one title: none of them is what the whole is about."""

SUPPORT = 1000
"""Characters in which an unclear place of the title may find support; there a mention is enough, so look further."""


@dataclass(frozen=True, slots=True)
class FoldedArticle:
    """Title, opening and headings (with where each begins and its line ends), folded.

    `places` are those of the title; in `masked` they are overwritten by 〇, and by blanks the offices that issue or
    publish it.
    """

    title: str
    masked: str
    opening: str
    places: tuple[Found, ...]
    headings: tuple[tuple[str, int, int], ...]


def fold_article(article: Article) -> FoldedArticle:
    """Fold the title and the opening and find the places of the title."""
    title = fold(article.title)
    found = tuple(understand(title, lambda: sure_units(fold(article.text[:SUPPORT])), brief=True))
    masked = title
    for each in found:
        masked = masked[: each.start] + "〇" * (each.end - each.start) + masked[each.end :]
    masked = _without_offices(masked)
    headings = tuple((fold(section.heading), section.start, section.body) for section in article.sections)
    if _ROUNDUP.search(title):
        return FoldedArticle(title, masked, "", found, ())
    return FoldedArticle(title, masked, fold(article.text[: _opening_ends(article.text)]), found, headings)


def _opening_ends(text: str) -> int:
    scope = text.find(SCOPE, 0, SCOPE_WITHIN)
    return max(OPENING, scope + SCOPE_LENGTH) if scope >= 0 else OPENING


def _without_offices(title: str) -> str:
    """Overwrite by blanks who issues a title (X局关于…) or publishes it (…-X局网站)."""
    about = title.find(_ABOUT)
    if about > 0 and _ISSUER.search(title[max(0, about - 12) : about]):
        title = " " * about + title[about:]
    dash = max(title.rfind(sign) for sign in "-_—–|")
    if dash > 0 and (site := _SITE.match(title, dash)):
        title = title[:dash] + " " * (site.end() - dash)
    return title
