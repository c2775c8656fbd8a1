"""`yibao doctor --repair`: what is mended, what is left alone; on every engine where it is the same for all."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_index_contract import INDEXES, article, write, writing

from search.command.cli import main
from search.engines.contract import Engine, Index
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.generations import BUILDS, CURRENT, LOCK, NEW_CURRENT
from search.errors import IndexBusy, IndexMissing, IndexOutdated
from search.facets import FACETS
from search.identity import rules_of
from search.indexing.checkup import Condition, Repair, examine, repair
from search.indexing.manifest import MANIFEST, Manifest
from search.suggest import SUGGESTIONS, write_suggestions


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda fd: None)


# What is kept in a cluster cannot be damaged as a file is (`tests/cluster`).
@pytest.fixture(params=sorted(INDEXES.keys() - {"opensearch"}))
def index(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    made = INDEXES[request.param](tmp_path / "index")
    monkeypatch.setattr("search.indexing.checkup.index_at", lambda address: made)
    return made


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with one sound build."""
    finished(WhooshIndex(tmp_path / "index"), "a")
    return tmp_path / "index"


def finished(index: Index, name: str, spare: str = "") -> str:
    """Make a whole build of one article the live one."""
    with writing(index) as draft:
        write(draft, [article(name)])
        engine = draft.open()
        draft.attach(SUGGESTIONS, lambda path: write_suggestions(path, engine, []))
        draft.attach(MANIFEST, manifest().save)
        draft.activate(spare)
    return draft.build_id


def manifest() -> Manifest:
    from search.indexing.article_rows import Rows
    from search.indexing.reading import Reading

    return Reading([], lambda *_: None, FACETS).manifest(Rows.join([]))


def damaged(index: Index, build: str) -> None:
    """Take away what every engine keeps as a file."""
    index.open(build).attachment(MANIFEST).unlink()


