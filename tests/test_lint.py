"""What the lint finds, and that near-duplicates are texts alike about one place."""

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from search.indexing.article_rows import ABOUT, EMPTY, SIMHASH, UNDATED
from search.indexing.batches import survey
from search.indexing.ingest import read_sources
from search.indexing.lint import LintReport, lint_report, near_duplicate_groups, simhashes
from search.model import Article
from search.text import fold

SAMPLE_PAGES = Path(__file__).parent / "samples/pages"
TEXT = (
    "参保人员在异地就医前应当先办理备案，可以在应用里填写信息，也可以到参保地的经办窗口。备案成功以后，在已经联网的"
    "医院住院可以直接结算，只付自己承担的部分；没有备案的要先垫付，再带着发票、费用清单和病历回参保地手工报销。急诊"
    "抢救的人视同已经备案。备案的有效期一般不少于六个月，具体的天数和降低比例的办法以当地的文件为准，出发前最好问清楚。"
)


def article(number: int, text: str = TEXT, city: str = "", day: date | None = date(2025, 1, 1)) -> Article:
    facets = {"province": ("山东省",), "city": (city,)} if city else {}
    return Article(f"{number}.md", "article", "题", text, day, path=f"{number}.md", facets=facets)


def lint(articles: Sequence[Article]) -> LintReport:
    found = survey(articles)
    numbers, flags = found.rows.numbers, found.rows.flags
    findings = [finding for _, finding in found.findings]
    ids = [one.id for one in articles]
    columns = (numbers[:, SIMHASH], numbers[:, ABOUT])
    return lint_report(findings, ids, flags & UNDATED != 0, flags & EMPTY != 0, *columns)


def groups(*articles: Article) -> tuple[tuple[str, ...], ...]:
    return lint(articles).near_duplicates


def test_clean_collection_has_no_findings() -> None:
    assert lint([article(1)]).findings() == {
        "unknown city": [],
        "city outside its province": [],
        "missing date": [],
        "empty body": [],
        "near-duplicate groups": [],
    }


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("<h1>{{ page.title }}</h1>正文。", "placeholders of a template"),
        ("甲。{% block body %}", "placeholders of a template"),
        ("Terms of use of this site apply to all.", "no Chinese text"),
        ("\n".join(["某个栏目的名称"] * 50), "a list and no sentence"),
    ],
)
def test_what_looks_like_no_article_is_told(text: str, check: str) -> None:
    one = Article("1.md", "article", "Title", text, date(2025, 1, 1), path="1.md")
    found = {name: lines for name, lines in lint([one]).findings().items() if lines}
    assert set(found) == {check}
    assert found[check][0].startswith("1.md: ")


@pytest.mark.parametrize(
    "text", ["PD-1", "\n".join(["某个栏目的名称"] * 50) + "。", "{{ }}与{% 三成", "\n".join(["名称"] * 50)]
)
def test_short_texts_and_sentences_are_not_told(text: str) -> None:
    one = Article("1.md", "article", "Title", text, date(2025, 1, 1), path="1.md")
    assert not any(lint([one]).findings().values())


def test_nothing_at_all() -> None:
    assert lint([]).near_duplicates == ()


def test_missing_date_and_empty_body() -> None:
    report = lint([article(1, day=None), article(2, text=" \n"), article(3, text="另一篇。")])
    assert (report.missing_date, report.empty_body) == (("1.md",), ("2.md",))


def test_odd_metadata_is_found_by_the_taxonomy() -> None:
    def stated(number: int, **facets: tuple[str, ...]) -> Article:
        return Article(f"{number}.md", "article", "题", f"第{number}篇。", date(2025, 1, 1), facets=facets)

    findings = lint(
        [
            stated(1, city=("烟台市",), province=("山东省",)),
            stated(2, city=("没有市",)),
            stated(3, city=("烟台市",), province=("江苏省",)),
            stated(4, insurance=("宠物险",)),
        ]
    ).findings()
    assert findings["unknown city"] == ["2.md: 没有市"]
    assert findings["city outside its province"] == ["3.md: 烟台市 lies in 山东省, not in 江苏省"]
    assert findings["unknown insurance"] == ["4.md: 宠物险"]


def test_findings_are_grouped_by_the_name_of_their_check() -> None:
    nothing = np.zeros(0, dtype=np.bool_)
    none = np.zeros(0, dtype=np.uint64)
    found = [("unknown city", "1.md: 某市"), ("missing source", "1.md"), ("missing source", "2.md")]
    findings = lint_report(found, [], nothing, nothing, none, none).findings()
    assert findings["unknown city"] == ["1.md: 某市"]
    assert findings["city outside its province"] == []
    assert findings["missing source"] == ["1.md", "2.md"]


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        TEXT.replace("。", ". ").replace("，", ","),
        TEXT.replace("医", "醫").replace("备", "備"),
        "  " + TEXT.replace("；", "；\n"),
        "可以。" + TEXT,
    ],
    ids=["identical", "other-punctuation", "traditional", "other-lines", "one-word-more"],
)
def test_texts_alike_about_one_place_are_a_group(other: str) -> None:
    assert groups(article(1, city="烟台市"), article(2, other, city="烟台市")) == (("1.md", "2.md"),)


