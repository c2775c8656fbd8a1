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
    ids, notes = said(build, "腰老酸坐")
    assert ids == ["waist.md"]
    assert notes == {"by-pairs": "没有一篇含有“腰老酸坐”，以下按其中相连的两个字找到。"}


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


def test_how_a_text_is_read_does_not_depend_on_the_filters(build: Build) -> None:
    everything = answer(build, Query("“补牙医保能报吗”"))
    topics = {value.value: value.count for value in everything.facets["topic"]}
    for topic, total in topics.items():
        filtered = Query("“补牙医保能报吗”", filters={"topic": (topic,), "insurance": ("未注明",)})
        assert answer(build, filtered).total == count(build, filtered) == total
        assert "without-quotes" in {note.code for note in answer(build, filtered).parsed.notes}


def test_where_filters_alone_leave_nothing_the_text_is_read_as_it_was(build: Build) -> None:
    results = answer(build, Query("补牙", filters={"province": ("辽宁省",)}))
    assert (results.total, results.parsed.notes) == (0, ())


@pytest.mark.parametrize("text", ["“补牙” “镶牙”", "“补牙” “镶牙” 报销"])
def test_quoted_words_that_are_somewhere_are_not_said_to_be_nowhere(build: Build, text: str) -> None:
    ids, notes = said(build, text)
    assert set(ids) == {"tooth.md", "tooth-shenyang.md"}
    said_of = "没有一篇既合乎引号里的每个字句，又合乎其余的词，以下是去掉引号的结果。"
    assert notes == {"without-quotes-all": said_of}


@pytest.mark.parametrize("text", ["“脸痒皮”", "“ 脸痒皮 ”", "“脸痒皮” -补牙"])
def test_what_is_quoted_and_nowhere_as_words_either_is_cut_too(build: Build, text: str) -> None:
    ids, notes = said(build, text)
    assert (ids, set(notes)) == (["face.md"], {"without-quotes", "by-characters"})


def test_a_word_of_a_dictionary_is_not_taken_to_pieces(build: Build) -> None:
    # 脸皮 is one word: an article with 脸 and 皮 is not about that.
    assert said(build, "脸皮")[0] == []


@pytest.mark.parametrize("text", ["龘靐齉", "xyzzy", "“龘靐齉”", "脸 -发痒 龘靐"])
def test_what_is_nowhere_at_all_finds_nothing(build: Build, text: str) -> None:
    assert said(build, text)[0] == []
