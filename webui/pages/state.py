"""One search page address: what its URL says, read leniently, and the addresses one click away.

`search.query_from` is the strict reader; this module drops what it objects to and keeps a Chinese line about it, so
that an old or mistyped link still shows a page. It knows no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from search import (
    FACETS,
    MAX_CHARACTERS,
    UNSTATED,
    Facet,
    Facets,
    Query,
    Sort,
    UserError,
    parameters,
    params_of,
    query_from,
)

from .wording import say

Params = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class SearchState:
    """A `Query` as an address. Every `with_…` and `without_…` returns the state after that click, on page 1.

    `facets` are those of the build that it is asked of.
    """

    query: Query
    facets: Facets = FACETS

    def params(self) -> list[tuple[str, str]]:
        """Return the URL parameters in declared order, defaults left out."""
        return params_of(self.query, self.facets, collapse=True)

    def querystring(self) -> str:
        """Return `?…`, or an empty string for the start page."""
        return "?" + urlencode(self.params()) if self.params() else ""

    def url(self) -> str:
        """Return the canonical address of this search."""
        return "/" + self.querystring()

    def is_start(self) -> bool:
        """Tell whether nothing was asked for: the start page."""
        return not any(value.strip() for _, value in self.params())

    def is_filtered(self) -> bool:
        """Tell whether there is any facet value or day."""
        return self != self._of(replace(self.query, filters={}, date_from=None, date_to=None))

    def criteria(self) -> list[tuple[str, str]]:
        """Return the parameters that decide what is found, without order and pages."""
        return [pair for pair in self.params() if pair[0] not in ("sort", "page", "size", "explain")]

    def with_facet(self, key: str, value: str) -> SearchState:
        """Return the state with one more facet value."""
        chosen = self.query.filters.get(key, ())
        return self if value in chosen else self._with_filters({**self.query.filters, key: (*chosen, value)})

    def without_facet(self, key: str, value: str = "") -> SearchState:
        """Return the state without that facet value, or without all of them, and without what they contain (cities)."""
        chosen = self.query.filters.get(key, ())
        gone = (value,) if value else chosen
        filters = {**self.query.filters, key: tuple(v for v in chosen if v not in gone)}
        for child in self.facets.children(key):
            inside = filters.get(child.key, ())
            filters[child.key] = tuple(v for v in inside if not any(holds(outer, child, v, chosen) for outer in gone))
        return self._with_filters(filters)

    def with_facet_alone(self, key: str) -> SearchState:
        """Return the state with its values of one facet, and no other filter."""
        return self.without_filters()._with_filters({key: self.query.filters.get(key, ())})

    def with_text(self, text: str) -> SearchState:
        """Return the state with another text."""
        return self._of(replace(self.query, text=text, page=1))

    def with_sort(self, sort: Sort) -> SearchState:
        """Return the state in another order."""
        return self._of(replace(self.query, sort=sort, page=1))

    def all_results(self) -> SearchState:
        """Return the state without page and size: what is found, in its order."""
        return self._of(replace(self.query, page=1, size=Query().size, explain=False))

    def with_page(self, page: int) -> SearchState:
        """Return the state on another page."""
        return self._of(replace(self.query, page=page))

    def with_explain(self, explain: bool) -> SearchState:
        """Return the state with or without the reasons beside the results; the page stays."""
        return self._of(replace(self.query, explain=explain))

    def with_size(self, size: int) -> SearchState:
        """Return the state with another number of results a page."""
        return self._of(replace(self.query, size=size, page=1))

    def with_year(self, year: int) -> SearchState:
        """Return the state with the first and the last day of a year."""
        return self._of(replace(self.query, date_from=date(year, 1, 1), date_to=date(year, 12, 31), page=1))

    def with_collapse(self, collapse: bool) -> SearchState:
        """Return the state with near-duplicates as one result, or one by one."""
        return self._of(replace(self.query, collapse=collapse, page=1))

    def with_from(self, day: date) -> SearchState:
        """Return the state with a first day and no last one."""
        return self._of(replace(self.query, date_from=day, date_to=None, page=1))

    def with_places(self, filters: Mapping[str, tuple[str, ...]]) -> SearchState:
        """Return the state with these provinces and cities instead of its own."""
        places = {facet.key for facet in self.facets.places}
        rest = {key: values for key, values in self.query.filters.items() if key not in places}
        return self._with_filters({**rest, **filters})

    def without_from(self) -> SearchState:
        """Return the state without a first day."""
        return self._of(replace(self.query, date_from=None, page=1))

    def without_to(self) -> SearchState:
        """Return the state without a last day."""
        return self._of(replace(self.query, date_to=None, page=1))

    def without_days(self) -> SearchState:
        """Return the state without days."""
        return self.without_from().without_to()

    def without_filters(self) -> SearchState:
        """Return the state with its text alone: no facet values, no dates."""
        return self._of(replace(self.query, filters={}, date_from=None, date_to=None, page=1))

    def _of(self, query: Query) -> SearchState:
        return replace(self, query=query)

    def _with_filters(self, filters: Mapping[str, tuple[str, ...]]) -> SearchState:
        return self._of(replace(self.query, filters={k: v for k, v in filters.items() if v}, page=1))


def holds(outer: str, facet: Facet, value: str, chosen: Sequence[str]) -> bool:
    """Tell whether a value of `facet` lies inside the value `outer` of its parent, of which `chosen` ones are.

    未注明 belongs to the only one that is chosen: then it means the articles about the whole of it.
    """
    if UNSTATED in (outer, value):
        return outer != UNSTATED and tuple(chosen) == (outer,)
    return facet.parent_of(value) == outer


def read(params: Params, facets: Facets = FACETS) -> tuple[SearchState, tuple[str, ...]]:
    """Return the state that URL parameters ask for, and a Chinese line for each one that was left out.

    Unknown parameters are ignored without a word: links arrive with all sorts of them appended. A page or a size alone
    asks for all articles by date, which is not the start page.
    """
    state, notices = _read(params, facets)
    query = state.query
    if {name for name, _ in state.params()} and not state.criteria() and query.sort == "relevance":
        state = state.with_sort("newest").with_page(query.page)
    return state, notices


def _read(params: Params, facets: Facets) -> tuple[SearchState, tuple[str, ...]]:
    named = [(p.name, p.repeatable) for p in parameters(facets).values() if p.name in params]
    known = {name: params[name] if repeatable else params[name][:1] for name, repeatable in named}
    notices: tuple[str, ...] = ()
    if len(text := "".join(known.get("q", ()))) > MAX_CHARACTERS:
        known["q"], notices = [text[:MAX_CHARACTERS]], (say("text-cut", most=MAX_CHARACTERS),)
    try:
        return SearchState(query_from(known, facets, collapse=True), facets), notices
    except UserError:
        state, refused = _read_one_by_one(known, facets)
        return state, (*notices, *refused)


def _read_one_by_one(known: Params, facets: Facets) -> tuple[SearchState, tuple[str, ...]]:
    """Read each value alone, to leave out those at fault."""
    notices: list[str] = []
    kept: dict[str, list[str]] = {}
    for name, values in known.items():
        for value in values:
            try:
                query_from({name: [value]}, facets)
            except UserError as error:
                notices.append(error.message)
            else:
                kept.setdefault(name, []).append(value)
    try:
        return SearchState(query_from(kept, facets, collapse=True), facets), tuple(notices)
    except UserError as error:  # two parameters that do not go together: from later than to
        notices.append(f"{error.message}{say('days-not-used')}")
        rest = {name: values for name, values in kept.items() if name not in ("from", "to")}
        return SearchState(query_from(rest, facets, collapse=True), facets), tuple(notices)
