"""PDF: reading order, paragraphs, columns, drawn tables, running heads, titles, pages as sections; what is refused."""

import io

import pypdfium2
import pytest
from pdfs import Page, pdf

from search.formats import READERS
from search.formats import pdf as formats_pdf
from search.model import Article, Rejection

FULL = "参保人员在定点医疗机构就医发生的费用由基金按规定支付其余部分由本人负担结算"  # reaches across a page
LEFT = 72.0


def only(data: bytes, name: str = "a.pdf") -> Article | Rejection:
    (record,) = READERS[".pdf"](io.BytesIO(data), name, None)  # type: ignore[arg-type]
    return record


def article(*pages: Page, title: str = "") -> Article:
    record = only(pdf(*pages, title=title))
    assert isinstance(record, Article), record
    return record


def paragraph(page: Page, y: float, last: str, first: str = FULL[2:]) -> Page:
    """Three lines: moved in by two characters, full, short."""
    return page.text(LEFT + 24, y, first).text(LEFT, y + 20, FULL).text(LEFT, y + 40, last)


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_told_apart() -> None:
    page = paragraph(paragraph(Page(), 200, "甲。"), 260, "乙。")
    assert article(page).text == f"{FULL[2:]}{FULL}甲。\n{FULL[2:]}{FULL}乙。"


def test_words_are_joined_with_a_blank_and_hyphens_go() -> None:
    page = Page().lines(LEFT, 100, ["the reimburse-", "ment of costs in", "hospitals"], size=26)
    assert article(page).text.startswith("the reimbursement of costs in hospitals")


def test_order_is_that_of_the_page_not_of_the_file() -> None:
    page = Page().text(LEFT, 300, "第二段在下面。").text(LEFT, 200, "第一段在上面。")
    assert article(page).text == "第一段在上面。\n第二段在下面。"


def columns(page: Page, y: float) -> Page:
    for x, name in ((50, "左"), (310, "右")):
        page.lines(x, y, [f"{name}{n}栏的文字从这里一直写到这栏的右边为止" for n in range(8)])
    return page


def test_two_columns_are_read_one_after_the_other_below_a_line_across_both() -> None:
    page = columns(Page().text(50, 100, FULL + "。"), 160)
    text = article(page).text
    assert [text.index(mark) for mark in ("参保", "左0", "左7", "右0", "右7")] == sorted(
        text.index(mark) for mark in ("参保", "左0", "左7", "右0", "右7")
    )
    assert "为止左1栏" in text


def test_a_table_without_lines_is_no_pair_of_columns() -> None:
    page = Page()
    for number in range(8):
        page.text(100, 100 + 20 * number, f"项目{number}").text(400, 100 + 20 * number, f"{number}00元")
    assert article(page).text.split("\n")[:2] == ["项目0 000元", "项目1 100元"]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_turned_page_reads_like_any_other(rotate: int) -> None:
    page = paragraph(Page(rotate=rotate), 200, "甲。")
    assert article(page).text == f"{FULL[2:]}{FULL}甲。"


@pytest.mark.parametrize(
    ("matrix", "way"), [("0 1 -1 0", (1, 0)), ("-1 0 0 -1", (0, -1)), ("0 -1 1 0", (-1, 0))], ids=["up", "over", "down"]
)
def test_text_that_is_turned_itself_is_read_along_its_lines(matrix: str, way: tuple[int, int]) -> None:
    page = Page()
    for number, line in enumerate(("甲行在前面abc。", "乙行在后面abc。")):
        page.text(300 + 20 * number * way[0], 400 + 20 * number * way[1], line, matrix=matrix)
    assert article(page).text == "甲行在前面abc。\n乙行在后面abc。"


def test_a_watermark_across_the_page_is_left_out() -> None:
    page = Page().text(LEFT, 200, "正文在此。").text(200, 500, "内部资料", 60, matrix="0.7 0.7 -0.7 0.7")
    assert article(page).text == "正文在此。"


