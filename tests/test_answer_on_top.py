"""The answer on top: what answers a question, what is never shown, and the floors over judged questions."""

import tarfile
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
from search.indexing.build import reindex
from search.model import Answer
from search.quality import AnswerScore, ask, load_questions, score_answers
from search.retrieval.answers import asked, best_answer
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
    return best_answer(question, [one], FACETS) if question else None


@pytest.mark.parametrize(
    ("question", "words", "heading"),
    [
        ("泉州居民医保交多少钱", "泉州居民医保 2026 年度每人交 430 元，比上一年多 30 元。", ""),
        ("泉州居民医保什么时候缴费", "从 2025 年 9 月 1 日到 12 月 31 日。", "什么时候交"),
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


def test_what_holds_in_the_province_holds_in_a_city_and_what_is_of_no_place_for_no_place() -> None:
    province = TEXT.replace("泉州", "福建")
    assert found_in(article(province), "漳州种牙能报吗")
    assert found_in(article(TEXT.replace("泉州", "广东")), "漳州种牙能报吗") is None
    assert found_in(article(province.replace("种牙的费用", "龙岩种牙的费用")), "漳州种牙能报吗") is None
    everywhere = article(TEXT.replace("泉州", ""))
    assert found_in(everywhere, "种牙能报吗")
    assert found_in(everywhere, "漳州种牙能报吗") is None


def test_figures_of_a_wider_place_answer_only_what_its_title_asks() -> None:
    province = TEXT.replace("泉州", "福建")
    assert found_in(article(province), "漳州三级医院住院起付线多少") is None
    titled = province.replace("title: 福建居民医保要交多少钱", "title: 福建三级医院住院起付线多少，居民医保要交多少钱")
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
    ],
)
def test_exceptions_time_limits_and_verbs(question: str, words: str | None) -> None:
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
        ("拔牙能走医保不", "yes or no"),
        ("各级门槛一样不", "yes or no"),
        ("额度用完了还能报吗", "yes or no"),
        ("骗保罚几倍", "share"),
        ("打什么电话问", "phone"),
        ("几岁能参加", "age"),
        ("上哪查", "where"),
        ("要什么证", "papers"),
        ("网上买好不好", "opinion"),
    ],
)
def test_kinds_of_questions(question: str, kind: str) -> None:
    found = kind_of(question)
    assert found is not None
    assert found.name == kind


@pytest.mark.parametrize("question", ["有哪几种类型", "断缴影响什么", "晋宁面积多大"])
def test_what_asks_for_something_else_is_of_no_kind(question: str) -> None:
    assert kind_of(question) is None


