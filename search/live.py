"""The index that is live now, for as long as a process runs.

`CURRENT` in the index directory holds the id of the live build and is replaced by an atomic rename, so one `stat` a
request tells whether there is a new generation. Answers under way keep the engine they began with; the arrays of an old
engine are unmapped when the last of them lets go.
"""

from __future__ import annotations

import logging
import re
import threading
from pathlib import Path

from .engine import Engine, open_engine
from .errors import IndexDamaged, IndexMissing, IndexUnavailable

CURRENT = "CURRENT"
BUILDS = "builds"
_BUILD_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_log = logging.getLogger(__name__)

Signature = tuple[int, int, int]


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


class LiveIndex:
    """Hands out the engine of the live build; thread-safe."""

    def __init__(self, index_dir: Path) -> None:
        self.index_dir = index_dir
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._signature: Signature | None = None

    def engine(self) -> Engine:
        """Return the engine of the live build, opening it if there is a new one.

        A new build that cannot be opened is logged and the old one goes on serving; without an old one IndexMissing,
        IndexDamaged or IndexOutdated is raised.
        """
        signature = self._read_signature()
        if self._engine is not None and signature in (self._signature, None):
            return self._engine
        with self._lock:
            if self._engine is None or signature != self._signature:
                self._swap(signature)
            assert self._engine is not None
            return self._engine

    def _swap(self, signature: Signature | None) -> None:
        try:
            self._engine = open_current(self.index_dir)
        except IndexUnavailable as error:
            if self._engine is None:
                raise
            _log.error("keeping the old index: %s", error)
        self._signature = signature

    def _read_signature(self) -> Signature | None:
        try:
            stat = (self.index_dir / CURRENT).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
