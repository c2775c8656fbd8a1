"""The titles of a collection, one for those that differ in punctuation only, in the order of what is compared.

There may be millions, and as strings with what is compared of each they would take 700 bytes each: only some are in
memory, the others in sorted runs in temporary files (`TMPDIR`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from operator import attrgetter
from tempfile import TemporaryFile
from typing import NamedTuple, TextIO

from ..text import fold_all
from .keys import reduced

IN_MEMORY = 1 << 18
"""Different titles that are kept in memory: some 150 MB."""
_FOLDED = 1 << 12
"""Titles that are folded at a time."""


class Title(NamedTuple):
    """What is compared (folded, without punctuation), how many articles have it, and the first of them as it stands."""

    key: str
    times: int
    shown: str


@dataclass(slots=True)
class Titles:
    """Takes titles in, and gives them back in order, once. To be closed."""

    _met: dict[str, Title] = field(default_factory=dict)
    _runs: list[TextIO] = field(default_factory=list)

    def add(self, titles: Iterable[str]) -> None:
        """Take in the titles of further articles."""
        waiting = iter(titles)
        while some := list(islice(waiting, _FOLDED)):
            for title, folded in zip(some, fold_all(some), strict=True):
                if key := reduced(folded):
                    met = self._met.get(key)
                    self._met[key] = met._replace(times=met.times + 1) if met else Title(key, 1, title)
            if len(self._met) >= IN_MEMORY:
                self._put_away()

    def in_order(self) -> Iterator[Title]:
        """Yield them in the order of their keys, each key once."""
        if self._runs:
            self._put_away()  # they are not needed in memory while they are merged
        last: Title | None = None
        for title in merge(*map(_read, self._runs), self._sorted(), key=attrgetter("key")):
            if last and last.key == title.key:
                last = last._replace(times=last.times + title.times)  # of equal ones the earlier run comes first
                continue
            if last:
                yield last
            last = title
        if last:
            yield last

    def close(self) -> None:
        """Remove the temporary files."""
        for run in self._runs:
            run.close()

    def _sorted(self) -> list[Title]:
        return [self._met[key] for key in sorted(self._met)]

    def _put_away(self) -> None:
        run = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - `close` closes it
        self._runs.append(run)
        run.writelines(json.dumps(title) + "\n" for title in self._sorted())
        self._met = {}


def _read(run: TextIO) -> Iterator[Title]:
    run.seek(0)
    for line in run:
        yield Title(*json.loads(line))
