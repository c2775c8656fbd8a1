"""Which documents of a segment carry words of a given weight together, asked for less and less weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ... import kernel
from ...arrays import Docs, Hits
from .postings import EMPTY
from .segment import Segment


class Sharing:
    """The documents of a segment by how much the words weigh that they carry.

    `words` are weights and documents, the heaviest first. Documents fall into blocks by the heaviest word they carry. A
    block is looked at when the words from its own on can reach what is asked for, and then once, however often less is
    asked for. With `candidates` only those count, and they are one block. `close` it when done.
    """

    def __init__(self, words: Sequence[tuple[float, Docs]], segment: Segment, candidates: Hits | None) -> None:
        self._weights = [weight for weight, _ in words]
        self._docs = [docs for _, docs in words]
        self._segment = segment
        self._blocks = [] if candidates is None else [candidates]
        self._limited = candidates is not None
        self._held: dict[int, NDArray[np.float64]] = {}
        rest = sum(self._weights)
        self._reach = []
        """What a document can weigh at most that carries a word and none before it."""
        for weight in self._weights:
            self._reach.append(rest)
            rest -= weight

    def at_least(self, threshold: float) -> Hits:
        """Return the documents whose words weigh `threshold`, in no particular order."""
        found = []
        for number, reach in enumerate(self._reach[:1] if self._limited else self._reach):
            if reach < threshold:
                break
            block = self._block(number)
            # Whoever has this block's word has enough, or what else he has must be added up.
            if self._limited or self._weights[number] < threshold:
                block = block.compress(self._weight(number) >= threshold)
            if len(block):
                found.append(block)
        return found[0] if len(found) == 1 else np.concatenate([EMPTY.docs, *found])

    def close(self) -> None:
        """Leave the scratch as it was."""
        if not self._limited:
            for block in self._blocks:
                self._segment.scratch.seen[block] = False

    def _block(self, number: int) -> Hits:
        if number == len(self._blocks):
            self._blocks.append(kernel.loops.fresh(self._docs[number], self._segment.scratch.seen))
        return self._blocks[number]

    def _weight(self, number: int) -> NDArray[np.float64]:
        """Return what the words weigh that each document of a block carries: those from its own on."""
        if number not in self._held:
            scratch = self._segment.scratch
            lists, weights = self._docs[number:], self._weights[number:]
            self._held[number] = kernel.loops.hold(self._blocks[number], lists, weights, scratch)
        return self._held[number]
