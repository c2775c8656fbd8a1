"""What finds nothing as it is read: words by pairs, then by characters, then what was quoted as words; each is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import Build, Query, answer, count, open_current, reindex

ARTICLES = {
    "face": "皮肤科\n\n脸上发痒，还起皮，怎么办。",
    "waist": "腰痛\n\n腰老酸，坐久了更酸。",
    "tooth": "补牙\n\n补牙医保能报销，要看参保地。",
    "tooth-shenyang": "镶牙\n\n镶牙不报销。",
}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        Path(folder / f"{name}.md").write_text(f"# {text}\n", "utf-8")
    index = tmp_path_factory.mktemp("index")
    reindex([folder], index, workers=0)
    return open_current(index)


def said(build: Build, text: str) -> tuple[list[str], dict[str, str]]:
    results = answer(build, Query(text))
    assert results.total == count(build, Query(text)), "a number is what a click on it brings"
    return [hit.article.id for hit in results.hits], {note.code: note.message for note in results.parsed.notes}


def test_a_word_that_is_nowhere_is_looked_for_by_its_pairs(build: Build) -> None:
    ids, notes = said(build, "腰老酸痛")
    assert ids[0] == "waist.md"
    assert set(notes) <= {"by-pairs", "optional-words", "missing-words"}


def test_then_by_its_characters_all_of_them(build: Build) -> None:
    ids, notes = said(build, "脸痒皮")
    assert ids == ["face.md"]
    assert notes == {"by-characters": "没有一篇含有“脸痒皮”，以下只是含有其中每一个字。"}


def test_what_is_quoted_and_nowhere_is_looked_for_without_quotes(build: Build) -> None:
    ids, notes = said(build, "“补牙医保能报吗”")
    assert ids[0] == "tooth.md"
    assert notes["without-quotes"] == "没有原样出现“补牙医保能报吗”的文章，以下是去掉引号的结果。"


def test_what_is_there_in_quotes_stays_so(build: Build) -> None:
    assert said(build, "“补牙医保”") == (["tooth.md"], {})


def test_where_filters_alone_leave_nothing_the_text_is_read_as_it_was(build: Build) -> None:
    results = answer(build, Query("补牙", filters={"province": ("辽宁省",)}))
    assert (results.total, results.parsed.notes) == (0, ())


@pytest.mark.parametrize("text", ["龘靐齉", "xyzzy", "“龘靐齉”", "脸 -发痒 龘靐"])
def test_what_is_nowhere_at_all_finds_nothing(build: Build, text: str) -> None:
    assert said(build, text)[0] == []
