"""What the page says and offers around the results, as finished values: lines, advice, filters, chips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from urllib.parse import unquote_plus

import pytest
from policy import article, opened, others

from search import FACETS, UNSTATED, Build, Counted, Query, Results, answer
from search.model import Clause, Form, Named, Note, Parsed
from webui.pages.advice import FEW, advice
from webui.pages.cards import cards
from webui.pages.collection import Collection
from webui.pages.days import age
from webui.pages.filters import chips, facet_groups
from webui.pages.links import Link
from webui.pages.notes import also_searched, lines
from webui.pages.state import SearchState

SHENYANG = {"province": "辽宁省", "city": "沈阳市"}
DALIAN = {"province": "辽宁省", "city": "大连市"}


def spoken(link: Link) -> tuple[str, str]:
    return f"{link.label} {link.count}" if link.count else link.label, unquote_plus(link.url)


def said(query: Query, results: Results, notices: tuple[str, ...] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """The lines above the results, each with its links."""
    return [(line.text, list(map(spoken, line.links))) for line in lines(SearchState(query), results, notices)]


def results_of(query: Query, parsed: Parsed, total: int = 1, suggestion: str | None = None) -> Results:
    facets = dict.fromkeys(("province", "city", "insurance", "topic"), ())
    return Results(query, parsed, total, (), facets, 1.0, suggestion)


# --- lines above ------------------------------------------------------------------------------------------------------


def test_what_went_wrong_with_the_address_comes_first_then_that_alike_ones_stand_apart() -> None:
    query = Query("螃蟹", collapse=False)
    assert said(query, results_of(query, Parsed("螃蟹")), ("没有名为“x”的城市。",)) == [
        ("没有名为“x”的城市。", []),
        ("相似的文章分开列出了。", [("合并相似的", "/?q=螃蟹")]),
    ]


@pytest.mark.parametrize(
    ("code", "total", "is_said"),
    [
        ("missing-words", 1, True),
        ("missing-words", 0, True),
        ("did-you-mean", 1, False),
        ("did-you-mean", 0, False),
    ],
)
def test_a_note_is_said_where_it_says_something(code: str, total: int, is_said: bool) -> None:
    query = Query("螃蟹")
    parsed = Parsed("螃蟹", notes=(Note(code, "一句话。"),))
    assert said(query, results_of(query, parsed, total)) == ([("一句话。", [])] if is_said else [])


def test_a_correction_is_said_once_and_undone_by_quoting_what_was_typed() -> None:
    query = Query("  报消、比例？")
    parsed = Parsed("报销 比例", notes=(Note("corrected", "没有找到。"),))
    assert said(query, results_of(query, parsed, suggestion="报销 比例")) == [
        ("没有找到。", [("仍按输入的字搜", '/?q="报消 比例"')])
    ]


def test_what_may_have_been_meant_is_offered() -> None:
    query = Query("报消")
    assert said(query, results_of(query, Parsed("报消"), suggestion="报销")) == [
        ("您是不是要找：", [("报销", "/?q=报销")])
    ]


def test_a_place_without_the_matter_offers_all_its_articles() -> None:
    query = Query("沈阳螃蟹")
    place = Named("city", "沈阳市", "沈阳", 0, 2)
    notes = (Note("not-of-place", "没有这方面的。", place), Note("no-such-place", "没有文章。", place))
    assert said(query, results_of(query, Parsed("沈阳螃蟹", notes=notes))) == [
        ("没有这方面的。", [("看沈阳的文章", "/?city=沈阳市")]),
        ("没有文章。", []),
    ]


@pytest.fixture(scope="module")
def engine() -> Build:
    return opened(
        [
            article("a", "螃蟹，沈阳居民医保。", **SHENYANG, insurance="居民医保", day=date(2025, 5, 1)),
            article("b", "螃蟹。", **SHENYANG, insurance="职工医保"),
            article("c", "螃蟹。", **DALIAN),
            article("d", "大虾，螃蟹。", province="辽宁省"),
            article("e", "贝壳。", province="北京市"),
            *others(20),
        ]
    )


def asked(engine: Build, query: Query) -> list[tuple[str, list[tuple[str, str]]]]:
    found = said(query, answer(engine, query))
    return [line for line in found if line[1]]


def test_what_the_words_name_is_offered_as_filters_with_its_count(engine: Build) -> None:
    assert asked(engine, Query("沈阳居民医保螃蟹")) == [
        ("只看：", [
            ("沈阳 2", "/?q=沈阳居民医保螃蟹&city=沈阳市"),
            ("居民医保 1", "/?q=沈阳居民医保螃蟹&insurance=居民医保"),
        ])
    ]  # fmt: skip
    # What is chosen already, or would find nothing, is not offered.
    assert asked(engine, Query("沈阳螃蟹", {"city": ("沈阳市",)})) == []
    assert asked(engine, Query("鞍山螃蟹")) == []


def test_a_year_is_offered_where_there_are_results_and_no_days_are_chosen(engine: Build) -> None:
    url = "/?q=2025年螃蟹&from=2025-01-01&to=2025-12-31"
    assert asked(engine, Query("2025年螃蟹")) == [("只看：", [("2025 年的", url)])]
    assert asked(engine, Query("2025年螃蟹", date_from=date(2025, 1, 1))) == []
    assert asked(engine, Query("2025年螃蟹", date_to=date(2025, 12, 31))) == []
    assert asked(engine, Query("2025年海带")) == []


def test_a_document_number_is_offered_as_its_very_characters(engine: Build) -> None:
    text = "粤医保发〔2023〕15号"
    assert asked(engine, Query(text)) == [("只看：", [(f"文号{text}", f'/?q="{text}"')])]


def test_synonyms_are_told_in_order_once_and_left_out_by_quotes() -> None:
    forms = (Form("甲"), Form("同", 1.0), Form("乙", 0.5), Form("丙", 0.9))
    clauses = (
        Clause("word", "甲", 0, 1, forms),
        Clause("word", "丁", 2, 3, (Form("丁"),)),
        Clause("optional", "2025", 4, 8, (Form("2025"), Form("年份", 0.5))),
        Clause("word", "戊", 9, 10, (Form("戊"), Form("乙", 0.5), Form("己", 0.5))),
    )
    query = Query("甲 丁 2025 戊")
    line = also_searched(SearchState(query), results_of(query, Parsed(query.text, clauses)))
    assert line
    assert (line.text, list(map(spoken, line.links))) == (
        "也搜索了：乙、丙、己",
        [("不搜这些", '/?q="甲" 丁 2025 "戊"')],
    )
    assert also_searched(SearchState(query), results_of(query, Parsed(query.text, clauses), total=0)) is None
    many = replace(clauses[0], forms=(*forms, *(Form(word, 0.5) for word in ("丁", "庚", "辛", "壬"))))
    line = also_searched(SearchState(query), results_of(query, Parsed(query.text, (many, *clauses[1:]))))
    assert line
    assert line.text == "也搜索了：乙、丙、庚、辛"
    assert also_searched(SearchState(query), results_of(query, Parsed(query.text, clauses[1:2]))) is None


# --- advice -----------------------------------------------------------------------------------------------------------


def advised(engine: Build, query: Query) -> list[tuple[str, str]]:
    state = SearchState(query)
    results = answer(engine, query)
    return list(map(spoken, advice(state, results.parsed, chips(state), results.total, Collection(engine))))


def test_few_results_are_two() -> None:
    assert FEW == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            Query("螃蟹 大虾", {"city": ("大连市",)}, date_from=date(2025, 1, 1)),
            [
                ("去掉“大连” 1", "/?q=螃蟹 大虾&from=2025-01-01"),
                ("去掉“2025-01-01 起” 1", "/?q=螃蟹 大虾&city=大连市"),
                ("去掉全部筛选 4", "/?q=螃蟹 大虾"),
            ],
            id="a filter or a day, and all of them",
        ),
        pytest.param(
            Query("贝壳", {"city": ("沈阳市", "大连市"), "insurance": ("职工医保",)}),
            [
                ("只按筛选条件看 1", "/?city=沈阳市&city=大连市&insurance=职工医保"),
                ("去掉全部筛选 1", "/?q=贝壳"),
            ],
            id="all filters, what gives up most last",
        ),
        pytest.param(
            Query("螃蟹", {"city": ("大连市",), "insurance": ("职工医保", "居民医保"), "topic": ("门诊",)}),
            [
                ("只留“大连” 1", "/?q=螃蟹&city=大连市"),
                ("只留险种 2", "/?q=螃蟹&insurance=职工医保&insurance=居民医保"),
                ("去掉全部筛选 4", "/?q=螃蟹"),
            ],
            id="three filters of which any two leave nothing",
        ),
        pytest.param(
            Query("贝壳", {"city": ("沈阳市", "大连市")}),
            [("不限城市 1", "/?q=贝壳"), ("只按筛选条件看 3", "/?city=沈阳市&city=大连市")],
            id="several values of a facet as one",
        ),
        pytest.param(
            Query('"大虾，螃蟹"', {"city": ("大连市",)}),
            [
                ("去掉“大连” 1", '/?q="大虾，螃蟹"'),
                ("去掉引号 1", "/?q=大虾，螃蟹&city=大连市"),
                ("只按筛选条件看 1", "/?city=大连市"),
            ],
            id="quotes",
        ),
        pytest.param(
            Query('贝壳 -"贝" -壳'),
            [("不排除任何词 1", "/?q=贝壳")],
            id="exclusions",
        ),
        pytest.param(
            Query('"贝壳" -海带 "大虾"', {"city": ("大连市",)}),
            [("去掉“大连” 2", '/?q="贝壳" -海带 "大虾"'), ("只按筛选条件看 1", "/?city=大连市")],
            id="quotes left out already, where nothing holds both",
        ),
        pytest.param(
            Query("沈阳 贝壳"),
            [("去掉“贝壳” 2", "/?q=沈阳"), ("看沈阳的全部文章 2", "/?city=沈阳市")],
            id="the place of the words",
        ),
        pytest.param(Query("海带"), [], id="a single word that nothing holds"),
    ],
)
def test_advice_is_what_finds_more_with_its_number(
    engine: Build, query: Query, expected: list[tuple[str, str]]
) -> None:
    assert advised(engine, query) == expected


def test_only_the_first_five_words_are_tried_without() -> None:
    engine = opened([article(word, f"{word}，") for word in "甲乙丙丁戊己"] + others(5))
    parsed = Parsed(
        "", tuple(Clause("phrase", word, n * 2, n * 2 + 1, (Form(word),)) for n, word in enumerate("甲乙丙丁戊己"))
    )
    tried: list[str] = []

    class Asked(Collection):
        def counts(self, queries: Iterable[Query], *, newest: bool = False) -> list[Counted]:
            asked = list(queries)
            tried.extend(query.text for query in asked)
            return super().counts(asked, newest=newest)

    advice(SearchState(Query()), parsed, (), 0, Asked(engine))
    assert len(tried) == 1 + 5
    assert tried[1] == '"乙" "丙" "丁" "戊" "己"'
    assert tried[-1] == '"甲" "乙" "丙" "丁" "己"'


def test_all_filters_at_once_are_only_offered_where_there_are_several() -> None:
    engine = opened([article("crab", "螃蟹", topic="住院"), *others(3)])
    one = Query("螃蟹", {"topic": ("门诊",)})
    assert [label for label, _ in advised(engine, one)] == ["去掉“门诊” 1"]


# --- filters ----------------------------------------------------------------------------------------------------------

CITIES = (
    "沈阳市",
    "大连市",
    "鞍山市",
    "抚顺市",
    "本溪市",
    "丹东市",
    "锦州市",
    "营口市",
    "阜新市",
    "辽阳市",
    "盘锦市",
    "铁岭市",
    "朝阳市",
)


def groups(cities: int, **filters: tuple[str, ...]) -> dict[str, tuple[list[str], list[str], str | None, bool]]:
    """Of each group what is shown, what is behind 更多, the box of those without, and whether it can be searched."""
    engine = opened(article(city, "螃蟹。", province="辽宁省", city=city) for city in CITIES[:cities])
    found = {}
    for group in facet_groups(answer(engine, Query("螃蟹", filters)), FACETS):
        shown, more = [o.label for o in group.shown], [o.label for o in group.more]
        found[group.id] = (shown, more, group.unstated and group.unstated.label, group.find)
    return found


def test_where_there_is_little_room_two_facets_that_are_no_places_are_open() -> None:
    engine = opened([article("crab", "螃蟹", topic="住院", insurance="职工医保", **DALIAN), *others(3)])
    folds = {group.id: group.folds for group in facet_groups(answer(engine, Query("螃蟹")), FACETS)}
    assert folds == {"province": True, "city": True, "insurance": False, "topic": False}


@pytest.mark.parametrize(
    ("cities", "shown", "more", "find"),
    [(8, 8, 0, False), (9, 9, 0, False), (10, 8, 2, False), (11, 8, 3, False), (12, 8, 4, True)],
)
def test_eight_values_are_shown_and_twelve_can_be_searched(cities: int, shown: int, more: int, find: bool) -> None:
    """With nine the ninth takes the room that 更多 would."""
    first, rest, unstated, can = groups(cities)["city"]
    assert (len(first), len(rest), unstated, can) == (shown, more, None, find)


def test_values_that_are_chosen_are_all_shown_and_then_nothing_is_left_to_search_for() -> None:
    first, rest, _, find = groups(13, city=CITIES[:12])["city"]
    assert (len(first), rest, find) == (13, [], False)
    first, rest, _, find = groups(13, city=CITIES[:9])["city"]
    assert (len(first), len(rest), find) == (9, 4, True)


def test_a_chosen_province_carries_its_cities_and_others_are_gone() -> None:
    engine = opened(
        [
            article("a", "螃蟹。", **SHENYANG),
            article("b", "螃蟹。", province="辽宁省"),
            article("c", "螃蟹。", province="北京市"),
            article("d", "螃蟹。", province="吉林省", city="长春市"),
            article("e", "螃蟹。"),
        ]
    )

    def read(**filters: tuple[str, ...]) -> dict[str, list[str]]:
        found = {}
        for group in facet_groups(answer(engine, Query("螃蟹", filters)), FACETS):
            found[group.id] = [o.label for o in (*group.shown, *group.more)]
            for option in group.shown:
                if option.cities:
                    found[option.cities.id] = [o.label for o in option.cities.shown]
                    found[option.cities.id] += [f"({option.cities.label})"]
        return found

    assert read() == {
        "province": ["辽宁", "北京", "吉林"],
        "city": ["辽宁 · 沈阳", "吉林 · 长春"],
        "insurance": [],
    }
    assert read(province=("辽宁省",)) == {
        "province": ["辽宁", "北京", "吉林"],
        "city-辽宁省": ["沈阳", "(辽宁的城市)"],
        "insurance": [],
    }
    # A municipality has no cities to choose from; a city of another province that is chosen can still be unchecked.
    assert read(province=("北京市",)) == {"province": ["北京", "辽宁", "吉林"], "insurance": []}
    assert read(province=("北京市",), city=("长春市",)) == {"province": ["北京", "吉林"], "city": ["吉林 · 长春"]}
    # 未注明 is no province that could hold cities.
    assert read(province=(UNSTATED,))["city"] == []


def test_chips_are_the_filters_in_declared_order_then_the_days() -> None:
    query = Query(
        "螃蟹",
        {"topic": ("报销待遇",), "insurance": (UNSTATED, "居民医保"), "city": ("沈阳市",)},
        date(2025, 1, 1),
        date(2025, 12, 31),
        page=2,
    )
    found = [(chip.facet, chip.label) for chip in chips(SearchState(query))]
    assert found == [
        ("city", "沈阳"),
        ("insurance", "险种未注明"),
        ("insurance", "居民医保"),
        ("topic", "报销待遇"),
        ("", "2025-01-01 起"),
        ("", "2025-12-31 止"),
    ]
    without = [chip.without.query for chip in chips(SearchState(query))]
    assert without[0] == replace(
        query, filters={"topic": query.filters["topic"], "insurance": query.filters["insurance"]}, page=1
    )
    assert without[-2:] == [replace(query, date_from=None, page=1), replace(query, date_to=None, page=1)]


def test_all_that_applies_to_a_place_is_one_chip() -> None:
    query = Query("", {"province": ("辽宁省", UNSTATED), "city": ("沈阳市", UNSTATED), "topic": ("报销待遇",)})
    found = chips(SearchState(query))
    assert [(chip.facet, chip.label) for chip in found] == [("", "适用于沈阳"), ("topic", "报销待遇")]
    assert found[0].without.query.filters == {"topic": ("报销待遇",)}


# --- how old an article is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "status", "said"),
    [
        (date(2026, 1, 1), None, ""),
        (date(2025, 1, 1), None, ""),
        (date(2024, 12, 31), None, "2024 年的，可能已变"),
        (date(2019, 6, 1), None, "2019 年的，可能已变"),
        (date(2019, 6, 1), "现行有效", ""),
        (date(2019, 6, 1), "已废止", ""),
        (None, None, ""),
    ],
)
def test_an_article_of_the_year_before_last_is_said_to_be_old(day: date | None, status: str | None, said: str) -> None:
    """Unless it says itself whether it holds."""
    facets = {"status": (status,)} if status else {}
    assert age(replace(article("a", "断缴三个月。", day=day), facets=facets), date(2026, 11, 30)) == said


@pytest.mark.parametrize("status", ["尚未生效", "已失效", "已废止", "已修订", "现行有效", ""])
def test_a_card_says_beside_its_title_what_is_not_in_force(status: str) -> None:
    query = Query("断缴")
    (hit, *_) = answer(opened([article("a", "断缴三个月。"), *others(3)]), query).hits
    facets = {**hit.article.facets, "status": (status,)} if status else hit.article.facets
    (card,) = cards((replace(hit, article=replace(hit.article, facets=facets)),), SearchState(query), date(2026, 3, 1))
    holds = status in ("", "现行有效")
    assert card.lapsed == ("" if holds else status)
    assert (status in card.facets) == (status == "现行有效"), "said once"


def test_a_card_says_how_old_its_article_is() -> None:
    query = Query("断缴")
    results = answer(opened([article("a", "断缴三个月。", day=date(2024, 3, 1)), *others(3)]), query)
    assert [card.age for card in cards(results.hits, SearchState(query), date(2026, 3, 1))] == ["2024 年的，可能已变"]
    assert [card.age for card in cards(results.hits, SearchState(query), date(2025, 3, 1))] == [""]
