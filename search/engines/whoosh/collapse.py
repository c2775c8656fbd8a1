"""Groups of near-duplicates of a build, and how the matches of a query are collapsed to one of each.

Members of a group have the same facet values, so a filter takes all of them or none, and what is counted after the
collapse is what the list shows. Groups reach across segments and belong to a build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...arrays import Array, Hits
from ...errors import IndexDamaged
from ...kernel.sets import firsts, marked
from ...model import Sort
from ...storage.container import Container, ContainerWriter
from ...storage.structure import verify
from .columns import GROUPS
from .layout import GROUPS_FILE, read_identity
from .ordering import date_key
from .segment import Segment, open_segments

Place = tuple[int, int]
"""The number of a segment, and a document of it."""
Score = Callable[[int, Array], Array]
"""The number of a segment and some of its documents → their scores."""


def write_groups(build_dir: Path, groups: Iterable[Sequence[str]]) -> None:
    """Write groups of live articles (ids) beside the segments of a build, and sync them to the disk."""
    segments = open_segments(build_dir, read_identity(build_dir).segments)
    members = [
        (group, -int(segments[number].arrays["dates"][document]), article_id, number, document)
        for group, ids in enumerate(groups)
        for article_id in ids
        for number, document in _places(segments, article_id)
    ]
    (build_dir / GROUPS_FILE).unlink()
    _write(build_dir, sorted(members))


def write_no_groups(build_dir: Path) -> None:
    """Write beside the segments of a build, and sync to the disk, that no articles are near-duplicates."""
    _write(build_dir, ())


def _write(build_dir: Path, members: Sequence[tuple[object, ...]]) -> None:
    writer = ContainerWriter(build_dir / GROUPS_FILE)
    try:
        for name, column in (("group", 0), ("segment", 3), ("document", 4)):
            writer.add(name, np.array([member[column] for member in members], np.uint32))
        writer.close({})
    finally:
        writer.abandon()


def _places(segments: Sequence[Segment], article_id: str) -> Iterable[Place]:
    for number, segment in enumerate(segments):
        document = segment.find_id(article_id)
        if document is not None:
            yield number, document


_NONE = np.zeros(0, np.intp)


class Collapsed(NamedTuple):
    """Matches (an array a segment) without those that stand behind another one of their group.

    `group`, `segment` and `document` of every match that is a member of a group, by group and within it in the order of
    results; all empty if no two of them are of the same one.
    """

    matches: tuple[Array, ...]
    groups: Groups | None = None
    group: Array = _NONE
    segment: Array = _NONE
    document: Array = _NONE

    def groups_of(self, number: int, documents: Hits) -> Hits:
        """Return the group of each match in the `number`-th segment, -1 for one that is in none."""
        return self.groups.groups_of(number, documents) if self.groups else np.full(len(documents), -1)

    def others(self, place: Place) -> list[Place]:
        """Return the other matches of the group of a match, in the order of results."""
        group = self.groups.group_of(place) if self.groups else None
        if group is None:
            return []
        alike = slice(*self.group.searchsorted([group, group + 1]))
        places = zip(self.segment[alike].tolist(), self.document[alike].tolist(), strict=True)
        return [other for other in places if other != place]


@dataclass(frozen=True, slots=True)
class _Members:
    """The members of groups in one segment: `documents`, ascending, and the `rows` they have among all members."""

    documents: Array
    rows: Array
    mask: Array

    def row_of(self, document: int) -> int | None:
        """Return the row of a document, or None."""
        return int(self.rows[self.documents.searchsorted(document)]) if self.mask[document] else None

    def rows_of(self, matches: Array) -> Array:
        """Return the rows of those `matches` that are members."""
        held = matches.compress(self.mask.take(matches))
        return self.rows.take(self.documents.searchsorted(held))


class Groups:
    """The groups of a build, members ordered by group, then newer date, then id: the order of results by date."""

    def __init__(self, build_dir: Path, segments: Sequence[Segment]) -> None:
        container = Container(build_dir / GROUPS_FILE)
        verify(container, GROUPS, {"segments": len(segments)})
        self._segments = segments
        self._group, self._segment, self._document = (
            container.arrays[name].astype(np.intp) for name in ("group", "segment", "document")
        )
        self._members = [self._members_of(number, segment) for number, segment in enumerate(segments)]

    def _members_of(self, number: int, segment: Segment) -> _Members | None:
        rows = (self._segment == number).nonzero()[0]
        if not len(rows):
            return None
        rows = rows.take(self._document.take(rows).argsort())
        documents = self._document.take(rows)
        if documents[-1] >= segment.documents:
            raise IndexDamaged("groups of near-duplicates name an article that is not there")
        mask = np.zeros(segment.documents, dtype=np.bool_)
        mask[documents] = True
        return _Members(documents, rows, mask)

    def group_of(self, place: Place) -> int | None:
        """Return the group that a document is a member of, or None."""
        members = self._members[place[0]]
        row = members.row_of(place[1]) if members else None
        return None if row is None else int(self._group[row])

    def groups_of(self, number: int, documents: Hits) -> Hits:
        """Return the group of each document of the `number`-th segment, -1 for one that is in none."""
        found = np.full(len(documents), -1)
        members = self._members[number]
        if members:
            held = members.mask.take(documents)
            found[held] = self._group.take(members.rows_of(documents))
        return found

    def collapse(self, matches: Sequence[Array], score: Score | None, sort: Sort) -> Collapsed:
        """Keep of the matches (an array a segment) the first of each group in the order of results.

        `score` is None where all scores are 0. What a rescoring window adds comes later (`search.retrieval.fusion`).
        """
        found = [of.rows_of(hits) for of, hits in zip(self._members, matches, strict=True) if of and len(hits)]
        rows = np.sort(np.concatenate([_NONE, *found]))
        begin = firsts(self._group.take(rows))
        if len(begin) == len(rows):
            return Collapsed(tuple(matches))
        rows = self._ordered(rows, score, sort)
        first = np.zeros(len(rows), dtype=np.bool_)
        first[begin] = True
        losers = rows.compress(~first)
        kept = list(matches)
        for number, segment in enumerate(self._segments):
            gone = self._document.take(losers.compress(self._segment.take(losers) == number))
            if len(gone):
                kept[number] = kept[number].compress(~marked(kept[number], gone, segment.scratch))
        return Collapsed(tuple(kept), self, self._group.take(rows), self._segment.take(rows), self._document.take(rows))

    def _ordered(self, rows: Array, score: Score | None, sort: Sort) -> Array:
        """Return rows by group, and within a group in the order of results. Twin of `ordering.Order`."""
        if score is None and sort != "oldest":
            return rows
        numbers, documents = self._segment.take(rows), self._document.take(rows)
        scores, dates = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.int64)
        for number, segment in enumerate(self._segments):
            here = (numbers == number).nonzero()[0]
            if len(here):
                own = documents.take(here)
                dates[here] = date_key(segment, own, sort)
                if score:
                    scores[here] = score(number, own)
        keys = (rows, -scores) if sort == "relevance" else (rows, -scores, dates)
        return rows.take(np.lexsort((*keys, self._group.take(rows))))
