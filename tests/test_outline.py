"""Tables of an outline: a line a row in the text, and where the words of each cell stand in it."""

from __future__ import annotations

import pytest

from search.formats.outline import Cell, Covered, Outline
from search.model import Article, Table
from search.storage.articles import decode, encode

LEFT, ABOVE = Covered.LEFT, Covered.ABOVE


def written(rows: list[list[Cell]], header: int = 0) -> tuple[str, list[list[str]], Table]:
    outline = Outline()
    outline.block("前文。")
    outline.table(rows, header)
    outline.block("后文。")
    text, _, (table,) = outline.finish()
    assert text.startswith("前文。\n\n")
    assert text.endswith("\n\n后文。")
    assert (table.start, table.end) == (5, len(text) - 5)
    words = [[text[begin:end] for begin, end in row] for row in table.rows]
    return text[table.start : table.end], words, table


@pytest.mark.parametrize(
    ("rows", "text", "cells"),
    [
        (
            [["级别", "起付线"], ["一级", "200元"]],
            "级别 | 起付线\n一级 | 200元",
            [["级别", "起付线"], ["一级", "200元"]],
        ),
        ([["一级", "200\n 元"]], "一级 | 200 元", [["一级", "200 元"]]),
        ([["甲", ""], ["", "乙"]], "甲 |\n | 乙", [["甲", ""], ["", "乙"]]),
        ([["甲", "乙", "丙"], ["丁"]], "甲 | 乙 | 丙\n丁", [["甲", "乙", "丙"], ["丁", "", ""]]),
        ([["甲"], ["", ""], ["乙"]], "甲\n乙", [["甲", ""], ["乙", ""]]),
        (
            [["标准", LEFT, "备注"], ["高", "低", ABOVE]],
            "标准 | 备注\n高 | 低",
            [["标准", "标准", "备注"], ["高", "低", "备注"]],
        ),
        ([["一级", "住院"], [ABOVE, "门诊"]], "一级 | 住院\n门诊", [["一级", "住院"], ["一级", "门诊"]]),
        ([[ABOVE, "甲"]], "甲", [["", "甲"]]),
        ([["零\u200b宽", "乙"]], "零宽 | 乙", [["零宽", "乙"]]),
    ],
)
def test_each_cell_is_the_range_of_its_words(rows: list[list[Cell]], text: str, cells: list[list[str]]) -> None:
    assert written(rows)[:2] == (text, cells)


def test_rows_without_words_are_not_counted_among_those_that_name_columns() -> None:
    assert written([["", ""], ["级别", "比例"], ["一级", "90%"]], header=2)[2].header == 1


def test_a_table_without_words_is_none_and_two_in_a_row_stay_two() -> None:
    outline = Outline()
    outline.table([["", ""], []])
    outline.table([["甲"]])
    outline.table([["乙"]])
    text, _, tables = outline.finish()
    assert text == "甲\n\n乙"
    assert [(table.start, table.end) for table in tables] == [(0, 1), (3, 4)]


def test_tables_are_stored() -> None:
    article = Article("a", "article", "题", "甲 | 乙", tables=(Table(0, 5, (((0, 1), (4, 5)),), 1),))
    assert decode(encode(article)) == article
