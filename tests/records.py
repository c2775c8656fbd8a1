"""Small collections that tests write as records, and what is indexed of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from search import Build, open_current, reindex


def build_of(folder: Path, records: Iterable[Mapping[str, object]]) -> Build:
    """Write records to a file of a folder, one JSON object a line; return the build of an index of them."""
    source = folder / "articles.jsonl"
    source.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    reindex([source], folder / "index")
    return open_current(folder / "index")
