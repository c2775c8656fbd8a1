"""What a reindex remembers of every article: columns of one item an article, in the order of the collection.

About 60 bytes an article with its id and title; kept in a file beside the index and read through a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from ..arrays import Array
from ..storage.strings import Strings
from ..storage.structure import BYTES, LONG, NUMBERS, Column, Utf8, offsets

ID, CONTENT, SIMHASH, ABOUT = range(4)
"""Columns of `Rows.numbers`: hash of the id, hash of all that is stored, simhash of the text, `lint.about_key`."""
TEASER, UNDATED, EMPTY, SOURCED = 1, 2, 4, 1 << 31
"""Bits of `Rows.flags`."""
FACET_FLAGS = 3
"""The number of the first of the bits that tell for each facet whether the article has a value of its own: up to 28."""
IN_MEMORY = 1 << 18
"""Rows that a reindex gathers in memory before it puts them into temporary files: some 25 MB."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`numbers` has shape (articles, 4) and dtype uint64, `flags` is uint32; `titles` leaves out the longest ones."""

    numbers: Array
    flags: Array
    ids: Strings
    titles: Strings

    def __len__(self) -> int:
        return len(self.flags)

    def slice(self, begin: int, end: int) -> Rows:
        """Return a view of some rows."""
        return Rows(self.numbers[begin:end], self.flags[begin:end], self.ids[begin:end], self.titles[begin:end])

    @classmethod
    def join(cls, pieces: Sequence[Rows]) -> Rows:
        """Put several one after the other."""
        return cls(
            np.concatenate([np.zeros((0, 4), np.uint64), *(piece.numbers for piece in pieces)]),
            np.concatenate([np.zeros(0, np.uint32), *(piece.flags for piece in pieces)]),
            Strings.join([piece.ids for piece in pieces]),
            Strings.join([piece.titles for piece in pieces]),
        )

    def arrays(self) -> dict[str, Array]:
        """Return the columns by name, to be stored; `of_arrays` is the way back."""
        return {
            "numbers": self.numbers.ravel(),
            "flags": self.flags,
            "ids": self.ids.blob,
            "id_offsets": self.ids.offsets,
            "titles": self.titles.blob,
            "title_offsets": self.titles.offsets,
        }

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """Return what is declared of the stored columns."""
        return {
            "numbers": Column(LONG, "rows", wide=4),
            "flags": Column(NUMBERS, "rows"),
            "id_offsets": offsets("rows", "bytes of ids", empty=True),
            "ids": Column(BYTES, "bytes of ids", (Utf8("id_offsets"),)),
            "title_offsets": offsets("rows", "bytes of titles", empty=True),
            "titles": Column(BYTES, "bytes of titles", (Utf8("title_offsets"),)),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Array]) -> Rows:
        """Return rows of stored columns."""
        return cls(
            arrays["numbers"].reshape(-1, 4),
            arrays["flags"],
            Strings(arrays["ids"], arrays["id_offsets"]),
            Strings(arrays["titles"], arrays["title_offsets"]),
        )


@dataclass(slots=True)
class Gathered:
    """Rows as they come, piece by piece; the many of a large collection lie in temporary files (`TMPDIR`)."""

    _pieces: list[Rows] = field(default_factory=list)
    _waiting: int = 0
    _files: dict[str, BinaryIO] = field(default_factory=dict)
    _ends: dict[str, int] = field(default_factory=dict)

    def add(self, rows: Rows) -> None:
        """Take in the next rows."""
        self._pieces.append(rows)
        self._waiting += len(rows)
        if self._waiting > IN_MEMORY:
            self._put_away()

    def rows(self) -> Rows:
        """Return all of them, end to end: read through mappings where they lie in files. Nothing may be added then."""
        if not self._files:
            return Rows.join(self._pieces)
        self._put_away()
        return Rows.of_arrays({name: _mapped(file, _DTYPES[name]) for name, file in self._files.items()})

    def close(self) -> None:
        """Close the files: what is mapped stays until it is read no more."""
        for file in self._files.values():
            file.close()

    def _put_away(self) -> None:
        if not self._files:
            self._files = {name: TemporaryFile() for name in _DTYPES}  # noqa: SIM115 - `close` closes them
            for name in _OFFSETS:
                self._files[name].write(bytes(8))
        for name, column in Rows.join(self._pieces).arrays().items():
            if name in _OFFSETS:
                ends = column + np.uint64(self._ends.get(name, 0))
                self._ends[name] = int(ends[-1])
                self._files[name].write(ends[1:].data)
            else:
                self._files[name].write(column.data)
        self._pieces, self._waiting = [], 0


_OFFSETS = ("id_offsets", "title_offsets")
_DTYPES: dict[str, type[np.generic]] = {"numbers": np.uint64, "flags": np.uint32, "ids": np.uint8, "titles": np.uint8}
_DTYPES |= dict.fromkeys(_OFFSETS, np.uint64)


def _mapped(file: BinaryIO, dtype: type[np.generic]) -> Array:
    file.flush()
    # A mapping cannot be empty, and there may be no title at all.
    return np.memmap(file, dtype, "r") if file.tell() else np.zeros(0, dtype)
