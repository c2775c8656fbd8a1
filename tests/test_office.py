"""Word, Excel, tables as text, JSON, archives: what becomes of them; what is mislabelled, locked, made to harm."""

import io
import json
import logging
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import docx.enum.style
import openpyxl
import pytest
from docx.oxml import parse_xml
from pdfs import Page, pdf

from search import formats
from search.facets import FACETS
from search.formats import READERS, libreoffice, office, skipped_by_type, wordnumbers
from search.formats.archive import Room
from search.indexing import ingest
from search.indexing.build import reindex
from search.indexing.builds import open_current
from search.indexing.ingest import read_sources, scan_all
from search.model import Article, Rejection
from search.settings import NO_SETTINGS
from webui.pages.article import blocks

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(name: str, data: bytes, **names: Any) -> list[Article | Rejection]:
    suffix = name[name.rindex(".") :]
    return list(READERS[suffix](io.BytesIO(data), name, FACETS, **names))


def only(name: str, data: bytes) -> Article:
    (found,) = read(name, data)
    assert isinstance(found, Article), found
    return found


def reason(name: str, data: bytes) -> str:
    (found,) = read(name, data)
    assert isinstance(found, Rejection), found
    return found.reason


def word(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def cells(article: Article, number: int = 0) -> list[list[str]]:
    return [[article.text[a:b] for a, b in row] for row in article.tables[number].rows]


# Word


def with_xml(*xml: str) -> Article:
    """The article of a document whose one paragraph holds this."""
    document = docx.Document()
    paragraph = document.add_paragraph("前")
    for one in xml:
        paragraph._p.append(parse_xml(one))
    return only("a.docx", word(document))


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (f"<w:ins {W}><w:r><w:t>加</w:t></w:r></w:ins>", "前加"),
        (f"<w:del {W}><w:r><w:delText>删</w:delText></w:r></w:del>", "前"),
        (f"<w:moveFrom {W}><w:r><w:t>移</w:t></w:r></w:moveFrom>", "前"),
        (f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>", "前"),
        (f"<w:r {W}><w:instrText>PAGE</w:instrText></w:r>", "前"),
        (f"<w:hyperlink {W}><w:r><w:t>链</w:t></w:r></w:hyperlink>", "前链"),
        (f"<w:sdt {W}><w:sdtContent><w:r><w:t>控</w:t></w:r></w:sdtContent></w:sdt>", "前控"),
        (f"<w:r {W}><w:t>上</w:t><w:br/><w:t>下</w:t></w:r>", "前上\n下"),
        (
            f"<w:r {W}><w:pict><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
            "前\n框",
        ),
    ],
    ids=["inserted", "deleted", "moved", "hidden", "field", "link", "control", "break", "box"],
)
def test_words_are_those_that_would_be_printed(xml: str, text: str) -> None:
    assert with_xml(xml).text == text


def test_a_text_box_that_is_there_twice_for_older_programs_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
    both = (
        f'<w:r {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
        f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>'
    )
    assert with_xml(both).text == "前\n框"


def test_headings_title_and_tables_of_a_document() -> None:
    document = docx.Document()
    document.add_heading("关于门诊待遇的通知", 0)
    document.add_heading("总则", 1)
    document.add_paragraph("甲。")
    document.add_heading("范围", 2)
    table = document.add_table(3, 3)
    for row, column, text in (
        (0, 0, "人员"),
        (0, 1, "比例"),
        (1, 1, "一级"),
        (1, 2, "三级"),
        (2, 0, "退休"),
        (2, 1, "85%"),
    ):
        table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    inner = table.cell(2, 2).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内甲", "内乙"
    found = only("a.docx", word(document))
    assert found.title == "关于门诊待遇的通知"
    assert [(s.heading, s.level) for s in found.sections] == [("总则", 1), ("范围", 2)]
    assert found.text.startswith("总则\n\n甲。\n\n范围\n\n人员 | 比例\n")
    assert cells(found) == [["人员", "比例", "比例"], ["人员", "一级", "三级"], ["退休", "85%", "内甲 内乙"]]
    assert found.tables[0].header == 2


