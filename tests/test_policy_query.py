"""How a query is read: years, amounts, negations, names, limits, and which way it looks."""

from __future__ import annotations

import pytest
from policy import understood

from search.errors import UserError
from search.model import Clause, Form
from search.query.grammar import as_phrase, parse, read_words
from search.text import direction, fold


def kinds(text: str) -> dict[str, str]:
    return {clause.text: clause.kind for clause in parse(text).clauses}


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1900年 螃蟹", (1900,)),
        ("1999 螃蟹", (1999,)),
        ("2001 螃蟹", (2001,)),
        ("2099 螃蟹", (2099,)),
        ("2000年 螃蟹", (2000,)),
        ("2000 螃蟹", ()),
        ("1899 螃蟹", ()),
        ("2100 螃蟹", ()),
        ("2025元 螃蟹", ()),
        ("2025块 螃蟹", ()),
        ("2025万 螃蟹", ()),
        ("2025人 螃蟹", ()),
        ("2025 元 螃蟹", ()),
        ("2025  元 螃蟹", (2025,)),
        ("20255 螃蟹", ()),
        ("2024到2025 螃蟹", (2024, 2025)),
        ("２０２５年 螃蟹", (2025,)),
    ],
)
def test_what_is_a_year(text: str, years: tuple[int, ...]) -> None:
    assert parse(text).years == years


def test_a_year_is_required_only_where_nothing_else_is() -> None:
    assert kinds("2025 怎么") == {"2025": "word", "怎么": "question"}
    assert kinds("2025 -螃蟹") == {"2025": "word", "螃蟹": "excluded"}
    assert kinds('2025 "螃蟹"') == {"2025": "optional", "螃蟹": "phrase"}
    assert kinds("怎么 吗") == {"怎么": "word", "吗": "word"}


