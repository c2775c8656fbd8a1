"""`yibao backup` and `yibao restore`: whole or not at all, on every engine; and nothing but what was written."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner, Result
from test_index_contract import INDEXES, writing
from test_repair import finished

from search.command.cli import main
from search.engines.contract import Index
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.generations import BUILDS, CURRENT, current_build
from search.errors import BackupRefused, IndexBusy, IndexDamaged, IndexOutdated, IndexUnwritable
from search.indexing import backup as backups
from search.indexing.backup import LIST, backup, opened, restore
from search.indexing.builds import Build, open_current, verify_build, verify_current

Change = Callable[[dict[str, tuple[tarfile.TarInfo, bytes]]], object]


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda fd: None)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with a build that holds the article a."""
    finished(WhooshIndex(tmp_path / "index"), "a")
    return tmp_path / "index"


@pytest.fixture
def archive(directory: Path, tmp_path: Path) -> Path:
    """A backup of it; b is live since."""
    backup(directory, tmp_path / "a.tar")
    finished(WhooshIndex(directory), "b")
    return tmp_path / "a.tar"


def held(index: Index) -> list[str]:
    return [article.id for article in index.open(index.live()).articles()]


def held_in(directory: Path) -> list[str]:
    verify_current(directory)
    return [article.id for article in open_current(directory).articles()]


