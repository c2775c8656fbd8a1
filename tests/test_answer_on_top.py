"""The answer on top: what answers a question, what is never shown, and the floors over judged questions."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from policy import opened

from search import FACETS, Article, Query, answer, open_current, parse_text, quoted, results_json
from search.facets import classify
from search.formats.markdown import read_markdown
from search.model import Answer
from search.quality import AnswerScore, ask, load_questions, score_answers
from search.retrieval.answers import answer_in, asked
from search.retrieval.questions import kind_of
from webui.pages.state import SearchState
from webui.pages.top_answer import top_answer

TODAY = date(2026, 11, 30)
QUESTIONS = Path(__file__).parents[1] / "search/quality/judged/answers"

TEXT = """\
---
title: 泉州居民医保要交多少钱，什么时候交
date: 2025-10-01
---

泉州居民医保 2026 年度每人交 430 元，比上一年多 30 元。

## 什么时候交

从 2025 年 9 月 1 日到 12 月 31 日。过了这段时间要等三个月。

## 住院起付线

| 医院 | 起付线 |
|---|---|
| 一级医院 | 150 元 |
| 三级医院 | 700 元 |

## 门诊封顶线

示意：全年 900 元。

## 参保登记要带什么

- 身份证
- 户口簿

## 没带身份证怎么办

去派出所开证明。

## 种牙能报吗

不能。种牙的费用由自己承担。

## 热线

泉州医保的电话是 0595-12345678。
"""


def article(text: str = TEXT) -> Article:
    (found,) = read_markdown(BytesIO(text.encode()), "quanzhou.md")
    assert isinstance(found, Article)
    return classify(found)


def found_in(one: Article, text: str) -> Answer | None:
    question = asked(parse_text(text))
    return answer_in(question, one, FACETS) if question else None


@pytest.mark.parametrize(
    ("question", "words", "heading"),
    [
        ("泉州居民医保交多少钱", "泉州居民医保 2026 年度每人交 430 元，比上一年多 30 元。", ""),
        ("泉州居民医保什么时候缴费", "从 2025 年 9 月 1 日到 12 月 31 日。过了这段时间要等三个月。", "什么时候交"),
        ("泉州三级医院住院起付线多少", "三级医院 · 起付线 700 元", "住院起付线"),
        ("泉州居民医保参保登记要带什么", "身份证 • 户口簿", "参保登记要带什么"),
        ("泉州种牙能报吗", "不能。种牙的费用由自己承担。", "种牙能报吗"),
        ("泉州医保电话是多少", "泉州医保的电话是 0595-12345678。", "热线"),
    ],
)
def test_an_answer_is_quoted_with_its_section(question: str, words: str, heading: str) -> None:
    one = article()
    found = found_in(one, question)
    assert found is not None
    assert (quoted(found, one), found.heading) == (words, heading)
    assert one.text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    "question",
    [
        "厦门居民医保交多少钱",  # another place
        "居民医保交多少钱",  # of no place, and the article is of one
        "泉州职工医保交多少钱",  # another insurance type
        "泉州居民医保 2024 年交多少钱",  # another year
        "泉州居民医保门诊封顶线多少",  # a figure that is made up
        "泉州住院起付线多少",  # a table that has several, and none was asked for
        "泉州镶牙能报吗",  # something else
        "泉州居民医保每月交多少钱",  # what is stated is for a year
        "泉州居民医保",  # asks nothing
        "泉州 -住院 居民医保交多少钱",  # what is excluded might be the answer
    ],
)
def test_nothing_is_shown_without_evidence(question: str) -> None:
    assert found_in(article(), question) is None


def test_what_is_no_longer_in_force_answers_nothing() -> None:
    one = article()
    assert found_in(one, "泉州居民医保交多少钱")
    for status in ("已废止", "已失效", "已修订", "尚未生效"):
        assert found_in(replace(one, facets={**one.facets, "status": (status,)}), "泉州居民医保交多少钱") is None
    assert found_in(replace(one, facets={**one.facets, "status": ("现行有效",)}), "泉州居民医保交多少钱")


def test_what_holds_everywhere_or_in_the_province_holds_in_a_city() -> None:
    everywhere = TEXT.replace("泉州", "")
    assert found_in(article(everywhere), "漳州种牙能报吗")
    assert found_in(article(TEXT.replace("泉州", "福建")), "漳州种牙能报吗")
    assert found_in(article(TEXT.replace("泉州", "广东")), "漳州种牙能报吗") is None
    assert found_in(article(everywhere.replace("种牙的费用", "龙岩种牙的费用")), "漳州种牙能报吗") is None


def test_figures_of_a_wider_place_answer_only_what_its_title_asks() -> None:
    everywhere = TEXT.replace("泉州", "")
    assert found_in(article(everywhere), "漳州三级医院住院起付线多少") is None
    titled = everywhere.replace("title: 居民医保要交多少钱", "title: 三级医院住院起付线多少，居民医保要交多少钱")
    assert found_in(article(titled), "漳州居民医保三级医院住院起付线多少")


def test_a_row_has_its_cells_and_the_heads_of_their_columns() -> None:
    one = article()
    found = found_in(one, "泉州一级医院住院起付线多少")
    assert found is not None
    said = [(one.text[c.start : c.end], [one.text[a:b] for a, b in c.heads]) for c in found.cells]
    assert said == [("一级医院", ["医院"]), ("150 元", ["起付线"])]
    assert set(found.words) == {"一级医院", "住院", "起付线"}


CASES = """---
title: 宁德居民医保报销比例多少
---