def test_a_drawn_table_is_a_table_with_its_merged_cells() -> None:
    page = Page().text(LEFT, 100, "标准如下。")
    xs, ys = (100, 200, 300, 400), (200, 230, 260, 290)
    page.grid(xs[:2], ys).rule(400, 200, 400, 290).rule(300, 230, 300, 290)
    page.rule(200, 200, 400, 200).rule(200, 230, 400, 230).rule(100, 260, 400, 260).rule(100, 290, 400, 290)
    page.marks = [mark for mark in page.marks if mark != f"100 {842 - 230} m 200 {842 - 230} l S"]
    for x, y, text in (
        *((110, 220, "人员"), (210, 220, "报销比例"), (210, 250, "一级"), (310, 250, "三级")),
        *((110, 280, "退休"), (210, 280, "85%"), (310, 280, "75%")),
    ):
        page.text(x, y, text)
    found = article(page)
    assert found.text == "标准如下。\n\n人员 | 报销比例\n一级 | 三级\n退休 | 85% | 75%"
    (table,) = found.tables
    assert [[found.text[a:b] for a, b in row] for row in table.rows] == [
        ["人员", "报销比例", "报销比例"],
        ["人员", "一级", "三级"],
        ["退休", "85%", "75%"],
    ]
    assert table.header == 2


def over_two_pages(*, xs: tuple[float, ...] = (60, 200, 340), head: tuple[str, str] = ("药店", "地址")) -> Article:
    first, second = Page().text(LEFT, 80, FULL + "。").grid((60, 200, 340), (690, 720, 750)), Page()
    second.grid(xs, (60, 90, 120))
    for page, y, words in (
        (first, 710, ("药店", "地址")),
        (first, 740, ("甲店", "东路")),
        (second, 80, head),
        (second, 110, ("乙店", "西路")),
    ):
        page.text(70, y, words[0]).text(xs[1] + 10, y, words[1])
    return article(first, second.text(LEFT, 200, "完。"))


def rows_of(found: Article) -> list[list[list[str]]]:
    return [[[found.text[a:b] for a, b in row] for row in table.rows] for table in found.tables]


def test_a_table_that_goes_on_on_the_next_page_is_one_and_its_head_is_read_once() -> None:
    found = over_two_pages()
    assert rows_of(found) == [[["药店", "地址"], ["甲店", "东路"], ["乙店", "西路"]]]
    (page,) = [section for section in found.sections if section.anchor == "第2页"]
    assert found.text[page.start :].startswith("乙店 | 西路\n\n完。")


def test_rows_that_go_on_below_no_head_belong_to_the_table() -> None:
    found = over_two_pages(head=("丙店", "南路"))
    assert rows_of(found) == [[["药店", "地址"], ["甲店", "东路"], ["丙店", "南路"], ["乙店", "西路"]]]


def test_a_table_of_other_columns_on_the_next_page_is_another() -> None:
    assert len(over_two_pages(xs=(60, 240, 340)).tables) == 2


def noted(rule: float = 120, mark: str = "1") -> Article:
    """Two pages, a sentence that goes on from one to the other with a raised 1, a note at the foot of the first."""
    first = Page().text(LEFT, 100, FULL[:-2] + "一级").text(LEFT, 120, "医院。").text(LEFT + 24, 660, FULL[2:])
    first.text(LEFT + 36, 674.5, "1", 7).text(LEFT, 680, FULL[:3]).text(LEFT + 40, 680, FULL[3:-1])
    first.rule(LEFT, 700, LEFT + rule, 700).text(LEFT, 720, mark, 7).text(LEFT + 10, 720, "包括随迁", 10)
    first.text(LEFT, 734, "的人员。", 10)
    return article(first, Page().text(LEFT, 100, "和支付。").text(LEFT + 24, 140, "下一段。"))


def test_a_note_at_the_foot_stands_below_the_paragraph_that_goes_on_and_its_mark_in_neither() -> None:
    found = noted()
    assert f"{FULL[:3]}{FULL[3:-1]}和支付。\n包括随迁的人员。\n下一段。" in found.text
    assert "1" not in found.text


@pytest.mark.parametrize(("rule", "mark"), [(400, "1"), (120, "甲")], ids=["a line across the page", "no mark"])
def test_other_lines_below_a_line_are_no_notes(rule: float, mark: str) -> None:
    assert f"{FULL[:3]}1" in noted(rule, mark).text


def test_a_raised_number_is_read_where_it_stands() -> None:
    page = (
        Page()
        .text(LEFT, 100, "不少于100m", 16)
        .text(LEFT + 16 * 7, 93, "2", 9)
        .text(LEFT + 16 * 7 + 9, 100, "的场所。", 16)
    )
    assert article(page).text == "不少于100m2的场所。"


