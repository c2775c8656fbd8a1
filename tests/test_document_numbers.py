"""Document numbers of which only a part is typed: what has such a number comes first, and nothing else is lost."""

from __future__ import annotations

import pytest
from policy import article, ids, opened, others

from search import Build, Query, answer
from search.query.grammar import parse
from search.text import index_words, is_key, occurrences
from search.text.docnumbers import parts_of_numbers
from webui.pages.why import why_line

NUMBERS = {
    "yue": "粤医保发〔2023〕12号",
    "yue-later": "粤医保发[2024] 5 号",
    "sui": "穗医保规字〔2021〕3号",
    "guo": "医保发〔2021〕5号",
    "hu": "沪医保规〔2024〕5号",
}


@pytest.fixture(scope="module")
def build() -> Build:
    """Each number in a short aside of a long text, beside articles that say the words of numbers often."""
    noise = "医保局发文，2021年、2023年、2024年医保规定，第5号、第12号窗口，医保发、规字、粤、穗、沪。"
    loud = [article(f"loud{n}", noise * 6, title="医保发文 2021 2023 2024 5号 12号") for n in range(4)]
    about = [article(key, f"根据{number}办理。" + "办理须知。" * 30) for key, number in NUMBERS.items()]
    return opened([*about, *loud, *others(30)])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("穗医保规字", {"sui"}),
        ("穗医保规字2021", {"sui"}),
        ("粤医保发 12号", {"yue"}),
        ("粤医保发第012号", {"yue"}),
        ("粤医保发2024", {"yue-later"}),
        ("粤医保发（2024）", {"yue-later"}),
        ("粤医保发", {"yue", "yue-later"}),
        ("〔2024〕5号", {"yue-later", "hu"}),
        ("【2021】3号", {"sui"}),
        ("查一下沪医保规〔2024〕", {"hu"}),
        ("医保发〔2021〕", {"guo"}),
    ],
)
def test_what_has_such_a_number_comes_first(build: Build, typed: str, first: set[str]) -> None:
    assert set(ids(build, typed)[: len(first)]) == first


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("粤医保发〔2023〕12号", []),
        ("异地就医怎么办 2024", []),
        ("医保什么时候发", []),
        ("医保发放流程", []),
        ("2024年5号", []),
        ("医保发2021 穗医保规字", ["DOC医保发〔2021〕号", "DOC穗医保规字〔〕号"]),
        ("关于粤医保发〔2023〕的通知", ["DOC粤医保发〔2023〕号"]),
    ],
)
def test_which_parts_a_query_has(typed: str, keys: list[str]) -> None:
    assert [key for key, _, _ in parts_of_numbers(typed)] == keys


def test_a_part_is_weighed_beside_the_words_and_is_no_year() -> None:
    parsed = parse("医保发2021")
    assert [(clause.kind, clause.text) for clause in parsed.clauses if clause.kind == "optional"] == [
        ("optional", "医保发2021"),
        ("optional", "2021"),
    ]
    assert (parsed.years, parsed.document_numbers) == ((2021,), ())


@pytest.mark.parametrize("part", ["DOC医保发〔2023〕号", "DOC医保发〔〕15号", "DOC粤医保发〔〕号", "DOC〔2023〕15号"])
def test_a_part_stands_where_the_index_has_it(part: str) -> None:
    text = "见粤医保发[2023]15号和粤医保发〔2022〕15号。"
    assert is_key(part)
    found = occurrences(part, text)
    assert found and index_words(text).count(part) == len(found)
    assert all(text[end - 1] == "号" and "2" in text[start:end] for start, end in found)


@pytest.mark.parametrize("other", ["DOC医保发〔2024〕号", "DOC医保发〔〕16号", "DOC穗医保发〔〕号", "DOC〔2022〕16号"])
def test_a_part_that_differs_stands_nowhere(other: str) -> None:
    text = "见粤医保发[2023]15号和粤医保发〔2022〕15号。"
    assert (occurrences(other, text), index_words(text).count(other)) == ([], 0)


def test_a_reader_sees_the_number_and_no_key(build: Build) -> None:
    hit = answer(build, Query("粤医保发 12号", explain=True)).hits[0]
    assert "“粤医保发12号”" in why_line(hit.why, hit.article, build.facets)
