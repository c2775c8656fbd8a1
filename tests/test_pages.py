"""Saved pages: what they state of themselves, their tables, and that no text is lost silently."""

import io
from datetime import date

import pytest

from search.formats import reader_for
from search.model import Article, Rejection

SENTENCE = "参保人员住院发生的费用，由统筹基金按规定的比例支付，超过限额的部分由大病保险支付。"
LONG = "".join(f"<p>{number}{SENTENCE}</p>" for number in range(12))


def page(body: str, head: str = "<title>标题</title>", name: str = "a.html") -> Article:
    record = read(body, head, name)
    assert isinstance(record, Article), record
    return record


def read(body: str, head: str = "<title>标题</title>", name: str = "a.html") -> Article | Rejection:
    reader = reader_for(name)
    assert reader is not None
    (record,) = reader(io.BytesIO(f"<html><head>{head}</head><body>{body}</body></html>".encode()), name)
    return record


def cells(article: Article) -> list[list[list[str]]]:
    return [[[article.text[a:b] for a, b in row] for row in table.rows] for table in article.tables]


STATED = """<title>栏目名 - 青柳市政府网</title><meta name="SiteName" content="青柳市政府网">
<meta name="ArticleTitle" content="关于甲的通知"><meta name="PubDate" content="2024-3-5 9:07">
<meta name="ContentSource" content="{source}"><meta name="Url" content="https://a.example/1.html">
<meta name="others" content="页面生成时间 2025-01-01 10:00:00">"""


def test_tags_of_government_sites_come_first() -> None:
    article = page(f"<h1>青柳市政府网</h1>{LONG}", STATED.format(source="青柳市医保局"))
    assert (article.title, article.date, article.source, article.url) == (
        "关于甲的通知",
        date(2024, 3, 5),
        "青柳市医保局",
        "https://a.example/1.html",
    )


def test_a_source_that_names_none_is_the_site() -> None:
    assert page(LONG, STATED.format(source="本网")).source == "青柳市政府网"


@pytest.mark.parametrize(
    ("body", "day", "source"),
    [
        (
            "<div class='info'><span>来源：乙县医保局</span><span>发布时间：2023-7-8 10:00</span></div>",
            (2023, 7, 8),
            "乙县医保局",
        ),
        ("<p>信息来源: 乙县医保局 发布日期: 2023年7月8日 浏览次数: 5</p>", (2023, 7, 8), "乙县医保局"),
        (
            "<span class='pub-date'>2023年7月8日</span><span class='source'>乙县医保局</span>",
            (2023, 7, 8),
            "乙县医保局",
        ),
        ("<time datetime='2023-07-08T23:30:00Z'>昨天</time>", (2023, 7, 9), ""),
        ("<span class='date'>2023-02-30</span>", None, ""),
        ("<p>最后一次会议的日期待定。</p>", None, ""),
    ],
    ids=["spans", "one-line", "classes", "time-element", "impossible", "no-day"],
)
def test_lines_around_the_text(body: str, day: tuple[int, int, int] | None, source: str) -> None:
    article = page(f"{body}{LONG}")
    assert (article.date, article.source) == (date(*day) if day else None, source)


def test_the_day_a_page_was_generated_is_not_its_own() -> None:
    head = '<title>题</title><meta name="others" content="页面生成时间 2025-01-01 10:00:00">'
    assert page(LONG, head).date is None


def test_a_day_that_only_the_name_or_the_signature_tells_has_its_evidence() -> None:
    named = page(LONG, name="2022-03-04-甲.html")
    assert (named.date, [e.rule for e in named.evidence]) == (date(2022, 3, 4), ["the file's name"])
    signed = page(
        f"<p>关于甲的通知</p><p>各区：</p>{LONG}<p>青柳市医保局</p><p>2021年2月3日</p>", name="2022-03-04.html"
    )
    assert (signed.date, signed.source) == (date(2021, 2, 3), "青柳市医保局")
    assert [e.rule for e in signed.evidence] == ["the signature"]


def test_numbered_paragraphs_are_sections() -> None:
    article = page(f"<p><b>一、范围</b></p>{LONG}<p>短句</p><p><span>二、</span>比例</p><p>另一段，{SENTENCE}</p>")
    assert [section.heading for section in article.sections] == ["一、范围", "二、比例"]


def test_marked_headings_win_over_numbers() -> None:
    article = page(f"<article><h2>第一部分</h2><p>一、范围</p>{LONG}</article>")
    assert [section.heading for section in article.sections] == ["第一部分"]


