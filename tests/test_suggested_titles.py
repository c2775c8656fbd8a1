"""Titles to complete, of a collection that has more of them than fit into memory: the same as if they did."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from records import build_of

from search.suggest import titles as module
from search.suggest import writing
from search.suggest.titles import Title, Titles
from search.suggest.writing import write_suggestions


def in_order(*parts: list[str]) -> list[Title]:
    with closing(Titles()) as taken:
        for part in parts:
            taken.add(part)
        return list(taken.in_order())


def test_titles_that_differ_in_punctuation_are_one_shown_as_the_first_stands() -> None:
    assert in_order(["医保 报销", "乙", "“医保”报销", "……", ""], ["医保·报销"]) == [
        Title("乙", 1, "乙"),
        Title("医保报销", 3, "医保 报销"),
    ]


@pytest.mark.parametrize("in_memory", [1, 3, 10])
def test_runs_give_what_memory_would(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    source = random.Random(3)
    given = ["".join(source.choices("医保，报a\n\t\ud800", k=source.randint(0, 4))) for _ in range(200)]
    expected = in_order(given)
    assert Counter({title.key: title.times for title in expected}).total() > len(expected) > 20
    monkeypatch.setattr(module, "IN_MEMORY", in_memory)
    monkeypatch.setattr(module, "_FOLDED", 4)
    assert in_order(given) == expected
    assert in_order(given[:50], given[50:]) == expected
    assert in_order() == []


def test_suggestions_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [f"第{n % 30}条 医保报销{'比例' * (n % 3)}{'，' * (n % 2)}" for n in range(90)]
    engine = build_of(tmp_path, [{"id": "a", "title": "门诊报销比例", "text": "医保门诊", "date": ""}])
    files = []
    for name, few in (("one", 1 << 18), ("other", 4)):
        monkeypatch.setattr(module, "IN_MEMORY", few)
        monkeypatch.setattr(module, "_FOLDED", few)
        monkeypatch.setattr(writing, "TITLES_TOGETHER", few)
        write_suggestions(tmp_path / name, engine, given)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]
