"""Builds on disk: written whole or not openable, and damage named instead of searched."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.whoosh import WhooshEngine, verify, write_index, writer
from search.engines.whoosh import inversion as batch
from search.engines.whoosh.layout import read_identity
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, IndexUnavailable
from search.facets import FACETS
from search.identity import SCHEMA_VERSION, digest, rules_of
from search.model import Article, Clause, Evidence, Form, Parsed, Query, Section
from search.storage.articles import decode, encode
from search.storage.container import Container, ContainerWriter
from search.text import fold

ARTICLES = [
    Article(f"a/{number}.md", "article", f"门诊统筹第{number}条", "异地就医备案。" * (number % 5 + 1), date(2025, 1, 1))
    for number in range(50)
]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    write_index(tmp_path / "build", ARTICLES)
    return tmp_path / "build"


def word(form: str) -> Parsed:
    return Parsed(form, (Clause("word", form, 0, len(form), (Form(fold(form)),)),))


def test_the_identity_tells_what_built_the_index_and_when(tmp_path):
    seen = []
    now = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
    info = write_index(tmp_path / "20261122", ARTICLES, progress=seen.append, now=now)
    assert (info.schema_version, info.fingerprint, info.documents) == (SCHEMA_VERSION, digest(rules_of()), 50)
    assert (info.built_at, info.build_id) == ("2026-11-22T12:30:00+08:00", "20261122")
    assert WhooshEngine.open(tmp_path / "20261122").info == info
    assert seen[-1] == 50
    verify(tmp_path / "20261122")


def test_worker_processes_write_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "BATCH_DOCUMENTS", 7)
    for workers in (0, 2):
        write_index(tmp_path / str(workers), ARTICLES, workers=workers)
    assert segment_path(tmp_path / "0").read_bytes() == segment_path(tmp_path / "2").read_bytes()
    files = ["MAIN_0000.arrays", "_MAIN_1.toc", "groups.bin", "index.json"]
    assert sorted(path.name for path in (tmp_path / "2").iterdir()) == files


def test_an_index_of_nothing_opens_and_finds_nothing(tmp_path):
    write_index(tmp_path / "build", [])
    engine = WhooshEngine.open(tmp_path / "build")
    verify(tmp_path / "build")
    assert (engine.match(word("门诊"), Query()).total, list(engine.articles()), engine.get("x")) == (0, [], None)
    assert engine.match(Parsed(""), Query()).counts == {key: {} for key in FACETS.keys}


def test_two_articles_of_one_id_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"two articles have the id 'a/1\.md'"):
        write_index(tmp_path / "build", [ARTICLES[1], ARTICLES[1]])
    with pytest.raises(IndexUnavailable):
        WhooshEngine.open(tmp_path / "build")


def test_a_build_directory_is_never_written_over(build):
    with pytest.raises(ValueError, match="is not empty"):
        write_index(build, ARTICLES)


def test_a_build_that_was_cut_short_cannot_be_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "BATCH_DOCUMENTS", 20)

    def broken():
        yield from ARTICLES
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_index(tmp_path / "build", broken())
    with pytest.raises(IndexDamaged, match=r"no finished index.*yibao reindex"):
        WhooshEngine.open(tmp_path / "build")


@pytest.mark.parametrize(
    "name",
    ["missing", "empty", "file"],
)
def test_where_there_is_no_index_is_said(tmp_path, name):
    if name == "empty":
        (tmp_path / name).mkdir()
    if name == "file":
        (tmp_path / name).write_text("x")
    with pytest.raises(IndexMissing, match="there is no index in"):
        WhooshEngine.open(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"segments": []}', '{"segments": [1]}', "\x00\x01"],
)
def test_a_foreign_identity_file_is_damage(tmp_path, content):
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(IndexDamaged):
        WhooshEngine.open(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [("schema_version", SCHEMA_VERSION + 1, "schema version"), ("rules", {"text": "0"}, "text rules")],
)
def test_an_index_built_by_other_rules_is_outdated(build, key, value, message):
    identity = read_identity(build)
    other = replace(identity, info=replace(identity.info, **{key: value}))
    (build / "index.json").write_text(other.text())
    with pytest.raises(IndexOutdated, match=message):
        WhooshEngine.open(build)


def segment_path(build: Path) -> Path:
    (path,) = build.glob("*.arrays")
    return path


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_truncated_segment_is_found_when_opened(build, share):
    path = segment_path(build)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(IndexDamaged):
        WhooshEngine.open(build)


def test_a_foreign_or_absent_segment_is_found_when_opened(build):
    path = segment_path(build)
    path.write_bytes(b"PK\x03\x04" + bytes(5000))
    with pytest.raises(IndexDamaged, match="not a finished segment"):
        WhooshEngine.open(build)
    path.unlink()
    with pytest.raises(IndexDamaged, match="No such file"):
        WhooshEngine.open(build)


@pytest.mark.parametrize("name", ["bigram_places", "word_docs", "store", "ids", "dates", "facets"])
def test_a_changed_byte_is_found_by_verify(build, name):
    path = segment_path(build)
    offset = Container(path)._table[name]["offset"]
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=name):
        verify(build)


@pytest.mark.parametrize(
    "position", [0, 9, 13, 17, 25, 33, 41], ids=["magic", "format", "crc", "offset", "length", "size", "check"]
)
def test_a_changed_byte_of_the_header_is_found_when_opened(build, position):
    path = segment_path(build)
    data = bytearray(path.read_bytes())
    data[position] ^= 255
    path.write_bytes(data)
    with pytest.raises(IndexDamaged):
        WhooshEngine.open(build)


def test_a_changed_table_is_found_when_opened(build):
    path = segment_path(build)
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match="table of arrays is damaged"):
        WhooshEngine.open(build)


def test_a_list_of_contents_that_disagrees_is_found_by_verify(build):
    identity = read_identity(build)
    other = replace(identity, info=replace(identity.info, documents=49))
    (build / "index.json").write_text(other.text())
    with pytest.raises(IndexDamaged, match="says 49 articles and holds 50"):
        verify(build)


def test_an_index_of_the_version_before_is_outdated_not_damaged(build):
    content = json.loads((build / "index.json").read_text())
    del content["checksum"], content["toc"]
    (build / "index.json").write_text(json.dumps(content | {"schema_version": 4}))
    with pytest.raises(IndexOutdated, match="schema version 4"):
        WhooshEngine.open(build)


@pytest.mark.parametrize(("name", "step"), [("index.json", 1), ("_MAIN_1.toc", 97)])
def test_a_changed_byte_of_identity_or_table_of_contents_is_noticed(build, name, step):
    """Also one of the layout of the identity file alone: a space that became another one."""
    path = build / name
    whole = path.read_bytes()
    for place in range(0, len(whole), step):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(IndexUnavailable):
            verify(build)
    path.write_bytes(whole)
    verify(build)


def test_a_container_gives_back_what_was_put_in(tmp_path):
    import numpy as np

    writer = ContainerWriter(tmp_path / "c")
    stream = writer.stream("bytes")
    stream.append(b"abc")
    stream.append(b"de")
    writer.finish_stream(stream)
    left, right = writer.column("left", np.uint32, 3), writer.column("right", np.uint8, 3)
    for part in ([1, 2], [3]):
        left.append(np.array(part, np.uint32))
        right.append(np.array(part, np.uint8))
    writer.add("none", np.zeros(0, np.float32))
    writer.close({"why": "测试"})
    read = Container(tmp_path / "c")
    read.verify()
    assert {name: array.tolist() for name, array in read.arrays.items()} == {
        "bytes": list(b"abcde"),
        "left": [1, 2, 3],
        "right": [1, 2, 3],
        "none": [],
    }
    assert read.meta == {"why": "测试"}
    assert not read.arrays["left"].flags.writeable


@given(
    st.builds(
        Article,
        id=st.text(),
        kind=st.sampled_from(("article", "teaser")),
        title=st.text(),
        text=st.text(st.characters()),
        date=st.none() | st.dates(),
        sections=st.builds(Section, st.text(), st.just(1), st.just(0), st.just(1), st.just(2), st.text()).map(
            lambda section: (section,)
        ),
        facets=st.dictionaries(st.text(), st.lists(st.text()).map(tuple)),
        evidence=st.builds(Evidence, st.text(), st.text(), st.text(), st.just("title")).map(lambda item: (item,)),
    )
)
def test_any_article_survives_storage(article):
    line = encode(article)
    assert "\n" not in line
    assert decode(line.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")) == article


def test_hostile_text_is_indexed_and_found(tmp_path):
    lone = "\ud800"
    many = "".join(map(chr, range(0x20, 0x11000)))
    articles = [
        Article(f"x{lone}\n{number}", "article", title, text)
        for number, (title, text) in enumerate(
            [
                (f"医保{lone}", "\x00\x00"),
                ("", ""),
                ("<script>", "\u202e門診\u0000"),
                ("all", many),
                ("😀" * 3, "\n\r\t"),
            ]
        )
    ]
    write_index(tmp_path / "build", articles)
    verify(tmp_path / "build")
    engine = WhooshEngine.open(tmp_path / "build")
    assert list(engine.articles()) == sorted(articles, key=lambda article: article.id)
    assert [match.id for match in engine.match(word("门诊"), Query()).page] == [articles[2].id]
    assert [match.id for match in engine.match(word("😀😀"), Query()).page] == [articles[4].id]


def test_a_batch_of_more_characters_than_sixteen_bits_sorts_all_the_same():
    codes = [code for code in range(0x20, 0x11F00) if not 0xD800 <= code < 0xE000]
    article = Article("a", "article", "", "".join(map(chr, codes)))
    bigrams = batch.analyse([article]).bigrams
    assert len(bigrams.terms) == len(set(bigrams.terms.tolist()))
    assert bigrams.terms.tolist() == sorted(bigrams.terms.tolist())
    folded = fold(article.text)
    keys = [ord(first) << 21 | ord(second) for first, second in zip(folded, folded[1:] + "\0", strict=True)]
    assert sorted(set(keys)) == bigrams.terms.tolist()


def test_frequencies_saturate_at_a_byte(tmp_path):
    write_index(tmp_path / "build", [Article("a", "article", "", "门诊" * 1000), Article("b", "article", "", "门诊")])
    engine = WhooshEngine.open(tmp_path / "build")
    assert [match.id for match in engine.match(word("门诊"), Query()).page] == ["a", "b"]


def test_threads_share_one_engine(build):
    engine = WhooshEngine.open(build)
    asked = [word("异地就医"), word("第"), word("统筹第1"), Parsed("")]
    expected = [engine.match(parsed, Query()) for parsed in asked]
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(30):
            for parsed, answer in zip(asked, expected, strict=True):
                found = engine.match(parsed, Query())
                stored = engine.get_many([match.id for match in found.page])
                if found != answer or [article.id for article in stored] != [match.id for match in found.page]:
                    wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_engine_answers_after_its_files_are_gone_and_after_close(build):
    engine = WhooshEngine.open(build)
    before = engine.match(word("门诊统筹"), Query())
    for path in build.iterdir():
        path.unlink()
    engine.close()
    engine.close()
    assert engine.match(word("门诊统筹"), Query()) == before
    assert engine.get("a/7.md") == ARTICLES[7]
    with pytest.raises(KeyError):
        engine.get_many(["a/7.md", "nowhere"])