TABLE = """<table style="overflow:hidden"><caption>标准</caption>
<tr><th rowspan="2">险种</th><th colspan="2">比例</th></tr><tr><th>一级</th><th>三级</th></tr>
<tr><td style="overflow: hidden">居民</td><td><ul><li>甲材料</li><li>乙材料</li></ul></td>
<td><p>前段</p><p>后段</p></td></tr>
<tr><td>职工</td><td></td><td>八成</td></tr></table>"""


@pytest.mark.parametrize("around", [LONG, "<p>短文，只有一句。</p>"], ids=["long", "short"])
def test_a_table_is_kept_as_people_see_it(around: str) -> None:
    article = page(f"<div>{around}{TABLE}{around}</div>")
    assert cells(article) == [
        [
            ["标准", "标准", "标准"],
            ["险种", "比例", "比例"],
            ["险种", "一级", "三级"],
            ["居民", "甲材料 乙材料", "前段 后段"],
            ["职工", "", "八成"],
        ]
    ]
    assert article.tables[0].header == 3
    assert article.text.index("险种") > article.text.index("，")


def test_a_table_for_the_layout_is_text() -> None:
    article = page(
        f"<table><tr><td><a href='/'>首页</a></td><td>{LONG}</td></tr><tr><td></td><td>地址</td></tr></table>"
    )
    assert article.tables == ()
    assert article.text.count("大病保险") == 12


def test_tables_in_tables_and_endless_spans_are_bounded() -> None:
    inner = "<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td><td>丁</td></tr></table>"
    article = page(f"{LONG}<table><tr><td>{inner}</td><td>旁</td></tr></table>")
    assert cells(article) == [[["甲", "乙"], ["丙", "丁"]]]
    wide = "<tr>" + "<td colspan=9999 rowspan=9999>甲</td>" * 50 + "</tr>"
    article = page(f"{LONG}<table>{wide * 40}</table>")
    assert sum(len(row) for table in article.tables for row in table.rows) < 2_000_000


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (
            "<div><p>申领<strong>生育</strong>津贴，<font>产后</font>一年内提出。</p></div>",
            "申领生育津贴，产后一年内提出。",
        ),
        (
            f"<article>{LONG}<p>见<a href='x'>《备案指南》</a>和<a href='y'>《名单》</a>。</p></article>",
            "见《备案指南》和《名单》。",
        ),
        (f"<article>{LONG}<p><a href='x'>附件：申请表.doc</a></p></article>", "附件：申请表.doc"),
        (f"<form>{LONG}</form>", SENTENCE),
        (f"<div class='message-print'>{LONG}</div>", SENTENCE),
        (f"<div style='visibility:hidden;opacity:0'>{LONG}</div>", SENTENCE),
    ],
    ids=["inline", "links", "attachment", "form", "class-of-furniture", "shown-by-a-script"],
)
def test_text_that_extractors_lose_is_kept(body: str, kept: str) -> None:
    assert kept in page(body).text


def test_paragraphs_of_a_short_page_stay_apart() -> None:
    article = page(
        "<div><h1>标题</h1><p>第一段，说一件事。</p><p>第二段，<br>说另一件。</p><ul><li>甲<ul><li>乙</li></ul></li></ul></div>"
    )
    assert article.text == "第一段，说一件事。\n\n第二段，\n说另一件。\n\n  • 甲\n    • 乙"


def test_menus_and_prompts_are_no_text() -> None:
    menu = "".join(f"<li><p><a href='/{n}'>· 市第{n}局</a></p></li>" for n in range(9))
    article = page(
        f"<div>{LONG}<p>长按识别二维码关注我们</p><p>扫码是办理的一种方式，关注结果即可。</p><ul>{menu}</ul></div>"
    )
    assert "市第" not in article.text and "长按" not in article.text
    assert "扫码是办理的一种方式" in article.text


def test_an_account_is_the_source_of_its_post() -> None:
    head = '<meta property="og:title" content="缴费啦"><meta property="og:site_name" content="微信公众平台">'
    post = '<div><a id="js_name">青柳医保</a><em id="publish_time">2025年9月3日</em>'
    article = page(f'{post}<div id="js_content">{LONG}</div></div>', head)
    assert (article.source, article.date, article.title) == ("青柳医保", date(2025, 9, 3), "缴费啦")


def test_what_looks_like_the_place_of_a_table_is_harmless() -> None:
    assert page(f"<div>{LONG}<p>\ue000999\ue001 其余文字，照样在。</p></div>").text.endswith("其余文字，照样在。")
