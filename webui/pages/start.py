"""The start page: what is in the collection, and ways into it."""

from __future__ import annotations

from dataclasses import dataclass

from search import UNSTATED, Query, Results

from .collection import Collection
from .links import Link
from .state import SearchState
from .wording import say

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Start:
    """Example questions that have results, topics and provinces by number of articles; the cards are the newest."""

    examples: tuple[Link, ...]
    topics: tuple[Link, ...]
    provinces: tuple[Link, ...]


def start(results: Results, collection: Collection) -> Start:
    """Return the ways into the collection that `results`, the answer to the empty search, describes."""
    every = SearchState(Query())
    counted = collection.counts(Query(text=text) for text in collection.examples)
    answered = (each.query.text for each in counted if each.total and each.suggestion is None)
    return Start(
        examples=tuple(Link(text, every.with_text(text).url()) for text in answered),
        topics=_values(results, "topic"),
        provinces=_values(results, "province"),
    )


def extent(results: Results) -> str:
    """Return how many places the collection is about, and how new it is."""
    places = {key: sum(c.value != UNSTATED for c in results.facets[key]) for key in ("province", "city")}
    newest = next((say("newest", day=hit.article.date) for hit in results.hits if hit.article.date), "")
    parts = (say("provinces", total=places["province"]), say("cities", total=places["city"]), newest)
    return " · ".join(part for part in parts if part) if results.total else ""


def _values(results: Results, key: str) -> tuple[Link, ...]:
    every = SearchState(Query())
    counts = (value for value in results.facets[key] if value.value != UNSTATED)
    return tuple(Link(c.label, every.with_facet(key, c.value).url(), count=c.count) for c in counts)
