"""Reindex builds beside the live index, switches atomically, and tells all it did."""

import errno
import fcntl
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.command.output import print_checkup
from search.engines.whoosh.generations import BUILDS, CURRENT, LOCK, current_build
from search.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnwritable, SourceError
from search.facets import Facets
from search.indexing.build import reindex
from search.indexing.builds import open_current, verify_current
from search.indexing.checkup import repair
from search.indexing.ingest import SourceFile, read_file
from search.indexing.live import LiveIndex
from search.indexing.manifest import Changes
from search.model import Article, Rejection
from search.processes import _uninterrupted, ordered_map

BODY = "参保人在定点医院住院，起付线以上的部分按比例报销，具体以当地公布为准。"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for city in ("沈阳", "大连", "鞍山"):
        write(folder, city)
    return folder


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(folder: Path, city: str, body: str = BODY) -> Path:
    path = folder / f"{city}.md"
    path.write_text(f"---\ntitle: {city}住院报销多少\ndate: 2025-03-01\n---\n{city}{body}\n", "utf-8")
    return path


def titles(index_dir: Path) -> list[str]:
    return sorted(article.title for article in open_current(index_dir).articles())


def builds(index_dir: Path) -> list[str]:
    return [path.name for path in (index_dir / BUILDS).iterdir()]


def test_a_first_build_reports_everything_as_added(folder: Path, index_dir: Path) -> None:
    report = reindex([folder], index_dir)
    assert report.changes == Changes(added=3, changed=0, removed=0, unchanged=0)
    assert (report.files, report.articles, report.kinds["article"]) == (3, 3, 3)
    assert report.rejections == ()
    assert report.coverage["city"] == 3
    assert titles(index_dir) == ["大连住院报销多少", "沈阳住院报销多少", "鞍山住院报销多少"]
    assert builds(index_dir) == [report.build_id] == [current_build(index_dir).name]


@pytest.mark.parametrize("changed", [False, True], ids=["whole", "changed-only"])
def test_the_next_build_tells_added_changed_and_removed(folder: Path, index_dir: Path, changed: bool) -> None:
    reindex([folder], index_dir)
    write(folder, "抚顺")
    write(folder, "大连", "的住院待遇有了新规定，请看当地公告。")
    (folder / "鞍山.md").unlink()
    report = reindex([folder], index_dir, changed=changed)
    assert report.changes == Changes(added=1, changed=1, removed=1, unchanged=1)
    assert titles(index_dir) == ["大连住院报销多少", "抚顺住院报销多少", "沈阳住院报销多少"]
    assert len(builds(index_dir)) == 1


def test_changed_with_nothing_changed_leaves_the_live_build(folder: Path, index_dir: Path) -> None:
    first = reindex([folder], index_dir)
    second = reindex([folder], index_dir, changed=True)
    assert second.build_id is None
    assert second.changes == Changes(added=0, changed=0, removed=0, unchanged=3)
    assert builds(index_dir) == [first.build_id]


def test_changed_repeats_the_rejections_of_files_it_did_not_read_again(folder: Path, index_dir: Path) -> None:
    (folder / "坏.md").write_text("---\ndate: 2024-13-45\n---\n正文\n", "utf-8")
    reindex([folder], index_dir)
    write(folder, "抚顺")
    report = reindex([folder], index_dir, changed=True)
    assert [rejection.path for rejection in report.rejections] == ["坏.md"]


@pytest.mark.parametrize("changed", [False, True], ids=["whole", "changed-only"])
def test_odd_metadata_is_reported_every_time(folder: Path, index_dir: Path, changed: bool) -> None:
    (folder / "外.md").write_text("---\ntitle: 住院\ncity: 亚特兰蒂斯市\n---\n住院报销按规定办理。\n", "utf-8")
    reindex([folder], index_dir)
    write(folder, "抚顺")
    report = reindex([folder], index_dir, changed=changed)
    assert [line.split(":")[0] for line in report.lint.findings()["unknown city"]] == ["外.md"]


