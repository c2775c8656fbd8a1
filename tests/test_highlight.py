"""Marks and snippets: offsets into the original text, whole sentences, bounded work."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.model import Article, Section, Snippet
from search.query.grammar import parse
from search.query.highlight import snippets, spans
from search.text import fold, occurrences


def marked(text: str, query: str) -> str:
    """`text` with its marks in brackets."""
    return bracket(text, spans(parse(query), text))


def bracket(text: str, ranges: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(ranges):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def shown(text: str, query: str, **options: int) -> list[str]:
    article = Article("a", "article", "标题", text)
    return [bracket(snippet.text, snippet.highlights) for snippet in snippets(parse(query), article, **options)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param(
            "办理異地就醫備案", "异地就医备案", "办理[異地就醫備案]", id="traditional-text-and-touching-words"
        ),
        pytest.param("办理异地就医备案", "異地就醫", "办理[异地就医]备案", id="traditional-query"),
        pytest.param("ＣＴ检查，ｃｔ，act", "ct", "[ＣＴ]检查，[ｃｔ]，act", id="full-width-and-run-edges"),
        pytest.param("😀医保😀醫療保險", "医保", "😀[医保]😀[醫療保險]", id="astral-and-synonym"),
        pytest.param("报销多少？怎么报销", "怎么报销", "[报销]多少？怎么[报销]", id="question-words-are-not-marked"),
        pytest.param("怎么报销？报销怎么", "“怎么报销”", "[怎么报销]？报销怎么", id="quoted-as-a-whole"),
        pytest.param("住院和门诊", "住院 -门诊", "[住院]和门诊", id="exclusions-are-not-marked"),
        pytest.param("2025年和12025", "2025年医保", "[2025]年和12025", id="optional-year"),
        pytest.param("哈哈哈", "“哈哈”", "[哈哈哈]", id="overlapping-merge"),
        pytest.param(
            "见粤医保发［２０２３］１５號。",
            "粤医保发〔2023〕15号",
            "见[粤医保发［２０２３］１５號]。",
            id="document-number",
        ),
        pytest.param("无关", "医保", "无关", id="nothing"),
        pytest.param("", "医保", "", id="empty"),
        pytest.param("医保", "", "医保", id="no-query"),
        pytest.param("<b>医保</b>", "医保", "<b>[医保]</b>", id="no-escaping-here"),
    ],
)
def test_spans(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param(
            "甲" * 50 + "。\n住院" + "乙" * 50 + "。\n丙丙。",
            "住院",
            ["[住院]" + "乙" * 50 + "。"],
            id="whole-sentence",
        ),
        pytest.param(
            "\n".join(["补牙" + "甲" * 90 + "。", "黑河" + "乙" * 90 + "。", "补牙黑河" + "丙" * 90 + "。"]),
            "补牙 黑河",
            ["[补牙黑河]" + "丙" * 90 + "。"],
            id="the-sentence-with-most",
        ),
        pytest.param(
            "\n".join(["补牙" + "甲" * 90 + "。", "中间的话。" + "丙" * 60 + "。", "黑河" + "乙" * 90 + "。"]),
            "补牙 黑河",
            ["[补牙]" + "甲" * 90 + "。", "[黑河]" + "乙" * 90 + "。"],
            id="two-sentences-that-tell-as-much-in-text-order",
        ),
        pytest.param(
            "\n".join(["补牙" + "甲" * 90 + "。", "中间的话。" + "丙" * 60 + "。", "黑河住院" + "乙" * 90 + "。"]),
            "补牙 黑河 住院",
            ["[黑河住院]" + "乙" * 90 + "。", "[补牙]" + "甲" * 90 + "。"],
            id="what-tells-most-first-wherever-it-stands",
        ),
        pytest.param(
            "住院比例说明" + "甲" * 90 + "。\n住院比例为70%" + "乙" * 90 + "。",
            "住院比例",
            ["[住院比例]为70%" + "乙" * 90 + "。"],
            id="amount-asked-number-preferred",
        ),
        pytest.param("开头第一句话。第二句。", "没有的词", ["开头第一句话。第二句。"], id="opening-without-match"),
        pytest.param("\n\n  • 开头。", "", ["开头。"], id="opening-when-browsing"),
        pytest.param("  • 医保卡\t说明" + "甲" * 40, "医保卡", ["[医保卡] 说明" + "甲" * 40], id="bullet-and-tab"),
        pytest.param(
            "适用范围\n\n  • 医保参保人员都可以办理。",
            "范围",
            ["适用[范围] 医保参保人员都可以办理。"],
            id="a-heading-line-takes-its-text",
        ),
        pytest.param("", "医保", [], id="empty-text"),
        pytest.param(" \n ", "医保", [], id="blank-text"),
        pytest.param("！！！", "医保", ["！！！"], id="punctuation-only"),
    ],
)
def test_snippets(text: str, query: str, expected: list[str]) -> None:
    assert shown(text, query) == expected


def test_a_long_sentence_is_cut_around_its_marks() -> None:
    (snippet,) = shown("甲" * 500 + "补牙" + "乙" * 20 + "黑河" + "丙" * 500, "补牙 黑河", max_chars=100)
    assert snippet == "…" + "甲" * 24 + "[补牙]" + "乙" * 20 + "[黑河]" + "丙" * 52 + "…"


def test_a_cut_at_the_end_of_a_sentence_has_no_mark_of_omission() -> None:
    (snippet,) = shown("甲" * 500 + "补牙。", "补牙", max_chars=100)
    assert snippet == "…" + "甲" * 97 + "[补牙]。"


def test_snippets_name_their_section_and_prefer_text_to_headings() -> None:
    text = "前言一段话。\n报销比例\n住院的报销比例见下表。\n材料\n身份证和发票。"
    first, second = text.index("报销比例"), text.index("材料")
    sections = (
        Section("报销比例", 2, first, first + 5, second, "s-1"),
        Section("材料", 2, second, second + 3, len(text), "s-2"),
    )
    article = Article("a", "article", "标题", text, sections=sections)
    assert snippets(parse("“报销比例”"), article, limit=1) == (Snippet("住院的报销比例见下表。", ((3, 7),), "s-1"),)
    assert [snippet.section for snippet in snippets(parse("发票"), article)] == ["s-2"]
    assert [(snippet.text, snippet.section) for snippet in snippets(parse(""), article)] == [("前言一段话。", "")]


FRAGMENTS = st.sampled_from([*"。；！？!\n \t•😀甲a1", "医保", "醫療保險", "ＣＴ", "异地就医", "补牙", "。\n\n", "70%"])


@given(
    text=st.lists(FRAGMENTS, max_size=120).map("".join),
    query=st.sampled_from(["医保", "ct 补牙", "“异地就医”多少", "补牙 -医保", "", "没有"]),
    max_chars=st.integers(30, 160),
)
def test_snippets_hold_their_promises(text: str, query: str, max_chars: int) -> None:
    parsed = parse(query)
    article = Article("a", "article", "标题", text)
    found = snippets(parsed, article, max_chars=max_chars)
    assert len(found) <= 2
    assert bool(found) == bool(text.strip(" \n\t•")) or not text.strip()
    for snippet in found:
        assert 0 < len(snippet.text) <= max_chars + 2
        assert "\n" not in snippet.text
        inside = fold(snippet.text)
        for start, end in snippet.highlights:
            assert any(occurrences(form.text, inside[start:end]) for clause in parsed.clauses for form in clause.forms)
    if spans(parsed, text):
        assert any(snippet.highlights for snippet in found)


@pytest.mark.parametrize("length", [99_995, 150_000, 2_500_000], ids=["across-a-window", "second-window", "far"])
def test_a_snippet_comes_from_where_most_of_the_query_is(length: int) -> None:
    filling = "医保缴费按月办理。"
    text = (filling * (length // len(filling) + 1))[:length] + "。第699999段的生育津贴。" + filling * 1000
    assert shown(text, '"第699999段的生育津贴"')[0].startswith("[第699999段的生育津贴]。")
    assert "[生育津贴]。" in " ".join(shown(text, "医保 生育津贴"))


def test_a_huge_text_costs_little() -> None:
    article = Article("a", "article", "标题", "这里没有换行也没有句号" * 4_500_000)
    started = time.process_time()
    (snippet,) = snippets(parse("医保 报销"), article)
    assert time.process_time() - started < 10
    assert len(snippet.text) <= 162
    dense = Article("a", "article", "标题", "医保" * 1_000_000)
    started = time.process_time()
    assert snippets(parse("医保"), dense)[0].highlights
    assert time.process_time() - started < 10
