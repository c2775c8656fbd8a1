"""The index at an address of a cluster: `search.engines.contract.Index` over its builds and its control document."""

from __future__ import annotations

import logging
import re
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ...errors import EngineUnavailable, IndexBusy, IndexMissing, IndexUnavailable
from ...facets import Facets
from ..contract import Beside, Index
from .address import Address, read_address
from .cluster import Cluster
from .control import Control, Lease, State
from .engine import ClusterEngine
from .place import KEPT, BuildPlace
from .writing import ClusterDraft, no_files

GRACE = 300.0
"""Seconds for which a build that was replaced stays in the cluster: servers may still answer from it."""
ASKED = 1.0
"""Seconds after which it is asked again which build is live; in the background, while there are requests."""
LATE = 15.0
"""Seconds after which what was last heard is too old to be gone by: then the request itself asks."""
_log = logging.getLogger(__name__)
_BUILD_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")


def index_at(address: str) -> ClusterIndex:
    """Return the index at an address. Raises EngineUnknown."""
    return ClusterIndex(read_address(address))


class ClusterIndex(Index):
    """The index of a prefix in a cluster. `clock` returns seconds since 1970."""

    verified = "as many articles are there as were written, and as long; their bytes the cluster checks itself"

    def __init__(self, address: Address, clock: Callable[[], float] = time.time) -> None:
        self.address = str(address)
        self._cluster = Cluster(address)
        self._clock = clock
        self._control = Control(self._cluster, clock)
        self._watch = Watch(lambda: self._control.read().state.live)
        self._held: Lease | None = None
        """The writer's place, while this object holds it."""

    def live(self) -> str:
        """Return the id that the control document names."""
        live = self._control.read().state.live
        if not live:
            raise IndexMissing(f"There is no index at {self.address}", self.completed("yibao reindex"))
        return live

    def version(self) -> Hashable | None:
        """Return the live build, as it was heard of last: a second ago at most while there are requests."""
        return self._watch.version()

    def builds(self) -> list[str]:
        """Return the ids of all builds, the newest first, without those that were replaced and stay a while."""
        retired = self._control.read().state.retired
        return sorted(self._all() - retired.keys(), reverse=True)

    def open(self, build_id: str) -> ClusterEngine:
        """Open a finished build."""
        with self._mended():
            return self._place(build_id).open()

    def verify(self, build_id: str) -> ClusterEngine:
        """Open a build, and compare what the cluster holds with what was written. It checks bytes itself."""
        with self._mended():
            engine = self._place(build_id).open()
            engine.check()
            return engine

    def files(self, build_id: str) -> Mapping[str, Path]:
        """Refuse: a cluster is saved by its snapshots."""
        raise no_files(self._cluster.address)

    def beside(self) -> Beside:
        """Return nothing: what is not of a build has other names."""
        return Beside()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lease. What another writer left unfinished stays, and stays named: it may be all that is sound."""
        with self._lease():
            yield

    def switch(self, build_id: str) -> None:
        """Let the control document name a build."""
        self._writer.change(lambda state: replace(state, live=build_id))
        self._watch.know(build_id)

    def discard(self, build_id: str) -> None:
        """Remove the indexes of a build."""
        self._place(build_id).remove()

    def tidy(self) -> None:
        """Remove the builds that were replaced long enough ago."""
        self._remove_retired(self._writer)

    def keep_only(self, build_id: str) -> None:
        """Give up every other build."""
        self._writer.change(lambda state: self._retiring(state, {build_id}))

    @contextmanager
    def writing(self, now: datetime, rules: Mapping[str, str], facets: Facets) -> Iterator[ClusterDraft]:
        """Hold the lease, to make a build."""
        place = self._place(f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)[:3]}")
        with self._lease() as lease:
            if lease.abandoned:
                self._give_up(lease, lease.abandoned)
            self._remove_retired(lease)
            lease.change(lambda state: replace(state, making=place.build_id))
            draft = ClusterDraft(place, rules, facets, lambda spare: self._activate(lease, place.build_id, spare))
            try:
                yield draft
            finally:
                draft.close()
                self._give_up(lease, place.build_id)

    def size(self, build_id: str) -> int:
        """Return how many bytes a build takes, all copies together."""
        return self._place(build_id).size()

    def completed(self, command: str) -> str:
        """Return a command with the address named, without its password."""
        return command if "--engine" in command else f"{command} --engine {shlex.quote(self.address)}"

    def about(self) -> str:
        """Return which cluster this is."""
        found = self._cluster.request("GET", "/")
        nodes = self._cluster.request("GET", "/_cluster/health")["number_of_nodes"]
        return f"opensearch {found['version']['number']}, {nodes} nodes"

    def _place(self, build_id: str) -> BuildPlace:
        return BuildPlace(self._cluster, build_id)

    def _all(self) -> set[str]:
        prefix = f"{self._cluster.address.prefix}-"
        found = self._cluster.request("GET", f"/_resolve/index/{prefix}*")["indices"]
        names = {one["name"].removeprefix(prefix).removesuffix(KEPT) for one in found}
        return {*filter(_BUILD_ID.fullmatch, names)}

    @contextmanager
    def _lease(self) -> Iterator[Lease]:
        with self._control.lease(self.address) as lease:
            self._held = lease
            try:
                yield lease
            finally:
                self._held = None

    @property
    def _writer(self) -> Lease:
        if self._held is None:
            raise RuntimeError("only the one writer may do this, within `alone` or `writing`")
        return self._held

    def _activate(self, lease: Lease, build_id: str, spare: str) -> None:
        lease.change(lambda state: replace(self._retiring(state, {build_id, spare}), live=build_id, making=""))
        self._watch.know(build_id)

    def _retiring(self, state: State, kept: set[str]) -> State:
        now = self._clock()
        return replace(state, retired={one: state.retired.get(one, now) for one in self._all() - kept})

    def _remove_retired(self, lease: Lease) -> None:
        seen = self._control.read().state
        gone = {one for one, since in seen.retired.items() if since + GRACE < self._clock() and one != seen.live}
        for build_id in gone:
            self._place(build_id).remove()
        if gone:
            left = {one: since for one, since in seen.retired.items() if one not in gone}
            lease.change(lambda state: replace(state, retired=left))

    def _give_up(self, lease: Lease, build_id: str) -> None:
        """Remove what there is of a build, unless it is live, or might be."""
        try:
            if self._control.read().state.live != build_id:
                self._place(build_id).remove()
                lease.change(lambda state: replace(state, making="" if state.making == build_id else state.making))
        except (EngineUnavailable, IndexBusy) as error:
            # The next writer finds it named in the control document.
            _log.warning("%s was not removed: %s", build_id, error)

    @contextmanager
    def _mended(self) -> Iterator[None]:
        try:
            yield
        except IndexUnavailable as error:
            raise type(error)(error.reason, self.completed(error.command)) from error


class Watch:
    """Knows which build is live without asking with every request. Thread-safe; `ask` asks the cluster."""

    def __init__(self, ask: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._known: str | None = None
        self._asked = self._heard = -LATE

    def version(self) -> str | None:
        """Return the live build, "" for none; None if that cannot be told."""
        now = self._clock()
        if now - self._heard > LATE:
            self._hear(now)
        elif now - self._asked > ASKED:
            self._asked = now
            threading.Thread(target=self._hear, args=(now,), name="index version", daemon=True).start()
        return self._known

    def know(self, build_id: str) -> None:
        """Take note of a build that was just made live."""
        self._known, self._asked, self._heard = build_id, self._clock(), self._clock()

    def _hear(self, now: float) -> None:
        with self._lock:
            if self._heard > now:
                return
            self._asked = now
            try:
                known = self._ask()
            except EngineUnavailable:
                return
            if self._heard <= now:
                self._known, self._heard = known, self._clock()