def yibao(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


# A cluster keeps no files of its own to be saved: it has snapshots.
@pytest.mark.parametrize("name", sorted(INDEXES.keys() - {"opensearch"}))
def test_what_was_restored_is_what_was_backed_up(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, other = INDEXES[name](tmp_path / "index"), INDEXES[name](tmp_path / "other")
    monkeypatch.setattr(backups, "index_at", lambda address: {index.address: index, other.address: other}[str(address)])
    first = finished(index, "a")
    written = backup(index.address, tmp_path / "a.tar")
    assert written.build.build_id == index.open(first).info.build_id
    second = finished(index, "b")
    for target in (index, other):
        restored = restore(target.address, tmp_path / "a.tar")
        assert target.live() == restored.build_id not in (first, second)
        assert (held(target), list(target.builds())) == (["a"], [restored.build_id])
        for file in written.files:
            attached = file.name.removeprefix("attached/")
            if attached != file.name:
                content = target.open(target.live()).attachment(attached).read_bytes()
                assert hashlib.blake2b(content).hexdigest() == file.blake2b
    assert restored.contents == written


def test_the_restored_build_has_an_id_of_its_own_and_all_else_as_it_was(archive: Path, directory: Path) -> None:
    before = restore(directory, archive).contents.build
    after = open_current(directory).info
    assert after.build_id == current_build(directory).name != before.build_id
    assert dataclasses.replace(after, build_id=before.build_id) == before


def test_the_command_line(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "copies" / "yibao.tar"
    assert "No such file or directory" in yibao("backup", file, "--index-dir", directory).output
    file.parent.mkdir()
    for _ in range(2):  # the second replaces the first
        done = yibao("backup", file, "--index-dir", directory)
        assert done.exit_code == 0 and f"build {current_build(directory).name}" in done.output
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    done = yibao("restore", file, "--index-dir", tmp_path / "new")
    assert done.exit_code == 0 and "1 documents" in done.output
    assert held_in(tmp_path / "new") == ["a"]


def test_a_backup_replaces_nothing_but_a_backup(directory: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear aunt")
    for file in (letter, tmp_path, directory / "copy.tar", directory / BUILDS / "copy.tar"):
        done = yibao("backup", file, "--index-dir", directory)
        assert done.exit_code == 1 and "nothing was changed" in done.output
    assert letter.read_text() == "Dear aunt"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "letter.txt"]


@pytest.mark.parametrize("damage", ["the build", "the pointer", "both"])
def test_a_damaged_index_is_mended_by_a_backup(archive: Path, directory: Path, damage: str) -> None:
    if damage != "the pointer":
        os.truncate(current_build(directory) / "groups.bin", 60)
    if damage != "the build":
        (directory / CURRENT).write_bytes(b"\xff")
    restore(directory, archive)
    assert held_in(directory) == ["a"]
    assert len(list((directory / BUILDS).iterdir())) == 1


def test_a_damaged_build_is_not_backed_up(directory: Path, tmp_path: Path) -> None:
    os.truncate(current_build(directory) / "groups.bin", 60)
    with pytest.raises(IndexDamaged):
        backup(directory, tmp_path / "a.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("moment", ["verify_build", "_member", "_write"])
def test_a_backup_is_whole_though_a_reindex_replaces_the_build(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Another build becomes live, and this one goes, before its files are opened, or after."""
    step, replaced = getattr(backups, moment), []

    def with_reindex(*args: object) -> object:
        if not replaced:
            replaced.append(finished(WhooshIndex(directory), "b"))
        return step(*args)

    monkeypatch.setattr(backups, moment, with_reindex)
    backup(directory, tmp_path / "a.tar")
    monkeypatch.undo()
    restore(tmp_path / "new", tmp_path / "a.tar")
    assert held_in(tmp_path / "new") == (["b"] if moment == "verify_build" else ["a"])


def test_a_build_that_is_replaced_without_end_is_a_plain_error(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verified_too_late(index: Index, build_id: str) -> Build:
        build = verify_build(index, build_id)
        finished(WhooshIndex(directory), "b")
        return build

    monkeypatch.setattr(backups, "verify_build", verified_too_late)
    with pytest.raises(IndexBusy, match="again and again"):
        backup(directory, tmp_path / "a.tar")


def test_a_full_disk_costs_neither_the_old_backup_nor_the_index(
    archive: Path, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        backup(directory, archive)
    with pytest.raises(IndexUnwritable, match="No space left"):
        restore(directory, archive)
    monkeypatch.setattr("os.fsync", lambda fd: None)
    assert archive.read_bytes() == before and held_in(directory) == ["b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "index"]
    assert len(list((directory / BUILDS).iterdir())) == 1


def test_two_backups_into_one_file_do_not_meet(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with backups._beside(file), pytest.raises(IndexBusy):
        backup(directory, file)
    (tmp_path / ".a.tar.unfinished").write_bytes(b"of one that was killed" * 100_000)
    backup(directory, file)
    with opened(file) as archive:
        archive.check()


def test_a_backup_that_was_renamed_is_not_written_over(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one ends between the opening of the file beside and the taking of its lock."""
    file = tmp_path / "a.tar"
    backup(directory, file)
    whole = file.read_bytes()
    file.rename(tmp_path / ".a.tar.unfinished")
    monkeypatch.setattr(backups.fcntl, "flock", lambda *_: (tmp_path / ".a.tar.unfinished").rename(file))
    with pytest.raises(IndexBusy):
        backup(directory, file)
    assert file.read_bytes() == whole


def test_a_backup_is_read_back_before_it_takes_the_place_of_another(
    archive: Path, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = archive.read_bytes(), backups._write

    def written_wrongly(out: IO[bytes], *args: Any) -> None:
        write(out, *args)
        os.truncate(out.fileno(), 4000)

    monkeypatch.setattr(backups, "_write", written_wrongly)
    with pytest.raises(BackupRefused):
        backup(directory, archive)
    assert archive.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "index"]


def test_nothing_is_restored_while_a_reindex_writes(archive: Path, directory: Path) -> None:
    with writing(WhooshIndex(directory)), pytest.raises(IndexBusy):
        restore(directory, archive)
    assert held_in(directory) == ["b"]


def rewritten(archive: Path, change: Change, *, sealed: bool = True) -> None:
    """Write an archive anew with its members changed; `sealed`, its list has a right checksum all the same."""
    with tarfile.open(archive) as tar:
        members = {one.name: (one, tar.extractfile(one).read()) for one in tar}  # type: ignore[union-attr]
    change(members)
    if sealed and LIST in members:
        members[LIST] = members[LIST][0], backups._sealed(json.loads(members[LIST][1])).encode()
    with tarfile.open(archive, "w:", format=tarfile.PAX_FORMAT) as tar:
        for header, content in members.values():
            header.size = len(content) if header.isreg() else 0
            tar.addfile(header, io.BytesIO(content))


def listed(**values: object) -> Change:
    """Change what the list says."""

    def change(members: dict[str, tuple[tarfile.TarInfo, bytes]]) -> None:
        header, text = members[LIST]
        members[LIST] = header, json.dumps({**json.loads(text), **values}).encode()

    return change


def added(
    name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, target: str = "", told: bool = True
) -> Change:
    """Put in another member, and say so in the list."""

    def change(members: dict[str, tuple[tarfile.TarInfo, bytes]]) -> None:
        header = tarfile.TarInfo(name)
        header.type, header.linkname = kind, target
        size = len(content) if header.isreg() else 0
        file = {"name": name, "bytes": size, "blake2b": hashlib.blake2b(content[:size]).hexdigest()}
        if told:
            listed(files=[*json.loads(members[LIST][1])["files"], file])(members)
        members[f"added {name}"] = header, content

    return change


def without(ending: str) -> Change:
    """Leave a file out, of the list too."""

    def change(members: dict[str, tuple[tarfile.TarInfo, bytes]]) -> None:
        listed(files=[file for file in json.loads(members[LIST][1])["files"] if not file["name"].endswith(ending)])(
            members
        )
        del members[next(name for name in members if name.endswith(ending))]

    return change


def sparse(members: dict[str, tuple[tarfile.TarInfo, bytes]]) -> None:
    members["engine/groups.bin"][0].pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1"}


def twice(members: dict[str, tuple[tarfile.TarInfo, bytes]]) -> None:
    name = "engine/groups.bin"
    added(name, members[name][1])(members)


REFUSED: dict[str, Change] = {
    "a way out": added("engine/../../../escaped"),
    "an absolute name": added("/tmp/escaped"),
    "a hidden file": added("engine/.hidden"),
    "a folder in a folder": added("engine/runs/x"),
    "outside of both parts": added("escaped"),
    "a symbolic link": added("engine/link", kind=tarfile.SYMTYPE, target="/etc/passwd"),
    "a hard link": added("engine/link", kind=tarfile.LNKTYPE, target="engine/groups.bin"),
    "a device": added("engine/null", kind=tarfile.CHRTYPE),
    "a pipe": added("engine/pipe", kind=tarfile.FIFOTYPE),
    "a folder": added("engine/folder", kind=tarfile.DIRTYPE),
    "a file that no build has": added("engine/own.py"),
    "a file that is not listed": added("engine/own.py", told=False),
    "a file twice": twice,
    "a file with holes": sparse,
    "without a file of the build": without("groups.bin"),
    "without the identity": without("index.json"),
    "without what was attached": without("manifest.bin"),
    "without a list": lambda members: members.pop(LIST),
    "of another program": listed(kind="tar"),
    "of a later format": listed(format=2),
    "of another engine": listed(engine="opensearch"),
    "no list of files": listed(files=[7]),
    "no identity": listed(build={}),
    "fields that nobody knows": listed(more=1),
}
NO_LIST = [b"", b"[]", b"7", b"{", b"{}", b"[" * 200_000, b"\xff", json.dumps({"kind": backups.KIND}).encode()]


@pytest.mark.parametrize("what", REFUSED)
def test_what_was_not_written_by_backup_is_refused(archive: Path, directory: Path, tmp_path: Path, what: str) -> None:
    before = set(tmp_path.rglob("*"))
    rewritten(archive, REFUSED[what])
    with pytest.raises(BackupRefused, match="nothing was changed"):
        restore(directory, archive)
    assert held_in(directory) == ["b"]
    assert set(tmp_path.rglob("*")) == before


def test_a_list_beyond_all_measure_is_not_read(archive: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "LARGEST_LIST", 100)
    with pytest.raises(BackupRefused, match="does not begin with"):
        restore(directory, archive)


@pytest.mark.parametrize("text", NO_LIST, ids=range(len(NO_LIST)))
def test_a_list_that_is_none_is_refused(archive: Path, directory: Path, text: bytes) -> None:
    rewritten(archive, lambda members: members.update({LIST: (members[LIST][0], text)}), sealed=False)
    with pytest.raises(BackupRefused):
        restore(directory, archive)


def test_a_list_without_its_checksum_is_refused(archive: Path, directory: Path) -> None:
    rewritten(archive, listed(program="another"), sealed=False)
    with pytest.raises(BackupRefused, match="damaged"):
        restore(directory, archive)


@pytest.mark.parametrize("content", [b"", b"Dear aunt", b"\0" * 20_480, b"\x1f\x8b\x08\0" + b"x" * 2000])
def test_what_is_no_archive_is_refused(directory: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    for path in (file, tmp_path, Path("/dev/null")):
        with pytest.raises(BackupRefused):
            restore(directory, path)
    assert "No such file" in yibao("restore", tmp_path / "nowhere", "--index-dir", directory).output


@pytest.mark.parametrize(
    ("rule", "said"), [("layout.SCHEMA_VERSION", "schema version"), ("engine.decisive", "other text rules")]
)
def test_a_backup_by_other_rules_names_the_reindex(
    archive: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, rule: str, said: str
) -> None:
    other = {"layout.SCHEMA_VERSION": 99, "engine.decisive": lambda rules: "text rules"}[rule]
    with monkeypatch.context() as patch:
        patch.setattr(f"search.engines.whoosh.{rule}", other)
        with pytest.raises(IndexOutdated, match=f"{said}.*Run: yibao reindex SOURCES… --index-dir {directory}"):
            restore(directory, archive)
    assert held_in(directory) == ["b"]


def test_no_damage_anywhere_in_a_backup_is_restored(archive: Path, tmp_path: Path) -> None:
    """Cut short anywhere it is refused; with a byte changed it is refused, or what is restored is the same."""
    whole = archive.read_bytes()
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with tarfile.open(archive) as tar:
        ends = [one.offset_data + one.size for one in tar]
    # Behind the last file there is nothing but zeros.
    for length in [0, 1, 511, 512, *ends[:-1], ends[-1] - 1, *(chance.randrange(ends[-1]) for _ in range(10))]:
        archive.write_bytes(whole[:length])
        with pytest.raises(BackupRefused):
            restore(tmp_path / "new", archive)
    for _ in range(40):
        changed = bytearray(whole)
        changed[chance.randrange(ends[-1])] ^= 1 << chance.randrange(8)
        archive.write_bytes(changed)
        try:
            with opened(archive) as read:
                read.check()
        except BackupRefused:
            continue
        restore(tmp_path / "new", archive)
        assert held_in(tmp_path / "new") == ["a"]
        shutil.rmtree(tmp_path / "new")


def test_killed_at_any_step_of_a_restore_the_old_index_serves(archive: Path, directory: Path) -> None:
    """The process dies at each call that opens, renames or removes a file of the index, one after the other."""

    def die_at(step: int) -> None:
        def audit(event: str, args: tuple[object, ...]) -> None:
            nonlocal step
            if event in ("open", "os.rename", "os.mkdir", "os.remove") and str(directory) in str(args[0]):
                step -= 1
                if not step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(audit)
        restore(directory, archive)

    old = current_build(directory).name
    step, exitcode = 1, None
    while exitcode != 0:
        process = multiprocessing.get_context("fork").Process(target=die_at, args=(step,))
        process.start()
        process.join()
        exitcode = process.exitcode
        held = [article.id for article in open_current(directory).articles()]
        assert held == (["b"] if current_build(directory).name == old else ["a"])
        assert exitcode in (0, -signal.SIGKILL)
        step += 1
    assert step > 30
    assert held_in(directory) == ["a"]
    assert [path.name for path in (directory / BUILDS).iterdir()] == [(directory / CURRENT).read_text().strip()]