def doctor(directory: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--index-dir", str(directory), *options])


def test_a_damaged_live_build_gives_its_place_to_the_newest_sound_one_and_stays(index: Index) -> None:
    first = finished(index, "a")
    second = finished(index, "b", spare=first)
    with writing(index) as draft:
        write(draft, [article("c")])
        draft.activate(second)
    third = draft.build_id
    assert examine(index).builds == {third: Condition.UNUSABLE, second: Condition.SOUND}
    assert repair(index.address) == Repair(second, ())
    assert (index.live(), list(index.builds())) == (second, [third, second])
    assert examine(index).problem is None
    assert repair(index.address) == Repair(None, (third,)), "now it is a leftover"
    assert repair(index.address) == Repair(None, ())


def test_of_several_sound_builds_the_newest_becomes_live_and_the_others_stay(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = finished(index, "a")
    second = finished(index, "b", spare=first)
    switched: list[str] = []
    monkeypatch.setattr(index, "live", _gone)
    monkeypatch.setattr(index, "switch", switched.append)
    assert repair(index.address) == Repair(second, ())
    assert (switched, list(index.builds())) == ([second], [second, first])


def _gone() -> str:
    raise IndexMissing("no build is live")


def test_where_no_build_is_sound_nothing_is_touched(index: Index) -> None:
    first = finished(index, "a")
    second = finished(index, "b", spare=first)
    damaged(index, first)
    damaged(index, second)
    assert repair(index.address) == Repair(None, ())
    assert (index.live(), list(index.builds())) == (second, [second, first])


def test_without_an_index_nothing_is_made(index: Index, tmp_path: Path) -> None:
    assert repair(index.address) == Repair(None, ())
    with pytest.raises(IndexMissing):
        index.live()
    assert list(tmp_path.iterdir()) == []


def test_the_only_build_stays_whatever_is_wrong_with_it(index: Index) -> None:
    only = finished(index, "a")
    damaged(index, only)
    assert repair(index.address) == Repair(None, ())
    assert list(index.builds()) == [only]


def test_a_build_of_another_version_is_not_judged(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    first = finished(index, "a")
    second = finished(index, "b", spare=first)
    theirs = {second}
    judge = index.verify

    def verify(build: str) -> Engine:
        if build in theirs:
            raise IndexOutdated("the index has schema version 99")
        return judge(build)

    monkeypatch.setattr(index, "verify", verify)
    found = examine(index)
    assert (found.successor, found.builds[second]) == (None, Condition.OTHER)
    assert repair(index.address) == Repair(None, ())
    assert (index.live(), list(index.builds())) == (second, [second, first])
    index.switch(first)
    assert repair(index.address) == Repair(None, ()), "nor removed"
    assert list(index.builds()) == [second, first]


def test_nothing_is_mended_while_a_reindex_writes(index: Index) -> None:
    first = finished(index, "a")
    index.discard(finished(index, "b", spare=first))
    with writing(index), pytest.raises(IndexBusy):
        repair(index.address)
    assert repair(index.address) == Repair(first, ())


POINTERS: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "not text": lambda path: path.write_bytes(b"\xff\x00"),
    "of a build that is gone": lambda path: path.write_text("20991231-235959-0123abcd\n"),
    "not a name": lambda path: path.write_text("../../etc\n"),
}


@pytest.mark.parametrize("pointer", POINTERS)
def test_a_pointer_that_leads_nowhere_is_told_and_on_demand_mended(directory: Path, pointer: str) -> None:
    build = (directory / CURRENT).read_text().strip()
    POINTERS[pointer](directory / CURRENT)
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    told = doctor(directory)
    assert told.exit_code == 1 and f"build {build} is sound: yibao doctor --repair --index-dir" in told.output
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == before
    mended = doctor(directory, "--repair")
    assert mended.exit_code == 0 and f"done  build {build} is live now" in mended.output
    assert (directory / CURRENT).read_text() == f"{build}\n"
    again = doctor(directory, "--repair")
    assert again.exit_code == 0 and "nothing that could be mended" in again.output


def test_leftovers_go_and_what_is_not_of_this_program_is_named_and_stays(directory: Path, tmp_path: Path) -> None:
    build = (directory / CURRENT).read_text().strip()
    unfinished = directory / BUILDS / "20991231-235959-0123abcd"
    (unfinished / "runs").mkdir(parents=True)
    (directory / NEW_CURRENT).write_text(unfinished.name)
    (directory / LOCK).write_text(unfinished.name)
    own = [directory / "notes.txt", directory / BUILDS / "old" / "data", directory / BUILDS / "20991231.tar"]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = directory / BUILDS / "20991231-235959-ffffffff"
    link.symlink_to(elsewhere)
    told = doctor(directory)
    assert told.exit_code == 0 and unfinished.exists() and (directory / NEW_CURRENT).exists()
    for name in ("notes.txt", "builds/old", "builds/20991231.tar", f"builds/{link.name}"):
        assert f"note  {name} is not of this program and stays" in told.output
    assert f"build {unfinished.name} is there too: unfinished" in told.output and "doctor --repair" in told.output
    mended = doctor(directory, "--repair")
    assert mended.exit_code == 0
    assert f"{unfinished.name} was removed" in mended.output and f"{NEW_CURRENT} was removed" in mended.output
    assert not unfinished.exists() and not (directory / NEW_CURRENT).exists()
    assert all(path.read_text() == "mine" for path in own) and link.is_symlink() and elsewhere.is_dir()
    assert (directory / CURRENT).read_text().strip() == build


def test_what_cannot_be_mended_names_the_reindex(directory: Path) -> None:
    build = (directory / CURRENT).read_text().strip()
    (directory / BUILDS / build / "groups.bin").write_bytes(b"")
    unfinished = directory / BUILDS / "20991231-235959-0123abcd"
    unfinished.mkdir()
    done = doctor(directory, "--repair")
    assert done.exit_code == 1 and "Run: yibao reindex SOURCES…" in done.output
    assert unfinished.exists(), "nothing is removed while nothing is sound"


def test_a_reindex_that_runs_keeps_doctor_from_mending(directory: Path) -> None:
    with (directory / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = doctor(directory, "--repair")
        assert done.exit_code == 1 and "another reindex is writing" in done.output
        assert doctor(directory).exit_code == 0


def test_what_doctor_made_live_is_what_it_checked(directory: Path) -> None:
    build = (directory / CURRENT).read_text().strip()
    copy = directory / BUILDS / "20991231-235959-0123abcd"
    shutil.copytree(directory / BUILDS / build, copy)
    damage = copy / "MAIN_0000.arrays"
    content = bytearray(damage.read_bytes())
    content[len(content) // 2] ^= 1
    damage.write_bytes(content)
    (directory / CURRENT).unlink()
    assert repair(directory) == Repair(build, (copy.name,))
    assert rules_of() == WhooshIndex(directory).open(build).info.rules
