"""The index of a running process: it follows the live build, and lets go of the old ones."""

from __future__ import annotations

import errno
import gc
import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_connections import serving, until

from search.answering.answers import answer, completions
from search.engines.contract import Index
from search.engines.whoosh.generations import BUILDS, CURRENT, current_build
from search.errors import IndexDamaged, IndexMissing
from search.indexing.build import reindex
from search.indexing.builds import Build
from search.indexing.live import CHECK, LiveIndex, Waiting
from search.model import Query
from search.storage.container import Container


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    grow(folder, 1)
    return folder


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def grow(folder: Path, number: int) -> None:
    (folder / f"{number}.md").write_text(
        f"---\ntitle: 大连门诊报销{number}\n---\n异地就医备案abc第{number}条。\n", "utf-8"
    )


class Attempts:
    """Lets opening fail while there is an `error`, and counts how often it was tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = None
        self.count = 0
        from search.indexing.builds import open_live

        def attempt(index: Index) -> Build:
            self.count += 1
            if self.error:
                raise self.error
            return open_live(index)

        monkeypatch.setattr("search.indexing.live.open_live", attempt)


NO_DESCRIPTORS = [
    IndexDamaged("MAIN_0000.arrays: Too many open files"),
    OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
    MemoryError(),
]


@pytest.mark.parametrize("error", NO_DESCRIPTORS, ids=lambda error: type(error).__name__)
def test_a_new_build_that_cannot_be_opened_is_tried_again_ever_less_often(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    reindex([folder], index_dir)
    clock, attempts = Clock(), Attempts(monkeypatch)
    live = LiveIndex(index_dir, clock)
    old = live.engine()
    grow(folder, 2)
    reindex([folder], index_dir)
    attempts.error, attempts.count = error, 0
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        before = attempts.count
        assert live.engine() is old
        assert attempts.count == before + 1
        clock.now += pause - 0.25
        assert live.engine() is old
        assert attempts.count == before + 1, f"not before {pause} s have gone by"
        clock.now += 0.25
    attempts.error = None
    assert live.engine().info.documents == 2
    assert live.engine() is live.engine()
    assert attempts.count == 9


def test_another_new_build_is_tried_at_once_and_its_pauses_begin_anew(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reindex([folder], index_dir)
    clock, attempts = Clock(), Attempts(monkeypatch)
    live = LiveIndex(index_dir, clock)
    old = live.engine()
    attempts.error = NO_DESCRIPTORS[0]
    for number in (2, 3):
        grow(folder, number)
        reindex([folder], index_dir)
        before = attempts.count
        assert live.engine() is old
        clock.now += 1
        assert live.engine() is old
        assert attempts.count == before + 2
    attempts.error = None
    grow(folder, 4)
    reindex([folder], index_dir)
    assert live.engine().info.documents == 4


def test_a_pointer_that_goes_back_to_the_build_that_is_open_ends_the_trying(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    live = LiveIndex(index_dir, Clock())
    old = live.engine()
    pointer = index_dir / CURRENT
    aside = pointer.rename(index_dir / "aside")
    pointer.write_text("20261126-120000-0123abcd\n")
    assert live.engine() is old
    aside.replace(pointer)
    assert live.engine() is old


def test_without_an_old_build_every_request_tries(folder: Path, index_dir: Path) -> None:
    live = LiveIndex(index_dir, Clock())
    for _ in range(2):
        with pytest.raises(IndexMissing):
            live.engine()
    reindex([folder], index_dir)
    assert live.engine().info.documents == 1


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Without the collector of cycles an object goes with the last reference to it, or never."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


QUERIES = [
    Query(),
    Query("门诊报销", explain=True),
    Query("大连abc", sort="oldest", collapse=True),
    Query("bc第", sort="newest", filters={"city": ("大连市",)}),
    Query("付"),
    Query("异地就衣备案"),
]


def mapped(build: Path) -> list[str]:
    """Return the files of a build that this process has mapped, or holds open."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    # The descriptor by which the folder itself was listed is closed by now.
    opened = [str(one.readlink()) for one in list(Path("/proc/self/fd").iterdir()) if one.is_symlink()]
    return [line for line in (*maps, *opened) if f"{BUILDS}/{build.name}" in line]


@pytest.mark.usefixtures("inner_loops", "no_collector")
def test_old_builds_are_unmapped_without_a_garbage_collector(folder: Path, index_dir: Path) -> None:
    """Whatever was asked of them: all parts of an engine that keep something have kept it."""
    live = LiveIndex(index_dir, Clock())
    gone: list[tuple[Path, weakref.ref[Build]]] = []
    for number in range(2, 6):
        grow(folder, number)
        reindex([folder], index_dir, changed=number % 2 == 0)
        engine = live.engine()
        for query in QUERIES:
            answer(engine, query)
        completions(engine, "yidi")
        assert len(list(engine.articles())) == len(list(folder.iterdir()))
        gone.append((current_build(index_dir), weakref.ref(engine)))
        del engine
    *old, (build, alive) = gone
    assert [(build.name, ref() is None, mapped(build)) for build, ref in old] == [(b.name, True, []) for b, _ in old]
    assert alive() is live.engine()
    assert mapped(build)


