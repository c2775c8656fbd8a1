"""From a query to the whole answer: what the notes say of the matches."""

from __future__ import annotations

import json

import pytest

from search import Engine, Query, answer, open_current, reindex


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The same article for a city, its neighbour, their province and everywhere; another one for the city."""
    folder = tmp_path_factory.mktemp("answer")
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
    source = folder / "articles.jsonl"
    source.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), "utf-8")
    reindex([source], folder / "index")
    return open_current(folder / "index")


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
            {"missing-words": "没有一篇含有：大连"},
            id="another city chosen",
        ),
        pytest.param(Query("新民市门诊报销"), {"county": "新民属于沈阳。"}, id="a county"),
        pytest.param(Query("门诊 螃蟹"), {"missing-words": "没有一篇含有：螃蟹"}, id="a word that none has"),
    ],
)
def test_notes_say_what_the_collection_lacks(engine: Engine, query: Query, expected: dict[str, str]) -> None:
    assert notes(engine, query) == expected
