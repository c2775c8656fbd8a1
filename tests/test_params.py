"""Parameters are read strictly, and once for page, endpoint and command line."""

from datetime import date

import pytest

from search.errors import UserError
from search.model import UNSTATED, Query
from search.query.parameters import PARAMETERS, params_of, query_from


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


def test_what_was_asked_is_written_as_it_is_read() -> None:
    written = [
        ("q", "补牙"),
        ("city", "黑河市"),
        ("city", "哈尔滨市"),
        ("from", "2025-01-31"),
        ("sort", "newest"),
        ("page", "2"),
        ("size", "100"),
        ("collapse", "1"),
        ("explain", "1"),
    ]
    params: dict[str, list[str]] = {}
    for name, value in written:
        params.setdefault(name, []).append(value)
    assert params_of(query_from(params)) == written
    assert params_of(query_from({"collapse": ["0"]}, collapse=True), collapse=True) == [("collapse", "0")]


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


def test_the_limits_themselves_are_allowed() -> None:
    query = query_from({"page": ["1000000"], "size": ["100"], "from": ["2025-03-01"], "to": ["2025-03-01"]})
    assert (query.page, query.size, query.date_from, query.date_to) == (
        1_000_000,
        100,
        date(2025, 3, 1),
        date(2025, 3, 1),
    )
    assert query_from({"page": ["1"], "size": ["1"]}) == Query(page=1, size=1, collapse=False)
    for name, value in (
        ("page", "1000001"),
        ("size", "0"),
        ("page", "01000000"),
        ("explain", "2"),
        ("collapse", "yes"),
    ):
        with pytest.raises(UserError) as caught:
            query_from({name: [value]})
        assert caught.value.field == name


def test_flags_are_off_by_default_and_the_one_for_alike_ones_as_the_caller_says() -> None:
    assert not query_from({}).explain
    assert query_from({"explain": ["1"]}).explain
    assert not query_from({"explain": ["0"]}).explain
    assert not query_from({"collapse": ["0"]}, collapse=True).collapse
    assert query_from({"collapse": ["1"]}, collapse=False).collapse


def test_each_parameter_is_declared_with_its_kind_and_limit() -> None:
    declared = {one.name: (one.kind, one.repeatable, one.maximum) for one in PARAMETERS}
    facet = ("facet", True, 0)
    assert declared == {
        "q": ("text", False, 0),
        **dict.fromkeys(("province", "city", "insurance", "topic", "status"), facet),
        "from": ("date", False, 0),
        "to": ("date", False, 0),
        "sort": ("sort", False, 0),
        "page": ("integer", False, 1_000_000),
        "size": ("integer", False, 100),
        "collapse": ("flag", False, 0),
        "explain": ("flag", False, 0),
    }


def test_facet_values_are_made_official_once_each() -> None:
    assert query_from({"city": ["", "黑河", "黑河市", "231100"]}).filters == {"city": ("黑河市",)}
    assert query_from({"city": [""]}).filters == {}
