"""Every document format on real bytes: what becomes of each field, and of everything that is wrong."""

import io
import json
import logging
import lzma
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from search.formats import READERS, reader_for
from search.formats.dates import parse_date
from search.formats.decoding import decode
from search.formats.headings import plain_sections
from search.formats.jsonl import read_jsonl
from search.model import Article, Rejection, Section

SAMPLES = Path(__file__).parent / "samples"


def read(name: str, data: bytes) -> list[Article | Rejection]:
    reader = reader_for(name)
    assert reader is not None
    return list(reader(io.BytesIO(data), name))


def only(name: str, text: str | bytes) -> Article:
    (record,) = read(name, text if isinstance(text, bytes) else text.encode())
    assert isinstance(record, Article), record
    return record


def rejection(name: str, text: str | bytes) -> Rejection:
    (record,) = read(name, text if isinstance(text, bytes) else text.encode())
    assert isinstance(record, Rejection), record
    return record


def outline(article: Article) -> list[tuple[int, str]]:
    return [(section.level, section.heading) for section in article.sections]


def cells(article: Article) -> list[list[list[str]]]:
    return [[[article.text[start:end] for start, end in row] for row in table.rows] for table in article.tables]


def assert_sections_cover(article: Article) -> None:
    """Headings stand where they say, sections follow each other to the end, anchors are s1, s2 …"""
    for number, section in enumerate(article.sections, 1):
        assert section.heading in article.text[section.start : section.body]
        assert "\n" not in article.text[section.start : section.body]
        assert section.anchor == f"s{number}"
    ends = [section.end for section in article.sections]
    assert ends == [section.start for section in article.sections[1:]] + [len(article.text)] * bool(ends)


# Saved pages


# Each page written down by reading it: entries of 相关推荐, first and last. The sample pages are made in the shapes of
# the real ones, which lie beside the checkout.
SAMPLE_PAGES = {
    "000_dianzi-pingzheng.txt": (12, "昆明医保卡里的钱能取出来吗", "楚雄做胃镜医保能报多少", date(2025, 2, 18)),
    "001_biyesheng.txt": (12, "毕业生灵活就业医保一个月多少钱", "医保转移要自己去办吗", date(2025, 1, 9)),
    "002_mantebing.txt": (12, "长沙高血压门诊用药怎么报销", "娄底肿瘤病人去外省看病怎么备案", date(2025, 3, 5)),
    "003_luoyang-duanjiao.txt": (13, "洛阳医保余额怎么查", "洛阳居民医保转职工医保怎么办理", date(2025, 2, 27)),
    "004_yidi-shengyu.txt": (
        13,
        "2025年甘肃天水医保家庭账户可以跨市用吗",
        "酒泉职工生育津贴怎么计算",
        date(2025, 3, 11),
    ),
}
REAL_PAGES = {
    "000_fb07aca7e53cbe3e.txt": (20, "城镇化率涉及部门", "江苏医惠保1号报销流程", date(2025, 3, 27)),
    "001_4f65deb304f4958d.txt": (
        20,
        "异地职工医保和居民医保同时参加",
        "2025黑龙江大兴安岭补牙医保报销比例是多少",
        date(2025, 3, 18),
    ),
    "002_a9ca3337d969d716.txt": (20, "黑龙江一分一段表2024最新公布", "河北省养老金每年计发基数", date(2025, 3, 26)),
    "003_1621e7c1fb7978ea.txt": (
        19,
        "2025湖南永州线上问诊可以走医保吗",
        "山东烟台居民医保转职工医保怎么办理",
        date(2025, 3, 12),
    ),
    "004_a988455a06875ac9.txt": (
        20,
        "2025年青海海北医保家庭共济可以跨省吗",
        "青海海西治疗阿克森费尔德-里格尔综合征哪个医院比较好",
        date(2025, 3, 21),
    ),
}

