"""A sample: some records of large files, so that a test collection need not be stored a second time."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SourceError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """The records with these `ids`, without the fields `omit`."""

    ids: frozenset[str]
    omit: frozenset[str] = frozenset()

    def write(self, sources: Sequence[Path], target: Path) -> None:
        """Write the sample of `sources` (.jsonl or .jsonl.xz) to a .jsonl file, in their order.

        Raises SourceError if a source cannot be read, or if an id is in none.
        """
        missing = set(self.ids)
        with target.open("w", encoding="utf-8") as file:
            for record in (record for source in sources for record in _records(source) if record.get("id") in self.ids):
                missing.discard(record["id"])
                kept = {name: value for name, value in record.items() if name not in self.omit}
                file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        if missing:
            raise SourceError(
                ", ".join(map(str, sources)), f"no record {min(missing)!r} ({len(missing):,} are missing)"
            )


def _records(path: Path) -> Iterator[Json]:
    try:
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise SourceError(str(path), str(error)) from error
