"""The JSON objects that are the web's own: what is neither an answer nor an article."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from search import Completion, Described


class Suggestions(TypedDict):
    """How a text may go on, best first."""

    suggestions: list[Completion]


class Probe(TypedDict):
    """That this process answers, or is ready to."""

    status: Literal["ok"]


class WaitingBuild(TypedDict):
    """The live index, while an older one answers: it could not be opened (and is tried again), or never will be by this
    version of the program, as another one made it."""

    build_id: str
    reason: Literal["unusable", "outdated"]


class Health(TypedDict):
    """That there is an index, and which: beside these it has every field of `search.IndexInfo`.

    `waiting` is there only while the index that is described, and answers, is not the live one.
    """

    status: Literal["ok"]
    age_seconds: Annotated[int, Described(minimum=0)]
    waiting: NotRequired[WaitingBuild]


class Problem(TypedDict):
    """RFC 9457. `parameter` names the query or path parameter at fault, where one is; `code` why nothing is answered.

    Codes: `index-missing`, `index-damaged`, `index-outdated`, `index-unavailable`, `engine-unavailable`, `stopping`.
    """

    type: str
    title: str
    status: int
    detail: str
    parameter: NotRequired[str]
    code: NotRequired[str]