# Headings as a reader of the pages sees them: level 2 the parts of the main answer and the further questions.
OUTLINES = {
    "000_dianzi-pingzheng.txt": [
        (2, "电子凭证是什么"),
        (3, "电子凭证的样子"),
        (3, "能办哪些事"),
        (2, "激活前的准备"),
        (3, "手机和网络"),
        (3, "个人信息"),
        (2, "激活失败怎么处理"),
        (3, "常见的提示"),
        (3, "找谁帮忙"),
        (2, "云南医保电子凭证在哪里激活"),
        (3, "手机软件"),
        (3, "医院窗口"),
        (2, "孩子的医保电子凭证怎么办"),
        (3, "具体做法"),
        (3, "条件"),
        (3, "注意事项"),
        (2, "外省人在云南可以使用电子凭证吗"),
        (3, "使用条件"),
        (3, "使用流程"),
        (3, "注意事项"),
    ],
    "001_biyesheng.txt": [
        (2, "毕业当年的医保"),
        (3, "待遇的期限"),
        (3, "看病的地点"),
        (2, "接续的办法"),
        (3, "找到工作的"),
        (3, "还没有工作的"),
        (2, "容易忽略的地方"),
        (3, "中断和等待"),
        (3, "重复参保"),
        (2, "职工医保和居民医保有什么区别"),
        (2, "如何把医保关系转到工作的城市"),
        (3, "一、查一查原来的记录"),
        (3, "二、提出转移申请"),
        (3, "三、等待两地交接"),
        (3, "四、确认转入的年限"),
        (3, "五、继续参保看病"),
        (2, "应届毕业生可以享受哪些补贴"),
    ],
    "002_mantebing.txt": [
        (2, "申请流程"),
        (3, "医院申请"),
        (3, "网上申请"),
        (2, "申请所需材料"),
        (3, "必须带的"),
        (3, "视情况带的"),
        (2, "认定以后的待遇"),
        (3, "报销比例"),
        (3, "用药范围"),
        (3, "有效期"),
        (2, "常见问题"),
        (3, "换城市以后"),
        (3, "药店购药"),
        (3, "补充和复核"),
        (2, "门诊慢特病网上认定的步骤是什么"),
        (3, "用手机小程序申请"),
        (3, "用电脑申请"),
        (3, "注意事项"),
        (2, "认定以后怎么看病"),
        (2, "认定以后怎么取消或更换病种"),
        (3, "线上办理"),
        (3, "线下办理"),
    ],
    "003_luoyang-duanjiao.txt": [
        (2, "补交的条件"),
        (3, "因单位断交的人员"),
        (3, "因个人断交的人员"),
        (2, "补交的流程"),
        (3, "核对月份"),
        (3, "选择方式"),
        (3, "缴款到账"),
        (2, "断交期间的报销比例"),
        (3, "三个月以内补齐"),
        (3, "三个月以后参保"),
        (2, "断交的常见问题"),
        (3, "个人账户"),
        (3, "生育待遇"),
        (3, "退休年限"),
        (2, "洛阳灵活就业人员断交后的具体流程和条件是什么"),
        (3, "补交的条件"),
        (3, "补交的流程"),
        (4, "核对月份"),
        (4, "费用结算"),
        (4, "停保与恢复"),
        (2, "洛阳医保与郑州医保的区别是什么"),
        (3, "交费标准"),
        (3, "门诊待遇"),
        (3, "异地就医"),
        (3, "两地互认的政策"),
        (2, "洛阳医保可以用在哪些地方"),
    ],
    "004_yidi-shengyu.txt": [
        (2, "1. 在异地生孩子的总体规定"),
        (2, "2. 申请条件"),
        (2, "3. 办理步骤"),
        (3, "(1)办理生育备案"),
        (3, "(2)住院生产"),
        (3, "(3)联网结算与事后报销"),
        (2, "4. 提醒事项"),
        (2, "5."),
    ],
    "000_fb07aca7e53cbe3e.txt": [
        (2, "医保电子凭证的全国通用性"),
        (3, "医保电子凭证的定义和功能"),
        (3, "全国通用性"),
        (2, "跨省异地就医备案流程"),
        (3, "备案流程"),
        (3, "注意事项"),
        (2, "医保个人账户跨省共济"),
        (3, "个人账户跨省共济的范围"),
        (3, "操作步骤"),
        (2, "黑龙江医保卡如何办理全国通用"),
        (3, "办理医保电子凭证"),
        (3, "异地就医备案"),
        (2, "黑龙江医保卡全国通用的具体流程和条件"),
        (3, "具体流程"),
        (3, "条件"),
        (3, "注意事项"),
        (2, "其他省份的医保卡是否可以在黑龙江使用"),
        (3, "使用条件"),
        (3, "使用流程"),
        (3, "注意事项"),
    ],
    "001_4f65deb304f4958d.txt": [
        (2, "医保卡省内使用的政策"),
        (3, "政策背景"),
        (3, "医保目录和支付政策"),
        (2, "医保卡省内使用的流程"),
        (3, "备案流程"),
        (3, "使用流程"),
        (2, "医保卡省内使用的注意事项"),
        (3, "安全使用"),
        (3, "报销范围"),
        (2, "省医保卡和市医保卡的区别是什么"),
        (2, "如何办理医保卡的异地就医手续"),
        (3, "一、确定备案类型"),
        (3, "二、准备备案材料"),
        (3, "三、办理备案手续"),
        (3, "四、选择定点医疗机构"),
        (3, "五、持卡就医与结算"),
        (2, "省里医保卡的使用范围包括哪些"),
    ],
    "003_1621e7c1fb7978ea.txt": [
        (2, "异地使用条件"),
        (3, "异地长期居住人员"),
        (3, "临时外出就医人员"),
        (2, "异地使用流程"),
        (3, "备案手续"),
        (3, "选择定点医院"),
        (3, "持卡就医"),
        (2, "异地使用报销比例"),
        (3, "异地长期居住人员"),
        (3, "临时外出就医人员"),
        (2, "异地使用常见问题"),
        (3, "社保卡或个人信息问题"),
        (3, "系统未升级"),
        (3, "密码锁定"),
        (2, "烟台医保卡异地使用的具体流程和条件是什么"),
        (3, "异地使用条件"),
        (3, "异地使用流程"),
        (4, "备案手续"),
        (4, "就医结算"),
        (4, "备案变更与终止"),
        (2, "烟台医保卡与青岛医保卡的区别是什么"),
        (3, "参保对象和缴费标准"),
        (3, "医保待遇"),
        (3, "异地就医"),
        (3, "医保卡互通政策"),
        (2, "烟台医保卡的使用范围包括哪些"),
    ],
    "004_a988455a06875ac9.txt": [
        (2, "1. 异地医保卡在北京使用的总体政策"),
        (2, "2. 使用条件"),
        (2, "3. 操作流程"),
        (3, "（1）办理异地就医备案"),
        (3, "（2）就医流程"),
        (3, "（3）直接结算与手工报销"),
        (2, "4. 注意事项"),
        (2, "5."),
    ],
}


