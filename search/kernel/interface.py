"""What the inner loops do: the functions that both ways have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from ..arrays import Array, Docs, Frequencies, Hits, Places, Scores
from .sets import Scratch

Form = tuple[Any, Any, float]
"""Documents, their frequencies and a factor; or the places of a pair, None and a factor."""

Term = tuple[Scores, list[Form]]
"""Norms (one a document), and the forms of which the best counts."""


class Layout(NamedTuple):
    """Where the documents of a segment lie: `starts` (uint32) has the position where each begins, and the end; `coarse`
    (uint32) the document at every 64th position. `weights` (uint8, 4 items) is what an occurrence counts by its zone.
    """

    coarse: Array
    starts: Array
    weights: NDArray[Any]


class Loops(Protocol):
    """The inner loops. Lists of documents and places are ascending, hits are in any order."""

    def posting(self, docs: Array) -> Docs:
        """Return the documents of a posting list as these loops read them fastest."""
        ...

    def find(self, text: Array, offsets: Array, key: bytes) -> int:
        """Return the rank of `key` among sorted strings, end to end in `text` at `offsets`, or -1."""
        ...

    def texts(self, text: Array, offsets: Array, wanted: Hits) -> list[str]:
        """Return some of the strings that lie in UTF-8, end to end in `text` at `offsets`."""
        ...

    def rank(self, keys: Array, key: int) -> int:
        """Return the rank of `key` among ascending keys (uint64), or -1."""
        ...

    def unite(self, lists: Sequence[Docs], scratch: Scratch) -> Docs:
        """Return the documents that are in any of the lists, ascending."""
        ...

    def intersect(self, lists: Sequence[Docs], scratch: Scratch) -> Hits:
        """Return the documents that are in all of the lists, of which there is at least one."""
        ...

    def fresh(self, docs: Docs, seen: Array) -> Hits:
        """Return the documents of a list that are not yet `seen` (a bool a document), and mark them as seen."""
        ...

    def hold(self, hits: Hits, lists: Sequence[Docs], weights: Sequence[float], scratch: Scratch) -> NDArray[Any]:
        """Return for each hit (float64) the sum of the weights of the lists it is in."""
        ...

    def phrase(self, lists: Sequence[tuple[Places, int]]) -> Places:
        """Return the places from which on every list has a place at its offset; one has the offset 0."""
        ...

    def owners(self, places: Places, layout: Layout) -> tuple[Docs, Frequencies]:
        """Return the documents of ascending places, and their weighted frequencies (at most 255)."""
        ...

    def gather(self, places: Places, layout: Layout, scratch: Scratch) -> tuple[Docs, Frequencies]:
        """Return the same of places in any order."""
        ...

    def score(self, terms: Sequence[Term], hits: Hits, layout: Layout, scratch: Scratch, out: Scores) -> None:
        """Add to each hit the best of the forms of every term: factor x tf / (tf + norm)."""
        ...

    def rescore(  # noqa: PLR0913, PLR0917 - columns and what is asked of them
        self,
        offsets: Array,
        codes: Array,
        tf: Array,
        hits: Hits,
        wanted: Array,
        factors: Scores,
        norms: Scores,
        in_title: int,
    ) -> tuple[Scores, Array, Array]:
        """Return what the characters of each hit that are `wanted` add, how many of those its title holds, and how many
        characters its title holds in all.

        Document i has the characters `codes[offsets[i]:offsets[i + 1]]`; `tf` is their frequency, plus `in_title` where
        the title holds one. `factors` go with `wanted`.
        """
        ...

    def count(self, rows: Array, hits: Hits, size: int) -> NDArray[Any]:
        """Count (int64) the values below `size` in the rows (a matrix of uint16 or uint32) of the hits."""
        ...

    def spread(self, counts: Array, names: list[str], ends: list[int]) -> list[dict[str, int]]:
        """Return name → count of what is not 0, cut into dictionaries before each of `ends`; "" is left out."""
        ...

    def top(self, scores: Scores, ranks: Array, hits: Hits, count: int) -> Array:
        """Return the indices of the first `count` hits by falling score, then by the rank of their document."""
        ...
