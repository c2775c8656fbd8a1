"""The index directory: `builds/<id>/` (one finished index each), `CURRENT` (the id of the live one), `LOCK`.

A build becomes live only by the atomic rename of `CURRENT`, after its files have reached the disk. A process killed at
any moment therefore leaves the old index serving and at most a dead directory, which the next writer removes. Whatever
else lies in `builds/` is somebody's own and stays.
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
from datetime import datetime
from pathlib import Path
from typing import IO

from ..engines.contract import Engine, open_engine
from ..errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnavailable, IndexUnwritable

CURRENT = "CURRENT"
BUILDS = "builds"
LOCK = "LOCK"
_BUILD_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
"""What `new_build_id` returns."""


def current_build(index_dir: Path) -> Path:
    """Return the directory of the live build. Raises IndexMissing or IndexDamaged."""
    pointer = index_dir / CURRENT
    with mended_by_reindex(index_dir):
        try:
            build_id = pointer.read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            # Nothing can be lost here, so the command need not ask for the sources: the seeds will do.
            command = f"yibao reindex --index-dir {shlex.quote(str(index_dir))}"
            raise IndexMissing(f"There is no index in {index_dir}", command) from None
        except UnicodeDecodeError:
            raise IndexDamaged(f"{pointer} does not name a build") from None
        except OSError as error:
            raise IndexDamaged(f"{pointer} cannot be read: {error.strerror}") from error
        if not _BUILD_ID.fullmatch(build_id):
            raise IndexDamaged(f"{pointer} does not name a build")
    return index_dir / BUILDS / build_id


def open_current(index_dir: Path) -> Engine:
    """Open the live build of an index directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    build_dir = current_build(index_dir)
    with mended_by_reindex(index_dir):
        try:
            return open_engine(build_dir)
        except IndexUnavailable:
            newer = current_build(index_dir)
            if newer == build_dir:
                raise
            return open_engine(newer)  # the build was replaced, and removed, between the two steps


@contextmanager
def mended_by_reindex(index_dir: Path) -> Iterator[None]:
    """Let what is wrong with a build of this directory name the command that mends it, directory and all.

    Which sources the index was built of is not known here; without any, the command would index the shipped seeds.
    """
    try:
        yield
    except IndexUnavailable as error:
        if "--index-dir" in error.command:
            raise
        command = f"{error.command} --index-dir {shlex.quote(str(index_dir))}"
        raise type(error)(error.reason, command) from error


def new_build_id(now: datetime) -> str:
    """Return an id that sorts by time and never collides."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


@contextmanager
def writer_lock(index_dir: Path) -> Iterator[None]:
    """Hold the one writer's place of an index directory; before and after, remove every build but the live one.

    The lock is the kernel's: it goes with the process, however that ends. Raises IndexBusy; and IndexUnwritable for
    every OSError meanwhile, as those that sources cause do not get this far.
    """
    try:
        (index_dir / BUILDS).mkdir(parents=True, exist_ok=True)
        with (index_dir / LOCK).open("w") as lock:
            _take(lock, index_dir)
            _remove_dead_builds(index_dir)
            try:
                yield
            finally:
                _remove_dead_builds(index_dir)
    except OSError as error:
        raise IndexUnwritable(index_dir, error) from error


def _take(lock: IO[str], index_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise IndexBusy(f"another reindex is writing {index_dir}; wait for it, then run this one again") from None


def switch_to(index_dir: Path, build_id: str) -> None:
    """Make a finished build the live one. Its files must be on the disk already."""
    _sync_directory(index_dir / BUILDS / build_id)
    _sync_directory(index_dir / BUILDS)
    pointer = index_dir / f"{CURRENT}.new"
    with pointer.open("w", encoding="ascii") as file:
        file.write(build_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(index_dir / CURRENT)
    _sync_directory(index_dir)


def _remove_dead_builds(index_dir: Path) -> None:
    """Remove every build but the live one. Readers that still map a removed build keep its pages."""
    try:
        live = current_build(index_dir).name
    except IndexUnavailable:
        live = ""
    for path in (index_dir / BUILDS).iterdir():
        if path.name != live and _BUILD_ID.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
