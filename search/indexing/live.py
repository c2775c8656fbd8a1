"""The index that is live now, for as long as a process runs."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path

from ..clock import today
from ..engines.registry import index_at
from ..errors import EngineUnavailable, IndexDamaged, IndexOutdated, IndexUnavailable
from .builds import Build, mended_at, open_live, open_older

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds after which a build that could not be opened is tried again; each time twice as long, up to the longest."""
CHECK = "index check"
"""Name of the thread that compares checksums."""
_LAST = 19
"""The nice value of that thread: it computes when nothing else wants to."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The live build, while an older one has to answer: it cannot be opened yet; or never by this program.

    What `is_outdated` was made by another version of the program (a newer one, during an upgrade), to be served by
    that. `build_id` is empty if that cannot be told either.
    """

    build_id: str
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class _Failure:
    """A generation that could not be opened, and when (of the clock) it is tried again."""

    signature: Hashable | None
    waiting: Waiting
    pause: float
    again: float


class LiveIndex:
    """Hands out the engine of the live build; thread-safe.

    The index tells with every request whether there is a new generation. Answers under way keep the build they began
    with; what an old one holds is released when the last of them lets go. `clock` returns seconds that
    never go back, `calendar` the day it is.
    """

    def __init__(
        self,
        address: Path | str,
        clock: Callable[[], float] = time.monotonic,
        calendar: Callable[[], date] = today,
    ) -> None:
        self.address = address
        self._today = calendar
        self._dated: Build | None = None
        """The build that is open as it is today, if it was opened on another day."""
        self._index = index_at(address)
        self._clock = clock
        self._lock = threading.Lock()
        self._engine: Build | None = None
        self._signature: Hashable | None = None
        self._failure: _Failure | None = None
        self._watching = False
        self._passed = False
        """Whether the checksums of the build that is open were compared."""
        self._sound: Build | None = None
        """The build to go back to, as long as those of the one that is open were not."""
        self._damage: IndexDamaged | None = None

    def watch(self) -> None:
        """From now on compare all checksums of the build that is open, and of each that is opened, in the background.

        Opening compares those of small files only. On a mismatch, which is logged, the last build that passed serves
        again; without one IndexDamaged is raised until there is a new one. Each process calls it for itself, as threads
        do not survive a fork.
        """
        with self._lock:
            self._watching = True
            if self._engine is not None:
                self._begin_check(self._engine)

    def engine(self) -> Build:
        """Return the live build as it is today, opening it if there is a new one.

        A new build that cannot be opened is logged and the old one goes on serving, while the new one is tried again
        after 1, 2, 4 … 60 seconds; without an old one that is raised: IndexUnavailable or EngineUnavailable.

        A new build that another version of the program made is logged once and not tried again: the newest one before
        it goes on serving, also if this process was started only now, as long as it is there.
        """
        engine = self._undated()
        day = self._today()
        if engine.day == day:
            return engine
        dated = self._dated
        if dated is None or dated.day != day or dated.info is not engine.info:
            dated = self._dated = engine.on(day)
        return dated

    def _undated(self) -> Build:
        """Return the live build as it was on the day on which it was opened."""
        signature = self._index.version()
        engine = self._engine  # looked at once: a check may take it away
        if engine is not None and signature in (self._signature, None):
            return engine
        with self._lock:
            if self._engine is None:
                if self._damage and signature in (self._signature, None):
                    raise IndexDamaged(self._damage.reason, self._damage.command)
                return self._first(signature)
            if signature == self._signature or self._waits(signature):
                return self._engine
            return self._replaced(self._engine, signature)

    @property
    def waiting(self) -> Waiting | None:
        """The live build, if it is not the one that answers."""
        failure = self._failure
        return failure.waiting if failure and failure.signature == self._index.version() else None

    def _first(self, signature: Hashable | None) -> Build:
        """Return the first engine."""
        try:
            engine = open_live(self._index)
        except IndexOutdated as error:
            older = open_older(self._index)
            if older is None:
                raise
            return self._outdated(signature, older, error)
        return self._take(engine, signature)

    def _waits(self, signature: Hashable | None) -> bool:
        """Tell whether it is too early to try a generation again."""
        failure = self._failure
        return failure is not None and failure.signature == signature and self._clock() < failure.again

    def _replaced(self, old: Build, signature: Hashable | None) -> Build:
        """Return the engine of a new generation; the old one if it cannot be opened now."""
        try:
            engine = open_live(self._index)
        except IndexOutdated as error:
            older = open_older(self._index) or old
            return self._outdated(signature, old if older.info == old.info else older, error)
        # Of the operating system: what is read beside the build, while there are no descriptors or no memory left.
        except (IndexUnavailable, EngineUnavailable, OSError, MemoryError) as error:
            self._failure = self._failed(signature)
            _log.error("keeping the old index, trying the new one again in %.0f s: %s", self._failure.pause, error)
            return old
        _log.info("switched from index %s to %s", old.info.build_id, engine.info.build_id)
        return self._take(engine, signature)

    def _take(self, engine: Build, signature: Hashable | None) -> Build:
        """Serve the live build."""
        self._signature, self._failure = signature, None
        return self._serve(engine)

    def _serve(self, engine: Build) -> Build:
        if engine is not self._engine:
            if self._passed:
                self._sound = self._engine
            self._engine, self._damage, self._passed, self._dated = engine, None, False, None
            if self._watching:
                self._begin_check(engine)
        return engine

    def _outdated(self, signature: Hashable | None, older: Build, error: IndexOutdated) -> Build:
        """Serve the build before a generation that this program will never open."""
        self._failure = _Failure(signature, Waiting(self._live_id(), True), inf, inf)
        _log.error(
            "another version of yibao made the live index: %s; build %s goes on answering until that version is served",
            error.reason,
            older.info.build_id,
        )
        return self._serve(older)

    def _begin_check(self, engine: Build) -> None:
        threading.Thread(target=self._check_last, args=(engine,), name=CHECK, daemon=True).start()

    def _check_last(self, engine: Build) -> None:
        """Check a build when nothing else wants to compute. To be called in a thread of its own, which stays so."""
        if sys.platform == "linux":  # where a thread can have a nice value of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)
        self._check(engine)

    def _check(self, engine: Build) -> None:
        """Compare all checksums of a build; let go of the one before, or go back to it."""
        damage = None
        try:
            with mended_at(self._index):
                engine.verify()
        except IndexDamaged as error:
            damage = error
        except EngineUnavailable as error:
            _log.warning("build %s was not checked: %s", engine.info.build_id, error)
            return
        with self._lock:
            if self._engine is not engine:
                return
            if damage:
                self._engine, self._damage = self._sound, damage
                self._failure = _Failure(self._signature, Waiting(engine.info.build_id, False), inf, inf)
            self._passed, self._sound = self._engine is not None, None
        if damage:
            _log.error("%s: %s", "going back to the index before" if self._engine else "nothing to search", damage)

    def _failed(self, signature: Hashable | None) -> _Failure:
        before = self._failure
        repeated = before is not None and before.signature == signature
        pause = min(2 * before.pause, LONGEST_PAUSE) if before and repeated else FIRST_PAUSE
        return _Failure(signature, Waiting(self._live_id(), False), pause, self._clock() + pause)

    def _live_id(self) -> str:
        try:
            return self._index.live()
        except (IndexUnavailable, EngineUnavailable, OSError, MemoryError):
            return ""
