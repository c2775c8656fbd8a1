"""Complete answers, kept and compared: the same code answers the same, and what differs is named."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.snapshot import Snapshot, answered, comparison, differing, load, parts, save
from search import Engine, answer, open_current, query_from


@pytest.fixture(scope="module")
def engine(seed_index: Path) -> Iterator[Engine]:
    engine = open_current(seed_index)
    yield engine
    engine.close()


def line(name: str, id_: str, **answer_parts: object) -> dict[str, object]:
    return {"set": name, "id": id_, "text": f"text of {id_}", "answer": answer_parts}


def snapshot(*lines: dict[str, object]) -> Snapshot:
    return load(map(json.dumps, lines))


def test_all_that_a_reader_sees_is_kept(engine: Engine) -> None:
    kept = answered(engine, "补牙能报销吗")
    assert set(kept) == {"total", "ids", "similar", "facets", "titles", "snippets", "notes", "suggestion", "scores"}
    assert len(kept["ids"]) == len(kept["snippets"]) == min(10, kept["total"])
    assert kept["facets"]["topic"][0][0] == "口腔"
    assert any(spans for _, spans in kept["titles"])
    assert all(snippets for snippets in kept["snippets"])


def test_what_a_result_may_lack_and_what_was_corrected_are_kept(engine: Engine) -> None:
    assert "missing-words" in [code for code, _ in answered(engine, "异地就医 魑魅魍魉")["notes"]]
    assert answered(engine, "buya")["suggestion"] == "补牙"


def test_a_refused_text_is_kept_as_its_error(engine: Engine) -> None:
    assert list(answered(engine, "长" * 201)) == ["error"]


def test_time_taken_is_no_difference(engine: Engine) -> None:
    results = answer(engine, query_from({"q": ["异地就医备案"]}, collapse=True))
    assert parts(results) == parts(replace(results, took_ms=results.took_ms + 1))
    assert differing(parts(results), parts(replace(results, hits=results.hits[::-1]))) != []


def test_a_saved_snapshot_is_the_same_as_a_fresh_one(engine: Engine, tmp_path: Path) -> None:
    lines = [{"set": "a", "id": "1", "text": "补牙", "answer": answered(engine, "补牙")}]
    save(tmp_path / "kept.jsonl", lines)
    with (tmp_path / "kept.jsonl").open(encoding="utf-8") as kept:
        assert load(kept) == snapshot(*lines)


def test_a_comparison_counts_a_set_and_shows_where_values_part() -> None:
    before = snapshot(line("a", "1", total=3, ids=["x", "y"]), line("a", "2", total=1, ids=["z"]), line("b", "1"))
    after = snapshot(line("a", "1", total=3, ids=["y", "x"]), line("a", "2", total=1, ids=["z"]), line("b", "1"))
    assert list(comparison(before, after)) == [
        "a: 2 queries, 1 identical; ids 1",
        "    text of 1",
        '      - ids: ["x", "y"]',
        '      + ids: ["y", "x"]',
        "b: 1 queries, 1 identical",
    ]


def test_a_comparison_names_queries_of_one_side_only() -> None:
    before, after = snapshot(line("a", "1"), line("a", "2")), snapshot(line("a", "2"), line("c", "1"))
    assert list(comparison(before, after)) == [
        "a: 2 queries, 1 identical; gone 1",
        "c: 0 queries, 0 identical; new 1",
    ]
