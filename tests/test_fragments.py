"""Tags of a page in records, in Markdown and in plain text: read as a page is, and what only looks like one is kept."""

import json
from collections.abc import Iterable
from io import BytesIO

import pytest

from search.formats import reader_for, reader_of
from search.formats.fragment import MAX_FRAGMENT
from search.model import Article, Table

ROWS = "<tr><th>医院</th><th>比例</th></tr><tr><td>社区</td><td>70%</td></tr>"


def read(name: str, content: str) -> Article:
    data = content.encode()
    reader = reader_for(name)
    assert reader
    (article,) = reader_of(reader, data)(BytesIO(data), name)
    assert isinstance(article, Article), article
    return article


def record(**fields: str) -> Article:
    return read("a.jsonl", json.dumps({"title": "门诊", **fields}))


def cells(text: str, tables: Iterable[Table]) -> list[list[list[str]]]:
    return [[[text[start:end] for start, end in row] for row in table.rows] for table in tables]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("<p>先备案。</p><p>再看病。</p>", "先备案。\n\n再看病。"),
        ("<div>每人 400 元<br/>二月前<b>缴</b>清</div>", "每人 400 元\n二月前缴清"),
        ("<UL><LI>身份证</LI><LI>发票</LI></UL>", "  • 身份证\n  • 发票"),
        ("先备案。<br>再<b>看病</b>。\n\n后结算。", "先备案。\n再看病。\n\n后结算。"),
        ("先备案。<br>\n再看病。", "先备案。\n再看病。"),
        ("<p>一</p><script>alert(1)</script><style>p{}</style><!-- 内部 -->", "一"),
        ("&lt;p&gt;起付线&amp;nbsp;200 元&lt;/p&gt;", "起付线 200 元"),
        ("起付线&nbsp;200&nbsp;元，&ldquo;一站式&rdquo;结算", "起付线 200 元，“一站式”结算"),
        ("<p>血压 &lt; 140 时</p>", "血压 < 140 时"),
        ("<p onclick=alert(1) " + "a " * 9000 + ">先备案。</p>", "先备案。"),
    ],
)
def test_a_record_with_tags_is_read_as_a_page(typed: str, text: str) -> None:
    assert record(content=typed).text.replace("\xa0", " ") == text
    assert read("a.csv", 'title,content\n门诊,"{}"\n'.format(typed.replace('"', '""'))).text == record(text=typed).text


@pytest.mark.parametrize(
    "typed",
    [
        "收缩压 <140 且 >90，见 <身份证> 与 <abc>",
        "a<b 而 b>c，<p 不是标签",
        "AT&T 与 R&D，&copy 不动，a&b; &lt;b&gt; &amp;",
        "第一条 <第二条> 第三条",
        "写<img src=x onerror=alert(1)>也只是<b>字</b>。</main><!--后面-->还在。",
    ],
)
def test_what_only_looks_like_tags_stays(typed: str) -> None:
    assert record(text=typed).text == typed


@pytest.mark.parametrize("typed", ["正文。\n\u200b", "\u200b\n正文。", "正文。\x07", "正文。&nbsp;", "\r\n正文。\r\n"])
def test_nothing_that_nobody_sees_stands_around_a_text(typed: str) -> None:
    assert record(text=typed).text == "正文。"


def test_headings_and_tables_of_a_record_are_those_of_a_page() -> None:
    article = record(content=f"<h2>待遇</h2><p>如下。</p><table>{ROWS}</table><h2>办理</h2><p>到窗口。</p>")
    assert [section.heading for section in article.sections] == ["待遇", "办理"]
    assert cells(article.text, article.tables) == [[["医院", "比例"], ["社区", "70%"]]]


def test_a_title_has_no_tags() -> None:
    assert record(title="<em>门诊</em>慢特病&nbsp;怎么办", text="先备案。").title == "门诊慢特病 怎么办"
    assert record(title="血压 <140", text="先备案。").title == "血压 <140"


def test_a_text_of_tags_alone_is_rejected() -> None:
    data = json.dumps({"title": "图", "content": "<p><img src='a.png'></p>"}).encode()
    reader = reader_for("a.jsonl")
    assert reader
    (rejection,) = reader(BytesIO(data), "a.jsonl")
    assert not isinstance(rejection, Article)
    assert rejection.reason == "text: holds nothing"


def test_a_text_that_is_too_long_for_a_page_keeps_its_tags() -> None:
    typed = "<p>" + "长" * MAX_FRAGMENT
    assert record(text=typed).text == typed


def test_any_nesting_is_read() -> None:
    assert "先备案" in record(text="<div>" * 50_000 + "先备案" + "</div>" * 50_000).text


def test_tags_in_markdown() -> None:
    article = read(
        "a.md",
        "# 待遇\n\n<p align=center>起付线</p>\n\n第一行<br>第二行，<font color=red>注意</font> <身份证>\n\n"
        f"<table>{ROWS}</table>\n\n- 一<br/>二\n\n`<b>` 不动\n\n```\n<p>不动</p>\n```\n",
    )
    assert article.text == (
        "起付线\n\n第一行\n第二行，注意 <身份证>\n\n"
        "医院 | 比例\n社区 | 70%\n\n  • 一\n    二\n\n<b> 不动\n\n<p>不动</p>"
    )
    assert cells(article.text, article.tables) == [[["医院", "比例"], ["社区", "70%"]]]


def test_a_text_that_begins_with_a_tag_is_a_page() -> None:
    assert read("a.txt", "<p>异地就医先备案，再看病，可以直接结算。</p><p>没有备案的先垫付。</p>").text == (
        "异地就医先备案，再看病，可以直接结算。\n\n没有备案的先垫付。"
    )
    assert read("b.txt", "备案\n<通知> 异地就医先备案。").text == "<通知> 异地就医先备案。"