def saved_pages(names: Iterable[str]) -> list[ParameterSet]:
    return [pytest.param(name, marks=[pytest.mark.shared] if name in REAL_PAGES else []) for name in names]


@pytest.fixture
def page(name: str, request: pytest.FixtureRequest) -> bytes:
    """The bytes of the saved page that the test's parameter names."""
    folder = request.getfixturevalue("shared") / "seeds" if name in REAL_PAGES else SAMPLES / "pages"
    return bytes((folder / name).read_bytes())


@pytest.mark.parametrize("name", saved_pages(SAMPLE_PAGES | REAL_PAGES))
def test_saved_page_has_one_article_and_every_teaser(page: bytes, name: str) -> None:
    source = "健康新闻" if name in REAL_PAGES else "样例健康"
    entries, first, last, day = (SAMPLE_PAGES | REAL_PAGES)[name]
    article, *teasers = [record for record in read(name, page) if isinstance(record, Article)]
    assert (article.kind, article.id, article.date, article.title) == (
        "article",
        name,
        None,
        page.decode().split("\n")[0],
    )
    assert [t.id for t in teasers] == [f"{name}/{n}" for n in range(1, entries + 1)]
    assert page.decode().count(f"{source} {day}") == entries
    assert (teasers[0].title, teasers[-1].title) == (first, last)
    assert {(t.kind, t.date, t.source, t.path) for t in teasers} == {("teaser", day, source, name)}


@pytest.mark.parametrize("name", saved_pages(SAMPLE_PAGES | REAL_PAGES))
def test_saved_page_loses_no_line(page: bytes, name: str) -> None:
    records = [record for record in read(name, page) if isinstance(record, Article)]
    kept = {line.strip() for record in records for line in [record.title, *record.text.split("\n")]}
    dropped = {line.strip() for line in page.decode().split("\n")} - kept
    assert all(
        line.startswith(("提示", "健康新闻", "样例健康")) or line in ("相关推荐", "大家都在搜", "首页 顶部")
        for line in dropped
    ), dropped


@pytest.mark.parametrize("name", saved_pages(OUTLINES))
def test_saved_page_has_the_headings_a_reader_sees(page: bytes, name: str) -> None:
    (article, *_) = read(name, page)
    assert isinstance(article, Article)
    ascii_marks = str.maketrans("（）", "()")
    expected = [(level, words.translate(ascii_marks)) for level, words in OUTLINES[name]]
    assert [(level, words.translate(ascii_marks)) for level, words in outline(article)] == expected
    assert_sections_cover(article)


@pytest.mark.parametrize(
    ("name", "captioned", "following"),
    [
        ("000_dianzi-pingzheng.txt", "昆明住院押金一定要交吗", "玉溪职工医保退休要交满多少年"),
        pytest.param(
            "000_fb07aca7e53cbe3e.txt",
            "2025年海南海口治疗记忆力减退的医院有哪些",
            "江苏医惠保1号保单怎么查",
            marks=pytest.mark.shared,
        ),
    ],
)
def test_picture_caption_is_not_the_next_entry(page: bytes, name: str, captioned: str, following: str) -> None:
    titles = [record.title for record in read(name, page) if isinstance(record, Article)]
    assert titles[titles.index(captioned) + 1] == following