def test_a_cell_of_several_lines_is_one_cell() -> None:
    page = Page().grid((100, 200, 400), (200, 230, 300)).text(110, 220, "项目").text(210, 220, "说明")
    page.text(110, 250, "门诊").lines(210, 250, ["年度内累计超过起付标准", "的部分"])
    assert article(page).text == "项目 | 说明\n门诊 | 年度内累计超过起付标准的部分"


def test_a_frame_around_text_is_no_table() -> None:
    page = Page().grid((60, 540), (150, 300)).text(LEFT, 200, "框里的说明文字。")
    assert (article(page).text, article(page).tables) == ("框里的说明文字。", ())


def numbered(count: int) -> list[Page]:
    return [
        paragraph(
            Page().text(200, 60, "某省医疗保障政策汇编").text(280, 800, f"— {n} —"), 200, f"{'甲乙丙丁'[n - 1]}段终。"
        )
        for n in range(1, count + 1)
    ]


def test_running_heads_and_page_numbers_are_gone() -> None:
    text = article(*numbered(4)).text
    assert "汇编" not in text and "—" not in text
    assert text.count("段终。") == 4


def test_a_page_number_is_gone_from_a_single_page_and_a_number_in_the_text_stays() -> None:
    page = Page().text(LEFT, 200, "共计如下。").text(LEFT, 240, "12").text(290, 800, "第 1 页 共 1 页")
    assert article(page).text == "共计如下。\n12"


def test_what_differs_from_page_to_page_is_no_running_head() -> None:
    pages = [Page().text(LEFT, 60, f"{name}市的规定在此。").text(LEFT, 300, "相同的正文。") for name in "甲乙丙"]
    assert [f"{name}市的规定在此。" in article(*pages).text for name in "甲乙丙"] == [True] * 3


def test_pages_are_sections_that_stand_in_no_line() -> None:
    found = article(*numbered(3))
    assert [(s.heading, s.anchor) for s in found.sections] == [(f"第 {n} 页", f"第{n}页") for n in (1, 2, 3)]
    assert all(section.start == section.body for section in found.sections)
    assert [section.end for section in found.sections] == [
        found.sections[1].start,
        found.sections[2].start,
        len(found.text),
    ]
    assert "甲段终。" in found.text[found.sections[0].start : found.sections[0].end]


def test_a_file_is_opened_anew_after_some_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [paragraph(Page(), 200, f"{name}。") for name in "甲乙丙丁戊"]
    at_once = article(*pages)
    opened: list[int] = []
    real = pypdfium2.PdfDocument
    monkeypatch.setattr(pypdfium2, "PdfDocument", lambda data: (opened.append(len(data)), real(data))[1])
    monkeypatch.setattr(formats_pdf, "PAGES_AT_ONCE", 2)
    assert article(*pages) == at_once
    assert len(opened) == 1 + 3  # to count the pages, and for each two of them


def test_one_page_is_no_section() -> None:
    assert article(paragraph(Page(), 200, "甲。")).sections == ()


def test_a_paragraph_goes_on_on_the_next_page_which_begins_in_it() -> None:
    first = Page().text(LEFT + 24, 640, FULL[2:]).text(LEFT, 660, FULL)
    second = Page().text(LEFT, 100, "其余部分在后一页。").text(LEFT + 24, 120, "另一段。")
    found = article(first, second)
    assert found.text == f"{FULL[2:]}{FULL}其余部分在后一页。\n另一段。"
    assert found.text[found.sections[1].start :].startswith("其余部分")


def official(title: str) -> Page:
    page = Page().text(110, 100, "某省医疗保障局文件", 36).text(220, 150, "某医保发〔2024〕3号", 12)
    page.text(165, 220, "关于调整门诊待遇有关事项", 22).text(264, 250, "的通知", 22)
    return paragraph(page, 320, "甲。")


@pytest.mark.parametrize("stated", ["", "Microsoft Word - 文档1.doc", "无标题", "3号.docx"])
def test_the_title_is_the_large_lines_below_the_red_head(stated: str) -> None:
    found = article(official(stated), title=stated)
    assert found.title == "关于调整门诊待遇有关事项的通知"
    assert found.title not in found.text and "某医保发〔2024〕3号" in found.text