def said(question: str, text: str, title: str = "莆田居民医保问答") -> str | None:
    """Return what an article with a title and a text says to a question."""
    one = article(f"---\ntitle: {title}\n---\n\n{text}\n")
    found = found_in(one, question)
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("莆田居民医保缴费什么时候截止", "莆田居民医保 2025 年度缴费每人 400 元。"),  # a year alone is no day
        ("莆田居民医保断缴要等几个月", "2025 年莆田居民医保断缴等待期的规定。"),  # nor a length of time
        ("莆田居民医保断缴要等几个月", "断缴要等几个月，取决于断了多久，1 个月也要等。"),
        ("莆田居民医保断缴最少等几个月", "断缴要等 3 个月。"),  # a bound was asked for
        ("莆田居民医保断缴要等几个月", "其中，断缴四年的要等 6 个月。"),  # a part of what stands before
        ("莆田居民医保审核要几天", "审核结果 2 个月有效。"),
        ("莆田居民医保报销比例多少", "糖尿病的报销比例是 50%。"),  # one illness
        ("莆田居民医保门诊报销比例多少", "住院的报销比例是 80%。"),
        ("莆田居民医保拔牙报多少", "同样拔牙，两家医院报的能差一倍。"),
        ("莆田居民医保派出几个检查组", "派出检查组，做到“两个结合”。"),  # a number of something else
        ("莆田居民医保固定等待期能缩短吗", "变动等待期能缩短。"),
        ("莆田居民医保门诊要申请吗", "门诊也能由医保分担。"),  # not what was asked of it
        ("莆田居民医保体检能报吗", "近视矫正要预约，能先体检吗？ 可以先去体检。"),
        ("莆田居民医保在哪里退费", "外省户籍的人在本省退费时，按规定办。"),  # no place to go to
        ("莆田居民医保多久补发", "上半年补发结束，人都领到。"),
        ("莆田居民医保多久补发", "且补发在 2 个月内。"),
        ("莆田居民医保人均报多少", "全国人均报 900 元。"),
        ("莆田居民医保异地备案要先申请吗", "备案申请要看地方。"),
        ("莆田居民医保窗口能退费吗", "窗口退费必须带卡。"),
        ("莆田居民医保近视矫正能报吗", "近视矫正要预约，能做吗？ 可以，先报名。"),
        ("莆田居民医保近视矫正能报吗", "近视矫正能到民营诊所检查以后回家做吗？ 可以，先报名。"),
        ("莆田居民医保带卡能住院吗", "## 没带卡能住院吗\n\n先交押金，三天内补卡。"),
    ],
)
def test_what_is_like_an_answer_is_none(question: str, text: str) -> None:
    assert said(question, text) is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("莆田居民医保缴费什么时候截止", "莆田居民医保缴费到 12 月 20 日截止。"),
        ("莆田居民医保断缴要等几个月", "断缴要等 3 个月。"),
        ("莆田居民医保断缴最少等几个月", "断缴至少等 3 个月。"),
        ("莆田居民医保审核要几天", "审核期限为 5 个工作日，网上核发结果。"),
        ("莆田居民医保评估一次多少钱", "评估费每次 200 元。"),
        ("莆田居民医保多久体检一次", "每季度体检一次。"),
        ("莆田居民医保糖尿病报销比例多少", "糖尿病的报销比例是 50%。"),
        ("莆田居民医保派出几个检查组", "派出 8 个检查组。"),
        ("莆田居民医保几岁能选老人档", "60 岁以上的人选老人档。"),
        ("莆田居民医保变动等待期能缩短吗", "变动等待期能缩短。"),
        ("莆田居民医保门诊要申请吗", "门诊不用另外申请。"),
        ("莆田居民医保近视手术能报吗", "进口药、保健检查、近视手术，都不在目录。"),
        ("莆田居民医保能买化妆品吗", "不可以买：化妆品、日用品。"),
        ("莆田居民医保换城市要转移吗", "省内换城市不用办转移；跨省的另办。"),
        ("莆田居民医保在哪里退费", "到镇里的便民窗口退费。"),
        ("莆田居民医保在哪个小程序退费", "“莆田通”小程序可以退费。"),
        ("莆田居民医保没评上评估费谁出", "没评上的，评估费由自己承担。"),
        ("莆田居民医保退费要带什么证件", "退费带身份证去窗口。"),
        ("莆田居民医保骗保罚几倍", "骗保处二倍以上五倍以下的罚款。"),
        ("莆田居民医保由谁代收", "学生由学校代收。"),
        ("莆田居民医保有几个密码", "医保卡有两套密码。"),
        ("莆田居民医保外地人能绑吗", "外地人绑不上。"),
        ("莆田居民医保资格要核对吗", "资格每月须核对。"),
        ("莆田居民医保断缴多久停待遇", "断缴的下个月停待遇。"),
    ],
)
def test_plain_evidence_is_shown(question: str, text: str) -> None:
    """A sentence that ends in a semicolon is quoted to the end of the whole."""
    assert said(question, text) == text


HEADINGS = """本文回答几个问题。

## 每年要重新认定吗

慢病长期有效。系统会在到期前提示。

## 等待能不能花钱缩短

多交一年可以减 1 个月。

## 延续失能人员的延续护理评估费用

评估费用每次 100 元。

## 省钱的小办法

下载清单再去挂号。

## 卡丢了怎么办

先打银行电话挂失，再去网点补卡。
"""


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("认定每年能重新做吗", None),  # what must be is not what may be
        ("等待减几个月", "多交一年可以减 1 个月。"),  # below a question of yes or no
        ("怎么挂号", None),  # an aside
        ("卡丢了怎么挂失", "先打银行电话挂失，再去网点补卡。"),
    ],
)
def test_what_stands_below_a_heading_answers_the_heading(question: str, words: str | None) -> None:
    assert said(question, HEADINGS, "挂号、认定、等待和评估问答") == words


def test_an_article_that_asks_about_a_case_of_its_own_answers_only_that() -> None:
    title, text = "二次失业可以领失业金吗", "可以。二次失业可以领失业金。"
    assert said("二次失业可以领失业金吗", text, title)
    assert said("失业金可以补领吗", text, title) is None


@pytest.mark.parametrize(
    ("question", "text", "title"),
    [
        ("莆田居民医保固定等待期能缩短吗", "变动等待期能缩短。", "莆田居民医保固定等待期和变动等待期"),
        ("莆田慢病认定要体检吗", "## 学生怎么办\n\n不用体检。", "莆田慢病认定"),
        ("莆田惠民保能退吗", "能。惠民保人人可买。", "莆田惠民保能买吗"),
    ],
)
def test_what_a_title_or_heading_makes_of_a_passage_is_no_answer(question: str, text: str, title: str) -> None:
    assert said(question, text, title) is None


def test_a_title_that_holds_the_first_word_says_of_what_a_passage_speaks() -> None:
    assert said("莆田大病保险自费药算在里面吗", "自费药不算在里面。", "莆田大病保险") == "自费药不算在里面。"


