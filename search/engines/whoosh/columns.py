"""What the arrays of a build are: their types, how many items they have, and what must hold of these.

Declared in one place, and checked whenever a file is opened (`structure.py`); `segment_writer.py`, `changes.py` and
`collapse.py` write them. An array comes after those that its rules look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...arrays import Array
from ...retrieval.features import DIRECTIONS
from ...retrieval.rescoring import IN_TITLE
from ...storage.structure import (
    BYTES,
    LONG,
    NUMBERS,
    SHORT,
    Ascending,
    AtMostEach,
    Below,
    Column,
    First,
    Known,
    Permutation,
    RowsBelow,
    Total,
    Utf8,
    every,
    offsets,
)
from .inversion import KEY_BITS, TITLE, ZONE_BITS
from .layout import UNDATED

_STRETCH = 64
"""So many positions after one another have an item of `coarse`."""


def segment_columns(facets: Mapping[str, Sequence[str]]) -> dict[str, Column]:
    """Return what is declared of the arrays of a segment whose facets have these values.

    Known beforehand must be the sizes `documents`, `words_length` and `bigrams_length`.
    """
    limits = tuple(map(len, facets.values()))
    columns = {**SEGMENT, "facets": Column(SHORT + NUMBERS, "documents", (RowsBelow(limits),), wide=len(limits))}
    for key, limit in zip(facets, limits, strict=True):
        further = f"further values of {key}"
        columns[f"facet_{key}_more_docs"] = Column(NUMBERS, further, (Ascending(equal=True), Below("documents")))
        columns[f"facet_{key}_more"] = Column(NUMBERS, further, (Below(limit),))
    return columns


@dataclass(frozen=True, slots=True)
class Places:
    """Positions of characters, each with its zone."""

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        end = int(known.arrays["starts"][-1])
        zones = (1 << ZONE_BITS) - 1
        return int(array.max(initial=0)) >> ZONE_BITS < end and every(array, lambda places: places & zones <= TITLE)


@dataclass(frozen=True, slots=True)
class Coarse:
    """For every stretch of positions a document that begins no later than the stretch."""

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        starts = known.arrays["starts"]
        stretches = -(-(int(starts[-1]) + _STRETCH) // _STRETCH)
        if len(array) != stretches or int(array.max()) >= known.sizes["documents"]:
            return False
        return bool(np.all(starts.take(array) <= np.arange(0, _STRETCH * stretches, _STRETCH)))


@dataclass(frozen=True, slots=True)
class CharacterFrequencies:
    """Frequencies from 1 on, with or without the mark of a title."""

    def holds(self, array: Array, known: Known) -> bool:
        """Tell whether it does."""
        return every(array, lambda tf: tf & (IN_TITLE - 1) != 0)


_DAY = Below(date.max.toordinal() + 1)

SEGMENT: Mapping[str, Column] = {
    # Stored articles: first document and place of each block. What is in a block has a checksum there (`store.py`).
    "store_first": offsets("blocks", "documents"),
    "store_offsets": offsets("blocks", "bytes stored"),
    "store": Column(BYTES, "bytes stored"),
    # Where the documents lie among all positions.
    "starts": Column(NUMBERS, "documents", (First(0), Ascending()), more=1),
    "coarse": Column(NUMBERS, "stretches", (Coarse(),)),
    # The words and their documents.
    "word_text_offsets": offsets("words", "bytes of words"),
    "word_text": Column(BYTES, "bytes of words", (Utf8("word_text_offsets"),)),
    "word_offsets": offsets("words", "postings"),
    "word_docs": Column(NUMBERS, "postings", (Below("documents"), Ascending("word_offsets"))),
    "word_tf": Column(BYTES, "postings", (Below(1 << 8, least=1),)),
    # The bigrams and their places.
    "bigram_keys": Column(LONG, "bigrams", (Ascending(), Below(1 << 2 * KEY_BITS))),
    "bigram_offsets": offsets("bigrams", "places"),
    "bigram_df": Column(NUMBERS, "bigrams", (Below(1 << 32, least=1), AtMostEach("bigram_offsets"))),
    "bigram_places": Column(NUMBERS, "places", (Places(), Ascending("bigram_offsets"))),
    # The characters of each document, and in how many each of them occurs.
    "char_offsets": offsets("documents", "characters", empty=True),
    "char_codes": Column(SHORT, "characters", (Ascending("char_offsets"),)),
    "char_tf": Column(BYTES, "characters", (CharacterFrequencies(),)),
    "char_keys": Column(SHORT, "distinct characters", (Ascending(),)),
    "char_df": Column(NUMBERS, "distinct characters", (Below(1 << 32, least=1), Total("characters"))),
    # The ids and the documents in their order: whatever was found is looked up by its id once more. The rank by date.
    "id_offsets": offsets("documents", "bytes of ids", empty=True, checksum=True),
    "ids": Column(BYTES, "bytes of ids", (Utf8("id_offsets"),), checksum=True),
    "id_order": Column(NUMBERS, "documents", (Permutation(),), checksum=True),
    "dates": Column(("<i4",), "documents", (Below(date.max.toordinal() + 1, least=UNDATED),)),
    "newest": Column(NUMBERS, "documents", (Permutation(),)),
    # What else is known of each document.
    "words_lengths": Column(NUMBERS, "documents", (Total("words_length"),)),
    "bigrams_lengths": Column(NUMBERS, "documents", (Total("bigrams_length"),)),
    "full": Column(BYTES, "documents", (Below(2),)),
    "direction": Column(BYTES, "documents", (Below(len(DIRECTIONS)),)),
    "works": Column(LONG, "documents"),
    "citing": Column(NUMBERS, "citations", (Ascending(equal=True), Below("documents"))),
    "cited": Column(LONG, "citations"),
    # What is known of the validity of some documents, and the works that some repeal.
    "validity_rows": Column(NUMBERS, "validities", (Ascending(), Below("documents"))),
    "validity_effective": Column(("<i4",), "validities", (_DAY,)),
    "validity_expires": Column(("<i4",), "validities", (_DAY,)),
    "validity_version": Column(("<i4",), "validities", (_DAY,)),
    "validity_says": Column(BYTES, "validities"),
    "validity_works": Column(LONG, "validities"),
    "validity_texts": Column(LONG, "validities"),
    "validity_repealing": Column(NUMBERS, "repeals", (Ascending(equal=True), Below("documents"))),
    "validity_repealed": Column(LONG, "repeals"),
}
"""The arrays of a segment but those of its facets."""
DELETED: Mapping[str, Column] = {"deleted": Column(NUMBERS, "deleted", (Ascending(), Below("documents")))}
GROUPS: Mapping[str, Column] = {
    "group": Column(NUMBERS, "members", (Ascending(equal=True),)),
    "segment": Column(NUMBERS, "members", (Below("segments"),)),
    "document": Column(NUMBERS, "members"),
}
