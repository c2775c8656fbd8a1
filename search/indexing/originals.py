"""The files that articles of a build were read from, as long as they are still the ones that were read.

An index holds no path but those inside its source folders, so whoever wants the files names the folders again. A file
is found by its path there, opened as a reindex opens it (from the folder down, following no link), and taken only if it
has the size and time that the build remembers: no other one is ever sent.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import IndexUnavailable
from ..formats.decoding import decoded_name
from .builds import Build
from .ingest import FileState, SourceFile, open_source, state_of

LARGEST = 256 << 20
"""Bytes of a file that is offered at most."""
_ENCODINGS = ("utf-8", "gb18030")
"""In which a name may stand on the disk (`ingest` reads both)."""


@dataclass(frozen=True, slots=True)
class Original:
    """An open file and what it holds at most; whoever gets it closes it."""

    name: str
    size: int
    stream: BinaryIO


class Originals:
    """The files in some source folders, by the paths of articles. Thread-safe."""

    def __init__(self, sources: Sequence[Path] = ()) -> None:
        """Take the folders (or files) that a reindex was given; without any, no file is offered."""
        self.sources = tuple(source.absolute() for source in sources)
        self._lock = threading.Lock()
        self._files: tuple[str, Mapping[str, FileState]] = "", {}

    def size(self, build: Build, path: str) -> int | None:
        """Return how many bytes the file of a path has; None if it is not offered. The disk is not asked."""
        state = self._known(build).get(path)
        return state[0] if state and state[0] <= LARGEST else None

    def open(self, build: Build, path: str) -> Original | None:
        """Return the file that articles of this path were read from; None if it is not offered, or there no more."""
        state = self._known(build).get(path)
        if state is None or state[0] > LARGEST:
            return None
        for source in self._candidates(path):
            try:
                stream = open_source(source)
            except OSError:
                continue
            found = os.fstat(stream.fileno())
            if stat.S_ISREG(found.st_mode) and state_of(found) == state:
                return Original(PurePosixPath(path).name, state[0], stream)
            stream.close()
        return None

    def _known(self, build: Build) -> Mapping[str, FileState]:
        """Return the files of a build; those of the last one asked for are kept."""
        if not self.sources:
            return {}
        with self._lock:
            if self._files[0] != build.info.build_id:
                try:
                    self._files = build.info.build_id, build.manifest().files
                except (IndexUnavailable, OSError):  # an index written without a reindex
                    self._files = build.info.build_id, {}
            return self._files[1]

    def _candidates(self, path: str) -> Iterator[SourceFile]:
        """Yield where the file may be: in each source, also where the path begins with the name of the folder."""
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or path.startswith("/") or any(part.startswith(".") for part in parts):
            return
        for source in self.sources:
            is_folder = source.is_dir()
            root = os.path.realpath(source if is_folder else source.parent)
            for inside in (parts, parts[1:] if parts[0] == _shown(Path(root).name) else ()):
                if not inside or (not is_folder and inside != (_shown(source.name),)):
                    continue
                for name in _on_disk("/".join(inside)):
                    # A link inside the folder was followed; where it leads to is opened without following any.
                    way = os.path.relpath(os.path.realpath(Path(root) / name), root)
                    if os.pardir not in Path(way).parts:
                        yield SourceFile(path, source, folder=root, inside=way)


def _shown(name: str) -> str:
    return decoded_name(os.fsencode(name)) or name


def _on_disk(path: str) -> Iterator[str]:
    """Yield the names in the file system that a path may mean, as this process would list them."""
    names = set()
    for encoding in _ENCODINGS:
        try:
            name = os.fsdecode(path.encode(encoding))
        except UnicodeEncodeError:
            continue
        if "\0" not in name and name not in names:
            names.add(name)
            yield name