def test_a_table_of_one_column_is_a_frame_around_text() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "框里的话。"
    found = only("a.docx", word(document))
    assert (found.text, found.tables) == ("框里的话。", ())


def test_a_table_of_contents_is_left_out_with_its_name() -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    for words, style in (
        ("目  录", None),
        ("一、总则\t1", "toc 1"),
        ("目录", None),
        ("一、总则", "Heading 1"),
        ("甲。", None),
    ):
        document.add_paragraph(words, style=style)
    assert only("a.docx", word(document)).text == "目录\n\n一、总则\n\n甲。"


def test_questions_of_a_document_are_its_headings() -> None:
    document = docx.Document()
    for words in ("缴费问答", "1.问：怎么续？", "答：到窗口。", "次月到账。", "2.问：多久？", "答：次月。"):
        document.add_paragraph(words)
    found = only("a.docx", word(document))
    assert [section.heading for section in found.sections] == ["1.问：怎么续？", "2.问：多久？"]


def test_numbers_that_word_counts_are_written() -> None:
    document = docx.Document()
    for text in ("甲", "乙"):
        document.add_paragraph(text, style="List Number")
    assert only("a.docx", word(document)).text == "1.甲\n2.乙"


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCounting", "十"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCounting", "一百零五"),
        (111, "chineseCounting", "一百一十一"),
        (3, "decimal", "3"),
        (28, "lowerLetter", "bb"),
        (9, "upperRoman", "IX"),
        (2, "decimalEnclosedCircle", "②"),
        (99, "decimalEnclosedCircle", "99"),
        (7, "bullet-of-the-future", "7"),
    ],
)
def test_forms_of_numbers(number: int, form: str, text: str) -> None:
    assert wordnumbers.written(number, form) == text


def test_a_centred_large_line_is_the_title_and_the_red_head_is_not() -> None:
    document = docx.Document()
    for text, size in (("某省医疗保障局文件", 36), ("关于调整待遇", 22), ("有关事项的通知", 22)):
        paragraph = document.add_paragraph()
        paragraph.alignment = 1
        paragraph.add_run(text).font.size = docx.shared.Pt(size)
    document.add_paragraph("正文。")
    found = only("a.docx", word(document))
    assert (found.title, found.text) == ("关于调整待遇有关事项的通知", "某省医疗保障局文件\n正文。")


def test_a_notice_in_word_says_title_issuer_and_day_and_has_its_numbered_sections() -> None:
    document = docx.Document()
    head = document.add_table(1, 2).rows[0].cells
    head[0].text, head[1].text = "青柳市医疗保障局", "文件"
    for text in ("青医保发〔2024〕3号", "关于调整生育医疗费用", "有关事项的通知", "各区医疗保障局：", "现通知如下。"):
        document.add_paragraph(text)
    for text in ("一、支付标准", "（一）产前检查", "按次支付。", "（二）住院分娩", "按病种支付。"):
        document.add_paragraph(text)
    document.add_paragraph("青柳市医疗保障局")
    document.add_paragraph("二〇二四年三月一日")
    document.add_page_break()
    document.add_paragraph("附件")
    found = only("2023-01-01.docx", word(document))
    assert (found.title, found.source) == ("关于调整生育医疗费用有关事项的通知", "青柳市医疗保障局")
    assert (str(found.date), found.evidence[-1].rule) == ("2024-03-01", "the signature")
    assert [section.heading for section in found.sections] == ["一、支付标准", "（一）产前检查", "（二）住院分娩"]
    assert found.text.startswith("青柳市医疗保障局 | 文件\n\n青医保发〔2024〕3号\n各区医疗保障局：")