@pytest.fixture
def all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening then looks at the structure alone."""
    monkeypatch.setattr("search.storage.structure.SMALL", 0)


def damage(build: Path, file: str, array: str, value: int) -> None:
    """Change an item to another that could be one."""
    container = Container(build / file)
    place = container._table[array]["offset"]
    with (build / file).open("r+b") as opened:
        opened.seek(place)
        assert opened.read(1) != bytes([value])
        opened.seek(place)
        opened.write(bytes([value]))


def checked() -> None:
    """Wait for the checks in the background."""
    for thread in threading.enumerate():
        if thread.name == CHECK:
            thread.join()


def found_sound(folder: Path, index_dir: Path) -> tuple[LiveIndex, Build]:
    """Index a folder and open that; return the index, watched, and its build, which passed the check."""
    reindex([folder], index_dir)
    live = LiveIndex(index_dir, Clock())
    live.watch()
    build = live.engine()
    checked()
    return live, build


@pytest.mark.usefixtures("all_files_are_large")
def test_damage_that_opening_does_not_see_is_seen_after_it_and_the_build_before_serves_on(
    folder: Path, index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live, sound = found_sound(folder, index_dir)
    grow(folder, 2)
    reindex([folder], index_dir)
    damage(current_build(index_dir), "MAIN_0000.arrays", "word_tf", 2)
    assert live.engine().info.documents == 2, "opened, as its structure is right"
    checked()
    assert live.engine() is sound
    assert live.waiting == Waiting(current_build(index_dir).name, False)
    (said,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "going back to the index before: " in said.message and "the array word_tf is damaged" in said.message
    assert f"yibao reindex SOURCES… --index-dir {index_dir}" in said.message
    assert live.engine() is sound, "it is not opened again"
    grow(folder, 3)
    reindex([folder], index_dir)
    assert live.engine().info.documents == 3
    checked()
    assert live.engine().info.documents == 3


@pytest.mark.usefixtures("all_files_are_large")
def test_a_damaged_build_with_none_before_it_is_not_searched(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    damage(current_build(index_dir), "MAIN_0000.arrays", "word_tf", 2)
    live = LiveIndex(index_dir, Clock())
    live.engine()
    checked()
    live.engine()
    live.watch()
    checked()
    for _ in range(2):
        with pytest.raises(IndexDamaged, match=r"the array word_tf is damaged.* Run: yibao reindex"):
            live.engine()
    reindex([folder], index_dir)
    assert live.engine().info.documents == 1


LARGE_FILES = """
from search.storage import structure
structure.SMALL = 0
from search.command.cli import main
main()
"""


def test_the_server_checks_what_it_serves(folder: Path, index_dir: Path, tmp_path: Path) -> None:
    """Each worker: all of them say 503 in the end, and the log says why."""
    reindex([folder], index_dir)
    damage(current_build(index_dir), "MAIN_0000.arrays", "word_tf", 2)
    errors = tmp_path / "errors"
    with serving(index_dir, errors=errors, program=("-c", LARGE_FILES)) as server:
        until(lambda: errors.read_text().count("nothing to search: ") == 2)
        assert {server.ask("/healthz") for _ in range(10)} == {503}
        assert len(server.workers()) == 2
    reindex([folder], index_dir)
    with serving(index_dir, errors=errors, program=("-c", LARGE_FILES)) as server:
        assert server.ask("/healthz") == 200
    assert "[ERROR]" not in errors.read_text()


@pytest.mark.usefixtures("all_files_are_large")
def test_a_build_that_was_not_found_sound_is_none_to_go_back_to(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, sound = found_sound(folder, index_dir)
    started: list[Build] = []
    with monkeypatch.context() as slow:
        slow.setattr(LiveIndex, "_begin_check", lambda self, engine: started.append(engine))
        for number in (2, 3):
            grow(folder, number)
            reindex([folder], index_dir)
            damage(current_build(index_dir), "MAIN_0000.arrays", "word_tf", 2)
            live.engine()
    for engine in started:
        live._check(engine)
    assert live.engine() is sound


@pytest.mark.usefixtures("all_files_are_large")
def test_damaged_suggestions_are_done_without(folder: Path, index_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    reindex([folder], index_dir)
    damage(current_build(index_dir), "suggestions.bin", "word_weights", 1)
    live = LiveIndex(index_dir, Clock())
    build = live.engine()
    assert build.suggestions is not None
    live.watch()
    checked()
    assert live.engine() is build
    assert build.suggestions is None
    assert "going on without suggestions" in caplog.text


@pytest.mark.usefixtures("no_collector")
def test_a_build_that_passed_lets_go_of_the_one_before(folder: Path, index_dir: Path) -> None:
    live = LiveIndex(index_dir, Clock())
    live.watch()
    reindex([folder], index_dir)
    old = current_build(index_dir)
    answer(live.engine(), Query("门诊报销"))
    checked()
    grow(folder, 2)
    reindex([folder], index_dir)
    live.engine()
    checked()
    assert mapped(old) == []
