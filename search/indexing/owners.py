"""Which file had an id first, for as many ids as a collection has: 12 bytes each, where a dict would take 170.

Ids are told apart by 64 bits, as in the manifest: that two of ten million share them has a chance of 1 in 370,000.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from ..arrays import Array

RECENT = 1 << 17
"""Ids that are kept in a dict before they are put among the others, which copies those."""


class Owners:
    """Hash of an id (`batches.id_hash`) → number of the file that has it."""

    def __init__(self) -> None:
        self._recent: dict[int, int] = {}
        self._hashes: Array = np.zeros(0, np.uint64)
        self._numbers: Array = np.zeros(0, np.uint32)

    def get(self, hashed: int) -> int | None:
        """Return the number of the file that has an id, None if none has."""
        number = self._recent.get(hashed)
        if number is None and len(self._hashes):
            place = bisect_left(self._hashes.data, hashed)
            if place < len(self._hashes) and self._hashes.data[place] == hashed:
                number = int(self._numbers[place])
        return number

    def add(self, hashed: int, number: int) -> None:
        """Note that file `number` has an id that no file had."""
        self._recent[hashed] = number
        if len(self._recent) >= RECENT:
            self._settle()

    def _settle(self) -> None:
        hashes = np.fromiter(self._recent.keys(), np.uint64, len(self._recent))
        order = np.argsort(hashes)
        places = np.searchsorted(self._hashes, hashes[order])
        numbers = np.fromiter(self._recent.values(), np.uint32, len(self._recent))
        self._hashes = np.insert(self._hashes, places, hashes[order])
        self._numbers = np.insert(self._numbers, places, numbers[order])
        self._recent = {}
