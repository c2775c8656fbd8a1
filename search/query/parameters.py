"""The parameters of a search, declared once and read strictly.

Page, JSON endpoint, command line and OpenAPI document all use `PARAMETERS`; `query_from` is the only reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from ..errors import UserError
from ..facets import FACET_KEYS, FACETS, resolve
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


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("q", "text", 'What to search for: words, "exact characters", -word. Empty browses, newest first.'),
    *(
        Parameter(facet.key, "facet", f"Only articles with this {facet.key} ({facet.label}); any of several.", True)
        for facet in FACETS
    ),
    Parameter("from", "date", "Only articles of this day or later, YYYY-MM-DD (Asia/Shanghai)."),
    Parameter("to", "date", "Only articles of this day or earlier, YYYY-MM-DD (Asia/Shanghai)."),
    Parameter("sort", "sort", "Order of the results."),
    Parameter("page", "integer", "Page of results, from 1.", maximum=MAX_PAGE),
    Parameter("size", "integer", "Results a page.", maximum=MAX_SIZE),
    Parameter(
        "collapse", "flag", "1 shows one of each group of near-duplicates with the same facets; it names the others."
    ),
    Parameter("explain", "flag", "1 adds to each hit why it is there: the parts of its score."),
)
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


def query_from(params: Mapping[str, Sequence[str]], *, collapse: bool = False) -> Query:
    """Return the `Query` that URL-like parameters ask for; every default where one is absent or empty.

    `collapse` is the default of that parameter: programs count records, readers want one of each. Raises UserError,
    with `field` naming the parameter, for an unknown name, a repeated single value or a value that cannot be read.
    """
    for name, values in params.items():
        if name not in _BY_NAME:
            raise UserError(name, f"没有名为“{name}”的参数。", f"unknown parameter {name!r}")
        if len(values) > 1 and not _BY_NAME[name].repeatable:
            raise UserError(name, f"参数“{name}”只能出现一次。", f"{name} may be given only once")
    single = {name: values[0] for name, values in params.items() if values and not _BY_NAME[name].repeatable}
    date_from, date_to = _day(single, "from"), _day(single, "to")
    if date_from and date_to and date_from > date_to:
        raise UserError("from", "起始日期晚于截止日期。", "from is later than to")
    sort = single.get("sort") or "relevance"
    if sort not in SORTS:
        raise UserError("sort", f"不能按“{sort}”排序。", f"sort must be one of {', '.join(SORTS)}")
    return Query(
        text=single.get("q", ""),
        filters={key: _facet_values(key, params[key]) for key in FACET_KEYS if any(params.get(key, ()))},
        date_from=date_from,
        date_to=date_to,
        sort=sort,
        page=_integer(single, "page", 1, MAX_PAGE),
        size=_integer(single, "size", 10, MAX_SIZE),
        explain=_flag(single, "explain", False),
        collapse=_flag(single, "collapse", collapse),
    )


def _facet_values(key: str, raw: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(resolve(key, value) for value in raw if value))


def _day(single: Mapping[str, str], name: str) -> date | None:
    raw = single.get(name, "")
    if not raw:
        return None
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
            raise ValueError(raw)
        return date.fromisoformat(raw)
    except ValueError:
        raise UserError(name, "日期请写成 2025-03-27 这样的形式。", f"{name} is not a date (YYYY-MM-DD)") from None


def _flag(single: Mapping[str, str], name: str, default: bool) -> bool:
    raw = single.get(name, "")
    if raw not in ("", "0", "1"):
        raise UserError(name, f"{name} 只能是 0 或 1。", f"{name} must be 0 or 1")
    return raw == "1" if raw else default


def _integer(single: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    raw = single.get(name, "")
    if not raw:
        return default
    if not re.fullmatch(r"[0-9]{1,7}", raw) or not 1 <= int(raw) <= maximum:
        raise UserError(
            name, f"{name} 应是 1 到 {maximum} 之间的整数。", f"{name} must be an integer from 1 to {maximum}"
        )
    return int(raw)