def test_a_whole_and_a_changed_build_hold_the_same(folder: Path, tmp_path: Path) -> None:
    reindex([folder], tmp_path / "a")
    write(folder, "抚顺")
    reindex([folder], tmp_path / "a", changed=True)
    reindex([folder], tmp_path / "b")
    a, b = (list(open_current(tmp_path / name).articles()) for name in ("a", "b"))
    assert a == b


RECORDS = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abcdef"),
        "text": st.sampled_from((BODY, BODY + "另有规定的除外。", "门诊统筹按比例支付。")),
    },
    optional={
        "title": st.sampled_from(("大连门诊怎么报销", "烟台住院起付线是多少", "医保")),
        "date": st.sampled_from(("2024-01-01", "2025-02-30")),
        "kind": st.sampled_from(("teaser", "poem")),
        "city": st.sampled_from(("大连市", "亚特兰蒂斯市")),
    },
)
EDITS = st.dictionaries(
    st.sampled_from(("one/p.jsonl", "one/q.jsonl", "one/z.md", "two/p.jsonl", "two/a/r.jsonl")),
    st.none() | st.lists(RECORDS, max_size=4),
    max_size=4,
)
STEPS = st.lists(st.tuples(EDITS, st.booleans()), min_size=2, max_size=4)


def edit(root: Path, edits: dict[str, list[dict[str, str]] | None], moment: int) -> None:
    """Write the records into each file, or remove it for None. Times are set: the clock's ticks are too coarse."""
    for name, records in edits.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if records is None:
            path.unlink(missing_ok=True)
            continue
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
        os.utime(path, ns=(moment, moment))


def outcome(sources: list[Path], index_dir: Path, changed: bool) -> object:
    """Reindex; return the report, what the index holds, and the files beside it."""
    try:
        report = replace(reindex(sources, index_dir, changed=changed), build_id=None, seconds=0.0)
    except SourceError as error:
        return str(error)
    build = current_build(index_dir)
    beside = [(build / name).read_bytes() for name in ("manifest.bin", "suggestions.bin")]
    return report, list(open_current(index_dir).articles()), beside


