"""The files of a build directory, by name.

::

    _MAIN_1.toc          Whoosh's table of contents (schema and segments), for Whoosh's own Searcher
    MAIN_0000.arrays     a segment: every array of it in one container
    MAIN_0000.1.deleted  the documents of that segment deleted since, if any
    groups.bin           the groups of near-duplicates
    index.json           identity and list of segments, written last; the evaluator reads this and no pickle
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import IndexDamaged, IndexMissing, IndexOutdated
from ...model import Direction, IndexInfo
from ...storage.container import Array, Container
from ..schema import SCHEMA_VERSION

INDEX_NAME = "MAIN"
TOC_FILE = f"_{INDEX_NAME}_1.toc"
INFO_FILE = "index.json"
GROUPS_FILE = "groups.bin"
DIRECTIONS: tuple[Direction | None, ...] = (None, "out", "into")
"""What the numbers of the column `direction` stand for."""
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


def read_deletions(build_dir: Path, entry: SegmentEntry) -> Array | None:
    """Return the numbers of a segment's deleted documents, ascending; None if there are none."""
    if not entry.deletions:
        return None
    return Container(build_dir / deletions_file(entry.name, entry.deletions)).arrays["deleted"]


def read_info(build_dir: Path) -> tuple[IndexInfo, list[SegmentEntry]]:
    """Return what the identity file says. Raises IndexMissing, IndexDamaged or IndexOutdated (schema version)."""
    path = build_dir / INFO_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = content["schema_version"]
        if version != SCHEMA_VERSION:
            raise IndexOutdated(f"the index has schema version {version}, this program reads {SCHEMA_VERSION}")
        segments = [SegmentEntry(**entry) for entry in content.pop("segments")]
        return IndexInfo(**content), segments
    except (FileNotFoundError, NotADirectoryError) as error:
        if build_dir.is_dir() and any(build_dir.iterdir()):
            raise IndexDamaged(f"{build_dir} is no finished index: it has no {INFO_FILE}") from error
        raise IndexMissing(f"there is no index in {build_dir}") from error
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamaged(f"{path} is not an index description of this program") from error
