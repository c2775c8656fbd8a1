"""A new build out of an old one: a few articles added, replaced or removed, in time proportional to the change.

Segments never change. The new build shares the old one's segment files (hard links), lists anew which of their
documents are deleted, and holds the added articles in a segment of its own. So that segments stay few, those not much
larger than what is added are written anew together with it: each article is rewritten a logarithmic number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np

from ...arrays import Array
from ...errors import IndexOutdated
from ...facets import FACETS, Facets
from ...identity import differing, rules_of
from ...model import Article, IndexInfo
from ...storage.container import ContainerWriter
from ...storage.syncing import share
from .layout import SegmentEntry, deletions_file, read_identity, segment_file
from .segment import Segment, open_segment
from .writer import finish_build, write_segments

GROWTH = 2
"""A segment is kept if it has more than this many times the articles of all smaller ones and the added."""
SPARSE_SHARE = 0.5
"""A segment of which less than this share is live is written anew."""


@dataclass(frozen=True, slots=True)
class _Old:
    """A segment of the old build with what the change leaves of it."""

    entry: SegmentEntry
    segment: Segment
    deleted: Array

    @property
    def left(self) -> int:
        """How many articles stay."""
        return self.entry.documents - len(self.deleted)

    def articles(self) -> Iterator[Article]:
        """Yield the articles that stay."""
        gone = frozenset(self.deleted.tolist())
        return (self.segment.article(document) for document in range(self.entry.documents) if document not in gone)


def write_changes(  # noqa: PLR0913 - the parameters of write_index and what changed
    base_dir: Path,
    build_dir: Path,
    articles: Sequence[Article],
    removed: Iterable[str] = (),
    *,
    progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
    workers: int | None = None,
    facets: Facets = FACETS,
    rules: Mapping[str, str] | None = None,
) -> IndexInfo:
    """Write into the new `build_dir` the index of `base_dir` with `articles` put in and `removed` ids left out.

    An article whose id is there already replaces the old one; an id to remove that is not there is no error. The result
    answers as a build from scratch would; `base_dir` stays as it is and may be deleted later. `rules` are those of the
    new build (None: of these facets, without settings). Raises IndexOutdated if
    the old build has other rules, ValueError for two articles of one id.
    """
    identity = read_identity(base_dir)
    entries = identity.segments
    rules = rules_of(facets) if rules is None else rules
    if others := differing(identity.info.rules, rules):
        raise IndexOutdated(f"{base_dir} was built with other {others} and cannot be added to")
    build_dir.mkdir(parents=True, exist_ok=True)
    if any(build_dir.iterdir()):
        raise ValueError(f"{build_dir} is not empty")
    gone = {*removed, *(article.id for article in articles)}
    old = [_old(base_dir, entry, gone) for entry in entries]
    kept, anew = _choose(old, len(articles))
    unchanged = chain.from_iterable(one.articles() for one in anew)
    name = 1 + max((int(entry.name) for entry in entries), default=-1)
    added = write_segments(build_dir, chain(unchanged, articles), progress, workers, name, facets)
    entries = [*(_share(base_dir, build_dir, one) for one in kept), *added]
    return finish_build(build_dir, entries, rules, facets, now)


def _old(base_dir: Path, entry: SegmentEntry, gone: Iterable[str]) -> _Old:
    segment = open_segment(base_dir, entry)
    found = [document for document in map(segment.find_id, gone) if document is not None]
    deleted = np.union1d(segment.deleted, np.asarray(found, np.uint32)).astype(np.uint32)
    return _Old(entry, segment, deleted)


def _choose(old: Sequence[_Old], added: int) -> tuple[list[_Old], list[_Old]]:
    """Return the segments to keep as they are, and those to write anew together with the added articles."""
    kept, anew = [], []
    size = added
    for one in sorted(old, key=lambda one: one.left):
        if one.left <= GROWTH * size or one.left < SPARSE_SHARE * one.entry.documents:
            anew.append(one)
            size += one.left
        else:
            kept.append(one)
    return sorted(kept, key=lambda one: one.entry.name), anew


def _share(base_dir: Path, build_dir: Path, one: _Old) -> SegmentEntry:
    """Put a kept segment into the new build; return its entry there."""
    entry = one.entry
    share(base_dir / segment_file(entry.name), build_dir / segment_file(entry.name))
    if len(one.deleted) == entry.deleted:
        if entry.deletions:
            share(*(folder / deletions_file(entry.name, entry.deletions) for folder in (base_dir, build_dir)))
        return entry
    changed = replace(entry, deleted=len(one.deleted), deletions=entry.deletions + 1)
    writer = ContainerWriter(build_dir / deletions_file(changed.name, changed.deletions))
    writer.add("deleted", one.deleted)
    writer.close({})
    return changed
