"""What went into a build, kept beside it: source files, what was said about them, and a row of every article.

A reindex compares two manifests to say what was added, changed and removed. `--changed` takes over the rows of the
files that did not change, so it needs neither their articles nor their texts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..arrays import Array
from ..errors import IndexDamaged, SourceError
from ..facets import FACETS, Facets, declarations, facets_declared
from ..model import Rejection
from ..settings import NO_SETTINGS, Settings, parse_settings
from ..storage.container import Container, ContainerWriter
from ..storage.structure import BYTES, LONG, Column, Ends, verify
from .article_rows import ABOUT, CONTENT, EMPTY, FACET_FLAGS, ID, SIMHASH, SOURCED, TEASER, UNDATED, Rows
from .furniture import Lines
from .ingest import FileState
from .lint import Finding, LintReport, lint_report

MANIFEST = "manifest.bin"
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Changes:
    """How many articles differ from the build before."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` maps a path to its state, in the order of the collection; `facets` are those of the build.

    `furniture` maps a folder to the lines that its pages
    repeat, which were cut from their texts.
    `ends` tells for each file how many articles it and those before it hold; `rejections` and `findings` are by path.
    `losers` are the files of which an article was left out because its id was taken: whether it is, depends on others.
    `settings` are those of the build, which answers by them.
    """

    facets: Facets
    files: Mapping[str, FileState]
    ends: Array
    rows: Rows
    rejections: Mapping[str, list[Rejection]]
    findings: Mapping[str, list[Finding]]
    losers: frozenset[str]
    furniture: Mapping[str, Lines] = field(default_factory=dict)
    settings: Settings = NO_SETTINGS

    @property
    def all_rejections(self) -> tuple[Rejection, ...]:
        """The rejections of all files, in the order of the collection."""
        return tuple(_in_order(self.files, self.rejections))

    @property
    def kinds(self) -> Counter[str]:
        """How many articles there are of each kind."""
        teasers = int(np.count_nonzero(self.rows.flags & TEASER))
        return +Counter(article=len(self.rows) - teasers, teaser=teasers)

    @property
    def coverage(self) -> Counter[str]:
        """How many articles have a value of their own for each facet."""
        flags = self.rows.flags
        return Counter(
            {key: int(np.count_nonzero(flags & (1 << n))) for n, key in enumerate(self.facets.stored.keys, FACET_FLAGS)}
        )

    @property
    def dated(self) -> int:
        """How many articles have a date."""
        return len(self.rows) - int(np.count_nonzero(self.rows.flags & UNDATED))

    @property
    def sourced(self) -> int:
        """How many articles say where they are from: a source or an address."""
        return int(np.count_nonzero(self.rows.flags & SOURCED))

    def titles(self) -> Iterator[str]:
        """Yield the titles that suggestions may use."""
        return filter(None, self.rows.titles)

    def lint(self) -> LintReport:
        """Return what is questionable in the collection."""
        rows = self.rows
        return lint_report(
            _in_order(self.files, self.findings),
            rows.ids,
            rows.flags & UNDATED != 0,
            rows.flags & EMPTY != 0,
            rows.numbers[:, SIMHASH],
            rows.numbers[:, ABOUT],
            self.facets,
        )

    def changes_since(self, old: Manifest | None) -> Changes:
        """Compare with the build before (None: everything is new)."""
        new = self.rows.numbers
        if old is None:
            return Changes(len(new), 0, 0, 0)
        before = old.rows.numbers
        _, here, there = np.intersect1d(new[:, ID], before[:, ID], assume_unique=True, return_indices=True)
        same = int(np.count_nonzero(new[here, CONTENT] == before[there, CONTENT]))
        common = len(here)
        return Changes(len(new) - common, common - same, len(before) - common, same)

    def save(self, path: Path) -> None:
        """Write the manifest into a new file, and sync it to the disk."""
        facts = {
            "files": self.files,
            "rejections": {
                path: [[r.reason, r.line] for r in self.rejections[path]]
                for path in self.files
                if path in self.rejections
            },
            "findings": {path: self.findings[path] for path in self.files if path in self.findings},
            "losers": sorted(self.losers),
            "furniture": {
                folder: [sorted(lines) for lines in both] for folder, both in self.furniture.items() if any(both)
            },
        }
        writer = ContainerWriter(path)
        try:
            # Not as the container's own note: what is said of a file may hold lone surrogates.
            text = json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass")
            writer.add("facts", np.frombuffer(text, np.uint8))
            writer.add("ends", self.ends)
            for name, column in self.rows.arrays().items():
                writer.add(name, column)
            said = {"settings": self.settings.text, "fields": dict(self.settings.beside)}
            writer.close({"facets": declarations(self.facets), **said})
        finally:
            writer.abandon()

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read the manifest of a build; its rows stay in the mapped file. Raises IndexDamaged."""
        container = Container(path)
        verify(container, Rows.columns() | {"facts": Column(BYTES, "facts"), "ends": _ENDS}, {})
        try:
            facts = json.loads(container.arrays["facts"].tobytes().decode("utf-8", "surrogatepass"))
            files = {path: (int(size), int(mtime)) for path, (size, mtime) in facts["files"].items()}
            if len(files) != len(container.arrays["ends"]):
                raise ValueError("it lists other files")
            return cls(
                facets=_facets(container),
                files=files,
                ends=container.arrays["ends"],
                rows=Rows.of_arrays(container.arrays),
                rejections={
                    path: [Rejection(path, reason, line) for reason, line in found]
                    for path, found in facts["rejections"].items()
                },
                findings={path: [(name, line) for name, line in found] for path, found in facts["findings"].items()},
                losers=frozenset(facts["losers"]),
                furniture={
                    folder: (frozenset(first), frozenset(last))
                    for folder, (first, last) in facts.get("furniture", {}).items()
                },
                settings=_settings(container),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"the manifest {path} cannot be read ({error})") from error


_ENDS = Column(LONG, "files", (Ends("rows"),))


def load_facets(path: Path) -> tuple[Facets, Settings]:
    """Return the facets and settings that a manifest tells; the shipped ones and none for a build that does not tell.

    Raises IndexDamaged.
    """
    if not path.exists():  # an index written without a reindex
        return FACETS, NO_SETTINGS
    try:
        container = Container(path)
        return _facets(container), _settings(container)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"the manifest {path} does not tell its facets ({error})") from error


def _facets(container: Container) -> Facets:
    return facets_declared(container.meta["facets"]) if "facets" in container.meta else FACETS


def _settings(container: Container) -> Settings:
    """Return the settings of a build. Raises ValueError for such as this program does not take."""
    text, fields = container.meta.get("settings", ""), container.meta.get("fields", {})
    try:
        return (parse_settings(text) if text else NO_SETTINGS).with_fields(fields)
    except SourceError as error:
        raise ValueError(str(error)) from error


def _in_order(files: Iterable[str], said: Mapping[str, list[Said]]) -> Iterator[Said]:
    for path in files:
        yield from said.get(path, ())
