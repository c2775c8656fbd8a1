"""The pairs of characters of a segment, sorted, and the places of each: what any string of characters is found by.

A place packs the position of a pair's first character and its zone. Documents lie end to end, title before text, with
U+0000 behind each, so nothing matches across them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np

from ... import kernel
from ...arrays import Array, Hits, Places
from ...kernel.plain import contain
from ...text.tokens import RUN
from .inversion import KEY_BITS, ZONE_BITS, ZONE_WEIGHTS
from .postings import EMPTY, PostingList

_RUN = re.compile(RUN)
_IDEOGRAPHS = "\u3400"
"""From here on no character is part of a run of letters or digits."""
_SECOND = np.uint64((1 << KEY_BITS) - 1)
_SHIFT = np.uint32(ZONE_BITS)


class Bigrams:
    """Bigrams by their rank, and strings by their characters; deleted documents are still in the lists."""

    def __init__(self, arrays: Mapping[str, Array], scratch: kernel.Scratch) -> None:
        self._arrays = arrays
        self._keys = arrays["bigram_keys"]
        self._offsets = arrays["bigram_offsets"].data
        self._scratch = scratch
        # Of the array, not of this object: one in a cache of its own would stay until garbage collection.
        self._runs_before = lru_cache(maxsize=64)(partial(_runs_before, self._keys))
        self.layout = kernel.Layout(arrays["coarse"], arrays["starts"], ZONE_WEIGHTS.astype(np.uint8))

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, number: int) -> int:
        """Return a bigram's key: `first << 21 | second`."""
        return int(self._keys[number])

    def find(self, pair: str) -> int:
        """Return the rank of a bigram, -1 if there is none."""
        return kernel.loops.rank(self._keys, ord(pair[0]) << KEY_BITS | ord(pair[1]))

    def df(self, number: int) -> int:
        """Return in how many documents a bigram occurs."""
        return int(self._arrays["bigram_df"][number])

    def places_at(self, first: int, last: int) -> Places:
        """Return the places of the bigrams ranked `first:last`, end to end; a view of the file."""
        return self._arrays["bigram_places"][self._offsets[first] : self._offsets[last]]

    def places(self, pair: str) -> Places:
        """Return the places of a bigram, ascending."""
        number = self.find(pair)
        return self.places_at(0, 0) if number < 0 else self.places_at(number, number + 1)

    def postings(self, form: str, literal: bool) -> PostingList:
        """Return where the characters of a string (not empty) stand.

        Unless `literal`, its Latin or digit edges must be edges of runs.
        """
        if len(form) == 1:
            places = self.places_at(*self._range(form))
            if form >= _IDEOGRAPHS:
                return PostingList(*kernel.loops.gather(places, self.layout, self._scratch))
            places = np.sort(places)
        else:
            pairs = [first + second for first, second in pairwise(form)]
            places = kernel.loops.phrase([(self.places(pair), offset) for offset, pair in enumerate(pairs)])
        if not literal:
            places = self._at_run_edges(form, places)
        return self.postings_of(places)

    def postings_of(self, places: Places) -> PostingList:
        """Return documents and weighted frequencies of ascending places."""
        return PostingList(*kernel.loops.owners(places, self.layout)) if len(places) else EMPTY

    def ranges(self, places: Places, documents: Hits) -> tuple[Array, Array]:
        """Return where in the ascending `places` those of each document begin and end."""
        starts = self.layout.starts
        return (
            places.searchsorted(starts.take(documents) << _SHIFT),
            places.searchsorted(starts.take(documents + 1) << _SHIFT),
        )

    def _range(self, character: str) -> tuple[int, int]:
        """Return the ranks of the bigrams that begin with a character."""
        keys, code = self._keys.data, ord(character)
        return bisect_left(keys, code << KEY_BITS), bisect_left(keys, (code + 1) << KEY_BITS)

    def _at_run_edges(self, form: str, places: Places) -> Places:
        """Keep the places where no letter or digit continues the run at either edge of `form`."""
        if places.size and _RUN.match(form[0]):
            before = self._sorted_places(self._runs_before(form[0]))
            places = places[~contain(before, (places >> _SHIFT).astype(np.int64) - 1)]
        if places.size and _RUN.match(form[-1]):
            after = self._sorted_places(self._runs_after(form[-1]))
            places = places[~contain(after, (places >> _SHIFT).astype(np.int64) + len(form) - 1)]
        return places

    def _runs_after(self, character: str) -> Sequence[int]:
        """Return the ranks of the bigrams that begin with `character` and end in a character of a run."""
        first, last = self._range(character)
        end = (self._keys[first:last] & _SECOND).tolist()
        return [number for number, code in enumerate(end, first) if _RUN.match(chr(code))]

    def _sorted_places(self, numbers: Sequence[int]) -> Places:
        """Return the places of several bigrams, ascending."""
        return np.sort(np.concatenate([np.zeros(0, np.uint32), *(self.places_at(n, n + 1) for n in numbers)]))


def _runs_before(keys: Array, character: str) -> list[int]:
    """Return the ranks of the bigrams (`keys`) that end in `character` and begin with a character of a run."""
    numbers = np.flatnonzero((keys & _SECOND) == ord(character))
    begin = (keys[numbers] >> np.uint64(KEY_BITS)).tolist()
    return [number for number, code in zip(numbers.tolist(), begin, strict=True) if _RUN.match(chr(code))]
