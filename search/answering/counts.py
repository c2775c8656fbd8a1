"""How many results searches have, for whoever shows numbers and no articles.

The numbers are those of `answer`: a count is what a click on it brings, corrections and collapsed near-duplicates
included. No snippet is made, and no result is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ..facets import Facet
from ..indexing.builds import Build
from ..model import FacetCount, Matches, Parsed, Query
from ..retrieval import Tally
from .answers import facet_counts, parse_for, settle


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
    asked = list(queries)
    parsed = {text: parse_for(build, text) for text in dict.fromkeys(query.text for query in asked)}
    tallies = {
        text: iter(build.counts(understood, [query for query in asked if query.text == text]))
        for text, understood in parsed.items()
    }
    return [_settled(build, query, parsed[query.text], next(tallies[query.text]), newest) for query in asked]


def _settled(build: Build, query: Query, parsed: Parsed, typed: Tally, newest: bool) -> Counted:
    """Return the numbers of a query whose text as typed has these, be it answered as another one."""
    tallies = [typed]

    def count(better: Parsed, query: Query) -> Matches:
        tallies.extend(build.counts(better, [query]))
        return tallies[-1].matches

    _, matches, suggestion = settle(build, query, parsed, typed.matches, count)
    latest = next(tally.newest for tally in tallies if tally.matches is matches) if newest else None
    return Counted(query, matches.total, matches.counts, suggestion, latest)
