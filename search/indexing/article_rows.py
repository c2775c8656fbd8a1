"""What a reindex remembers of every article: columns of one item an article, in the order of the collection.

About 60 bytes an article with its id and title; kept in a file beside the index and read through a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ID, CONTENT, SIMHASH, ABOUT = range(4)
"""Columns of `Rows.numbers`: hash of the id, hash of all that is stored, simhash of the text, `lint.about_key`."""
TEASER, UNDATED, EMPTY = 1, 2, 4
"""Bits of `Rows.flags`; those from `FACETS` on tell for each facet whether the article has a value of its own."""
FACETS = 3


@dataclass(frozen=True, slots=True)
class Strings(Sequence[str]):
    """Texts end to end in UTF-8; text i is `blob[offsets[i]:offsets[i + 1]]`."""

    blob: Array
    offsets: Array

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """Pack some texts."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        offsets = np.zeros(len(encoded) + 1, np.uint64)
        np.cumsum(np.fromiter(map(len, encoded), np.uint64, len(encoded)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def join(cls, pieces: Sequence[Strings]) -> Strings:
        """Put several one after the other."""
        offsets, end = [np.zeros(1, np.uint64)], np.uint64(0)
        for piece in pieces:
            offsets.append(piece.offsets[1:] - piece.offsets[0] + end)
            end = offsets[-1][-1] if len(piece) else end
        blobs = [piece.blob[int(piece.offsets[0]) : int(piece.offsets[-1])] for piece in pieces]
        return cls(np.concatenate([np.zeros(0, np.uint8), *blobs]), np.concatenate(offsets))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            begin, end, _ = number.indices(len(self))
            return Strings(self.blob, self.offsets[begin : max(begin, end) + 1])
        begin, end = self.offsets[number : number + 2].tolist()
        return self.blob[begin:end].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        ends = self.offsets.tolist()
        base = ends[0]
        text = self.blob[base : ends[-1]].tobytes()
        for begin, end in pairwise(ends):
            yield text[begin - base : end - base].decode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Rows:
    """`numbers` has shape (articles, 4) and dtype uint64, `flags` is uint16; `titles` leaves out the longest ones."""

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
            np.concatenate([np.zeros(0, np.uint16), *(piece.flags for piece in pieces)]),
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
    def of_arrays(cls, arrays: Mapping[str, Array]) -> Rows:
        """Return rows of stored columns."""
        return cls(
            arrays["numbers"].reshape(-1, 4),
            arrays["flags"],
            Strings(arrays["ids"], arrays["id_offsets"]),
            Strings(arrays["titles"], arrays["title_offsets"]),
        )
