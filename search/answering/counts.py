"""How many results searches have, for whoever shows numbers and no articles.

The numbers are those of `answer`: a count is what a click on it brings, corrections and collapsed near-duplicates
included. No snippet is made, and no article is read but for its date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..facets import Facet
from ..indexing.builds import Build
from ..model import FacetCount, Matches, Parsed, Query
from .answers import facet_counts, parse_text, settle


@dataclass(frozen=True, slots=True)
class Counted:
    """The numbers of one search: the `total` of its `query`, and of each facet how many results its values have.

    `counts` maps facet key → value → count over the values that occur (selected ones are there even at 0).
    `suggestion` is the corrected text, as in `Results`. `newest` is the latest date of a result; None if none has one,
    or if it was not asked for.
    """

    query: Query
    total: int
    counts: Mapping[str, Mapping[str, int]]
    suggestion: str | None = None
    newest: date | None = None

    def facet(self, facet: Facet) -> tuple[FacetCount, ...]:
        """Return the values of a facet as `Results.facets` has them: selected first, then by count."""
        return facet_counts(facet, self.counts, self.query)


def count(build: Build, query: Query) -> int:
    """Return how many results `query` has, whatever its page. Raises UserError for a text that is too long."""
    return counts(build, [query])[0].total


def counts(build: Build, queries: Iterable[Query], *, newest: bool = False) -> list[Counted]:
    """Return the numbers of each query, in the order asked for; with `newest` also the latest date of its results.

    Raises UserError for a text that is too long.
    """
    facets = build.facets
    asked = [(parse_text(query.text, facets), query) for query in queries]
    counted = []
    for (parsed, query), typed in zip(asked, _numbers(build, asked), strict=True):
        _, matches, suggestion = settle(
            build, query, parsed, typed, lambda better, query: _numbers(build, [(better, query)])[0]
        )
        latest = _latest(build, matches) if newest else None
        counted.append(Counted(query, matches.total, matches.counts, suggestion, latest))
    return counted


def _numbers(build: Build, asked: Sequence[tuple[Parsed, Query]]) -> list[Matches]:
    """Return matches for the sake of their numbers, with the newest alone: the order that takes least to find."""
    return [
        build.match(parsed, replace(query, sort="newest", page=1, size=1, explain=False)) for parsed, query in asked
    ]


def _latest(build: Build, matches: Matches) -> date | None:
    """Return the date of the newest match. An build tells no dates, so the stored article is read for it."""
    return next((article.date for article in build.get_many([match.id for match in matches.page])), None)
