"""The engine: one finished build directory, opened for reading. Immutable after `open`, so threads may share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import merge
from pathlib import Path

from ...clock import today
from ...errors import IndexOutdated
from ...identity import decisive
from ...model import Article, IndexInfo, Parsed
from ..contract import Engine
from .candidates import WhooshLookup
from .collapse import Groups
from .layout import read_identity
from .library import check_version
from .scoring import CollectionStatistics
from .segment import Segment, open_segments
from .validity import ValidityOn
from .vocabulary import vocabulary


class WhooshEngine(Engine):
    """`search.engines.contract.Engine` over the arrays of a Whoosh index."""

    def __init__(self, info: IndexInfo, directory: Path, segments: list[Segment], day: date) -> None:
        self.info = info
        self.day = day
        self._directory = directory
        self._opened = segments
        self._validity = ValidityOn(segments, day)
        self._segments = self._validity.segments
        self._collection = CollectionStatistics(self._segments)
        self._groups = Groups(directory, self._segments)
        self._facet_keys = tuple(self._segments[0].facets.values) if segments else self.facets.keys

    @classmethod
    def open(cls, build_dir: Path, day: date | None = None) -> WhooshEngine:
        """Open a build directory, as it is on a day (None: today). Raises IndexMissing, IndexDamaged or IndexOutdated.

        Of large files the structure of every array is checked, not every byte: that is `verify`. Reads no pickle.
        """
        check_version()
        identity = read_identity(build_dir)
        if others := decisive(identity.info.rules):
            raise IndexOutdated(f"the index was built with other {others}")
        return cls(identity.info, build_dir, open_segments(build_dir, identity.segments), day or today())

    def on(self, day: date) -> WhooshEngine:
        """Return the same build as it is on another day."""
        return WhooshEngine(self.info, self._directory, self._opened, day)

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments of the build, for what checks them."""
        return self._segments

    def look_up(self, parsed: Parsed) -> WhooshLookup:
        """Look up the clauses of a query."""
        return WhooshLookup(parsed, self._segments, self._collection, self._groups, self._facet_keys)

    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""
        for number, segment in enumerate(self._segments):
            document = segment.find_id(article_id)
            if document is not None:
                return self._validity.article(number, document)
        return None

    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id."""
        streams = [segment.ids(number) for number, segment in enumerate(self._segments)]
        for _, number, document in merge(*streams):
            yield self._validity.article(number, document)

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the words index with the number of live articles that hold it, by code points."""
        return vocabulary(self._segments)

    def attachment(self, name: str) -> Path:
        """Return the file of that name in the build directory."""
        return self._directory / name

    def verify(self) -> None:
        """Compare every array of the segments with its checksum."""
        for segment in self._segments:
            segment.container.verify()

    def close(self) -> None:
        """Release the index. Idempotent; and without effect on answers under way, as there is nothing to do by hand.

        A mapping is undone when the last array that looks into it is gone, and that is with the engine.
        """