def test_a_layout_shows_a_title_with_the_issuer_that_lines_alone_do_not() -> None:
    document = docx.Document()
    for text in ("青柳市医疗保障局", "关于调整待遇的通知"):
        paragraph = document.add_paragraph()
        paragraph.alignment = 1
        paragraph.add_run(text).font.size = docx.shared.Pt(22)
    for text in ("各区医疗保障局：", "调整如下。"):
        document.add_paragraph(text)
    found = only("a.docx", word(document))
    assert (found.title, found.source) == ("青柳市医疗保障局关于调整待遇的通知", "青柳市医疗保障局")
    assert found.text == "各区医疗保障局：\n调整如下。"


def test_a_row_of_a_table_is_no_title() -> None:
    sheet = [("青医保〔2024〕1号", None), ("药品", "定点医院目录"), ("甲药", "一院"), ("乙药", "二院")]
    found = only("双通道药品目录.xlsx", workbook(*sheet))
    assert found.title == "青医保〔2024〕1号"  # the caption


@pytest.mark.parametrize("suffix", ["docx", "xlsx"])
def test_a_file_that_shows_no_title_has_title_and_day_of_its_name(suffix: str) -> None:
    document = docx.Document()
    document.add_paragraph("参保人员可以在窗口办理。")
    data = word(document) if suffix == "docx" else workbook(("甲", "1"), ("乙", "2"))
    found = only(f"窗口办理指引_20240301.{suffix}", data)
    assert (found.title, str(found.date)) == ("窗口办理指引", "2024-03-01")
    assert found.evidence[-1].rule == "the file's name"


# Excel


