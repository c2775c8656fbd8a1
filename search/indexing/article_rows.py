"""What a reindex remembers of every article: columns of one item an article, in the order of the collection.

About 60 bytes an article with its id and title; kept in a file beside the index and read through a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
