"""Facets as values: what one declares, what several together promise, and how a build keeps those it has."""

from __future__ import annotations

import pickle

import pytest

from search import FACETS, UNSTATED, Article, Facet, Facets, UserError, facet_of_field, parameters, query_from
from search.facets import classify, declarations, facets_declared, odd_metadata
from search.model import Evidence, Named

YEAR = facet_of_field("year", "年度")
SCOPE = facet_of_field("scope", "范围", ["市级", "省级", "国家级"], {"国家级": ["全国", "NATIONAL"]})


def article(**facets: tuple[str, ...]) -> Article:
    return Article("a", "article", "黑河补牙", "正文。", facets=facets)


# --- one facet ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "value"),
    [("2024", "2024"), (" ２０２４ ", "2024"), ("DRG  付费", "DRG 付费"), ("未注明", UNSTATED)],
    ids=["as written", "full width", "spaces", "unstated"],
)
def test_any_value_of_a_field_is_a_value(raw: str, value: str) -> None:
    assert YEAR.resolve(raw) == value


@pytest.mark.parametrize("raw", ["", " ", "x" * 61, "a\u0007b"], ids=["empty", "space", "too long", "control"])
def test_what_cannot_stand_beside_a_box_is_no_value(raw: str) -> None:
    with pytest.raises(UserError, match="unknown year"):
        YEAR.resolve(raw)


@pytest.mark.parametrize("raw", ["国家级", "全国", "national", "ｎａｔｉｏｎａｌ"])
def test_a_listed_value_goes_by_its_names(raw: str) -> None:
    assert SCOPE.resolve(raw) == "国家级"


def test_a_name_that_is_not_listed_is_an_error_that_names_the_facet() -> None:
    with pytest.raises(UserError) as caught:
        SCOPE.resolve("县级")
    assert (caught.value.field, caught.value.message) == ("scope", "没有名为“县级”的范围。")


