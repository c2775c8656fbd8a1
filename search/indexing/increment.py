"""What changed since the last build: which files must be read again, and what that does to index and manifest.

Everything about a file that did not change is taken over from the old manifest: the result, and so the report, is that
of reading everything again. The one thing in which a file depends on others is who had an id first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..facets import Facets
from ..model import Article
from .article_rows import CONTENT, ID, Rows
from .batches import Survey, id_hash, survey
from .ingest import SourceFile
from .manifest import Manifest
from .reading import Progress, Reading

SMALL = 4 << 20
"""Bytes of source files that are always worth an increment."""
SHARE = 4
"""If more than one part in so many must be read again, everything is."""
_AT_ONCE = 2_000
Span = tuple[bool, int, int]
"""Whether some rows stand in the old manifest (or are new ones), the first, and the end."""


@dataclass(frozen=True, slots=True)
class Increment:
    """The manifest of the collection as it is now, and how the index of the old one becomes that of this one."""

    manifest: Manifest
    articles: Sequence[Article]
    removed: Sequence[str]

    def changes(self, old: Manifest) -> bool:
        """Tell whether anything at all, in the files or about them, differs."""
        new = self.manifest
        return bool(self.articles or self.removed) or _remembered(new) != _remembered(old)


def _remembered(manifest: Manifest) -> object:
    said = [list(manifest.files.items()), manifest.rejections, manifest.findings, manifest.losers]
    return [manifest.ends.tolist(), *said]


def kept_files(files: Sequence[SourceFile], old: Manifest) -> dict[str, int] | None:
    """Return which files need not be read again, with their numbers in the old manifest.

    None if there is too much to read for an increment to be worth it.
    """
    numbers = {path: number for number, path in enumerate(old.files)}
    kept = {
        file.path: numbers[file.path]
        for file in files
        if not file.problem and old.files.get(file.path) == file.state and file.path not in old.losers
    }
    anew = sum(file.state[0] for file in files if file.path not in kept)
    return None if anew > max(SMALL, sum(file.state[0] for file in files) // SHARE) else kept


def increment(files: Sequence[SourceFile], old: Manifest, kept: Mapping[str, int], progress: Progress) -> Increment:
    """Read the files that are not in `kept` (of `kept_files`) and work out what changes; the facets stay the same."""
    reading = Reading(files, progress, old.facets, old.furniture)
    owners = _Owners(old, kept, files)
    fresh: list[Article] = []
    bounds = [0, *old.ends.tolist()]
    spans: list[Span] = []
    used: set[int] = set()
    for position, file in enumerate(files):
        number = kept.get(file.path)
        if number is None or file.path in owners.contested:
            begin = len(fresh)
            fresh.extend(reading.read(file, owners.before(position)))
            spans.append((False, begin, len(fresh)))
            continue
        used.add(number)
        spans.append((True, bounds[number], bounds[number + 1]))
        reading.keep(file.path, bounds[number + 1] - bounds[number], old)
    found = _survey(fresh, old.facets)
    reading.note(found.findings)
    pieces = [(old.rows if is_old else found.rows).slice(begin, end) for is_old, begin, end in _joined(spans)]
    gone = [number for number in range(len(old.files)) if number not in used]
    removed = [
        one for number in gone for one in old.rows.slice(*bounds[number : number + 2]).ids if not reading.has(one)
    ]
    numbers = found.rows.numbers
    changed = [
        article for row, article in enumerate(found.articles) if not owners.holds(article.id, numbers[row, CONTENT])
    ]
    return Increment(reading.manifest(Rows.join(pieces)), changed, removed)


class _Owners:
    """Who has an id among the files that are kept; and which of those must be read after all, as they came too late."""

    def __init__(self, old: Manifest, kept: Mapping[str, int], files: Sequence[SourceFile]) -> None:
        self.contested: set[str] = set()
        self._old = old
        self._order = np.argsort(old.rows.numbers[:, ID], kind="stable")
        self._hashes = old.rows.numbers[self._order, ID]
        self._paths = list(old.files)
        self._positions = {file.path: number for number, file in enumerate(files) if file.path in kept}

    def before(self, position: int) -> Callable[[str], str | None]:
        """Return what tells the kept file before `position` that has an id. One behind it is contested by asking."""

        def owner_of(article_id: str) -> str | None:
            row = self._row(article_id)
            if row is None:
                return None
            path = self._paths[int(np.searchsorted(self._old.ends, row, side="right"))]
            if path not in self._positions or path in self.contested:
                return None
            if self._positions[path] < position:
                return path
            self.contested.add(path)
            return None

        return owner_of

    def holds(self, article_id: str, content: int) -> bool:
        """Tell whether the old build holds the article with this very content."""
        row = self._row(article_id)
        return row is not None and int(self._old.rows.numbers[row, CONTENT]) == content

    def _row(self, article_id: str) -> int | None:
        wanted = id_hash(article_id)
        place = int(np.searchsorted(self._hashes, np.uint64(wanted)))
        while place < len(self._hashes) and int(self._hashes[place]) == wanted:
            row = int(self._order[place])
            if self._old.rows.ids[row] == article_id:
                return row
            place += 1
        return None


def _survey(articles: Sequence[Article], facets: Facets) -> Survey:
    parts = [survey(articles[begin : begin + _AT_ONCE], facets) for begin in range(0, len(articles), _AT_ONCE)]
    return Survey(
        [article for part in parts for article in part.articles],
        Rows.join([part.rows for part in parts]),
        [finding for part in parts for finding in part.findings],
    )


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Return spans with those that follow each other in one."""
    joined: list[Span] = []
    for is_old, begin, end in spans:
        if joined and joined[-1][0] == is_old and joined[-1][2] == begin:
            joined[-1] = (is_old, joined[-1][1], end)
        else:
            joined.append((is_old, begin, end))
    return joined
