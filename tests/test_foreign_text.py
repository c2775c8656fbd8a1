"""Markdown and text files as other programs write them: front matter, marks, questions, wrapped lines, scans."""

import io
from datetime import date

import pytest

from search.formats import reader_for
from search.formats.text_lines import unwrapped
from search.model import Article, Rejection


def records(name: str, text: str) -> list[Article | Rejection]:
    reader = reader_for(name)
    assert reader is not None
    return list(reader(io.BytesIO(text.encode()), name))


def only(name: str, text: str) -> Article:
    (record,) = records(name, text)
    assert isinstance(record, Article), record
    return record


def reason(name: str, text: str) -> str:
    (record,) = records(name, text)
    assert isinstance(record, Rejection), record
    return str(record)


@pytest.mark.parametrize(
    ("text", "title", "day"),
    [
        ("---\ntitle: 问答: 50% 怎么报\ndate: 2024-5-1 25:00\n---\n文。", "问答: 50% 怎么报", date(2024, 5, 1)),
        ("---\ntitle: [通知] 关于参保\n---\n文。", "[通知] 关于参保", None),
        ("---\ntitle: [通知]\ndate: 2024-05-01\n---\n文。", "[通知]", date(2024, 5, 1)),
        ("---\ntitle:\t制表\n---\n文。", "制表", None),
        ('---\ntitle: "引"号"里\n---\n文。', '"引"号"里', None),
        ("---\nTITLE: 大写\nDate: 2024/5/1\n---\n文。", "大写", date(2024, 5, 1)),
        ("title: 没有开头\ndate: 2024-05-01\n---\n文。", "没有开头", date(2024, 5, 1)),
        ('+++\ntitle = "汤"\ndate = 2024-05-01T23:30:00Z\ntags = ["一"]\n+++\n文。', "汤", date(2024, 5, 2)),
        ('{\n "title": "对象",\n "date": "2024-05-01"\n}\n\n文。', "对象", date(2024, 5, 1)),
        ("Title: 导出\n\nURL Source: https://a.example/x\n\nMarkdown Content:\n文。", "导出", None),
        ("# 笔记\n\nCreated: 2024年5月1日 下午3:00\nTags: 一, 二\n\n文。", "笔记", date(2024, 5, 1)),
        ("标题：中文名\n发布日期：2024-05-01\n来源：某局\n\n文。", "中文名", date(2024, 5, 1)),
    ],
)
def test_front_matter_of_other_programs(text: str, title: str, day: date | None) -> None:
    article = only("a.md", text)
    assert (article.title, article.date, article.text) == (title, day, "文。")