@pytest.mark.parametrize(
    "word",
    ["多少", "比例", "几", "限额", "额度", "多久", "多长", "标准", "封顶线", "起付线", "上限", "金额", "基数"],
)
def test_what_asks_for_an_amount(word: str) -> None:
    assert parse(f"螃蟹 {word}").asks_amount
    assert not parse("螃蟹 怎么报").asks_amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("螃蟹能报不", {"螃蟹": "word", "能": "question", "报": "word", "不": "question"}),
        ("备案没", {"备案": "word", "没": "question"}),
        ("备案没有", {"备案": "word", "没有": "question"}),
        ("没备案", {"没": "word", "备案": "word"}),
        ("不备案", {"不": "word", "备案": "word"}),
        ("报不报", {"报": "word", "不报": "question"}),
        ("报没报", {"报": "word", "没报": "question"}),
        ("能不能报", {"能不能": "question", "报": "word"}),
    ],
)
def test_a_negation_asks_or_denies(text: str, expected: dict[str, str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize("negation", "不无没未非")
def test_a_negation_is_never_part_of_a_name(negation: str) -> None:
    assert [token.text for token in read_words(fold(f"{negation}囧"))] == [negation, "囧"]


def test_characters_that_are_no_words_are_joined_to_a_name() -> None:
    assert [token.text for token in read_words("囧囧囧")] == ["囧囧囧"]
    assert [token.text for token in read_words("囧 囧")] == ["囧", "囧"]
    # 痛 means something by itself: it begins a word of its own, unless a name is looked for.
    assert [token.text for token in read_words("囧痛")] == ["囧", "痛"]
    assert [token.text for token in read_words("囧痛", names=True)] == ["囧痛"]


@pytest.mark.parametrize(
    ("typed", "forms"),
    [
        ("1000", ["1000", "NUM1000"]),
        ("9", ["9", "NUM9"]),
        ("1,000", ["1000", "NUM1000"]),
        ("一千", ["1000", "NUM1000", "一千"]),
        ("10,000,000", ["10000000", "NUM10000000"]),
        ("0999", ["0999"]),
        ("1000元", ["NUM1000元"]),
        ("25年", ["NUM25年", "2025"]),
        ("二十五年", ["NUM25年"]),
        ("着急", ["着急", "著急"]),
        ("个人帐户", ["个人帐户", "个人账户"]),
        ("三级医院", ["三级医院", "3级医院", "三甲", "三甲医院"]),
    ],
)
def test_what_is_written_otherwise_and_no_other_word_is_searched_as_well(typed: str, forms: list[str]) -> None:
    (clause,) = parse(typed).clauses
    assert [form.text for form in clause.forms] == forms


@pytest.mark.parametrize(
    ("text", "place", "forms"),
    [
        ("沈阳市", "沈阳市", ["沈阳市", "沈阳"]),
        ("沈阳", "沈阳市", ["沈阳"]),
        ("新民市", "沈阳市", ["新民市"]),
        ("内蒙古自治区", "内蒙古自治区", ["内蒙古自治区", "内蒙古"]),
    ],
)
def test_the_word_of_a_place_is_searched_as_its_short_name_too(text: str, place: str, forms: list[str]) -> None:
    clause = understood(text).clauses[0]
    assert (clause.place, [form.text for form in clause.forms if form.weight == 1]) == (place, forms)


@pytest.mark.parametrize(
    ("text", "insurance"),
    [
        ("居民医保螃蟹", ["居民医保"]),
        ("职工医保转居民医保", ["职工医保", "居民医保"]),
        ("螃蟹", []),
        ('"居民医保" 螃蟹', []),
        ("螃蟹 -居民医保", []),
        ("医保", []),
    ],
)
def test_insurance_types_are_read_from_what_is_asked_for(text: str, insurance: list[str]) -> None:
    assert [named.value for named in understood(text).insurance] == insurance


def test_places_are_masked_before_insurance_types_are_looked_for() -> None:
    """What a place is called is no name of an insurance type."""
    seen: list[str] = []

    def remember(masked: str) -> tuple[()]:
        seen.append(masked)
        return ()

    from search.gazetteer import find_places

    parse('沈阳市 "职工" 居民 -农合 大连', find_places, remember)
    assert seen == ["〇〇〇      居民     〇〇"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("沈阳医保去外地看病", "out"),
        ("在外地看病", "out"),
        ("到异地住院", "out"),
        ("往省外转院", "out"),
        ("医保卡可以异地使用", "out"),
        ("社保卡跨省看病", "out"),
        ("新农合在外省住院", "out"),
        ("出省看病", "out"),
        ("出市看病", "out"),
        ("去了其他省看病", "out"),
        ("去别的省看病", "out"),
        ("外地人在沈阳看病", "into"),
        ("外地户口看病", "into"),
        ("外地户籍看病", "into"),
        ("异地患者看病", "into"),
        ("外地病人看病", "into"),
        ("外地医保卡怎么用", "into"),
        ("外省医保码怎么用", "into"),
        ("异地医保能在沈阳用", "into"),
        ("异地居民医保怎么到沈阳用", "into"),
        ("从外地来看病", "into"),
        ("医保卡是外地的", "into"),
        ("医保是外地的", "into"),
        ("来京看病", "into"),
        ("进沪就医", "into"),
        ("赴粤就医", "into"),
        ("在外地参保的", None),
        ("在外地交的医保", None),
        ("异地医保", None),
        ("来粤东看病", None),
        ("在京剧院", None),
        ("住院报销", None),
    ],
)
def test_which_way_a_text_looks(text: str, expected: str | None) -> None:
    assert direction(text) == expected


def test_limits_are_told_in_the_message() -> None:
    assert parse("囧" * 200).text == "囧" * 200
    with pytest.raises(UserError, match="longer than 200 characters") as caught:
        parse("囧" * 201)
    assert caught.value.message == "要搜的文字最多 200 个字，请缩短一些。"


@pytest.mark.parametrize(
    "ignored", ["\ufffd", "\x00", "\u200b", "\ue000", "☀", "➿", "🀀", "\U0001ffff", "\ufe00", "\ufe0f"]
)
def test_what_is_ignored_is_said(ignored: str) -> None:
    assert [note.code for note in parse(f"螃蟹{ignored}").notes] == ["ignored-characters"]


@pytest.mark.parametrize("kept", ["\u25ff", "⟀", "é", "𠀀", "\t", "\u3000", "①", "\ufe10"])
def test_what_is_not_ignored_is_not_said(kept: str) -> None:
    assert parse(f"螃蟹{kept}").notes == ()


def test_a_phrase_is_its_very_characters() -> None:
    assert as_phrase("ＣＴ 檢查") == Clause("phrase", "ＣＴ 檢查", 0, 5, (Form("ct 检查"),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('螃蟹 -"大虾', {"螃蟹": "word", "大虾": "word"}),
        ("螃蟹 -大虾-贝壳", {"螃蟹": "word", "大虾-贝壳": "excluded"}),
        ("螃蟹 -大虾.", {"螃蟹": "word", "大虾": "excluded"}),
        ("螃蟹 -3.5", {"螃蟹": "word", "3.5": "excluded"}),
        ("螃蟹“大虾”贝壳", {"螃蟹": "word", "大虾": "phrase", "贝壳": "word"}),
        ("「螃蟹」大虾」", {"螃蟹": "phrase", "大虾": "word"}),
        ("螃蟹-“大虾”", {"螃蟹": "word", "大虾": "phrase"}),
    ],
)
def test_quotes_and_exclusions(text: str, expected: dict[str, str]) -> None:
    assert kinds(text) == expected


def test_an_exclusion_in_quotes_means_the_very_characters() -> None:
    quoted, bare = parse('-"螃蟹" -大虾').clauses
    assert (quoted.quoted, quoted.literal, bare.quoted, bare.literal) == (True, True, False, False)


@pytest.mark.parametrize("typed", ["五险", "六险", "三险一金", "五险一金", "五险二金", "六险一金", "六险两金"])
def test_what_employers_call_their_insurances_also_searches_what_they_are(typed: str) -> None:
    assert "社保" in {form.text for clause in parse(typed).clauses for form in clause.forms}
