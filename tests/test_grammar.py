"""What is typed, as clauses and notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import UserError
from search.model import Clause, Form, Named, Parsed
from search.query.grammar import MAX_CHARACTERS, parse
from search.text import fold, occurrences, question_words


def read(parsed: Parsed) -> str:
    """The clauses as one line: `word`, `"phrase"`, `-excluded`, `(question)`, `~optional`, each by its first form."""
    signs = {"word": "{}", "phrase": '"{}"', "excluded": "-{}", "question": "({})", "optional": "~{}"}
    return " ".join(signs[clause.kind].format(clause.forms[0].text) for clause in parsed.clauses)


def codes(parsed: Parsed) -> list[str]:
    return [note.code for note in parsed.notes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("异地就医备案怎么取消", "异地就医 备案 (怎么) 取消", id="question"),
        pytest.param("異地就醫", "异地就医", id="traditional"),
        pytest.param("补牙 黑河", "补牙 黑河", id="blank"),
        pytest.param("沈阳大病报销", "沈阳 大病 报销", id="run-on"),
        pytest.param('"门诊统筹"', '"门诊统筹"', id="ascii-quotes"),
        pytest.param("“门诊统筹”", '"门诊统筹"', id="curly-quotes"),
        pytest.param("”门诊统筹“", '"门诊统筹"', id="curly-quotes-reversed"),
        pytest.param("＂门诊统筹＂", '"门诊统筹"', id="full-width-quotes"),
        pytest.param("「门诊统筹」『慢特病』", '"门诊统筹" "慢特病"', id="corner-quotes"),
        pytest.param('医保"个人账户"余额', '医保 "个人账户" 余额', id="quote-inside"),
        pytest.param('" 门诊 统筹 "', '"门诊 统筹"', id="blanks-in-quotes"),
        pytest.param('"多少钱"', '"多少钱"', id="question-words-count-in-quotes"),
        pytest.param('"门诊、统筹"', '"门诊、统筹"', id="punctuation-counts-in-quotes"),
        pytest.param("住院 -门诊统筹", "住院 -门诊统筹", id="minus"),
        pytest.param("-异地就医备案", "-异地就医备案", id="minus-takes-the-whole-word"),
        pytest.param("住院 －门诊", "住院 -门诊", id="full-width-minus"),
        pytest.param('-"个人账户" 医保', "-个人账户 医保", id="minus-quote"),
        pytest.param("住院　-门诊", "住院 -门诊", id="minus-after-ideographic-space"),
        pytest.param("住院-门诊", "住院 门诊", id="minus-inside-separates"),
        pytest.param("住院 - 门诊", "住院 门诊", id="minus-alone"),
        pytest.param("--门诊", "门诊", id="two-minuses"),
        pytest.param("-PD-1 疫苗", "-pd1 疫苗", id="minus-mixed"),
        pytest.param("-门诊,住院", "-门诊 住院", id="minus-ends-at-punctuation"),
        pytest.param("医保 -粤医保发（2023）15号", "医保 -DOC粤医保发〔2023〕15号", id="minus-document-number"),
        pytest.param("粤医保发〔2023〕15號", "DOC粤医保发〔2023〕15号", id="document-number"),
        pytest.param("PD-1能报吗", "pd1 (能) 报 (吗)", id="mixed-script"),
        pytest.param("医保 医保 醫保", "医保", id="said-twice"),
        pytest.param("医保 -医保", "医保 -医保", id="contradiction-stays"),
        pytest.param("2025年缴费标准", "~2025 (年) 缴费 标准", id="year-boosts"),
        pytest.param("到2000元报销", "(到) NUM2000元 报销", id="amount-is-no-year"),
        pytest.param("2000年 12025 报销", "~2000 (年) 12025 报销", id="year-2000"),
        pytest.param("2025", "2025", id="year-alone-is-required"),
        pytest.param("2025年", "2025 (年)", id="year-and-question-word"),
        pytest.param("70岁报销", "NUM70岁 报销", id="number"),
        pytest.param("怎么办", "怎么办", id="only-question-words"),
        pytest.param("怎么 -门诊", "怎么 -门诊", id="question-word-and-minus"),
        pytest.param("不备案能报销吗", "不 备案 (能) 报销 (吗)", id="negation-stays"),
        pytest.param("医保卡能不能全国用", "医保卡 (能不能) 全国 (用)", id="whether"),
        pytest.param("门诊报不报", "门诊 报 (不报)", id="whether-of-a-word"),
        pytest.param("有没有等待期", "(有没有) 等待期", id="whether-there-is"),
        pytest.param("产检能报不", "产检 (能) 报 (不)", id="negation-at-the-end-asks"),
        pytest.param("备案了没有？医保", "备案 (了) (没有) 医保", id="negation-before-punctuation-asks"),
        pytest.param("报不了", "报不了", id="negation-inside-denies"),
        pytest.param("7,570元", "NUM7570元", id="grouped-digits"),
        pytest.param("1,2,3", "1 2 3", id="listed-digits"),
        pytest.param("康立星医生", "康立星 医生", id="unknown-name-stays-together"),
        pytest.param("没交医保", "没 交 医保", id="negation-is-not-joined"),
        pytest.param("矫牙报不报", "矫牙 报 (不报)", id="character-with-a-meaning-is-not-joined"),
        pytest.param("报消比例", "报消 比例", id="but-joined-with-what-follows"),
        pytest.param("咱家娃儿咋个参保哩", "(咱家) 娃儿 (咋个) 参保 (哩)", id="regional-question-words"),
        pytest.param("title:医保 AND (住院*) OR ?", "title 医保 and 住院 or", id="engine-syntax-is-text"),
        pytest.param("<script>alert(1)</script>", "script alert 1", id="script"),
        pytest.param("' OR 1=1; DROP TABLE x --", "or 1 drop table x", id="sql"),
        pytest.param("it's", "it s", id="apostrophe"),
        pytest.param("yibao", "yibao", id="pinyin"),
        pytest.param("医", "医", id="one-character"),
        pytest.param("的", "的", id="one-question-character"),
        pytest.param("a b", "a b", id="single-letters"),
    ],
)
def test_clauses(text: str, expected: str) -> None:
    parsed = parse(text)
    assert read(parsed) == expected
    assert codes(parsed) == []


@pytest.mark.parametrize(
    ("text", "expected", "notes"),
    [
        pytest.param("", "", [], id="empty-browses"),
        pytest.param(" \u3000\t\n", "", [], id="blank-browses"),
        pytest.param("！？。,.-", "", ["nothing-to-search"], id="punctuation-only"),
        pytest.param('"', "", ["lone-quote", "nothing-to-search"], id="lone-quote-alone"),
        pytest.param('"门诊', "门诊", ["lone-quote"], id="lone-quote"),
        pytest.param("门诊」", "门诊", ["lone-quote"], id="lone-closing-quote"),
        pytest.param('-"门诊', "门诊", ["lone-quote"], id="lone-quote-after-minus"),
        pytest.param('""', "", ["nothing-to-search"], id="empty-quotes"),
        pytest.param('"。"', "", ["nothing-to-search"], id="quoted-punctuation"),
        pytest.param('"" 医保', "医保", [], id="empty-quotes-and-a-word"),
        pytest.param("\ud800", "", ["ignored-characters", "nothing-to-search"], id="lone-surrogate"),
        pytest.param("医\ud800保", "医 保", ["ignored-characters"], id="surrogate-inside"),
        pytest.param("医保😀☎️", "医保", ["ignored-characters"], id="emoji"),
        pytest.param("\u202e医保\u200f", "医保", ["ignored-characters"], id="rtl-marks"),
        pytest.param("医保\x00\x1b[31m住院", "医保 31m 住院", ["ignored-characters"], id="control-characters"),
        pytest.param("\ufeff医保", "医保", ["ignored-characters"], id="byte-order-mark"),
        pytest.param("\u200b", "", ["ignored-characters", "nothing-to-search"], id="zero-width-only"),
    ],
)
def test_bad_input_is_noted(text: str, expected: str, notes: list[str]) -> None:
    parsed = parse(text)
    assert read(parsed) == expected
    assert codes(parsed) == notes
    parsed.text.encode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("医" * (MAX_CHARACTERS + 1), id="characters"),
        pytest.param("医" * 10_000, id="ten-thousand"),
    ],
)
def test_too_long_is_a_clear_error(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert caught.value.field == "q"
    assert str(MAX_CHARACTERS) in caught.value.message


@pytest.mark.parametrize(
    "text", ["医" * MAX_CHARACTERS, " ".join(f"-w{n}" for n in range(40)), '"a"' * 66, " 吗 的 怎么 呢" * 20]
)
def test_the_limits_themselves_are_allowed(text: str) -> None:
    assert parse(text).clauses


def test_offsets_and_typed_text_are_the_original() -> None:
    parsed = parse("黑河 醫保 “ＣＴ” -Ａ")
    assert [(clause.text, clause.start, clause.end) for clause in parsed.clauses] == [
        ("黑河", 0, 2),
        ("醫保", 3, 5),
        ("ＣＴ", 7, 9),
        ("Ａ", 12, 13),
    ]


def test_synonyms_follow_the_typed_form() -> None:
    (clause,) = parse("異地就醫").clauses
    assert clause.forms[0] == Form("异地就医", 1.0)
    assert Form("跨省就医", 0.7) in clause.forms
    assert all(form.weight < 1 for form in clause.forms[1:])


@pytest.mark.parametrize("text", ["“异地就医”", "医保卡 -异地就医"])
def test_no_synonyms_in_quotes_and_exclusions(text: str) -> None:
    (clause,) = [clause for clause in parse(text).clauses if clause.kind != "word"]
    assert clause.forms == (Form("异地就医"),)


def places_of(*names: tuple[str, str, str]) -> object:
    def find(folded: str) -> list[Named]:
        return [
            Named("city", value, label, folded.index(typed), folded.index(typed) + len(typed))
            for typed, value, label in names
            if typed in folded
        ]

    return find


def test_places_are_named_and_their_short_form_searched() -> None:
    parsed = parse("黑河市補牙", find_places=places_of(("黑河市", "黑河市", "黑河")))  # type: ignore[arg-type]
    assert parsed.places == (Named("city", "黑河市", "黑河", 0, 3),)
    assert parsed.clauses[0] == Clause("word", "黑河市", 0, 3, (Form("黑河市"), Form("黑河")), place="黑河市")
    assert parsed.clauses[1].place == ""


def test_a_lifted_place_keeps_its_own_word() -> None:
    parsed = parse("晋宁医保", find_places=places_of(("晋宁", "昆明市", "昆明")))  # type: ignore[arg-type]
    assert (parsed.clauses[0].place, parsed.clauses[0].forms) == ("昆明市", (Form("晋宁"),))


def test_quoted_and_excluded_places_are_no_places() -> None:
    find = places_of(("沈阳", "沈阳市", "沈阳"))
    assert parse("“沈阳”医保", find_places=find).places == ()  # type: ignore[arg-type]
    assert parse("医保 -沈阳", find_places=find).places == ()  # type: ignore[arg-type]


@given(
    st.one_of(
        st.text(st.characters(), max_size=MAX_CHARACTERS),
        st.lists(
            st.sampled_from(
                [*'"“”「」『』-－ \u3000\n\x00\ud800\u202e😀，。a1', "医保", "怎么", "2025", "粤医保发〔2023〕15号"]
            ),
            max_size=20,
        ).map("".join),
    )
)
def test_parse_never_fails_and_offsets_hold(text: str) -> None:
    try:
        parsed = parse(text)
    except UserError as error:
        assert len(text) > MAX_CHARACTERS, error
        return
    assert len(parsed.text) == len(text)
    parsed.text.encode()
    starts = [clause.start for clause in parsed.clauses]
    assert starts == sorted(set(starts))
    for clause in parsed.clauses:
        assert parsed.text[clause.start : clause.end] == clause.text
        first = clause.forms[0].text
        assert first.startswith(("DOC", "NUM")) or occurrences(first, fold(clause.text)) or clause.literal
        assert clause.kind != "question" or clause.forms[0].text in question_words()
    assert ("nothing-to-search" in codes(parsed)) == (bool(text.strip()) and not parsed.clauses)
