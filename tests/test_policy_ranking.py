"""Each number that decides the order decides it: with it A comes before B, without it B before A.

The numbers themselves are held by worked examples, the formulas of docs/ranking.md written out with the figures that it
tells readers. Whoever changes a number changes it here and there, and measures again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log

import pytest
from policy import NEW, article, ids, matches, opened, others, parts

from search.model import Article, Clause, Form, Parsed, Section
from search.query.grammar import parse
from search.retrieval import ranking

pytestmark = pytest.mark.usefixtures("inner_loops")

SHENYANG = {"province": "辽宁省", "city": "沈阳市"}
DALIAN = {"province": "辽宁省", "city": "大连市"}


@dataclass(frozen=True)
class Pair:
    """Two articles that a query finds, and the value of a number at which it decides nothing."""

    number: str
    neutral: float
    query: str | Parsed
    first: Article
    second: Article
    beside: tuple[Article, ...] = ()


def pair(number: str, neutral: float, query: str | Parsed, first: Article, second: Article, *beside: Article) -> object:
    return pytest.param(Pair(number, neutral, query, first, second, beside), id=number)


def as_forms(*forms: Form) -> Parsed:
    """A query of one word that may stand in these forms."""
    return Parsed(forms[0].text, (Clause("word", forms[0].text, 0, len(forms[0].text), forms),))


PAIRS = [
    pair(  # both words three times / one of them ten times, the other once: to say a thing again tells less and less
        "BM25_K1",
        100.0,
        "螃蟹 大虾",
        article("a", "螃蟹，大虾，螃蟹，大虾，螃蟹，大虾，门诊，门诊，门诊，门诊，门诊。"),
        article("b", "螃蟹，大虾，螃蟹，螃蟹，螃蟹，螃蟹，螃蟹，螃蟹，螃蟹，螃蟹，螃蟹。"),
    ),
    pair(  # short / long
        "BM25_B", 0.0, "螃蟹", article("a", "螃蟹。"), article("b", "螃蟹。" + "门诊和住院都一样。" * 9, day=NEW)
    ),
    pair(  # long, with all three words / short, with one of them, and newer
        "LENGTH_AT_MOST",
        1000.0,
        "螃蟹 大虾 海带",
        article("a", "螃蟹、大虾和海带。" + "门诊和住院都一样。" * 40),
        article("b", "螃蟹。", day=NEW),
    ),
    pair(  # the pair of characters between the words too / the same words apart
        "BIGRAM_SHARE", 0.0, "螃蟹大虾", article("a", "螃蟹大虾。"), article("b", "大虾螃蟹。", day=NEW)
    ),
    pair(  # another word for the same / a wider word, and newer
        "SYNONYM_POWER",
        0.0,
        as_forms(Form("大夫"), Form("医生", 0.8), Form("看病", 0.3)),
        article("a", "医生。"),
        article("b", "看病。", day=NEW),
    ),
    pair(  # 医 and 疗 of the query, in other words / the characters of neither
        "CHARACTER_SHARE", 0.0, "螃蟹 医疗", article("a", "螃蟹，医，疗。"), article("b", "螃蟹，门，住。", day=NEW)
    ),
    pair(  # the question itself as the title / more of its words, the title less like it
        "LIKENESS_SHARE",
        0.0,
        "螃蟹大虾怎么报",
        article("a", "门诊住院统筹缴费，门诊住院统筹缴费。", title="螃蟹大虾怎么报呢"),
        article("b", "螃蟹大虾怎么报，" * 4, title="螃蟹大虾怎么报的详细说明解释"),
    ),
    pair(  # a title with nothing of the query, more in the text / a title with one word of several
        "LIKENESS_FROM",
        0.0,
        "螃蟹大虾贝壳海带紫菜",
        article("a", "螃蟹大虾贝壳海带紫菜，" * 4, title="说明"),
        article("b", "大虾贝壳海带紫菜。", title="螃蟹说明"),
    ),
    pair(  # named in full, but for who issued it and that it is on trial / more of its words, the title more like it
        "NAMED_SHARE",
        0.0,
        "螃蟹大虾办法",
        article("a", "门诊住院统筹缴费。", title="某市人民政府关于印发《螃蟹大虾办法（试行）》的通知"),
        article("b", "螃蟹大虾办法，螃蟹大虾办法，螃蟹大虾办法。", title="螃蟹大虾办法解读", day=NEW),
    ),
    pair(  # cited / newer
        "CITED_SHARE",
        0.0,
        "螃蟹大虾",
        article("a", "螃蟹大虾。", title="通知甲"),
        article("b", "螃蟹大虾。", title="通知乙", day=NEW),
        article("c", "依据《通知甲》。"),
    ),
    pair(  # cited by six works / by one, and newer: with half of it for no citation at all, one would do
        "CITED_HALF",
        0.0,
        "螃蟹大虾",
        article("a", "螃蟹大虾。", title="通知甲"),
        article("b", "螃蟹大虾。", title="通知乙", day=NEW),
        article("c", "依据《通知乙》。", title="指南"),
        *(article(f"c{number}", "依据《通知甲》。", title=f"指南{number}") for number in range(6)),
    ),
    pair(  # its title is the query / more of the word, the title less like it
        "RESCORE_WINDOW",
        0,
        "螃蟹",
        article("a", "门诊，门诊，门诊。", title="螃蟹"),
        article("b", "螃蟹，螃蟹，螃蟹。", title="螃蟹说明"),
    ),
    pair(  # about the place / about none, with more of the word
        "PLACE_BOOST",
        0.0,
        "沈阳螃蟹",
        article("a", "螃蟹，门诊，住院，统筹。", **SHENYANG),
        article("b", "螃蟹，螃蟹，螃蟹，螃蟹。"),
    ),
    pair(  # about no place / about another one, with more of the word
        "NO_OTHER_PLACE_BOOST",
        0.0,
        "沈阳螃蟹",
        article("a", "螃蟹，门诊，住院，统筹。"),
        article("b", "螃蟹，螃蟹，螃蟹，螃蟹。", **DALIAN),
    ),
    pair(  # about the province around it / about no place, and newer
        "PROVINCE_BOOST",
        0.0,
        "沈阳螃蟹",
        article("a", "螃蟹。", province="辽宁省"),
        article("b", "螃蟹。", day=NEW),
    ),
    pair(  # about no place / about one that was not asked for, and newer
        "ANYWHERE_BOOST", 0.0, "螃蟹", article("a", "螃蟹。"), article("b", "螃蟹。", day=NEW, **SHENYANG)
    ),
    pair(  # about the insurance type / about none in particular, and newer
        "INSURANCE_BOOST",
        0.0,
        "居民医保螃蟹",
        article("a", "螃蟹。", insurance="居民医保"),
        article("b", "螃蟹。", day=NEW),
    ),
    pair(  # about no insurance type / about another one, and newer
        "NO_OTHER_INSURANCE_BOOST",
        0.0,
        "居民医保螃蟹",
        article("a", "螃蟹。"),
        article("b", "螃蟹。", day=NEW, insurance="职工医保"),
    ),
    pair(  # on the matter / names the place, and the matter by the way
        "PLACE_WORD_SHARE",
        1.0,
        "沈阳螃蟹",
        article("a", "螃蟹，螃蟹，螃蟹，螃蟹。"),
        article("b", "沈阳，门诊，住院，统筹，缴费，医院，螃蟹。"),
    ),
    pair(  # a full article / a newer teaser of the same text
        "ARTICLE_BOOST", 0.0, "螃蟹", article("a", "螃蟹。"), article("b", "螃蟹。", day=NEW, teaser=True)
    ),
]


@pytest.mark.parametrize("case", PAIRS)
def test_a_number_decides_the_order(case: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [case.first, case.second, *case.beside, *others(12)]
    assert ids(opened(articles), case.query) == ["a", "b"]
    monkeypatch.setattr(ranking, case.number, case.neutral)
    assert ids(opened(articles), case.query) == ["b", "a"]


def idf(documents: int, df: int) -> float:
    return log(1 + (documents - df + 0.5) / (df + 0.5))


def bm25(tf: int, length: float, average: float) -> float:
    return tf * 2.2 / (tf + 1.2 * (0.2 + 0.8 * length / average))


EXAMPLE = [
    # Words: 1 in the title (counts 4), 1 in the heading (2), 1 in the text (1): 7. Characters: 2, 3 with the end of the
    # line, and 3: 8 + 6 + 3 = 17.
    article("a", "大虾\n贝壳。", title="螃蟹", sections=(Section("大虾", 2, 0, 3, 6, "s"),)),
    # Words 4 + 1 = 5, characters 8 + 3 = 11.
    *others(3, "无关。"),
]
WORDS = 7, (7 + 3 * 5) / 4
CHARACTERS = 17, (17 + 3 * 11) / 4


@pytest.mark.parametrize(
    ("query", "tf", "is_title"),
    [
        pytest.param("螃蟹", 4, True, id="title"),
        pytest.param("大虾", 2, False, id="heading"),
        pytest.param("贝壳", 1, False, id="text"),
    ],
)
def test_words_pairs_characters_and_titles_count_as_told(query: str, tf: int, is_title: bool) -> None:
    (match,) = matches(opened(EXAMPLE), query, explain=True).page
    like, named = 1.5 * idf(4, 1) * (1 - 0.45), 2.0 * idf(4, 1)
    title = {"title": pytest.approx(like, rel=1e-5), "named": pytest.approx(named, rel=1e-5)} if is_title else {}
    assert parts(match) == title | {
        "words": pytest.approx(idf(4, 1) * bm25(tf, *WORDS), rel=1e-5),
        "bigrams": pytest.approx(0.15 * idf(4, 1) * bm25(tf, *CHARACTERS), rel=1e-5),
        "text": pytest.approx(0.4 * 2 * idf(4, 1) * bm25(tf, *CHARACTERS), rel=1e-5),
        "other place": pytest.approx(1.0),
        "kind": pytest.approx(0.2),
    }


def test_a_length_counts_as_three_averages_at_most() -> None:
    engine = opened([article("a", "贝壳。" + "门诊。" * 40), *others(30, "无关。")])
    (match,) = matches(engine, "贝壳", explain=True).page
    assert parts(match)["words"] == pytest.approx(idf(31, 1) * 2.2 / (1 + 1.2 * (0.2 + 0.8 * 3)), rel=1e-5)


def test_a_title_that_has_half_of_the_query_is_somewhat_like_it() -> None:
    (match,) = matches(opened(EXAMPLE), "螃蟹大虾", explain=True).page
    # Two characters in common, of four and two. The pair 蟹大 stands nowhere.
    assert parts(match)["title"] == pytest.approx(
        1.5 * (2 * idf(4, 1) + idf(4, 0)) * (2 * 2 / (4 + 2) - 0.45), rel=1e-5
    )


def test_a_synonym_counts_somewhat_less_and_its_default_weight_is_told() -> None:
    engine = opened([article("a", "医生。"), *others(3, "无关。")])
    (match,) = matches(engine, as_forms(Form("大夫"), Form("医生", 0.4)), explain=True).page
    assert parts(match)["words"] == pytest.approx(0.4**0.2 * idf(4, 1) * bm25(1, 5, 5), rel=1e-5)
    assert Form("跨省就医", 0.7) in parse("异地就医").clauses[0].forms


def test_the_word_of_a_place_counts_little() -> None:
    engine = opened([article("a", "沈阳。"), *others(3, "无关。")])
    (match,) = matches(engine, "沈阳", explain=True).page
    assert parts(match)["words"] == pytest.approx(0.3 * idf(4, 1) * bm25(1, 5, 5), rel=1e-5)


@pytest.mark.parametrize(
    ("about", "query", "expected"),
    [
        pytest.param(SHENYANG, "沈阳螃蟹", {"city": 4, "other place": 4}, id="its city"),
        pytest.param(SHENYANG, "辽宁螃蟹", {"province": 4, "other place": 4}, id="its province"),
        pytest.param({"province": "辽宁省"}, "沈阳螃蟹", {"province": 1, "other place": 4}, id="the province around"),
        pytest.param({}, "沈阳螃蟹", {"other place": 4}, id="everywhere"),
        pytest.param(DALIAN, "沈阳螃蟹", {}, id="another city of the province"),
        pytest.param({"province": "吉林省"}, "沈阳螃蟹", {}, id="another province"),
        pytest.param(SHENYANG, "沈阳大连螃蟹", {"city": 4, "other place": 4}, id="one of two cities"),
        pytest.param({"province": "辽宁省"}, "沈阳大连螃蟹", {"province": 1, "other place": 4}, id="around both"),
        pytest.param({}, "螃蟹", {"other place": 1}, id="no place asked for"),
        pytest.param(SHENYANG, "螃蟹", {}, id="a place not asked for"),
        pytest.param(
            {"insurance": "居民医保"},
            "居民医保螃蟹",
            {"other place": 1, "insurance": 2, "other insurance": 1},
            id="its insurance type",
        ),
        pytest.param({}, "居民医保螃蟹", {"other place": 1, "other insurance": 1}, id="any insurance type"),
        pytest.param({"insurance": "职工医保"}, "居民医保螃蟹", {"other place": 1}, id="another insurance type"),
        pytest.param(
            {"insurance": "职工医保"},
            "居民医保职工医保螃蟹",
            {"other place": 1, "insurance": 2, "other insurance": 1},
            id="one of two insurance types",
        ),
    ],
)
def test_what_an_article_is_about_counts_as_told(about: dict[str, str], query: str, expected: dict[str, float]) -> None:
    engine = opened([article("a", "螃蟹。", **about), *others(6)])
    (match,) = matches(engine, query, explain=True).page
    found = {where: score for where, score in parts(match).items() if where not in ("words", "bigrams", "text")}
    assert found == {"kind": pytest.approx(0.2)} | expected


def test_a_teaser_gets_nothing_for_its_kind() -> None:
    (match,) = matches(opened([article("a", "螃蟹。", teaser=True), *others(3)]), "螃蟹", explain=True).page
    assert "kind" not in parts(match)


@pytest.mark.parametrize("works", [1, 5, 20])
def test_citations_count_as_told(works: int) -> None:
    cited = [article("a", "螃蟹。", title="某通知"), *others(3)]
    engine = opened(
        [*cited, *(article(f"c{number}", "依据《某通知》。", title=f"指南{number}") for number in range(works))]
    )
    (match,) = matches(engine, "螃蟹", explain=True).page
    documents = 4 + works
    assert parts(match)["cited"] == pytest.approx(0.15 * idf(documents, 1) * works / (works + 5), rel=1e-5)


def test_the_best_hundred_are_looked_at_again() -> None:
    """Equal in words and pairs, they stand by date; a title like the query lifts the hundredth, not the next one."""
    same = [article(f"{number:03}", "贝壳。", title="丁　甲　", day=date(2025, 1, 1)) for number in range(99)]
    lifted, left = (
        article(name, "贝壳。", title="壳　贝　", day=date(2024, 1, day)) for name, day in (("l", 2), ("m", 1))
    )
    found = ids(opened([*same, lifted, left, *others(20)]), "贝壳", size=101)
    assert (found[0], found[-1]) == ("l", "m")
