"""Sources → articles: which files are read, in which order, under which paths, and that no id comes twice.

A file's path is what stands in ids and in `Article.path`: relative to its source folder (a file given by itself: its
name). It is the same on every machine, and unique: where two folders hold the same path, the later one is put behind
its folder's name. Hidden files, README files, judgements.tsv and what programs leave (`formats.left_over`) are no
articles; files of other formats are skipped and can be listed (`scan_all`). Whatever cannot be read becomes a
Rejection; nothing here waits for a pipe or follows a loop.

Links are followed inside a source folder only, so that who may put one there publishes nothing from elsewhere. What
was found inside is opened from that folder down, following no link at all (openat, O_NOFOLLOW): one that has been put
in the way since is not followed either.

What a parser that is not ours reads (`formats.PARSED_FROM`) is read in a process that may take so much time and memory.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ..facets import FACETS, Facets
from ..formats import LONG, PARSED_FROM, Reader, read_all, read_archive, reader_for, reader_of, skipped_by_type
from ..formats.archive import Room, members
from ..formats.decoding import decoded_name
from ..formats.left_over import belongs_to_page, is_left_over
from ..formats.parts import parts
from ..model import Article, Rejection
from ..processes import CallFailed, Confined
from ..settings import NAME as SETTINGS

FileState = tuple[int, int]
"""Size in bytes and modification time in nanoseconds: what tells whether a file changed."""

_BUFFER = 1 << 18
"""Bytes that are read of a file at once."""
SNAPSHOT_BYTES = 64 * 1024 * 1024
"""Up to this size a file is read at once, so that a change meanwhile is noticed before a record of it is used."""

READING_SECONDS = 20
"""How long a parser may work on one file, in seconds of CPU; the longest article of the shared corpora takes 0.1 s."""
LONG_READING_SECONDS = 120
"""The same for office documents: 2,000 dense pages of PDF take 40 s."""
READING_BYTES = 640 * 1024 * 1024
"""How much memory the process of the parsers may take; files of 50 MB take up to 450 MB (docs/formats.md)."""

_parser = Confined(READING_SECONDS, READING_BYTES)
_long_parser = Confined(LONG_READING_SECONDS, READING_BYTES)

_NO_ARTICLES = ("README", "JUDGEMENTS.TSV")  # the second: what `yibao evaluate` reads beside the articles
_NO_STATE: FileState = (0, 0)


LEAVES = "a link that leaves the source folder; it is followed with --follow-links"
BECAME_LINK = "a link has come to stand there since it was found"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path as used in ids, where it is, its state when found; or the `problem` that it has.

    `folder` is the real path of the source folder (None if links may lead anywhere) and `inside` the way from there to
    the file, without any link.
    """

    path: str
    file: Path
    state: FileState = _NO_STATE
    problem: str = ""
    folder: str | None = None
    inside: str = ""


def scan(sources: Sequence[Path], follow_links: bool = False) -> list[SourceFile]:
    """Return the files of `sources` (files or folders), source by source, sorted by path in each; paths are unique.

    What cannot be read is in the list with its `problem`; reading it yields the Rejection.
    """
    return scan_all(sources, follow_links)[0]


def scan_all(sources: Sequence[Path], follow_links: bool = False) -> tuple[list[SourceFile], list[str]]:
    """Return what `scan` returns, and the paths of the files that no format reads, looking through the folders once.

    Hidden and README files are in neither, nor is a folder's `yibao.toml`. With `follow_links` links out of the source
    folders are followed too.
    """
    files: list[SourceFile] = []
    skipped: list[str] = []
    for found in _found(sources, follow_links):
        if found.problem or reader_for(found.file.name):
            files.append(found)
        elif found.inside != SETTINGS:
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
    with parsing():
        yield from unique(record for file in files for record in read_file(file))


@contextmanager
def parsing() -> Iterator[None]:
    """End the process of the parsers, should there be one, when all is read."""
    try:
        yield
    finally:
        _parser.close()
        _long_parser.close()


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


