"""Two places on one topic, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search import (
    FACETS,
    UNSTATED,
    Counted,
    Hit,
    Parsed,
    Query,
    UserError,
    article_highlights,
    label,
    province_of,
    resolve,
    values,
)

from .areas import Area, chosen_area
from .article import Block, blocks
from .cards import KIND_LABELS
from .collection import Collection
from .links import article_url, compare_url
from .state import SearchState
from .wording import say

SHOWN = 4
"""Articles a place: the first one open, the others a click away."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of one province."""

    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One article, whole."""

    url: str
    title: str
    kind: str
    date: str
    source: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What one place has: the number, the search behind it, all that the place has, and the first articles."""

    id: str
    heading: str
    total: int
    url: str
    place_url: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The form and the two columns; no columns as long as no two places are chosen."""

    title: str
    canonical: str
    text: str
    question: str
    places: Mapping[str, tuple[Choices, ...]]
    topics: tuple[Choice, ...]
    columns: tuple[Column, ...]
    notices: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...] = ()


def compare_page(a: str, b: str, topic: str, question: str, collection: Collection) -> ComparePage:
    """Return the page for two places by any of their names. What cannot be read is left out with a line."""
    notices: list[str] = []
    areas = {"a": _read(a, notices), "b": _read(b, notices)}
    topics = tuple(_topic(topic, notices))
    (every,) = collection.counts([Query()])
    chosen = {name: area for name, area in areas.items() if area}
    named = {name: area.value for name, area in chosen.items()}
    columns: tuple[Column, ...] = ()
    if len(chosen) == 2:
        columns = tuple(_column(name, area, topics, question, collection) for name, area in chosen.items())
    labels = {name: area.label for name, area in chosen.items()}
    heading = say("compare-places", **labels) if len(labels) == 2 else ""
    return ComparePage(
        title=f"{heading} {say('compare')} · {collection.site}".lstrip(),
        canonical=compare_url(named.get("a", ""), named.get("b", ""), "".join(topics), question),
        text="",
        question=question,
        places={name: _places(every, area) for name, area in areas.items()},
        topics=tuple(Choice(c.value, c.label, c.value in topics) for c in every.facet(FACETS["topic"])),
        columns=columns,
        notices=tuple(notices),
    )


def _read(name: str, notices: list[str]) -> Area | None:
    if not name.strip():
        return None
    try:
        city = resolve("city", name)
        return chosen_area(SearchState(Query(filters={"city": (city,)})))
    except UserError:
        try:
            province = resolve("province", name)
            return Area(province) if province != UNSTATED else None
        except UserError as error:
            notices.append(error.message)
            return None


def _topic(name: str, notices: list[str]) -> list[str]:
    try:
        return [resolve("topic", name)] if name.strip() else []
    except UserError as error:
        notices.append(error.message)
        return []


def _places(every: Counted, area: Area | None) -> tuple[Choices, ...]:
    """Return the places that have articles, and the chosen one, by province."""
    found = {*every.counts["province"], *every.counts["city"], area.value if area else ""}
    groups = []
    for province in values("province"):
        cities = [city for city in values("city") if city in found and province_of(city) == province]
        if cities or province in found:
            name = label("province", province)
            options = [
                Choice(province, say("all-of-province", province=name) if cities else name, area == Area(province))
            ]
            options += [Choice(city, label("city", city), area == Area(province, city)) for city in cities]
            groups.append(Choices(name, tuple(options)))
    return tuple(groups)


def _column(name: str, area: Area, topics: tuple[str, ...], question: str, collection: Collection) -> Column:
    filters = {**area.only, **({"topic": topics} if topics else {})}
    state = SearchState(Query(text=question, filters=filters))
    results = collection.answer(Query(text=question, filters=filters, size=SHOWN))
    return Column(
        id=f"place-{name}",
        heading=area.label,
        total=results.total,
        url=state.url(),
        place_url=SearchState(Query(filters=area.only)).url(),
        stories=tuple(_story(hit, results.parsed, state) for hit in results.hits),
    )


def _story(hit: Hit, parsed: Parsed, state: SearchState) -> Story:
    article = hit.article
    return Story(
        url=article_url(article, state),
        title=article.title,
        kind=KIND_LABELS[article.kind],
        date=article.date.isoformat() if article.date else "",
        source=article.source,
        blocks=tuple(blocks(article, article_highlights(parsed, article)[1])),
    )
