"""Tables on the page of an article: rows and cells as read, heads, merged cells, marks, and anchors inside."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from test_table_snippets import ABOVE, LEFT, LEVELS, Rows, article

from search import FACETS, Section, reindex
from search.formats import READERS
from search.formats.outline import Outline
from search.model import Article
from webui import Settings, create_app
from webui.pages import article as article_module
from webui.pages.article import blocks

PAGE = """<html><head><meta charset="utf-8"><title>住院待遇</title></head><body><article><h1>住院待遇</h1>
<p>职工在本市住院，先付起付线，再按比例报销，第二次住院起付线减半，退休人员的比例高一些，外地住院的先备案再结算。</p>
<table>
<tr><th rowspan="2">等级</th><th colspan="2">比例</th><th rowspan="2">限额</th></tr>
<tr><th>在职</th><th>退休</th></tr>
<tr><td>一级</td><td>91%</td><td>95%</td><td rowspan="2">25万元</td></tr>
<tr><td>二级</td><td colspan="2">&lt;b&gt;86%&lt;/b&gt;</td></tr>
</table>
<p>有疑问的可以打电话，也可以到窗口问，窗口在一楼，上班时间都有人。</p></article></body></html>"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder: Path = tmp_path_factory.mktemp("tables")
    (folder / "source").mkdir()
    (folder / "source/a.html").write_text(PAGE, "utf-8")
    (folder / "source/b.md").write_text(
        "---\ntitle: 限额\n---\n\n| 项目 | 限额 |\n|---|---|\n| 补牙 | 120元 |\n", "utf-8"
    )
    reindex([folder / "source"], folder / "index")
    return create_app(Settings(folder / "index")).test_client()


def cells(row: Tag) -> list[tuple[str, ...]]:
    """The cells of a row: tag, words, and what is stated of each."""
    return [
        (cell.name, cell.get_text(), *(f"{k}={cell[k]}" for k in ("scope", "colspan", "rowspan") if cell.has_attr(k)))
        for cell in row.select("th, td")
    ]


def test_a_table_is_one_with_heads_and_merged_cells(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/articles/a.html?q=二级").data, "html.parser")
    (table,) = page.select(".text .sideways > table")
    assert [cells(row) for row in table.select("thead > tr")] == [
        [("th", "等级", "scope=col", "rowspan=2"), ("th", "比例", "scope=colgroup", "colspan=2"),
         ("th", "限额", "scope=col", "rowspan=2")],
        [("th", "在职", "scope=col"), ("th", "退休", "scope=col")],
    ]  # fmt: skip
    assert [cells(row) for row in table.select("tbody > tr")] == [
        [("th", "一级", "scope=row"), ("td", "91%"), ("td", "95%"), ("td", "25万元", "rowspan=2")],
        [("th", "二级", "scope=row"), ("td", "<b>86%</b>", "colspan=2")],
    ]
    assert [(mark.get_text(), mark["id"], mark.parent and mark.parent.name) for mark in table.select("mark")] == [
        ("二级", "hit-1", "th")
    ]
    assert "|" not in page.select(".text")[0].get_text()
    assert [one.name for one in page.select(".text > *")] == ["p", "div", "p"]


def header_of(rows: list[str]) -> int:
    """How many rows of a table of a page without `th` name its columns; cells are parted by |, ^3 is one of three."""
    trs = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split('|'))}</tr>" for row in rows)
    trs = trs.replace("<td>^3", '<td colspan="3">')
    page = PAGE[: PAGE.index("<table>")] + f"<table>{trs}</table>" + PAGE[PAGE.index("</table>") + 8 :]
    (found,) = READERS[".html"](BytesIO(page.encode()), "a.html", FACETS)
    assert isinstance(found, Article)
    return found.tables[0].header


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(["级别|起付线|比例", "一级|210元|91%", "二级|430元|86%"], 1, id="words above figures"),
        pytest.param(["级别|起付线（2031年）|地点", "一级|210元|社区", "二级|430元|镇上"], 1, id="a year in brackets"),
        pytest.param(["级别|起付线", "一级|210元", "二级|1,430元"], 1, id="two columns, figures of one form"),
        pytest.param(["序号|人员|渠道", "1|学生|学校", "2|居民|街道"], 1, id="a running number"),
        pytest.param(["^3附件1：2031年标准", "级别|起付线|比例", "一级|210元|91%"], 2, id="a caption above"),
        pytest.param(["^3附件1：2031年标准", "甲|乙|丙", "丁|戊|己"], 0, id="a caption alone"),
        pytest.param(["事项|挂失", "时限|5个工作日", "电话|12393"], 0, id="names and values"),
        pytest.param(["一级|210元|91%", "二级|430元|86%"], 0, id="figures in the first row"),
        pytest.param(["事项|材料|地点", "挂失|身份证|窗口", "补卡|照片|窗口"], 0, id="no figures at all"),
        pytest.param(["级别|按规定先付。|比例", "一级|210元|91%"], 0, id="a sentence names no column"),
        pytest.param(["级别||比例", "一级|210元|91%"], 0, id="nor does nothing"),
    ],
)
def test_which_rows_of_a_page_name_columns_where_none_is_marked(rows: list[str], expected: int) -> None:
    assert header_of(rows) == expected