@given(STEPS)
def test_changed_does_what_a_whole_reindex_does(
    steps: list[tuple[dict[str, list[dict[str, str]] | None], bool]],
) -> None:
    """Any edits: ids that files have in common, bad records, odd metadata, files gone, sources in another order."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda fd: None)
        root = Path(name)
        sources = [root / "one", root / "two"]
        for source in sources:
            source.mkdir()
        edit(root, {"one/keep.jsonl": [{"id": "keep", "text": BODY}]}, 1)
        for moment, (edits, turned) in enumerate(steps, 2):
            edit(root, edits, moment)
            ordered = sources[::-1] if turned else sources
            expected = outcome(ordered, root / "whole", changed=False)
            assert outcome(ordered, root / "changed", changed=True) == expected


def test_a_large_file_that_grows_meanwhile_is_indexed_and_named(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = many_records(folder / "many.jsonl", 2)

    def growing(file: SourceFile, facets: Facets) -> Iterator[Article | Rejection]:
        yield from read_file(file, facets)
        if file.path == many.name:
            with many.open("a", encoding="utf-8") as stream:
                stream.write('{"id": "late", "text": "后来的一条。"}\n')

    monkeypatch.setattr("search.indexing.ingest.SNAPSHOT_BYTES", many.stat().st_size - 1)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("search.indexing.reading.read_file", growing)
        report = reindex([folder], index_dir)
    assert (report.articles, report.changes.added, report.rejections) == (5, 5, ())
    expected = ["many.jsonl: it may hold more or other records by now; run again"]
    assert report.lint.findings()["changed while it was read"] == expected
    report = reindex([folder], index_dir, changed=True)
    assert (report.articles, report.changes.added) == (6, 1)
    assert "changed while it was read" not in report.lint.findings()


def test_changed_reads_only_what_changed(folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reindex([folder], index_dir)
    write(folder, "抚顺")
    read: list[str] = []

    def noted(file: SourceFile, facets: Facets) -> Iterator[Article | Rejection]:
        read.append(file.path)
        return read_file(file, facets)

    monkeypatch.setattr("search.indexing.reading.read_file", noted)
    reindex([folder], index_dir, changed=True)
    assert read == ["抚顺.md"]


def test_an_id_that_its_owner_gives_up_goes_to_the_next_file(folder: Path, index_dir: Path) -> None:
    edits: dict[str, list[dict[str, str]] | None]
    edits = {name: [{"id": "x", "title": name, "text": BODY}] for name in ("b.jsonl", "c.jsonl")}
    edit(folder, edits, 1)
    reindex([folder], index_dir)
    edit(folder, {"a.jsonl": [{"id": "x", "title": "a.jsonl", "text": BODY}]}, 2)
    report = reindex([folder], index_dir, changed=True)
    assert [(r.path, r.reason[-7:]) for r in report.rejections] == [("b.jsonl", "a.jsonl"), ("c.jsonl", "a.jsonl")]
    edit(folder, {"a.jsonl": None, "b.jsonl": None}, 3)
    report = reindex([folder], index_dir, changed=True)
    assert (report.rejections, report.changes) == ((), Changes(added=0, changed=1, removed=0, unchanged=3))
    assert titles(index_dir)[0] == "c.jsonl"


def test_a_file_that_was_only_touched_changes_no_article(folder: Path, index_dir: Path) -> None:
    first = reindex([folder], index_dir)
    os.utime(folder / "大连.md")
    second = reindex([folder], index_dir, changed=True)
    assert second.build_id != first.build_id
    assert second.changes == Changes(added=0, changed=0, removed=0, unchanged=3)
    assert reindex([folder], index_dir, changed=True).build_id is None, "the new time is remembered"


def test_many_changes_leave_few_segments(tmp_path: Path, index_dir: Path) -> None:
    source = tmp_path / "records"
    for n in range(40):
        edit(source, {f"{n}.jsonl": [{"id": f"{n}/{i}", "text": f"第{i}条。{BODY}"} for i in range(20)]}, n)
    reindex([source], index_dir)
    for n in range(20):
        edit(source, {f"{n}.jsonl": [{"id": f"{n}/{i}", "text": f"新的第{i}条。{BODY}"} for i in range(20)]}, 1000 + n)
        report = reindex([source], index_dir, changed=True)
        assert report.changes == Changes(added=0, changed=20, removed=0, unchanged=780)
        assert len(list(current_build(index_dir).glob("*.arrays"))) <= 5
    assert len(builds(index_dir)) == 1


def test_too_much_to_read_is_read_as_a_whole(folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reindex([folder], index_dir)
    monkeypatch.setattr("search.indexing.increment.SMALL", 0)
    monkeypatch.setattr("search.engines.whoosh.index.WhooshDraft.change", None)
    for city in ("大连", "抚顺"):
        write(folder, city, "的待遇有了新规定。")
    assert reindex([folder], index_dir, changed=True).changes == Changes(added=1, changed=1, removed=0, unchanged=2)


def test_other_rules_make_changed_read_everything(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reindex([folder], index_dir)
    monkeypatch.setattr("search.identity._format_rules", lambda: "other")
    monkeypatch.setattr("search.engines.whoosh.index.WhooshDraft.change", None)
    report = reindex([folder], index_dir, changed=True)
    assert (report.build_id, report.changes.unchanged) == (current_build(index_dir).name, 3)


def many_records(path: Path, number: int, text: str = BODY) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for n in range(number):
            file.write(
                json.dumps({"id": f"r{n}", "title": f"第{n}条", "text": f"{n}{text}"}, ensure_ascii=False) + "\n"
            )
    return path


def test_worker_processes_build_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = many_records(tmp_path / "many.jsonl", 400)
    monkeypatch.setattr("search.indexing.build.BATCH_ARTICLES", 90)
    for workers in (0, 2):
        reindex([many], tmp_path / str(workers), workers=workers)
    alone, together = (
        {path.name: path.read_bytes() for path in current_build(tmp_path / name).iterdir() if path.name != "index.json"}
        for name in ("0", "2")
    )
    assert alone == together
    assert sorted(alone) == ["MAIN_0000.arrays", "_MAIN_1.toc", "groups.bin", "manifest.bin", "suggestions.bin"]


def test_what_goes_wrong_in_a_worker_process_comes_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(ordered_map(int, ["1", "2", "x", "4"], 2))
    assert list(ordered_map(int, map(str, range(50)), 2)) == list(range(50))
    assert multiprocessing.active_children() == []


def test_dry_run_writes_nothing(folder: Path, index_dir: Path) -> None:
    report = reindex([folder], index_dir, dry_run=True)
    assert (report.articles, report.build_id) == (3, None)
    assert not index_dir.exists()


def test_strict_keeps_the_old_index_when_something_is_rejected(folder: Path, index_dir: Path) -> None:
    first = reindex([folder], index_dir)
    write(folder, "抚顺")
    (folder / "空.md").write_bytes(b"")
    report = reindex([folder], index_dir, strict=True)
    assert report.build_id is None
    assert len(report.rejections) == 1
    assert current_build(index_dir).name == first.build_id
    assert len(titles(index_dir)) == 3


def test_strict_leaves_nothing_of_what_it_refused(folder: Path, index_dir: Path) -> None:
    (folder / "空.md").write_bytes(b"")
    assert reindex([folder], index_dir, strict=True).build_id is None
    assert builds(index_dir) == []
    with pytest.raises(IndexMissing):
        open_current(index_dir)


UNREADABLE: dict[str, Callable[[Path], None]] = {
    "empty": lambda pointer: os.truncate(pointer, 0),
    "garbage": lambda pointer: _put(pointer, b"\x00\xff\x17"),
    "other text": lambda pointer: _put(pointer, b"current\n"),
    "a build that is not there": lambda pointer: _put(pointer, b"20261126-120000-0123abcd\n"),
}


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def fail_to_read(monkeypatch: pytest.MonkeyPatch, pointer: Path, number: int) -> None:
    """Let every attempt to read a file fail with an error of the operating system."""
    real = Path.read_text

    def read_text(path: Path, *args: Any, **options: Any) -> str:
        if path == pointer:
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(Path, "read_text", read_text)


@pytest.mark.parametrize("changed", [False, True], ids=["whole", "changed-only"])
@pytest.mark.parametrize("damage", UNREADABLE)
def test_a_damaged_pointer_costs_no_build(
    folder: Path, index_dir: Path, tmp_path: Path, damage: str, changed: bool
) -> None:
    first = reindex([folder], index_dir)
    UNREADABLE[damage](index_dir / CURRENT)
    with pytest.raises(SourceError):
        reindex([tmp_path / "nowhere"], index_dir, changed=changed)
    assert builds(index_dir) == [first.build_id]
    (folder / "空.md").write_bytes(b"")
    assert reindex([folder], index_dir, changed=changed, strict=True).build_id is None
    assert builds(index_dir) == [first.build_id]
    (index_dir / CURRENT).write_text(f"{first.build_id}\n")
    assert len(titles(index_dir)) == 3


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EACCES], ids=errno.errorcode.get)
def test_a_pointer_that_cannot_be_read_costs_no_build(
    folder: Path, index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    first = reindex([folder], index_dir)
    with monkeypatch.context() as failing:
        fail_to_read(failing, index_dir / CURRENT, number)
        with pytest.raises(SourceError):
            reindex([tmp_path / "nowhere"], index_dir)
        assert builds(index_dir) == [first.build_id]
        second = reindex([folder], index_dir)
        assert builds(index_dir) == [second.build_id], "the switch knows its id: only then the other one is dead"
    assert len(titles(index_dir)) == 3


def test_a_switch_of_which_nothing_is_known_costs_neither_build(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename is done, the sync of its directory fails: after a loss of power either may be the live one."""
    first = reindex([folder], index_dir)
    real = os.replace

    def replace_then_fail(source: Path, target: Path) -> None:
        real(source, target)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as failing:
        failing.setattr(os, "replace", replace_then_fail)
        with pytest.raises(IndexUnwritable):
            reindex([folder], index_dir)
    assert first.build_id in builds(index_dir)
    assert len(builds(index_dir)) == 2
    assert current_build(index_dir).name != first.build_id
    assert len(titles(index_dir)) == 3


