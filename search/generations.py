"""The index directory: `builds/<id>/` (one finished index each), `CURRENT` (the id of the live one), `LOCK`.

A build becomes live only by the atomic rename of `CURRENT`, after its files have reached the disk. A process killed at
any moment therefore leaves the old index serving and at most a dead directory, which the next writer removes.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from .engine import Engine, open_engine
from .errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnavailable

CURRENT = "CURRENT"
BUILDS = "builds"
LOCK = "LOCK"
_BUILD_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def current_build(index_dir: Path) -> Path:
    """Return the directory of the live build. Raises IndexMissing or IndexDamaged."""
    command = f"yibao reindex --index-dir {index_dir}"
    try:
        build_id = (index_dir / CURRENT).read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(f"There is no index in {index_dir}", command) from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{index_dir / CURRENT} cannot be read ({error})", command) from error
    if not _BUILD_ID.fullmatch(build_id):
        raise IndexDamaged(f"{index_dir / CURRENT} does not name a build", command)
    return index_dir / BUILDS / build_id


def open_current(index_dir: Path) -> Engine:
    """Open the live build of an index directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    build_dir = current_build(index_dir)
    try:
        return open_engine(build_dir)
    except IndexUnavailable:
        newer = current_build(index_dir)
        if newer == build_dir:
            raise
        return open_engine(newer)  # the build was replaced, and removed, between the two steps


def new_build_id(now: datetime) -> str:
    """Return an id that sorts by time and never collides."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


@contextmanager
def writer_lock(index_dir: Path) -> Iterator[None]:
    """Hold the one writer's place of an index directory, and remove what killed writers left. Raises IndexBusy.

    The lock is the kernel's: it goes with the process, however that ends.
    """
    (index_dir / BUILDS).mkdir(parents=True, exist_ok=True)
    with (index_dir / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise IndexBusy(f"another reindex is writing {index_dir}; wait for it, then run this one again") from None
        _remove_dead_builds(index_dir)
        yield


def switch_to(index_dir: Path, build_id: str) -> None:
    """Make a finished build the live one and remove the others. Its files must be on the disk already."""
    _sync_directory(index_dir / BUILDS / build_id)
    _sync_directory(index_dir / BUILDS)
    pointer = index_dir / f"{CURRENT}.new"
    with pointer.open("w", encoding="ascii") as file:
        file.write(build_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(index_dir / CURRENT)
    _sync_directory(index_dir)
    _remove_dead_builds(index_dir)


def _remove_dead_builds(index_dir: Path) -> None:
    """Remove every build but the live one. Readers that still map a removed build keep its pages."""
    try:
        live = current_build(index_dir).name
    except IndexUnavailable:
        live = ""
    for path in (index_dir / BUILDS).iterdir():
        if path.name != live:
            shutil.rmtree(path, ignore_errors=True)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
