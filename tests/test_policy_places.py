"""A place in a query: which articles hold it, which answer for it, and what is said of that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from policy import article, ids, opened, others, understood

from search import Build, Query, answer, completions, open_current, reindex, results_json
from search.facets import FACETS
from search.gazetteer import gazetteer
from search.model import Article, Evidence
from search.retrieval import holding
from webui.pages.notes import lines
from webui.pages.state import SearchState

HEFEI = {"province": "安徽省", "city": "合肥市"}
WUHU = {"province": "安徽省", "city": "芜湖市"}
NANJING = {"province": "江苏省", "city": "南京市"}


def codes(engine: Build, text: str, **asked: object) -> list[str]:
    return [note.code for note in answer(engine, Query(text, **asked)).parsed.notes]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def local() -> Build:
    """螃蟹 for two cities of 安徽, the province, another province and everywhere; one text that only mentions 安徽."""
    return opened(
        [
            article("hefei", "螃蟹。", **HEFEI),
            article("wuhu", "螃蟹。", **WUHU),
            article("anhui", "螃蟹。", province="安徽省"),
            article("nanjing", "螃蟹。", **NANJING),
            article("anywhere", "螃蟹。"),
            article("mention", "安徽的贝壳。", **NANJING),
            article("beijing", "大虾。", province="北京市"),
            article("liaoning", "大虾，朝阳。", province="辽宁省", city="朝阳市"),
            article("hefei2", "贝壳。", **HEFEI),
            *others(40),
        ]
    )


@pytest.mark.parametrize("name", ["安徽", "安徽省"])
def test_a_place_alone_is_what_is_about_it_or_its_parts_and_what_names_it(local: Build, name: str) -> None:
    found = {"hefei", "hefei2", "wuhu", "anhui"} | ({"mention"} if name == "安徽" else set())
    # 安徽省 is searched as 安徽 too.
    assert set(ids(local, name)) == found | {"mention"}


@pytest.mark.parametrize(("text", "expected"), [("“安徽”", ["mention"]), ("大虾 -朝阳", ["beijing"]), ("“合肥”", [])])
def test_in_quotes_and_after_a_minus_a_place_is_its_characters(local: Build, text: str, expected: list[str]) -> None:
    assert ids(local, text) == expected


def test_the_province_and_everywhere_answer_the_rest_below_the_place_and_do_not_hold_it(local: Build) -> None:
    assert ids(local, "合肥 螃蟹") == ["hefei", "anhui", "anywhere", "nanjing", "wuhu"]
    assert holding(local, understood("合肥 螃蟹")) == 1
    assert ids(local, "安徽 螃蟹")[:3] == ["anhui", "hefei", "wuhu"]
    assert holding(local, understood("安徽 螃蟹")) == 3
    assert codes(local, "合肥 螃蟹") == []
    assert codes(local, "合肥") == []


def test_a_phrase_is_required_where_the_place_is_not(local: Build) -> None:
    assert ids(local, "合肥 “螃蟹”") == ["hefei", "anhui", "anywhere", "nanjing", "wuhu"]
    assert ids(local, "合肥 “贝壳”")[0] == "hefei2"


def test_a_place_is_not_enough_where_something_else_is_asked(local: Build) -> None:
    assert "hefei2" not in ids(local, "合肥 螃蟹")
    assert ids(local, "合肥 海带") == []


def test_two_places_are_alternatives_and_of_nested_ones_the_narrower_is_meant(local: Build) -> None:
    assert set(ids(local, "合肥 南京")) == {"hefei", "hefei2", "nanjing", "mention"}
    assert set(ids(local, "安徽 合肥")) == {"hefei", "hefei2"}
    found = answer(local, Query("合肥南京螃蟹"))
    assert [hit.article.id for hit in found.hits][:2] == ["hefei", "nanjing"]
    (note,) = found.parsed.notes
    assert (note.code, note.message) == ("several-places", "几个地方都找了，篇数：合肥 1、南京 1。")
    (printed,) = results_json(found)["query"]["notes"]
    assert [place["value"] for place in printed["places"]] == ["合肥市", "南京市"]
    assert codes(local, "安徽合肥螃蟹") == []
    # One that no result is about is told, and not compared.
    assert codes(local, "合肥 鞍山 螃蟹") == ["no-such-place"]


def test_the_page_offers_two_places_side_by_side_and_no_more(local: Build) -> None:
    def links(text: str) -> list[str]:
        state = SearchState(Query(text))
        found = [link.url for line in lines(state, answer(local, state.query), ()) for link in line.links]
        return [url for url in found if url.startswith("/compare")]

    (url,) = links("合肥南京螃蟹")
    assert url == "/compare?a=%E5%90%88%E8%82%A5%E5%B8%82&b=%E5%8D%97%E4%BA%AC%E5%B8%82&q=%E8%9E%83%E8%9F%B9"
    assert links("合肥南京芜湖螃蟹") == []


def test_a_county_finds_its_city_and_says_so(local: Build) -> None:
    assert ids(local, "北京朝阳")[0] == "beijing"
    assert "liaoning" not in ids(local, "北京朝阳")
    assert codes(local, "北京朝阳") == ["county"]
    assert set(ids(local, "合肥蜀山区")) == {"hefei", "hefei2"}
    assert codes(local, "肥东县螃蟹") == ["county"]
    assert ids(local, "肥东县螃蟹")[0] == "hefei"


@pytest.mark.parametrize(("own", "expected"), [(19, 20), (20, 20)])
def test_with_two_pages_of_its_own_a_place_needs_no_others(own: int, expected: int) -> None:
    articles = [article(f"own{n:02}", "螃蟹。", **HEFEI) for n in range(own)]
    engine = opened([*articles, article("anywhere", "螃蟹。"), *others(60)])
    assert len(ids(engine, "合肥 螃蟹")) == expected


@pytest.mark.parametrize(("elsewhere", "expected"), [(18, 20), (19, 2)])
def test_what_is_about_no_place_comes_up_to_two_pages_or_a_third(elsewhere: int, expected: int) -> None:
    """In 30 articles 20 are more than a third."""
    articles = [article(f"own{n}", "螃蟹。", **HEFEI) for n in range(2)]
    articles += [article(f"any{n:02}", "螃蟹。") for n in range(elsewhere)]
    assert len(ids(opened([*articles, *others(30 - len(articles))]), "合肥 螃蟹")) == expected


def test_a_part_of_the_rest_will_do_for_what_holds_everywhere_as_for_the_place_itself() -> None:
    """Of 螃蟹 (3 articles of 60) and 大虾 (2) each is enough of the two and the place, but not of the three alone."""
    articles = [
        article("own", "螃蟹。", **HEFEI),
        article("any", "螃蟹。"),
        article("else", "螃蟹。", **NANJING),
        article("both", "大虾，贝壳。", **HEFEI),
        article("more", "大虾，贝壳，海带。"),
    ]
    found = ids(opened([*articles, *others(55)]), "合肥 螃蟹 大虾 贝壳 海带 紫菜")
    assert found.index("own") < found.index("else")
    assert found.index("any") < found.index("else")


def test_notes_about_a_place_are_true_under_other_filters_too(local: Build) -> None:
    assert codes(local, "合肥 大虾") == ["not-of-place"]
    assert codes(local, "鞍山 大虾") == ["no-such-place"]
    # 合肥 has 螃蟹, but not on this topic: that is no fault of the collection.
    assert "not-of-place" not in codes(local, "合肥 螃蟹", filters={"topic": ("报销待遇",)})
    assert codes(local, "合肥 大虾", filters={"topic": ("报销待遇",)}) == ["not-of-place"]


def test_the_title_is_marked_where_it_names_a_part_of_the_place() -> None:
    titled = Article(
        "a",
        "article",
        "说说合肥的螃蟹",
        "螃蟹。",
        facets={"province": ("安徽省",), "city": ("合肥市",)},
        evidence=(Evidence("province", "安徽省", "named", "title", 2, 4),),
    )
    engine = opened([titled, *others(9)])
    assert answer(engine, Query("安徽 螃蟹")).hits[0].title_highlights == ((2, 4), (5, 7))
    assert answer(engine, Query("北京 螃蟹")).hits[0].title_highlights == ((5, 7),)


HOMOPHONES = {"福州": 2, "抚州": 1, "伊春": 1, "宜春": 2, "山西": 1, "渭南": 2, "淮南": 1}


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Articles of cities that sound alike; none names its province."""
    folder = tmp_path_factory.mktemp("sounding")
    records = [
        {"id": f"{name}{n}", "title": f"{name}医保怎么交{'呢' * n}", "text": f"交给税务{n}。"}
        for name, count in HOMOPHONES.items()
        for n in range(count)
    ]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records), "utf-8")
    reindex([folder], folder / "index")
    return open_current(folder / "index")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fuzhou", {"福州": 2, "抚州": 1}),
        ("yichun", {"宜春": 2, "伊春": 1}),
        ("shanxi", {"陕西": 2, "山西": 1}),
        ("fuzhoushi", {"福州市": 2, "抚州市": 1}),
        ("anhui", {"安徽": 1}),
    ],
)
def test_places_that_sound_alike_are_all_offered_with_their_number(
    sounding: Build, typed: str, expected: dict[str, int]
) -> None:
    found = answer(sounding, Query(typed, collapse=False))
    offered = {note.text: note.message for note in found.parsed.notes if note.text}
    assert {found.parsed.text, *offered} == set(expected)
    assert expected[found.parsed.text] == found.total
    assert offered == {
        text: f"“{text}”也这样读，有 {expected[text]} 条结果。" for text in expected.keys() - {found.parsed.text}
    }
    completed = {one.text: one.count for one in completions(sounding, typed)}
    assert completed.items() >= {name: count for name, count in expected.items() if typed != "fuzhoushi"}.items()