def test_a_switch_that_did_not_happen_leaves_the_old_build_alone(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = reindex([folder], index_dir)

    def fail(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as failing:
        failing.setattr(os, "replace", fail)
        with pytest.raises(IndexUnwritable):
            reindex([folder], index_dir)
    assert builds(index_dir) == [first.build_id]


def test_a_new_build_that_fails_its_check_costs_nothing(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = reindex([folder], index_dir)
    older = index_dir / BUILDS / "20200101-000000-0123abcd"
    shutil.copytree(current_build(index_dir), older)

    def damaged(index: object, build_id: str) -> None:
        raise IndexDamaged("the disk lies")

    with monkeypatch.context() as lying:
        lying.setattr("search.indexing.build.verify_build", damaged)
        with pytest.raises(IndexDamaged, match="the disk lies"):
            reindex([folder], index_dir)
    assert sorted(builds(index_dir)) == [older.name, first.build_id]


def test_what_a_killed_writer_left_goes_before_room_is_needed(folder: Path, index_dir: Path, tmp_path: Path) -> None:
    first = reindex([folder], index_dir)
    left = index_dir / BUILDS / "20261126-120000-0123abcd"
    left.mkdir()
    (left / "MAIN_0000.arrays").write_bytes(bytes(1000))
    for named, stays in ((first.build_id, True), ("../../x", True), (left.name, False)):
        (index_dir / LOCK).write_text(f"{named}\n")
        with pytest.raises(SourceError):
            reindex([tmp_path / "nowhere"], index_dir)
        assert left.exists() == stays
        assert current_build(index_dir).exists()


def test_without_a_pointer_no_finished_build_is_taken_for_a_leftover(
    folder: Path, index_dir: Path, tmp_path: Path
) -> None:
    first = reindex([folder], index_dir)
    assert first.build_id
    (index_dir / CURRENT).unlink()
    (index_dir / LOCK).write_text(first.build_id)
    with pytest.raises(SourceError):
        reindex([tmp_path / "nowhere"], index_dir)
    assert builds(index_dir) == [first.build_id]


@pytest.mark.parametrize("damage", UNREADABLE)
def test_doctor_names_the_build_that_could_be_served(
    folder: Path, index_dir: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    first = reindex([folder], index_dir)
    newer = index_dir / BUILDS / "29991231-000000-0123abcd"
    shutil.copytree(current_build(index_dir), newer)
    os.truncate(newer / "groups.bin", 100)
    UNREADABLE[damage](index_dir / CURRENT)
    assert not print_checkup(index_dir)
    said = capsys.readouterr().out
    assert f"build {first.build_id} is sound: yibao doctor --repair --index-dir {index_dir}" in said
    assert repair(index_dir).switched_to == first.build_id
    assert print_checkup(index_dir)
    assert len(titles(index_dir)) == 3


def test_doctor_names_no_build_where_none_is_sound(
    folder: Path, index_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reindex([folder], index_dir)
    os.truncate(current_build(index_dir) / "groups.bin", 100)
    assert not print_checkup(index_dir)
    assert "is sound" not in capsys.readouterr().out


def test_what_is_no_build_of_ours_stays(folder: Path, index_dir: Path) -> None:
    own = index_dir / BUILDS / "mywork" / "data.txt"
    own.parent.mkdir(parents=True)
    own.write_text("x", "utf-8")
    dead = index_dir / BUILDS / "20261126-120000-0123abcd"
    dead.mkdir()
    report = reindex([folder], index_dir)
    assert own.exists() and not dead.exists()
    assert sorted(builds(index_dir)) == [report.build_id, "mywork"]


@pytest.mark.parametrize("place", ["file", "below-a-file", "lock", "current", "no-such-device"])
def test_an_unusable_index_directory_is_a_plain_error(folder: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "lock" / LOCK).mkdir(parents=True)
    (tmp_path / "current" / CURRENT).mkdir(parents=True)
    index_dir = {"below-a-file": tmp_path / "file" / "x", "no-such-device": Path("/proc/foo")}.get(place)
    index_dir = index_dir or tmp_path / place
    with pytest.raises(IndexUnwritable, match=f"cannot write an index to {index_dir}: "):
        reindex([folder], index_dir)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("room", [0, 20])
def test_a_full_disk_is_a_plain_error_and_leaves_nothing(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch, workers: int, room: int
) -> None:
    first = reindex([folder], index_dir)
    many_records(folder / "many.jsonl", 2_000)
    real_pwrite = os.pwrite

    def pwrite(fd: int, data: bytes, offset: int) -> int:
        nonlocal room
        room -= 1
        if room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_pwrite(fd, data, offset)

    monkeypatch.setattr("search.indexing.build.BATCH_ARTICLES", 200)
    monkeypatch.setattr("os.pwrite", pwrite)
    with pytest.raises(IndexUnwritable, match=f"^cannot write an index to {index_dir}: No space left on device$"):
        reindex([folder], index_dir, workers=workers)
    assert builds(index_dir) == [first.build_id]
    assert len(titles(index_dir)) == 3
    assert multiprocessing.active_children() == []


def test_sources_without_an_article_keep_the_old_index(folder: Path, index_dir: Path, tmp_path: Path) -> None:
    first = reindex([folder], index_dir)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError, match="no article"):
        reindex([empty], index_dir)
    assert current_build(index_dir).name == first.build_id


def test_a_source_that_does_not_exist_is_an_error(index_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        reindex([tmp_path / "nowhere"], index_dir)


def test_a_second_writer_gets_a_clear_message(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    with (index_dir / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IndexBusy, match="another reindex"):
            reindex([folder], index_dir)
    assert reindex([folder], index_dir).build_id


def long_result(number: int) -> bytes:
    return bytes(32 << 20)


def test_processes_that_end_in_the_middle_of_a_result_are_not_waited_for() -> None:
    for _ in range(3):
        results = ordered_map(long_result, range(20), 2)
        next(results)
        results.close()


def endless(item: bytes) -> None:
    threading.Event().wait()


def test_items_that_no_process_takes_any_more_are_not_waited_for() -> None:
    def items() -> Iterator[bytes]:
        for _ in range(3):
            yield bytes(32 << 20)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(ordered_map(endless, items(), 2))


def test_an_interrupt_waits_until_a_process_is_started() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), _uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append("started")
    assert done == ["started"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def descendants(process: int) -> set[int]:
    """Return the processes that a process started, and those started."""
    try:
        found = {int(p) for p in Path(f"/proc/{process}/task/{process}/children").read_text().split()}
    except OSError:
        return set()
    return found.union(*map(descendants, found))


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda sent: sent.name)
def test_stopped_at_any_moment_the_old_index_serves_and_nothing_is_left(
    folder: Path, index_dir: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    first = reindex([folder], index_dir)
    big = many_records(tmp_path / "big.jsonl", 60_000, BODY * 3)
    command = [sys.executable, "-m", "search.command.cli", "reindex", str(big), "--index-dir", str(index_dir)]
    for with_workers in (False, True):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        # Not while Python starts: what an interrupt raises there may be caught by who imports.
        while not (index_dir / LOCK).read_text().strip() and time.monotonic() < deadline:
            time.sleep(0.02)
        while with_workers and len(descendants(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        started = descendants(process.pid)
        process.send_signal(sent)
        assert process.wait(60) != 0, "60,000 records were indexed before the signal: a larger file is needed here"
        assert current_build(index_dir).name == first.build_id
        assert len(titles(index_dir)) == 3
        assert len(started) > 1 or not with_workers, "the worker processes had not started"
        while any(map(running, started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [one for one in started if running(one)], "processes are left"
    reindex([folder], index_dir)
    assert len(builds(index_dir)) == 1


def test_a_running_reader_moves_to_the_new_build(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    live = LiveIndex(index_dir)
    before = live.engine()
    assert live.engine() is before
    write(folder, "抚顺")
    reindex([folder], index_dir)
    assert live.engine().info.documents == 4
    assert len(list(before.articles())) == 3, "answers under way keep the build they began with"


def test_a_damaged_new_build_does_not_take_the_old_one_away(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    live = LiveIndex(index_dir)
    before = live.engine()
    pointer = index_dir / "next"
    pointer.write_text("no-such-build\n")
    pointer.replace(index_dir / CURRENT)
    assert live.engine() is before


@pytest.mark.parametrize("content", [b"", b"../../etc\n", b"\xff\xfe", b"no-such-build\n"], ids=repr)
def test_a_foreign_pointer_is_a_clear_error(index_dir: Path, content: bytes) -> None:
    index_dir.mkdir()
    (index_dir / CURRENT).write_bytes(content)
    with pytest.raises((IndexDamaged, IndexMissing), match="yibao reindex"):
        open_current(index_dir)


def test_an_absent_index_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="Run: yibao reindex --index-dir"):
        open_current(tmp_path / "nowhere")


def test_a_build_that_is_gone_names_the_directory_and_asks_for_the_sources(folder: Path, tmp_path: Path) -> None:
    index_dir = tmp_path / "my index"
    reindex([folder], index_dir)
    (current_build(index_dir) / "index.json").unlink()
    with pytest.raises(IndexDamaged) as raised:
        open_current(index_dir)
    assert raised.value.command == f"yibao reindex SOURCES… --index-dir '{index_dir}'"


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda data: None,
    "empty": lambda data: b"",
    "truncated": lambda data: data[: len(data) // 2],
    "garbled": lambda data: bytes(byte ^ 0x5A for byte in data),
}


@pytest.mark.parametrize("name", ["_MAIN_1.toc", "MAIN_0000.arrays", "groups.bin", "manifest.bin", "suggestions.bin"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_by_verify_and_mended_by_changed(folder: Path, index_dir: Path, name: str, damage: str) -> None:
    first = reindex([folder], index_dir)
    verify_current(index_dir)
    path = current_build(index_dir) / name
    damaged = DAMAGES[damage](path.read_bytes())
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)
    with pytest.raises(IndexDamaged, match=f"Run: yibao reindex SOURCES… --index-dir {index_dir}"):
        verify_current(index_dir)
    second = reindex([folder], index_dir, changed=True)
    assert second.build_id not in (None, first.build_id)
    verify_current(index_dir)
    assert reindex([folder], index_dir, changed=True).build_id is None


def test_a_truncated_file_is_never_served_as_an_empty_index(folder: Path, index_dir: Path) -> None:
    reindex([folder], index_dir)
    files = [path for path in current_build(index_dir).rglob("*") if path.is_file() and path.stat().st_size > 16]
    assert files
    for path in files:
        whole = path.read_bytes()
        os.truncate(path, len(whole) // 2)
        try:
            engine = open_current(index_dir)
        except IndexDamaged:
            pass
        else:  # a file that only the next reindex reads
            assert len(list(engine.articles())) == 3, path
        path.write_bytes(whole)
