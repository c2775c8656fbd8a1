"""Parameters are read strictly, and once for page, endpoint and command line."""

from datetime import date

import pytest

from search.errors import UserError
from search.model import UNSTATED, Query
from search.query.parameters import query_from


def test_no_parameters_give_the_defaults() -> None:
    assert query_from({}) == Query(text="", filters={}, sort="relevance", page=1, size=10, collapse=False)


def test_everything_at_once() -> None:
    query = query_from(
        {
            "q": ["补牙"],
            "province": ["黑龙江", "230000"],
            "city": ["黑河"],
            "insurance": [UNSTATED, "职工医保"],
            "from": ["2025-01-31"],
            "to": ["2025-12-31"],
            "sort": ["newest"],
            "collapse": ["1"],
            "page": ["2"],
            "size": ["100"],
        }
    )
    assert query == Query(
        text="补牙",
        filters={"province": ("黑龙江省",), "city": ("黑河市",), "insurance": (UNSTATED, "职工医保")},
        date_from=date(2025, 1, 31),
        date_to=date(2025, 12, 31),
        sort="newest",
        page=2,
        size=100,
    )


def test_empty_values_are_absent_ones() -> None:
    empty = {name: [""] for name in ("q", "province", "from", "sort", "page", "collapse")}
    assert query_from(empty, collapse=True) == Query()
    assert query_from({"collapse": ["0"]}, collapse=True) == Query(collapse=False)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"colour": ["red"]}, "colour"),
        ({"q": ["a", "b"]}, "q"),
        ({"page": ["0"]}, "page"),
        ({"page": ["-1"]}, "page"),
        ({"page": ["１"]}, "page"),
        ({"page": ["9" * 5000]}, "page"),
        ({"size": ["101"]}, "size"),
        ({"size": ["1.5"]}, "size"),
        ({"sort": ["price"]}, "sort"),
        ({"from": ["2025-02-30"]}, "from"),
        ({"to": ["20250301"]}, "to"),
        ({"from": ["2025-03-02"], "to": ["2025-03-01"]}, "from"),
        ({"city": ["亚特兰蒂斯"]}, "city"),
        ({"insurance": ["火星险"]}, "insurance"),
        ({"topic": ["<script>"]}, "topic"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_names_its_parameter(params: dict[str, list[str]], field: str) -> None:
    with pytest.raises(UserError) as caught:
        query_from(params)
    assert caught.value.field == field
    assert caught.value.message
    assert caught.value.detail
