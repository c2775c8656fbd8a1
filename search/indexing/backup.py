"""A build in one file, and back: `backup` writes what `restore` takes.

The file is a tar archive without compression (the articles in it are compressed already)::

    backup.json     what it holds, with the checksum of every file after it, and one of itself
    engine/…        the files of the build, as the engine has them
    attached/…      what was attached to the build

Nothing in it is believed. It must hold what its list names and nothing else, regular files of the sizes and checksums
listed; then the build is verified byte by byte as after a reindex. That tells accidents, not forgers: a list can be
made for any files, so an archive of somebody else is to be trusted no more than an index of theirs.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from ..clock import now
from ..engines.contract import Index
from ..engines.registry import engine_name, index_at
from ..errors import BackupRefused, IndexBusy, IndexOutdated, IndexUnavailable
from ..facets import FACETS
from ..identity import rules_of
from ..model import IndexInfo
from ..storage.syncing import sync
from ..suggest import SUGGESTIONS
from .builds import spared, verify_build
from .manifest import MANIFEST

KIND = "yibao backup"
FORMAT = 1
"""Raise it when archives written before can no longer be read."""
LIST = "backup.json"
LARGEST_LIST = 16 << 20
ENGINE, ATTACHED = "engine/", "attached/"
ATTEMPTS = 5
"""How often the live build may be replaced while it is being opened."""
CHUNK = 1 << 20

_NAME = re.compile(rf"(?:{ENGINE}|{ATTACHED})\w[\w.-]*", re.ASCII)
# What `tarfile` raises of bytes that are no archive, beside its own errors.
_MALFORMED = (tarfile.TarError, ValueError, OverflowError, LookupError, EOFError, MemoryError, RecursionError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name there, its size, and its BLAKE2b in hexadecimal digits."""

    name: str
    bytes: int
    blake2b: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds: which build, of which engine, written by which version of the program."""

    build: IndexInfo
    engine: str
    program: str
    files: tuple[Member, ...]

    def text(self) -> str:
        """Return the list as it stands in the archive."""
        return _sealed({"kind": KIND, "format": FORMAT, **asdict(self)})


@dataclass(frozen=True, slots=True)
class Restored:
    """The build that is live now, and the one that it is a copy of."""

    build_id: str
    contents: Contents


def backup(address: Path | str, path: Path) -> Contents:
    """Write the live build of an index to a file, which appears when it is whole and was read back.

    A reindex may replace the build meanwhile. Raises IndexUnavailable if the build is not sound, BackupRefused if there
    is a file of that name that is no backup, IndexBusy if another backup writes this file, OSError.
    """
    index = index_at(address)
    _check_place(index, path)
    with _live_build(index) as (build, files), _beside(path) as (unfinished, out):
        members = tuple(_member(name, file) for name, file in files.items())
        contents = Contents(build, engine_name(address), _program(), members)
        _write(out, contents, files)
        with opened(unfinished) as archive:
            archive.check()
        unfinished.replace(path)
        sync(path.parent)
    return contents


def restore(address: Path | str, path: Path) -> Restored:
    """Make the build in a file the live one of the index at an address; until then, and if not, the old one stays live.

    Raises BackupRefused for what `backup` did not write or is not whole, IndexOutdated if it was built by other rules
    than this program's, IndexBusy while a reindex is writing, IndexUnwritable, OSError if the file cannot be opened.
    """
    index = index_at(address)
    with opened(path) as archive:
        contents = archive.contents
        if contents.engine != engine_name(address):
            raise BackupRefused(path, f"it is of the engine {contents.engine!r}")
        with index.writing(now(), rules_of(), FACETS) as draft:
            try:
                draft.restore(lambda folder: archive.unpack(ENGINE, folder))
                for file in archive.of(ATTACHED):
                    draft.attach(file.name.removeprefix(ATTACHED), partial(archive.copy, file))
                verify_build(index, draft.build_id)
            except IndexOutdated as error:
                raise IndexOutdated(f"{path}: {error.reason}", index.completed(error.command)) from error
            except IndexUnavailable as error:
                raise BackupRefused(path, error.reason) from error
            draft.activate(spared(index))
    return Restored(draft.build_id, contents)


class Archive:
    """A backup, opened for reading.

    Its list was checked, and that it holds what is listed; what is in its files is checked whenever they are read.
    """

    def __init__(self, path: Path, tar: tarfile.TarFile) -> None:
        self._path = path
        self._tar = tar
        with _read(path):
            first, *rest = tar.getmembers() or [tarfile.TarInfo("")]
            if first.name != LIST or not _is_plain(first) or first.size > LARGEST_LIST:
                raise BackupRefused(path, f"it does not begin with {LIST}")
            self.contents = _contents(path, self._bytes(first))
        self._members = {member.name: member for member in rest}
        if [(member.name, member.size) for member in rest] != [(file.name, file.bytes) for file in self.contents.files]:
            raise BackupRefused(path, "it does not hold what it lists")
        if any(not _is_plain(member) or not _NAME.fullmatch(member.name) for member in rest):
            raise BackupRefused(path, "it holds something else than files of a build")
        if len(self._members) != len(rest):
            raise BackupRefused(path, "it holds two files of one name")

    def of(self, part: str) -> Iterator[Member]:
        """Yield the files below `engine/` or `attached/`."""
        return (file for file in self.contents.files if file.name.startswith(part))

    def check(self) -> None:
        """Read all files. Raises BackupRefused."""
        for file in self.contents.files:
            for _ in self._chunks(file):
                pass

    def unpack(self, part: str, folder: Path) -> None:
        """Copy the files below `engine/` or `attached/` into a folder."""
        for file in self.of(part):
            self.copy(file, folder / file.name.removeprefix(part))

    def copy(self, file: Member, target: Path) -> None:
        """Copy a file, and sync it to the disk. Raises BackupRefused, and FileExistsError."""
        with target.open("xb") as out:
            for chunk in self._chunks(file):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())

    def _chunks(self, file: Member) -> Iterator[bytes]:
        digest = hashlib.blake2b()
        with _read(self._path):
            source = self._tar.extractfile(self._members[file.name])
        while source:
            with _read(self._path):
                chunk = source.read(CHUNK)
            if not chunk:
                break
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != file.blake2b:
            raise BackupRefused(self._path, f"{file.name} in it is damaged")

    def _bytes(self, member: tarfile.TarInfo) -> bytes:
        source = self._tar.extractfile(member)
        return source.read() if source else b""


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup. Raises BackupRefused, and OSError if there is no such file."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise BackupRefused(path, "it is no regular file")
    with path.open("rb") as file:
        with _read(path):
            tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - closed below
        with tar:
            yield Archive(path, tar)


@contextmanager
def _read(path: Path) -> Iterator[None]:
    """Read of an archive in here."""
    try:
        yield
    except _MALFORMED as error:
        raise BackupRefused(path, "it is no archive, or is not whole") from error
    except OSError as error:
        raise BackupRefused(path, f"it cannot be read: {error.strerror or error}") from error


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)


def _contents(path: Path, text: bytes) -> Contents:
    content = json.loads(text)
    if not isinstance(content, dict) or content.pop("kind", None) != KIND:
        raise BackupRefused(path, "it is no backup of yibao")
    if content.get("format") != FORMAT:
        raise BackupRefused(path, f"it has the format {content.get('format')}; this program reads {FORMAT}")
    if _sealed({"kind": KIND, **content}).encode() != text:
        raise BackupRefused(path, f"{LIST} in it is damaged")
    del content["format"], content["checksum"]
    try:
        files = tuple(Member(**file) for file in content.pop("files"))
        build = IndexInfo(**content.pop("build"))
        contents = Contents(build=build, files=files, **content)
    except TypeError as error:
        raise BackupRefused(path, f"{LIST} in it is none of this program") from error
    return contents


def _sealed(content: Mapping[str, Any]) -> str:
    """Return JSON of `content`, and in it the BLAKE2b of the JSON without it."""
    content = {name: value for name, value in content.items() if name != "checksum"}
    checksum = hashlib.blake2b(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**content, "checksum": checksum}, ensure_ascii=False, indent=1) + "\n"


@contextmanager
def _live_build(index: Index) -> Iterator[tuple[IndexInfo, Mapping[str, IO[bytes]]]]:
    """Open all files of the live build, by their names in an archive.

    A build goes only after another one has become live. So if it is still live when all are open, none was missing; and
    what is open stays, whatever becomes of the build.
    """
    for _ in range(ATTEMPTS):
        build_id = index.live()
        with ExitStack() as stack:
            try:
                build = verify_build(index, build_id)
                attached = {ATTACHED + name: build.attachment(name) for name in (MANIFEST, SUGGESTIONS)}
                paths = {ENGINE + name: path for name, path in index.files(build_id).items()} | attached
                files = {name: stack.enter_context(path.open("rb")) for name, path in paths.items()}
            except (IndexUnavailable, OSError):
                if index.live() == build_id:
                    raise
                continue
            if index.live() == build_id:
                yield build.info, files
                return
    raise IndexBusy("the index was replaced again and again while it was being opened; run this again")


def _member(name: str, file: IO[bytes]) -> Member:
    size = os.fstat(file.fileno()).st_size
    return Member(name, size, hashlib.file_digest(file, "blake2b").hexdigest())  # type: ignore[arg-type]  # a binary file


def _write(out: IO[bytes], contents: Contents, files: Mapping[str, IO[bytes]]) -> None:
    text = contents.text().encode()
    with tarfile.open(fileobj=out, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_header(LIST, len(text)), io.BytesIO(text))
        for file in contents.files:
            files[file.name].seek(0)
            tar.addfile(_header(file.name, file.bytes), files[file.name])
    out.flush()
    os.fsync(out.fileno())


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    return header


def _check_place(index: Index, path: Path) -> None:
    """Raise BackupRefused for a place where a backup would be lost, or cost something."""
    directory = Path(index.address).resolve()
    if directory in path.resolve().parents:
        raise BackupRefused(path, "a backup does not belong into the index directory", "written")
    if path.exists():
        try:
            with opened(path):
                pass
        except BackupRefused as error:
            raise BackupRefused(path, f"there is such a file, and {error.reason}", "written") from error


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open a file beside `path` to write; it goes if that fails. One that a killed backup left is written over."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("ab") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_at(out, unfinished):
                raise BlockingIOError
        except BlockingIOError:
            raise IndexBusy(f"another backup is writing {path}; wait for it, then run this one again") from None
        try:
            out.truncate(0)
            yield unfinished, out
        except BaseException:
            unfinished.unlink()
            raise


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Tell whether an open file still has its name. Another backup may have renamed it, just before it let go of it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _program() -> str:
    try:
        return version("yibao-search")
    except PackageNotFoundError:  # a bare checkout
        return "0"
