"""Adding to a build and taking away: the result answers as a build from scratch, and Whoosh's Searcher agrees."""

from __future__ import annotations

import errno
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from engine_oracle import Oracle, collections, parsed_queries, queries
from hypothesis import given
from hypothesis import strategies as st
from test_engine_properties import check
from test_engine_whoosh import WORDS, boosted, search

from search.engines.whoosh import WhooshEngine, changes, library, verify, write_changes, write_index
from search.engines.whoosh.layout import read_identity
from search.errors import IndexDamaged, IndexOutdated
from search.model import Article, Clause, Form, Parsed, Query
from search.retrieval import ranking
from search.text import fold

with library.quietly():
    from whoosh import query as whoosh_query

pytestmark = pytest.mark.usefixtures("inner_loops")
STEPS = st.lists(st.tuples(collections(max_size=4), st.sets(st.integers(0, 11), max_size=4)), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda fd: None)


def apply(folder: str, first: list[Article], steps) -> tuple[Path, list[Article]]:
    """Write `first`, then every step upon the one before; return the last build and what it must hold."""
    base = Path(folder) / "0"
    write_index(base, first)
    held = {article.id: article for article in first}
    for number, (articles, gone) in enumerate(steps, 1):
        removed = {f"a/{index}.md" for index in gone} - {article.id for article in articles}
        write_changes(base, base.with_name(str(number)), articles, removed)
        base = base.with_name(str(number))
        held = {key: article for key, article in held.items() if key not in removed}
        held |= {article.id: article for article in articles}
    return base, list(held.values())


@given(collections(), STEPS, parsed_queries, queries, st.sampled_from((0, 2, 1000)))
def test_a_changed_build_answers_as_one_from_scratch(first, steps, parsed, query, growth):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "GROWTH", growth)
        build_dir, held = apply(folder, first, steps)
        verify(build_dir)
        engine = WhooshEngine.open(build_dir)
    check(engine, held, parsed, query)
    assert list(engine.articles()) == sorted(held, key=lambda article: article.id)
    assert engine.info.documents == len(held)
    assert list(engine.words()) == sorted(Oracle(held).words().items())
    assert engine.match(Parsed(""), query).counts == Oracle(held).answer(Parsed(""), query).counts


@given(collections(), STEPS, st.sampled_from([word for word in WORDS if len(word) > 1]))
def test_a_searcher_sees_the_same_after_changes(first, steps, word):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "GROWTH", 0)
        patch.setattr(ranking, "BIGRAM_SHARE", 0.0)
        patch.setattr(ranking, "RESCORE_WINDOW", 0)
        patch.setattr(ranking, "ANYWHERE_BOOST", 0.0)
        build_dir, held = apply(folder, first, steps)
        expected = search(build_dir, whoosh_query.Term("words", fold(word)))
        parsed = Parsed(word, (Clause("word", word, 0, 0, (Form(fold(word)),)),))
        found = WhooshEngine.open(build_dir).match(parsed, Query(size=100)).page
    scores = {match.id: match.score - boosted(held, match.id) for match in found}
    assert scores == pytest.approx(expected, rel=1e-4, abs=1e-5)


def articles(first: int, last: int) -> list[Article]:
    return [Article(f"{number}.md", "article", f"第{number}条", "异地就医") for number in range(first, last)]


def test_segments_stay_few_and_old_builds_may_go(tmp_path):
    base = tmp_path / "0"
    write_index(base, articles(0, 100))
    for step in range(1, 41):
        write_changes(base, tmp_path / str(step), articles(100 + step, 101 + step))
        for path in base.iterdir():
            path.unlink()
        base = tmp_path / str(step)
    entries = read_identity(base).segments
    assert len(entries) <= 6
    assert (entries[0].name, entries[0].documents) == ("0000", 100)
    assert [article.id for article in WhooshEngine.open(base).articles()] == sorted(
        article.id for article in [*articles(0, 100), *articles(101, 141)]
    )


def test_a_segment_is_shared_not_copied(tmp_path):
    write_index(tmp_path / "0", articles(0, 100))
    write_changes(tmp_path / "0", tmp_path / "1", articles(3, 4), ["5.md", "nowhere.md"])
    old, new = (tmp_path / build / "MAIN_0000.arrays" for build in "01")
    assert old.stat().st_ino == new.stat().st_ino
    assert (tmp_path / "1" / "MAIN_0000.1.deleted").exists()
    engine = WhooshEngine.open(tmp_path / "1")
    assert (engine.info.documents, engine.get("5.md"), engine.get("3.md")) == (99, None, articles(3, 4)[0])
    assert WhooshEngine.open(tmp_path / "0").get("5.md") is not None


def test_a_build_by_other_rules_is_not_added_to(tmp_path, monkeypatch):
    write_index(tmp_path / "0", articles(0, 2))
    monkeypatch.setattr("search.identity._text_rules", lambda: "other")
    with pytest.raises(IndexOutdated, match="other text rules"):
        write_changes(tmp_path / "0", tmp_path / "1", articles(2, 3))


def test_two_new_articles_of_one_id_are_refused(tmp_path):
    write_index(tmp_path / "0", articles(0, 2))
    twice = [*articles(1, 2), replace(articles(1, 2)[0], title="另一条")]
    with pytest.raises(ValueError, match="two articles have the id"):
        write_changes(tmp_path / "0", tmp_path / "1", twice)


def test_a_lost_list_of_deletions_is_damage(tmp_path):
    write_index(tmp_path / "0", articles(0, 100))
    write_changes(tmp_path / "0", tmp_path / "1", [], ["5.md"])
    (tmp_path / "1" / "MAIN_0000.1.deleted").unlink()
    with pytest.raises(IndexDamaged):
        WhooshEngine.open(tmp_path / "1")


def test_where_files_cannot_be_linked_the_copies_are_on_the_disk_before_the_build_is_finished(tmp_path, monkeypatch):
    """Otherwise a loss of power could leave a live build whose largest files are empty."""
    articles = [Article(f"{number}.md", "article", f"第{number}条", "门诊统筹") for number in range(20)]
    write_index(tmp_path / "0", articles)
    write_changes(tmp_path / "0", tmp_path / "1", [], ["3.md"])
    synced = []

    def no_links(source, target):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr("os.link", no_links)
    monkeypatch.setattr("os.fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
    write_changes(tmp_path / "1", tmp_path / "2", [Article("new.md", "article", "新", "住院")])
    copied = ["MAIN_0000.1.deleted", "MAIN_0000.arrays"]
    inodes = [(tmp_path / "2" / name).stat().st_ino for name in copied]
    assert inodes != [(tmp_path / "1" / name).stat().st_ino for name in copied]
    assert synced.index(max(inodes, key=synced.index)) < synced.index((tmp_path / "2" / "index.json").stat().st_ino)
    verify(tmp_path / "2")
