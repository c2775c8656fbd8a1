"""Reindex: read the sources, classify, build beside the live index, verify, switch; and report all of it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, count, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from ..engines.contract import Part, change_build, group_build, open_engine, verify_build, write_parts
from ..errors import IndexUnavailable, SourceError
from ..model import Article, Rejection
from ..processes import ordered_map
from ..suggest import verify_suggestions, write_suggestions
from .article_rows import Rows
from .batches import Batch, Prepared, prepare
from .generations import BUILDS, current_build, mended_by_reindex, new_build_id, switch_to, writer_lock
from .increment import increment, kept_files
from .ingest import SourceFile, scan_all
from .lint import LintReport
from .manifest import Changes, Manifest
from .reading import Progress, Reading, no_progress

BATCH_CHARACTERS = 1 << 19
BATCH_ARTICLES = 50_000
"""What is prepared at a time: enough that handing over and merging cost little, and a few fit into memory."""
ALONE = 2
"""Up to so many batches are done by this process: starting others takes as long."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Report:
    """What a reindex did. `build_id` is None when the live index was left as it was.

    `coverage` maps a facet key to the number of articles that have a value of their own; `skipped` are the files that
    no format reads.
    """

    sources: tuple[Path, ...]
    build_id: str | None
    files: int
    kinds: Counter[str]
    changes: Changes
    rejections: tuple[Rejection, ...]
    coverage: Counter[str]
    lint: LintReport
    skipped: tuple[str, ...]
    seconds: float

    @property
    def articles(self) -> int:
        """How many records were read or kept."""
        return self.kinds.total()


def shipped_seeds() -> Path:
    """Return the folder of articles that comes with the program, installed or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "seeds"
    return installed if installed.is_dir() else package.parent / "seeds"


def reindex(  # noqa: PLR0913 - the options of one command
    sources: Sequence[Path],
    index_dir: Path,
    *,
    changed: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress = no_progress,
    workers: int | None = None,
) -> Report:
    """Read `sources` (files or folders) into a new index under `index_dir` and make it the live one.

    With `changed` only files that changed are read again, and if nothing at all changed the live index stays. With
    `dry_run` nothing is written. With `strict` any rejection keeps the old index live. `workers` is the number of
    processes that analyse articles (None: one a core, if there is enough to do; 0: none but this one). Raises
    SourceError if there is not one article, IndexBusy if another process is writing, IndexUnwritable if the disk is
    full or may not be written.
    """
    started = time.monotonic()
    with nullcontext() if dry_run else writer_lock(index_dir):
        files, skipped = scan_all(sources)
        old = _previous(index_dir)
        build_dir = None if dry_run else index_dir / BUILDS / new_build_id(datetime.now(_SHANGHAI))
        kept = kept_files(files, old) if changed and old and _is_sound(index_dir) else None
        if old and kept is not None:
            change = increment(files, old, kept, progress)
            manifest = change.manifest
            build_dir = build_dir if change.changes(old) else None
            if build_dir and len(manifest.rows):
                indexed = partial(progress, "indexed")
                change_build(current_build(index_dir), build_dir, change.articles, change.removed, indexed)
        else:
            manifest = _whole(files, build_dir, progress, workers)
        lint = manifest.lint()
        is_new = build_dir is not None and _finish(index_dir, build_dir, manifest, lint, strict)
    return Report(
        sources=tuple(sources),
        build_id=build_dir.name if build_dir and is_new else None,
        files=len(files),
        kinds=manifest.kinds,
        changes=manifest.changes_since(old),
        rejections=manifest.all_rejections,
        coverage=manifest.coverage,
        lint=lint,
        skipped=tuple(skipped),
        seconds=time.monotonic() - started,
    )


def _previous(index_dir: Path) -> Manifest | None:
    """Return the manifest of the live build; None if there is no usable one."""
    try:
        return Manifest.load(current_build(index_dir))
    except IndexUnavailable:
        return None


def verify_current(index_dir: Path) -> None:
    """Check every file of the live build. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    with mended_by_reindex(index_dir):
        _verify(current_build(index_dir))


def _verify(build_dir: Path) -> None:
    verify_build(build_dir)
    verify_suggestions(build_dir)
    Manifest.load(build_dir)


def _is_sound(index_dir: Path) -> bool:
    """Tell whether the live build is whole and was built by the same rules, so that another can rest on it."""
    try:
        verify_current(index_dir)
    except IndexUnavailable:
        return False
    return True


def _whole(files: Sequence[SourceFile], build_dir: Path | None, progress: Progress, workers: int | None) -> Manifest:
    """Read all files and write an index of them, unless there is no `build_dir`; return what goes with it."""
    reading = Reading(files, progress)
    batches = _batches(reading.articles(), build_dir)
    first = list(islice(batches, ALONE + 1))
    if workers is None:
        workers = (os.cpu_count() or 1) if len(first) > ALONE else 0
    pieces: list[Rows] = []

    def parts(done: Iterable[Prepared]) -> Iterator[Part]:
        for prepared in done:
            pieces.append(prepared.rows)
            reading.note(prepared.findings)
            yield prepared.part

    # Closed whatever happens: no worker may write any more when what was begun is removed.
    with closing(ordered_map(prepare, chain(first, batches), workers)) as done:
        if build_dir and first:
            write_parts(build_dir, parts(done), partial(progress, "indexed"))
        else:
            for _ in parts(done):
                pass
    return reading.manifest(pieces)


def _batches(articles: Iterable[Article], build_dir: Path | None) -> Iterator[Batch]:
    numbers = count()
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.title) + len(article.text)
        if characters >= BATCH_CHARACTERS or len(batch) >= BATCH_ARTICLES:
            yield Batch(next(numbers), batch, build_dir)
            batch, characters = [], 0
    if batch:
        yield Batch(next(numbers), batch, build_dir)


def _finish(index_dir: Path, build_dir: Path, manifest: Manifest, lint: LintReport, strict: bool) -> bool:
    """Put beside the index what belongs to it, verify all, and switch; return False if `strict` kept the old one."""
    if not len(manifest.rows):
        raise SourceError("nothing to index", _why_nothing(manifest.all_rejections))
    group_build(build_dir, lint.near_duplicates)
    engine = open_engine(build_dir)
    write_suggestions(build_dir, engine, manifest.titles())
    engine.close()
    manifest.save(build_dir)
    _verify(build_dir)
    if strict and manifest.all_rejections:
        return False
    switch_to(index_dir, build_dir.name)
    return True


def _why_nothing(rejections: Sequence[Rejection]) -> str:
    if not rejections:
        return "the sources hold no article; the index stays as it was"
    return f"every record was rejected, {rejections[0]}; the index stays as it was"
