"""Sources → articles: which files are read, in which order, under which paths, and that no id comes twice.

A file's path is what stands in ids and in `Article.path`: relative to its source folder (a file given by itself: its
name). It is the same on every machine, and unique: where two folders hold the same path, the later one is put behind
its folder's name. Hidden files and README files are no articles; files of other formats are skipped and can be listed
(`scan_all`). Whatever cannot be read becomes a Rejection; nothing here waits for a pipe or follows a loop.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ..formats import Reader, reader_for
from ..model import Article, Rejection

FileState = tuple[int, int]
"""Size in bytes and modification time in nanoseconds: what tells whether a file changed."""

_BUFFER = 1 << 18
"""Bytes that are read of a file at once."""
SNAPSHOT_BYTES = 64 * 1024 * 1024
"""Up to this size a file is read at once, so that a change meanwhile is noticed before a record of it is used."""

_NO_STATE: FileState = (0, 0)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path as used in ids, where it is, its state when found; or the `problem` that it has."""

    path: str
    file: Path
    state: FileState = _NO_STATE
    problem: str = ""


def scan(sources: Sequence[Path]) -> list[SourceFile]:
    """Return the files of `sources` (files or folders), source by source, sorted by path in each; paths are unique.

    What cannot be read is in the list with its `problem`; reading it yields the Rejection.
    """
    return scan_all(sources)[0]


def scan_all(sources: Sequence[Path]) -> tuple[list[SourceFile], list[str]]:
    """Return what `scan` returns, and the paths of the files that no format reads, looking through the folders once.

    Hidden and README files are in neither.
    """
    files: list[SourceFile] = []
    skipped: list[str] = []
    for found in _found(sources):
        if found.problem or reader_for(found.file.name):
            files.append(found)
        else:
            skipped.append(found.path)
    return files, skipped


def read_sources(
    sources: Sequence[Path], previous: Mapping[str, FileState] | None = None
) -> Iterator[Article | Rejection]:
    """Yield what the files of `sources` hold, leaving out those whose state is still the one in `previous`."""
    known = previous or {}
    return read_files(file for file in scan(sources) if file.problem or known.get(file.path) != file.state)


def read_files(files: Iterable[SourceFile]) -> Iterator[Article | Rejection]:
    """Yield what `files` hold, in their order, no id twice."""
    return unique(record for file in files for record in read_file(file))


def unique(records: Iterable[Article | Rejection]) -> Iterator[Article | Rejection]:
    """Yield the records, but for every further article of an id a Rejection that names the first one's file."""
    first_path: dict[str, str] = {}
    for record in records:
        if isinstance(record, Article) and record.id in first_path:
            yield taken(record, first_path[record.id])
            continue
        if isinstance(record, Article):
            first_path[record.id] = record.path
        yield record


def taken(article: Article, path: str) -> Rejection:
    """Return the rejection of an article whose id an article of the file `path` has."""
    return Rejection(article.path, f"id “{article.id}” is taken by an article of {path}")


def read_file(source: SourceFile) -> Iterator[Article | Rejection]:
    """Yield what one file holds. One that changes while it is read is read once more, then rejected.

    For a large one see `has_changed`.
    """
    reader = reader_for(source.file.name)
    if source.problem or reader is None:
        yield Rejection(source.path, source.problem or "no format reads this file")
        return
    try:
        # O_NONBLOCK: should the file have become a pipe since it was found, opening it does not wait for a writer.
        with os.fdopen(os.open(source.file, os.O_RDONLY | os.O_NONBLOCK), "rb", _BUFFER) as stream:
            yield from _steady(stream, reader, source.path)
    except OSError as error:
        yield Rejection(source.path, _why(error))


def _steady(stream: BinaryIO, reader: Reader, path: str) -> Iterator[Article | Rejection]:
    before = os.fstat(stream.fileno())
    if not stat.S_ISREG(before.st_mode):
        yield Rejection(path, "not a regular file")
        return
    if before.st_size > SNAPSHOT_BYTES:
        yield from reader(stream, path)
        return
    for _attempt in range(2):
        before = os.fstat(stream.fileno())
        data = stream.read()
        if _state(os.fstat(stream.fileno())) == _state(before):
            yield from reader(BytesIO(data), path)
            return
        stream.seek(0)
    yield Rejection(path, "the file changed while it was read")


