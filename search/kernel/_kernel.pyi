"""What `kernel.c` does, for the type checker and for readers.

Lists are uint32 and ascending, hits int64 in any order. Output goes into arrays of the caller; functions that return an
integer tell how many items they wrote. `coarse`, `starts` and `weights` are those of `loops.Layout`. Whatever the
arrays hold, none is read or written outside: arrays of the wrong sizes raise ValueError, contents that point outside
IndexDamaged.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any] | memoryview

Form = tuple[Buffer, Buffer | None, float]
"""Documents, their frequencies and a factor; or the places of a bigram, None and a factor."""
Clause = tuple[Buffer, list[Form]]
"""Norms (float32, one a document), and the forms of which the best counts."""

def find(text: Buffer, offsets: Buffer, key: bytes) -> int:
    """Return the rank of `key` among sorted strings, end to end in `text` at `offsets`, or -1."""

def rank(keys: Buffer, key: int) -> int:
    """Return the rank of `key` among ascending keys (uint64), or -1."""

def intersect(lists: Sequence[Buffer], out: Buffer) -> int:
    """Write the documents that are in all lists, the shortest of which comes first, as hits."""

def unite(left: Buffer, right: Buffer, out: Buffer) -> int:
    """Write the documents that are in either list, as a list."""

def fresh(docs: Buffer, seen: Buffer, out: Buffer) -> int:
    """Write the documents of a list that are not `seen` (a byte a document) as hits, and mark them as seen."""

def hold(hits: Buffer, lists: Sequence[Buffer], weights: Buffer, slots: Buffer, out: Buffer) -> None:
    """Add to each hit (float64) the weight of every list it is in.

    `slots` is room for a uint32 a document, all 0 before and after.
    """

def score(
    clauses: list[Clause],
    hits: Buffer,
    coarse: Buffer,
    starts: Buffer,
    weights: Buffer,
    slots: Buffer,
    best: Buffer,
    out: Buffer,
) -> None:
    """Add to each hit (float32) the best of the forms of every clause: factor × tf / (tf + norm).

    `slots` (uint32, a document each) and `best` (float32, a hit each) are room, all 0 before and after.
    """

def phrase(lists: Sequence[Buffer], offsets: Buffer, out: Buffer) -> int:
    """Write the places from which on every list has a place at its offset (int64), the shortest list coming first."""

def owners(places: Buffer, coarse: Buffer, starts: Buffer, weights: Buffer, docs: Buffer, tf: Buffer) -> int:
    """Write the documents of ascending places and their weighted frequencies, at most 255."""

def gather(
    places: Buffer, coarse: Buffer, starts: Buffer, weights: Buffer, room: Buffer, docs: Buffer, tf: Buffer
) -> int:
    """Write the same of places in any order. `room` (a byte a document) is all 0 before and after.

    `docs` and `tf` have room for one more than there can be.
    """

def rescore(
    offsets: Buffer,
    codes: Buffer,
    tf: Buffer,
    hits: Buffer,
    wanted: Buffer,
    factors: Buffer,
    norms: Buffer,
    in_title: int,
    ranks: Buffer,
    out: Buffer,
    common: Buffer,
    titles: Buffer,
) -> None:
    """Write for each hit what its characters that are `wanted` (int64) add, and how many of them its title holds.

    `offsets`, `codes` and `tf` are the characters by document, `factors` (float32) go with `wanted`; `titles` gets how
    many characters the title holds in all: those whose `tf` is `in_title` more. `ranks` (a byte a code) is all 0 before
    and after.
    """

def count(rows: Buffer, columns: int, hits: Buffer, counts: Buffer) -> None:
    """Count (int64) the values in the rows (uint16 or uint32) of the hits."""

def top(scores: Buffer, ranks: Buffer, hits: Buffer, out: Buffer) -> int:
    """Write the indices (int64) of as many hits as `out` holds: by falling score, then by rank of the document."""

def spread(counts: Buffer, names: list[str], ends: list[int]) -> list[dict[str, int]]:
    """Return name → count of what is not 0, cut into dictionaries before each of `ends`; the name "" is left out."""

def texts(text: Buffer, offsets: Buffer, wanted: Buffer) -> list[str]:
    """Return some (int64) of the strings that lie in UTF-8, end to end in `text` at `offsets`."""