def workbook(*rows: Sequence[object], merged: Sequence[str] = (), forms: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, form in (forms or {}).items():
        sheet[cell].number_format = form
    for area in merged:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_sheet_of_questions_and_answers_is_an_article_a_row() -> None:
    data = workbook(
        ["医保问答"], ["序号", "问题", "答案", "地市"], [1, "怎么备案", "先备案。", "黑河市"], [2, "断缴", "补缴。", ""]
    )
    found = read("a.xlsx", data)
    assert [(a.id, a.title, a.text, a.facets) for a in found if isinstance(a, Article)] == [
        ("a.xlsx/3", "怎么备案", "先备案。", {}),
        ("a.xlsx/4", "断缴", "补缴。", {}),
    ]


def test_any_other_sheet_is_a_table_with_its_caption_as_title() -> None:
    data = workbook(
        ["2024年标准"],
        ["级别", "比例", None, "起"],
        [None, "在职", "退休", None],
        ["一级", 0.7, 0.755, datetime(2024, 1, 5)],
        ["二级", 200, 1.5, datetime(2024, 1, 5, 8, 30)],
        merged=["A1:D1", "B2:C2", "A2:A3", "D2:D3"],
        forms={"B4": "0%", "C4": "0.0%"},
    )
    found = only("表.xlsx", data)
    assert found.title == "2024年标准"
    assert cells(found) == [
        ["级别", "比例", "比例", "起"],
        ["级别", "在职", "退休", "起"],
        ["一级", "70%", "75.5%", "2024-01-05"],
        ["二级", "200", "1.5", "2024-01-05 08:30"],
    ]
    assert found.tables[0].header == 2


def test_formulas_have_the_values_last_computed_and_none_where_none_was() -> None:
    data = workbook(["项目", "金额"], ["甲", "=1+1"])
    assert only("a.xlsx", data).text == "项目 | 金额\n甲 |"


def test_a_million_empty_rows_cost_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["B1048576"] = "上", "中", "下"
    stream = io.BytesIO()
    book.save(stream)
    assert only("a.xlsx", stream.getvalue()).text == "上 | 中\n | 下"


def test_hidden_sheets_are_left_out_and_others_are_sections() -> None:
    book = openpyxl.Workbook()
    book.active.title = "职工"
    book.active.append(["甲", "乙"])
    for title, state in (("居民", "visible"), ("选项", "hidden")):
        sheet = book.create_sheet(title)
        sheet.append([f"{title}甲", f"{title}乙"])
        sheet.sheet_state = state
    stream = io.BytesIO()
    book.save(stream)
    found = only("标准.xlsx", stream.getvalue())
    assert found.title == "标准"
    assert [s.heading for s in found.sections] == ["职工", "居民"]
    assert "选项" not in found.text


# Tables and records as text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "标题,内容\n备案,先备案。\n"),
        ("a.csv", "\ufefftitle;content;city\n备案;先备案。;\n"),
        ("a.tsv", "subject\tbody\n备案\t先备案。\n"),
        ("a.txt", "问题\t解答\n备案\t先备案。\n"),
        ("a.json", '[{"headline": "备案", "text": "先备案。", "city": ""}]'),
        ("a.json", '{"total": 1, "data": [{"标题": "备案", "正文": "先备案。"}]}'),
        ("a.json", '{"Question": "备案", "Answer": "先备案。"}'),
        ("a.json", '{"title": "备案", "text": "先备案。"}\n{"title": "备案", "text": "先备案。"}\n'),
        ("a.ndjson", '{"title": "备案", "summary": "先备案。", "text": ""}\r'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_records_under_common_names(name: str, text: str, encoding: str) -> None:
    first, *_ = read(name, text.encode(encoding, "ignore"))
    assert isinstance(first, Article), first
    assert (first.title, first.text, first.facets) == ("备案", "先备案。", {})


def test_a_table_without_questions_is_one_article() -> None:
    found = only("标准.csv", '级别,"起付,标准"\n一级,100\n'.encode())
    assert (found.title, cells(found)) == ("标准", [["级别", "起付,标准"], ["一级", "100"]])


def test_lines_end_with_cr_alone() -> None:
    found = read("a.jsonl", '{"text": "甲"}\r{"text": "乙"}\r\r{"text": "丙"}'.encode())
    assert [a.id for a in found if isinstance(a, Article)] == ["a.jsonl/1", "a.jsonl/2", "a.jsonl/4"]


@pytest.mark.parametrize(
    ("stated", "values"),
    [
        ("", None),
        (None, None),
        ([""], None),
        ([], ()),
        ("黑河市/绥化市", ("黑河市", "绥化市")),
        ('["黑河市","绥化市"]', ("黑河市", "绥化市")),
        ("['黑河市', '绥化市']", ("黑河市", "绥化市")),
        ("[黑河市, 绥化市]", ("黑河市", "绥化市")),
    ],
)
def test_values_of_a_facet_however_they_are_written(stated: object, values: tuple[str, ...] | None) -> None:
    found = only("a.jsonl", json.dumps({"text": "甲", "city": stated}).encode())
    assert found.facets.get("city") == values


def test_a_city_may_have_its_province_before_it() -> None:
    assert [FACETS.resolve("city", name) for name in ("吉林省长春市", "吉林长春", "长春市榆树市")] == ["长春市"] * 3
    assert FACETS.resolve("province", "吉林省长春市") == "吉林省"
    with pytest.raises(Exception, match="unknown city"):
        FACETS.resolve("city", "河北省长春市")


def test_what_was_read_as_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read("a.jsonl", '{"content": "甲", "views": 3}\n{"content": "乙"}\n'.encode())
    assert [record.getMessage() for record in caplog.records] == [
        "a.jsonl: names that were read as fields: 'content' as text (2)",
        "a.jsonl: fields that no record has were ignored: 'views' (1)",
    ]


def test_an_operator_says_which_name_is_which_field_and_changes_that(tmp_path: Path) -> None:
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"title": "甲", "text": "乙", "remark": "丙"}\n', "utf-8")
    said = NO_SETTINGS.with_fields({"text": "remark"})
    reindex([folder], index, settings=said)
    assert [article.text for article in open_current(index).articles()] == ["丙"]
    assert reindex([folder], index, settings=said, changed=True).build_id is None
    report = reindex([folder], index, changed=True)
    assert (report.build_id is not None, report.changes.changed) == (True, 1)


BIG5 = "全民健康保險對象應自行負擔住院費用，部分負擔之比率如下。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (BIG5, "big5"),
        (BIG5, "gb18030"),
        ("职工医保门诊报销比例为百分之六十。", "gb18030"),
        ("门诊，繁體也可以读。", "gb18030"),
    ],
)
def test_encodings_of_chinese_are_told_apart(text: str, encoding: str) -> None:
    assert only("a.txt", f"問\n{text}\n".encode(encoding, "ignore")).text == text


