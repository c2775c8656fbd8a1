"""Articles beside an article, found by ordinary searches: the same question elsewhere, other questions of the place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from search import UNSTATED, Article, Query, parse_text

from .areas import Area, chosen_area
from .cards import facet_words
from .collection import Collection
from .links import Link, article_url, compare_url
from .state import SearchState

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another article: its title as a link, where it is about, and the address that puts both side by side."""

    link: Link
    place: str
    compare: str = ""


def question_of(title: str) -> str:
    """Return what a title or a query asks, without the places it asks it for and without anything that is syntax."""
    for place in sorted(parse_text(title).places, key=lambda place: -place.start):
        title = f"{title[: place.start]} {title[place.end :]}"
    return " ".join(re.sub(r"[\W_]+", " ", title).split())


def elsewhere(article: Article, collection: Collection) -> tuple[Neighbour, ...]:
    """Return the articles on the same question for other places, best first."""
    question, here = _question(article), area_of(article)
    if not question:
        return ()
    topics = article.facets.get("topic", ())
    results = collection.answer(Query(text=question, filters={"topic": topics} if topics else {}, size=SHOWN * 4))
    others = (hit.article for hit in results.hits if hit.article.id != article.id and area_of(hit.article) != here)
    state = SearchState(Query(text=question))
    return tuple(
        Neighbour(
            Link(other.title, article_url(other, state)),
            _place(other),
            _side_by_side(here, area_of(other), topics, question),
        )
        for other in _first(others)
    )


def nearby(article: Article, collection: Collection) -> tuple[Neighbour, ...]:
    """Return the newest other articles of the same place."""
    here = area_of(article)
    if here is None:
        return ()
    state = SearchState(Query()).with_places(here.only)
    results = collection.answer(Query(filters=here.only, size=SHOWN + 1))
    others = (hit.article for hit in results.hits if hit.article.id != article.id)
    return tuple(Neighbour(Link(other.title, article_url(other, state)), "") for other in _first(others))


def area_of(article: Article) -> Area | None:
    """Return the one place an article is about: its city, or its province if it names no city."""
    cities = [value for value in article.facets.get("city", ()) if value != UNSTATED]
    provinces = [value for value in article.facets.get("province", ()) if value != UNSTATED]
    if len(cities) == 1:
        return chosen_area(SearchState(Query(filters={"city": (cities[0],)})))
    return Area(provinces[0]) if not cities and len(provinces) == 1 else None


def _question(article: Article) -> str:
    question = question_of(article.title[:60])
    return question if parse_text(question).clauses else ""


def _first(articles: Iterable[Article]) -> list[Article]:
    return [article for article, _ in zip(articles, range(SHOWN), strict=False)]


def _place(article: Article) -> str:
    return facet_words(article)[0] if article.facets.get("province") or article.facets.get("city") else ""


def _side_by_side(here: Area | None, there: Area | None, topics: tuple[str, ...], question: str) -> str:
    if here is None or there is None:
        return ""
    return compare_url(here.value, there.value, topics[0] if topics else "", question)


def newer(article: Article, collection: Collection) -> Link | None:
    """Return what took the place of an article; without an address if that is not in the collection."""
    by = article.superseded_by or article.repealed_by
    other = collection.engine.get(by) if by else None
    if other is not None:
        return Link(other.title, article_url(other, SearchState(Query())))
    return Link(by, "") if by else None


def older(article: Article, collection: Collection) -> tuple[Link, ...]:
    """Return the articles whose place an official text took, of those that its title and what it repeals find."""
    found: dict[str, Article] = {}
    names = (article.title, *article.repeals[:SHOWN]) if article.facets.get("status") else ()
    for text in (name[:60] for name in names if parse_text(name[:60]).clauses):
        for hit in collection.answer(Query(text=text, size=SHOWN * 2)).hits:
            if article.id in (hit.article.superseded_by, hit.article.repealed_by):
                found[hit.article.id] = hit.article
    return tuple(Link(_dated(one), article_url(one, SearchState(Query()))) for one in _first(found.values()))


def _dated(article: Article) -> str:
    return f"{article.title}（{article.date.isoformat()}）" if article.date else article.title
