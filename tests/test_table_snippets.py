"""A row of a table as a snippet: which row, which of its cells, under which names, and where the marks are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.formats.outline import Cell, Covered, Outline
from search.model import Article
from search.query.grammar import parse
from search.query.highlight import snippets
from search.text import fold, occurrences

LEFT, ABOVE = Covered.LEFT, Covered.ABOVE
Rows = list[list[Cell]]

LEVELS: Rows = [
    ["医院等级", "起付线", "支付比例", "办理地点"],
    ["一级", "210元", "91%", "社区"],
    ["二级", "430元", "86%", "镇上"],
    ["三级", "870元", "79%", "县城"],
]


def article(*blocks: str | Rows, header: int = 1) -> Article:
    """An article of paragraphs and tables."""
    outline = Outline()
    for block in blocks:
        if isinstance(block, str):
            outline.block(block)
        else:
            outline.table(block, header)
    text, sections, tables = outline.finish()
    return Article("a", "article", "题", text, sections=sections, tables=tables)


def shown(of: Article, query: str, limit: int = 1, max_chars: int = 160) -> list[str]:
    """The snippets, with their marks in brackets."""
    found = []
    for snippet in snippets(parse(query), of, limit, max_chars):
        text = snippet.text
        for start, end in reversed(snippet.highlights):
            text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
        found.append(text)
    return found


@pytest.mark.parametrize(
    ("rows", "query", "expected"),
    [
        pytest.param(LEVELS, "二级 起付线", "[二级] · [起付线] 430元", id="the column asked for"),
        pytest.param(LEVELS, "支付比例 三级", "[三级] · [支付比例] 79%", id="another one"),
        pytest.param(LEVELS, "三级", "[三级] · 起付线 870元 · 支付比例 79%", id="no column is named: the amounts"),
        pytest.param(LEVELS, "镇上 起付线", "二级 · [起付线] 430元 · 办理地点 [镇上]", id="a cell that was asked for"),
        pytest.param(LEVELS, "起付线", "一级 · [起付线] 210元", id="a head stands for the first row below it"),
        pytest.param(
            [["级别", "起付线"], ["一级", ""], ["二级", "430元"]],
            "起付线",
            "二级 · [起付线] 430元",
            id="that has something there",
        ),
        pytest.param(
            [["级别", "起付线（元）"], ["一级", "210"], ["二级", "430"]],
            "二级",
            "[二级] · 起付线（元） 430",
            id="a number is an amount: its unit is in the head",
        ),
        pytest.param(
            [["事项", "材料"], ["补卡", "身份证"], ["挂失", "不用带"]],
            "挂失",
            "[挂失] · 材料 不用带",
            id="neither column nor amount: all cells",
        ),
        pytest.param(
            [["序号", "项目", "限额"], ["1", "拔牙", "90元"], ["2", "补牙", "120元"]],
            "补牙",
            "2 · [补牙] · 限额 120元",
            id="a number alone says not what a row is",
        ),
        pytest.param(
            [["人员", "级别", "起付线"], ["职工", "一级", "210元"], [ABOVE, "二级", "430元"], ["居民", "", "9元"]],
            "职工二级起付线",
            "[职工] · [二级] · [起付线] 430元",
            id="a merged cell holds for all its rows",
        ),
        pytest.param(
            [["人员", "级别", "起付线"], ["职工", "一级", "210元"], [ABOVE, "二级", "430元"]],
            "职工起付线",
            "[职工] · 一级 · [起付线] 210元",
            id="and does not say alone what a row is",
        ),
        pytest.param(
            [["级别", "起付线"], ["一级", "210元"], ["二级及以下", LEFT]],
            "二级",
            "[二级]及以下",
            id="a row of one cell is a line",
        ),
        pytest.param(
            [["级别", "异地就医备案"], ["一级", "不用办理"]],
            "异地就医备案 一级",
            "[一级] · [异地就医备案] 不用办理",
            id="several words in a head",
        ),
        pytest.param(
            [["级别", "限额"], ["一级", "一级"]], "一级", "[一级]", id="a cell again in its row"
        ),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_row(rows: Rows, query: str, expected: str) -> None:
    assert shown(article(rows), query)[0].startswith(expected)


def test_heads_of_two_rows_and_captions() -> None:
    rows: Rows = [
        ["2031年待遇", LEFT, LEFT],
        ["级别", "支付比例", LEFT],
        [ABOVE, "在职", "退休"],
        ["一级", "91%", "95%"],
        ["二级", "86%", "90%"],
    ]
    assert shown(article(rows, header=3), "退休 二级") == ["[二级] · 支付比例 [退休] 90%"]


def test_a_table_without_header_has_no_names() -> None:
    assert shown(article(LEVELS[1:], header=0), "二级") == ["[二级] · 430元 · 86%"]


def test_a_row_wins_by_the_words_of_its_heads() -> None:
    """The sentence holds one of three words, the row all of them though its line holds one."""
    of = article("三级医院很多，有的远，有的近，去之前打个电话问一问，就不会白跑一趟，也不会排队排得太久。", LEVELS)
    assert shown(of, "三级 起付线") == ["[三级] · [起付线] 870元"]


def test_a_sentence_about_it_is_shown_beside_its_row() -> None:
    of = article("异地就医也按这个表执行，回来以后到窗口办理就可以，材料不用再交，钱会打到社保卡的账户里。", LEVELS)
    assert shown(of, "异地就医 二级 起付线", limit=2) == [
        "[二级] · [起付线] 430元",
        "[异地就医]也按这个表执行，回来以后到窗口办理就可以，材料不用再交，钱会打到社保卡的账户里。",
    ]


def test_another_row_is_shown_only_if_it_has_as_many_of_the_words() -> None:
    assert shown(article(LEVELS), "二级 起付线", limit=2) == ["[二级] · [起付线] 430元"]
    assert shown(article(LEVELS), "起付线", limit=2) == ["一级 · [起付线] 210元"]
    assert shown(article(LEVELS), "二级 起付线 县城", limit=2) == ["[二级] · [起付线] 430元"], (
        "县城 is of another level"
    )
    assert shown(article(LEVELS), "二级 起付线 三级", limit=2) == ["[二级] · [起付线] 430元", "[三级] · [起付线] 870元"]
    both: Rows = [*LEVELS, ["二级（外地）", "990元", "60%", "外地"]]
    assert shown(article(both), "二级 起付线", limit=2) == [
        "[二级] · [起付线] 430元",
        "[二级]（外地） · [起付线] 990元",
    ]


def test_a_short_line_takes_the_first_row_along() -> None:
    assert shown(article("螃蟹按此报：", LEVELS), "螃蟹") == ["[螃蟹]按此报： 一级 · 起付线 210元 · 支付比例 91%"]


def test_the_opening_may_be_a_row() -> None:
    assert shown(article(LEVELS), "") == ["一级 · 起付线 210元 · 支付比例 91%"]


def test_a_long_cell_is_cut_around_its_marks() -> None:
    rows: Rows = [["事项", "办法"], ["挂失", "甲" * 300 + "电话" + "乙" * 300]]
    (snippet,) = shown(article(rows), "挂失 电话", max_chars=100)
    assert snippet.startswith("[挂失] · 办法 …甲") and "甲[电话]乙" in snippet and snippet.endswith("乙…")
    assert len(snippet) <= 104


def test_what_was_asked_for_has_room_first() -> None:
    rows: Rows = [["级别", *(f"项目{n}" for n in range(50))], ["一级", *(f"{n}元" for n in range(50))]]
    rows[0][50] = "门诊"
    assert shown(article(rows), "一级 门诊 49元", max_chars=60) == ["[一级] · [门诊] [49元]"]


def test_the_header_counts_where_the_table_goes_on_in_another_window() -> None:
    many: Rows = [["药名", "自付比例"]]
    many.extend([f"药{n}号", f"{n % 90}%"] for n in range(20_000))
    of = article(many)
    assert of.text.index("药19000号") > 200_000
    assert shown(of, '"药19000号" 自付比例') == ["[药19000号] · [自付比例] 10%"]


CELLS = st.sampled_from([LEFT, ABOVE, "", "医保", "一级", "起付线。其他；", "70%", "甲" * 70, "补牙医保"])


@given(
    tables=st.lists(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=5), max_size=3),
    header=st.integers(0, 5),
    query=st.sampled_from(["医保", "一级 起付线", "补牙多少", "", "没有"]),
    max_chars=st.integers(60, 160),
)
def test_snippets_of_any_table_hold_their_promises(tables: list[Rows], header: int, query: str, max_chars: int) -> None:
    """Marks are occurrences, all that is shown is of the text but what stands between cells, nothing is too long."""
    of = article("一段话。", *tables, header=header)
    forms = [form.text for clause in parse(query).clauses for form in clause.forms]
    for snippet in snippets(parse(query), of, 2, max_chars):
        assert len(snippet.text) <= max_chars + 2 and "\n" not in snippet.text
        for start, end in snippet.highlights:
            assert any(occurrences(form, fold(snippet.text[start:end])) for form in forms)
        for piece in snippet.text.replace("…", " ").replace("·", " ").split():
            assert piece in of.text
