"""Where a build stands in a cluster: `prefix-<id>` holds its articles, `prefix-<id>-kept` what belongs to it.

The identity is told last, so a build that was cut short cannot be opened.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from ...clock import today
from ...errors import EngineUnavailable, IndexDamaged, IndexMissing, IndexOutdated
from ...identity import SCHEMA_VERSION, decisive
from ...model import Article, IndexInfo
from .address import Address
from .cluster import SLOW, Cluster, Missing
from .engine import ClusterEngine, stored
from .kept import Folder, Kept
from .mapping import kept_index
from .opened import Opened
from .statistics import FILE, Statistics

KEPT = "-kept"
COPIED_SECONDS = 60
"""How long a build is waited for that is to have its copies before it becomes live."""
_IDENTITY = "identity"
_folders: WeakValueDictionary[str, Folder] = WeakValueDictionary()
"""What was fetched, by index: all that have a build open in this process share it."""
_folders_lock = Lock()
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildPlace:
    """The indexes of one build."""

    cluster: Cluster
    build_id: str

    @property
    def address(self) -> Address:
        """The address of the cluster."""
        return self.cluster.address

    @property
    def index(self) -> str:
        """The name of the index of articles."""
        return f"{self.address.prefix}-{self.build_id}"

    @cached_property
    def kept(self) -> Kept:
        """What is kept with the build."""
        return Kept(self.cluster, self.index + KEPT)

    def beside(self, build_id: str) -> BuildPlace:
        """Return the place of another build."""
        return BuildPlace(self.cluster, build_id)

    # Reading

    def open(self, day: date | None = None) -> ClusterEngine:
        """Open the build on a day (None: today). Raises IndexMissing, IndexDamaged, IndexOutdated."""
        identity = self._identity()
        try:
            content: dict[str, Any] = identity["info"]
            version = content["schema_version"]
            if version != SCHEMA_VERSION:
                raise IndexOutdated(f"the index has schema version {version}, this program reads {SCHEMA_VERSION}")
            info, facets = IndexInfo(**content), tuple(map(str, identity["facets"]))
        except (KeyError, TypeError, ValueError) as error:
            raise IndexDamaged(f"{self.index} is not described as an index of this program") from error
        if others := decisive(info.rules):
            raise IndexOutdated(f"the index was built with other {others}")
        folder = self._folder()
        statistics = Statistics.load(folder.file(FILE))
        return ClusterEngine(info, Opened(self.cluster, self.index, facets, statistics, day or today()), folder)

    def stored(self, article_ids: Iterable[str]) -> Iterator[Article]:
        """Yield those of some articles that the index holds."""
        return stored(self.cluster, self.index, article_ids)

    def size(self) -> int:
        """Return the bytes of all copies of all shards."""
        found = self.cluster.request("GET", f"/{self.index},{self.index}{KEPT}/_stats/store")
        return int(found["_all"]["total"]["store"]["size_in_bytes"])

    def _identity(self) -> dict[str, Any]:
        found = self.kept.told(_IDENTITY)
        if found is not None:
            return found
        try:
            self.cluster.request("GET", f"/{self.index}")
        except Missing:
            raise IndexMissing(f"there is no build {self.build_id} at {self.address}") from None
        raise IndexDamaged(f"{self.index} is no finished build")

    def _folder(self) -> Folder:
        key = f"{self.address}-{self.build_id}"
        with _folders_lock:
            folder = _folders.get(key)
            if folder is None:
                folder = _folders[key] = Folder(self.kept)
            return folder

    # Writing

    def create(self, articles: dict[str, Any]) -> None:
        """Make the indexes of a new build."""
        self.cluster.create(self.index, articles)
        self.cluster.create(self.index + KEPT, kept_index())

    def clone(self, base_id: str) -> None:
        """Make the index of a new build out of that of a finished one, whose files it shares."""
        settings = {"index.blocks.write": None, "index.auto_expand_replicas": None, "index.number_of_replicas": 0}
        self.cluster.create(self.index, {"settings": settings}, like=self.beside(base_id).index)
        self.cluster.create(self.index + KEPT, kept_index())

    def bulk(self, operations: Iterable[bytes]) -> None:
        """Send operations to the index of articles."""
        self.cluster.bulk(self.index, operations)

    def refresh(self) -> None:
        """Let what was sent be found."""
        self.cluster.request("POST", f"/{self.index}/_refresh", timeout=SLOW)

    def identify(self, info: IndexInfo, facets: Iterable[str]) -> None:
        """Say what the build is: from now on it can be opened."""
        with _folders_lock:
            _folders.pop(f"{self.address}-{self.build_id}", None)
        self.kept.tell(_IDENTITY, {"info": asdict(info), "facets": list(facets)})

    def finish(self, merged: bool) -> None:
        """Make what was written last: merge it if it is all new, refuse changes, and wait for copies of it."""
        if merged:
            self.cluster.request("POST", f"/{self.index}/_forcemerge?max_num_segments=1", timeout=SLOW)
        replicas = self.address.replicas
        copies = {"auto_expand_replicas": f"0-{replicas}"} if replicas else {"number_of_replicas": 0}
        both = f"{self.index},{self.index}{KEPT}"
        self.cluster.request("POST", f"/{both}/_flush", timeout=SLOW)
        self.cluster.request("PUT", f"/{both}/_settings", {"index": copies | {"blocks.write": True}})
        try:
            waited = f"/_cluster/health/{both}?wait_for_status=green&timeout={COPIED_SECONDS}s"
            self.cluster.request("GET", waited, timeout=COPIED_SECONDS + self.address.timeout)
        except EngineUnavailable as error:
            if self.cluster.request("GET", f"/_cluster/health/{both}")["status"] == "red":
                raise
            _log.warning("%s goes live with fewer copies than wanted: %s", self.index, error)

    def remove(self) -> None:
        """Remove the indexes, in one step."""
        self.cluster.request("DELETE", f"/{self.index}{KEPT},{self.index}?ignore_unavailable=true", timeout=SLOW)
