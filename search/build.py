"""Reindex: read the sources, classify, build beside the live index, verify, switch; and report all of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from .engine import Engine, open_engine, verify_build, write_build
from .errors import IndexUnavailable, SourceError
from .facets import FACET_KEYS
from .generations import BUILDS, current_build, new_build_id, open_current, switch_to, writer_lock
from .ingest import read_file, scan, skipped_files, unique
from .lint import Linter, LintReport
from .manifest import Changes, Manifest, rules_fingerprint
from .model import UNSTATED, Article, Rejection
from .suggest import Titles, verify_suggestions, write_suggestions
from .taxonomy import classify

Progress = Callable[[str, int], None]
"""Called as (stage, records so far), often."""


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


@dataclass(slots=True)
class _Tally:
    """Gathers the report while the articles stream past."""

    manifest: Manifest
    progress: Progress
    linter: Linter = field(default_factory=Linter)
    kinds: Counter[str] = field(default_factory=Counter)
    coverage: Counter[str] = field(default_factory=Counter)

    def count(self, records: Iterator[Article | Rejection]) -> Iterator[Article]:
        for record in records:
            if isinstance(record, Rejection):
                self.manifest.rejections.append(record)
                continue
            self.manifest.add(record)
            self.linter.add(record)
            self.kinds[record.kind] += 1
            self.coverage.update(key for key in FACET_KEYS if set(record.facets.get(key, ())) - {UNSTATED})
            self.progress("read", self.kinds.total())
            yield record

    def classified(self, records: Iterator[Article | Rejection]) -> Iterator[Article | Rejection]:
        for record in records:
            if isinstance(record, Rejection):
                yield record
                continue
            if self.linter.add_stated(record):
                self.manifest.questionable.add(record.path)
            yield classify(record)


def shipped_seeds() -> Path:
    """Return the folder of articles that comes with the program, installed or in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "seeds"
    return installed if installed.is_dir() else package.parent / "seeds"


def reindex(  # noqa: PLR0913 - the options of one command
    sources: Sequence[Path],
    index_dir: Path,
    *,
    changed: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress = lambda stage, count: None,
) -> Report:
    """Read `sources` (files or folders) into a new index under `index_dir` and make it the live one.

    With `changed`, articles of files that did not change are taken from the live index, and if nothing at all changed
    the live index stays. With `dry_run` nothing is written. With `strict` any rejection keeps the old index live.
    Raises SourceError if there is not one article, IndexBusy if another process is writing.
    """
    started = time.monotonic()
    with nullcontext() if dry_run else writer_lock(index_dir):
        files = scan(sources)
        manifest = Manifest({file.path: file.state for file in files}, rules_fingerprint())
        old = _previous(index_dir)
        live = _live_engine(index_dir) if changed else None
        kept = manifest.kept_files(old) if live and old else frozenset()
        tally = _Tally(manifest, progress)
        read = (record for file in files if file.path not in kept for record in read_file(file))
        articles = tally.count(unique(chain(_kept(kept, live, old), tally.classified(read))))
        build_id = None
        if dry_run or (old and kept == old.files.keys() == manifest.files.keys()):
            for _ in articles:
                pass
        else:
            build_id = _build(index_dir, articles, tally, strict)
    return Report(
        sources=tuple(sources),
        build_id=build_id,
        files=len(files),
        kinds=tally.kinds,
        changes=manifest.changes_since(old),
        rejections=tuple(manifest.rejections),
        coverage=tally.coverage,
        lint=tally.linter.report(),
        skipped=tuple(skipped_files(sources)),
        seconds=time.monotonic() - started,
    )


def _previous(index_dir: Path) -> Manifest | None:
    """Return the manifest of the live build; None if there is no usable one."""
    try:
        return Manifest.load(current_build(index_dir))
    except IndexUnavailable:
        return None


def _live_engine(index_dir: Path) -> Engine | None:
    """Open the live build; None if there is none, or one built by other rules."""
    try:
        return open_current(index_dir)
    except IndexUnavailable:
        return None


def _kept(kept: frozenset[str], live: Engine | None, old: Manifest | None) -> Iterator[Article | Rejection]:
    """Yield what the files that need no reading held last time."""
    if kept and live and old:
        yield from (rejection for rejection in old.rejections if rejection.path in kept)
        yield from (article for article in live.articles() if article.path in kept)


def _build(index_dir: Path, articles: Iterator[Article], tally: _Tally, strict: bool) -> str | None:
    """Write, verify and switch; return the new build's id, or None if `strict` kept the old one."""
    build_id = new_build_id(datetime.now(ZoneInfo("Asia/Shanghai")))
    build_dir = index_dir / BUILDS / build_id
    titles = Titles()
    write_build(build_dir, titles.gather(articles), lambda count: tally.progress("indexed", count))
    if not tally.kinds:
        raise SourceError("nothing to index", _why_nothing(tally.manifest.rejections))
    write_suggestions(build_dir, open_engine(build_dir), titles)
    tally.manifest.save(build_dir)
    verify_build(build_dir)
    verify_suggestions(build_dir)
    if strict and tally.manifest.rejections:
        return None
    switch_to(index_dir, build_id)
    return build_id


def _why_nothing(rejections: Sequence[Rejection]) -> str:
    if not rejections:
        return "the sources hold no article; the live index stays"
    first = rejections[0]
    return f"all {len(rejections)} records were rejected, first {first.path}: {first.reason}; the live index stays"