@pytest.mark.parametrize("text", ["\n=== PAGE 1 ===\n\n=== PAGE 2 ===\n", "- 1 -\n\f- 2 -\n", "第 1 页\n第 2 页\n"])
def test_a_scan_that_left_page_numbers_only_has_no_text(text: str) -> None:
    assert reason("a.txt", text.encode()) == "no text in the file (scanned?)"


# What is not what it is called, or means harm


@pytest.mark.parametrize("name", ["a.doc", "a.docx", "a.xls", "a.pdf", "a.wps"])
def test_what_a_file_is_its_bytes_tell(name: str) -> None:
    document = docx.Document()
    document.add_paragraph("门诊统筹的说明。")
    page = "<html><body><p>门诊统筹的说明，参保人员在定点医疗机构就医的费用按规定支付。</p></body></html>"
    files = [word(document), pdf(Page().text(72, 200, "门诊统筹的说明。")), page.encode("gb18030")]
    assert [only(name, data).text[:7] for data in files] == ["门诊统筹的说明"] * 3


def test_lines_called_xls_are_a_table_and_text_called_docx_is_refused() -> None:
    lines = "级别\t标准\n一级\t100\n".encode("gb18030")
    assert cells(only("a.xls", lines)) == [["级别", "标准"], ["一级", "100"]]
    assert reason("a.docx", lines).startswith("not what its name says")


@pytest.mark.parametrize(
    ("limit", "size", "part", "said"),
    [
        ("MAX_UNPACKED", 2 << 20, "word/media/a.bmp", "it unpacks to more than 1 MB"),
        ("_SMALL", 2 << 20, "word/media/a.bmp", "it unpacks to more than 200 times its size"),
        ("MAX_TREE", 2 << 20, "word/document.xml", "a document of more than 1 MB of text and marks; split it"),
    ],
)
def test_a_document_that_unpacks_to_too_much_is_not_unpacked(
    limit: str, size: int, part: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, limit, 1 << 20)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/styles.xml", "<w/>")
        archive.writestr(part, b" " * size)
    assert reason("a.docx", stream.getvalue()) == said


def test_entities_are_a_reason_to_refuse() -> None:
    document = docx.Document()
    document.add_paragraph("XX")
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word(document))) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "word/document.xml":
                head, _, rest = data.partition(b"?>")
                data = (
                    head + b'?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest.replace(b"XX", b"X&e;Y")
                )
            new.writestr(info, data)
    assert reason("a.docx", stream.getvalue()) == "the Word document is damaged (it declares entities)"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.docx", b"", "the file is empty"),
        ("a.docx", b"PK\x03\x04" + bytes(40), "the file is damaged"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "the document is locked by a password"),
        ("a.xls", OLE + "Workbook".encode("utf-16-le"), "the workbook is damaged"),
        ("a.doc", OLE, "not what its name says"),
        ("a.ofd", "OFD.xml", "OFD is not read"),
        ("a.docx", "ppt/presentation.xml", "presentations are not read"),
        ("a.docx", "x.txt", "not what its name says: an archive"),
        ("a.docx", "word/other.xml", "the Word document is damaged"),
        ("a.xlsx", "xl/other.xml", "the workbook is damaged"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes | str, said: str) -> None:
    if isinstance(data, str):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(data, "<a/>")
        data = stream.getvalue()
    assert reason(name, data).startswith(said)