def test_a_place_completes_that_no_text_names(sounding: Build) -> None:
    assert [(one.text, one.kind, one.count) for one in completions(sounding, "陕")] == [
        ("陕西", "place", 2),
        ("陕西省", "place", 2),
    ]
    assert [(one.text, one.count) for one in completions(sounding, "税务 陕")] == [
        ("税务 陕西", 2),
        ("税务 陕西省", 2),
    ]


QUESTIONS = ("{}医保怎么报销", "在{}打工，老家新农合能用吗", "{} 螃蟹")


def test_no_place_finds_less_than_its_facet_holds_and_no_note_about_one_is_false(seed_index: Path) -> None:
    """Every place of the seeds by each of its names; questions for these and for every fiftieth other one."""
    engine = open_current(seed_index)
    counts = answer(engine, Query(size=1)).facets
    held = {(key, one.value): one.count for key in ("province", "city") for one in counts[key]}
    names = {unit.official: unit.names for level in ("province", "city") for unit in gazetteer().of(level)}
    for (_, value), count in held.items():
        for name in names.get(value, ()):
            found = answer(engine, Query(name, size=1))
            assert (found.parsed.text, found.total >= count) == (name, True), name
    every = [(facet.key, value) for facet in FACETS.places for value in facet.values]
    for key, value in [place for number, place in enumerate(every) if place in held or number % 50 == 0]:
        for question in QUESTIONS:
            found = answer(engine, Query(question.format(FACETS.label(key, value)), size=50))
            about = {one for hit in found.hits for facet in FACETS.places for one in hit.article.facets[facet.key]}
            for note in found.parsed.notes:
                if note.place and note.code in {"no-such-place", "not-of-place"}:
                    assert note.place.value not in about, (question, value)
                    some = held.get((note.place.facet, note.place.value), 0) > 0
                    assert some is (note.code == "not-of-place"), (question, value)