def test_types_of_insurance_that_the_question_says_are_none_beside_it() -> None:
    """灵活就业人员 in a text names an insurance type, 灵活就业 in 灵活就业养老保险 none."""
    text = "灵活就业人员的缴费比例为 20%。"
    assert said("灵活就业养老保险缴费比例多少", text, "灵活就业人员参加养老保险简介") == text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("莆田居民医保备案要几天批下来", "备案的审核要 3 个工作日。"),  # what says the same, and is no synonym
        ("莆田居民医保医院的药占额度吗", "医院开的药不占额度。"),  # 药占 is no word: 药 and 占
        ("莆田居民医保的医保卡里的钱能买药吗", "个人账户可以买药。"),  # what people call the account
        ("莆田居民医保住院要先备案不", "住院不用先备案。"),  # the words before 不 are asked of
        ("莆田居民医保退费从什么时候开始", "退费从 5 月 1 日起办。"),
        ("莆田居民医保热线几点能打", "热线上午 9 点以后能打。"),
        ("莆田居民医保乡镇卫生院报销比例多少", "乡镇卫生院等基层机构的报销比例是 65%。"),
        ("莆田居民医保甲类药和乙类药分不分", "甲类药、乙类药不分。"),  # the text says no of the very word
        ("莆田居民医保网上买药能快递到家吗", "网上买药可选快递到家。"),  # one clause says it all
        ("莆田居民医保急诊没备案怎么办", "急诊没备案的先付清，票据留好。"),
        ("莆田居民医保能给别人截图吗", "不要把医保码截图给别人。"),
        ("莆田居民医保有家庭账户没", "居民都有家庭账户。"),
        (
            "莆田居民医保急诊要备案吗",
            "急诊抢救：医院直接结，不用备案。",
        ),  # of what stands before a colon is all the rest
        ("莆田居民医保引产要带啥病历", "引产带门诊病历。"),
        ("莆田居民医保窗口退费在哪", "现场：退费到区里的窗口。"),
    ],
)
def test_what_people_ask_in_their_own_words_is_shown(question: str, text: str) -> None:
    found = said(question, text)
    assert found
    assert found in text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("莆田居民医保审核要几天", "审核时间是 2025 年 11 月 30 日前。"),  # a day of the month is no length of time
        ("莆田居民医保登记要几天", "注销登记要 5 天。"),  # the act undone
        ("莆田居民医保审核要几天", "审核通过后，公示 5 天。"),  # another act
        ("莆田居民医保缴费到什么时候", "1 月 1 日起享受待遇。"),  # what one pays for, and not when
        ("莆田居民医保津贴什么时候发", "11 月 30 日前的，津贴仍按老办法发。"),  # former cases
        ("莆田居民医保住院报多少", "住院报（8000-200）×90%＝7020 元。"),  # worked out for a case
        ("莆田居民医保医院报销比例多少", "乡镇、社区等基层医院的报销比例是 65%。"),  # one kind of place by three words
        ("莆田居民医保断缴几个月有影响", "断缴有影响，交一年保一年。"),  # years, where months are asked for
        ("莆田居民医保退费到几号", "退费以后每月核对。"),  # no day of the month
        ("莆田居民医保合同几年一签", "合同在 1 个月内签。"),  # not how often
        ("莆田居民医保能绑几个人", "给老人绑一张卡，一个人也能用。"),  # counts nothing that was asked
        ("莆田居民医保断缴等几个月", "断缴多一年，多等一个月。"),  # by how much it grows
        ("莆田居民医保省外看病能报吗", "## 省内看病\n\n能报，不用备案。"),  # headed for another case
        ("莆田居民医保退休能领津贴吗", "年限不足的，退休能领津贴要补足。"),  # of a case of its own
        ("莆田居民医保门槛一样不", "产妇不设起付线。"),  # says no of another word
        ("莆田居民医保能吃榴莲吗", "能吃，少量。"),  # a word that nothing says
        ("莆田居民医保药店在哪备案", "个人账户能不能在药店用，取决于备案。"),  # leaves it open
    ],
)
def test_what_only_sounds_like_it_is_not_shown(question: str, text: str) -> None:
    assert said(question, text) is None


def test_what_is_about_a_special_insurance_answers_only_who_names_it() -> None:
    text, title = "断缴三个月以内补缴的，费用能报销。", "灵活就业医保断缴三个月能报销吗"
    assert said("灵活就业医保断缴三个月能报销吗", text, title) == text
    assert said("医保断缴三个月能报销吗", text, title) is None
    assert said("医保断缴三个月能报销吗", text, title.replace("灵活就业", "职工")) == text


