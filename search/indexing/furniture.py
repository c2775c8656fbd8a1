"""What pages of one folder repeat at their beginning and end: 关注我们, 版权所有, 上一篇 — no text of any of them.

A reader of one page cannot tell its last lines from those of the site; many pages beside each other can. Of each folder
some files are read ahead, and a line that stands at the same end of enough of them is cut from all of the folder.
Official documents are left as they are: theirs end alike too (本通知自印发之日起施行), and every word counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TypeGuard

from ..model import Article, Rejection, Section, Table
from ..text import fold
from ..text.validity import is_official
from .ingest import SourceFile

Record = Article | Rejection
Lines = tuple[frozenset[str], frozenset[str]]
"""The lines that open texts of a folder, and those that close them."""

NO_LINES: Lines = (frozenset(), frozenset())

PAGES = (".html", ".htm", ".md", ".txt")
"""Files of these kinds hold a page."""
SAMPLE = 24
"""So many pages of a folder are read ahead."""
LARGEST = 1 << 20
"""Bytes of the largest page that is read ahead."""
FEWEST, SHARE = 5, 0.3
"""A line is repeated if it stands at the same end of so many pages at least, and of this share of them."""
REACH = 8
"""How many lines from either end are looked at."""
SHORTEST = 10
"""Characters of a repeated line; shorter ones (特此通知。, 微信) go only where they stand outside of such a line."""


@dataclass(slots=True)
class Furniture:
    """Reads the files of a collection in order, without what those of one folder repeat.

    `known` maps a folder to its lines where they were told by a reading before: they stay the same then.
    """

    files: Sequence[SourceFile]
    read: Callable[[SourceFile], Iterable[Record]]
    known: Mapping[str, Lines] | None = None
    lines: dict[str, Lines] = field(default_factory=dict)
    _ahead: dict[str, list[Record]] = field(default_factory=dict)
    _folders: dict[str, list[SourceFile]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files:
            if _is_page(file):
                self._folders.setdefault(_folder(file), []).append(file)

    def records(self, file: SourceFile) -> Iterable[tuple[Record, tuple[str, ...]]]:
        """Yield what the file holds, each record with the lines that were cut from it."""
        lines = self._lines(_folder(file)) if _is_page(file) else NO_LINES
        found = self._ahead.pop(file.path, None)
        for record in self.read(file) if found is None else found:
            yield cut(record, lines) if _has_ends(record) else (record, ())

    def _lines(self, folder: str) -> Lines:
        if folder not in self.lines:
            self.lines[folder] = self._of_sample(folder) if self.known is None else self.known.get(folder, NO_LINES)
        return self.lines[folder]

    def _of_sample(self, folder: str) -> Lines:
        files = self._folders[folder]
        if len(files) < FEWEST:
            return NO_LINES
        step = max(1, len(files) // SAMPLE)
        sample = files[::step][:SAMPLE]
        self._ahead |= {file.path: list(self.read(file)) for file in sample}
        texts = [record.text for file in sample for record in self._ahead[file.path] if _has_ends(record)]
        return repeated(texts)


def repeated(texts: Sequence[str]) -> Lines:
    """Return the lines that enough of the texts begin with, and those they end with."""
    enough = max(FEWEST, SHARE * len(texts))
    ends = [_ends(text) for text in texts]

    def shared(end: int) -> frozenset[str]:
        counts = Counter(line for both in ends for line in both[end])
        return frozenset(line for line, count in counts.items() if count >= enough)

    return shared(0), shared(1)


def _ends(text: str) -> tuple[set[str], set[str]]:
    """Return the first and the last lines of a text; of a short one not its middle, nor a line as both."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    reach = min(REACH, len(lines) // 2)
    return set(lines[:reach]), set(lines[len(lines) - reach :])


def cut(record: Article, lines: Lines) -> tuple[Article, tuple[str, ...]]:
    """Return an article without the lines that open and close it and others, and these; itself if there are none."""
    text = record.text
    own = text.split("\n")
    start, end = _outer(own, lines[0]), len(text) - _outer(own[::-1], lines[1])
    if start >= end or not (kept := text[start:end].strip("\n")).strip() or (start, end) == (0, len(text)):
        return record, ()
    gone = tuple(line.strip() for part in (text[:start], text[end:]) for line in part.split("\n") if line.strip())
    begin = text.index(kept, start)
    window = begin, begin + len(kept)
    moved = replace(record, text=kept, sections=_sections(record, *window), tables=_tables(record, *window))
    return moved, gone


def _outer(lines: Sequence[str], repeated_lines: frozenset[str]) -> int:
    """Return how many characters the repeated lines take with which `lines` begin, line breaks included."""
    size = taken = 0
    for line in lines:
        words = line.strip()
        if words and words not in repeated_lines:
            break
        size += len(line) + 1
        if len(words) >= SHORTEST:
            taken = size
    return taken


def _sections(article: Article, start: int, end: int) -> tuple[Section, ...]:
    """Return the sections of the text from `start` to `end`, by their places there."""

    def place(where: int) -> int:
        return min(max(where, start), end) - start

    return tuple(
        replace(section, start=place(section.start), body=place(section.body), end=place(section.end))
        for section in article.sections
        if section.start < end and section.end > start
    )


def _tables(article: Article, start: int, end: int) -> tuple[Table, ...]:
    """Return the tables that stand in the text from `start` to `end`, by their places there."""

    def moved(table: Table) -> Table:
        rows = tuple(tuple((first - start, last - start) for first, last in row) for row in table.rows)
        return replace(table, start=table.start - start, end=table.end - start, rows=rows)

    return tuple(moved(table) for table in article.tables if start <= table.start and table.end <= end)


def _has_ends(record: Record) -> TypeGuard[Article]:
    return isinstance(record, Article) and record.kind == "article" and not is_official(fold(record.title))


def _is_page(file: SourceFile) -> bool:
    return not file.problem and file.state[0] <= LARGEST and file.path.lower().endswith(PAGES)


def _folder(file: SourceFile) -> str:
    return str(PurePosixPath(file.path).parent)
