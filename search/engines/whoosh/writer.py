"""Articles → a finished build directory: segments, Whoosh's table of contents, and the identity file last of all.

Memory stays bounded: articles are taken in batches, each batch is inverted and spilled as a sorted run, and the runs of
a segment are merged at its end. Cutting into words takes most of the time, so the batches of a large collection are
made in worker processes, while this one reads and merges.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from ... import clock
from ...errors import IndexDamaged
from ...facets import FACETS, Facets
from ...identity import SCHEMA_VERSION, digest, rules_of
from ...model import Article, IndexInfo
from ...processes import ordered_map
from ...storage.syncing import sync
from ...text import segmenter_name
from .codec import write_toc
from .collapse import write_no_groups
from .layout import INFO_FILE, Identity, SegmentEntry, file_checksum, file_names, read_identity
from .segment_writer import SegmentWriter, Spilled, spill

BATCH_CHARACTERS = 3 << 20
BATCH_DOCUMENTS = 100_000
SEGMENT_CHARACTERS = 1 << 28
SEGMENT_DOCUMENTS = 1 << 21
"""What a segment holds at most, so that finishing one takes no more memory however large the collection is: some 300
bytes a document and 1.5 a character. (A place would have 30 bits for the position.)"""
RUNS = "runs"


def write_index(  # noqa: PLR0913 - the options of a build
    build_dir: Path,
    articles: Iterable[Article],
    *,
    progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
    workers: int | None = None,
    facets: Facets = FACETS,
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
    entries = write_segments(build_dir, articles, progress, workers, facets=facets)
    return finish_build(build_dir, entries, rules_of(facets), facets, now)


def write_segments(  # noqa: PLR0913, PLR0917 - the options of a build
    build_dir: Path,
    articles: Iterable[Article],
    progress: Callable[[int], None] | None = None,
    workers: int | None = 0,
    first_name: int = 0,
    facets: Facets = FACETS,
) -> list[SegmentEntry]:
    """Write segments, named from `first_name` on, into `build_dir`; return their entries."""
    batches = _batches(_unique(articles))
    first = list(islice(batches, 2))
    if workers is None:
        workers = (os.cpu_count() or 1) if len(first) > 1 and _characters(first[0]) >= BATCH_CHARACTERS else 0
    spilled = ordered_map(_SpillNumbered(SpillBatch(build_dir, facets)), enumerate(chain(first, batches)), workers)
    return merge_batches(build_dir, spilled, facets, progress, first_name)


@dataclass(frozen=True, slots=True)
class SpillBatch:
    """Analyses a batch of a build and spills it beside the build's other runs. May be called in any process."""

    build_dir: Path
    facets: Facets

    def __call__(self, number: int, articles: Sequence[Article]) -> Spilled:
        """Spill the `number`-th batch."""
        return spill(articles, self.build_dir / RUNS / f"{number:05d}", self.facets)


@dataclass(frozen=True, slots=True)
class _SpillNumbered:
    spill: SpillBatch

    def __call__(self, task: tuple[int, Sequence[Article]]) -> Spilled:
        return self.spill(*task)


def merge_batches(
    build_dir: Path,
    batches: Iterable[Spilled],
    facets: Facets,
    progress: Callable[[int], None] | None = None,
    first_name: int = 0,
) -> list[SegmentEntry]:
    """Write segments of spilled batches (in order; ids unique) into `build_dir`; return their entries."""
    entries: list[SegmentEntry] = []
    segment: SegmentWriter | None = None
    done = 0
    try:
        for spilled in batches:
            if segment and (
                segment.length + spilled.length > SEGMENT_CHARACTERS
                or segment.documents + spilled.documents > SEGMENT_DOCUMENTS
            ):
                entries.append(segment.finish())
                segment = None
            segment = segment or SegmentWriter(build_dir, f"{first_name + len(entries):04d}", facets)
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


def finish_build(
    build_dir: Path,
    entries: Sequence[SegmentEntry],
    rules: Mapping[str, str],
    facets: Facets,
    now: datetime | None = None,
) -> IndexInfo:
    """Write Whoosh's table of contents and the identity of the build, and sync the directory."""
    info = IndexInfo(
        schema_version=SCHEMA_VERSION,
        fingerprint=digest(rules),
        rules=dict(rules),
        segmenter=segmenter_name(),
        built_at=_moment(now),
        documents=sum(entry.live_count for entry in entries),
        build_id=build_dir.name,
    )
    toc = write_toc(build_dir, entries, facets.keys)
    sync(toc)
    write_no_groups(build_dir)
    _write_identity(build_dir, Identity(info, entries, file_checksum(toc)))
    return info


def adopt(build_dir: Path, rules: Mapping[str, str] | None = None) -> None:
    """Make files of another build, all that are in a directory, the build that has the directory's name as its id.

    With `rules`, of which those that decide what it holds are the same, it is one by these, made now.

    Raises IndexDamaged if they are not the files that their identity names, IndexOutdated.
    """
    identity = read_identity(build_dir)
    if others := sorted({path.name for path in build_dir.iterdir()} ^ {*file_names(identity)}):
        raise IndexDamaged(f"{', '.join(others)}: missing, or not of the build")
    info = replace(identity.info, build_id=build_dir.name)
    if rules is not None:
        info = replace(info, rules=dict(rules), fingerprint=digest(rules), built_at=_moment(None))
    _write_identity(build_dir, replace(identity, info=info))


def _moment(now: datetime | None) -> str:
    return (now or clock.now()).astimezone(clock.SHANGHAI).isoformat(timespec="seconds")


def _write_identity(build_dir: Path, identity: Identity) -> None:
    unfinished = build_dir / f"{INFO_FILE}.new"
    unfinished.write_text(identity.text(), encoding="utf-8")
    sync(unfinished)
    unfinished.rename(build_dir / INFO_FILE)
    sync(build_dir)
    sync(build_dir.parent)


def _unique(articles: Iterable[Article]) -> Iterator[Article]:
    seen: set[str] = set()
    for article in articles:
        if article.id in seen:
            raise ValueError(f"two articles have the id {article.id!r}")
        seen.add(article.id)
        yield article


def _characters(batch: Sequence[Article]) -> int:
    return sum(len(article.title) + len(article.text) for article in batch)


def _batches(articles: Iterable[Article]) -> Iterator[Sequence[Article]]:
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
