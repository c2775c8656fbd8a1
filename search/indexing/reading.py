"""Source files → articles with ids that are unique, and what is to be remembered of every file besides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..facets import Facets
from ..model import Article, Rejection
from .article_rows import Rows
from .batches import id_hash
from .furniture import Furniture, Lines
from .ingest import SourceFile, has_changed, read_file, taken
from .lint import CHANGED, FURNITURE, Finding
from .manifest import Manifest
from .owners import Owners

_SHOWN = 120
"""Characters of furniture that a finding shows."""


class Progress(Protocol):
    """Called often: the stage, the records so far, and the share of the work that is done, where it is known."""

    def __call__(self, stage: str, count: int, share: float | None = None) -> None:
        """Take note."""


def no_progress(stage: str, count: int, share: float | None = None) -> None:
    """Take no note."""


@dataclass(slots=True)
class Reading:
    """Reads files in order (`read`) and collects what becomes their manifest.

    `furniture` are the lines of each folder as a reading before told them; None to tell them.
    """

    files: Sequence[SourceFile]
    progress: Progress
    facets: Facets
    furniture: Mapping[str, Lines] | None = None
    counts: list[int] = field(default_factory=list)
    rejections: defaultdict[str, list[Rejection]] = field(default_factory=lambda: defaultdict(list))
    findings: defaultdict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    losers: set[str] = field(default_factory=set)
    done: int = 0
    _bytes: int = field(init=False)
    _bytes_before: int = 0
    _furniture: Furniture = field(init=False)
    _owners: Owners = field(default_factory=Owners)

    def __post_init__(self) -> None:
        self._furniture = Furniture(self.files, self._records, self.furniture)
        self._bytes = sum(file.state[0] for file in self.files) or 1

    def articles(self) -> Iterator[Article]:
        """Yield the articles of all files."""
        for file in self.files:
            yield from self.read(file)

    def read(
        self, file: SourceFile, owner_of: Callable[[str], str | None] = lambda article_id: None
    ) -> Iterator[Article]:
        """Yield the articles of the next file, as read, without those whose id is taken.

        `owner_of` names the file that has an id though it was not read by this.
        """
        self.counts.append(0)
        characters = 0
        for record, furniture in self._furniture.records(file):
            if isinstance(record, Rejection):
                self.rejections[file.path].append(record)
                continue
            hashed = id_hash(record.id)
            owner = self._first_path(hashed) or owner_of(record.id)
            if owner is not None:
                self.rejections[file.path].append(taken(record, owner))
                self.losers.add(file.path)
                continue
            self._owners.add(hashed, len(self.counts) - 1)
            self.counts[-1] += 1
            self.done += 1
            # A character of Chinese text is three bytes, more or less: near enough to say how far a file is read.
            characters += len(record.title) + len(record.text)
            self.progress("read", self.done, (self._bytes_before + min(3 * characters, file.state[0])) / self._bytes)
            if furniture:
                self.findings[file.path].append((FURNITURE, f"{record.id}: {' / '.join(furniture)[:_SHOWN]}"))
            yield record
        if has_changed(file):
            what = f"{file.path}: it may hold more or other records by now; run again"
            self.findings[file.path].append((CHANGED, what))
        self._bytes_before += file.state[0]

    def _records(self, file: SourceFile) -> Iterator[Article | Rejection]:
        return read_file(file, self.facets)

    def lose(self, article: Article, why: str) -> None:
        """Take back an article that was yielded: it is rejected after all."""
        number = next(number for number, file in enumerate(self.files) if file.path == article.path)
        self.counts[number] -= 1
        self.done -= 1
        reason = f"article “{article.id}” cannot be indexed: {why}"
        self.rejections[article.path].append(Rejection(article.path, reason))

    def keep(self, path: str, count: int, old: Manifest) -> None:
        """Take over the next file from the manifest of the build before."""
        self.counts.append(count)
        self._bytes_before += self.files[len(self.counts) - 1].state[0]
        if path in old.rejections:
            self.rejections[path] = old.rejections[path]
        if path in old.findings:
            self.findings[path] = old.findings[path]
        self.done += count

    def has(self, article_id: str) -> bool:
        """Tell whether an article with this id was yielded."""
        return self._owners.get(id_hash(article_id)) is not None

    def _first_path(self, hashed: int) -> str | None:
        number = self._owners.get(hashed)
        return None if number is None else self.files[number].path

    def note(self, findings: Iterable[tuple[str, Finding]]) -> None:
        """Remember findings by the path of the article."""
        for path, finding in findings:
            self.findings[path].append(finding)

    def manifest(self, rows: Rows) -> Manifest:
        """Return the manifest of the collection that has these rows."""
        return Manifest(
            facets=self.facets,
            files={file.path: file.state for file in self.files},
            ends=np.cumsum(self.counts, dtype=np.uint64),
            rows=rows,
            rejections=self.rejections,
            findings=self.findings,
            losers=frozenset(self.losers),
            furniture=self._furniture.lines,
        )
