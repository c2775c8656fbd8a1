"""Order and pages: the links around a list of results."""

from __future__ import annotations

import math
from dataclasses import dataclass

from search import SORTS, Query, Sort

from .links import Link
from .state import SearchState
from .wording import say

SORT_LABELS: dict[Sort, str] = {sort: say(f"sort-{sort}") for sort in SORTS}
SIZES = (10, 20, 50)


@dataclass(frozen=True, slots=True)
class Pager:
    """The way through the pages; `pages` holds None where some are left out."""

    previous: str
    next: str
    pages: tuple[Link | None, ...]


def range_words(query: Query, total: int) -> str:
    """Return which of the results this page shows; empty if all."""
    first, last = (query.page - 1) * query.size + 1, min(query.page * query.size, total)
    return say("range", first=first, last=last) if total > query.size else ""


def sorts(state: SearchState) -> tuple[Link, ...]:
    """Return a link for each order. Without a text there is nothing to be relevant to: newest first."""
    order = state.query.sort
    if state.query.text.strip():
        return tuple(Link(text, state.with_sort(sort).url(), sort == order) for sort, text in SORT_LABELS.items())
    newest = state.with_sort("relevance" if state.is_filtered() else "newest")
    return (
        Link(SORT_LABELS["newest"], newest.url(), order != "oldest"),
        Link(SORT_LABELS["oldest"], state.with_sort("oldest").url(), order == "oldest"),
    )


def sizes(state: SearchState, total: int) -> tuple[Link, ...]:
    """Return a link for each number of results a page, if it makes a difference."""
    if total <= SIZES[0]:
        return ()
    return tuple(Link(str(size), state.with_size(size).url(), size == state.query.size) for size in SIZES)


def pager(state: SearchState, total: int) -> Pager | None:
    """Return the way through the pages, None for a single one."""
    last, page = math.ceil(total / state.query.size), state.query.page
    if last < 2:
        return None
    near = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    pages: list[Link | None] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            pages.append(None)
        pages.append(Link(str(number), state.with_page(number).url(), number == page))
    return Pager(
        previous=state.with_page(page - 1).url() if page > 1 else "",
        next=state.with_page(page + 1).url() if page < last else "",
        pages=tuple(pages),
    )
