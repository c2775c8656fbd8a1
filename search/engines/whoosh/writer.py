"""Articles → a finished build directory: segments, Whoosh's table of contents, and the identity file last of all.

Memory stays bounded: articles are taken in batches, each batch is inverted and spilled as a sorted run, and the runs of
a segment are merged at its end. Cutting into words takes most of the time, so the batches of a large collection are
made in worker processes, while this one reads and merges.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from ...identity import fingerprint
from ...model import Article, IndexInfo
from ...processes import ordered_map
from ...text import segmenter_name
from ..schema import SCHEMA_VERSION
from .codec import write_toc
from .collapse import write_no_groups
from .layout import INFO_FILE, SegmentEntry
from .segment_writer import SegmentWriter, Spilled, spill

BATCH_CHARACTERS = 3 << 20
BATCH_DOCUMENTS = 100_000
SEGMENT_CHARACTERS = 1 << 29
"""A place has 30 bits for the position; half of that leaves room for the batch that crosses the line."""
RUNS = "runs"

Batch = Sequence[Article]


def write_index(
    build_dir: Path,
    articles: Iterable[Article],
    *,
    progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
    workers: int | None = None,
) -> IndexInfo:
    """Write an index of `articles` (any iterable, read once) into `build_dir`, which must be new or empty.

    Everything is on the disk when this returns; the identity file is written last, so a build that was cut short cannot
    be opened. `progress` is called with the number of articles indexed so far. `workers` is the number of processes
    that cut text (None: one a core, if there is enough to do; 0: none but this one). Raises ValueError for a second
    article with the same id.
    """
    build_dir.mkdir(parents=True, exist_ok=True)
    if any(build_dir.iterdir()):
        raise ValueError(f"{build_dir} is not empty")
    return finish_build(build_dir, write_segments(build_dir, articles, progress, workers), now)


def write_batches(
    build_dir: Path, batches: Iterable[Spilled], *, progress: Callable[[int], None] | None = None
) -> IndexInfo:
    """Write an index of batches that `spill_batch` made for this `build_dir`, as `write_index` does of articles."""
    build_dir.mkdir(parents=True, exist_ok=True)
    return finish_build(build_dir, merge_batches(build_dir, batches, progress))


def write_segments(
    build_dir: Path,
    articles: Iterable[Article],
    progress: Callable[[int], None] | None = None,
    workers: int | None = 0,
    first_name: int = 0,
) -> list[SegmentEntry]:
    """Write segments, named from `first_name` on, into `build_dir`; return their entries."""
    batches = _batches(_unique(articles))
    first = list(islice(batches, 2))
    if workers is None:
        workers = (os.cpu_count() or 1) if len(first) > 1 and _characters(first[0]) >= BATCH_CHARACTERS else 0
    numbered = ((build_dir, number, batch) for number, batch in enumerate(chain(first, batches)))
    return merge_batches(build_dir, ordered_map(_spill_numbered, numbered, workers), progress, first_name)


def spill_batch(build_dir: Path, number: int, articles: Batch) -> Spilled:
    """Analyse the `number`-th batch of a build and spill it beside the build's other runs. May run in any process."""
    return spill(articles, build_dir / RUNS / f"{number:05d}")


def _spill_numbered(task: tuple[Path, int, Batch]) -> Spilled:
    return spill_batch(*task)


def merge_batches(
    build_dir: Path,
    batches: Iterable[Spilled],
    progress: Callable[[int], None] | None = None,
    first_name: int = 0,
) -> list[SegmentEntry]:
    """Write segments of spilled batches (in order; ids unique) into `build_dir`; return their entries."""
    entries: list[SegmentEntry] = []
    segment: SegmentWriter | None = None
    done = 0
    try:
        for spilled in batches:
            if segment and segment.length + spilled.length > SEGMENT_CHARACTERS:
                entries.append(segment.finish())
                segment = None
            segment = segment or SegmentWriter(build_dir, f"{first_name + len(entries):04d}")
            segment.add(spilled)
            done += spilled.documents
            if progress:
                progress(done)
        if segment:
            entries.append(segment.finish())
    finally:
        if segment:
            segment.close()
    with suppress(FileNotFoundError):
        (build_dir / RUNS).rmdir()
    return entries


def finish_build(build_dir: Path, entries: Sequence[SegmentEntry], now: datetime | None = None) -> IndexInfo:
    """Write Whoosh's table of contents and the identity of the build, and sync the directory."""
    zone = ZoneInfo("Asia/Shanghai")
    info = IndexInfo(
        schema_version=SCHEMA_VERSION,
        fingerprint=fingerprint(),
        segmenter=segmenter_name(),
        built_at=(now or datetime.now(zone)).astimezone(zone).isoformat(timespec="seconds"),
        documents=sum(entry.live_count for entry in entries),
        build_id=build_dir.name,
    )
    _sync(write_toc(build_dir, entries))
    write_no_groups(build_dir)
    content = asdict(info) | {"segments": [asdict(entry) for entry in entries]}
    unfinished = build_dir / f"{INFO_FILE}.new"
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _sync(unfinished)
    unfinished.rename(build_dir / INFO_FILE)
    _sync(build_dir)
    _sync(build_dir.parent)
    return info


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unique(articles: Iterable[Article]) -> Iterator[Article]:
    seen: set[str] = set()
    for article in articles:
        if article.id in seen:
            raise ValueError(f"two articles have the id {article.id!r}")
        seen.add(article.id)
        yield article


def _characters(batch: Batch) -> int:
    return sum(len(article.title) + len(article.text) for article in batch)


def _batches(articles: Iterable[Article]) -> Iterator[Batch]:
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.title) + len(article.text)
        if characters >= BATCH_CHARACTERS or len(batch) == BATCH_DOCUMENTS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