def test_without_libreoffice_it_is_said_what_reads_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert reason("a.doc", OLE + "WordDocument".encode("utf-16-le")) == libreoffice.MISSING
    assert reason("a.rtf", b"{\\rtf1 x}") == libreoffice.MISSING


def test_without_the_extra_one_line_counts_what_it_would_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(formats, "has_office", lambda: False)
    for name in ("a.pdf", "b.PDF", "c.docx", "d.png", "e", "f.txt"):
        (tmp_path / name).write_text("标题\n文", "utf-8")
    files, skipped = scan_all([tmp_path])
    assert [file.path for file in files] == ["f.txt"]
    assert skipped_by_type(skipped) == [
        "2 .pdf, 1 .docx are read with `pip install 'yibao-search[office]'`",
        "1 .png are pictures: a program that recognises text can make PDF of them",
        "1 without a suffix are read by no format",
    ]


def test_a_page_has_a_heading_on_the_page_of_the_article_that_is_in_no_line() -> None:
    found = only("a.pdf", pdf(Page().text(72, 200, "甲。"), Page().text(72, 200, "乙。")))
    shown = [(block.kind, block.anchor, "".join(piece.text for piece in block.items[0])) for block in blocks(found, ())]
    assert shown == [
        ("heading", "第1页", "第 1 页"),
        ("paragraph", "", "甲。"),
        ("heading", "第2页", "第 2 页"),
        ("paragraph", "", "乙。"),
    ]


# Archives


def test_an_archive_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "PARSED_FROM", {})  # in this process: that another one reads is tested elsewhere
    document = docx.Document()
    document.add_paragraph("门诊。")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("二/b.docx", word(document))
        archive.writestr("a.txt", "标题\n文")
        for name in ("README.md", "__MACOSX/._a.txt", ".x/y.txt"):
            archive.writestr(name, "标题\n文")
        archive.writestr("bomb.txt", b"a" * (9 << 20))
        for name in ("../up.txt", "c.zip", "d.png", "e.jsonl"):
            archive.writestr(name, "x")
    found = list(read_sources([tmp_path]))
    assert [a.id for a in found if isinstance(a, Article)] == ["a.zip/a.txt", "a.zip/二/b.docx"]
    assert {record.path for record in found} == {"a.zip"}
    assert [r.reason for r in found if isinstance(r, Rejection)] == [
        "../up.txt: its name leads out of the archive",
        "bomb.txt: it unpacks to more than 200 times its size",
        "c.zip: the archive is damaged (BadZipFile)",
        "e.jsonl:1: not JSON: Expecting value (column 1)",
        "not read in the archive: 1 .png are pictures: a program that recognises text can make PDF of them",
    ]


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def in_archive(folder: Path, files: dict[str, bytes]) -> tuple[list[str], list[str]]:
    (folder / "a.zip").write_bytes(packed(files))
    found = [*read_sources([folder])]
    assert {record.path for record in found} == {"a.zip"}
    return [r.id for r in found if isinstance(r, Article)], [r.reason for r in found if isinstance(r, Rejection)]


TEXT = "标题\n文".encode()


def test_an_archive_in_an_archive_is_read_and_one_in_that_is_not(tmp_path: Path) -> None:
    inner = packed({"c.txt": TEXT, "d.zip": packed({"e.txt": TEXT}), "f.txt": b""})
    assert in_archive(tmp_path, {"二/b.zip": inner, "z.txt": TEXT}) == (
        ["a.zip/z.txt", "a.zip/二/b.zip/c.txt"],
        [
            "二/b.zip: d.zip: an archive in an archive in an archive is not read; unpack it",
            "二/b.zip: f.txt: the file is empty",
        ],
    )


