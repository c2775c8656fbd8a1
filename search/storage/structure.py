"""What must hold of arrays so that they can be read without another look: declared as data, checked when opened.

Bits flip on disks and in memory. What readers rely on is checked here, before the first of them, so that a damaged
array is one IndexDamaged instead of whatever a reader stumbles over. There are two ways. The checksums of a file tell
every change, but reading all of a large file takes long. The structure of its arrays tells those that would lead a
reader astray (offsets ascend and end where their array ends, numbers of documents are below their count, texts are
UTF-8), but not another document or frequency in range, and it needs no stored articles. So a file up to `SMALL` is
checked by the former, a larger one by the latter, and `verify` checks by both.

Of 127 MB (200,000 short records) checksums take 65 ms, the structure 100 ms: 1 to 5 ms a million items. Which arrays
there are and what is declared of them stands where they are written.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..arrays import Array
from ..errors import IndexDamaged
from .container import Container

BYTES, SHORT, NUMBERS, LONG = ("|u1",), ("<u2",), ("<u4",), ("<u8",)
"""The types that an array may have: items of 1, 2, 4 and 8 bytes, without sign."""
OFFSETS = NUMBERS + LONG
SMALL = 256 << 20
"""Bytes of a file of which all checksums are compared whenever it is opened: at most some 130 ms."""
_AT_ONCE = 1 << 16
"""Items looked at together: what is computed of them stays in the processor's cache."""


class Known(NamedTuple):
    """What rules may look at: all arrays of the file, and how many there are of each thing."""

    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]

    def number(self, limit: int | str) -> int:
        """Return a number that was given as it is, or as the name of a size."""
        return self.sizes[limit] if isinstance(limit, str) else limit


class Rule(Protocol):
    """Something that must hold of an array. Rules are looked at in the order of their declaration, up to the first that
    does not hold: what one relies on is declared before it.
    """

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """An array as declared: its types, of what it has items (`wide` for each, and `more` at the end), and its rules.

    With `checksum` its checksum is compared however large it is: of arrays on which more rests than rules can tell.
    """

    types: tuple[str, ...]
    size: str
    rules: tuple[Rule, ...] = ()
    wide: int = 1
    more: int = 0
    checksum: bool = False


def offsets(of: str, into: str, *, empty: bool = False, checksum: bool = False) -> Column:
    """Declare where each `of` begins in `into`, and the end; `empty` tells whether two may be equal."""
    return Column(OFFSETS, of, (Cover(into, empty),), more=1, checksum=checksum)


def check(container: Container, columns: Mapping[str, Column], sizes: Mapping[str, int]) -> None:
    """Check the arrays of a file by their checksums, or by their structure if it is large. Raises IndexDamaged.

    `sizes` are the numbers of things known beforehand. What a small file holds is what was written, and the structure
    of that was checked before it became part of a live build (`verify`).
    """
    if container.size > SMALL:
        check_structure(container, columns, sizes)
        for name, column in columns.items():
            if column.checksum:
                container.verify_array(name)
        return
    container.verify()
    _check_sizes(container, columns, sizes)


def verify(container: Container, columns: Mapping[str, Column], sizes: Mapping[str, int]) -> None:
    """Check the arrays of a file by their checksums and by their structure. Raises IndexDamaged."""
    container.verify()
    check_structure(container, columns, sizes)
    container.let_go()


def check_structure(container: Container, columns: Mapping[str, Column], sizes: Mapping[str, int]) -> None:
    """Check that all holds that is declared of the arrays of a file. Raises IndexDamaged."""
    known = Known(container.arrays, _check_sizes(container, columns, sizes))
    for name, column in columns.items():
        for rule in column.rules:
            if not rule.holds(container.arrays[name], known):
                raise IndexDamaged(f"{container.path}: the array {name} is damaged ({type(rule).__name__.lower()})")


def _check_sizes(container: Container, columns: Mapping[str, Column], sizes: Mapping[str, int]) -> dict[str, int]:
    """Check which arrays there are, their types and their sizes; return how many there are of each thing.

    The first array that is declared to have items of a thing tells how many there are, if that is not known.
    """
    arrays = container.arrays
    if arrays.keys() != columns.keys():
        other = ", ".join(sorted(arrays.keys() ^ columns.keys()))
        raise IndexDamaged(f"{container.path}: it has other arrays than it should ({other})")
    found = dict(sizes)
    for name, column in columns.items():
        count, rest = divmod(len(arrays[name]) - column.more, column.wide)
        if rest or count < 0 or found.setdefault(column.size, count) != count:
            raise IndexDamaged(f"{container.path}: the array {name} has {len(arrays[name])} items, which cannot be")
        if arrays[name].dtype.str not in column.types:
            raise IndexDamaged(f"{container.path}: the array {name} has items of another type")
    return found