def test_lists_and_addresses_of_literal_front_matter() -> None:
    article = only(
        "a.md",
        "---\ntitle: 甲: 乙\ncity:\n  - 黑河市\n  - '绥化市'\ntopic: [口腔, 门诊]\nlink: https://a.example\n---\n文。",
    )
    assert article.facets == {"city": ("黑河市", "绥化市"), "topic": ("口腔", "门诊")}
    assert article.url == "https://a.example"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "---\ntitle: 甲: 乙\ndate: 2024-02-30\n---\n文。",
            "a.md:2: front matter is not YAML: mapping values are not allowed in this context",
        ),
        ("---\ntitle: 甲\ndate: 2024-02-30 10:00\n---\n文。", "a.md:3: date: “2024-02-30 10:00” is no date"),
        ("+++\ntitle = 甲\n+++\n文。", "a.md:1: front matter is not TOML: Invalid value (at line 1, column 9)"),
        ("+++\ntitle = '甲'\n文。", "a.md:1: front matter: the closing +++ is missing"),
    ],
)
def test_a_fault_of_front_matter_is_told(text: str, expected: str) -> None:
    assert reason("a.md", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "注意：带卡。\n\n日期：另定。",
        "问题：怎么报？\n回答：备案。",
        '{"title": 1',
        "{% note %}文{% endnote %}",
        "日期：2024-05-01\n\n文。",
    ],
    ids=["two-labels", "question", "broken-object", "shortcode", "one-field"],
)
def test_text_that_only_looks_like_front_matter_stays(text: str) -> None:
    kept = only("a.md", text).text
    assert all(words in kept for words in text.replace("{% note %}", "").replace("{% endnote %}", "").split())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("前<!-- 内部\n\n备注 -->后", "前后"),
        ("前。\n\n<!-- 没有结束\n\n秘密", "前。"),
        ("前%%私下%%后", "前后"),
        ("{{< figure src=x >}}甲{% note %}乙{% endnote %}", "甲乙"),
        (":::warning 当心\n别丢。\n:::", "当心\n\n别丢。"),
        ("> [!note]- 提示\n> 内容。", "提示\n\n内容。"),
        ("见[[页面#节|说法]]、[[别页]]，![[图.png]]![[表.pdf]]", "见说法、别页，表.pdf"),
        ("==重点==[^1]\n\n[^1]: 脚注。", "重点\n\n脚注。"),
        ("**（试行）**办法，**“双通道”**药", "（试行）办法，“双通道”药"),
        ("`**码**`与 2\\*\\*3", "**码**与 2**3"),
        ("```\n<!-- 码 -->\n[[x]]\n```", "<!-- 码 -->\n[[x]]"),
        ("#标签/子 #另一个\n\n文。", "文。"),
        ("[TOC]\n\n文。\n\n{: .left}", "文。"),
        ("居民参保\n期自九月\n起。", "居民参保期自九月起。"),
        ("身份证\n户口簿", "身份证\n户口簿"),
        ("甲乙  \n丙丁。", "甲乙\n丙丁。"),
        ("see the\nrules。", "see the\nrules。"),
    ],
)
def test_marks_that_are_no_markdown(body: str, text: str) -> None:
    assert only("a.md", f"---\ntitle: 题\n---\n{body}\n").text == text


@pytest.mark.parametrize(
    ("body", "headings"),
    [
        ("##甲\n\n文。\n\n### 乙\n\n文。", ["甲", "乙"]),
        ("#1 号楼在东边。", []),
        ("一、甲\n\n文。\n\n二、乙\n\n文。", ["一、甲", "二、乙"]),
    ],
)
def test_headings_without_a_blank_or_a_mark(body: str, headings: list[str]) -> None:
    assert [s.heading for s in only("a.md", f"---\ntitle: 题\n---\n{body}").sections] == headings


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("2024-05-01-门诊报销说明.md", "第一句。", "门诊报销说明"),
        ("备案 0123456789abcdef0123456789abcdef.md", "第一句。", "备案"),
        ("note.md", "#一 #二\n\n第一句。", "note"),
        ("note.md", "第一句。", "第一句"),
        ("门诊.md", "第一句。", "第一句"),
        ("门诊报销说明.md", "# 标题\n\n第一句。", "标题"),
    ],
)
def test_title_of_a_file_that_has_none(name: str, text: str, title: str) -> None:
    assert only(name, text).title == title


@pytest.mark.parametrize(
    ("first", "text", "rows"),
    [
        (2, "问题\t答案\t部门\n甲吗\t是。\t局\n乙吗\t否。\t局", [("甲吗", "是。"), ("乙吗", "否。")]),
        (2, "answer\tquestion\n是。\t甲吗", [("甲吗", "是。")]),
        (1, "问：甲吗？\n答：是。\n另说。\n\n问：乙吗？\n答：否。", [("甲吗？", "是。\n另说。"), ("乙吗？", "否。")]),
    ],
)
def test_questions_and_answers_are_an_article_each(first: int, text: str, rows: list[tuple[str, str]]) -> None:
    found = records("q.txt", text)
    assert [(r.title, r.text, r.id) for r in found if isinstance(r, Article)] == [
        (title, answer, f"q.txt/{n}") for n, (title, answer) in enumerate(rows, first)
    ]


def test_a_question_without_answer_is_told() -> None:
    assert str(records("q.txt", "问题\t答案\n甲\t是。\n乙\t")[1]) == "q.txt:3: text: holds nothing"


