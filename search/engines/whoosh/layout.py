"""The files of a build directory, by name.

::

    _MAIN_1.toc          Whoosh's table of contents (schema and segments), for Whoosh's own Searcher
    MAIN_0000.arrays     a segment: every array of it in one container
    MAIN_0000.1.deleted  the documents of that segment deleted since, if any
    groups.bin           the groups of near-duplicates
    index.json           identity and list of segments, written last; the evaluator reads this and no pickle

The files of arrays have a checksum an array (`container.py`); the identity file has one of itself, and that of Whoosh's
table of contents.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import IndexDamaged, IndexMissing, IndexOutdated
from ...identity import SCHEMA_VERSION
from ...model import IndexInfo

INDEX_NAME = "MAIN"
TOC_FILE = f"_{INDEX_NAME}_1.toc"
INFO_FILE = "index.json"
GROUPS_FILE = "groups.bin"
VALIDITY = "validity_"
"""What the names of the columns of `search.retrieval.validity.Validities` begin with."""
UNDATED = 0
"""The date of an article without one; other dates are `date.toordinal()`, 1 and up."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment as the identity file lists it. `deletions` numbers the file of deleted documents, 0 for none."""

    name: str
    documents: int
    deleted: int = 0
    deletions: int = 0

    @property
    def live_count(self) -> int:
        """How many documents count."""
        return self.documents - self.deleted


def segment_file(name: str) -> str:
    """Return the file name of a segment."""
    return f"{INDEX_NAME}_{name}.arrays"


def deletions_file(name: str, number: int) -> str:
    """Return the file name of a segment's list of deleted documents."""
    return f"{INDEX_NAME}_{name}.{number}.deleted"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the identity file of a build says. `toc` is the checksum of Whoosh's table of contents."""

    info: IndexInfo
    segments: Sequence[SegmentEntry]
    toc: int

    def text(self) -> str:
        """Return the content of the file."""
        return _sealed(asdict(self.info) | {"segments": [asdict(entry) for entry in self.segments], "toc": self.toc})


def file_names(identity: Identity) -> list[str]:
    """Return the names of all files of a build but its attachments."""
    lists = [deletions_file(entry.name, entry.deletions) for entry in identity.segments if entry.deletions]
    segments = [segment_file(entry.name) for entry in identity.segments]
    return sorted([TOC_FILE, INFO_FILE, GROUPS_FILE, *segments, *lists])


def _sealed(content: dict[str, Any]) -> str:
    """Return JSON of `content`, and behind it the CRC-32 of the JSON without it."""
    checksum = zlib.crc32(json.dumps(content, ensure_ascii=False).encode())
    return json.dumps(content | {"checksum": checksum}, ensure_ascii=False, indent=1) + "\n"


def file_checksum(path: Path) -> int:
    """Return the CRC-32 of a small file. Raises IndexDamaged if it cannot be read."""
    try:
        return zlib.crc32(path.read_bytes())
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read: {error.strerror}") from error


def read_identity(build_dir: Path) -> Identity:
    """Return what the identity file says. Raises IndexMissing, IndexDamaged or IndexOutdated (schema version)."""
    path = build_dir / INFO_FILE
    try:
        text = path.read_bytes().decode()
        content: dict[str, Any] = json.loads(text)
        version = content["schema_version"]
        if version != SCHEMA_VERSION:
            raise IndexOutdated(f"the index has schema version {version}, this program reads {SCHEMA_VERSION}")
        del content["checksum"]
        if _sealed(content) != text:
            raise IndexDamaged(f"{path} is damaged")
        segments = [SegmentEntry(**entry) for entry in content.pop("segments")]
        return Identity(toc=content.pop("toc"), segments=segments, info=IndexInfo(**content))
    except (FileNotFoundError, NotADirectoryError) as error:
        if build_dir.is_dir() and any(build_dir.iterdir()):
            raise IndexDamaged(f"{build_dir} is no finished index: it has no {INFO_FILE}") from error
        raise IndexMissing(f"there is no index in {build_dir}") from error
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamaged(f"{path} is not an index description of this program") from error
