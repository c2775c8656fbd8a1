"""Texts end to end in UTF-8 with the offsets between them: a column of strings in two arrays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .. import kernel
from ..arrays import Array, Hits

_AT_ONCE = 1 << 14
"""Strings that an iteration has in memory: a column of millions may be read through a mapping."""


def encode_strings(strings: Iterable[str]) -> tuple[Array, Array]:
    """Return the UTF-8 bytes of `strings` end to end (uint8), and the offsets (uint64, one more than strings)."""
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    offsets = np.zeros(len(encoded) + 1, dtype=np.uint64)
    np.cumsum(np.fromiter(map(len, encoded), np.uint64, len(encoded)), out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


@dataclass(frozen=True, slots=True)
class Strings(Sequence[str]):
    """Text i is `blob[offsets[i]:offsets[i + 1]]`."""

    blob: Array
    offsets: Array

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """Pack some texts."""
        return cls(*encode_strings(texts))

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
        for first in range(0, len(self), _AT_ONCE):
            ends = self.offsets[first : first + _AT_ONCE + 1].tolist()
            base = ends[0]
            text = self.blob[base : ends[-1]].tobytes()
            for begin, end in pairwise(ends):
                yield text[begin - base : end - base].decode("utf-8", "surrogatepass")


class RawStrings:
    """The same as bytes, to be looked up one by one."""

    def __init__(self, blob: Array, offsets: Array) -> None:
        self._arrays = blob, offsets
        # Views for looking up single items: indexing an array costs five times as much.
        self._blob = blob.data
        self._offsets = offsets.data

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._blob[self._offsets[number] : self._offsets[number + 1]].tobytes()

    def texts(self, numbers: Hits) -> list[str]:
        """Return some of the strings."""
        return kernel.loops.texts(*self._arrays, numbers)


class SortedStrings(RawStrings):
    """Strings in ascending order of their bytes."""

    def find(self, text: bytes) -> int:
        """Return the rank of `text`, -1 if it is none of them."""
        return kernel.loops.find(*self._arrays, text)

    def rank(self, text: bytes) -> int:
        """Return how many of the strings come before `text`."""
        return bisect_left(self, text)
