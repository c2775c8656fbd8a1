"""The golden cases: small collections with answers written by hand, which every engine must give.

A case is a folder `tests/golden/<name>/`: `articles.jsonl` (one article a line; facets under their own keys) and
`searches.json` (a list of: comment, query, filters, from, to, sort, page, size, ids in order, total, counts). `counts`
names only the facets it is about. The query text goes through the real grammar and
the real recognisers of places and insurance types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from engines import ENGINES

from search.engines.contract import Engine
from search.facets import FACET_KEYS
from search.model import Article, Query, Section

pytestmark = pytest.mark.usefixtures("inner_loops")
GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def searches(case: str) -> list[dict[str, Any]]:
    return json.loads((GOLDEN / case / "searches.json").read_text(encoding="utf-8"))


def articles(case: str) -> Iterator[Article]:
    for line in (GOLDEN / case / "articles.jsonl").read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        day = values.pop("date", None)
        headings = values.pop("headings", [])
        facets = {key: tuple(values.pop(key)) for key in FACET_KEYS if key in values}
        values = {"kind": "article", "text": ""} | values
        sections = tuple(section(values["text"], heading) for heading in headings)
        yield Article(**values, date=day and date.fromisoformat(day), sections=sections, facets=facets)


def section(text: str, heading: str) -> Section:
    start = text.index(heading)
    return Section(heading, 2, start, start + len(heading) + 1, len(text), heading)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, inner_loops: None) -> Callable[[str, str], Engine]:
    opened: dict[tuple[str, str], Engine] = {}

    def engine(name: str, case: str) -> Engine:
        if (name, case) not in opened:
            folder = tmp_path_factory.mktemp(f"{name}-{case}")
            opened[name, case] = ENGINES[name](folder, list(articles(case)), ())
        return opened[name, case]

    return engine


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    ("case", "search"),
    [
        pytest.param(case, search, id=f"{case}-{number}-{search.get('query', '')}")
        for case in CASES
        for number, search in enumerate(searches(case), 1)
    ],
)
def test_an_engine_answers_as_written(
    engines: Callable[[str, str], Engine], name: str, case: str, search: dict[str, Any]
) -> None:
    from search.facets import FACETS
    from search.query.grammar import parse

    query = Query(
        text=search.get("query", ""),
        filters={key: tuple(values) for key, values in search.get("filters", {}).items()},
        date_from=search.get("from") and date.fromisoformat(search["from"]),
        date_to=search.get("to") and date.fromisoformat(search["to"]),
        sort=search.get("sort", "relevance"),
        page=search.get("page", 1),
        size=search.get("size", 10),
    )
    answer = engines(name, case).match(parse(query.text, FACETS.find_places, FACETS.find_values), query)
    assert {
        "ids": [match.id for match in answer.page],
        "total": answer.total,
        "counts": {key: answer.counts[key] for key in search.get("counts", {})},
    } == {"ids": search["ids"], "total": search["total"], "counts": search.get("counts", {})}, search["comment"]
