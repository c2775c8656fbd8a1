"""Records for an index in a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_source(folder: Path, records: Iterable[Mapping[str, object]]) -> Path:
    """Write records into a file of a folder, which may be there; return the folder."""
    folder.mkdir(exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / "records.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder
