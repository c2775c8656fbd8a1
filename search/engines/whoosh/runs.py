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
TOGETHER = 16
"""Runs whose pairs of characters are united at a time: some 200,000 each, of which most are known by then."""


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

    def offsets(self, first: int = 0, last: int | None = None) -> Array:
        """Return where the items of the terms `first:last` begin, and the end."""
        count = -1 if last is None else last - first + 1
        return np.fromfile(f"{self.path}.offsets", np.int64, count, offset=8 * first)

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
    """A merge about to happen: `terms` of all runs, ascending; `offsets` of the merged postings; for each run the
    numbers that its terms have among all.
    """

    runs: Sequence[Run]
    terms: list[str] | Array
    offsets: Array
    numbers: list[Array]

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
        for run, numbers in zip(self.runs, self.numbers, strict=True):
            low, high = np.searchsorted(numbers, [first, last]).tolist()
            if low == high:
                continue
            local = numbers[low:high] - np.uint32(first)
            begins = run.offsets(low, high)
            counts = np.diff(begins)
            begin, end = int(begins[0]), int(begins[-1])
            target = np.repeat(free[local] - (begins[:-1] - begin), counts)
            target += np.arange(end - begin)
            for name, column in columns.items():
                column[target] = run.read(name, begin, end)
            free[local] += counts
        return columns


def plan_merge(runs: Sequence[Run]) -> Merge:
    """Unite the terms of `runs` and work out where each term's postings will stand.

    A segment has hundreds of runs with much the same terms: those of a few runs are in memory at a time, and of each
    run only the numbers of its terms stay, 4 bytes a term.
    """
    terms = _united(runs)
    number_of = _numbering(terms)
    numbers = [number_of(run.terms()) for run in runs]
    counts = np.zeros(len(terms) + 1, dtype=np.int64)
    for run, number in zip(runs, numbers, strict=True):
        counts[number + np.uint32(1)] += np.diff(run.offsets())
    return Merge(runs, terms, np.cumsum(counts), numbers)


def _united(runs: Sequence[Run]) -> list[str] | Array:
    """Return the terms of all runs, ascending."""
    if runs[0].words:
        words: set[str] = set()
        for run in runs:
            words.update(run.terms())
        return sorted(words)
    union = np.zeros(0, np.uint64)
    for begin in range(0, len(runs), TOGETHER):
        union = np.sort(np.concatenate([union, *(run.terms() for run in runs[begin : begin + TOGETHER])]))
        union = union[firsts(union)]
    return union


def _numbering(terms: list[str] | Array) -> Callable[[list[str] | Array], Array]:
    """Return what gives some of the terms their numbers among all."""
    if isinstance(terms, np.ndarray):
        return lambda some: np.searchsorted(terms, some).astype(np.uint32)
    number_of = dict(zip(terms, range(len(terms)), strict=True)).__getitem__
    return lambda some: np.fromiter(map(number_of, some), np.uint32, len(some))