def test_saved_page() -> None:
    article, first, second = read("saved.txt", (SAMPLES / "saved.txt").read_bytes())
    assert isinstance(article, Article)
    assert article.title == "绥化医保卡丢了怎么办"
    assert article.text.startswith("医保卡丢失后要先挂失")
    assert article.text.endswith("    • 原件和复印件各一份。")
    assert outline(article) == [
        (2, "挂失的办法"),
        (3, "电话挂失"),
        (3, "窗口挂失"),
        (2, "绥化医保卡补办要多久"),
        (3, "所需材料"),
    ]
    assert first == Article(
        id="saved.txt/1",
        kind="teaser",
        title="医保卡挂失后还能用吗",
        text="挂失后旧卡立即停用， 急需看病时可以用电子凭证",
        date=date(2025, 1, 6),
        source="样例新闻",
        path="saved.txt",
    )
    assert isinstance(second, Article) and (second.id, second.date) == ("saved.txt/2", date(2025, 1, 7))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("甲\n\n文一\n\n报 2025-01-06\n乙\n\n文二\n\n报 2025-01-07", ["甲", "乙"]),
        ("甲\n\n文一\n\n报 2025-13-06\n\n乙\n\n文二\n\n报 2025-01-07", [("date: “2025-13-06” is no date", 9), "乙"]),
        ("甲\n\n报 2025-01-06\n\n乙\n\n文二\n\n报 2025-01-07", [("text: holds nothing", 5), "乙"]),
        ("报 2025-01-06", [("an entry of 相关推荐 with neither title nor text", 5)]),
        (
            "甲\n\n文一\n\n报 2025-01-06\n\n乙\n\n断了",
            ["甲", ("an entry of 相关推荐 without its line “source date”", 11)],
        ),
        ("甲\n\n文一\n\n文二\n\n报 2025/1/6\n首页 顶部", ["甲"]),
    ],
    ids=["no-blank-between", "no-date", "no-text", "nothing", "cut-off", "two-paragraphs-and-footer"],
)
def test_teaser_list(entries: str, expected: list[object]) -> None:
    article, *rest = read("p.txt", f"题\n正文。\n相关推荐\n\n{entries}".encode())
    assert isinstance(article, Article) and article.text == "正文。"
    assert [r.title if isinstance(r, Article) else (r.reason, r.line) for r in rest] == expected


def test_page_that_is_only_a_list_still_gives_its_teasers() -> None:
    first, second = read("p.txt", "题\n\n相关推荐\n\n甲\n\n文\n\n报 2025-01-06".encode())
    assert first == Rejection("p.txt", "text: holds nothing", 1)
    assert isinstance(second, Article) and second.id == "p.txt/1"


def test_mentioning_related_articles_makes_no_saved_page() -> None:
    assert only("p.txt", "题\n\n正文。\n\n相关推荐\n\n没有日期的一行").text == "正文。\n\n相关推荐\n\n没有日期的一行"


# Plain text


def test_plain_text() -> None:
    article = only("plain.txt", (SAMPLES / "plain.txt").read_bytes())
    assert (article.title, article.date, article.kind) == ("某市职工医疗保险办法", None, "article")
    assert outline(article)[:3] == [(2, "第一章 总则"), (2, "第二章 待遇"), (3, "一、起付标准")]
    assert_sections_cover(article)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("引言。\n\n办理流程\n\n先备案。\n\n再结算。", ["办理流程"]),
        ("材料\n\n身份证\n\n户口簿\n\n照片\n\n发票\n\n都要原件。", ["材料"]),
        ("材料\n\n1. 身份证\n\n2. 户口簿\n\n都要原件。", ["材料"]),
        ("1. 条件\n\n已参保。\n\n2. 材料\n\n身份证。", ["1. 条件", "2. 材料"]),
        ("这一行以句号结束。\n\n正文。", []),
        ("所需材料：\n\n身份证。", []),
        ("先备案，再结算\n\n正文。", []),
        ("断了，还能报吗\n\n能。", ["断了，还能报吗"]),
        ("正文。\n\n谢谢阅读", []),
        ("  缩进的行\n\n正文。", []),
        ("• 列表\n\n正文。", []),
        ("很" * 41 + "\n\n正文。", []),
        ("上一行\n紧接着的行\n\n正文。", []),
        ("# 一\n甲\n\n### 三\n乙", ["一", "三"]),
        ("2.5倍的差别\n\n正文。", ["2.5倍的差别"]),
        ("80%\n\n正文。", ["80%"][:0]),
    ],
)
def test_headings_of_plain_text(text: str, expected: list[str]) -> None:
    assert [section.heading for section in plain_sections(text)] == expected


def test_levels_follow_the_numbering() -> None:
    text = "一、甲\n\n文。\n\n（一）乙\n\n文。\n\n1. 丙\n\n文。\n\n（二）丁\n\n文。\n\n二、戊\n\n文。"
    assert [(s.level, s.heading) for s in plain_sections(text)] == [
        (2, "一、甲"),
        (3, "（一）乙"),
        (4, "1. 丙"),
        (3, "（二）丁"),
        (2, "二、戊"),
    ]


def test_section_offsets_are_exact() -> None:
    assert plain_sections("引。\n\n流程  \n\n先备案。") == (Section("流程", 2, 4, 8, 14, "s1"),)


