"""What went into a build, kept beside it: source files, what was said about them, and a row of every article.

A reindex compares two manifests to say what was added, changed and removed. `--changed` takes over the rows of the
files that did not change, so it needs neither their articles nor their texts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..errors import IndexDamaged
from ..facets import FACET_KEYS
from ..model import Rejection
from ..storage.container import Array, Container, ContainerWriter
from .article_rows import ABOUT, CONTENT, EMPTY, FACETS, ID, SIMHASH, TEASER, UNDATED, Rows
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
    """`files` maps a path to its state, in the order of the collection.

    `ends` tells for each file how many articles it and those before it hold; `rejections` and `findings` are by path.
    `losers` are the files of which an article was left out because its id was taken: whether it is, depends on others.
    """

    rules: str
    files: Mapping[str, FileState]
    ends: Array
    rows: Rows
    rejections: Mapping[str, list[Rejection]]
    findings: Mapping[str, list[Finding]]
    losers: frozenset[str]

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
        return Counter({key: int(np.count_nonzero(flags & (1 << n))) for n, key in enumerate(FACET_KEYS, FACETS)})

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

    def save(self, build_dir: Path) -> None:
        """Write the manifest into a build directory, and sync it to the disk."""
        facts = {
            "rules": self.rules,
            "files": self.files,
            "rejections": {
                path: [[r.reason, r.line] for r in self.rejections[path]]
                for path in self.files
                if path in self.rejections
            },
            "findings": {path: self.findings[path] for path in self.files if path in self.findings},
            "losers": sorted(self.losers),
        }
        writer = ContainerWriter(build_dir / MANIFEST)
        try:
            # Not as the container's own note: what is said of a file may hold lone surrogates.
            text = json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass")
            writer.add("facts", np.frombuffer(text, np.uint8))
            writer.add("ends", self.ends)
            for name, column in self.rows.arrays().items():
                writer.add(name, column)
            writer.close({})
        finally:
            writer.abandon()

    @classmethod
    def load(cls, build_dir: Path) -> Manifest:
        """Read the manifest of a build; its rows stay in the mapped file. Raises IndexDamaged."""
        container = Container(build_dir / MANIFEST)
        container.verify()
        try:
            facts = json.loads(container.arrays["facts"].tobytes().decode("utf-8", "surrogatepass"))
            return cls(
                rules=facts["rules"],
                files={path: (int(size), int(mtime)) for path, (size, mtime) in facts["files"].items()},
                ends=container.arrays["ends"],
                rows=Rows.of_arrays(container.arrays),
                rejections={
                    path: [Rejection(path, reason, line) for reason, line in found]
                    for path, found in facts["rejections"].items()
                },
                findings={path: [(name, line) for name, line in found] for path, found in facts["findings"].items()},
                losers=frozenset(facts["losers"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"the manifest of {build_dir} cannot be read ({error})") from error


def _in_order(files: Iterable[str], said: Mapping[str, list[Said]]) -> Iterator[Said]:
    for path in files:
        yield from said.get(path, ())


@cache
def rules_fingerprint() -> str:
    """Return a hash of all that turns a file into articles, facets and rows: code and data."""
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_rule_files(package)):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _rule_files(package: Path) -> Iterable[Path]:
    modules = ("article_rows", "batches", "ingest", "lint", "manifest")
    yield from (package / "indexing" / f"{name}.py" for name in modules)
    for room in ("facets", "formats", "gazetteer", "text"):
        yield from (p for p in (package / room).rglob("*") if p.suffix in (".py", ".tsv", ".toml", ".txt"))