宁德居民医保的报销比例是 62%，新生儿除外。

## 等待期

断缴以后要等 2 个月才能报。

## 办理时限

转移手续在 15 个工作日内办完。

## 不能报的

- 洗牙、美白

## 缴费怎么办

打开闽政通，选医保缴费。

## 转诊怎么办

认定通过以后，医院会给一张单子。
"""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("宁德居民医保报销比例多少", "宁德居民医保的报销比例是 62%，新生儿除外。"),
        ("宁德新生儿居民医保报销比例多少", None),  # for all but these
        ("宁德居民医保等待期多久", "断缴以后要等 2 个月才能报。"),
        ("宁德居民医保断缴以后多久内要补", None),  # what one waits is no time limit
        ("宁德居民医保怎么退", None),  # another verb
        ("宁德居民医保缴费怎么办", "打开闽政通，选医保缴费。"),
        ("宁德居民医保洗牙能报吗", "不能报的：洗牙、美白"),  # an item says what its heading says of it
    ],
)
def test_exceptions_time_limits_verbs_and_items(question: str, words: str | None) -> None:
    one = article(CASES)
    found = found_in(one, question)
    assert (found and quoted(found, one)) == words


@pytest.mark.parametrize("said", ["三级医院报 62%。", "学生报 62%。", "省外就医报 62%。"])
def test_a_figure_for_one_case_answers_only_who_asks_for_it(said: str) -> None:
    one = article(f"---\ntitle: 宁德居民医保报销比例多少\n---\n\n宁德居民医保的报销比例：{said}\n")
    assert found_in(one, "宁德居民医保报销比例多少") is None
    assert found_in(one, f"宁德居民医保{said[:2]}报销比例多少")
    both = article(
        "---\ntitle: 宁德居民医保报销比例多少\n---\n\n宁德居民医保报销比例：一级、三级医院，在职和退休都报 62%。\n"
    )
    assert found_in(both, "宁德居民医保报销比例多少")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("几天内要报", "deadline"),
        ("断了几年要补多少钱", "money"),
        ("报销比例是多少", "share"),
        ("等待期多久", "how long"),
        ("几号截止", "when"),
        ("热线电话是多少", "phone"),
        ("去哪里办", "where"),
        ("谁可以绑", "who"),
        ("能绑几个人", "count"),
        ("怎么办理", "how"),
        ("能不能报", "yes or no"),
        ("住院报多少", "part or amount"),
    ],
)
def test_kinds_of_questions(question: str, kind: str) -> None:
    found = kind_of(question)
    assert found is not None
    assert found.name == kind


def test_only_the_first_page_by_relevance_has_an_answer(seed_index: Path) -> None:
    build = open_current(seed_index)
    query = Query("黑龙江2025年居民医保交多少钱", size=1)
    shown = answer(build, query)
    assert shown.answer is not None
    assert shown.answer.id == shown.hits[0].article.id
    assert "400 元" in shown.answer.text
    assert answer(build, replace(query, page=2)).answer is None
    assert answer(build, replace(query, sort="newest")).answer is None


def floors(score: AnswerScore) -> None:
    assert score.precision >= 0.95, score
    assert score.coverage >= 0.40, score
    assert score.mistaken <= 1, score


def test_answers_over_the_seeds_hold_their_floors(seed_index: Path) -> None:
    questions = load_questions(QUESTIONS / "seeds.tsv")
    assert len(questions) == 146
    floors(score_answers(ask(open_current(seed_index), questions)))


def test_answers_over_the_real_pages_hold_their_floors(real_page_index: Path) -> None:
    floors(score_answers(ask(open_current(real_page_index), load_questions(QUESTIONS / "pages.tsv"))))


def test_the_page_shows_the_answer_with_a_link_to_its_section(seed_index: Path) -> None:
    build = open_current(seed_index)
    query = Query("广州生育津贴要交哪些材料", explain=True)
    results = answer(build, query)
    found = top_answer(results, SearchState(query, build.facets), TODAY)
    assert found is not None
    assert found.words.startswith("住院的：医院盖章的出院记录")
    assert (found.title, found.heading) == (results.hits[0].article.title, "要交什么")
    assert found.url.partition("#")[2] == quote(results.answer.section if results.answer else "")
    assert found.facts[:2] == ("广东 · 广州", "生育保险")
    assert found.why == "答案按这些词选出：生育津贴"
    later = top_answer(results, SearchState(query, build.facets), date(2030, 1, 1))
    assert later and set(later.facts) - set(found.facts) == {f"{results.hits[0].article.date:%Y} 年的，可能已变"}
    plain = replace(query, explain=False)
    assert (shown := top_answer(answer(build, plain), SearchState(plain, build.facets), TODAY)) and not shown.why
    assert top_answer(answer(build, Query("狂犬疫苗医保报销吗")), SearchState(query, build.facets), TODAY) is None


def test_the_answer_of_the_endpoint_names_its_section_and_has_null_for_none() -> None:
    """As `found` above: the heading of the section, or null."""
    engine = opened([article()])
    for question, heading in (("泉州医保电话是多少", "热线"), ("泉州居民医保交多少钱", None)):
        query = Query(question)
        shown = results_json(answer(engine, query))["answer"]
        assert shown is not None
        assert shown["heading"] == heading
        assert (shown["section"] is None) is (heading is None)