def test_long_first_line_is_text_not_title() -> None:
    line = "没有标题的文章从第一句就是正文，" + "它很长" * 40 + "。"
    article = only("p.txt", line + "\n第二段。")
    assert article.text == line + "\n第二段。"
    assert article.title == article.text[:40] + "…"


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["saved.txt", "article.md", "records.jsonl", "page.html", "plain.txt"])
def test_every_format_in_every_encoding_reads_the_same(name: str, encoding: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    assert read(name, text.encode(encoding)) == read(name, text.encode())
    assert any(isinstance(record, Article) for record in read(name, text.encode(encoding)))


def test_windows_line_ends() -> None:
    text = (SAMPLES / "saved.txt").read_text("utf-8")
    assert read("saved.txt", text.replace("\n", "\r\n").encode()) == read("saved.txt", text.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_character_cut_in_half_spoils_only_itself(encoding: str) -> None:
    before = "办理备案之后可以直接结算医疗费用，没有办理备案的需要先行垫付".encode(encoding)
    cut = before + "医".encode(encoding)[:-1] + "\n\n下一段照常可读。".encode(encoding)
    text = decode(cut, "p.txt")
    assert text.startswith("办理备案之后") and text.endswith("下一段照常可读。")
    assert text.count("\ufffd") == 1
    at_the_end = decode(before + "医".encode(encoding)[:-1], "p.txt")
    assert at_the_end == "办理备案之后可以直接结算医疗费用，没有办理备案的需要先行垫付\ufffd"


def test_control_characters_become_spaces_one_for_one() -> None:
    assert only("p.txt", "题\n甲\x1b[31m乙\x7f丙\t丁").text == "甲 [31m乙 丙\t丁"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl", "a.html"])
@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"", "the file is empty", None),
        (b" \n\n \n", "the file is empty", None),
        ("标题\n二\0进制\n".encode(), "binary content (a NUL byte)", 2),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff\xfe\xfa\xff\xf1", "neither UTF-8 nor GB18030 nor Big5 (byte 0)", 1),
    ],
    ids=["empty", "blank", "binary", "no-text"],
)
def test_files_without_text_are_rejected(name: str, data: bytes, reason: str, line: int | None) -> None:
    if name == "a.jsonl":  # line by line: more than one rejection, and always with a line
        records = read(name, data)
        assert records and not any(isinstance(r, Article) for r in records)
        assert reason in [r.reason for r in records if isinstance(r, Rejection)]
        return
    assert rejection(name, data) == Rejection(name, reason, line)


def test_a_text_of_one_line_that_is_a_sentence_is_an_article() -> None:
    article = only("a.txt", "医保服务热线是 12393，工作日可拨打。\n".encode())
    assert article.title == "医保服务热线是 12393，工作日可拨打"
    assert article.text == f"{article.title}。"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "只有标题"),
        ("a.txt", "只有标题\n\n  \n"),
        ("a.md", "---\ntitle: 只有标题\n---\n\n"),
        ("a.md", "# 只有标题\n"),
        ("a.jsonl", '{"title": "只有标题", "text": " "}'),
    ],
    ids=["txt", "txt-blank", "front-matter", "markdown", "jsonl"],
)
def test_title_without_text_holds_nothing(name: str, text: str) -> None:
    assert rejection(name, text).reason == "text: holds nothing"


# Markdown


def test_markdown() -> None:
    article = only("article.md", (SAMPLES / "article.md").read_bytes())
    assert article == Article(
        id="article.md",
        kind="article",
        title="补牙能不能走医保",
        text=(
            "治病的补牙一般可以报，美容的不行。\n\n能报的\n\n  • 普通材料的充填\n  • 根管治疗\n\n"
            "要带什么\n\n  1. 社保卡\n  2. 身份证\n\n不能报的\n\n烤瓷牙、<b>种植牙</b>、美白。"
        ),
        date=date(2025, 2, 14),
        source="参保问答编辑室",
        url="https://example.org/buya",
        path="article.md",
        sections=article.sections,
        facets={
            "province": ("黑龙江省",),
            "city": ("黑河市",),
            "insurance": ("职工医保", "居民医保"),
            "topic": ("口腔", "报销待遇"),
        },
    )
    assert outline(article) == [(2, "能报的"), (3, "要带什么"), (2, "不能报的")]
    assert_sections_cover(article)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("**门诊**统筹和*住院*", "门诊统筹和住院"),
        ("[备案](https://example.org/a) ![图](b.png)", "备案 图"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("- 甲\n  续\n  - 乙\n- 丙", "  • 甲\n    续\n    • 乙\n  • 丙"),
        ("3. 甲\n4. 乙", "  3. 甲\n  4. 乙"),
        ("> 引用", "引用"),
        ("| 医院 | 比例 |\n|---|---|\n| 一级 | 80% |", "医院 | 比例\n一级 | 80%"),
        ("```\n<b> 代码\n```", "<b> 代码"),
        ("    缩进的段落", "缩进的段落"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a &lt; b", "a < b"),
    ],
)
def test_markdown_marks_are_taken_out(body: str, text: str) -> None:
    assert only("a.md", f"---\ntitle: 题\n---\n{body}\n").text == text


