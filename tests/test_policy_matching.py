"""How much of a query an article must carry: collections that reach each step, and stop just before it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
from policy import article, ids, matches, opened, others

from search.engines.whoosh import WhooshEngine
from search.model import Article

pytestmark = pytest.mark.usefixtures("inner_loops")

STEPS = (8, 6, 5, 4, 3, 2)
"""So many of ten words that weigh the same will do, as long as fewer than 200 articles are found; one, below ten."""


def words(block: str) -> list[str]:
    """Ten words of their own for each block of a collection."""
    return [f"{block}{letter}" for letter in "abcdefghij"]


def carrying(block: str, kind: str, count: int, number: int) -> Iterator[Article]:
    """Articles that carry `number` of the ten words, each word in as many of them as any other."""
    ten = words(block)
    for index in range(count):
        some = [ten[(index + offset) % 10] for offset in range(number)]
        yield article(f"{block}-{kind}{index}", "，".join(some))


def found(engine: WhooshEngine, block: str) -> dict[str, int]:
    """How many articles of each kind the ten words find."""
    page = matches(engine, " ".join(words(block)), size=100)
    kinds: dict[str, int] = {}
    for number in range(1, page.total // 100 + 2):
        for id_ in ids(engine, " ".join(words(block)), size=100, page=number):
            kind = id_.partition("-")[2].rstrip("0123456789")
            kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


@pytest.fixture(scope="module")
def stepped(inner_loops: None) -> WhooshEngine:
    """For each step 199 articles with all words, ten with just enough for it, and ten with a word less."""
    blocks = (
        (
            *carrying(f"s{step}", "all", 199, 10),
            *carrying(f"s{step}", "enough", 10, step),
            *carrying(f"s{step}", "less", 10, step - 1),
        )
        for step in STEPS
    )
    full = (*carrying("full", "all", 200, 10), *carrying("full", "most", 10, 9))
    page = (*carrying("page", "all", 10, 10), *carrying("page", "one", 10, 1))
    short = (*carrying("short", "all", 9, 10), *carrying("short", "one", 10, 1))
    return opened(chain(*blocks, full, page, short))


@pytest.mark.parametrize("step", STEPS)
def test_below_two_hundred_a_smaller_share_will_do(stepped: WhooshEngine, step: int) -> None:
    assert found(stepped, f"s{step}") == {"all": 199, "enough": 10}


def test_with_two_hundred_all_words_are_asked_for(stepped: WhooshEngine) -> None:
    assert found(stepped, "full") == {"all": 200}
    assert matches(stepped, " ".join(words("full"))).optional == ()


def test_a_page_that_is_not_full_is_filled_by_one_word_of_ten(stepped: WhooshEngine) -> None:
    assert found(stepped, "short") == {"all": 9, "one": 10}
    assert found(stepped, "page") == {"all": 10}


def test_what_a_match_need_not_carry_is_told(stepped: WhooshEngine) -> None:
    assert matches(stepped, " ".join(words("s8"))).optional == tuple(range(10))


@pytest.mark.parametrize(("both", "expected"), [(20, {"all": 20}), (19, {"all": 19, "one": 10})])
def test_of_two_words_two_pages_with_both_will_do(both: int, expected: dict[str, int]) -> None:
    articles = [article(f"all{n}", "螃蟹，大虾。") for n in range(both)]
    articles += [article(f"one{n}", "大虾。" if n % 2 else "螃蟹。") for n in range(10)]
    kinds: dict[str, int] = {}
    for id_ in ids(opened([*articles, *others(60)]), "螃蟹 大虾"):
        kinds[id_[:3]] = kinds.get(id_[:3], 0) + 1
    assert kinds == expected


def test_two_words_of_which_both_stand_in_ten_articles_are_not_thinned_further() -> None:
    """The last step fills a page: of two words too it is taken below ten only. 螃蟹 tells 0.86 of the two."""
    articles = [article(f"all{n}", "螃蟹，大虾。") for n in range(10)]
    articles += [article(f"more{n}", "大虾。") for n in range(25)]
    assert len(ids(opened([*articles, *others(100)]), "螃蟹 大虾")) == 35
    assert len(ids(opened([*articles, *others(45)]), "螃蟹 大虾")) == 10


@pytest.mark.parametrize(("more", "total"), [(9, 10), (10, 1)])
def test_no_step_may_find_more_than_a_third_of_the_collection(more: int, total: int) -> None:
    """Of 30 articles one has all words; 9 with most of them are 10 together, a third; 10 would be more."""
    articles = [*carrying("w", "all", 1, 10), *carrying("w", "most", more, 9)]
    engine = opened([*articles, *others(30 - len(articles))])
    assert matches(engine, " ".join(words("w"))).total == total


def test_where_nothing_has_all_words_more_than_a_third_may_be_found() -> None:
    engine = opened([*carrying("w", "most", 20, 9), *others(10)])
    assert matches(engine, " ".join(words("w"))).total == 20


def test_the_word_of_a_place_alone_is_never_enough() -> None:
    """沈阳 (2 of 60: idf 3.2, of which 0.3 count) tells 0.7 of the two words, but what it names is not the matter."""
    articles = [article("both", "沈阳螃蟹。"), article("place", "沈阳。")]
    articles += [article(f"matter{number:02}", "螃蟹。") for number in range(39)]
    assert ids(opened([*articles, *others(19)]), "沈阳 螃蟹") == ["both"]


def test_the_word_of_a_place_is_enough_where_only_places_are_asked_for() -> None:
    engine = opened([article("place", "沈阳。"), *others(9)])
    assert ids(engine, "沈阳 螃蟹") == []
    assert ids(engine, "沈阳") == ["place"]
    assert ids(engine, "沈阳 辽宁") == ["place"]


def test_single_characters_do_not_stand_in_for_words_that_nothing_holds() -> None:
    engine = opened([article("a", "卡在活。"), *others(9)])
    assert ids(engine, "螃蟹 卡 活") == []
    assert ids(engine, "卡 活") == ["a"]
    # A phrase is known to be there: then the characters beside it may be missing.
    assert ids(engine, '"在活" 螃蟹 卡') == ["a"]


def test_a_phrase_limits_what_may_lack_a_word() -> None:
    articles = [
        article("all", "门诊统筹，螃蟹，大虾。"),
        article("one", "门诊统筹，螃蟹。"),
        article("none", "螃蟹，大虾。"),
        article("bare", "门诊统筹。"),
    ]
    answer = matches(opened([*articles, *others(20)]), '"门诊统筹" 螃蟹 大虾')
    assert [match.id for match in answer.page] == ["all", "one"]
    assert answer.optional == (2,)


def test_a_word_that_occurs_nowhere_weighs_nothing_and_is_told_even_of_no_results() -> None:
    engine = opened([article("a", "螃蟹，大虾。"), *others(9)])
    answer = matches(engine, "螃蟹 大虾 贝壳")
    assert ([match.id for match in answer.page], answer.optional, answer.missing) == (["a"], (2,), (2,))
    answer = matches(engine, "贝壳 海带")
    assert (answer.total, answer.optional, answer.missing) == (0, (), (0, 1))


def test_of_a_long_text_the_words_that_tell_most_are_searched_for() -> None:
    """Of 30 words the 24 rarest decide; those of a hundred articles, and one that is nowhere, are neither asked for
    nor missed."""
    rare, common = [f"r{n}" for n in range(24)], [f"c{n}" for n in range(5)]
    articles = [article("rare", "，".join(rare)), *(article(f"common{n}", "，".join(common)) for n in range(40))]
    engine = opened([*articles, *others(20)])
    found = matches(engine, " ".join([*common, *rare, "nowhere"]))
    assert [match.id for match in found.page] == ["rare"]
    assert (found.optional, found.missing) == ((), ())
    shorter = matches(engine, " ".join([*common, *rare[5:]]))
    assert shorter.optional == (0, 1, 2, 3, 4), "24 words are all searched for"