def read_file(source: SourceFile, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield what one file holds. One that changes while it is read is read once more, then rejected.

    `facets` are those whose values a record may state. For a large file see `has_changed`.
    """
    reader = reader_for(source.file.name)
    if source.problem or reader is None:
        yield Rejection(source.path, source.problem or "no format reads this file")
        return
    try:
        with open_source(source) as stream:
            for record in _steady(stream, reader, source.path, facets):
                yield from parts(record) if isinstance(record, Article) else (record,)
    except OSError as error:
        yield Rejection(source.path, _why(error))


def open_source(source: SourceFile) -> BinaryIO:
    """Open a file that was found. Raises OSError."""
    return os.fdopen(_opened(source), "rb", _BUFFER)


def _opened(source: SourceFile) -> int:
    """Return a descriptor of the file. Raises OSError, also if a link has come to stand on its way since it was found.

    O_NONBLOCK: should the file have become a pipe meanwhile, opening it does not wait for a writer.
    """
    if source.folder is None:
        return os.open(source.file, os.O_RDONLY | os.O_NONBLOCK)
    *folders, name = Path(source.inside).parts
    held = os.open(source.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = below
        return os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=held)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise OSError(errno.ELOOP, BECAME_LINK) from error
        raise
    finally:
        os.close(held)


def _steady(stream: BinaryIO, reader: Reader, path: str, facets: Facets) -> Iterator[Article | Rejection]:
    before = os.fstat(stream.fileno())
    if not stat.S_ISREG(before.st_mode):
        yield Rejection(path, "not a regular file")
        return
    if before.st_size > SNAPSHOT_BYTES:
        if reader is read_archive:
            yield from _unpacked(stream, path, facets, Room())
        else:
            yield from reader(stream, path, facets)
        return
    for _attempt in range(2):
        before = os.fstat(stream.fileno())
        data = stream.read()
        if state_of(os.fstat(stream.fileno())) == state_of(before):
            yield from _parsed(data, reader, path, facets)
            return
        stream.seek(0)
    yield Rejection(path, "the file changed while it was read")


def _parsed(
    data: bytes, reader: Reader, path: str, facets: Facets, room: Room | None = None
) -> Iterable[Article | Rejection]:
    """Return what the bytes of a file hold, which may be an archive and then has `room`."""
    reader = reader_of(reader, data)
    if reader is read_archive:
        return _unpacked(BytesIO(data), path, facets, room or Room())
    if reader not in PARSED_FROM:
        return reader(BytesIO(data), path, facets)
    parser = _long_parser if reader in LONG else _parser
    try:
        if len(data) < PARSED_FROM[reader]:
            return read_all(reader, data, path, facets)
        return parser.call(read_all, reader, data, path, facets)
    except CallFailed as error:
        return (Rejection(path, f"cannot be read: {error}"),)
    except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
        return (Rejection(path, f"cannot be read: {type(error).__name__}"),)


def _unpacked(stream: BinaryIO, path: str, facets: Facets, room: Room) -> Iterator[Article | Rejection]:
    """Yield what the files of an archive hold. Their path is the archive's, with which they come and go."""
    skipped: list[str] = []
    for member in members(stream, path, room):
        if isinstance(member, Rejection):
            yield member
            continue
        reader = reader_for(member.name)
        if reader is None:
            skipped.append(member.name)
            continue
        inner = replace(room, share=member.share, is_inside=True)  # should it be an archive
        for record in _parsed(member.data, reader, f"{path}/{member.name}", facets, inner):
            if isinstance(record, Article):
                yield replace(record, path=path)
            else:
                line = f":{record.line}" if record.line else ""
                yield Rejection(path, f"{member.name}{line}: {record.reason}")
        room.files, room.unpacked = inner.files, inner.unpacked
    if skipped:
        yield Rejection(path, f"not read in the archive: {'; '.join(skipped_by_type(skipped))}")


def has_changed(source: SourceFile) -> bool:
    """Tell whether a file too large to be read at once is another one than was found: what was read of it may be old.

    (Of one that is read at once, every record is of the same moment.)
    """
    try:
        state = state_of(source.file.stat())
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
    inside: str = ""


def _found(sources: Sequence[Path], follow_links: bool) -> Iterator[SourceFile]:
    taken: set[str] = set()
    met: dict[tuple[int, int], str] = {}
    for source in sources:
        # A folder may be named by a link. A file may not: `articles/*.md` names what others put there.
        is_folder = os.path.isdir(source)  # noqa: PTH112 - Path.is_dir raises where it may not look
        root = None if follow_links else os.path.realpath(source if is_folder else source.parent)
        for entry in _entries(source, root, met):
            path = entry.relative
            if path in taken:
                folder = Path(os.path.realpath(source.parent if entry.file == source else source))
                path = f"{_shown(folder.name)}/{path}"
            problem = entry.problem or ("another source holds the same path" if path in taken else "")
            taken.add(path)
            yield SourceFile(path, entry.file, _NO_STATE if problem else entry.state, problem, root, entry.inside)


def _entries(source: Path, root: str | None, met: dict[tuple[int, int], str]) -> list[_Entry]:
    """Return the files of one source and what cannot be read in it, sorted by path. `met` outlives the source.

    `root` is the real path of the folder that links must not leave, None if they may.
    """
    is_link = os.path.islink(source)  # noqa: PTH114 - Path.is_symlink raises where it may not look
    top = _entry(source, _shown(source.name or str(source)), is_link)
    if not top.is_folder:
        top = _within(top, root, source.name)
        unread = "" if top.problem or reader_for(source.name) else "no format reads this file"
        return [_once(replace(top, problem=top.problem or unread), met)]
    found: list[_Entry] = []
    # Real folders come before links, so that a link to a folder met later is what is left out.
    folders = deque([replace(top, relative="", inside="")])
    while folders:
        folder = _once(folders.popleft(), met)
        try:
            children = [] if folder.problem else [_child(folder, child, root) for child in os.scandir(folder.file)]
        except OSError as error:
            folder = replace(folder, problem=_why(error))
        if folder.problem:
            found.append(replace(folder, relative=folder.relative or _shown(str(source))))
            continue
        names = {entry.file.name for entry in children}
        for entry in children:
            name = entry.file.name
            if name.startswith(".") or (belongs_to_page(name, names) if entry.is_folder else _is_no_source(name)):
                continue
            if entry.is_folder:
                (folders.append if entry.is_link else folders.appendleft)(entry)
            else:
                found.append(entry)
    files = [_once(entry, met) for entry in sorted(found, key=lambda e: (e.is_link, e.relative)) if _matters(entry)]
    return sorted(files, key=lambda e: e.relative)


def _is_no_source(name: str) -> bool:
    return name.upper().startswith(_NO_ARTICLES) or is_left_over(name)


def _within(entry: _Entry, root: str | None, inside: str) -> _Entry:
    """Return the entry with the way from `root` to it, which is `inside` unless it is a link; one may not leave."""
    if root is None or not entry.is_link:
        return replace(entry, inside=inside)
    inside = os.path.relpath(os.path.realpath(entry.file), root)
    leaves = os.pardir in Path(inside).parts
    return replace(entry, problem=LEAVES) if leaves else replace(entry, inside=inside)


def _matters(entry: _Entry) -> bool:
    """Tell whether an entry's problem loses anything: not if no format reads it anyway (but a link may be a folder)."""
    return not entry.problem or entry.is_folder or entry.is_link or reader_for(entry.file.name) is not None


def _once(entry: _Entry, met: dict[tuple[int, int], str]) -> _Entry:
    """Return the entry, with a problem if the same file or folder was met before."""
    if entry.problem:
        return entry
    if entry.key in met:
        return replace(entry, problem=f"the same as {met[entry.key]}, which is read already")
    met[entry.key] = _shown(str(entry.file))
    return entry


def _child(folder: _Entry, child: os.DirEntry[str], root: str | None) -> _Entry:
    """Return what lies in a folder. What it is stands in the folder's list: one may read that and not its entries."""
    relative = f"{folder.relative}/{_shown(child.name)}".lstrip("/")
    entry = _entry(Path(child), relative, child.is_symlink(), child.is_dir(follow_symlinks=False))
    return _within(entry, root, os.path.join(folder.inside, child.name))  # noqa: PTH118 - text, thousands of times


def _entry(file: Path, relative: str, is_link: bool, is_folder: bool = False) -> _Entry:
    """Return what stands at a path; `is_folder` is what it is taken for if it cannot be looked at."""
    try:
        info = file.stat()
    except OSError as error:
        return _Entry(relative, file, is_link, problem=_why(error, is_link), is_folder=is_folder)
    entry = _Entry(relative, file, is_link, (info.st_dev, info.st_ino), state_of(info))
    if stat.S_ISDIR(info.st_mode):
        return replace(entry, is_folder=True)
    if not stat.S_ISREG(info.st_mode):
        return replace(entry, problem="not a regular file")
    if "\ufffd" in relative:
        return replace(entry, problem="the file's name is neither UTF-8 nor GB18030")
    # Asked here, not only when opening: a change of permissions leaves size and time as they were.
    return entry if os.access(file, os.R_OK) else replace(entry, problem="permission denied")


def _shown(name: str) -> str:
    """Return a name of the file system as the text it was meant as, whatever the locale takes its bytes for."""
    return decoded_name(os.fsencode(name)) or os.fsencode(name).decode("utf-8", "replace")


def state_of(info: os.stat_result) -> FileState:
    """Return what tells whether a file changed."""
    return info.st_size, info.st_mtime_ns


def _why(error: OSError, is_link: bool = False) -> str:
    if isinstance(error, FileNotFoundError):
        return "a symbolic link that leads nowhere" if is_link else "no such file or folder"
    return (error.strerror or type(error).__name__).lower()