@pytest.mark.parametrize(
    ("front", "field", "value"),
    [
        ("title: 2025", "title", "2025"),
        ("title: no", "title", "no"),
        ("id: 007", "id", "007"),
        ("id:", "id", "a.md"),
        ("date:", "date", None),
        ("date: ~", "date", None),
        ("date: 2024-05-01T23:30:00Z", "date", date(2024, 5, 2)),
        ("source: |\n  两行\n  来源", "source", "两行 来源"),
        ("province: []", "facets", {"province": ()}),
        ("province: 未注明", "facets", {"province": ()}),
        ("province:", "facets", {}),
        ("city: [黑河市, 黑河市, 绥化市]", "facets", {"city": ("黑河市", "绥化市")}),
        ("topic: 口腔、门诊", "facets", {"topic": ("口腔", "门诊")}),
        ("unknown: 什么", "facets", {}),
    ],
)
def test_front_matter_value(front: str, field: str, value: object) -> None:
    assert getattr(only("a.md", f"---\n{front}\n---\n正文。"), field) == value


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 大标题\n\n正文。", "大标题"),
        ("正文的第一句。第二句。", "正文的第一句"),
        ("---\nsource: 甲\n---\n# 大标题\n\n正文。", "大标题"),
        ("---\n---\n正文。", "正文"),
    ],
    ids=["heading", "sentence", "front-matter-without-title", "empty-front-matter"],
)
def test_markdown_without_stated_title(text: str, title: str) -> None:
    article = only("a.md", text)
    assert article.title == title
    assert article.text.startswith("正文")


@pytest.mark.parametrize(
    ("front", "reason", "line"),
    [
        ("title: 题\ndate: [未闭合", "front matter is not YAML: did not find expected ',' or ']'", 4),
        ("- 甲\n- 乙", "front matter: fields are needed (title: …)", 2),
        ("只是一句话", "front matter: fields are needed (title: …)", 2),
        ("title: 题\ndate: 2024-13-45", "date: “2024-13-45” is no date", 3),
        ("title: 题\n\ndate: 去年", "date: “去年” is no date", 4),
        ("date: 0001-01-01", "date: “0001-01-01” is no date", 2),
        ("title: {a: b}", "title: must be text", 2),
        ("title: 题\ncity: [[甲]]", "city: must be text", 3),
        ("id: ../../etc", "id: must not start or end with “/” nor hold “//”, “.” or “..” as a part", 2),
        ("kind: 广告", "kind: must be article or teaser", 2),
        ("city: 甲\ncity: 乙", "front matter is not YAML: a field is stated twice", 3),
        ("a: &x [1]\nb: *x", "front matter is not YAML: aliases are not allowed", 3),
        ("a: !!python/object/apply:os.system [id]\ntitle: 题\ndate: 坏", "date: “坏” is no date", 4),
    ],
)
def test_bad_front_matter_is_rejected_with_its_line(front: str, reason: str, line: int) -> None:
    assert rejection("a.md", f"---\n{front}\n---\n正文。") == Rejection("a.md", reason, line)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "---\ntitle: 题\nurl: javascript:alert(1)\n---\n正文。"),
        ("a.jsonl", '{"title": "题", "text": "正文。", "url": "javascript:alert(1)"}'),
        ("a.csv", "标题,正文,链接\n题,正文。,javascript:alert(1)"),
    ],
)
def test_an_unusable_address_costs_no_article_and_is_said(
    name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    article = only(name, text)
    assert (article.title, article.text, article.url) == ("题", "正文。", "")
    assert "url: “javascript:alert(1)” is no http(s) address" in caplog.text


@pytest.mark.parametrize("opening", ["---\n", ""], ids=["front-matter", "lines"])
def test_a_street_is_no_web_address(opening: str, caplog: pytest.LogCaptureFixture) -> None:
    text = f"{opening}标题: 办事大厅\n日期: 2024-05-01\n地址: 春水路8号\n{opening}\n窗口在一楼。"
    article = only("a.md", text)
    assert (article.title, article.url, caplog.text) == ("办事大厅", "", "")
    assert ("春水路" in article.text) is (opening == "")


def test_front_matter_that_does_not_end() -> None:
    assert rejection("a.md", "---\ntitle: 题\n正文。") == Rejection(
        "a.md", "front matter: the closing --- is missing", 1
    )


@pytest.mark.parametrize(
    "front",
    [
        "\n".join([f"a0: &a0 {'x' * 50}"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]),
        "title: " + "[" * 5000,
        "title: 题\n" + "\n".join(f"k{i}: v" for i in range(20000)),
    ],
    ids=["alias-bomb", "deep", "huge"],
)
def test_hostile_front_matter_is_rejected_quickly(front: str) -> None:
    started = time.process_time()
    assert "front matter" in rejection("a.md", f"---\n{front}\n---\n正文。").reason
    assert time.process_time() - started < 30


def test_front_matter_that_is_nested_too_deeply() -> None:
    front = "---\ntitle: " + "[" * 5000 + "\n---\n正文。"
    assert rejection("a.md", front) == Rejection("a.md", "front matter: nested too deeply", 1)


# JSONL


def test_jsonl(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        first, second, third, fourth = read("records.jsonl", (SAMPLES / "records.jsonl").read_bytes())
    assert first == Article(
        id="a-1",
        kind="article",
        title="断缴三个月怎么办",
        text="断缴后尽快补缴。",
        date=date(2024, 3, 5),
        source="样例",
        path="records.jsonl",
        facets={"city": ("石家庄市",)},
    )
    assert isinstance(second, Article) and second.id == "records.jsonl/3"
    assert third == Rejection("records.jsonl", "not JSON: Expecting value (column 39)", 4)
    assert isinstance(fourth, Article)
    assert (fourth.id, fourth.kind, fourth.date) == ("a-4", "teaser", date(2024, 3, 9))
    assert caplog.messages == ["records.jsonl: fields that no record has were ignored: 'color' (1)"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "not a record: a JSON object is needed"),
        ("null", "not a record: a JSON object is needed"),
        ("[" * 100_000, "not a record: nested too deeply"),
        ('{"title": "题"}', "text: missing"),
        ('{"text": 5}', "text: must be text"),
        ('{"text": "文", "title": ["题"]}', "title: must be text"),
        ('{"text": "文", "title": true}', "title: must be text"),
        ('{"text": "文", "date": "2024-02-30"}', "date: “2024-02-30” is no date"),
        ('{"text": "文", "date": 1714}', "date: “1714” is no date"),
        ('{"text": "文", "id": "/a"}', "id: must not start or end with “/” nor hold “//”, “.” or “..” as a part"),
        ('{"text": "文", "id": "a\\nb"}', "id: holds a character that cannot stand in a web address"),
        ('{"text": "文", "id": "\\ud800"}', "id: holds a character that cannot stand in a web address"),
        ('{"text": "文", "city": {"a": 1}}', "city: must be text"),
        ('{"text": "文", "url": ["http://a.example"]}', "url: must be text"),
        ('{"text": "文", "n": ' + "9" * 5000 + "}", "not a record: a number has too many digits"),
    ],
)
def test_bad_jsonl_line_is_rejected_and_the_others_go_on(line: str, reason: str) -> None:
    before, bad, after = read("a.jsonl", f'{{"text": "前"}}\n{line}\n{{"text": "后"}}\n'.encode())
    assert isinstance(before, Article) and isinstance(after, Article)
    assert isinstance(bad, Rejection)
    assert (bad.path, bad.line) == ("a.jsonl", 2)
    assert bad.reason.startswith(reason)