def test_the_card_of_a_result_shows_the_row(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/?q=补牙限额").data, "html.parser")
    assert [line.get_text(strip=False).strip() for line in page.select(".card .snippet")] == ["补牙 · 限额 120元"]
    (found,) = client.get("/api/v1/search?q=补牙限额").get_json()["hits"]
    assert found["snippets"] == [{"text": "补牙 · 限额 120元", "highlights": [[0, 2], [5, 7]], "section": None}]


def drawn(of: Article) -> list[list[tuple[str, str, int, int]]]:
    """The cells of the only table: words, scope, columns and rows."""
    (table,) = (block for block in blocks(of, ()) if block.kind == "table")
    return [
        [("".join(piece.text for piece in cell.pieces), cell.scope, cell.columns, cell.rows) for cell in row.cells]
        for row in table.rows
    ]


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        pytest.param([["甲", "1"], ["乙", ""]], 0, [[("甲", "", 1, 1), ("1", "", 1, 1)],
                     [("乙", "", 1, 1), ("", "", 1, 1)]], id="no header, no heads; an empty cell"),
        pytest.param([["名", "额"], ["甲", "1"], [ABOVE, "2"]], 1, [[("名", "col", 1, 1), ("额", "col", 1, 1)],
                     [("甲", "rowgroup", 1, 2), ("1", "", 1, 1)], [("2", "", 1, 1)]], id="a head of two rows"),
        pytest.param([["名", "额"], ["甲", LEFT]], 1, [[("名", "col", 1, 1), ("额", "col", 1, 1)],
                     [("甲", "", 2, 1)]], id="what spans all columns is the head of none"),
        pytest.param([["名", "额"], ["丙", "1"], ["甲", LEFT], [ABOVE, ABOVE, "3"]], 1,
                     [[("名", "col", 1, 1), ("额", "col", 1, 1), ("", "col", 1, 1)],
                      [("丙", "row", 1, 1), ("1", "", 1, 1), ("", "", 1, 1)],
                      [("甲", "rowgroup", 2, 2), ("", "", 1, 1)], [("3", "", 1, 1)]], id="a cell of four places"),
        pytest.param([["名", "额"], [ABOVE, "1"]], 1, [[("名", "col", 1, 1), ("额", "col", 1, 1)],
                     [("名", "row", 1, 1), ("1", "", 1, 1)]], id="no cell reaches out of the header"),
    ],
)  # fmt: skip
def test_how_far_a_cell_reaches(rows: Rows, header: int, expected: list[list[tuple[str, str, int, int]]]) -> None:
    assert drawn(article("前。", rows, "后。", header=header)) == expected


def test_sections_that_begin_inside_a_table_are_anchors_of_their_rows() -> None:
    outline = Outline()
    outline.table(LEVELS, 1)
    outline.block("后文。")
    text, _, tables = outline.finish()
    second, last = text.index("二级"), text.index("后文")
    sections = (
        Section("第 1 页", 1, 0, 0, second, "p1"),
        Section("二级", 1, second, text.index("\n", second), second + 9, "s1"),
        Section("第 2 页", 1, second + 9, second + 9, last, "p2"),
        Section("第 3 页", 1, last, last, len(text), "p3"),
    )
    found = list(blocks(Article("a", "article", "题", text, sections=sections, tables=tables), ()))
    assert [(block.kind, block.anchor) for block in found] == [
        ("heading", "p1"), ("table", ""), ("heading", "p3"), ("paragraph", "")
    ]  # fmt: skip
    assert [row.anchors for row in found[1].rows] == [(), (), ("s1", "p2"), ()]
    assert sum(len(row.cells) for row in found[1].rows) == 16, "no row is lost to a heading"


def test_a_huge_table_is_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    of = article(LEVELS)
    monkeypatch.setattr(article_module, "MOST_CELLS", 15)
    assert [block.kind for block in blocks(of, ())] == ["paragraph"] * 4
    monkeypatch.setattr(article_module, "MOST_CELLS", 16)
    assert [block.kind for block in blocks(of, ())] == ["table"]
