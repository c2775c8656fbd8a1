"""Which sentences stand for an article: what makes one better than another, and by how much.

Each case is a text of sentences and the one (or two) that must be shown, so that the factors are held from both sides.
A sentence is long enough to stand alone (40 characters); 甲, 乙, 丙 fill it up.
"""

from __future__ import annotations

import pytest

from search.model import Article, Clause, Form, Parsed, Section
from search.query.grammar import parse
from search.query.highlight import snippets, spans


def filled(words: str, length: int = 45, filling: str = "甲") -> str:
    """A sentence of a length that begins with words."""
    return words + filling * (length - len(words) - 1) + "。"


def shown(
    sentences: list[str], query: str | Parsed, limit: int = 1, max_chars: int = 160, headings: tuple[str, ...] = ()
) -> list[str]:
    """The sentences that are shown, by the words that they begin with."""
    text = "\n".join(sentences)
    starts = sorted(text.index(heading) for heading in headings)
    ends = [*starts[1:], len(text)][: len(starts)]
    sections = tuple(
        Section("", 2, start, text.index("\n", start) + 1, end, f"s{start}")
        for start, end in zip(starts, ends, strict=True)
    )
    parsed = parse(query) if isinstance(query, str) else query
    found = snippets(parsed, Article("a", "article", "标题", text, sections=sections), limit, max_chars)
    return [snippet.text.partition("甲")[0] for snippet in found]


def query_of(*forms: tuple[str, ...], weight: float = 0.7) -> Parsed:
    """A query of words, each with other forms that count `weight`."""
    clauses = (Clause("word", one[0], 0, 0, (Form(one[0]), *(Form(f, weight) for f in one[1:]))) for one in forms)
    return Parsed("", tuple(clauses))


@pytest.mark.parametrize(
    ("sentences", "query", "expected"),
    [
        pytest.param(["螃蟹", "螃蟹，大虾"], "螃蟹 大虾", "螃蟹，大虾", id="two words tell more than one"),
        pytest.param(["螃蟹，螃蟹，螃蟹", "螃蟹，大虾"], "螃蟹 大虾", "螃蟹，大虾", id="the same again tells nothing"),
        pytest.param(["螃蟹", "大虾仁"], '"螃蟹" "大虾仁"', "大虾仁", id="three characters tell more than two"),
        pytest.param(["大虾仁", "大虾仁炒"], '"大虾仁" "大虾仁炒"', "大虾仁炒", id="four tell more than three"),
        pytest.param(
            ["大虾仁炒饭加蛋", "螃蟹，贝壳仁"],
            '"大虾仁炒饭加蛋" "螃蟹" "贝壳仁"',
            "螃蟹，贝壳仁",
            id="seven tell no more than four",
        ),
        pytest.param(["医生", "大夫"], query_of(("大夫", "医生")), "大夫", id="a synonym tells less"),
        pytest.param(["2025", "贝壳仁"], '2025年 "贝壳仁"', "贝壳仁", id="a year tells half"),
        pytest.param(["虾", "2025"], '2025年 "虾"', "2025", id="a year tells more than one character"),
    ],
)
def test_the_sentence_that_tells_most_is_shown(sentences: list[str], query: str | Parsed, expected: str) -> None:
    assert shown([filled(words) for words in sentences], query) == [expected]


@pytest.mark.parametrize(
    ("heading", "query", "expected"),
    [
        pytest.param("螃蟹", '"螃蟹"', "下文，螃蟹", id="text before a heading"),
        pytest.param("大虾，贝壳", '"大虾" "贝壳" "螃蟹仁"', "下文，螃蟹仁", id="two words in a heading tell two"),
        pytest.param(
            "大虾，贝壳，海带，紫菜",
            '"大虾" "贝壳" "海带" "紫菜" "螃蟹仁"',
            "大虾，贝壳，海带，紫菜",
            id="four tell four",
        ),
    ],
)
def test_a_heading_tells_half(heading: str, query: str, expected: str) -> None:
    last = "螃蟹仁" if "螃蟹仁" in query else "螃蟹"
    assert shown([filled(heading), filled(f"下文，{last}")], query, headings=(heading,)) == [expected]


@pytest.mark.parametrize(
    ("sentences", "query", "expected"),
    [
        pytest.param(["螃蟹", "螃蟹，七成"], "螃蟹报多少", "螃蟹，七成", id="an amount where one is asked for"),
        pytest.param(["螃蟹", "螃蟹，七成"], "螃蟹", "螃蟹", id="no amount asked for"),
        pytest.param(
            ["螃蟹，70%", "螃蟹，大虾"], "螃蟹 大虾 多少", "螃蟹，大虾", id="an amount does not make up for a word"
        ),
        pytest.param(
            ["螃蟹，七成", "螃蟹，虾"], '螃蟹 "虾" 多少', "螃蟹，七成", id="but for one character, where it comes first"
        ),
    ],
)
def test_an_amount_counts_half_as_much_again(sentences: list[str], query: str, expected: str) -> None:
    assert shown([filled(words) for words in sentences], query) == [expected]