def test_jsonl_values_of_other_types() -> None:
    article = only("a.jsonl", '{"id": 7, "title": "", "text": "甲\\ud83d乙\\u0000。丙", "date": 20240501, "city": []}')
    assert article == Article(
        id="7",
        kind="article",
        title="甲\ufffd乙",
        text="甲\ufffd乙 。丙",
        date=date(2024, 5, 1),
        path="a.jsonl",
        facets={"city": ()},
    )


def test_jsonl_keeps_marked_headings() -> None:
    article = only(
        "a.jsonl", json.dumps({"title": "条例", "text": "## 第一章 总则\n第一条 甲。\n## 第二章 附则\n第二条 乙。"})
    )
    assert outline(article) == [(2, "第一章 总则"), (2, "第二章 附则")]
    assert article.text[article.sections[1].start : article.sections[1].body] == "## 第二章 附则"


def test_jsonl_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "x"}\n' * 100_000)
    with file.open("rb") as stream:
        records = read_jsonl(stream, "a.jsonl")
        assert [next(records) for _ in range(1000)][-1] == Article("a.jsonl/1000", "article", "x", "x", path="a.jsonl")
        assert stream.tell() < 100_000


def test_jsonl_line_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.formats.jsonl.MAX_LINE", 1024 * 1024)
    data = b'{"text": "' + b"x" * (3 * 1024 * 1024) + b'"}\n{"text": "ok"}\n'
    long, good = read("a.jsonl", data)
    assert long == Rejection("a.jsonl", "a line longer than 1 MB", 1)
    assert isinstance(good, Article) and good.id == "a.jsonl/2"


def test_packed_jsonl() -> None:
    text = (SAMPLES / "records.jsonl").read_bytes()
    packed = read("records.jsonl.xz", lzma.compress(text))
    assert [type(r) for r in packed] == [type(r) for r in read("records.jsonl", text)]


@pytest.mark.parametrize(
    "data", [b"not xz at all", lzma.compress(b'{"text": "ok"}\n' * 5000)[:-30]], ids=["foreign", "cut"]
)
def test_damaged_packing_is_reported(data: bytes) -> None:
    *_, last = read("a.jsonl.xz", data)
    assert isinstance(last, Rejection)
    assert last.reason.startswith("damaged xz data")


def test_tables_of_markdown_keep_their_cells() -> None:
    article = only("a.md", "| 医院 | 比例 |\n|---|---|\n| 一级 | 80% |\n| 二级 |  |\n\n后文\n")
    assert cells(article) == [[["医院", "比例"], ["一级", "80%"], ["二级", ""]]]
    assert [table.header for table in article.tables] == [1]


