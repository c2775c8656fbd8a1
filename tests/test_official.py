"""The official layout of notices, the days that documents name, and headings that are only numbered."""

from datetime import date

import pytest

from search.formats.dates import day_in_lines, day_in_name, labelled_day, parse_date
from search.formats.headings import plain_sections
from search.formats.official import Official, official

NOTICE = """\
特急

青柳市医疗保障局
青柳市财政局

青医保联发[2023] 7号

关于印发《青柳市大病保险
实施办法（试行）》
的通知

各区医疗保障局、财政局：

现印发给你们。

青柳市医疗保障局　　青柳市财政局
二〇二三年十一月二日

青柳市大病保险实施办法（试行）

第一条 甲。
附件所属单位
2024年1月1日"""


def test_a_notice_says_what_it_is_and_whose() -> None:
    lines = NOTICE.split("\n")
    assert official(lines) == Official(
        title="关于印发《青柳市大病保险实施办法（试行）》的通知",
        title_at=(7, 8, 9),
        body_at=11,
        number="青医保联发[2023]7号",
        issuer="青柳市医疗保障局、青柳市财政局",
        day=date(2023, 11, 2),
    )


@pytest.mark.parametrize(
    ("text", "title", "issuer", "day"),
    [
        (
            "青柳市医疗保障局关于做好参保工作的意见\n各街道：\n做好。\n2024年3月1日",
            "青柳市医疗保障局关于做好参保工作的意见",
            "青柳市医疗保障局",
            None,
        ),
        (
            "关于停机的公告\n\n停机一天。\n\n青柳市医保中心 2024年3月1日",
            "关于停机的公告",
            "青柳市医保中心",
            date(2024, 3, 1),
        ),
        (
            "青柳市人民政府令\n第12号\n现予公布。\n市长 某某\n2024年3月1日",
            "青柳市人民政府令",
            "青柳市人民政府",
            date(2024, 3, 1),
        ),
        (
            "文号：青医保〔2024〕1号\n标题：关于甲的函\n发布机构：青柳市医保局\n正文。",
            "关于甲的函",
            "青柳市医保局",
            None,
        ),
        ("发文日期：2024-03-01\n青医保〔2024〕1号\n关于甲的批复\n乙区：\n同意。", "关于甲的批复", "", date(2024, 3, 1)),
        ("关于转发省局管理办法\n的通知\n各区：\n转发。", "关于转发省局管理办法的通知", "", None),
        ("青柳市医疗保障\n局文件\n青医保〔2024〕1号\n关于甲的函\n正文。", "关于甲的函", "青柳市医疗保障局", None),
        (
            "青柳市财政局\n文件\n青柳市民政局\n青医保〔2024〕1号\n关于甲的函\n正文。",
            "关于甲的函",
            "青柳市财政局、青柳市民政局",
            None,
        ),
        ("甲药店名单\n（青医保〔2024〕1号）\n名单如下。", "甲药店名单", "", None),
    ],
    ids=[
        *("issuer-in-title", "signature-in-one-line", "order", "labelled", "labelled-day", "title-holds-a-title"),
        *("wide-issuer", "letterhead-of-two", "number-in-brackets"),
    ],
)
def test_layouts(text: str, title: str, issuer: str, day: date | None) -> None:
    found = official(text.split("\n"))
    assert found and (found.title, found.issuer, found.day) == (title, issuer, day)


