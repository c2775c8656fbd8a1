"""Which build is live and who is writing: one document a prefix, changed by compare-and-set only.

A writer holds a lease that it renews; whoever finds it expired takes it over. As the switch is a change of the very
document that holds the lease, a writer that lost it cannot switch any more, however late it learns of that.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...errors import EngineUnavailable, IndexBusy
from .cluster import Cluster, Conflict, Missing

LEASE = 30.0
"""Seconds for which a writer that says nothing is taken to be alive."""
RENEWED = LEASE / 4
"""Seconds after which it says something."""
_ATTEMPTS = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What the document says. `owner` is the writer ("": none), `until` when (seconds since 1970) it is one at least;
    `making` is the build that was begun and neither became live nor was removed; `retired` are those that may go, and
    since when.
    """

    live: str = ""
    owner: str = ""
    until: float = 0.0
    making: str = ""
    retired: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A state, and which version of the document it is; None where there is no document yet."""

    state: State
    version: tuple[int, int] | None


class Control:
    """The document of a prefix. `clock` returns seconds since 1970."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.time) -> None:
        self._cluster = cluster
        self._clock = clock
        self._index = f"{cluster.address.prefix}-control"

    def read(self) -> Seen:
        """Return what the document says now."""
        try:
            found = self._cluster.request("GET", f"/{self._index}/_doc/state")
        except Missing:
            return Seen(State(), None)
        return Seen(State(**found["_source"]), (found["_seq_no"], found["_primary_term"]))

    def change(self, seen: Seen, state: State) -> Seen:
        """Let the document say something else. Raises Conflict if it changed since it was seen."""
        if seen.version is None:
            self._create_index()
            versions: dict[str, Any] = {"op_type": "create"}
        else:
            versions = dict(zip(("if_seq_no", "if_primary_term"), seen.version, strict=True))
        found = self._cluster.put(self._index, "state", asdict(state), **versions)
        return Seen(state, (found["_seq_no"], found["_primary_term"]))

    @contextmanager
    def lease(self, address: str) -> Iterator[Lease]:
        """Be the one writer. Raises IndexBusy."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        for _ in range(_ATTEMPTS):
            seen = self.read()
            # Where the answer to our own change came late, the owner is this one.
            if seen.state.owner not in ("", owner) and seen.state.until > self._clock():
                writer = seen.state.owner.rpartition(":")[0]
                raise IndexBusy(
                    f"another reindex ({writer}) is writing {address}; wait for it, then run this one again. "
                    f"One that was killed is given up after {LEASE:.0f} s"
                )
            try:
                self.change(seen, replace(seen.state, owner=owner, until=self._clock() + LEASE))
            except Conflict:
                continue
            lease = Lease(self, owner, address, seen.state.making, self._clock)
            with lease:
                yield lease
            return
        raise IndexBusy(f"other writers come first at {address} again and again; run this one again")

    def _create_index(self) -> None:
        body = {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-2"},
            "mappings": {"dynamic": False},
        }
        try:
            self._cluster.create(self._index, body)
        except EngineUnavailable:
            # Somebody else made it meanwhile, or there is no cluster: the next request tells.
            self._cluster.request("GET", f"/{self._index}")


class Lease:
    """The writer's place, while it is held. `abandoned` is the build that the writer before did not finish, or ""."""

    def __init__(self, control: Control, owner: str, address: str, abandoned: str, clock: Callable[[], float]) -> None:
        self.abandoned = abandoned
        self._control = control
        self._owner = owner
        self._address = address
        self._clock = clock
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease of the index", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        try:
            self.change(lambda state: replace(state, owner="", until=0.0))
        except (EngineUnavailable, IndexBusy) as failure:
            _log.warning("the writer's place at %s was not given back: %s", self._address, failure)

    def change(self, changed: Callable[[State], State]) -> State:
        """Change the state as its holder. Raises IndexBusy if somebody else is by now."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                seen = self._control.read()
                if seen.state.owner != self._owner:
                    raise IndexBusy(
                        f"the writer's place at {self._address} was lost: this process said nothing for {LEASE:.0f} s, "
                        "and another one began to write; nothing was changed"
                    )
                state = replace(seen.state, until=self._clock() + LEASE)
                try:
                    return self._control.change(seen, changed(state)).state
                except Conflict:
                    # An answer of before came late, and what it told was done all the same.
                    continue
        raise EngineUnavailable(f"{self._address}: its state changes faster than it can be changed")

    def _renew(self) -> None:
        while not self._over.wait(RENEWED):
            try:
                self.change(lambda state: state)
            except IndexBusy:
                return
            except EngineUnavailable as error:
                _log.warning("the writer's place at %s was not renewed: %s", self._address, error)