def test_files_are_counted_over_archives_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"{number}.txt": TEXT for number in range(3)}
    monkeypatch.setattr(ingest, "Room", lambda: Room(files=7))
    ids, reasons = in_archive(tmp_path, {"b.zip": packed(texts), "c.zip": packed(texts)})
    assert ids == [f"a.zip/b.zip/{number}.txt" for number in range(3)]
    assert reasons == ["c.zip: more than 10,000 files in the archive"]


def test_bytes_are_counted_over_archives_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT * 150
    monkeypatch.setattr(ingest, "Room", lambda: Room(unpacked=len(text) * 2))
    ids, reasons = in_archive(
        tmp_path, {"b.zip": packed({"1.txt": text}), "c.txt": text, "d.zip": packed({"1.txt": text})}
    )
    assert ids == ["a.zip/b.zip/1.txt"]
    assert [reason.partition(": the")[0] for reason in reasons] == ["c.txt", "d.zip: 1.txt"]


def test_how_well_a_file_is_packed_is_counted_over_both_archives(tmp_path: Path) -> None:
    """Twelve million bytes of one line pack 190 times; beside eight million zeros their archive packs again."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("b.txt", "".join(f"{n} " for n in range(4_000)).encode() * 600, zipfile.ZIP_DEFLATED)
        (info,) = archive.infolist()
        assert 8 << 20 < info.file_size < 200 * info.compress_size
        archive.writestr("c.bin", b"0" * 8_000_000)
    assert in_archive(tmp_path, {"b.zip": stream.getvalue()}) == (
        [],
        [
            "b.zip: b.txt: it unpacks to more than 200 times its size",
            "b.zip: not read in the archive: 1 .bin are read by no format",
        ],
    )


@pytest.mark.parametrize("name", ["a.rar", "a.7z", "a.tar", "a.tar.gz", "a.tgz"])
def test_other_archives_say_what_to_do(name: str) -> None:
    assert reason(name, b"Rar!\x1a\x07\x01\x00") == "of archives only .zip is read: unpack it, or pack it as .zip"


def test_another_archive_called_zip_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"Rar!\x1a\x07\x01\x00")
    (found,) = read_sources([tmp_path])
    assert isinstance(found, Rejection) and found.reason.startswith("of archives only .zip is read")


def test_names_in_an_archive_packed_on_windows(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("AAAA.txt", "标题\n文")
    (tmp_path / "a.zip").write_bytes(stream.getvalue().replace(b"AAAA", "通知".encode("gb18030")))
    assert [r.id for r in read_sources([tmp_path]) if isinstance(r, Article)] == ["a.zip/通知.txt"]


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 nothing")
    assert [str(record) for record in read_sources([tmp_path])] == ["a.zip: the archive is damaged (BadZipFile)"]


# Tables as offices lay them out


def sheet(*rows: Sequence[Any], merged: Sequence[str] = (), formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    for place, form in (formats or {}).items():
        page[place].number_format = form
    return word(book)


def test_what_stands_above_a_table_is_none_of_its_rows() -> None:
    rows = (
        ["附件2"],
        ["2025年机构名单"],
        ["填报单位：县局", None, "单位：家"],
        ["序号", "名称", "等级"],
        [1, "县医院", "二级"],
    )
    article = only("a.xlsx", sheet(*rows, merged=["A2:C2"]))
    assert article.title == "2025年机构名单"
    assert article.text.startswith("附件2\n填报单位：县局 单位：家\n\n序号")
    assert cells(article) == [["序号", "名称", "等级"], ["1", "县医院", "二级"]]
    assert article.tables[0].header == 1


def test_two_header_rows_below_a_title() -> None:
    rows = (["待遇表"], ["类别", "门诊", None], [None, "起付线", "比例"], ["职工", 300, "60%"])
    article = only("a.xlsx", sheet(*rows, merged=["A1:C1", "B2:C2", "A2:A3"]))
    assert (article.title, article.tables[0].header) == ("待遇表", 2)
    assert cells(article)[:2] == [["类别", "门诊", "门诊"], ["类别", "起付线", "比例"]]


def test_a_row_of_one_cell_inside_a_table_stays_in_it_and_one_below_an_empty_row_begins_another() -> None:
    inside = only("a.xlsx", sheet(["名称", "数"], ["一、城关镇"], ["甲", 1], ["二、河西乡"], ["乙", 2]))
    assert len(inside.tables) == 1
    apart = only(
        "b.xlsx", sheet(["一、职工"], ["单位", "个人"], [8, 2], [], ["二、居民"], ["档次", "个人"], ["一档", 400])
    )
    assert [section.heading for section in apart.sections] == ["一、职工", "二、居民"]
    assert (len(apart.tables), apart.title) == (2, "b")


def test_a_form_keeps_its_labels_as_cells() -> None:
    article = only("a.xlsx", sheet(["姓名：", None, "性别：", None], ["住址：", "某村"]))
    assert len(article.tables) == 1
    assert cells(article)[0] == ["姓名：", "", "性别："]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (12.5, "#,##0.00", "12.50"),
        (12.5, "0.0_ ", "12.5"),
        (1234, "0.00", "1234.00"),
        (12.5, "General", "12.5"),
        (12.5, "0.0E+00", "12.5"),
        (datetime(2024, 5, 1), 'yyyy"年"m"月"', "2024-05"),
        (datetime(2024, 5, 1), 'yyyy"年"m"月"d"日"', "2024-05-01"),
        (datetime(2024, 5, 1), "yyyy-mm", "2024-05"),
    ],
)
def test_a_value_as_its_cell_shows_it(value: object, form: str, shown: str) -> None:
    assert cells(only("a.xlsx", sheet(["项", "值"], ["甲", value], formats={"B2": form})))[1][1] == shown


def test_a_page_called_xls_has_its_name_from_the_file() -> None:
    table = "<table><tr><td>医院</td><td>电话</td></tr><tr><td>县医院</td><td>0000</td></tr></table>"
    assert only("名单.xls", f"<html><body>{table}</body></html>".encode()).title == "名单"


def test_a_saved_page_knows_where_it_was_saved_from() -> None:
    where = "https://ybj.example.cn/1.html"
    body = (
        "<html><title>断缴</title><h1>断缴</h1><p>断缴三个月以内补缴的，待遇连续计算，超过的重新计算等待期。</p></html>"
    )
    head = f'Snapshot-Content-Location: {where}\nContent-Type: multipart/related; boundary="B"\n\n--B\n'
    assert only("a.mht", f"{head}Content-Type: text/html; charset=utf-8\n\n{body}\n--B--\n".encode()).url == where
    bad = head.replace("https:", "file:")
    assert only("a.mht", f"{bad}Content-Type: text/html; charset=utf-8\n\n{body}\n--B--\n".encode()).url == ""


def test_bold_paragraphs_of_word_are_headings_where_none_is_marked() -> None:
    document = docx.Document()
    for words, bold in (("问答", False), ("能报吗？", True), ("能报。", False), ("怎么领", True), ("到窗口。", False)):
        document.add_paragraph().add_run(words).bold = bold
    assert [section.heading for section in only("a.docx", word(document)).sections] == ["能报吗？", "怎么领"]
    document.add_heading("依据", 1)
    assert [section.heading for section in only("a.docx", word(document)).sections] == ["依据"]


def test_a_field_that_nobody_filled_in_says_nothing() -> None:
    document = docx.Document()
    document.add_paragraph("申请表说明")
    control = "<w:sdt {}><w:sdtPr>{}</w:sdtPr><w:sdtContent><w:r><w:t>{}</w:t></w:r></w:sdtContent></w:sdt>"
    for mark, words in (("<w:showingPlcHdr/>", "单击此处"), ("", "张三")):
        document.add_paragraph("姓名：")._p.append(parse_xml(control.format(W, mark, words)))
    text = only("a.docx", word(document)).text
    assert "单击此处" not in text
    assert "姓名：张三" in text
