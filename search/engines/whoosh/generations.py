"""The index directory: `builds/<id>/` (one finished index each), `CURRENT` (the id of the live one), `LOCK`.

A build becomes live only by the atomic rename of `CURRENT`, after its files have reached the disk. A process killed at
any moment therefore leaves the old index serving and at most a dead directory, which the next writer removes. Whatever
else lies in `builds/` is somebody's own and stays.

What is removed must be known to be dead: the other builds once a verified one has become live, a build that its own
writer gives up, and the one that a killed writer was making (`LOCK` names it). The caller may spare one: that of the
program's other version, which may be serving it. That `CURRENT` cannot be read says
nothing about any build; only where there is no such file is none live.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from ...errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnavailable, IndexUnwritable
from ...storage.syncing import sync

CURRENT = "CURRENT"
NEW_CURRENT = "CURRENT.new"
"""What is to take the place of `CURRENT`."""
BUILDS = "builds"
LOCK = "LOCK"
_BUILD_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
"""What `new_build_id` returns."""


def live_build_id(index_dir: Path) -> str | None:
    """Return the id that `CURRENT` holds; None only if there is no such file. Raises IndexDamaged."""
    pointer = index_dir / CURRENT
    with mended_by_reindex(index_dir):
        try:
            build_id = pointer.read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError:
            raise IndexDamaged(f"{pointer} does not name a build") from None
        except OSError as error:
            raise IndexDamaged(f"{pointer} cannot be read: {error.strerror}") from error
        if not _BUILD_ID.fullmatch(build_id):
            raise IndexDamaged(f"{pointer} does not name a build")
    return build_id


def current_build(index_dir: Path) -> Path:
    """Return the directory of the live build. Raises IndexMissing or IndexDamaged."""
    build_id = live_build_id(index_dir)
    if build_id is None:
        # Nothing can be lost here, so the command need not ask for the sources: the seeds will do.
        command = f"yibao reindex --index-dir {shlex.quote(str(index_dir))}"
        raise IndexMissing(f"There is no index in {index_dir}", command)
    return index_dir / BUILDS / build_id


def all_builds(index_dir: Path) -> list[Path]:
    """Return the directories of all builds, finished or not, the newest first. Raises OSError."""
    found = [path for path in (index_dir / BUILDS).iterdir() if _BUILD_ID.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.name, reverse=True)


def temporary(index_dir: Path) -> list[str]:
    """Return what a killed writer may have left beside the builds. Raises OSError."""
    return [NEW_CURRENT] if (index_dir / NEW_CURRENT).is_file() else []


def foreign(index_dir: Path) -> list[str]:
    """Return what lies in an index directory and is not of this program, as paths in it. Raises OSError."""
    own = {CURRENT, NEW_CURRENT, BUILDS, LOCK}
    beside = (path.name for path in index_dir.iterdir() if path.name not in own)
    within = (path for path in (index_dir / BUILDS).iterdir())
    return sorted([*beside, *(f"{BUILDS}/{path.name}" for path in within if not _is_build(path))])


def _is_build(path: Path) -> bool:
    return bool(_BUILD_ID.fullmatch(path.name)) and path.is_dir() and not path.is_symlink()


@contextmanager
def mended_by_reindex(index_dir: Path) -> Iterator[None]:
    """Let what is wrong with a build of this directory name the command that mends it, directory and all.

    Which sources the index was built of is not known here; without any, the command would index the shipped seeds.
    """
    try:
        yield
    except IndexUnavailable as error:
        command = completed(error.command, index_dir)
        if command == error.command:
            raise
        raise type(error)(error.reason, command) from error


def completed(command: str, index_dir: Path) -> str:
    """Return a command with the index directory named."""
    return command if "--index-dir" in command else f"{command} --index-dir {shlex.quote(str(index_dir))}"


def new_build_id(now: datetime) -> str:
    """Return an id that sorts by time, to the microsecond, and does not collide where clocks do."""
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)[:3]}"


@dataclass(slots=True)
class NewBuild:
    """A build that the one writer is making: in `directory`, which is not there yet, until `switch`."""

    index_dir: Path
    directory: Path
    _offered: bool = field(default=False, init=False)

    def switch(self, spare: str) -> None:
        """Make this build, verified by now, the live one, and remove all others but `spare`."""
        pointer = _written_pointer(self.directory)
        self._offered = True
        _rename_pointer(pointer)
        remove_other_builds(self.directory, spare)

    def give_up(self) -> None:
        """Remove what there is of this build, unless it is live, or might be."""
        if not (self._offered and self._may_be_live()):
            shutil.rmtree(self.directory, ignore_errors=True)

    def _may_be_live(self) -> bool:
        try:
            return live_build_id(self.index_dir) == self.directory.name
        except IndexDamaged:
            return True


@contextmanager
def new_build(index_dir: Path, now: datetime) -> Iterator[NewBuild]:
    """Hold the one writer's place of an index directory, to make a build in; it is removed if it does not become live.

    Raises IndexBusy; and IndexUnwritable for every OSError meanwhile, as those that sources cause do not get this far.
    """
    with _unwritable(index_dir):
        (index_dir / BUILDS).mkdir(parents=True, exist_ok=True)
    with alone(index_dir) as lock:
        lock.seek(0)
        _remove_abandoned(index_dir, lock.read().strip())
        build = NewBuild(index_dir, index_dir / BUILDS / new_build_id(now))
        lock.truncate(0)
        lock.write(build.directory.name + "\n")
        lock.flush()
        try:
            yield build
        finally:
            build.give_up()
            lock.truncate(0)


@contextmanager
def alone(index_dir: Path) -> Iterator[IO[str]]:
    """Hold the one writer's place of an index directory; yields the file in which a writer notes what it makes.

    The lock is the kernel's: it goes with the process, however that ends, and is never stale. Raises IndexBusy; and
    IndexUnwritable for every OSError meanwhile.
    """
    with _unwritable(index_dir), (index_dir / LOCK).open("a+", encoding="ascii", errors="replace") as lock:
        _take(lock, index_dir)
        yield lock


@contextmanager
def _unwritable(index_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IndexUnwritable(index_dir, error) from error


def _take(lock: IO[str], index_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise IndexBusy(f"another reindex is writing {index_dir}; wait for it, then run this one again") from None


def switch_to(build_dir: Path) -> None:
    """Make a finished build the live one of its index directory. Its files must be on the disk already."""
    _rename_pointer(_written_pointer(build_dir))


def _written_pointer(build_dir: Path) -> Path:
    """Write, beside `CURRENT`, what is to take its place."""
    sync(build_dir)
    sync(build_dir.parent)
    pointer = build_dir.parents[1] / NEW_CURRENT
    with pointer.open("w", encoding="ascii") as file:
        file.write(build_dir.name + "\n")
        file.flush()
        os.fsync(file.fileno())
    return pointer


def _rename_pointer(pointer: Path) -> None:
    pointer.replace(pointer.with_name(CURRENT))
    sync(pointer.parent)


def remove_other_builds(live: Path, spare: str = "") -> None:
    """Remove every build of an index directory but `live`, which must have been verified, and be what `CURRENT` names.

    And but that of the id `spare`. Readers that still map a removed build keep its pages.
    """
    for path in all_builds(live.parents[1]):
        if path.name not in (live.name, spare):
            remove_build(path)


def remove_build(build_dir: Path) -> None:
    """Remove a build that is known to be dead."""
    shutil.rmtree(build_dir, ignore_errors=True)


def _remove_abandoned(index_dir: Path, build_id: str) -> None:
    """Remove the build that the writer before was making, if that was killed and the build is known not to be live.

    Done first of all, as it may have been killed because the disk was full.
    """
    if not _BUILD_ID.fullmatch(build_id):
        return
    try:
        live = live_build_id(index_dir)
    except IndexDamaged:
        return
    if live not in (None, build_id):
        shutil.rmtree(index_dir / BUILDS / build_id, ignore_errors=True)
