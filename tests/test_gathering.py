"""What a reindex keeps of every record while it reads them, where there are too many for memory: nothing differs."""

from __future__ import annotations

import json
import random
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from search.engines.registry import index_at
from search.indexing import article_rows, owners
from search.indexing.article_rows import Gathered, Rows
from search.indexing.build import reindex
from search.indexing.builds import Build
from search.indexing.owners import Owners
from search.storage import strings
from search.storage.strings import Strings


def rows(*titles: str) -> Rows:
    first = len(titles) and ord(titles[0][:1] or "0")
    numbers = np.arange(first, first + 4 * len(titles), dtype=np.uint64).reshape(-1, 4)
    ids = Strings.of(f"编号 {title}" for title in titles)
    return Rows(numbers, np.arange(len(titles), dtype=np.uint32), ids, Strings.of(titles))


PIECES = {
    "several": [rows("甲", "乙乙"), rows("丙"), rows("", "丁"), rows("戊")],
    "an empty one": [rows("甲", "乙"), rows(), rows("丙", "丁")],
    "no title": [rows("", ""), rows("", "")],
    "lone surrogates": [rows("残\ud800缺", "乙"), rows("丙")],
    "one": [rows("甲", "乙", "丙")],
    "none": [],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=list(PIECES))
@pytest.mark.parametrize("in_memory", [0, 2, 1000])
def test_rows_in_files_are_those_that_were_given(
    pieces: list[Rows], in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_rows, "IN_MEMORY", in_memory)
    with closing(Gathered()) as gathered:
        for piece in pieces:
            gathered.add(piece)
        found = gathered.rows()
    expected = Rows.join(pieces)
    assert len(found) == len(expected)
    assert found.numbers.tolist() == expected.numbers.tolist()
    assert found.flags.tolist() == expected.flags.tolist()
    assert list(found.ids) == list(expected.ids)
    assert list(found.titles) == list(expected.titles)
    assert isinstance(found.numbers.base, np.memmap) == (len(expected) > in_memory)


def test_owners_are_those_of_a_dict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "RECENT", 7)
    source = random.Random(5)
    first: dict[int, int] = {}
    found = Owners()
    for number in range(500):
        hashed = source.choice([source.randrange(300), 2**64 - 1 - source.randrange(300)])
        assert found.get(hashed) == first.get(hashed)
        if hashed not in first:
            first[hashed] = number
            found.add(hashed, number)
    assert [found.get(hashed) for hashed in first] == list(first.values())


def test_texts_are_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "_AT_ONCE", 2)
    texts = ["甲", "", "丙丙丙", "d", "戊"]
    assert list(Strings.of(texts)) == texts
    assert list(Strings.of(texts)[1:4]) == texts[1:4]
    assert list(Strings.of([])) == []


def test_a_build_whose_rows_were_put_away_has_the_same_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"id": f"r{n % 40}", "title": f"第{n}条", "text": f"第{n}条医保报销", "date": ""} for n in range(50)]
    source = tmp_path / "records.jsonl"
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    manifests = []
    for name, few in (("memory", 1000), ("files", 3)):
        monkeypatch.setattr(article_rows, "IN_MEMORY", few)
        monkeypatch.setattr(owners, "RECENT", few)
        report = reindex([source], tmp_path / name)
        assert (report.articles, len(report.rejections)) == (40, 10)
        index = index_at(tmp_path / name)
        manifests.append(Build(index.open(index.live())).manifest())
    one, other = manifests
    assert one.rows.numbers.tolist() == other.rows.numbers.tolist()
    assert list(one.rows.ids) == list(other.rows.ids) == [f"r{n}" for n in range(40)]
    assert list(one.titles()) == list(other.titles()) == [f"第{n}条" for n in range(40)]
    assert one.all_rejections == other.all_rejections
