"""Two versions of the program at one index directory: the new one reindexes while the old one serves."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from test_serve import ROOT, folder, get, index_dir, write

from search import answer
from search.engines.registry import index_at
from search.engines.whoosh.generations import BUILDS, current_build
from search.errors import IndexOutdated
from search.indexing.build import reindex
from search.indexing.builds import open_current, verify_build
from search.indexing.checkup import repair
from search.indexing.live import LiveIndex, Waiting
from search.model import Query
from webui import Settings, create_app

__all__ = ["folder", "index_dir"]
VERSIONED = ("identity", "engines.whoosh.layout", "engines.whoosh.writer")


@contextmanager
def other_version() -> Iterator[None]:
    """Be a version of the program with another schema."""
    with pytest.MonkeyPatch.context() as patch:
        for module in VERSIONED:
            patch.setattr(f"search.{module}.SCHEMA_VERSION", 99)
        yield


AS_OTHER = f"""
import sys
from importlib import import_module
from search.command.cli import main
for module in {VERSIONED}:
    import_module("search." + module).SCHEMA_VERSION = 99
main()
"""


def builds(index_dir: Path) -> list[str]:
    return sorted(path.name for path in (index_dir / BUILDS).iterdir())


def total(live: LiveIndex) -> int:
    return answer(live.engine(), Query("住院")).total


@pytest.fixture
def upgraded(folder: Path, index_dir: Path) -> Iterator[tuple[str, str]]:
    """The build of this version, with one article, and the live one of another, with two."""
    old = current_build(index_dir).name
    write(folder, "大连")
    with other_version():
        new = reindex([folder], index_dir).build_id
    assert new
    yield old, new


def test_the_build_of_the_old_version_stays_until_the_next_reindex_of_the_new(
    folder: Path, index_dir: Path, upgraded: tuple[str, str]
) -> None:
    old, new = upgraded
    assert (builds(index_dir), current_build(index_dir).name) == ([old, new], new)
    verify_build(index_at(index_dir), old)
    with other_version():
        assert reindex([folder], index_dir, changed=True).build_id is None
        assert builds(index_dir) == [new]


def test_a_reindex_of_the_old_version_leaves_the_build_of_the_new(
    folder: Path, index_dir: Path, upgraded: tuple[str, str]
) -> None:
    _, new = upgraded
    newest = reindex([folder], index_dir, changed=True).build_id
    assert newest and builds(index_dir) == sorted([new, newest])
    with other_version():
        verify_build(index_at(index_dir), new)


def test_what_serves_the_old_version_goes_on_and_says_so_once(
    folder: Path, index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveIndex(index_dir)
    before = live.engine()
    assert live.waiting is None
    write(folder, "大连")
    with other_version():
        new = reindex([folder], index_dir).build_id
    assert new
    for _ in range(3):
        assert live.engine() is before and total(live) == 1
    assert live.engine().suggestions is not None, "what nobody had asked for yet is there too"
    assert live.waiting == Waiting(new, True)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "schema version 99" in record.message and f"build {before.info.build_id} goes on" in record.message


def test_what_starts_anew_as_the_old_version_serves_its_own_build(
    index_dir: Path, upgraded: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    old, new = upgraded
    live = LiveIndex(index_dir)
    assert live.engine().info.build_id == old and live.engine() is live.engine()
    assert live.waiting == Waiting(new, True)
    assert len(caplog.records) == 1
    with pytest.raises(IndexOutdated, match="yibao reindex"):
        open_current(index_dir)
    assert repair(index_dir).switched_to is None and builds(index_dir) == [old, new]
    with other_version():
        assert total(LiveIndex(index_dir)) == 2


def test_a_process_that_opened_an_older_build_goes_to_the_newest_of_its_version(folder: Path, index_dir: Path) -> None:
    """A worker is forked from a master that opened the index when it started, and never again."""
    master = LiveIndex(index_dir)
    assert total(master) == 1
    write(folder, "大连")
    reindex([folder], index_dir)
    write(folder, "鞍山")
    with other_version():
        reindex([folder], index_dir)
    assert total(master) == 2


def test_without_a_build_of_its_own_the_old_version_keeps_what_it_has_and_a_new_start_names_the_reindex(
    folder: Path, index_dir: Path
) -> None:
    live = LiveIndex(index_dir)
    assert total(live) == 1
    with other_version():
        for city in ("大连", "鞍山"):
            write(folder, city)
            new = reindex([folder], index_dir).build_id
    assert builds(index_dir) == [new]
    assert total(live) == 1 and live.engine().get("沈阳.md")
    with pytest.raises(IndexOutdated, match="yibao reindex"):
        LiveIndex(index_dir).engine()


def test_an_unfinished_build_of_the_old_version_is_never_served(
    folder: Path, index_dir: Path, upgraded: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not live yet, or was refused, is newer than the live one."""
    old, _ = upgraded
    write(folder, "鞍山")
    seen = []
    switch = "search.engines.whoosh.index.WhooshDraft.activate"
    monkeypatch.setattr(switch, lambda draft, spare: seen.append(LiveIndex(index_dir).engine().info.build_id))
    reindex([folder], index_dir)
    assert seen == [old]