def test_below_a_title_of_its_size_stand_number_and_day_and_are_no_part_of_it() -> None:
    page = Page().text(165, 100, "关于调整门诊待遇有关事项", 22).text(264, 130, "的通知", 22)
    page.text(176, 160, "（某医保发〔2024〕3号）", 22).text(176, 190, "（2024年3月1日起执行）", 22)
    found = article(paragraph(page, 320, "甲。"))
    assert found.title == "关于调整门诊待遇有关事项的通知"
    assert found.text.split()[:2] == ["（某医保发〔2024〕3号）", "（2024年3月1日起执行）"]


def test_a_title_as_wide_as_the_page_goes_on_above_columns() -> None:
    page = Page().text(50, 60, "住院期间转院备案手续与报销比例变化说明", 26).text(240, 95, "政策宣传", 26)
    assert article(columns(page, 160)).title == "住院期间转院备案手续与报销比例变化说明政策宣传"


def test_lines_of_a_title_may_be_set_apart() -> None:
    page = Page().text(165, 100, "关于调整门诊待遇有关事项", 22).text(264, 150, "的通知", 22)
    assert article(paragraph(page, 320, "甲。")).title == "关于调整门诊待遇有关事项的通知"


def test_a_sentence_that_stands_in_the_middle_is_no_title() -> None:
    page = Page().lines(LEFT, 100, [FULL, FULL]).text(120, 140, "经办机构应当在十日内办结本条规定的事项。")
    assert article(page, title="").title != "经办机构应当在十日内办结本条规定的事项。"


def test_a_day_set_at_the_right_is_signed_and_does_not_go_on_on_the_next_page() -> None:
    first = paragraph(official(""), 400, "乙。")
    first.text(402, 700, "某省医疗保障局", 12).text(412, 725, "2024年3月1日", 12)
    found = article(first, Page().text(LEFT, 100, "附件一").text(LEFT, 130, FULL + "。"))
    assert found.date and found.date.isoformat() == "2024-03-01"
    assert (found.source, found.title) == ("某省医疗保障局", "关于调整门诊待遇有关事项的通知")
    assert [section.heading for section in found.sections] == ["第 1 页", "第 2 页"]
    assert found.text[found.sections[1].start :].startswith("附件一")


@pytest.mark.parametrize("number", ["一、办理时限", "（一）办理时限", "第二条", "2.办理时限"])
def test_a_number_begins_a_paragraph_after_a_full_line(number: str) -> None:
    page = Page().text(LEFT + 24, 180, FULL[2:]).text(LEFT, 200, FULL[:-1] + "。").text(LEFT, 220, number)
    assert article(page.text(LEFT + 24, 240, "当日办结。")).text.split("\n")[1] == number


def test_a_blank_as_wide_as_an_ideograph_is_one_and_a_spaced_title_has_none() -> None:
    found = article(Page().text(200, 100, "参　保　通　知", 24).text(LEFT, 200, "第一条　参保登记。"))
    assert (found.title, found.text) == ("参保通知", "第一条 参保登记。")


def test_stated_titles_count_where_the_page_shows_none() -> None:
    assert article(paragraph(Page(), 200, "甲。"), title="生育津贴问答").title == "生育津贴问答"


def test_radicals_are_read_as_the_ideographs_they_stand_for() -> None:
    assert article(Page().text(LEFT, 200, "⼈⼝与⺠⽣，⻓期。")).text == "人口与民生，长期。"


def test_characters_drawn_twice_for_bold_are_read_once() -> None:
    page = Page().text(LEFT, 200, "医保待遇。").text(LEFT + 0.4, 200, "医保待遇。")
    assert article(page).text == "医保待遇。"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(Page()), "no text in the file (scanned?)"),
        (pdf(Page().text(290, 800, "— 1 —")), "no text in the file (scanned?)"),
        (
            pdf(Page().text(72, 100, "\ue001\ue002\ue003医")),
            "no text in the file (its fonts do not say which characters",
        ),
        (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "the PDF is damaged"),
        (
            pdf(
                Page().text(72, 100, "文"),
                encrypt="/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <" + "41" * 32 + "> /U <"
                "42" + "42" * 31 + "> >> /ID [<00> <00>]",
            ),
            "the PDF is locked by a password",
        ),
    ],
    ids=["empty", "page-number-only", "no-unicode", "cut", "locked"],
)
def test_what_cannot_be_read_is_said(data: bytes, reason: str) -> None:
    record = only(data)
    assert isinstance(record, Rejection) and record.reason.startswith(reason)