def test_two_words_of_one_character_are_words_enough() -> None:
    steps = "卡丢了先打电话挂失，再去网点补。"
    assert said("医保卡丢了怎么办", f"## 卡丢了怎么办\n\n{steps}", "医保卡问答") == steps
    assert said("医保卡怎么办", f"## 卡丢了怎么办\n\n{steps}", "医保卡问答") is None


def test_all_steps_of_a_list_are_the_answer_and_not_the_first() -> None:
    steps = "1. 打开办事大厅，找到备案。\n2. 选好就医的地方，提交材料。\n3. 过一天来看结果。"
    found = said("异地就医怎么备案", f"## 怎么备案\n\n{steps}", "异地就医怎么备案")
    assert found and found.count(".") == 3


def test_figures_in_words_are_other_figures_too() -> None:
    one = "莆田的失业人员按规定缴费的，每人失业金领几个月看年限：领三个月。"
    assert said("莆田失业金领几个月", one, "莆田失业金") == one
    assert said("莆田失业金领几个月", one + one.replace("三", "五"), "莆田失业金") is None
    assert said("莆田失业金领几个月", one + one, "莆田失业金") == one


def test_a_list_that_a_sentence_leads_to_is_quoted_whole() -> None:
    text = "## 报销材料\n\n报销带这些材料：\n\n- 发票\n- 病历\n\n## 时限\n\n早点交。"
    title = "莆田急诊报销材料"
    assert said("莆田急诊报销要带什么材料", text, title) == "报销带这些材料：\n\n  • 发票\n  • 病历"
    assert said("莆田手术报销要带什么材料", text, title) is None


def test_an_article_of_another_type_answers_where_the_passage_names_the_one_that_was_asked_of() -> None:
    title = "莆田职工医保能不能用家庭个人账户"
    assert said("莆田居民医保能用家庭个人账户吗", "居民医保不能用家庭个人账户。", title)
    assert said("莆田居民医保能用家庭个人账户吗", "不能用家庭个人账户的，查不到余额。", title) is None


def test_of_one_type_only_is_half_an_answer_where_none_was_named() -> None:
    title = "莆田职工医保和居民医保门槛费怎么付"
    assert said("莆田门槛费能用共济付吗", "居民医保的门槛费可以用共济付。", title) is None
    assert said("莆田居民医保门槛费能用共济付吗", "居民医保的门槛费可以用共济付。", title)


def test_a_district_in_the_title_is_a_place() -> None:
    title, text = "福建莆田市荔城区幼儿园招生方案", "荔城区小班的入园年龄为 3 周岁。"
    assert said("荔城幼儿园小班几岁能上", text, title)
    assert said("涵江幼儿园小班几岁能上", text, title) is None


def test_of_two_places_the_first_is_the_one_that_answers_if_it_names_the_other() -> None:
    assert said("三明去龙岩住院要备案吗", "出省住院都要备案。", "三明居民医保住院要备案吗") is None
    text = "去南平、厦门住院，手续简单，不用备案。"
    assert said("三明去厦门住院要备案吗", text, "厦门居民医保住院要备案吗") is None
    assert said("三明去厦门住院要备案吗", "去厦门住院，不用备案。", "三明居民医保住院要备案吗")
    assert said("三明去厦门住院要备案吗", text, "三明居民医保住院要备案吗") is None


def test_what_is_said_of_the_place_itself_comes_before_what_is_said_of_its_province() -> None:
    text = "---\ntitle: {}种牙能报吗\n---\n\n{}\n"
    province, city = text.format("福建", "不能。种牙要自费。"), text.format("莆田", "种牙的规定见通知。")
    ids = [replace(article(each), id=name) for name, each in (("a.md", province), ("b.md", city))]
    assert answer(opened(ids[:1]), Query("莆田种牙能报吗")).answer
    assert answer(opened(ids), Query("莆田种牙能报吗")).answer is None


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
    assert score.coverage >= 0.38, score
    assert score.mistaken == 0, score


def test_answers_over_the_seeds_hold_their_floors(seed_index: Path) -> None:
    questions = load_questions(QUESTIONS / "seeds.tsv")
    assert len(questions) == 717
    floors(score_answers(ask(open_current(seed_index), questions)))


def test_answers_over_the_real_pages_hold_their_floors(real_page_index: Path) -> None:
    floors(score_answers(ask(open_current(real_page_index), load_questions(QUESTIONS / "pages.tsv"))))


def test_answers_over_pages_of_authorities_hold_their_floors(shared: Path, tmp_path: Path) -> None:
    """Laws and notices of Guangzhou, of which some are repealed."""
    with tarfile.open(shared / "corpora/gov_pages.tar.xz") as archive:
        archive.extractall(tmp_path / "pages", filter="data")
    reindex([tmp_path / "pages"], tmp_path / "index")
    floors(score_answers(ask(open_current(tmp_path / "index"), load_questions(QUESTIONS / "gov.tsv"))))


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
