"""From a query to the whole answer: what the notes say of the matches."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest
from records import build_of

from search import Build, Engine, Query, answer, open_current, reindex
from search.model import Matches, Parsed
from search.retrieval import ranking


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The same article for a city, its neighbour, their province and everywhere; another one for the city."""
    text = "门诊报销先过起付线。"
    places = {
        "anywhere": ([], []),
        "dalian": (["辽宁省"], ["大连市"]),
        "province": (["辽宁省"], []),
        "shenyang": (["辽宁省"], ["沈阳市"]),
    }
    records = [
        {"id": name, "title": "门诊报销", "text": text, "date": "2025-01-01", "province": province, "city": city}
        for name, (province, city) in places.items()
    ]
    records.append({"id": "teeth", "title": "补牙", "text": "沈阳补牙。", "province": "辽宁省", "city": "沈阳市"})
    return build_of(tmp_path_factory.mktemp("answer"), records)


def notes(engine: Engine, query: Query) -> dict[str, str]:
    return {note.code: note.message for note in answer(engine, query).parsed.notes}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(Query("沈阳补牙"), {}, id="there"),
        pytest.param(Query("鞍山门诊报销"), {"no-such-place": "没有关于鞍山的文章。"}, id="no article of the city"),
        pytest.param(
            Query("大连补牙"), {"not-of-place": "关于大连的 1 篇文章里，没有这方面的。"}, id="none on the matter"
        ),
        pytest.param(
            Query("大连补牙", filters={"city": ("沈阳市",)}),
            {},
            id="another city chosen",
        ),
        pytest.param(Query("新民市门诊报销"), {"county": "新民属于沈阳。"}, id="a county"),
        pytest.param(Query("门诊 螃蟹"), {"missing-words": "没有文章写到“螃蟹”"}, id="a word that none has"),
    ],
)
def test_notes_say_what_the_collection_lacks(engine: Engine, query: Query, expected: dict[str, str]) -> None:
    assert notes(engine, query) == expected


def test_how_much_there_is_of_a_place_is_counted_once_a_build(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []
    match = Build.match

    def noted(build: Build, parsed: Parsed, query: Query) -> Matches:
        asked.append((parsed.text, query.filters))
        return match(build, parsed, query)

    monkeypatch.setattr(Build, "match", noted)
    build = Build(engine)
    for text in ("大连补牙", "大连拔牙", "大连大虾"):
        assert notes(build, Query(text))["not-of-place"] == "关于大连的 1 篇文章里，没有这方面的。"
    assert [filters for text, filters in asked if not text] == [{"city": ("大连市",)}]


def test_what_others_cite_comes_first_as_long_as_they_do(tmp_path: Path) -> None:
    text = "门诊报销先过起付线。"
    titles = {"law": "中华人民共和国社保法第二条", "rule": "沈阳市社保若干规定第二条"}
    for name, title in titles.items():
        (tmp_path / f"{name}.md").write_text(f"# {title}\n\n{text}\n", "utf-8")
    for number in range(5):
        # Citing twice, and from a part of the work itself, counts no more.
        (tmp_path / f"guide{number}.md").write_text(f"# 指南{number}\n\n依据《社保法》、《社保法》。\n", "utf-8")
    (tmp_path / "other.md").write_text("# 社保法第三条\n\n依据《社保法》。\n", "utf-8")

    def why() -> dict[str, float]:
        reindex([tmp_path], tmp_path / "index", changed=True)
        first, second = answer(open_current(tmp_path / "index"), Query("门诊报销先过起付线", explain=True)).hits
        assert not any(part.where == "cited" for part in second.why)
        assert first.article.id == "law.md"
        return {part.where: part.score for part in first.why}

    pairs = log(1 + (8 - 2 + 0.5) / (2 + 0.5)) * len("门诊报销先过起付")
    assert why()["cited"] == pytest.approx(ranking.CITED_SHARE * pairs * 5 / (5 + ranking.CITED_HALF), rel=1e-5)
    for number in range(5):
        (tmp_path / f"guide{number}.md").write_text(f"# 指南{number}\n\n没有依据。\n", "utf-8")
    assert "cited" not in why()


@pytest.mark.parametrize(("words", "said"), [(24, False), (25, True)])
def test_that_a_text_has_too_many_words_is_said(engine: Engine, words: int, said: bool) -> None:
    parsed = answer(engine, Query(" ".join(f"w{number}" for number in range(words)) + " 怎么")).parsed
    assert ("too-many-words" in [note.code for note in parsed.notes]) == said