def test_real_corpus(shared: Path) -> None:
    records = read("corpus.jsonl", (shared / "corpora" / "policy_gz" / "corpus.jsonl").read_bytes())
    assert len(records) == 37
    assert all(isinstance(r, Article) and r.date and r.url for r in records)


# HTML


def test_html() -> None:
    article = only("page.html", (SAMPLES / "page.html").read_bytes())
    assert article == Article(
        id="page.html",
        kind="article",
        title="门诊统筹怎么报销",
        text=(
            "门诊统筹把普通门诊的费用也纳入报销，比例和限额由各地规定，看病前最好先问清楚。\n\n报销比例\n\n"
            "一级医院的比例通常最高，<script>alert(1)</script> 只是文字。\n三级医院最低。\n\n"
            "医院 | 比例\n一级 | 七成\n\n要带的东西\n\n  • 社保卡\n    • 实体卡\n    • 电子凭证\n  • 发票"
        ),
        date=date(2024, 9, 1),
        source="样例健康网",
        url="https://example.org/menzhen",
        path="page.html",
        sections=article.sections,
        tables=article.tables,
    )
    assert cells(article) == [[["医院", "比例"], ["一级", "七成"]]]
    assert outline(article) == [(2, "报销比例"), (3, "要带的东西")]
    assert_sections_cover(article)


PARAGRAPH = "<p>参保人员在异地就医前应当办理备案，备案成功后可以直接结算，未备案的需要先行垫付。</p>"


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta property="article:published_time" content="2024-13-77">',
        '<script type="application/ld+json">{"datePublished": "soon", "headline": [[</script>',
        '<link rel="canonical" href="javascript:alert(1)">',
        "<!--" * 1000 + "-->",
        "<?xml version='1.0' encoding='utf-16'?>",
    ],
    ids=["bare", "no-date", "broken-json-ld", "script-address", "comments", "xml-declaration"],
)
def test_html_with_wrong_metadata_is_still_read(head: str) -> None:
    article = only("a.html", f"{head}<title>备案</title>{PARAGRAPH * 3}")
    assert (article.date, article.url) == (None, "")
    assert "备案成功后可以直接结算" in article.text


def test_html_date_is_not_guessed_from_the_text() -> None:
    assert only("a.html", f"<title>题</title><p>2023年5月6日发布的办法。</p>{PARAGRAPH * 3}<p>© 2021</p>").date is None


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body></body></html>",
        b"<script>alert(1)</script>",
        b"<div>" * 50_000 + b"x",
        b"<" * 100_000,
        b"<table><tr><td>" * 20_000,
        b"<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a>&c;</a>" + b"<!--",
    ],
    ids=["empty-body", "only-script", "deep", "angles", "tables", "entities"],
)
def test_hostile_html_is_a_rejection_not_a_crash(data: bytes) -> None:
    assert rejection("a.html", data).reason == "no main text found in the page"


def test_html_too_large() -> None:
    assert rejection("a.html", b"<p>" + b"x" * (4 * 1024 * 1024)).reason == "larger than 4 MB"


# Dates, suffixes, size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01", date(2024, 5, 1)),
        ("2024/5/1", date(2024, 5, 1)),
        ("2024.5.1", date(2024, 5, 1)),
        ("2024年5月1日", date(2024, 5, 1)),
        ("２０２４年５月１日", date(2024, 5, 1)),
        ("20240501", date(2024, 5, 1)),
        ("2024-05-01 10:20:30", date(2024, 5, 1)),
        ("2024-05-01T20:00:00Z", date(2024, 5, 2)),
        ("2024-05-01T20:00:00+08:00", date(2024, 5, 1)),
    ],
)
def test_date(text: str, expected: date) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2024", "2024-5", "2024-02-30", "24-05-01", "2024-05/01", "2024-05-01以前", "9999-12-31T23:59:59-12:00"],
)
def test_no_date(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_date(text)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.md", ".md"),
        ("A.MD", ".md"),
        ("a.jsonl.xz", ".jsonl.xz"),
        ("a.htm", ".html"),
        ("a.json", ".json"),
        ("a.xz", ".rar"),
        ("md", None),
    ],
)
def test_suffix_chooses_the_reader(name: str, suffix: str | None) -> None:
    assert reader_for(name) is (READERS[suffix] if suffix else None)


def test_fifty_megabytes_of_text() -> None:
    part = "报销条件\n\n" + ("参保人员在异地就医前应当办理备案。" * 40 + "\n") * 20 + "\n"
    data = ("很大的文章\n\n" + part * (50_000_000 // len(part.encode()) + 1)).encode()
    started = time.process_time()
    article = only("big.txt", data)
    assert time.process_time() - started < 60
    assert len(article.sections) == 50_000_000 // len(part.encode()) + 1
    assert_sections_cover(article)


def test_more_than_64_megabytes_is_too_much_for_one_text() -> None:
    assert rejection("a.txt", b"x" * (64 * 1024 * 1024 + 1)).reason == "larger than 64 MB"