def _pieces(array: Array) -> Iterator[Array]:
    """Yield an array piece by piece; each begins with the last item of the one before."""
    for begin in range(0, max(len(array) - 1, 1), _AT_ONCE):
        yield array[begin : begin + _AT_ONCE + 1]


def every(array: Array, test: Callable[[Array], Any]) -> bool:
    """Tell whether a test of pieces of an array is true for all items."""
    return all(bool(np.all(test(piece))) for piece in _pieces(array))


@dataclass(frozen=True, slots=True)
class Cover:
    """Offsets that begin at 0, ascend, and end at the number of `into`."""

    into: str
    empty: bool = False

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        if int(array[0]) != 0 or int(array[-1]) != known.sizes[self.into]:
            return False
        return every(array, lambda a: a[1:] >= a[:-1] if self.empty else a[1:] > a[:-1])


@dataclass(frozen=True, slots=True)
class First:
    """Items of which the first one is known."""

    item: int

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        return int(array[0]) == self.item


@dataclass(frozen=True, slots=True)
class Ends:
    """Where each of some stretches of `into` ends, one after the other."""

    into: str

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        last = int(array[-1]) if len(array) else 0
        return last == known.sizes[self.into] and every(array, lambda a: a[1:] >= a[:-1])


@dataclass(frozen=True, slots=True)
class Ascending:
    """Items that ascend: all of them, or those between any two of the offsets in the array `within`."""

    within: str | None = None
    equal: bool = False

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        falls = operator.lt if self.equal else operator.le
        count = sum(int(np.count_nonzero(falls(piece[1:], piece[:-1]))) for piece in _pieces(array))
        if self.within is None or not count:
            return count == 0
        # Items may fall where a stretch begins. Those that do are counted: there must be no others.
        begins = known.arrays[self.within][1:-1].astype(np.intp)
        begins = begins[(begins > 0) & (begins < len(array))]
        begins = begins[np.append(True, begins[1:] != begins[:-1])] if len(begins) else begins
        return count == int(np.count_nonzero(falls(array[begins], array[begins - 1])))


@dataclass(frozen=True, slots=True)
class Below:
    """Items below a number, or below the number of something."""

    limit: int | str
    least: int = 0

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        if not len(array):
            return True
        return int(array.max()) < known.number(self.limit) and int(array.min()) >= self.least


@dataclass(frozen=True, slots=True)
class RowsBelow:
    """Rows of numbers, those of each column below their own limit."""

    limits: tuple[int, ...]

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        rows = array.reshape(-1, len(self.limits))
        return all(int(rows[:, column].max(initial=0)) < limit for column, limit in enumerate(self.limits))


@dataclass(frozen=True, slots=True)
class Total:
    """Items with a known sum."""

    of: str

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        return int(array.sum(dtype=np.uint64)) == known.sizes[self.of]


@dataclass(frozen=True, slots=True)
class Permutation:
    """Each number from 0 on once."""

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        if len(array) and int(array.max()) >= len(array):
            return False
        seen = np.zeros(len(array), dtype=np.bool_)
        seen[array] = True
        return bool(seen.all())


@dataclass(frozen=True, slots=True)
class AtMostEach:
    """For each stretch between two of the offsets in the array `within`, at most the number of its items."""

    within: str

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        return bool(np.all(array <= np.diff(known.arrays[self.within])))


@dataclass(frozen=True, slots=True)
class Utf8:
    """Texts in UTF-8, cut at the offsets in the array `within`; `errors` as of `bytes.decode`."""

    within: str
    errors: str = "surrogatepass"

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        begins = known.arrays[self.within][:-1].astype(np.intp)
        begins = begins[begins < len(array)]
        if np.any(array[begins] & 0xC0 == 0x80):  # in the middle of a character
            return False
        # Cut where texts begin: one text after another, there may be gigabytes of them.
        nearest = np.searchsorted(begins, np.arange(_AT_ONCE, len(array), _AT_ONCE))
        cuts = np.unique(np.append(begins[nearest[nearest < len(begins)]], len(array)))
        begin = 0
        try:
            for end in cuts.tolist():
                array[begin:end].tobytes().decode("utf-8", self.errors)
                begin = end
        except UnicodeDecodeError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Finite:
    """Numbers with a fraction, none of them infinite or no number."""

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        return bool(np.isfinite(array).all())