@pytest.mark.parametrize(
    "amount",
    [
        "70%",
        "７０％",
        "1,000.5元",
        "3 万",
        "2倍",
        "5个",
        "15天",
        "30日",
        "2周",
        "6月",
        "18岁",
        "3次",
        "百分之七十",
        "七成",
    ],
)
def test_what_is_an_amount(amount: str) -> None:
    sentences = [filled("螃蟹"), filled(f"螃蟹，{amount}")]
    assert shown(sentences, "螃蟹报多少") == [f"螃蟹，{amount}"]


@pytest.mark.parametrize("number", ["2025", "百分", "成", "第3条"])
def test_what_is_none(number: str) -> None:
    assert shown([filled("螃蟹"), filled(f"螃蟹，{number}")], "螃蟹报多少") == ["螃蟹"]


def test_two_snippets_show_different_words() -> None:
    """The best has both longer words; a second with these again tells a tenth of 8, less than 1 for a new character."""
    sentences = ["医疗保险，异地就医，乙", "医疗保险，异地就医，丙", "虾"]
    parsed = parse('"医疗保险" "异地就医" "虾"')
    assert shown([filled(words) for words in sentences], parsed, limit=2) == ["医疗保险，异地就医，乙", "虾"]


def test_what_is_shown_already_tells_a_tenth() -> None:
    """Three longer words again are a tenth of 12, more than 1 for a new character."""
    sentences = ["医疗保险，异地就医，门诊统筹，乙", "医疗保险，异地就医，门诊统筹，丙", "虾"]
    parsed = parse('"医疗保险" "异地就医" "门诊统筹" "虾"')
    assert shown([filled(words) for words in sentences], parsed, limit=2, max_chars=400) == sentences[:2]


@pytest.mark.parametrize(("length", "expected"), [(80, ["螃蟹，乙", "螃蟹，丙"]), (81, ["螃蟹，乙"])])
def test_a_second_snippet_without_a_new_word_only_fills_what_is_short(length: int, expected: list[str]) -> None:
    """Of 160 characters half are shown: then nothing is said twice."""
    assert shown([filled("螃蟹，乙", length), filled("螃蟹，丙", length)], "螃蟹", limit=2) == expected


def test_two_snippets_are_the_default() -> None:
    text = "\n".join(filled(word) for word in ("螃蟹", "大虾", "贝壳"))
    assert len(snippets(parse("螃蟹 大虾 贝壳"), Article("a", "article", "题", text))) == 2


@pytest.mark.parametrize(("length", "cut"), [(160, False), (161, True)])
def test_a_sentence_of_a_hundred_and_sixty_characters_is_shown_whole(length: int, cut: bool) -> None:
    (snippet,) = snippets(parse("螃蟹"), Article("a", "article", "题", filled("螃蟹", length)))
    assert snippet.text.endswith("…") == cut
    assert len(snippet.text) == 160 + cut


@pytest.mark.parametrize(("length", "expected"), [(39, 2), (40, 1)])
def test_a_short_sentence_takes_the_next_one_along(length: int, expected: int) -> None:
    text = filled("螃蟹", length) + filled("大虾")
    (snippet,) = snippets(parse("螃蟹"), Article("a", "article", "题", text))
    assert snippet.text.count("。") == expected


def test_a_short_sentence_takes_along_as_many_as_it_needs_and_no_more() -> None:
    """10 and 10 and 10 are less than 40, with the fourth they are 40."""
    text = "".join(filled(word, 10) for word in ("螃蟹", "大虾", "贝壳", "海带", "紫菜"))
    (snippet,) = snippets(parse("螃蟹"), Article("a", "article", "题", text))
    assert (len(snippet.text), snippet.highlights) == (40, ((0, 2),))


def test_what_is_shown_already_is_not_taken_along() -> None:
    text = "大虾。" + filled("螃蟹，贝壳仁")
    parsed = parse("螃蟹 贝壳仁 大虾")
    found = snippets(parsed, Article("a", "article", "标题", text))
    assert [snippet.text for snippet in found] == [filled("螃蟹，贝壳仁"), "大虾。"]


def test_nothing_is_taken_along_that_does_not_fit() -> None:
    text = filled("螃蟹", 30) + filled("大虾", 131)
    assert len(snippets(parse("螃蟹"), Article("a", "article", "题", text))[0].text) == 30
    text = filled("螃蟹", 30) + filled("大虾", 130)
    assert len(snippets(parse("螃蟹"), Article("a", "article", "题", text))[0].text) == 160


