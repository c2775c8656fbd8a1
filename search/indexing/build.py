"""Reindex: read the sources, classify, build beside the live index, verify, switch; and report all of it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, islice
from pathlib import Path

from ..clock import now
from ..engines.contract import Draft, Index, MakePart, Part
from ..engines.registry import index_at
from ..errors import IndexUnavailable, SourceError
from ..facets import FACETS, Facets
from ..identity import differing, rules_of
from ..model import Article, Rejection
from ..processes import CallFailed, Confined, ordered_map
from ..settings import NO_SETTINGS, Settings
from ..storage.syncing import share
from ..suggest import SUGGESTIONS, write_suggestions
from .article_rows import Gathered, Rows
from .batches import Batch, Prepared, prepare
from .builds import Build, mended_at, opened, sound_build, spared, verify_build
from .increment import increment, kept_files
from .ingest import READING_BYTES, SourceFile, parsing, scan_all
from .lint import LintReport
from .manifest import MANIFEST, Changes, Manifest
from .reading import Progress, Reading, no_progress

BATCH_CHARACTERS = 1 << 19
BATCH_ARTICLES = 50_000
"""What is prepared at a time: enough that handing over and merging cost little, and a few fit into memory."""
PREPARING_SECONDS = 300
"""How long the articles of a batch may be analysed, in seconds of CPU, after a worker process was lost; usual is 3."""
ALONE = 2
"""Up to so many batches are done by this process: starting others takes as long."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a reindex did. `build_id` is None when the live index was left as it was.

    `facets` are those of the collection; `coverage` maps the key of one to the number of articles that have a value of
    their own, `dated` and `sourced` count those with a date and with a source or address; `skipped` are the files that
    no format reads; `other_rules` says by which rules the live index was made otherwise, so that all was read again
    though only what changed was asked for.
    """

    sources: tuple[Path, ...]
    build_id: str | None
    files: int
    kinds: Counter[str]
    changes: Changes
    rejections: tuple[Rejection, ...]
    facets: Facets
    coverage: Counter[str]
    dated: int
    sourced: int
    lint: LintReport
    skipped: tuple[str, ...]
    seconds: float
    settings: Settings = NO_SETTINGS
    other_rules: str = ""

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
    address: Path | str,
    *,
    changed: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    progress: Progress = no_progress,
    workers: int | None = None,
    facets: Facets = FACETS,
    settings: Settings = NO_SETTINGS,
    follow_links: bool = False,
) -> Report:
    """Read `sources` (files or folders) into a new build of the index at `address` and make it the live one.

    With `changed` only files that changed are read again, and if nothing at all changed the live index stays. With
    `dry_run` nothing is written. With `strict` any rejection keeps the old index live. `workers` is the number of
    processes that analyse articles (None: one a core, if there is enough to do; 0: none but this one). `facets` are
    those that the new index has: the shipped ones, and more of an operator's own (`facet_of_field`, or `settings`,
    which the new index keeps). With `follow_links` symbolic links out of the source folders are followed.

    Raises SourceError if there is not one article, IndexBusy if another process is writing, IndexUnwritable if the disk
    is full or may not be written, ValueError for facets that cannot be told by data (`facets.declarations`).
    """
    started = time.monotonic()
    facets = settings.index.facets_with(facets)
    index, rules = index_at(address), rules_of(facets, settings)
    writing = nullcontext() if dry_run else index.writing(now(), rules, facets)
    with writing as place, parsing():
        draft = place
        files, skipped = scan_all(sources, follow_links)
        live = _live(index)
        sound = sound_build(index, live) if changed and live else None
        before = sound or (opened(index, live) if live else None)
        old = _manifest(before) if before else None
        other_rules = differing(sound.info.rules, rules) if sound else ""
        kept = kept_files(files, old) if sound and old and not other_rules else None
        unchanged: Build | None = None
        if live and before and old and kept is not None:
            change = increment(files, replace(old, facets=facets), kept, progress)
            manifest = change.manifest
            unchanged = None if change.changes(old) else before
            if draft and unchanged and before.settings.query == settings.query:
                index.keep_only(live)  # it was found sound
                draft = None
            elif draft and unchanged:
                draft.again(live)
            elif draft and len(manifest.rows):
                draft.change(live, change.articles, change.removed, partial(progress, "indexed"))
        else:
            manifest = _whole(files, draft, progress, workers, facets)
        manifest = replace(manifest, settings=settings)
        lint = manifest.lint()
        is_new = draft is not None and _finish(index, draft, manifest, lint, strict, unchanged)
    return Report(
        sources=tuple(sources),
        build_id=draft.build_id if draft and is_new else None,
        files=len(files),
        kinds=manifest.kinds,
        changes=manifest.changes_since(old),
        rejections=manifest.all_rejections,
        facets=manifest.facets,
        coverage=manifest.coverage,
        dated=manifest.dated,
        sourced=manifest.sourced,
        lint=lint,
        skipped=tuple(skipped),
        seconds=time.monotonic() - started,
        settings=settings,
        other_rules=other_rules,
    )


def _live(index: Index) -> str | None:
    """Return the id of the live build; None if there is none, or none is known."""
    try:
        return index.live()
    except IndexUnavailable:
        return None


def _manifest(build: Build) -> Manifest | None:
    """Return the manifest of a build; None if there is no usable one."""
    try:
        return build.manifest()
    except IndexUnavailable:
        return None


def _whole(
    files: Sequence[SourceFile],
    draft: Draft | None,
    progress: Progress,
    workers: int | None,
    facets: Facets,
) -> Manifest:
    """Read all files and write an index of them, unless there is no `draft`; return what goes with it."""
    reading = Reading(files, progress, facets)
    batches = _batches(reading.articles(), draft.part_maker() if draft else None, facets)
    first = list(islice(batches, ALONE + 1))
    if workers is None:
        workers = (os.cpu_count() or 1) if len(first) > ALONE else 0
    gathered = Gathered()

    def parts(done: Iterable[Prepared]) -> Iterator[Part]:
        for prepared in done:
            gathered.add(prepared.rows)
            reading.note(prepared.findings)
            if prepared.part is not None:
                yield prepared.part

    # Closed whatever happens: no worker may write any more when what was begun is removed.
    rescue = partial(_rescued, reading)
    with closing(gathered), closing(ordered_map(prepare, chain(first, batches), workers, rescue)) as done:
        if draft and first:
            draft.write(parts(done), partial(progress, "indexed"))
        else:
            for _ in parts(done):
                pass
        return reading.manifest(gathered.rows())


def _rescued(reading: Reading, batch: Batch) -> Prepared:
    """Prepare a batch that was in hand when a worker process was lost, without the articles with which one is."""
    alone = Confined(PREPARING_SECONDS, READING_BYTES)

    def survivors(articles: Sequence[Article]) -> list[Article]:
        try:
            alone.call(prepare, replace(batch, articles=articles))
        except CallFailed as error:
            if len(articles) == 1:
                reading.lose(articles[0], str(error))
                return []
            middle = len(articles) // 2
            return survivors(articles[:middle]) + survivors(articles[middle:])
        return list(articles)

    with closing(alone):
        kept = survivors(batch.articles)
        return alone.call(prepare, replace(batch, articles=kept)) if kept else Prepared(Rows.join([]), (), None)


def _batches(articles: Iterable[Article], make_part: MakePart | None, facets: Facets) -> Iterator[Batch]:
    numbers = count()
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.title) + len(article.text)
        if characters >= BATCH_CHARACTERS or len(batch) >= BATCH_ARTICLES:
            yield Batch(next(numbers), batch, make_part, facets)
            batch, characters = [], 0
    if batch:
        yield Batch(next(numbers), batch, make_part, facets)


def _finish(  # noqa: PLR0913, PLR0917 - all that goes into a build
    index: Index, draft: Draft, manifest: Manifest, lint: LintReport, strict: bool, unchanged: Build | None
) -> bool:
    """Attach to the build what belongs to it, verify all, activate it; return False if `strict` kept the old one.

    `unchanged` is a build that holds the very same articles.
    """
    if not len(manifest.rows):
        raise SourceError("nothing to index", _why_nothing(manifest.all_rejections))
    if unchanged:
        draft.attach(SUGGESTIONS, partial(share, unchanged.attachment(SUGGESTIONS)))
        draft.attach(MANIFEST, manifest.save)
        with mended_at(index):  # the rest are the bytes of a build that was found sound
            Build(index.open(draft.build_id)).manifest()
    else:
        draft.group(lint.near_duplicates)
        engine = draft.open()
        draft.attach(SUGGESTIONS, lambda path: write_suggestions(path, engine, manifest.titles()))
        engine.close()
        draft.attach(MANIFEST, manifest.save)
        verify_build(index, draft.build_id)
    if strict and manifest.all_rejections:
        return False
    draft.activate("" if unchanged else spared(index))
    return True


def _why_nothing(rejections: Sequence[Rejection]) -> str:
    if not rejections:
        return "the sources hold no article; the index stays as it was"
    return f"every record was rejected, {rejections[0]}; the index stays as it was"