def has_changed(source: SourceFile) -> bool:
    """Tell whether a file too large to be read at once is another one than was found: what was read of it may be old.

    (Of one that is read at once, every record is of the same moment.)
    """
    try:
        state = _state(source.file.stat())
    except OSError:
        return False
    return max(state[0], source.state[0]) > SNAPSHOT_BYTES and state != source.state


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something met in a source. `key` tells the same file or folder met by another way."""

    relative: str
    file: Path
    is_link: bool
    key: tuple[int, int] = (0, 0)
    state: FileState = _NO_STATE
    problem: str = ""
    is_folder: bool = False


def _found(sources: Sequence[Path]) -> Iterator[SourceFile]:
    taken: set[str] = set()
    met: dict[tuple[int, int], str] = {}
    for source in sources:
        for entry in _entries(source, met):
            path = entry.relative
            if path in taken:
                folder = Path(os.path.realpath(source.parent if entry.file == source else source))
                path = f"{folder.name}/{path}"
            problem = entry.problem or ("another source holds the same path" if path in taken else "")
            taken.add(path)
            yield SourceFile(path, entry.file, _NO_STATE if problem else entry.state, problem)


def _entries(source: Path, met: dict[tuple[int, int], str]) -> list[_Entry]:
    """Return the files of one source and what cannot be read in it, sorted by path. `met` outlives the source."""
    is_link = os.path.islink(source)  # noqa: PTH114 - Path.is_symlink raises where it may not look
    root = _entry(source, source.name or str(source), is_link)
    if not root.is_folder:
        unread = "" if root.problem or reader_for(source.name) else "no format reads this file"
        return [_once(replace(root, problem=root.problem or unread), met)]
    found: list[_Entry] = []
    # Real folders come before links, so that a link to a folder met later is what is left out.
    folders = deque([replace(root, relative="")])
    while folders:
        folder = _once(folders.popleft(), met)
        try:
            children = [] if folder.problem else [_child(folder, child) for child in os.scandir(folder.file)]
        except OSError as error:
            folder = replace(folder, problem=_why(error))
        if folder.problem:
            found.append(replace(folder, relative=folder.relative or str(source)))
            continue
        for entry in children:
            name = entry.file.name
            if name.startswith(".") or (not entry.is_folder and name.upper().startswith("README")):
                continue
            if entry.is_folder:
                (folders.append if entry.is_link else folders.appendleft)(entry)
            else:
                found.append(entry)
    files = [_once(entry, met) for entry in sorted(found, key=lambda e: (e.is_link, e.relative)) if _matters(entry)]
    return sorted(files, key=lambda e: e.relative)


def _matters(entry: _Entry) -> bool:
    """Tell whether an entry's problem loses anything: not if no format reads it anyway (but a link may be a folder)."""
    return not entry.problem or entry.is_folder or entry.is_link or reader_for(entry.file.name) is not None


def _once(entry: _Entry, met: dict[tuple[int, int], str]) -> _Entry:
    """Return the entry, with a problem if the same file or folder was met before."""
    if entry.problem:
        return entry
    if entry.key in met:
        return replace(entry, problem=f"the same as {met[entry.key]}, which is read already")
    met[entry.key] = _printable(str(entry.file))
    return entry


def _child(folder: _Entry, child: os.DirEntry[str]) -> _Entry:
    """Return what lies in a folder. What it is stands in the folder's list: one may read that and not its entries."""
    relative = f"{folder.relative}/{child.name}".lstrip("/")
    return _entry(Path(child), relative, child.is_symlink(), child.is_dir(follow_symlinks=False))


def _entry(file: Path, relative: str, is_link: bool, is_folder: bool = False) -> _Entry:
    """Return what stands at a path; `is_folder` is what it is taken for if it cannot be looked at."""
    shown = _printable(relative)
    try:
        info = file.stat()
    except OSError as error:
        return _Entry(shown, file, is_link, problem=_why(error, is_link), is_folder=is_folder)
    entry = _Entry(shown, file, is_link, (info.st_dev, info.st_ino), _state(info))
    if stat.S_ISDIR(info.st_mode):
        return replace(entry, is_folder=True)
    if not stat.S_ISREG(info.st_mode):
        return replace(entry, problem="not a regular file")
    if shown != relative:
        return replace(entry, problem="the file's name is not UTF-8")
    # Asked here, not only when opening: a change of permissions leaves size and time as they were.
    return entry if os.access(file, os.R_OK) else replace(entry, problem="permission denied")


def _printable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _state(info: os.stat_result) -> FileState:
    return info.st_size, info.st_mtime_ns


def _why(error: OSError, is_link: bool = False) -> str:
    if isinstance(error, FileNotFoundError):
        return "a symbolic link that leads nowhere" if is_link else "no such file or folder"
    return (error.strerror or type(error).__name__).lower()
