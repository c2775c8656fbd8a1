"""Which words of a query a result does not hold, by the rule that made it match. Knows no engine: texts are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..facets import cities_of
from ..model import Article, Clause, Matches, Named, Parsed
from ..text import fold, occurrences


def can_be_lacking(parsed: Parsed, typed: Parsed, matches: Matches) -> tuple[Clause, ...]:
    """Return the words that not every result holds, in the order of the text; of a query that is answered in pieces
    those of it as `typed`. Single characters, years and question words are not worth telling.
    """
    indices = sorted({*matches.optional, *matches.missing})
    asked = {parsed.clauses[index] for index in indices}
    cut = {clause for clause in typed.clauses if clause not in parsed.clauses}
    return tuple(c for c in typed.clauses if c in asked | cut and c.kind == "word" and len(c.text) > 1)


def lacks(article: Article, words: Collection[Clause], places: Iterable[Named]) -> tuple[str, ...]:
    """Return which of these words, as typed, an article holds in no form.

    That of a place is held by what is about one of the `places` of the query, or about a part of it.
    """
    if not words:
        return ()
    placed = any(_is_about(article, place) for place in places)
    left = [word for word in words if not (word.place and placed)]
    for text in (article.title, article.text):
        folded = fold(text) if left else ""
        left = [word for word in left if not any(occurrences(form.text, folded) for form in word.forms)]
    return tuple(word.text for word in left)


def _is_about(article: Article, place: Named) -> bool:
    values = article.facets.get(place.facet, ())
    return place.value in values or (
        place.facet == "province" and not set(cities_of(place.value)).isdisjoint(article.facets.get("city", ()))
    )
