"""The parameters of a search, declared once and read strictly.

Page, JSON endpoint, command line and OpenAPI document all use `parameters`; `query_from` is the only reader and
`params_of` the only writer. Each facet of a build is one; `PARAMETERS` are those of a build with the shipped facets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args

from ..errors import UserError
from ..facets import FACETS, Facet, Facets
from ..messages import message
from ..model import Query, Sort

MAX_SIZE = 100
MAX_PAGE = 1_000_000
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter: its name in URLs, what it holds, and an English sentence for the API document."""

    name: str
    kind: Literal["text", "facet", "date", "sort", "integer", "flag"]
    description: str
    repeatable: bool = False
    maximum: int = 0


@lru_cache(maxsize=8)
def parameters(facets: Facets = FACETS) -> Mapping[str, Parameter]:
    """Return every parameter by name, in the order in which addresses have them."""
    declared = (
        Parameter("q", "text", 'What to search for: words, "exact characters", -word. Empty browses, newest first.'),
        *(
            Parameter(facet.key, "facet", f"Only articles with this {facet.key} ({facet.label}); any of several.", True)
            for facet in facets
        ),
        Parameter("from", "date", "Only articles of this day or later, YYYY-MM-DD (Asia/Shanghai)."),
        Parameter("to", "date", "Only articles of this day or earlier, YYYY-MM-DD (Asia/Shanghai)."),
        Parameter("sort", "sort", "Order of the results."),
        Parameter("page", "integer", "Page of results, from 1.", maximum=MAX_PAGE),
        Parameter("size", "integer", "Results a page.", maximum=MAX_SIZE),
        Parameter(
            "collapse",
            "flag",
            "1 shows one of each group of near-duplicates with the same facets; it names the others.",
        ),
        Parameter("explain", "flag", "1 adds to each hit why it is there: the parts of its score."),
    )
    return MappingProxyType({parameter.name: parameter for parameter in declared})


PARAMETERS: tuple[Parameter, ...] = tuple(parameters().values())


def query_from(params: Mapping[str, Sequence[str]], facets: Facets = FACETS, *, collapse: bool = False) -> Query:
    """Return the `Query` that URL-like parameters ask for; every default where one is absent or empty.

    `collapse` is the default of that parameter: programs count records, readers want one of each. Raises UserError,
    with `field` naming the parameter, for an unknown name, a repeated single value or a value that cannot be read.
    """
    known = parameters(facets)
    check_names(params, known)
    single = {name: values[0] for name, values in params.items() if values and not known[name].repeatable}
    date_from, date_to = _day(single, "from"), _day(single, "to")
    if date_from and date_to and date_from > date_to:
        raise UserError("from", message("from-after-to"), "from is later than to")
    sort = single.get("sort") or "relevance"
    if sort not in SORTS:
        raise UserError("sort", message("unknown-sort", sort=sort), f"sort must be one of {', '.join(SORTS)}")
    return Query(
        text=single.get("q", ""),
        filters={facet.key: _values(facet, params[facet.key]) for facet in facets if any(params.get(facet.key, ()))},
        date_from=date_from,
        date_to=date_to,
        sort=sort,
        page=_integer(single, "page", 1, MAX_PAGE),
        size=_integer(single, "size", 10, MAX_SIZE),
        explain=_flag(single, "explain", False),
        collapse=_flag(single, "collapse", collapse),
    )


def params_of(query: Query, facets: Facets = FACETS, *, collapse: bool = False) -> list[tuple[str, str]]:
    """Return the parameters that ask for `query`, in declared order, defaults left out: `query_from` reads it back.

    `collapse` is the default of that parameter. One that is short for others is not written: they are.
    """
    default = Query()
    single = {
        "q": query.text,
        "from": query.date_from.isoformat() if query.date_from else "",
        "to": query.date_to.isoformat() if query.date_to else "",
        "sort": query.sort if query.sort != default.sort else "",
        "page": str(query.page) if query.page != default.page else "",
        "size": str(query.size) if query.size != default.size else "",
        "collapse": str(int(query.collapse)) if query.collapse != collapse else "",
        "explain": "1" if query.explain else "",
    }
    pairs: list[tuple[str, str]] = []
    for name, parameter in parameters(facets).items():
        values = query.filters.get(name, ()) if parameter.repeatable else (single.get(name, ""),)
        pairs += [(name, value) for value in values if value]
    return pairs


def check_names(params: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> None:
    """Raise UserError, with `field` naming it, for a parameter that is not `known` or may not be repeated."""
    for name, values in params.items():
        if name not in known:
            raise UserError(name, message("unknown-parameter", name=name), f"unknown parameter {name!r}")
        if len(values) > 1 and not known[name].repeatable:
            raise UserError(name, message("repeated-parameter", name=name), f"{name} may be given only once")


def _values(facet: Facet, raw: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(facet.resolve(value) for value in raw if value))


def _day(single: Mapping[str, str], name: str) -> date | None:
    raw = single.get(name, "")
    if not raw:
        return None
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
            raise ValueError(raw)
        return date.fromisoformat(raw)
    except ValueError:
        raise UserError(name, message("not-a-date"), f"{name} is not a date (YYYY-MM-DD)") from None


def _flag(single: Mapping[str, str], name: str, default: bool) -> bool:
    raw = single.get(name, "")
    if raw not in ("", "0", "1"):
        raise UserError(name, message("not-a-flag", name=name), f"{name} must be 0 or 1")
    return raw == "1" if raw else default


def _integer(single: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    raw = single.get(name, "")
    if not raw:
        return default
    if not re.fullmatch(r"[0-9]{1,7}", raw) or not 1 <= int(raw) <= maximum:
        said = message("not-an-integer", name=name, maximum=maximum)
        raise UserError(name, said, f"{name} must be an integer from 1 to {maximum}")
    return int(raw)
