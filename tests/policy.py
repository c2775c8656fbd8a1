"""Small collections for the tests that hold policy: articles in a line, asked as a reader asks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from search import Query
from search.engines.whoosh import WhooshEngine, write_index
from search.facets import FACETS
from search.indexing.builds import Build
from search.model import Article, Match, Matches, Parsed
from search.query.grammar import parse

OLD, NEW = date(2020, 1, 1), date(2025, 1, 1)
"""Of equal scores the newer article comes first."""


def article(id_: str, text: str = "", title: str = "说明", day: date | None = OLD, **values: object) -> Article:
    """An article about no place and no insurance type, if `province`, `city`, `insurance`, `topic` do not say so."""
    facets = {key: (str(values.pop(key)),) for key in ("province", "city", "insurance", "topic") if key in values}
    kind = "teaser" if values.pop("teaser", False) else "article"
    return Article(id_, kind, title, text, day, facets=facets, **values)  # type: ignore[arg-type]


def others(count: int, text: str = "与此无关的一段话。", title: str = "其他") -> list[Article]:
    """Articles that no query of these tests finds: with them in the collection, words tell something."""
    return [article(f"other{number}", text, title) for number in range(count)]


def opened(articles: Iterable[Article]) -> Build:
    """Return an engine over articles. Nothing of it is on the disk any more."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(os, "fsync", lambda fd: None)
        write_index(Path(folder) / "build", articles)
        return Build(WhooshEngine.open(Path(folder) / "build"))


def understood(text: str) -> Parsed:
    """Return a query as a reader's is understood, places and insurance types included."""
    return parse(text, FACETS.find_places, FACETS.find_values)


def matches(engine: Build, asked: str | Parsed, size: int = 50, page: int = 1, explain: bool = False) -> Matches:
    """Return what a query finds, best first."""
    parsed = understood(asked) if isinstance(asked, str) else asked
    return engine.match(parsed, Query(parsed.text, size=size, page=page, explain=explain))


def ids(engine: Build, asked: str | Parsed, size: int = 50, page: int = 1) -> list[str]:
    """Return the ids of what a query finds, best first."""
    return [match.id for match in matches(engine, asked, size, page).page]


def parts(match: Match) -> dict[str, float]:
    """Return the parts of a score by where they were found, those of one place added up."""
    found: dict[str, float] = {}
    for part in match.why:
        found[part.where] = found.get(part.where, 0.0) + part.score
    return found
