"""The JSON objects that are the web's own: what is neither an answer nor an article."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from search import Completion


class Suggestions(TypedDict):
    """How a text may go on, best first."""

    suggestions: list[Completion]


class Health(TypedDict):
    """That there is an index, and which: beside `status` it has every field of `search.IndexInfo`."""

    status: Literal["ok"]


class Problem(TypedDict):
    """RFC 9457. `parameter` names the query or path parameter at fault, where one is."""

    type: str
    title: str
    status: int
    detail: str
    parameter: NotRequired[str]
