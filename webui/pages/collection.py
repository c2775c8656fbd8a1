"""What a page may ask of the collection: whole answers for what it shows, numbers for what it only tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from search import Build, Counted, Query, Results, answer, count, counts

from .links import SITE
from .wording import EXAMPLES


@dataclass(frozen=True, slots=True)
class Collection:
    """The articles of one index: all that one page says is from the same one."""

    engine: Build

    @property
    def site(self) -> str:
        """What this site is called."""
        return self.engine.settings.query.site.name or SITE

    @property
    def examples(self) -> tuple[str, ...]:
        """The questions that the start page may offer."""
        return self.engine.settings.query.examples or EXAMPLES

    def answer(self, query: Query) -> Results:
        """Return the results with their articles and snippets."""
        return answer(self.engine, query)

    def count(self, query: Query) -> int:
        """Return how many results there are."""
        return count(self.engine, query)

    def counts(self, queries: Iterable[Query], *, newest: bool = False) -> list[Counted]:
        """Return the numbers of each query, with `newest` the latest date of its results too."""
        return counts(self.engine, queries, newest=newest)
