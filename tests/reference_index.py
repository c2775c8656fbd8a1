"""The index of the reference engine: builds in the memory of one process, by address. All that an engine must have.

`index_at` is what `search.engines.registry` asks a module of an engine for.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

from reference_engine import ReferenceEngine

from search.clock import today
from search.engines.contract import Beside, Draft, Index, MakePart, Progress
from search.errors import IndexBusy, IndexDamaged, IndexMissing
from search.facets import Facets
from search.model import Article


class Folder:
    """A temporary folder, which goes with the last build that holds it."""

    def __init__(self) -> None:
        self.name = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, self.name, ignore_errors=True)


class BuildInMemory(ReferenceEngine):
    """Articles, and a folder with what was attached."""

    def __init__(self, articles: Iterable[Article], build_id: str, folder: Folder, day: date | None = None) -> None:
        super().__init__(articles, build_id=build_id, day=day or today())
        self.folder = folder

    def on(self, day: date) -> BuildInMemory:
        dated = BuildInMemory(self.undated, self.info.build_id, self.folder, day)
        dated.groups = self.groups
        return dated

    def attachment(self, name: str) -> Path:
        return Path(self.folder.name, name)


@dataclass(frozen=True)
class Batch:
    """A part of a build: its articles as they are."""

    articles: Sequence[Article]

    @property
    def documents(self) -> int:
        return len(self.articles)


def batch(number: int, articles: Sequence[Article]) -> Batch:
    return Batch(articles)


@dataclass
class MemoryIndex(Index):
    """What was built at an address, in order, and which of it is live."""

    verified = "it is in memory"

    address: str
    made: dict[str, BuildInMemory] = field(default_factory=dict)
    active: str = ""
    is_written: bool = False

    def live(self) -> str:
        if not self.active:
            raise IndexMissing(f"There is no index at {self.address}", self.completed("yibao reindex"))
        return self.active

    def version(self) -> Hashable | None:
        return self.active

    def builds(self) -> list[str]:
        return [*reversed(self.made)]

    def open(self, build_id: str) -> BuildInMemory:
        if build_id not in self.made:
            raise IndexMissing(f"there is no build {build_id} at {self.address}")
        return self.made[build_id]

    def verify(self, build_id: str) -> BuildInMemory:
        return self.open(build_id)

    def files(self, build_id: str) -> dict[str, Path]:
        path = Path(tempfile.mkdtemp(dir=self.made[build_id].folder.name), "articles")
        path.write_bytes(pickle.dumps((self.made[build_id].undated, self.made[build_id].groups)))
        return {path.name: path}

    def beside(self) -> Beside:
        return Beside()

    @contextmanager
    def alone(self) -> Iterator[None]:
        if self.is_written:
            raise IndexBusy(f"another reindex is writing {self.address}; wait for it, then run this one again")
        self.is_written = True
        try:
            yield
        finally:
            self.is_written = False

    def switch(self, build_id: str) -> None:
        self.active = build_id

    def discard(self, build_id: str) -> None:
        del self.made[build_id]

    def tidy(self) -> None:
        pass

    def keep_only(self, build_id: str) -> None:
        self.made = {build_id: self.made[build_id]}

    @contextmanager
    def writing(self, now: datetime, rules: Mapping[str, str], facets: Facets) -> Iterator[MemoryDraft]:
        draft = MemoryDraft(self, now.isoformat())
        with self.alone():
            try:
                yield draft
            finally:
                if draft.build_id != self.active:
                    self.made.pop(draft.build_id, None)

    def size(self, build_id: str) -> int:
        return 0

    def completed(self, command: str) -> str:
        return f"YIBAO_ENGINE={self.address} {command}"

    def about(self) -> str:
        return "reference, in memory"


class MemoryDraft(Draft):
    """A build in the making: among the others, but not live."""

    def __init__(self, index: MemoryIndex, build_id: str) -> None:
        self.build_id = build_id
        self._index = index
        self._folder = Folder()

    def part_maker(self) -> MakePart:
        return batch

    def write(self, parts: Iterable[Batch], progress: Progress) -> None:  # type: ignore[override]  # those of `batch`
        self._put(article for part in parts for article in part.articles)

    def change(self, base_id: str, articles: Sequence[Article], removed: Iterable[str], progress: Progress) -> None:
        others = {*removed, *(article.id for article in articles)}
        self._put([*articles, *(one for one in self._index.open(base_id).undated if one.id not in others)])

    def again(self, base_id: str) -> None:
        base = self._index.open(base_id)
        self._put(base.articles())
        self.group(base.groups)

    def group(self, groups: Iterable[Sequence[str]]) -> None:
        self.open().groups = [list(ids) for ids in groups]

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        write(Path(self._folder.name, name))

    def open(self) -> BuildInMemory:
        return self._index.open(self.build_id)

    def restore(self, fill: Callable[[Path], None]) -> None:
        fill(Path(self._folder.name))
        try:
            articles, groups = pickle.loads(Path(self._folder.name, "articles").read_bytes())
        except (OSError, pickle.UnpicklingError) as error:
            raise IndexDamaged(str(error)) from error
        self._put(articles)
        self.group(groups)

    def activate(self, spare: str = "") -> None:
        self._index.active = self.build_id
        self._index.made = {key: made for key, made in self._index.made.items() if key in (self.build_id, spare)}

    def _put(self, articles: Iterable[Article]) -> None:
        self._index.made[self.build_id] = BuildInMemory(articles, self.build_id, self._folder)


@cache
def index_at(address: str) -> MemoryIndex:
    """Return the index at an address, the same one whenever it is asked for."""
    return MemoryIndex(address)
