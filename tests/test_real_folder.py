"""A folder as offices, hospitals, sites and note programs fill it: what is read of each, in words of our own."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from search.facets import FACETS
from search.formats import read_all, reader_for, reader_of
from search.indexing.ingest import read_files, scan_all
from search.model import Article, Rejection
from search.processes import CallFailed, Confined

ASKED = "参保人员在定点医疗机构发生的普通门诊费用，年度累计超过起付标准的部分，由统筹基金按规定比例支付。"
DONE = "各定点医药机构要做好政策宣传和费用结算工作，对符合条件的处方外配药品，按照同级别比例执行。"
PAIRS = (("甲题", "甲。"), ("乙题", "乙。"))
WHY = "为进一步完善职工基本医疗保险门诊保障机制，切实减轻参保人员负担，经研究同意，现就有关事项通知如下。"


def read(name: str, data: str | bytes) -> list[Article | Rejection]:
    """Return what a file becomes, read in this process."""
    whole = data if isinstance(data, bytes) else data.encode()
    reader = reader_for(name)
    assert reader is not None, name
    return read_all(reader_of(reader, whole), whole, name, FACETS)


def articles(name: str, data: str | bytes) -> list[Article]:
    found = read(name, data)
    assert all(isinstance(each, Article) for each in found), found
    return [each for each in found if isinstance(each, Article)]


def only(name: str, data: str | bytes) -> Article:
    (found,) = articles(name, data)
    return found


def titles(name: str, data: str | bytes) -> list[str]:
    return [article.title for article in articles(name, data)]


def in_folder(folder: Path, files: Mapping[str, str | bytes]) -> tuple[list[str], list[str], list[str]]:
    """Return what files in a folder become: titles, reasons, paths that are skipped."""
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    files_found, skipped = scan_all([folder])
    found = list(read_files(files_found))
    reasons = [each.reason for each in found if isinstance(each, Rejection)]
    return [each.title for each in found if isinstance(each, Article)], reasons, skipped


def headings(article: Article) -> list[str]:
    return [section.heading for section in article.sections]


def rows(article: Article, number: int = 0) -> list[list[str]]:
    return [[article.text[a:b] for a, b in row] for row in article.tables[number].rows]


def page(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


# Pages


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("缴费指南_春水县人民政府", "<h2>缴费指南</h2>"),
        ("缴费指南-办事-春水县人民医院", "<p>当前位置：首页 办事</p><p class='x'>缴费指南</p>"),
        ("春水县医疗保障局 通知公告 缴费指南", "<h1>春水县医疗保障局</h1><h2>缴费指南</h2>"),
        ("缴费指南-白云镇人民政府", "<h1><a href='/'>白云镇人民政府</a></h1><div class='tit'>缴费指南</div>"),
        ("缴费指南_办事_春水网", ""),
        ("无标题文档", "<div class='title'>缴费指南</div>"),
        ("", "<h3>缴费指南</h3>"),
    ],
)
def test_a_page_is_called_what_it_shows_and_not_what_the_site_is(head: str, body: str) -> None:
    assert only("a.html", page(head, f"{body}<p>{ASKED}</p><p>{DONE}</p><p>{WHY}</p>")).title == "缴费指南"


def test_a_notice_is_called_what_it_is_where_the_page_is_called_otherwise() -> None:
    lines = (
        "春水县医疗保障局文件",
        "春医保〔2021〕5号",
        "关于规范价格项目的通知",
        "各医院：",
        WHY,
        ASKED,
        "春水县医疗保障局",
    )
    table = "".join(f"<tr><td colspan=2 align=center><font size=5>{line}</font></td></tr>" for line in lines)
    article = only("a.html", page("文件", f"<table>{table}<tr><td>2021年4月2日</td></tr></table>"))
    assert (article.title, article.source) == ("关于规范价格项目的通知", "春水县医疗保障局")
    assert "春医保〔2021〕5号" in article.text


def test_paragraphs_stay_apart_where_the_extractor_gives_up() -> None:
    meta = "<header><h1>断缴怎么补</h1><div>发表于 <time>2024年3月10日</time></div></header>"
    body = f"<article>{meta}<div><p>{ASKED}</p><h2>时限</h2><p>{DONE}</p><ul><li>三个月内</li></ul><p>{WHY}</p></div></article>"  # noqa: E501 - a page
    article = only("a.html", page("断缴怎么补", body))
    assert headings(article) == ["时限"]
    assert "\n" in article.text
    assert "• 三个月内" in article.text


def test_bold_paragraphs_are_headings_where_several_stand_above_text() -> None:
    bold = "<p><strong>{}</strong></p><p>{}</p>".format
    body = f"<h1>问答</h1>{bold('谁可以申请？', ASKED)}{bold('<span>给多少钱</span>', DONE)}<p><b>重要。</b></p><p>{WHY}</p>"  # noqa: E501 - a page
    assert headings(only("a.html", page("问答", body))) == ["谁可以申请？", "给多少钱"]
    alone = f"<h1>问答</h1>{bold('谁可以申请？', ASKED)}<p>{DONE}</p><p>{WHY}</p>"
    assert headings(only("b.html", page("问答", alone))) == []


def test_numbers_that_only_a_browser_shows_are_written() -> None:
    items = "<ol><li>登录</li><li><p>选择</p></li></ol><ol start=3><li>提交</li><li>4．等待</li></ol>"
    text = only("a.html", page("步骤", f"<p>{ASKED}</p>{items}<p>{DONE}</p><p>{WHY}</p>")).text
    assert [line.strip() for line in text.split("\n") if len(line.strip()) < 8 and line.strip()] == [
        "1. 登录",
        "2. 选择",
        "3. 提交",
        "4．等待",
    ]


def test_a_table_in_a_cell_is_words_of_the_cell() -> None:
    inner = "<table><tr><td>一级</td><td>90%</td></tr><tr><td>二级</td><td>87%</td></tr></table>"
    table = f"<table><tr><th>险种</th><th>待遇</th></tr><tr><td>职工</td><td>{inner}</td></tr><tr><td>居民</td><td>60%</td></tr></table>"  # noqa: E501 - a page
    article = only("a.html", page("待遇", f"<p>{ASKED}</p>{table}<p>{DONE}</p>"))
    assert rows(article) == [["险种", "待遇"], ["职工", "一级 90% 二级 87%"], ["居民", "60%"]]
    assert len(article.tables) == 1


def test_files_that_a_page_offers_are_named() -> None:
    body = f"<div class=content><p>{ASKED}</p><p>{DONE}</p><p>{WHY}</p></div><div>附件：<a href=a.docx>1.待遇标准表</a></div>"  # noqa: E501 - a page
    article = only("a.html", page("标准", body * 1))
    assert article.text.endswith("附件：1.待遇标准表")
    assert article.text.count("待遇标准表") == 1


def test_a_label_and_its_value_may_stand_in_two_elements() -> None:
    line = (
        "<div><small>时间:</small>2022-08-15 14:21<small>来源:</small>长清县融媒体中心 <small>作者:</small>王力</div>"
    )
    article = only("a.html", page("参保", f"<h2>参保</h2>{line}<p>{ASKED}</p><p>{DONE}</p><p>{WHY}</p>"))
    assert (str(article.date), article.source) == ("2022-08-15", "长清县融媒体中心")
    post = f"<em>发表于 2023-9-2 08:15:33</em><p>{ASKED}</p><p>{DONE}</p><p>{WHY}</p>"
    assert str(only("b.html", page("帖子", post)).date) == "2023-09-02"


# Records


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("咨询内容", "标准答复"),
        ("热点问题", "官方解答"),
        ("问题描述", "答复口径"),
        ("Question", "Answer"),
    ],
)
def test_columns_of_questions_and_answers_have_many_names(question: str, answer: str) -> None:
    (article,) = articles("a.csv", f"序号,{question},{answer},是否回复\n1,怎么办,这样办。,是\n")
    assert (article.title, article.text) == ("怎么办", "这样办。")


@pytest.mark.parametrize("names", [("问题类型", "回复率"), ("咨询时间", "答复人"), ("问题编号", "是否回复")])
def test_columns_about_questions_are_no_questions(names: tuple[str, str]) -> None:
    assert titles("工单统计.csv", f"{names[0]},{names[1]}\n1,2\n3,4\n") == ["工单统计"]


def test_records_as_interfaces_answer_them() -> None:
    record = {
        "title": "&quot;两病&quot;怎么报",
        "content": "<p>按比例。</p>",
        "publishTime": 1709308800000,
        "sourceName": "某局",
        "detailUrl": "https://a.example.cn/2",
    }
    article = only("a.json", json.dumps({"code": 0, "data": {"list": [record]}}))
    assert (article.title, str(article.date), article.source) == ('"两病"怎么报', "2024-03-02", "某局")
    assert article.url == "https://a.example.cn/2"


@pytest.mark.parametrize(
    ("stated", "day"),
    [(1709222400, "2024-03-01"), ("1709222400", "2024-03-01"), ("1709222400123", "2024-03-01"), ("3分钟", "None")],
)
def test_a_time_is_a_day_where_it_is_one(stated: object, day: str) -> None:
    assert str(only("a.jsonl", json.dumps({"q": "怎么办", "a": "这样办。", "time": stated})).date) == day


@pytest.mark.parametrize(
    "value",
    [
        [{"category": "类", "items": [{"q": q, "a": a}]} for q, a in PAIRS],
        {"hits": {"total": {"value": 2}, "hits": [{"_id": q, "_source": {"q": q, "a": a}} for q, a in PAIRS]}},
        [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in PAIRS],
        [{"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]} for q, a in PAIRS],
        [{"title": q, "content": [a]} for q, a in PAIRS],
        {"data": {"faqs": {q: [{"question": q, "answer": a}] for q, a in PAIRS}}},
        {"result": [{"newsTitle": q, "newsContent": f"<div>{a}</div>"} for q, a in PAIRS]},
    ],
    ids=["chapters", "hits", "messages", "conversations", "paragraphs", "by name", "prefixed"],
)
def test_records_in_whatever_holds_them(value: object) -> None:
    found = articles("a.json", json.dumps(value))
    assert [(article.title, article.text) for article in found] == [*PAIRS]


def test_an_object_of_questions_is_a_list_of_them_and_comments_are_none() -> None:
    assert titles("a.json", json.dumps({"医保卡丢了怎么办": "补办。", "新生儿什么时候参保": "九十天内。"})) == [
        "医保卡丢了怎么办",
        "新生儿什么时候参保",
    ]
    (found,) = read("b.json", json.dumps([{"title": "无正文", "comments": [{"content": "顶。"}]}]))
    assert isinstance(found, Rejection)


def test_line_ends_that_were_escaped_twice() -> None:
    assert only("a.jsonl", r'{"q": "怎么办", "a": "先问。\\n再办。"}').text == "先问。\n再办。"
    assert only("a.jsonl", r'{"q": "怎么办", "a": "见 C:\\new。"}').text == "见 C:\\new。"


# The folder itself


def test_what_programs_leave_is_no_source_and_no_loss(tmp_path: Path) -> None:
    left = {"~$通知.docx": "x", "Thumbs.db": "x", "desktop.ini": "x", "~WRL0001.tmp": "x"}
    page_folder = {"指南.html": page("指南", f"<h1>指南</h1><p>{ASKED}</p>"), "指南_files/ad.html": page("广告", ASKED)}
    found = in_folder(
        tmp_path, {**left, **page_folder, "别的_files/a.txt": "甲\n乙。", "a.log": "x", "b.text": "甲篇\n乙。"}
    )
    assert found == (["甲篇", "甲", "指南"], [], ["a.log"])


def test_what_programs_leave_in_an_archive(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("~$通知.docx", "Thumbs.db", "a.txt"):
            archive.writestr(name, "甲篇\n乙。")
    assert in_folder(tmp_path, {"a.zip": packed.getvalue()}) == (["甲篇"], [], [])


def message(body: str, subject: str = "年底结算", more: str = "") -> bytes:
    coded = base64.b64encode(subject.encode("gb2312")).decode()
    head = (
        f"From: a@example.cn\nSubject: =?gb2312?B?{coded}?=\nDate: Tue, 5 Mar 2024 23:00:00 +0000\nMIME-Version: 1.0\n"
    )
    text = f"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
    if not more:
        return (head + text).encode("gb2312")
    return f'{head}Content-Type: multipart/mixed; boundary="B"\n\n--B\n{text}--B\n{more}\n--B--\n'.encode("gb2312")


def test_a_message_is_its_subject_day_and_text() -> None:
    article = only("a.eml", message("各科室：\n请于月底前结清。"))
    assert (article.title, str(article.date), article.text) == ("年底结算", "2024-03-06", "各科室：\n请于月底前结清。")
    assert "example" not in article.source


def test_attachments_of_a_message_are_said_to_be_lost() -> None:
    attached = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\n\nx"
    article, rejection = read("a.eml", message("见附件。", more=attached))
    assert isinstance(article, Article)
    assert rejection == Rejection("a.eml", "attachments of a message are not read: a.pdf")


def test_a_message_that_is_a_page_and_one_that_is_nothing() -> None:
    page_only = "Subject: a\nContent-Type: text/html; charset=utf-8\n\n<p>第一段。</p><p>第二段。</p>"
    assert only("a.eml", page_only).text == "第一段。\n\n第二段。"
    assert read("c.eml", "\n") == [Rejection("c.eml", "the file is empty")]
    assert read("b.eml", "Content-Type: image/png\n\nx") == [Rejection("b.eml", "no text in the message")]


def test_text_in_seven_bits() -> None:
    assert only("a.txt", "结算办法\n按月结算。".encode("hz")).text == "按月结算。"
    assert "~{x}" in only("b.txt", "Code\nuse ~{x} and ~} here.").text


# Plain text


def test_questions_may_be_numbered_and_have_a_name() -> None:
    found = articles("a.txt", "热点问答\n\n1.问：怎么续？\n答：到窗口。\n\n2、问：多久？\n答：次月。\n")
    assert [(article.title, article.text) for article in found] == [("怎么续？", "到窗口。"), ("多久？", "次月。")]
    assert titles("b.txt", "问题一：怎么参加？\n答案：一并参加。\n问题二：报多少？\n解答：六成。\n") == [
        "怎么参加？",
        "报多少？",
    ]


def test_a_text_with_two_lines_before_its_questions_is_one_article() -> None:
    assert titles("a.txt", "热点问答\n请看\n问：怎么续？\n答：到窗口。\n问：多久？\n答：次月。\n") == ["热点问答"]


def test_letters_and_what_a_robot_answers_are_records() -> None:
    letters = "编号,来信标题,来信时间,回复内容,回复单位\nA1,怎么续？,2025-02-01,到窗口。,某局\n"
    found = only("a.csv", letters)
    assert (found.title, found.text, found.source) == ("怎么续？", "到窗口。", "某局")
    assert titles(
        "a.json", '[{"standardQuestion": "怎么续？", "answer": "到窗口。", "similarQuestions": ["续保"]}]'
    ) == ["怎么续？"]
    assert titles("b.csv", "标准问,相似问,答案\n怎么续？,续保,到窗口。\n") == ["怎么续？"]


ASKS = "问：怎么续？\n答：到窗口。\n问：多久？\n答：次月。\n"


@pytest.mark.parametrize(
    ("above", "source", "day"),
    [
        ("医保常见问题解答（2025年版）\n\n", "医保常见问题解答（2025年版）", None),
        ("热点问答\n发布日期：2024年7月3日 来源：青川县医保局\n", "热点问答，青川县医保局", "2024-07-03"),
        ("2024-07-03\n热点问答\n", "热点问答", "2024-07-03"),
    ],
)
def test_what_stands_above_questions_holds_for_each(above: str, source: str, day: str | None) -> None:
    for article in articles("a.txt", above + ASKS):
        assert (article.source, article.date and str(article.date)) == (source, day)


def test_what_stands_above_a_table_of_questions_holds_for_each_or_is_told() -> None:
    why = "为方便群众办事，现将参保人员经常问到的问题和标准答复汇总如下，请各窗口对照使用，有变化的及时报告。"
    rows = "问题,答案,来源\n怎么续？,到窗口。,\n多久？,次月。,某科\n"
    first, second, told = read("问答2024-07-03.csv", f"表1 常见问题,,\n{why},,\n{rows}")
    assert isinstance(first, Article) and isinstance(second, Article)
    assert (first.source, str(first.date)) == ("表1 常见问题", "2024-07-03")
    assert second.source == "某科"
    assert told == Rejection("问答2024-07-03.csv", f"above a list, in none of its articles: “{why[:40]}…”", 2)
    *_, told = read("a.csv", "表1 常见问题,,\n问题,答案,来源\n怎么续？,到窗口。,某科\n")
    assert told == Rejection("a.csv", "above a list, in none of its articles: “表1 常见问题”", 1)


def test_fields_on_lines_above_a_text() -> None:
    head = "标题：门诊统筹解读\n来源：青川县医保局\n发布时间：2024年7月3日\n链接：https://qc.example.cn/a.html\n"
    article = only("a.txt", f"{head}\n{ASKED}\n")
    assert (article.title, article.source, str(article.date)) == ("门诊统筹解读", "青川县医保局", "2024-07-03")
    assert (article.url, article.text) == ("https://qc.example.cn/a.html", ASKED)
    assert only("b.txt", f"标题：解读\n来源：某局\n时间：去年\n\n{ASKED}\n").date is None


def test_the_way_to_a_page_is_not_its_title_and_its_line_is_read() -> None:
    article = only("a.txt", f"首页 > 医保 > 问答\n异地怎么报\n2023-05-08 10:22 来源：县医保中心 字号：大\n{ASKED}\n")
    assert (article.title, str(article.date), article.source) == ("异地怎么报", "2023-05-08", "县医保中心")


def test_a_notice_as_recognised_from_a_print() -> None:
    head = "云　溪　县　医　疗　保　障　局\n\n关　于　专　项　检　查　的　通　知\n\n各单位：\n"
    body = "　　为维护医疗保障基金安全，决定在全县范围内开展专项检\n查，现通知如下。\n　　一、时间\n　　三月。\n"
    article = only("a.txt", f"{head}{body}\n　　　　云溪县医疗保障局\n　　　　2022年2月20日\n")
    assert (article.title, str(article.date)) == ("关于专项检查的通知", "2022-02-20")
    assert article.source == "云溪县医疗保障局"
    assert "专项检查，现通知如下。\n" in article.text


def test_numbers_with_points_are_headings() -> None:
    text = "手册\n第一章 范围\n1.1 目录\n共五十二种。\n1.2 调整\n两年一次。\n1.5倍以内\n另行规定。\n"
    assert headings(only("a.txt", text)) == ["第一章 范围", "1.1 目录", "1.2 调整"]


def test_numbered_lines_tell_the_headings_where_there_are_any() -> None:
    bold = "<p><b>实施细则</b></p><p>第一章 总则</p>" + f"<p>{ASKED}</p><p><b>附表说明</b></p><p>{DONE}</p>"
    article = only("a.html", page("细则", f"<div>{bold}<p>第二章 附则</p><p>{WHY}</p></div>"))
    assert headings(article) == ["第一章 总则", "第二章 附则"]
    assert "实施细则" in article.text


def test_headings_are_kept_where_the_extractor_loses_them() -> None:
    first, second = (f"<p>{ASKED}{DONE}{number}。</p><p>{WHY}{ASKED}{number}。</p>" for number in ("甲", "乙"))
    body = f"<div id=zoom><p>{WHY}</p><h2>怎么办</h2>{first}<h2>多久办</h2>{second}</div>"
    assert headings(only("a.html", page("办理", body))) == ["怎么办", "多久办"]


# Markdown


def test_components_anchors_and_scripts_of_documentation_sites() -> None:
    head = (
        "---\ntitle: 登记指南\n---\n\n# {{ $frontmatter.title }}\n\nimport Tabs from '@theme/Tabs';\n\n@[TOC](目录)\n\n"
    )
    body = "## 条件 {#tiaojian}\n\n<Tabs>\n<TabItem value='a'>\n\n本县居民。\n\n</TabItem>\n</Tabs>\n\n"
    more = "## 材料 <Badge text='新' />\n\n- [x] 身份证\n- [ ] 居住证\n\n见上。 ^a1b2c3\n\n"
    script = "<script setup>\nlet a = 1 < 2\n</script>\n"
    article = only("a.mdx", head + body + more + script)
    assert headings(article) == ["条件", "材料"]
    assert article.text == "条件\n\n本县居民。\n\n材料\n\n  • ☑ 身份证\n  • ☐ 居住证\n\n见上。"


def test_what_only_looks_like_a_component_stays() -> None:
    assert only("a.md", "# 按键\n\n按 <Enter> 或 <ID> 继续，{未定} 的值，2 ^3 次方。\n").text.startswith(
        "按 <Enter> 或 <ID>"
    )
    assert "{未定}" in only("a.md", "# 按键\n\n{未定} 的值，x ^3 次方\n").text


def test_boxes_of_note_programs_are_opened() -> None:
    article = only(
        "a.md",
        "# 材料\n\n<aside>\n💡 带好原件。\n\n</aside>\n\n<details>\n<summary>点开</summary>\n\n说明。\n</details>\n",
    )
    assert article.text == "💡 带好原件。\n\n点开\n\n说明。"


def test_an_anchor_before_the_first_heading_is_no_text() -> None:
    article = only("a.md", '<a name="Ab1"></a>\n# 年限\n<a name="c2"></a>\n## 视同\n按规定。\n')
    assert (article.title, article.text) == ("年限", "视同\n\n按规定。")


def test_bold_paragraphs_of_markdown_are_headings_unless_headings_are_marked() -> None:
    text = f"# 问答\n\n**能报吗？**\n\n{ASKED}\n\n**怎么领**\n\n{DONE}\n"
    assert headings(only("a.md", text)) == ["能报吗？", "怎么领"]
    assert headings(only("a.md", f"{text}\n## 依据\n\n见文件。\n")) == ["依据"]
    assert headings(only("a.md", f"# 问答\n\n**能报吗？**答：能。\n\n**怎么领**：\n\n{DONE}\n")) == []


# XML


@pytest.mark.parametrize(
    "text",
    [
        "<items><item><title>甲题</title><content>甲。</content></item>"
        "<item><title>乙题</title><content>乙。</content></item></items>",
        '<rows><row 标题="甲题" 正文="甲。"/><row 标题="乙题" 正文="乙。"/></rows>',
        '<add><doc><field name="title">甲题</field><field name="text">甲。</field></doc>'
        '<doc><field name="title">乙题</field><field name="text">乙。</field></doc></add>',
        '<qa><q title="甲题">甲。</q><q title="乙题">乙。</q></qa>',
        "<?xml version='1.0' encoding='gb2312'?><r><a><b><问题>甲题</问题><答案>甲。</答案></b></a><c>说明</c>"
        "<b><问题>乙题</问题><答案>&nbsp;乙。</答案></b></r>",
    ],
    ids=["children", "attributes", "named fields", "own text", "deeper"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_records_of_xml(text: str, encoding: str) -> None:
    found = articles("a.xml", text.encode(encoding))
    assert [(article.id, article.title, article.text.strip()) for article in found] == [
        ("a.xml/1", "甲题", "甲。"),
        ("a.xml/2", "乙题", "乙。"),
    ]


def test_a_feed() -> None:
    page = "&lt;p&gt;第一段。&lt;/p&gt;&lt;p&gt;第二段。&lt;/p&gt;"
    head = "<title>某局</title><link>https://a.example.cn/</link><description>动态</description>"
    link, day = "https://a.example.cn/1.html", "Mon, 03 Jun 2024 18:00:00 +0800"
    item = f"<title>医保缴费</title><link>{link}</link><pubDate>{day}</pubDate>"
    full = f"<description>第一…</description><content:encoded>{page}</content:encoded>"
    names = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    rss = f'<rss version="2.0" {names}><channel>{head}<item>{item}{full}</item></channel></rss>'
    found = only("a.xml", rss)
    assert (found.title, found.url, str(found.date)) == ("医保缴费", link, "2024-06-03")
    assert found.text == "第一段。\n\n第二段。"


def test_a_feed_of_atom() -> None:
    entry = (
        '<id>tag:a.example.cn,2024:1</id><title>医保缴费</title><link href="https://a.example.cn/1.html"/>'
        "<published>2024-06-03T08:00:00Z</published>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>第一段。</p><p>第二段。</p></div></content>'
    )
    found = only(
        "a.atom", f'<feed xmlns="http://www.w3.org/2005/Atom"><title>某局</title><entry>{entry}</entry></feed>'
    )
    assert (found.id, found.url, str(found.date)) == ("a.atom/1", "https://a.example.cn/1.html", "2024-06-03")
    assert found.text == "第一段。\n\n第二段。"


def test_comments_below_a_record_are_no_records() -> None:
    inner = "<comments><comment><title>回</title><content>好。</content></comment></comments>"
    assert titles("a.xml", f"<l><i><title>甲题</title><content>甲。</content>{inner}</i></l>") == ["甲题"]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("<urlset><url><loc>https://a.cn</loc></url></urlset>", "no records: elements with a title and a text", None),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>', "it declares entities", None),
        ("<r>\n<a></r>", "not XML: Opening and ending tag mismatch", 2),
        ("<r>" * 400 + "</r>" * 400, "not XML: ", 1),
        ("<l>\n<i><title>甲</title><content> </content></i>\n</l>", "text: holds nothing", 2),
    ],
    ids=["no records", "entities", "broken", "too deep", "an empty record"],
)
def test_xml_that_is_not_read(text: str, reason: str, line: int | None) -> None:
    (found,) = read("a.xml", text)
    assert isinstance(found, Rejection) and found.reason.startswith(reason) and found.line == line, found


def test_xml_of_more_elements_than_fit_says_so() -> None:
    data = b"<r>" + b"<a><b/></a>" * 1_500_000 + b"</r>"
    reader = reader_for("a.xml")
    with closing(Confined(20, 300 << 20)) as parser, pytest.raises(CallFailed, match="300 MB of memory"):
        parser.call(read_all, reader, data, "a.xml", FACETS)


def test_xml_that_is_a_page_is_one() -> None:
    page = f"<html><head><title>解读</title></head><body><p>{ASKED}</p></body></html>"
    found = only("a.xml", f'<?xml version="1.0"?>\n{page}')
    assert (found.title, found.text) == ("解读", ASKED)
