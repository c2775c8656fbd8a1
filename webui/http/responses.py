"""The JSON objects that are the web's own: what is neither an answer nor an article."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from search import Completion


class Suggestions(TypedDict):
    """How a text may go on, best first."""

    suggestions: list[Completion]


class WaitingBuild(TypedDict):
    """The live index, while an older one answers: it could not be opened (and is tried again), or never will be by this
    version of the program, as another one made it."""

    build_id: str
    reason: Literal["unusable", "outdated"]


class Health(TypedDict):
    """That there is an index, and which: beside `status` it has every field of `search.IndexInfo`.

    `waiting` is there only while the index that is described, and answers, is not the live one.
    """

    status: Literal["ok"]
    waiting: NotRequired[WaitingBuild]


class Problem(TypedDict):
    """RFC 9457. `parameter` names the query or path parameter at fault, where one is."""

    type: str
    title: str
    status: int
    detail: str
    parameter: NotRequired[str]