def test_one_question_in_a_text_makes_no_list() -> None:
    assert only("q.txt", "说明\n问：甲吗？\n答：是。").title == "说明"


def test_a_table_of_a_text_is_one_and_a_huge_one_is_rejected() -> None:
    article = only("2024-05-01-药品.txt", "药品\t价格\n甲\t1元\n乙\t2元")
    assert (article.title, article.text, article.date) == ("药品", "药品 | 价格\n甲 | 1元\n乙 | 2元", date(2024, 5, 1))
    assert (len(article.tables), article.tables[0].header) == (1, 1)
    assert "a table of 20,000 rows" in reason("a.txt", "一\t二\n" * 20_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=== PAGE 1 ===\n\n第 2 页 共 9 页\n\n- 3 -\n", "a.txt: no text in the file (scanned?)"),
        ("User-agent: *\n# 全部\nDisallow: /x\n", "a.txt: no article: rules for crawlers (robots.txt)"),
    ],
)
def test_what_holds_no_text_is_rejected(text: str, expected: str) -> None:
    assert reason("a.txt", text) == expected


def test_marks_of_pages_are_left_out_and_a_number_is_none() -> None:
    assert only("a.txt", "题\n一。\n- 1 -\n二。\n- 2 -\n三。").text == "一。\n二。\n三。"
    assert only("a.txt", "题\n一。\n- 1 -\n二。").text == "一。\n- 1 -\n二。"


PROSE = "参保人员住院发生的费用由统筹基金按规定的比例支付超过限额的部分由大病保险支付具体以参保地政策为准"


def wrapped(width: int) -> list[str]:
    text = PROSE * 3 + "。"
    return [text[at : at + width] for at in range(0, len(text), width)]


def test_lines_that_a_program_wrapped_are_joined() -> None:
    numbered, indented = "（一）" + PROSE[:22], "　　" + PROSE[:23]
    body = wrapped(25)
    lines = ["题目", "", *body, "", numbered, *body, indented, *body]
    whole = PROSE * 3 + "。"
    assert unwrapped(lines) == ["题目", "", whole, "", numbered + whole, indented + whole]


@pytest.mark.parametrize(
    "lines",
    [["身份证", "户口簿", "照片"], wrapped(12), [PROSE + "。"] * 6, [PROSE, PROSE[:9], PROSE * 2, PROSE[:30]]],
    ids=["list", "verse", "paragraphs", "ragged"],
)
def test_other_lines_stay(lines: list[str]) -> None:
    assert unwrapped(lines) == lines


def test_latin_words_are_joined_with_a_blank() -> None:
    line = "the fund pays for the cost of treatment in"
    assert unwrapped([line] * 4 + ["hospitals."]) == [" ".join([line] * 4) + " hospitals."]


def test_a_notice_keeps_its_number_and_says_whose_it_is() -> None:
    article = only(
        "2020-01-01-n.txt",
        "青医保〔2023〕7号\n青柳市医保局\n关于参保的通知\n各区：\n　　一、范围\n　　全体居民。\n"
        "青柳市医保局\n2023年1月2日",
    )
    assert (article.title, article.source, article.date) == ("关于参保的通知", "青柳市医保局", date(2023, 1, 2))
    assert article.text.startswith("青医保〔2023〕7号\n青柳市医保局\n各区：")
    assert [section.heading for section in article.sections] == ["一、范围"]
    assert [(e.facet, e.value, e.rule) for e in article.evidence] == [("date", "2023-01-02", "the signature")]


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("2023-01-02.txt", "题\n文。", "the file's name"),
        ("a.txt", "题\n2023年1月2日\n文。", "a line at the top"),
        ("a.md", "# 题\n\n文。\n\n发布日期：2023-01-02", "a labelled line at the top"),
    ],
)
def test_the_last_sources_of_a_day_are_told(name: str, text: str, rule: str) -> None:
    article = only(name, text)
    assert (article.date, [e.rule for e in article.evidence]) == (date(2023, 1, 2), [rule])