@pytest.mark.parametrize(
    "declared",
    [
        lambda: facet_of_field("q", "问题"),
        lambda: facet_of_field("title", "标题"),
        lambda: facet_of_field("places", "地方"),
        lambda: facet_of_field("Year", "年度"),
        lambda: facet_of_field("year", ""),
        lambda: facet_of_field("year", "年\n度"),
        lambda: facet_of_field("year", "年度", ["2024", "2024"]),
        lambda: facet_of_field("year", "年度", ["2024", "2025"], {"2025": ["2024"]}),
        lambda: facet_of_field("year", "年度", ["2024"], {"2025": ["去年"]}),
        lambda: facet_of_field("year", "年度", ["2024"], {"2024": [" "]}),
        lambda: facet_of_field("year", "年度", aliases={"2024": ["去年"]}),
    ],
    ids=[
        *("parameter", "field", "part of the answer", "capital", "no label", "lines", "twice", "two meanings"),
        *("alias of nothing", "empty alias", "aliases without values"),
    ],
)
def test_what_cannot_be_a_facet(declared: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        declared()  # type: ignore[operator]


# --- facets together ------------------------------------------------------------------------------------------------


def test_facets_stand_in_order_and_by_key() -> None:
    facets = FACETS.with_(YEAR, SCOPE)
    assert facets.keys == ("province", "city", "insurance", "topic", "status", "year", "scope")
    assert [facet.key for facet in facets] == list(facets.keys)
    assert (facets["year"], "year" in facets, "year" in FACETS) == (YEAR, True, False)
    assert [facet.key for facet in facets.places] == ["province", "city"]
    assert [facet.key for facet in facets.children("province")] == ["city"]
    assert facets.parent_of("city", "黑河市") == "黑龙江省"
    assert (facets.values("year"), facets.values("scope")) == ((), ("市级", "省级", "国家级"))
    assert FACETS.keys == ("province", "city", "insurance", "topic", "status"), "others were added to another value"


def test_facets_that_do_not_fit_together() -> None:
    with pytest.raises(ValueError, match="two facets have the key year"):
        FACETS.with_(YEAR, facet_of_field("year", "年份"))
    with pytest.raises(ValueError, match="no facet province stands before it"):
        Facets((FACETS["city"], FACETS["province"]))
    with pytest.raises(ValueError, match="more than 24"):
        FACETS.with_(*(facet_of_field(f"f{number}", "又一个") for number in range(21)))


def test_a_query_may_name_values_of_a_facet_in_code() -> None:
    facets = FACETS.with_(Facet("year", "年度", recognise=named_years))
    found = facets.find_values("2024年职工医保")
    assert [(named.facet, named.value) for named in found] == [("insurance", "职工医保"), ("year", "2024")]
    assert [named.value for named in facets.find_places("2024年黑河")] == ["黑河市"]


def named_years(folded: str) -> list[Named]:
    at = folded.find("2024")
    return [Named("year", "2024", "2024", at, at + 4)] if at >= 0 else []


def test_parameters_are_those_of_the_facets() -> None:
    facets = FACETS.with_(YEAR)
    assert list(parameters(facets))[:7] == ["q", "province", "city", "insurance", "topic", "status", "year"]
    assert query_from({"year": ["2024", "２０２５"]}, facets).filters == {"year": ("2024", "2025")}
    with pytest.raises(UserError, match="year"):
        query_from({"year": ["2024"]})


def test_an_article_has_values_of_the_facets_asked_for() -> None:
    facets = FACETS.with_(YEAR, SCOPE)
    found = classify(article(year=("2024",), scope=("全国", "县级")), facets)
    assert {key: found.facets[key] for key in ("city", "year", "scope")} == {
        "city": ("黑河市",),
        "year": ("2024",),
        "scope": ("国家级",),
    }
    assert Evidence("year", "2024", "stated by the source", "metadata") in found.evidence
    assert [(odd.facet, odd.value) for odd in odd_metadata(article(scope=("全国", "县级")), facets)] == [
        ("scope", "县级")
    ]
    assert "year" not in classify(article(year=("2024",))).facets


def test_facets_travel_to_other_processes() -> None:
    there = pickle.loads(pickle.dumps(FACETS.with_(YEAR, SCOPE)))
    assert classify(article(scope=("全国",)), there) == classify(article(scope=("全国",)), FACETS.with_(YEAR, SCOPE))


# --- facets and a build ---------------------------------------------------------------------------------------------


def test_declarations_tell_the_facets_of_a_build() -> None:
    assert facets_declared(declarations(FACETS)) is FACETS
    again = facets_declared(declarations(FACETS.with_(YEAR, SCOPE)))
    assert again.keys == ("province", "city", "insurance", "topic", "status", "year", "scope")
    assert (again["year"].label, again["year"].resolve("2031")) == ("年度", "2031")
    assert (again["scope"].values, again["scope"].resolve("全国")) == (SCOPE.values, "国家级")
    assert declarations(again) == declarations(FACETS.with_(YEAR, SCOPE))


def test_what_data_cannot_tell_is_no_facet_of_a_value() -> None:
    with pytest.raises(ValueError, match="more than a field with values"):
        declarations(FACETS.with_(Facet("year", "年度", recognise=named_years)))


def test_the_identity_is_that_of_declarations_and_rules() -> None:
    same = facet_of_field("scope", "范围", ["市级", "省级", "国家级"], {"国家级": ["全国", "NATIONAL"]})
    assert FACETS.with_(SCOPE).identity() == FACETS.with_(same).identity()
    others = [
        FACETS,
        FACETS.with_(SCOPE),
        FACETS.with_(YEAR),
        FACETS.with_(facet_of_field("scope", "层级", ["市级", "省级", "国家级"])),
        FACETS.with_(facet_of_field("scope", "范围", ["市级", "省级", "国家级"])),
        FACETS.with_(facet_of_field("scope", "范围", ["省级", "市级", "国家级"])),
        FACETS.with_(Facet("year", "年度", recognise=named_years)),
    ]
    assert len({facets.identity() for facets in others}) == len(others)
