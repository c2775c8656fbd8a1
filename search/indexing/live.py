"""The index that is live now, for as long as a process runs."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from ..engines.contract import Engine
from ..errors import IndexUnavailable
from .generations import CURRENT, open_current

_log = logging.getLogger(__name__)

Signature = tuple[int, int, int]


class LiveIndex:
    """Hands out the engine of the live build; thread-safe.

    `CURRENT` is replaced by a rename, so one `stat` a request tells whether there is a new generation. Answers under
    way keep the engine they began with; the arrays of an old engine are unmapped when the last of them lets go.
    """

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
                self._engine = self._open()
                self._signature = signature
            return self._engine

    def _open(self) -> Engine:
        try:
            return open_current(self.index_dir)
        except IndexUnavailable as error:
            if self._engine is None:
                raise
            _log.error("keeping the old index: %s", error)
            return self._engine

    def _read_signature(self) -> Signature | None:
        try:
            stat = (self.index_dir / CURRENT).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
