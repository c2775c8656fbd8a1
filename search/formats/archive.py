"""`.zip` as a folder: the files in it, and in archives in it, each unpacked by itself, as far as honest ones go."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from ..model import Rejection
from .decoding import MAX_BYTES, decoded_name
from .left_over import is_left_over
from .packed import FREE_BYTES, MAX_RATIO

MAX_FILES = 10_000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
"""Bytes that all files of an archive may unpack to, those of archives in it too; read one by one, so that
memory is that of the largest."""
SUFFIX = ".zip"

_UTF8_NAME = 0x800
_LOCKED = 0x1


class Member(NamedTuple):
    """A file in an archive: the way to it, its bytes, and the share of them that it takes packed."""

    name: str
    data: bytes
    share: float


@dataclass(slots=True)
class Room:
    """How much an archive may still hold, together with those in it; `share` of its bytes is what it takes packed."""

    files: int = MAX_FILES
    unpacked: int = MAX_UNPACKED
    share: float = 1.0
    is_inside: bool = False


def members(stream: BinaryIO, path: str, room: Room) -> Iterator[Member | Rejection]:
    """Yield the files of an archive, sorted by name, without hidden ones and README files; or what keeps one out."""
    try:
        with zipfile.ZipFile(stream) as archive:
            found = sorted(((name_of(one), one) for one in archive.infolist() if not one.is_dir()), key=lambda f: f[0])
            if len(found) > room.files:
                yield Rejection(path, f"more than {MAX_FILES:,} files in the archive")
                return
            room.files -= len(found)
            for name, info in found:
                if _is_furniture(name):
                    continue
                problem = _problem(name, info, room)
                if not problem and info.file_size > room.unpacked:
                    problem = f"the archive unpacks to more than {MAX_UNPACKED // 1024**3} GB; the rest is left out"
                if problem:
                    yield Rejection(path, f"{name}: {problem}")
                    continue
                try:
                    data = _unpacked(archive, info)
                except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
                    yield Rejection(path, f"{name}: damaged ({type(error).__name__})")
                    continue
                room.unpacked -= len(data)
                yield Member(name, data, info.compress_size / max(info.file_size, 1))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        yield Rejection(path, f"the archive is damaged ({type(error).__name__})")


def name_of(info: zipfile.ZipInfo) -> str:
    """Return what a file is called: names not marked as UTF-8 are bytes, on Chinese Windows in GB18030."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        name = decoded_name(name.encode("cp437", "replace")) or name
    return name.replace("\\", "/")


def _is_furniture(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts) or (
        bool(parts) and (parts[-1].upper().startswith("README") or is_left_over(parts[-1]))
    )


def _problem(name: str, info: zipfile.ZipInfo, room: Room) -> str:
    if ".." in PurePosixPath(name).parts or name.startswith("/"):
        return "its name leads out of the archive"
    if room.is_inside and name.lower().endswith(SUFFIX):
        return "an archive in an archive in an archive is not read; unpack it"
    if info.flag_bits & _LOCKED:
        return "locked by a password"
    if info.file_size > MAX_BYTES:
        return f"larger than {MAX_BYTES // 1024 // 1024} MB"
    if info.file_size > max(FREE_BYTES, MAX_RATIO * info.compress_size * room.share):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return ""


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as stream:
        return stream.read(MAX_BYTES)