@pytest.mark.parametrize(
    "text",
    [
        "门诊怎么报销\n\n先备案。",
        "报销办法\n\n先备案。",
        "备案要点：\n先备案。\n青柳市医保局\n去年",
        "",
        "2024年3月1日",
        "关于备案的三个问题\n各位读者：\n你们好。",
    ],
    ids=["question", "ends-alike", "list", "nothing", "day", "letter-to-readers"],
)
def test_other_texts_are_not_official(text: str) -> None:
    assert official(text.split("\n")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024/5/1 8:30:05", date(2024, 5, 1)),
        ("2024年05月01日 08:30", date(2024, 5, 1)),
        ("2024-05-01 25:61:00", date(2024, 5, 1)),
        ("2024年5月1日（星期三） 上午9:00", date(2024, 5, 1)),
        ("2024-05-1 20:00:00 +0000", date(2024, 5, 2)),
        ("2024-5-1T1:00:00-0900", date(2024, 5, 1)),
        ("2024-05-01 20:00:00 +08:00", date(2024, 5, 1)),
        ("2024-05-01T99:00:00Z", date(2024, 5, 1)),
        ("Wed, 01 May 2024 20:00:00 GMT", date(2024, 5, 2)),
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        ("二○二四年二月十日", date(2024, 2, 10)),
    ],
)
def test_the_day_counts_whatever_the_time(text: str, expected: date) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2024-02-30 10:00", "2024-05-01 至 2024-06-01", "2024-05-01 起施行", "二〇二四年十三月一日", "2024-13-01T10:00Z"],
)
def test_an_impossible_day_or_more_than_a_day_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2023-09-08-缴费.md", date(2023, 9, 8)),
        ("a/某办法(2019-12-31).md", date(2019, 12, 31)),
        ("20220107-通知.txt", date(2022, 1, 7)),
        ("t20220107_99.html", date(2022, 1, 7)),
        ("2022年1月7日公告.txt", date(2022, 1, 7)),
        ("2020-01-01 修订 2021-02-03.txt", date(2020, 1, 1)),
        ("条例_20181229_20211229.txt", date(2021, 12, 29)),
        ("posts/2022/01/07/甲.md", date(2022, 1, 7)),
        ("20220230.md", None),
        ("post_10872346.html", None),
        ("电话13920220107.txt", None),
        ("2022-01.md", None),
    ],
)
def test_day_in_a_name(path: str, expected: date | None) -> None:
    found = day_in_name(path)
    assert (found.day if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected", "rule"),
    [
        ("题\n发布时间：2024-05-01 10:00  来源：甲\n文", date(2024, 5, 1), "a labelled line at the top"),
        ("题\n（2024年5月1日）\n文", date(2024, 5, 1), "a line at the top"),
        ("题\n发布时间：2024-05-01　来源：甲\n文", date(2024, 5, 1), "a labelled line at the top"),
        ("题\n来源：甲局 作者：乙 日期：2024-05-01 10:00 点击：3\n文", date(2024, 5, 1), "a labelled line at the top"),
        ("题\n" + "文。\n" * 40 + "【发布日期】2024-05-01", date(2024, 5, 1), "a line at the end"),
        ("题\n2024年5月1日发布的办法。", None, ""),
        ("题\n20240501", None, ""),
        ("文。\n" * 20 + "2024年5月1日\n" + "文。\n" * 20, None, ""),
    ],
)
def test_day_in_lines(text: str, expected: date | None, rule: str) -> None:
    found = day_in_lines(text.split("\n"))
    assert (found.day, found.rule) == (expected, rule) if found else expected is None


def test_a_label_needs_a_day() -> None:
    assert labelled_day("发布日期：待定，另行通知") is None


@pytest.mark.parametrize(
    ("text", "numbered", "expected"),
    [
        ("引。\n　　一、比例\n　　甲。\n　　二、限额\n　　乙。", False, [(2, "一、比例"), (2, "二、限额")]),
        ("第一条 甲。\n第二条【定义】乙。\n第三条　丙。", False, [(2, "第一条"), (2, "第二条【定义】"), (2, "第三条")]),
        ("第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。", False, [(2, "第一章 总则"), (2, "第二章 附则")]),
        ("短句\n\n文。\n\n一、比例\n\n乙。", True, [(2, "一、比例")]),
        (
            f"一、原则\n\n（一）年龄优先。{'满三周岁的可以报名。' * 3}\n\n（二）免试。{'不得对家长进行测试。' * 3}",
            True,
            [(2, "一、原则"), (3, "（一）年龄优先"), (3, "（二）免试")],
        ),
        ("（一）身份证。\n\n（二）户口簿。", True, []),
        ("（一）年满十六周岁，并且参保的人员可以领取。还有很多别的话要说，说了又说，说个不停。", True, []),
    ],
    ids=["indented", "articles", "articles-of-chapters", "numbered-only", "run-in", "list", "sentence"],
)
def test_numbered_headings(text: str, numbered: bool, expected: list[tuple[int, str]]) -> None:
    found = plain_sections(text, numbered=numbered)
    assert [(section.level, section.heading) for section in found] == expected
    assert all(text[section.start : section.body].rstrip("。") == section.heading for section in found)
