"""What an answer says besides its hits: facet values in order, pages, near-duplicates, and the notes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from policy import article, opened, others

from search import Engine, PageOutOfRange, Query, answer, results_json
from search.engines.whoosh import WhooshEngine, write_groups, write_index
from search.indexing.builds import Build
from search.model import UNSTATED

SHENYANG = {"province": "辽宁省", "city": "沈阳市"}
DALIAN = {"province": "辽宁省", "city": "大连市"}


def values(engine: Engine, key: str, **asked: object) -> list[tuple[str, int]]:
    return [(value.label, value.count) for value in answer(engine, Query(**asked)).facets[key]]  # type: ignore[arg-type]


def notes(engine: Engine, text: str, **filters: tuple[str, ...]) -> list[tuple[str, str]]:
    parsed = answer(engine, Query(text, filters)).parsed
    return [(note.code, note.message) for note in parsed.notes]


def test_facet_values_stand_by_count_then_by_label_and_the_chosen_ones_first() -> None:
    cities = ["大连市", "沈阳市", "鞍山市", "大连市", "本溪市"]
    engine = opened(article(f"{n}", "螃蟹。", province="辽宁省", city=city) for n, city in enumerate(cities))
    # 大 is before 本, 沈 and 鞍 by count; these stand by code point: 本 U+672C, 沈 U+6C88, 鞍 U+978D.
    assert values(engine, "city") == [("大连", 2), ("本溪", 1), ("沈阳", 1), ("鞍山", 1)]
    chosen = {"city": ("鞍山市", "铁岭市")}
    assert values(engine, "city", filters=chosen) == [("鞍山", 1), ("铁岭", 0), ("大连", 2), ("本溪", 1), ("沈阳", 1)]


@pytest.mark.parametrize(("total", "last"), [(20, 2), (21, 3)])
def test_a_page_past_the_end_says_how_many_there_are(total: int, last: int) -> None:
    engine = opened(article(f"{n:02}", "螃蟹。") for n in range(total))
    assert len(answer(engine, Query("螃蟹", page=last)).hits) == (total - 1) % 10 + 1
    with pytest.raises(PageOutOfRange, match=rf"there are {last}$"):
        answer(engine, Query("螃蟹", page=last + 1))


def test_the_first_page_of_nothing_is_no_error_and_the_second_one_is() -> None:
    engine = opened([article("a", "螃蟹。")])
    assert answer(engine, Query("大虾")).total == 0
    with pytest.raises(PageOutOfRange, match=r"there are 1$"):
        answer(engine, Query("大虾", page=2))


def test_a_hit_shows_ten_of_its_near_duplicates_and_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    articles = [article(f"{n:02}", "螃蟹。") for n in range(12)]
    write_index(tmp_path / "build", articles)
    write_groups(tmp_path / "build", [[one.id for one in articles]])
    engine = Build(WhooshEngine.open(tmp_path / "build"))
    results = answer(engine, Query("螃蟹"))
    (hit,) = results.hits
    assert (results.total, hit.similar_total, [one.id for one in hit.similar]) == (
        1,
        11,
        [one.id for one in articles[1:11]],
    )
    (printed,) = results_json(results)["hits"]
    assert (printed["similar"]["total"], len(printed["similar"]["ids"]), "why" in printed) == (11, 10, False)
    (printed,) = results_json(answer(engine, Query("螃蟹", size=1, collapse=False, explain=True)))["hits"]
    assert ("similar" in printed, sum(part["score"] for part in printed["why"])) == (
        False,
        pytest.approx(printed["score"], abs=1e-5),
    )


def lacking(engine: Engine, text: str) -> dict[str, tuple[str, ...]]:
    return {hit.article.id: hit.lacks for hit in answer(engine, Query(text)).hits}


def test_a_single_character_is_called_missing_but_no_result_is_said_to_lack_it() -> None:
    engine = opened(
        [article("a", "螃蟹，大虾，卡。"), article("b", "螃蟹，大虾。"), article("c", "螃蟹。"), *others(20)]
    )
    assert notes(engine, "螃蟹 大虾") == []
    assert lacking(engine, "螃蟹 大虾") == {"a": (), "b": (), "c": ("大虾",)}
    assert lacking(engine, "螃蟹 卡") == {"a": (), "b": (), "c": ()}
    assert notes(engine, "螃蟹 桌") == [("missing-words", "没有文章写到“桌”")]
    assert lacking(engine, "螃蟹 桌") == {"a": (), "b": (), "c": ()}
    assert notes(engine, "螃蟹 大虾 桌 贝壳") == [("missing-words", "没有文章写到“桌”“贝壳”")]
    assert lacking(engine, "贝壳 2024年 螃蟹 怎么 大虾") == {"a": ("贝壳",), "b": ("贝壳",), "c": ("贝壳", "大虾")}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        pytest.param("螃蟹 镶牙", "螃蟹，镶牙。", id="the word"),
        pytest.param("螃蟹 镶牙", "螃蟹，補牙、鑲牙。", id="in other characters"),
        pytest.param("螃蟹 起付线", "螃蟹，门槛费。", id="a synonym"),
        pytest.param("螃蟹 三千元", "螃蟹，3,000 元。", id="a number written otherwise"),
        pytest.param("螃蟹 粤医保发〔2023〕15号", "螃蟹，粤医保发[2023]15号。", id="a document number"),
        pytest.param("螃蟹 PET-CT", "螃蟹，petct。", id="a Latin word written otherwise"),
    ],
)
def test_what_an_article_holds_in_any_form_it_does_not_lack(text: str, held: str) -> None:
    engine = opened([article("a", held), article("b", "螃蟹。"), *others(20)])
    assert lacking(engine, text) == {"a": (), "b": (text.split()[1],)}


def test_a_word_in_the_title_or_far_down_is_not_lacking() -> None:
    far = article("b", "螃蟹。" * 40_000 + "大虾")
    engine = opened([article("a", "螃蟹。", title="大虾"), far, article("c", "螃蟹。"), *others(20)])
    assert lacking(engine, "螃蟹 大虾") == {"a": (), "b": (), "c": ("大虾",)}


def test_a_place_is_lacking_where_an_article_neither_names_it_nor_is_about_it_or_a_part_of_it() -> None:
    hefei, nanjing = {"province": "安徽省", "city": "合肥市"}, {"province": "江苏省", "city": "南京市"}
    engine = opened(
        [
            article("about", "螃蟹。", **hefei),
            article("named", "安徽螃蟹。", **nanjing),
            article("elsewhere", "螃蟹。", **nanjing),
            *others(20),
        ]
    )
    assert lacking(engine, "安徽螃蟹") == {"about": (), "named": (), "elsewhere": ("安徽",)}
    # Two places are alternatives: one is enough.
    assert lacking(engine, "合肥 南京 螃蟹") == {"about": (), "named": (), "elsewhere": ()}


def test_the_json_says_what_a_hit_lacks() -> None:
    engine = opened([article("a", "螃蟹，大虾。"), article("b", "螃蟹。"), *others(20)])
    assert [hit["lacks"] for hit in results_json(answer(engine, Query("螃蟹 大虾")))["hits"]] == [[], ["大虾"]]


def test_a_word_looked_for_in_pieces_is_lacking_whole() -> None:
    engine = opened([article("a", "脸上发痒，起皮，怎么办。"), *others(20)])
    assert lacking(engine, "脸痒皮") == {"a": ("脸痒皮",)}


@pytest.fixture(scope="module")
def local() -> WhooshEngine:
    """螃蟹 in 沈阳 and everywhere, 大虾 in 大连 alone; one more article about 沈阳."""
    return opened(
        [
            article("s", "螃蟹。", title="沈阳", **SHENYANG),
            article("s2", "贝壳。", title="沈阳", **SHENYANG),
            article("d", "大虾。", title="大连", **DALIAN),
            article("w", "螃蟹，大虾。"),
            *others(20),
        ]
    )


@pytest.mark.parametrize(
    ("text", "filters", "expected"),
    [
        pytest.param("沈阳螃蟹", {}, [], id="there"),
        pytest.param("沈阳", {}, [], id="the place alone"),
        pytest.param(
            "沈阳大虾", {}, [("not-of-place", "关于沈阳的 2 篇文章里，没有这方面的。")], id="none on the matter"
        ),
        pytest.param("鞍山大虾", {}, [("no-such-place", "没有关于鞍山的文章。")], id="no article of the place"),
        pytest.param("鞍山", {}, [("no-such-place", "没有关于鞍山的文章。")], id="no article, the place alone"),
        pytest.param(
            "沈阳大虾",
            {"topic": ("报销待遇",)},
            [("not-of-place", "关于沈阳的 2 篇文章里，没有这方面的。")],
            id="another facet filtered",
        ),
        pytest.param(
            "沈阳大虾",
            {"province": ("辽宁省",)},
            [],
            id="places filtered",
        ),
        pytest.param(
            "鞍山大虾", {"city": (UNSTATED,)}, [("missing-words", "没有文章写到“鞍山”")], id="the word of the place"
        ),
        pytest.param("新民市螃蟹", {}, [("county", "新民属于沈阳。")], id="a county"),
        pytest.param(
            "新民市大虾",
            {},
            [("county", "新民属于沈阳。"), ("not-of-place", "关于沈阳的 2 篇文章里，没有这方面的。")],
            id="a county without the matter",
        ),
    ],
)
def test_notes_about_places(
    local: WhooshEngine, text: str, filters: dict[str, tuple[str, ...]], expected: list[tuple[str, str]]
) -> None:
    assert notes(local, text, **filters) == expected
