"""One value, one form: numbers with their units and Latin words, in index, query and marks alike."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from engines import whoosh
from hypothesis import given
from hypothesis import strategies as st

from search.model import Article, Query
from search.query.grammar import parse
from search.query.highlight import spans
from search.text import fold, index_words, occurrences, query_words
from search.text.lexicon import place_names
from search.text.numbers import han_value, numbers

SAME = [
    "三千元|3000元|3,000 元|3千元|３０００元|三千块|3000块钱",
    "百分之二十|20%|20 %|２０％|百分之20",
    "千分之五|5‰",
    "百分之十二点五|12.5%|12.50％",
    "三个月|3个月|3 个月|３個月",
    "十二个月|12个月",
    "两年|2年|二年",
    "六十周岁|60岁|60周岁|六十岁",
    "Ⅱ型糖尿病|II型糖尿病|2型糖尿病|二型糖尿病|2 型糖尿病|ii 型糖尿病|ＩＩ型糖尿病",
    "Ⅳ期|IV期|4期|四期|第四期|第 4 期",
    "500mg|500 毫克|500毫克|500 MG|五百毫克",
    "1.5万元|15000元|一万五千元|15,000元|1万5千元|一点五万元|1.5 万元|一点五万块钱",
    "三点五千元|3500元|3.5千元",
    "十二点五万元|125000元|12.5万元",
    "一点九亿元|1.9亿元|190000000元",
    "一点九倍|1.9倍",
    "9价疫苗|九价疫苗|9 价疫苗",
    "第二十三条|第23条|23条",
    "第三次|第3次",
    "90mmHg|90毫米汞柱|90 mmHg",
    "PD-1|pd1|Pd-1",
    "COVID-19|covid19|Covid-19",
    "WI-FI|wifi|Wi-Fi",
    "B超|b 超|B-超|Ｂ超",
    "维生素B12|维生素 B12|维生素-b12",
]
DIFFERENT = [
    ("85%", "85元"),
    ("3月", "3个月"),
    ("第二年", "两年"),
    ("第三次", "三次"),
    ("5日", "5天"),
    ("2型", "2期"),
    ("1.5万元", "1.5元"),
    ("3000元", "30000元"),
    ("一点五万元", "五万元"),
    ("三点五元", "三点五千元"),
    ("百分之五", "千分之五"),
]


@pytest.mark.parametrize("line", SAME)
def test_one_value_has_one_form_in_index_query_and_marks(line: str) -> None:
    written = line.split("|")
    read = {tuple(token.text for token in query_words(fold(one))) for one in written}
    assert len(read) == 1
    words = [word for word in read.pop() if len(word) > 1]
    for one in written:
        text = fold(f"规定{one}，以后")
        for word in words:
            assert word in index_words(text), (one, word)
            assert spans(parse(one), text)[0][0] == 2, one
            assert all(text[start:end].strip() for start, end in occurrences(word, text))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_the_unit_belongs_to_the_number(one: str, other: str) -> None:
    (token,), (another,) = query_words(fold(one)), query_words(fold(other))
    assert token.text not in index_words(fold(other))
    assert another.text not in index_words(fold(one))


@pytest.mark.parametrize(
    "text",
    [
        "三亚",
        "九江",
        "十堰",
        "五保户",
        "四川",
        "万州",
        "百色",
        "三明",
        "六安",
        "一次性",
        "统一",
        "唯一",
        "第三方",
        "一般",
        "十分",
        "千万",
        "万一",
        "一定",
        "三年级",
        "一块儿",
        "几十年",
        "数十元",
        "千万元",
        "十几天",
        "二三十元",
        "一二三元",
        "一站式",
        "两定机构",
        "三甲医院",
        "五险一金",
        "一老一小",
        "二维码",
        "两病",
        "四川省",
        "七台河",
        "双十一",
        "三伏天",
        "元旦",
        "0755",
        "1.2.3",
        "12abc",
        "b12",
        "x2型",
        "2025年",
        "1998年度",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert [number for number in numbers(fold(text)) if number.unit] == []


def test_names_and_words_with_a_numeral_stay_whole() -> None:
    """A number in a word is not taken out of it where a query says the word."""
    for name in (
        *place_names(),
        "三级医院",
        "一次性缴费",
        "三年级",
        "第三方",
        "千万别",
        "十分",
        "三七",
        "九龙",
        "百日咳",
        "百年大计",
    ):
        assert not any(token.text.startswith("NUM") for token in query_words(name)), name


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("60%-70%", ["60%", "70%"]),
        ("60-70%", ["60%", "70%"]),
        ("三至六个月", ["3个月", "6个月"]),
        ("三至五万元", ["30000元", "50000元"]),
        ("十至二十万元", ["100000元", "200000元"]),
        ("二十至三百元", ["20元", "300元"]),
        ("一点五到两万元", ["15000元", "20000元"]),
        ("三千到五万元", ["3000元", "50000元"]),
        ("2—3万元", ["20000元", "30000元"]),
        ("500元至2万元", ["500元", "20000元"]),
        ("1、2型糖尿病", ["1型", "2型"]),
        ("140/90mmHg", ["140毫米汞柱", "90毫米汞柱"]),
        ("5 3%", ["3%"]),
    ],
)
def test_the_last_of_a_range_says_the_unit(text: str, units: list[str]) -> None:
    assert [number.value + number.unit for number in numbers(fold(text)) if number.unit] == units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("零", 0),
        ("十", 10),
        ("十五", 15),
        ("一百零五", 105),
        ("一百二", 120),
        ("一百二十", 120),
        ("三千五", 3500),
        ("一万五", 15_000),
        ("一万零五", 10_005),
        ("两万三千", 23_000),
        ("一亿三千万", 130_000_000),
        ("三万亿", 3_000_000_000_000),
        ("一二三", None),
        ("千万", None),
        ("十十", None),
        ("百", None),
        ("一百零", None),
        ("一万二亿三万四亿", None),
    ],
)
def test_the_value_of_a_han_number(text: str, value: int | None) -> None:
    assert han_value(text) == value


def in_han(value: int) -> str:
    """Write a number below 10**8 as people do: the inverse of `han_value`, by another way."""
    if value >= 10_000:
        rest = value % 10_000
        return in_han(value // 10_000) + "万" + (("零" if rest < 1000 else "") + in_han(rest) if rest else "")
    text = ""
    for digit, power in zip(f"{value:04}", "千百十 ", strict=True):
        text += "零" if digit == "0" else "零一二三四五六七八九"[int(digit)] + power.strip()
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.strip("零") or "零"


@given(st.integers(1, 10**8 - 1), st.sampled_from(["元", "个月", "%", "岁", "毫克"]))
def test_digits_groups_and_han_numbers_agree(value: int, unit: str) -> None:
    han = f"百分之{in_han(value)}" if unit == "%" else in_han(value) + unit
    for written in (f"{value}{unit}", f"{value:,} {unit}", han):
        (number,) = numbers(written)
        assert (number.value, number.unit, number.start, number.end) == (str(value), unit, 0, len(written)), written


@given(
    st.lists(st.sampled_from([*"0123456789一二十百千万.,%-至 元年月型ix", "个月", "mg", "百分之"]), max_size=14).map(
        "".join
    )
)
def test_numbers_stand_in_order_and_apart(text: str) -> None:
    found = numbers(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("unit", ["元", "%", "个月", "年", "mg", "级", "型", "岁"])
def test_what_is_found_of_a_number(unit: str, tmp_path: Path) -> None:
    """Through a whole engine: each way of writing finds all of them, and no other unit."""
    other = "个月" if unit != "个月" else "元"
    texts = {"plain": f"标准为35{unit}。", "han": f"标准为三十五{unit}。", "other": f"标准为35{other}。"}
    if unit == "%":
        texts["han"] = "标准为百分之三十五。"
    articles = [Article(id=name, kind="article", title="规定", text=text) for name, text in texts.items()]
    engine = whoosh(tmp_path, articles)
    for typed in (f"35{unit}", f"３５ {unit}", texts["han"][3:-1]):
        found = engine.match(parse(typed), Query(typed))
        assert {match.id for match in found.page} == {"plain", "han"}, typed
    assert {match.id for match in engine.match(parse("35"), Query("35")).page} >= {"plain", "other", "han"}


@pytest.mark.parametrize(("text", "value"), [("一点五万", "15000"), ("两点五千", "2500")])
def test_a_decimal_with_a_power_is_a_number_in_a_query(text: str, value: str) -> None:
    (clause,) = parse(text).clauses
    assert value in {form.text for form in clause.forms}


@pytest.mark.parametrize("text", ["三点半", "一点儿", "早点五个人", "下午三点"])
def test_a_time_and_a_little_are_no_decimals(text: str) -> None:
    assert [number.value for number in numbers(text) if "." in number.value] == []


def test_a_year_in_han_digits_may_have_any_of_them() -> None:
    assert [number.value for number in numbers("一九九九年至二〇一九年")] == ["1999", "2019"]


@pytest.mark.parametrize(("text", "word"), [("500\nmg", "NUM500毫克"), ("2\n型", "NUM2型"), ("PD\n1", "pd1")])
def test_a_line_end_is_a_blank_because_texts_are_wrapped(text: str, word: str) -> None:
    assert word in index_words(fold(text))
    assert spans(parse(word if word == "pd1" else text), text) == ((0, len(text)),)
