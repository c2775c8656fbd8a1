"""An article as far as the rules of facets look at it, folded: title, opening, headings, and the title's places."""

from __future__ import annotations

from dataclasses import dataclass

from ..gazetteer.recognition import Found, sure_units, understand
from ..model import Article
from ..text.folding import fold

OPENING = 400
"""Characters of the text that may say what it is about: two teasers, or an article's first two paragraphs. Further
down, texts of this kind compare and give examples."""

SUPPORT = 1000
"""Characters in which an unclear place of the title may find support; there a mention is enough, so look further."""


@dataclass(frozen=True, slots=True)
class FoldedArticle:
    """Title, opening and headings (with where each begins and its line ends), folded.

    `places` are those of the title; in `masked` they are overwritten by 〇.
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
    headings = tuple((fold(section.heading), section.start, section.body) for section in article.sections)
    return FoldedArticle(title, masked, fold(article.text[:OPENING]), found, headings)
