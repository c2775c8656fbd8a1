"""The Whoosh index in a directory: `search.engines.contract.Index` over `generations.py` and the writers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from ... import kernel
from ...facets import Facets
from ...model import Article
from ...storage.syncing import share
from ..contract import Beside, Draft, Index, MakePart, Part, Progress
from .changes import write_changes
from .collapse import write_groups
from .engine import WhooshEngine
from .generations import (
    BUILDS,
    CURRENT,
    NewBuild,
    all_builds,
    alone,
    completed,
    current_build,
    foreign,
    mended_by_reindex,
    new_build,
    remove_build,
    remove_other_builds,
    switch_to,
    temporary,
)
from .layout import file_names, read_identity
from .segment_writer import Spilled
from .verification import verify
from .writer import SpillBatch, adopt, finish_build, merge_batches


def index_at(address: str) -> WhooshIndex:
    """Return the index in a directory."""
    return WhooshIndex(Path(address))


class WhooshIndex(Index):
    """The index in one directory of this machine."""

    verified = "every file of the index is there, and all that is in them has its checksum"

    def __init__(self, directory: Path) -> None:
        self.address = str(directory)
        self._directory = directory

    def live(self) -> str:
        """Return the id that `CURRENT` holds."""
        return current_build(self._directory).name

    def version(self) -> Hashable | None:
        """Return what tells one `CURRENT` from another: it is replaced by a rename."""
        try:
            stat = (self._directory / CURRENT).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def builds(self) -> list[str]:
        """Return the ids of all builds, the newest first."""
        try:
            return [path.name for path in all_builds(self._directory)]
        except OSError:
            return []

    def open(self, build_id: str) -> WhooshEngine:
        """Open a finished build."""
        with mended_by_reindex(self._directory):
            return WhooshEngine.open(self._build(build_id))

    def verify(self, build_id: str) -> WhooshEngine:
        """Open a build, every byte checked but its attachments."""
        with mended_by_reindex(self._directory):
            return verify(self._build(build_id))

    def files(self, build_id: str) -> dict[str, Path]:
        """Return the files that the identity of a build names, itself included."""
        directory = self._build(build_id)
        with mended_by_reindex(self._directory):
            return {name: directory / name for name in file_names(read_identity(directory))}

    def beside(self) -> Beside:
        """Return what a killed writer left in the directory, and what is somebody's own."""
        try:
            return Beside(temporary(self._directory), foreign(self._directory))
        except OSError:
            return Beside()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of the directory."""
        with alone(self._directory):
            yield

    def switch(self, build_id: str) -> None:
        """Let `CURRENT` name a build."""
        switch_to(self._build(build_id))

    def discard(self, build_id: str) -> None:
        """Remove the directory of a build."""
        remove_build(self._build(build_id))

    def tidy(self) -> None:
        """Remove the pointer that was not renamed."""
        for name in temporary(self._directory):
            (self._directory / name).unlink(missing_ok=True)

    def keep_only(self, build_id: str) -> None:
        """Remove every other build."""
        remove_other_builds(self._build(build_id))

    @contextmanager
    def writing(self, now: datetime, rules: Mapping[str, str], facets: Facets) -> Iterator[WhooshDraft]:
        """Hold the lock of the directory, to make a build in it."""
        with new_build(self._directory, now) as new:
            yield WhooshDraft(self, new, rules, facets)

    def size(self, build_id: str) -> int:
        """Return the bytes of all files in the build's directory."""
        return sum(path.stat().st_size for path in self._build(build_id).rglob("*") if path.is_file())

    def completed(self, command: str) -> str:
        """Return a command with the directory named."""
        return completed(command, self._directory)

    def about(self) -> str:
        """Return the name of the engine, and whether its inner loops are compiled."""
        kind = "with its compiled kernel" if kernel.is_compiled() else "without its compiled kernel (slower queries)"
        return f"whoosh, {kind}"

    def _build(self, build_id: str) -> Path:
        return self._directory / BUILDS / build_id


class WhooshDraft(Draft):
    """A build in a directory of its own, which nothing names before `activate`."""

    def __init__(self, index: WhooshIndex, new: NewBuild, rules: Mapping[str, str], facets: Facets) -> None:
        self.build_id = new.directory.name
        self._index = index
        self._new = new
        self._rules = rules
        self._facets = facets

    def part_maker(self) -> MakePart:
        """Return what spills batches below the build's directory."""
        return SpillBatch(self._new.directory, self._facets)

    def write(self, parts: Iterable[Part], progress: Progress) -> None:
        """Merge what was spilled into segments."""
        self._new.directory.mkdir(parents=True, exist_ok=True)
        entries = merge_batches(self._new.directory, cast("Iterable[Spilled]", parts), self._facets, progress)
        finish_build(self._new.directory, entries, self._rules, self._facets)

    def change(self, base_id: str, articles: Sequence[Article], removed: Iterable[str], progress: Progress) -> None:
        """Share the segments of the other build that stay, and write one of what is new."""
        base = self._new.directory.with_name(base_id)
        facets, rules = self._facets, self._rules
        write_changes(base, self._new.directory, articles, removed, progress=progress, facets=facets, rules=rules)

    def again(self, base_id: str) -> None:
        """Share all files of the other build but its identity."""
        self._new.directory.mkdir(parents=True)
        for name, path in self._index.files(base_id).items():
            share(path, self._new.directory / name)
        adopt(self._new.directory, self._rules)

    def group(self, groups: Iterable[Sequence[str]]) -> None:
        """Write the groups beside the segments."""
        write_groups(self._new.directory, groups)

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """Let a file be written into the build's directory."""
        write(self._new.directory / name)

    def open(self) -> WhooshEngine:
        """Open the build before anybody else can."""
        return self._index.open(self.build_id)

    def restore(self, fill: Callable[[Path], None]) -> None:
        """Let the files of another build be put into the directory, and give them the id of this one."""
        self._new.directory.mkdir(parents=True)
        fill(self._new.directory)
        adopt(self._new.directory)

    def activate(self, spare: str = "") -> None:
        """Switch `CURRENT` to this build."""
        self._new.switch(spare)