def test_the_version_that_made_the_live_index_takes_over_when_it_changes_back(
    folder: Path, index_dir: Path, upgraded: tuple[str, str]
) -> None:
    live = LiveIndex(index_dir)
    assert total(live) == 1 and live.waiting
    reindex([folder], index_dir)
    assert total(live) == 2 and live.waiting is None


def test_a_damaged_build_of_the_old_version_is_not_served(index_dir: Path, upgraded: tuple[str, str]) -> None:
    os.truncate(index_dir / BUILDS / upgraded[0] / "groups.bin", 60)
    with pytest.raises(IndexOutdated):
        LiveIndex(index_dir).engine()


@pytest.mark.parametrize("changed", [True, False], ids=["upgraded", "the same"])
def test_health_tells_which_index_waits(folder: Path, index_dir: Path, changed: bool) -> None:
    client = create_app(Settings(index_dir)).test_client()
    before = client.get("/healthz").json
    assert before and "waiting" not in before
    new = ""
    if changed:
        with other_version():
            new = reindex([folder], index_dir).build_id or ""
    response = client.get("/healthz")
    assert response.status_code == 200
    after = response.json
    assert after and after.pop("age_seconds") >= before.pop("age_seconds")
    assert after == {**before, **({"waiting": {"build_id": new, "reason": "outdated"}} if changed else {})}


def test_health_tells_that_a_damaged_index_waits(folder: Path, index_dir: Path) -> None:
    client = create_app(Settings(index_dir)).test_client()
    assert client.get("/healthz").status_code == 200
    write(folder, "大连")
    new = reindex([folder], index_dir).build_id
    os.truncate(current_build(index_dir) / "groups.bin", 60)
    health = client.get("/healthz")
    assert health.json and health.json["waiting"] == {"build_id": new, "reason": "unusable"}
    assert str(index_dir) not in health.text
    components = client.get("/openapi.json").json["components"]  # type: ignore[index]
    told = {"$ref": "#/components/schemas/Health", "components": components}
    assert [error.message for error in Draft202012Validator(told).iter_errors(health.json)] == []


@contextmanager
def serving(index_dir: Path, *program: str) -> Iterator[tuple[str, subprocess.Popen[str], list[str]]]:
    """Run `yibao serve` of this or the other version; yields its address, process and what it logs."""
    command = [sys.executable, *program, "serve", "--index-dir", str(index_dir), "--port", "0", "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout and process.stderr
    log: list[str] = []
    reader = threading.Thread(target=log.extend, args=(process.stderr,))
    reader.start()
    try:
        address = re.search(r"http://127\.0\.0\.1:[0-9]+", process.stdout.readline())
        assert address, log
        yield address.group(), process, log
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        reader.join()
        process.stdout.close()
        process.stderr.close()


def test_the_order_of_an_upgrade_leaves_no_moment_without_answers(folder: Path, index_dir: Path) -> None:
    """The new version reindexes; the old server goes on, loses a worker, goes on; the new one takes over."""
    search = f"/api/v1/search?q={quote('住院')}"
    with serving(index_dir, "-m", "search.command.cli") as (old, process, log):
        assert get(old + search)["total"] == 1
        write(folder, "大连")
        with other_version():
            reindex([folder], index_dir)
        assert get(old + search)["total"] == 1
        waiting = get(f"{old}/healthz")["waiting"]
        assert waiting == {"build_id": current_build(index_dir).name, "reason": "outdated"}
        [worker] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(worker), signal.SIGKILL)
        assert get(old + search)["total"] == 1, "the worker that took its place"
        with serving(index_dir, "-c", AS_OTHER) as (address, _, errors):
            assert get(address + search)["total"] == 2
            assert "waiting" not in get(f"{address}/healthz")
            assert get(old + search)["total"] == 1
        assert [line for line in errors if "[INFO] answer" not in line] == []
    assert len([line for line in log if "another version of yibao made the live index" in line]) == 2, "once a worker"
