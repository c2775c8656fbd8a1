"""What the collection holds and lacks: places × topics, with counts and the newest day."""

from __future__ import annotations

from dataclasses import dataclass

from search import FACETS, UNSTATED, Counted, Query, label, province_of, values

from .collection import Collection
from .filters import flat_label
from .links import BROWSE, Link
from .state import SearchState
from .wording import say


@dataclass(frozen=True, slots=True)
class Row:
    """A place: the link to its articles, the day of the newest, and a link for each topic (count 0: none)."""

    place: Link
    newest: str
    cells: tuple[Link, ...]
    inside: str = ""


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """The table of all provinces, or of the cities of one; `lacking` names the places without an article."""

    title: str
    canonical: str
    text: str
    heading: str
    sentence: str
    topics: tuple[Link, ...]
    rows: tuple[Row, ...]
    lacking: tuple[str, ...]
    up: Link
    hidden: tuple[tuple[str, str], ...] = ()


def coverage_page(province: str, collection: Collection) -> CoveragePage:
    """Return the table. `province` is an official name, or empty for the whole country.

    Every number is the total of an ordinary search, so it is what a click on it brings.
    """
    key = "city" if province else "province"
    within = SearchState(Query(filters={"province": (province,)} if province else {}))
    (whole,) = collection.counts([within.query])
    topics = tuple(count.value for count in whole.facet(FACETS["topic"]))
    found = whole.counts[key]
    places = {value: within.with_facet(key, value) for value in (*values(key), UNSTATED) if found.get(value)}
    counted = collection.counts((there.query for there in places.values()), newest=True)
    rows = tuple(_row(key, value, topics, there, n) for (value, there), n in zip(places.items(), counted, strict=True))
    inside = [v for v in values(key) if not province or province_of(v) == province]
    where = label("province", province) if province else ""
    heading = say("coverage", where=where)
    return CoveragePage(
        title=f"{heading} · {collection.site}",
        canonical="/coverage" + (within.querystring() if province else ""),
        text="",
        heading=heading,
        sentence=say(f"coverage-of-{'province' if province else 'country'}", where=where, total=whole.total),
        topics=tuple(Link(topic, within.with_facet("topic", topic).url()) for topic in topics),
        rows=rows,
        lacking=tuple(label(key, value) for value in inside if not found.get(value)),
        up=Link(say("coverage-whole"), "/coverage") if province else Link(say("all-articles"), BROWSE),
    )


def _row(key: str, value: str, topics: tuple[str, ...], there: SearchState, counted: Counted) -> Row:
    counts = counted.counts["topic"]
    cells = (
        Link(flat_label(key, value), there.with_facet("topic", topic).url(), count=counts.get(topic, 0))
        for topic in topics
    )
    cities = key == "province" and value != UNSTATED and any(province_of(city) == value for city in values("city"))
    return Row(
        place=Link(label(key, value), there.url(), count=counted.total),
        newest=counted.newest.isoformat() if counted.newest else "",
        cells=tuple(cells),
        inside="/coverage" + there.querystring() if cities else "",
    )
