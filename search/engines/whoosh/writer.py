"""Articles → a finished build directory: segments, Whoosh's table of contents, and the identity file last of all.

Memory stays bounded: articles are taken in batches, each batch is inverted and spilled as a sorted run, and the runs of
a segment are merged at its end. Cutting into words takes most of the time, so a large collection is cut in worker
processes, while this one reads, compresses and merges.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict
from datetime import datetime
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from ...model import Article, IndexInfo
from ...schema import SCHEMA_VERSION
from ...text import fingerprint, segmenter_name
from .codec import write_toc
from .layout import INFO_FILE, SegmentEntry
from .segment_writer import SegmentWriter, Spilled, spill

BATCH_CHARACTERS = 3 << 20
BATCH_DOCUMENTS = 100_000
SEGMENT_CHARACTERS = 1 << 29
"""A place has 30 bits for the position; half of that leaves room for the batch that crosses the line."""
RUNS = "runs"

Batch = list[Article]


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


def write_segments(
    build_dir: Path,
    articles: Iterable[Article],
    progress: Callable[[int], None] | None = None,
    workers: int | None = 0,
    first_name: int = 0,
) -> list[SegmentEntry]:
    """Write segments, named from `first_name` on, into `build_dir`; return their entries."""
    runs_dir = build_dir / RUNS
    runs_dir.mkdir()
    entries: list[SegmentEntry] = []
    segment: SegmentWriter | None = None
    done = 0
    try:
        for batch, spilled in _spilled(_batches(_unique(articles)), runs_dir, workers):
            if segment and segment.characters + spilled.characters > SEGMENT_CHARACTERS:
                entries.append(segment.finish())
                segment = None
            segment = segment or SegmentWriter(build_dir, f"{first_name + len(entries):04d}")
            segment.add(batch, spilled)
            done += len(batch)
            if progress:
                progress(done)
        if segment:
            entries.append(segment.finish())
    finally:
        if segment:
            segment.close()
    runs_dir.rmdir()
    return entries


def _spilled(batches: Iterator[Batch], runs_dir: Path, workers: int | None) -> Iterator[tuple[Batch, Spilled]]:
    """Yield each batch with its spilled postings, in order."""
    first = list(islice(batches, 2))
    if workers is None:
        workers = (os.cpu_count() or 1) if len(first) > 1 and _characters(first[0]) >= BATCH_CHARACTERS else 0
    numbered = enumerate(chain(first, batches))
    if not workers:
        for number, batch in numbered:
            yield batch, spill(batch, runs_dir / f"{number:05d}")
        return
    # Spawned, not forked: a fork would copy the locks of whatever threads this process runs.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[tuple[Batch, Future[Spilled]]] = deque()
        for number, batch in numbered:
            waiting.append((batch, pool.submit(spill, batch, runs_dir / f"{number:05d}")))
            if len(waiting) > workers:
                ready, future = waiting.popleft()
                yield ready, future.result()
        for ready, future in waiting:
            yield ready, future.result()


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
    batch: Batch = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.title) + len(article.text)
        if characters >= BATCH_CHARACTERS or len(batch) == BATCH_DOCUMENTS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