def test_the_same_text_about_two_places_is_no_duplicate() -> None:
    assert groups(article(1, city="烟台市"), article(2, city="青岛市")) == ()


@pytest.mark.parametrize(
    "other",
    [TEXT[: len(TEXT) // 2], TEXT[len(TEXT) // 2 :], "补牙的费用里，治病的部分可以报销，美容的部分自己付。" * 3, "x"],
    ids=["first-half", "second-half", "other-subject", "one-character"],
)
def test_different_texts_are_no_duplicates(other: str) -> None:
    assert groups(article(1), article(2, other)) == ()


def test_groups_are_joined_and_ordered_as_seen() -> None:
    other = "生育津贴按职工所在单位上年度的月平均工资计发，由生育保险基金支付，产假期间不再发工资。" * 3
    assert groups(article(1, other), article(2), article(3), article(4, other), article(5, "可以。" + TEXT)) == (
        ("1.md", "4.md"),
        ("2.md", "3.md", "5.md"),
    )


def test_long_group_is_shown_in_short() -> None:
    (line,) = lint([article(n) for n in range(1, 8)]).findings()["near-duplicate groups"]
    assert line == "1.md = 2.md = 3.md = 4.md = 5.md … (7)"


def bit_by_bit(text: str) -> int:
    """The definition of a SimHash, with the hashes of `search.indexing.lint` but one bit at a time."""
    letters = [c for c in fold(text[:50_000]) if c >= "\u3400" or c in "0123456789abcdefghijklmnopqrstuvwxyz"]
    codes = [*map(ord, letters), *[0] * (4 - len(letters))]
    grams = {tuple(codes[i : i + 4]) for i in range(len(codes) - 3)}
    hashes = []
    for gram in grams:
        value = 0
        for code in gram:
            value = (value * 0x9E3779B97F4A7C15 + code) % 2**64
        hashes.append(mixed(mixed(value) >> 24))
    return sum(1 << bit for bit in range(64) if sum(h >> bit & 1 for h in hashes) * 2 > len(hashes))


def mixed(value: int) -> int:
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> shift)) * factor % 2**64
    return value ^ (value >> 31)


def test_all_hashes_of_a_batch_are_those_by_definition() -> None:
    texts = ["", "。", "医", "医保报", "\ud800", "😀" * 10, TEXT, TEXT * 7, "医保" * 300, "Ａ1b2C3 d4", "", TEXT[::-1]]
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(60_000))
    assert simhashes([*texts, long]).tolist() == list(map(bit_by_bit, [*texts, long]))
    assert simhashes([]).tolist() == []


@pytest.mark.parametrize(
    ("real", "pair"),
    [
        pytest.param(
            False,
            ["2025年湖北襄阳互联网医院可以刷医保吗", "2025年湖北襄阳互联网医院可以用医保结算吗"],
            id="samples",
        ),
        pytest.param(
            True,
            ["2025湖南永州线上问诊可以走医保吗", "2025湖南永州线上问诊可以用医保结算吗"],
            id="real",
            marks=pytest.mark.shared,
        ),
    ],
)
def test_saved_pages_hold_one_near_duplicate(request: pytest.FixtureRequest, real: bool, pair: list[str]) -> None:
    folder = request.getfixturevalue("shared") / "seeds" if real else SAMPLE_PAGES
    articles = [record for record in read_sources([folder]) if isinstance(record, Article)]
    titles = {record.id: record.title for record in articles}
    (group,) = groups(*articles)
    assert [titles[i] for i in group] == pair


def test_groups_equal_comparing_all_pairs() -> None:
    """Against the definition, on hashes made to be near: each pair within 3 bits and one place is in one group."""
    random = np.random.default_rng(7)
    base = random.integers(0, 2**63, 60, dtype=np.uint64)
    flips = np.array([sum(1 << int(b) for b in random.choice(64, random.integers(0, 5), False)) for _ in range(300)])
    hashes = np.bitwise_xor(random.choice(base, 300), flips.astype(np.uint64))
    places = random.integers(0, 2, 300).astype(np.uint64)
    group_of = list(range(300))
    for left in range(300):
        for right in range(left + 1, 300):
            near = int(hashes[left] ^ hashes[right]).bit_count() <= 3 and places[left] == places[right]
            if near and group_of[left] != group_of[right]:
                old, new = group_of[right], group_of[left]
                group_of = [new if g == old else g for g in group_of]
    expected = [[i for i in range(300) if group_of[i] == g] for g in dict.fromkeys(group_of) if group_of.count(g) > 1]
    assert near_duplicate_groups(hashes, places) == expected
    assert len(expected) > 20


def test_many_alike_do_not_take_quadratic_time() -> None:
    started = time.process_time()
    same = np.zeros(200_000, dtype=np.uint64)
    assert [len(g) for g in near_duplicate_groups(same, same)] == [200_000]
    crowded = np.random.default_rng(7).integers(0, 2**47, 200_000, dtype=np.uint64) << np.uint64(16)
    assert len(near_duplicate_groups(crowded, same)) < 20  # all share the lowest band, few are near by chance
    assert time.process_time() - started < 60
