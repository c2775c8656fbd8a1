"""Reindex builds beside the live index, switches atomically, and tells all it did."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.build import reindex
from search.errors import IndexBusy, IndexDamaged, IndexMissing, SourceError
from search.generations import BUILDS, CURRENT, LOCK, current_build, open_current
from search.live import LiveIndex
from search.manifest import Changes

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
    (folder / "坏.md").write_text("---\ntitle: [\n---\n正文\n", "utf-8")
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


def test_killed_at_any_moment_the_old_index_serves_and_the_next_run_cleans_up(
    folder: Path, index_dir: Path, tmp_path: Path
) -> None:
    first = reindex([folder], index_dir)
    big = tmp_path / "big.jsonl"
    with big.open("w", encoding="utf-8") as file:
        for n in range(20_000):
            file.write(json.dumps({"id": f"r{n}", "title": f"第{n}条", "text": BODY}, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "search.cli", "reindex", str(big), "--index-dir", str(index_dir)]
    for delay in (0.3, 0.8, 1.3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if current_build(index_dir).name != first.build_id:
            pytest.fail("20,000 records were indexed before the kill: this machine needs a larger file here")
        assert len(titles(index_dir)) == 3
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
