"""Sorted runs on disk and their merge: how more postings are inverted than fit in memory.

A run holds the postings of one batch. Documents of a run come after those of the run before, so the postings of a term
are those of the first run, then those of the second, and so on: merging copies, and never sorts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...arrays import Array
from ...kernel.sets import firsts
from .inversion import Postings

CHUNK = 1 << 22
"""Postings merged at a time: 4 million, some 40 MB."""


@dataclass(frozen=True, slots=True)
class Run:
    """Postings of one batch on disk. `bases` maps a column to what is added to its items (documents, places)."""

    path: Path
    words: bool
    dtypes: dict[str, str]
    bases: dict[str, int] = field(default_factory=dict)

    @classmethod
    def write(cls, path: Path, postings: Postings) -> Run:
        """Write `postings` to files whose names begin with `path`."""
        words = not isinstance(postings.terms, np.ndarray)
        if isinstance(postings.terms, np.ndarray):
            postings.terms.tofile(f"{path}.terms")
        else:
            Path(f"{path}.terms").write_bytes("\0".join(postings.terms).encode())
        postings.offsets.astype(np.int64).tofile(f"{path}.offsets")
        postings.df.tofile(f"{path}.df")
        for name, column in postings.columns.items():
            column.tofile(f"{path}.{name}")
        return cls(path, words, {name: column.dtype.str for name, column in postings.columns.items()})

    def terms(self) -> list[str] | Array:
        """Return the terms of the run, ascending."""
        if not self.words:
            return np.fromfile(f"{self.path}.terms", np.uint64)
        joined = Path(f"{self.path}.terms").read_bytes().decode()
        return joined.split("\0") if joined else []

    def offsets(self) -> Array:
        """Return where each term's items begin, and the end."""
        return np.fromfile(f"{self.path}.offsets", np.int64)

    def df(self) -> Array:
        """Return in how many documents each term occurs."""
        return np.fromfile(f"{self.path}.df", np.uint32)

    def remove(self) -> None:
        """Delete the files of the run."""
        for name in ("terms", "offsets", "df", *self.dtypes):
            Path(f"{self.path}.{name}").unlink()

    def read(self, name: str, begin: int, end: int) -> Array:
        """Return items `begin:end` of a column, moved to their place in the whole segment."""
        dtype = np.dtype(self.dtypes[name])
        items = np.fromfile(f"{self.path}.{name}", dtype, end - begin, offset=begin * dtype.itemsize)
        base = self.bases.get(name, 0)
        return items + dtype.type(base) if base else items


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge about to happen: `terms` of all runs, ascending; `offsets` of the merged postings."""

    runs: Sequence[Run]
    terms: list[str] | Array
    offsets: Array
    numbers: list[Array]
    begins: list[Array]

    def df(self) -> Array:
        """Return in how many documents each term occurs."""
        total = np.zeros(len(self.terms), np.uint32)
        for run, numbers in zip(self.runs, self.numbers, strict=True):
            total[numbers] += run.df()
        return total

    def chunks(self) -> Iterator[dict[str, Array]]:
        """Yield the merged columns piece by piece, in order."""
        first = 0
        while first < len(self.terms):
            last = int(np.searchsorted(self.offsets, self.offsets[first] + CHUNK, side="right")) - 1
            last = max(last, first + 1)
            yield self._chunk(first, last)
            first = last

    def _chunk(self, first: int, last: int) -> dict[str, Array]:
        base = int(self.offsets[first])
        size = int(self.offsets[last]) - base
        free = self.offsets[first:last] - base
        columns = {name: np.empty(size, dtype) for name, dtype in self.runs[0].dtypes.items()}
        for run, numbers, begins in zip(self.runs, self.numbers, self.begins, strict=True):
            low, high = np.searchsorted(numbers, [first, last])
            if low == high:
                continue
            local = numbers[low:high] - first
            counts = np.diff(begins[low : high + 1])
            begin, end = int(begins[low]), int(begins[high])
            target = np.repeat(free[local] - (begins[low:high] - begin), counts)
            target += np.arange(end - begin)
            for name, column in columns.items():
                column[target] = run.read(name, begin, end)
            free[local] += counts
        return columns


def plan_merge(runs: Sequence[Run]) -> Merge:
    """Unite the terms of `runs` and work out where each term's postings will stand."""
    lists = [run.terms() for run in runs]
    terms, numbers = _unite(lists)
    begins = [run.offsets() for run in runs]
    counts = np.zeros(len(terms) + 1, dtype=np.int64)
    for number, begin in zip(numbers, begins, strict=True):
        counts[number + 1] += np.diff(begin)
    return Merge(runs, terms, np.cumsum(counts), numbers, begins)


def _unite(lists: Sequence[list[str] | Array]) -> tuple[list[str] | Array, list[Array]]:
    """Return the union, ascending, and for each list the numbers of its terms in the union."""
    words = [terms for terms in lists if isinstance(terms, list)]
    if words:
        union = sorted(set().union(*words))
        number_of: Callable[[str], int] = dict(zip(union, range(len(union)), strict=True)).__getitem__
        return union, [np.fromiter(map(number_of, terms), np.int64, len(terms)) for terms in words]
    keys = [terms for terms in lists if isinstance(terms, np.ndarray)]
    if len(keys) == 1:
        return keys[0], [np.arange(len(keys[0]))]
    every = np.sort(np.concatenate(keys))
    every = every[firsts(every)]
    return every, [np.searchsorted(every, terms) for terms in keys]
