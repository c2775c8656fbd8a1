"""Large files: what is empty in them costs nothing, what is too long is divided, and nothing of them is lost."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.facets import FACETS
from search.formats import docx as docx_format
from search.formats import filled_cells, html, tables
from search.formats import parts as parts_module
from search.formats.delimited import read_delimited
from search.formats.filled_cells import FilledCells
from search.formats.office import read_office
from search.formats.outline import Outline
from search.formats.parts import parts
from search.indexing.ingest import read_file, scan
from search.model import Article, Rejection, Section


def only(name: str, data: bytes) -> Article | Rejection:
    (found,) = read_office(io.BytesIO(data), name, FACETS)
    return found


# Sheets


def sheet_xml(rows: str, dimension: str = "") -> bytes:
    book = openpyxl.Workbook()
    stream, packed = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                data = f'<worksheet xmlns="{main}">{dimension}<sheetData>{rows}</sheetData></worksheet>'.encode()
            after.writestr(name, data)
    return packed.getvalue()


FULL = '<c r="B{0}" t="inlineStr"><is><t>值{0}</t></is></c>'
EMPTY = (
    '<c r="A{0}" s="0"/>',
    '<c r="A{0}" s="0" ></c>',
    '<c r="A{0}" s="0" t="s"><v/></c>',
    '<c r="A{0}"><v></v></c>',
    '<c  r="A{0}" s="0"><v></v></c>',
)


@pytest.mark.parametrize("empty", EMPTY)
def test_cells_with_a_style_and_no_value_never_reach_the_parser(empty: str) -> None:
    rows = [f'<row r="{n}" s="1">{empty.format(n)}{FULL.format(n) if n % 50 == 0 else ""}</row>' for n in range(1, 101)]
    data = sheet_xml("".join(rows) + '<row r="101" s="2" customFormat="1"/>')
    with FilledCells(io.BytesIO(data)) as book, book.open("xl/worksheets/sheet1.xml") as sheet:
        left = sheet.read().decode()
    assert left.count("<c ") == 2 and left.count("<row ") == 2
    found = only("a.xlsx", data)
    assert isinstance(found, Article) and (found.title, found.text) == ("值50", "值100")


@pytest.mark.parametrize("chunk", range(1, 90, 7))
def test_what_is_in_a_sheet_is_found_wherever_a_chunk_ends(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filled_cells, "_CHUNK", chunk)
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/>{FULL.format(n)}<c r="C{n}"><v>{n}</v></c></row>' for n in (1, 7))
    found = only("a.xlsx", sheet_xml(rows + '<row r="9"><c r="A9"/></row>'))
    assert isinstance(found, Article) and found.text == "值1 | 1\n值7 | 7"


def test_cells_that_do_not_say_their_place_are_left_where_they_are() -> None:
    rows = '<row><c s="0"/><c t="inlineStr"><is><t>乙</t></is></c></row><row/>'
    rows += '<row r="3"><c r="A3"><v>1</v></c></row><row r="4"><c r="B4"><v>2</v></c></row>'
    found = only("a.xlsx", sheet_xml(rows))
    assert isinstance(found, Article) and found.title == "乙" and found.text == "1 |\n | 2"


# Word


def test_the_tree_of_a_document_is_bounded_and_its_length_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_format, "MAX_PARAGRAPHS", 4)
    document = docx.Document()
    for number in range(20):
        document.add_paragraph(f"第{number}段，门诊统筹的说明。")
    document.add_table(2, 2).cell(1, 1).text = "格"
    document.add_paragraph("尾段。")
    stream = io.BytesIO()
    document.save(stream)
    found = only("说明资料.docx", stream.getvalue())
    assert isinstance(found, Article)
    assert found.text.count("门诊统筹的说明") == 20 and found.text.endswith("尾段。") and len(found.tables) == 1
    document.add_table(3, 2)
    document.save(stream := io.BytesIO())
    assert only("说明资料.docx", stream.getvalue()) == Rejection(
        "说明资料.docx", "a table of more than 4 cells; split it"
    )


# Pages


def test_pictures_in_a_page_do_not_count_for_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_HTML", 4000)
    picture = base64.b64encode(bytes(6000)).decode()
    body = "".join(f"<p>参保人员在第{n}号窗口办理门诊报销，一般三个工作日办结。</p>" for n in range(12))
    body += f'<img src="data:image/png;base64,{picture}">'
    page = f"<html><head><title>门诊图解</title></head><body>{body}</body></html>"
    (found,) = html.read_html(io.BytesIO(page.encode()), "a.html")
    assert isinstance(found, Article) and found.text.count("号窗口") == 12
    (found,) = html.read_html(io.BytesIO(page.replace("data:image", "x:image").encode()), "a.html")
    assert isinstance(found, Rejection) and found.reason.startswith("larger than")


# Long articles


def divided(article: Article, most: int) -> list[Article]:
    return list(parts(article, most))


def long_article() -> Article:
    outline = Outline()
    for number in range(6):
        outline.heading(2, f"第{number}节")
        for line in range(4):
            outline.block(f"第{number}节第{line}段的话说完了。")
        outline.table([["级别", "标准"], *[[f"{row}级", f"{number}{row}元"] for row in range(4)]], 1)
    written = outline.finish()
    return Article("a.txt", "article", "汇编", written.text, sections=written.sections, tables=written.tables)


@pytest.mark.parametrize("most", [40, 70, 100, 150, 400])
def test_an_article_too_long_is_divided_and_nothing_of_it_is_lost(most: int) -> None:
    whole = long_article()
    found = divided(whole, most)
    assert "".join("".join(part.text.split()) for part in found) == "".join(whole.text.split())
    assert all(len(part.text) <= most for part in found)
    assert len({part.id for part in found}) == len(found) and found[0].id == "a.txt"
    cells = [part.text[a:b] for part in found for table in part.tables for row in table.rows for a, b in row]
    assert cells == [whole.text[a:b] for table in whole.tables for row in table.rows for a, b in row]
    heads = [part.text[s.start : s.body] for part in found for s in part.sections if s.body > s.start]
    assert heads == [section.heading for section in whole.sections]
    assert all(0 <= s.start <= s.body <= s.end <= len(part.text) for part in found for s in part.sections)


def test_parts_begin_with_a_section_where_one_is_near() -> None:
    found = divided(long_article(), 150)
    assert len(found) == 6 and all(part.text.startswith("第") and part.sections[0].start == 0 for part in found)
    assert [part.title for part in found[:2]] == ["汇编（第 1 部分，共 6 部分）", "汇编（第 2 部分，共 6 部分）"]
    assert found[1].id == "a.txt/part-2"


def test_an_article_of_the_usual_length_is_what_it_was() -> None:
    whole = long_article()
    assert divided(whole, len(whole.text)) == [whole]


@given(st.text("甲 \n", max_size=60), st.integers(1, 20))
def test_any_text_is_divided(text: str, most: int) -> None:
    found = divided(Article("a", "article", "题", text, sections=(Section("题", 1, 0, 0, len(text), "s1"),)), most)
    assert "".join("".join(part.text.split()) for part in found) == "".join(text.split())


@pytest.fixture
def short_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(parts_module.parts, "__defaults__", (30,))
    yield


@pytest.mark.usefixtures("short_parts")
def test_files_of_any_format_are_divided_when_they_are_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("long")
    (folder / "a.txt").write_text("门诊的说明\n\n" + "\n".join(["这一段话讲门诊统筹的起付线。"] * 5))
    records = [record for file in scan([folder]) for record in read_file(file)]
    assert [record.id for record in records if isinstance(record, Article)] == ["a.txt", "a.txt/part-2", "a.txt/part-3"]


def test_a_long_table_is_divided_by_its_rows_and_each_part_has_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_CHARACTERS", 40)
    rows = "".join(f"项目{number},{number * 7}元\n" for number in range(9))
    found = list(read_delimited(io.BytesIO(f"名称,价格\n{rows}".encode()), "价格总表.csv"))
    assert all(isinstance(part, Article) and part.text.startswith("名称 | 价格\n") for part in found)
    said = [line for part in found if isinstance(part, Article) for line in part.text.split("\n")[1:]]
    assert said == [f"项目{number} | {number * 7}元" for number in range(9)]
    assert [part.id for part in found if isinstance(part, Article)][:2] == ["价格总表.csv", "价格总表.csv/part-2"]