def test_the_cut_keeps_the_part_with_most_of_the_query() -> None:
    """A long sentence: the word alone at its beginning, both words in the middle."""
    text = "螃蟹" + "甲" * 300 + "螃蟹大虾" + "乙" * 300
    (snippet,) = snippets(parse("螃蟹 大虾"), Article("a", "article", "题", text), max_chars=100)
    assert snippet.text == "…" + "甲" * 24 + "螃蟹大虾" + "乙" * 72 + "…"
    assert snippet.highlights == ((25, 29),)


def test_a_cut_at_the_beginning_has_no_mark_of_omission_there() -> None:
    (snippet,) = snippets(parse("螃蟹"), Article("a", "article", "题", "甲甲螃蟹" + "乙" * 300), max_chars=100)
    assert snippet.text == "甲甲螃蟹" + "乙" * 96 + "…"


def test_a_mark_over_the_edge_of_a_sentence_is_marked_as_far_as_it_goes() -> None:
    text = "甲" * 50 + "。螃蟹" + "乙" * 50
    (snippet,) = snippets(parse('"甲。螃"'), Article("a", "article", "题", text), limit=1)
    assert snippet.highlights == ((49, 51),)


def test_spans_touch_and_overlap_into_one() -> None:
    assert spans(parse('"甲乙" "乙丙" "丁"'), "甲乙丙丁，甲乙") == ((0, 4), (5, 7))
    assert spans(parse('"甲乙丙丁" "乙丙"'), "甲乙丙丁戊") == ((0, 4),)


def test_the_opening_is_the_first_text_below_the_headings() -> None:
    text = "第一章\n  \n第一条\n" + filled("正文") + "\n" + filled("后文")
    sections = (Section("第一章", 2, 0, 4, 7, "one"), Section("第一条", 3, 7, 11, len(text), "two"))
    (snippet,) = snippets(parse(""), Article("a", "article", "题", text, sections=sections))
    assert (snippet.text, snippet.section) == (filled("正文"), "two")
    only = "第一章\n第一条\n"
    sections = (Section("第一章", 2, 0, 4, 4, "one"), Section("第一条", 3, 4, 8, 8, "two"))
    (snippet,) = snippets(parse(""), Article("a", "article", "题", only, sections=sections))
    assert (snippet.text, snippet.section) == ("第一章", "one")


def test_what_follows_is_on_the_line_or_below_an_open_end() -> None:
    """报销比例： goes on below; a closed line does not; nor does anything go on over a heading."""

    def text_of(text: str, *sections: Section) -> str:
        return snippets(parse("螃蟹"), Article("a", "article", "题", text, sections=sections), limit=1)[0].text

    assert text_of("螃蟹：\n\n• 七成。") == "螃蟹： 七成。"
    assert text_of("螃蟹。七成。") == "螃蟹。七成。"
    assert text_of("螃蟹。\n七成。") == "螃蟹。"
    assert text_of("“螃蟹。”\n七成。") == "“螃蟹。”"
    text = "螃蟹：\n第二条\n七成。"
    assert text_of(text, Section("第二条", 2, 4, 8, len(text), "two")) == "螃蟹："
    assert text_of("螃蟹：\n\n\n\n\n七成。") == "螃蟹： 七成。"


def test_what_stands_right_before_or_behind_a_sentence_is_not_marked_in_it() -> None:
    text = filled("大虾")[:-3] + "大虾。" + "螃蟹" + "乙" * 60 + "。" + "大虾" + "丙" * 60 + "。"
    (snippet,) = snippets(
        parse('"大虾。" "螃蟹乙乙" "大虾丙"'), Article("a", "article", "题", text), limit=1, max_chars=80
    )
    assert (snippet.text[:2], snippet.highlights) == ("螃蟹", ((0, 4),))


def test_a_frequent_word_does_not_hide_a_rare_one() -> None:
    text = "\n".join([filled("螃蟹")] * 30 + [filled("螃蟹，大虾")] + [filled("螃蟹")] * 30)
    (snippet,) = snippets(parse("螃蟹 大虾"), Article("a", "article", "题", text), limit=1)
    assert snippet.text.startswith("螃蟹，大虾")


def test_blanks_of_all_kinds_are_shown_as_one_each() -> None:
    text = "螃蟹\t甲\x00乙\x1f丙\x7f丁" + "甲" * 40
    (snippet,) = snippets(parse("螃蟹"), Article("a", "article", "题", text))
    assert snippet.text == "螃蟹 甲 乙 丙 丁" + "甲" * 40
