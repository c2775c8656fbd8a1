"""Folding, words, document numbers, the definition of a match, and the hand-kept word files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.made import records as made_records
from search.errors import SearchError
from search.query.grammar import parse
from search.retrieval.ranking import SYNONYM_WEIGHT
from search.text import (
    cited_works,
    direction,
    fold,
    fold_codes,
    index_word_parts,
    index_words,
    is_key,
    is_word,
    occurrences,
    query_words,
    question_words,
    same_words,
    segmenter_name,
    synonyms,
    tokens,
    work,
)
from search.text import segmentation as segmenter_module
from search.text.lexicon import LEXICON, QUESTION_WORDS, lexicon, lines, mixed_words, place_names
from search.text.numbers import spoken
from search.text.segmentation import Segmenter, make
from search.text.synonym_groups import SAME_WORDS, SYNONYMS, read_group

ROOT = Path(__file__).parents[1]
SEGMENTERS = ("jieba", "rjieba")


@lru_cache
def made(name: str) -> Segmenter:
    return make(name)


@pytest.fixture(params=SEGMENTERS)
def segmenter(request: pytest.FixtureRequest) -> Iterator[Segmenter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "segmenter", lambda: made(request.param))
        yield made(request.param)


# --- folding ---


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("醫療保險", "医疗保险", id="traditional"),
        pytest.param("异地就医", "异地就医", id="simplified-stays"),
        pytest.param("ＡＢＣａ１２３（％）", "abca123(%)", id="full-width"),
        pytest.param("PD-1 Ct", "pd-1 ct", id="case"),
        pytest.param("ÀÉ Ω Ж", "àé ω ж", id="case-beyond-ascii"),
        pytest.param("a\u3000b\tc\nd\u00a0e\u200bf\u202eg\x00h", "a b c d e f g h", id="blank-and-control"),
        pytest.param("①②㈠", "①②㈠", id="circled-stay"),
        pytest.param("\ud800x\udfff", "\ufffdx\ufffd", id="lone-surrogates"),
        pytest.param("İß", "İß", id="what-would-grow-stays"),
        pytest.param("\uf9b4\u2f08", "领人", id="compatibility-ideographs"),
        pytest.param("「医保」、。", "「医保」、。", id="punctuation-stays"),
        pytest.param("😀", "😀", id="astral"),
        pytest.param("", "", id="empty"),
        pytest.param("plain ASCII\x7f", "plain ascii ", id="ascii-control"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


HOSTILE = st.lists(
    st.one_of(st.characters(), st.sampled_from("\ud800\udfff\x00\u202e\u200b醫ＡİẞⅣ①")), max_size=60
).map("".join)


@given(HOSTILE)
def test_fold_keeps_every_offset_and_settles(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    assert fold_codes(text).tolist() == [ord(character) for character in folded]
    folded.encode()


def test_fold_of_a_long_text() -> None:
    text = "醫Ａ\n" * 50_000
    assert fold(text) == "医a " * 50_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京医保在外地怎么门诊使用", "out"),
        ("北京医保去外省看门诊", "out"),
        ("烟台医保卡可以异地使用吗", "out"),
        ("沈阳新农合跨省住院", "out"),
        ("省内免备案，出省先备案", "out"),
        ("外地医保可以在北京买药吗", "into"),
        ("异地醫保卡怎麼在北京掛號", "into"),
        ("外地人在北京看病", "into"),
        ("从外省来北京住院", "into"),
        ("她的医保是外地的，要去北京看病", "into"),
        ("外省参保人来京看病", "into"),
        ("来沪人员就医", "into"),
        ("来京东买药", None),
        ("在外地参保的人能不能在北京看病", None),
        ("异地医保备案", None),
        ("职工医保的钱能给外省的父母用吗", None),
        ("出了车祸医保管不管", None),
        ("门诊统筹", None),
        ("", None),
    ],
)
def test_which_way_a_text_looks(text: str, expected: str | None) -> None:
    assert direction(fold(text)) == expected


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("中华人民共和国社会保险法第二十三条", "社会保险法"),
        ("中华人民共和国刑法第一百三十三条之一", "刑法"),
        ("社会保险法 第23条", "社会保险法"),
        ("社会保险法（2018年修正）", "社会保险法"),
        ("医疗保障基金使用监督管理条例（草案）（征求意见稿）", "医疗保障基金使用监督管理条例"),
        ("关于印发《异地就医结算办法》的通知", "异地就医结算办法"),
        ("国家医保局办公室 财政部办公厅关于印发《异地就医结算办法（试行）》的通知", "异地就医结算办法"),
        ("某市人民政府关于公布医疗救助标准的公告", "医疗救助标准"),
        ("某省医疗保障局关于做好居民参保工作的通知", "做好居民参保工作"),
        ("关于做好居民参保工作的实施意见", "做好居民参保工作"),
        ("关于落实《异地就医结算办法》的通知", "落实异地就医结算办法"),
        ("生育保险暂行办法", "生育保险办法"),
        ("生育保险办法（试行）", "生育保险办法"),
        ("“补牙”能报销吗？", "补牙能报销吗"),
        ("一个关于爱的通知", "一个关于爱"),
        ("通知", "通知"),
        ("異地就醫指南", "异地就医指南"),
        ("异地就医第一条路", "异地就医第一条路"),
        ("第二条", ""),
        ("", ""),
    ],
)
def test_the_work_that_a_title_names(title: str, name: str) -> None:
    assert work(fold(title)) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("按《中华人民共和国社会保险法》第二十三条", ["社会保险法"]),
        ("《社会保险法》和《社会保险法（2018年修正）》", ["社会保险法", "社会保险法"]),
        ("见《关于印发〈异地就医结算办法〉的通知》。", ["异地就医结算办法"]),
        ("《没有结尾", []),
        ("《跨了\n两行》", []),
        ("《》《法》", []),
        (f"《{'长' * 81}》", []),
        ("没有引用", []),
    ],
)
def test_the_works_that_a_text_cites(text: str, names: list[str]) -> None:
    assert list(cited_works(text)) == names


# --- words ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "异地就医备案", {"异地", "异地就医", "异地就医备案", "就医", "备案"}, id="all-words-at-every-position"
        ),
        pytest.param("B超声检查", {"b", "b超", "超声", "检查"}, id="mixed-hides-nothing"),
        pytest.param("ＰＤ－1抗体", {"pd", "1", "pd1", "抗体"}, id="letters-hyphen-digits"),
        pytest.param("2025年 12025 4A级", {"2025", "12025", "4a"}, id="whole-runs"),
        pytest.param("補牙", {"补牙"}, id="traditional"),
        pytest.param("的", set(), id="single-characters-are-for-bigrams"),
        pytest.param("", set(), id="empty"),
    ],
)
def test_index_words(segmenter: Segmenter, text: str, expected: set[str]) -> None:
    assert set(index_words(fold(text))) == expected


@pytest.mark.parametrize("at_once", [1, 7, 50])
def test_words_of_a_long_text_come_in_parts(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """And wherever one part ends, no word is lost and none is counted twice."""
    run = "第九届全国人民代表大会常务委员会异地就医备案城乡居民基本医疗保险报销比例"
    text = fold(f"{run * 3}，黑医保发〔2024〕3号，CT检查。\n{run}")
    whole = Counter(index_words(text))
    assert whole["第九届全国人民代表大会常务委员会"] == 4
    monkeypatch.setattr(tokens, "_HAN_AT_ONCE", at_once)
    parts = list(index_word_parts(text))
    assert len(parts) > len(run) * 4 // at_once
    assert Counter(chain.from_iterable(parts)) == whole


def test_no_word_is_longer_than_the_longest() -> None:
    jieba = find_spec("jieba")
    assert jieba and jieba.origin
    dictionary = Path(jieba.origin).with_name("dict.txt").read_text("utf-8").splitlines()
    for words in ((line.split(" ")[0] for line in dictionary), lexicon(), place_names()):
        assert max(map(len, words)) <= tokens.LONGEST_WORD


def test_index_words_repeat_with_the_word(segmenter: Segmenter) -> None:
    words = Counter(index_words(fold("医保卡，医保码 a类A类，ct CT ct")))
    assert (words["医保"], words["a类"], words["ct"]) == (2, 2, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("异地就医备案怎么取消", "异地就医 备案 怎么 取消", id="compound-in-parts"),
        pytest.param("沈阳大病报销", "沈阳 大病 报销", id="place"),
        pytest.param("黑龙江省黑河市补牙", "黑龙江省 黑河市 补牙", id="official-places"),
        pytest.param("湖南永州医保", "湖南 永州 医保", id="places-that-jieba-joins"),
        pytest.param("职工医保门诊统筹", "职工 医保 门诊统筹", id="lexicon"),
        pytest.param("b超和3.5万元", "b超 和 NUM35000元", id="mixed-and-decimal"),
        pytest.param("PD-1 2024-2025", "pd1 2024 2025", id="hyphens"),
        pytest.param("医保,卡。", "医保 卡", id="punctuation-separates"),
        pytest.param("请问粤医保发（2023）15號", "请问 DOC粤医保发〔2023〕15号", id="document-number"),
        pytest.param("𠮷㐂", "𠮷 㐂", id="rare-han-singly"),
        pytest.param("", "", id="empty"),
    ],
)
def test_query_words(segmenter: Segmenter, text: str, expected: str) -> None:
    assert " ".join(token.text for token in query_words(fold(text))) == expected


FRAGMENTS = st.sampled_from(
    [
        *list(lexicon())[::7],
        *place_names()[::97],
        *mixed_words(),
        *"医保就疗门诊备案的了不a1超类 ，。-.\n",
        *(
            "2025",
            "12025",
            "pd-1",
            "x-pd-1",
            "b 超",
            "wi fi",
            "三千元",
            "3,000 元",
            "第2次",
            "60%",
            "三至",
            "六个月",
            "1.5万",
            "ⅱ 型",
            "500mg",
            "ct",
            "act",
            "粤医保发〔2023〕15号",
            "哈哈哈",
            "干隆",
            "𠮷",
            "々",
            "ｱ",
            "가나",
        ),
    ]
)
TEXTS = st.one_of(
    st.lists(FRAGMENTS, max_size=12).map("".join), st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))
).map(fold)


@pytest.mark.parametrize("name", SEGMENTERS)
@given(text=TEXTS)
def test_index_holds_exactly_the_occurrences(name: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "segmenter", lambda: made(name))
        for word, count in Counter(index_words(text)).items():
            assert is_word(word), word
            assert count == len(occurrences(word, text)), word


@pytest.mark.parametrize("name", SEGMENTERS)
@given(before=TEXTS, word=FRAGMENTS.map(fold), after=TEXTS)
def test_every_word_is_found_wherever_it_occurs(name: str, before: str, word: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "segmenter", lambda: made(name))
        text = before + word + after
        if is_word(word) and occurrences(word, text):
            assert word in index_words(text)


@pytest.mark.parametrize("name", SEGMENTERS)
@given(query=TEXTS, before=TEXTS, after=TEXTS)
def test_words_of_a_query_are_words_of_the_index(name: str, query: str, before: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "segmenter", lambda: made(name))
        indexed = set(index_words(f"{before} {query} {after}"))
        said = {(one.start, one.end) for one in spoken(fold(query))}
        for token in query_words(query):
            if (token.start, token.end) in said:
                continue  # 一万 is asked for as 10000, and as its own characters beside that
            typed = query[token.start : token.end]
            assert typed == token.text or (token.start, token.end) in {
                *occurrences(token.text, query),
                *occurrences(f"NUM{token.text}", query),
            }
            if len(token.text) > 1:
                assert token.text in indexed or f"NUM{token.text}" in indexed


@given(text=TEXTS)
def test_segmenters_agree(text: str) -> None:
    jieba, rjieba = made("jieba"), made("rjieba")
    runs = "\n".join(tokens._SEGMENTED.findall(text))
    assert sorted(jieba.words(runs)) == sorted(rjieba.words(runs))
    assert jieba.cut(runs) == rjieba.cut(runs)


def assert_segmenters_agree(texts: Iterable[str]) -> None:
    jieba, rjieba = made("jieba"), made("rjieba")
    for text in texts:
        for run in tokens._SEGMENTED.findall(fold(text)):
            assert jieba.words(run) == rjieba.words(run)
            assert jieba.cut(run) == rjieba.cut(run)


def test_segmenters_agree_on_articles() -> None:
    pages = [*sorted((ROOT / "tests/samples/pages").glob("*.txt")), *sorted((ROOT / "seeds/articles").glob("*.md"))]
    assert_segmenters_agree(page.read_text(encoding="utf-8") for page in pages)
    assert_segmenters_agree(json.loads(line)["text"] for line in made_records(200))


def test_segmenters_agree_on_real_text(shared: Path) -> None:
    assert_segmenters_agree(page.read_text(encoding="utf-8") for page in sorted((shared / "seeds").glob("*.txt")))
    records = (shared / "corpora/policy_gz/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    assert_segmenters_agree(json.loads(line)["text"] for line in records)


# --- the definition of a match ---


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        pytest.param("医保", "医保和医保卡", [(0, 2), (3, 5)], id="han"),
        pytest.param("哈哈", "哈哈哈", [(0, 2), (1, 3)], id="overlapping"),
        pytest.param("医", "中医医", [(1, 2), (2, 3)], id="one-character"),
        pytest.param("2025", "2025年 12025 20251 x2025", [(0, 4)], id="digits-whole"),
        pytest.param("ct", "act ct,ctx做ct了", [(4, 6), (11, 13)], id="latin-whole"),
        pytest.param("ct检", "act检查 ct检查", [(6, 9)], id="latin-edge-left"),
        pytest.param("年2025", "年20251 年2025", [(7, 12)], id="digit-edge-right"),
        pytest.param("b超", "ab超 b超 b超声", [(4, 6), (7, 9)], id="mixed"),
        pytest.param("b超", "B 超 B-超 b  超", [(0, 3), (4, 7)], id="mixed-with-a-seam"),
        pytest.param("pd1", "PD-1 pd1 PD 1 apd-1 pd-12", [(0, 4), (5, 8), (9, 13)], id="runs-together"),
        pytest.param("pd", "PD-1 pd1", [(0, 2)], id="run-before-a-hyphen"),
        pytest.param("20245", "2024-5", [], id="digits-are-not-joined"),
        pytest.param("门诊 统筹", "门诊 统筹 门诊统筹", [(0, 5)], id="blank-is-literal"),
        pytest.param("", "医保", [], id="empty-form"),
        pytest.param("医保", "", [], id="empty-text"),
        pytest.param(
            "DOC粤医保发〔2023〕15号", "据粤医保发[2023]15号，", [(1, 14)], id="document-number-in-other-brackets"
        ),
        pytest.param("DOC医保发〔2023〕15号", "粤医保发〔2023〕15号", [(1, 13)], id="document-number-shorter-prefix"),
        pytest.param(
            "DOC粤医保发〔2023〕15号", "粤医保发〔2024〕15号 粤医保发〔2023〕115号", [], id="document-number-other"
        ),
        pytest.param("粤医保发〔2023〕15号", "粤医保发(2023)15号", [], id="quoted-number-is-literal"),
    ],
)
def test_occurrences(form: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert occurrences(form, fold(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "粤医保发〔2023〕15号",
        "粤医保发［２０２３］１５号",
        "粤醫保發（2023）15號",
        "粤医保发【2023】第15号",
        "粤医保发 〔2023〕 15 号",
        "粤医保发2023年15号",
        "粤医保发〔2023〕015号",
        "根据粤医保发(2023)15号文件",
    ],
)
def test_document_numbers_have_one_key(text: str) -> None:
    key = "DOC粤医保发〔2023〕15号"
    assert key in index_words(fold(text))
    assert key in [token.text for token in query_words(fold(text))]
    assert is_word(key)


@pytest.mark.parametrize(
    "text", ["2023年15号楼", "电话2023号", "〔2023〕15号", "粤医保发〔2023〕号", "医保2023 15号线"]
)
def test_what_is_no_document_number(text: str) -> None:
    assert not any(word.startswith("DOC") for word in index_words(fold(text)))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("异地就医备案", True),
        ("2025", True),
        ("pd1", True),
        ("pd-1", False),
        ("NUM3000元", True),
        ("b超", True),
        ("医", False),
        ("就医备", False),
        ("3.5", False),
        ("医保 卡", False),
        ("医保a", False),
        ("", False),
    ],
)
def test_is_word(segmenter: Segmenter, form: str, expected: bool) -> None:
    assert is_word(form) is expected


# --- the word files ---


def test_lexicon_is_large_and_has_no_duplicates() -> None:
    words = Counter("".join(line.split()) for line in lines(LEXICON))
    assert len(words) >= 300
    assert [word for word, count in words.items() if count > 1] == []
    assert [word for word in words if fold(word) != word] == []


def test_the_cut_reads_every_lexicon_word_as_the_file_says(segmenter: Segmenter) -> None:
    wrong = {
        word: [token.text for token in query_words(word)]
        for word, parts in lexicon().items()
        if tuple(token.text for token in query_words(word)) != parts
    }
    assert wrong == {}
    assert [part for parts in lexicon().values() for part in parts if len(part) > 1 and not is_word(part)] == []


def test_everyday_words_are_kept_whole_in_sentences(segmenter: Segmenter) -> None:
    for word in (
        "门诊统筹",
        "异地就医",
        "封顶线",
        "新农合",
        "惠民保",
        "家庭共济",
        "医保码",
        "断缴",
        "双通道",
        "慢特病",
    ):
        assert word in [token.text for token in query_words(f"请问今年的{word}怎么办理")], word


def test_place_names_come_from_the_data_file() -> None:
    assert {"黑龙江省", "黑龙江", "沈阳市", "沈阳", "大兴安岭地区"} <= set(place_names())
    assert [name for name in place_names() if fold(name) != name or len(name) < 2] == []


def test_mixed_words_have_both_kinds_of_characters() -> None:
    assert len(set(mixed_words())) == len(mixed_words())
    for word in mixed_words():
        assert is_word(word)
        assert tokens._RUNS.search(word)
        assert not tokens._RUNS.fullmatch(word)


def test_question_words_keep_negations() -> None:
    assert {"怎么", "如何", "吗", "多少", "能不能", "哪些", "是什么", "的"} <= question_words()
    assert question_words().isdisjoint({"不", "无", "没", "没有", "不能", "医保", "报销", "比例"})
    listed = Counter(word for line in lines(QUESTION_WORDS) for word in line.split())
    assert [word for word, count in listed.items() if count > 1] == []


def test_synonym_groups_are_sound() -> None:
    groups = [read_group(line, SYNONYM_WEIGHT) for line in lines(SYNONYMS)]
    pairs = Counter((word, other) for group in groups for word, others, _ in group for other in others)
    assert len(groups) >= 60
    assert [pair for pair, count in pairs.items() if count > 1] == []
    assert [word for word, other in pairs if word == other] == []
    assert {weight for group in groups for _, _, weight in group if not 0 < weight < 1} == set()
    typed = {word for word, _ in pairs if not is_key(word)}
    never_used = {word for word in typed if [clause.forms[0].text for clause in parse(word).clauses] != [word]}
    assert never_used == set()


def test_every_synonym_group_finds_something(shared: Path) -> None:
    """In the seeds, or in what their facts come from: the saved pages and the policy corpus."""
    sources = [*(ROOT / "seeds/articles").glob("*.md"), *(shared / "seeds").glob("*.txt")]
    text = fold("\n".join(path.read_text("utf-8") for path in [*sources, shared / "corpora/policy_gz/corpus.jsonl"]))
    idle = [
        line
        for line in lines(SYNONYMS)
        if not any(
            other in text
            for word, others, _ in read_group(line, SYNONYM_WEIGHT)
            for other in others
            if word not in other
        )
    ]
    assert idle == []


def test_words_that_say_the_same_are_sound_and_search_nothing() -> None:
    groups = [read_group(line, 1.0) for line in lines(SAME_WORDS)]
    pairs = Counter((word, other) for group in groups for word, others, _ in group for other in others)
    assert len(groups) >= 100
    assert [pair for pair, count in pairs.items() if count > 1] == []
    assert [word for word, other in pairs if word in other] == []
    typed = {word for word, _ in pairs if not is_key(word)}
    assert {word for word in typed if [clause.forms[0].text for clause in parse(word).clauses] != [word]} == set()
    assert [form.text for form in same_words("爸妈")] != []
    assert same_words("没有这个词") == ()
    assert "法定代表人" not in [form.text for form in synonyms("老板", SYNONYM_WEIGHT)]
    assert "法定代表人" in [form.text for form in same_words("老板")]


def test_synonyms_one_way_and_two_way() -> None:
    assert "医疗保险" in [form.text for form in synonyms("医保", SYNONYM_WEIGHT)]
    assert "医保" in [form.text for form in synonyms("医疗保险", SYNONYM_WEIGHT)]
    assert "城乡居民医保" in [form.text for form in synonyms("新农合", SYNONYM_WEIGHT)]
    assert synonyms("城乡居民医保", SYNONYM_WEIGHT) == ()
    assert synonyms("没有这个词", SYNONYM_WEIGHT) == ()
    assert all(form.weight < 1 for form in synonyms("异地就医", SYNONYM_WEIGHT))


@pytest.mark.parametrize("line", ["医保", "医保 =", "= 医保", "医保 = 社保 @x"])
def test_malformed_synonym_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"synonym|float"):
        read_group(line, SYNONYM_WEIGHT)


def test_segmenter_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter_module.segmenter.cache_clear()
    monkeypatch.setenv("YIBAO_SEGMENTER", "jieba")
    assert segmenter_name() == "jieba 0.42.1"
    segmenter_module.segmenter.cache_clear()
    monkeypatch.setenv("YIBAO_SEGMENTER", "hanlp")
    with pytest.raises(SearchError, match="jieba, rjieba"):
        segmenter_name()
    monkeypatch.delenv("YIBAO_SEGMENTER")
    assert segmenter_name().startswith("rjieba ")


def test_jieba_leaves_the_temp_directory_alone_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "jieba.cache").write_bytes(b"planted")
    run = subprocess.run(
        [sys.executable, "-c", "from search.text import index_words; print(index_words('异地就医'))"],
        env={**os.environ, "TMPDIR": str(tmp_path), "YIBAO_SEGMENTER": "jieba"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jieba.cache"]
    assert (tmp_path / "jieba.cache").read_bytes() == b"planted"
    assert (run.stdout.strip(), run.stderr) == ("['异地', '异地就医', '就医']", "")
