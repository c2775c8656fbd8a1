"""What went into a build, kept beside it: source files, their rejections, and a digest of every article.

A reindex compares two manifests to say what was added, changed and removed, and `--changed` uses it to tell which files
need not be read again. Digests are two sorted arrays of 64-bit hashes (16 bytes an article), not a dictionary of ids:
at a million articles that is 16 MB.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .errors import IndexDamaged
from .model import Article, Rejection
from .present import article_json

MANIFEST = "manifest.json"
DIGESTS = "digests.npy"
FileState = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many articles differ from the build before."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(slots=True)
class Manifest:
    """Collects while articles stream past (`add`), then is saved with the build.

    `questionable` are the files that state odd metadata: what is stored no longer shows it, so they are always read
    again.
    """

    files: Mapping[str, FileState]
    rules: str
    rejections: list[Rejection] = field(default_factory=list)
    questionable: set[str] = field(default_factory=set)
    _hashes: array[int] = field(default_factory=lambda: array("Q"))
    _digests: np.ndarray[Any, np.dtype[np.uint64]] | None = None

    def add(self, article: Article) -> None:
        """Remember an article by the hashes of its id and of all that is stored of it."""
        content = json.dumps(article_json(article), ensure_ascii=False)
        for part in (article.id, content):
            digest = hashlib.blake2b(part.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self._hashes.append(int.from_bytes(digest, "little"))

    @property
    def digests(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Shape (articles, 2): hash of the id, hash of the content; sorted by the first."""
        if self._digests is None:
            pairs = np.frombuffer(self._hashes, dtype=np.uint64).reshape(-1, 2)
            self._digests = pairs[np.argsort(pairs[:, 0], kind="stable")]
        return self._digests

    def changes_since(self, old: Manifest | None) -> Changes:
        """Compare with the build before (None: everything is new)."""
        new = self.digests
        if old is None:
            return Changes(len(new), 0, 0, 0)
        before = old.digests
        _, here, there = np.intersect1d(new[:, 0], before[:, 0], assume_unique=True, return_indices=True)
        same = int(np.count_nonzero(new[here, 1] == before[there, 1]))
        common = len(here)
        return Changes(len(new) - common, common - same, len(before) - common, same)

    def kept_files(self, old: Manifest) -> frozenset[str]:
        """Return the files that need not be read again: as the build before read them, under the same rules."""
        if old.rules != self.rules:
            return frozenset()
        same = {path for path, state in self.files.items() if old.files.get(path) == state}
        return frozenset(same - old.questionable)

    def save(self, build_dir: Path) -> None:
        """Write both files into a build directory."""
        np.save(build_dir / DIGESTS, self.digests, allow_pickle=False)
        content = {
            "rules": self.rules,
            "files": self.files,
            "rejections": [[r.path, r.reason, r.line] for r in self.rejections],
            "questionable": sorted(self.questionable),
        }
        (build_dir / MANIFEST).write_text(json.dumps(content, ensure_ascii=False), "utf-8", "surrogatepass")

    @classmethod
    def load(cls, build_dir: Path) -> Manifest:
        """Read the manifest of a build. Raises IndexDamaged."""
        try:
            content = json.loads((build_dir / MANIFEST).read_text("utf-8", "surrogatepass"))
            manifest = cls(
                files={path: (int(size), int(mtime)) for path, (size, mtime) in content["files"].items()},
                rules=content["rules"],
                rejections=[Rejection(path, reason, line) for path, reason, line in content["rejections"]],
                questionable=set(content["questionable"]),
            )
            manifest._digests = np.load(build_dir / DIGESTS, allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"the manifest of {build_dir} cannot be read ({error})") from error
        return manifest


@cache
def rules_fingerprint() -> str:
    """Return a hash of all that turns a file into articles with facets: the code and data of formats and taxonomy."""
    package = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_rule_files(package)):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _rule_files(package: Path) -> Iterable[Path]:
    for folder in ("formats", "taxonomy", "text"):
        yield from (p for p in (package / folder).rglob("*") if p.suffix in (".py", ".tsv", ".toml", ".txt"))
