"""Corrections that cannot embarrass: names, products, illnesses stay, and so do questions about anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from records import build_of

from search import open_current
from search.answering.answers import answer
from search.gazetteer import place_names
from search.indexing.builds import Build
from search.model import Query
from search.suggest.kept import kept_spans, product_spans, says_another
from search.text import fold

QUESTIONS = Path(__file__).parent / "samples/other_questions.txt"
TEXTS = [
    "医惠保怎么投保，理赔材料是什么",
    "惠民保值得买吗",
    "乙肝住院报销比例，肝炎怎么治",
    "代理缴费的办理流程，城西医院在哪里",
    "通风工程怎么报价，待产包清单，分成比例公示",
    "重庆医保和乐清医保异地就医备案，旅游时看病",
    "商业保险与学生读书，形式和种植，肢体残疾，编制与定时",
    "医保战略购买，禁止虐待老人，福州与抚州的异地就医",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Build:
    records = (
        {"id": f"k{number}-{copy}", "title": text[:6], "text": text + "。" * copy}
        for number, text in enumerate(TEXTS)
        for copy in range(3)
    )
    return build_of(tmp_path_factory.mktemp("kept"), records)


@pytest.fixture(scope="module")
def seeds(seed_index: Path) -> Build:
    return open_current(seed_index)


def corrected(engine: Build, text: str) -> str | None:
    """Return what a text was answered as, None if as typed."""
    results = answer(engine, Query(text))
    return results.suggestion if any(note.code == "corrected" for note in results.parsed.notes) else None


def test_every_name_of_a_place_is_kept() -> None:
    names = place_names()
    assert len(names) > 4000
    lost = [name for name in names if (0, len(name)) not in kept_spans(fold(name))]
    assert [name for name in lost if len(name) > 1] == []


def test_a_name_is_kept_in_a_question(seeds: Build) -> None:
    for name in [*sorted(place_names())[::149], "大理", "宁远", "西城", "玉门", "乐清"]:
        results = answer(seeds, Query(f"{name}怎么办"))
        assert results.parsed.text == f"{name}怎么办"
        assert results.suggestion is None, name


@pytest.mark.parametrize(
    "product",
    ["沪惠保", "惠蓉保", "京惠保", "苏惠保", "惠桂保", "津惠保", "鲁惠保", "惠闽宝", "渝快保", "穗岁康", "琼惠保"],
)
def test_the_name_of_a_product_is_not_replaced_by_another(engine: Build, seeds: Build, product: str) -> None:
    assert product_spans(product)
    for build in (engine, seeds):
        assert corrected(build, product) is None
        assert corrected(build, f"{product}怎么理赔") is None


def test_what_is_no_product() -> None:
    for text in ("沪医保", "京社保", "粤农保", "新农保", "医保", "烟台医保卡", "生育保险"):
        assert product_spans(text) == [], text


@pytest.mark.parametrize("typed", ["脚干", "痛风", "胃癌", "阿司匹林", "青霉素", "肩膀", "肝炎", "湿疹", "痔疮"])
def test_a_part_of_the_body_an_illness_a_drug_is_not_replaced(engine: Build, seeds: Build, typed: str) -> None:
    assert corrected(engine, typed) is None
    assert corrected(seeds, f"{typed}怎么报销") is None


def test_an_illness_may_be_put_right_where_it_is_the_same() -> None:
    assert not says_another("已肝", "乙肝")
    assert not says_another("乙干", "乙肝")
    assert says_another("脚干", "乙肝")
    assert not says_another("脚费", "缴费")


@pytest.mark.parametrize(
    "typed", ["特产", "通分", "分层", "公式", "桑叶", "字体", "款式", "读数", "定式", "编织", "种子"]
)
def test_a_word_of_the_dictionary_is_not_replaced_by_a_general_one(engine: Build, typed: str) -> None:
    assert corrected(engine, typed) is None
    assert corrected(engine, f"{typed}怎么办") is None


def test_questions_about_anything_else_are_left_alone(seeds: Build) -> None:
    lines = [line for line in QUESTIONS.read_text("utf-8").splitlines() if not line.startswith("#")]
    questions = [question for line in lines for question in line.split("|")]
    assert len(questions) >= 300
    wrong = {question: meant for question in questions if (meant := corrected(seeds, question))}
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zhongqing", "重庆"),
        ("chongqing", "重庆"),
        ("leqing", "乐清"),
        ("yueqing", "乐清"),
        ("leqingyibao", "乐清医保"),
        ("lüyou", "旅游"),
        ("lvyou", "旅游"),
        ("yídì jiùyī", "异地就医"),
        ("zhanlue", "战略"),
        ("zhanlve", "战略"),
        ("nuedai", "虐待"),
        ("nüedai", "虐待"),
        ("yidijiuy", "异地就医"),
        ("beian", "备案"),
    ],
)
def test_what_letters_say(engine: Build, typed: str, meant: str) -> None:
    assert (answer(engine, Query(typed)).suggestion or "").replace(" ", "") == meant


@pytest.mark.parametrize("typed", ["leda", "lxyou", "wode", "qqqq", "blahyao", "hello", "duan", "liang"])
def test_letters_that_say_no_word_stay(engine: Build, typed: str) -> None:
    assert answer(engine, Query(typed)).suggestion is None
