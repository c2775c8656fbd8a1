"""The terms of one indexed field as Whoosh numbers them: by rank, as UTF-8, in ascending order of bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import numpy as np

from .inversion import KEY_BITS, ZONE_BITS
from .postings import PostingList
from .schema import Field
from .segment import Segment

Positions = Callable[[int], list[int]]


class FieldTerms(Protocol):
    """The terms of a field."""

    def __len__(self) -> int: ...

    def text(self, number: int) -> bytes:
        """Return a term by its rank."""
        ...

    def rank(self, text: bytes) -> int:
        """Return how many terms sort before `text`."""
        ...

    def postings(self, number: int) -> PostingList:
        """Return the postings of a term, deleted documents included."""
        ...

    def positions(self, text: bytes) -> Positions | None:
        """Return a function from document to positions; None if the field has none."""
        ...


def field_terms(field: Field, segment: Segment) -> FieldTerms | None:
    """Return the terms of a field, None if it is not indexed."""
    match field.kind:
        case "words":
            return WordTerms(segment)
        case "bigrams":
            return BigramTerms(segment)
        case "facet":
            return FacetTerms(segment, field.name)
        case "key":
            return KeyTerms(segment)
        case _:
            return None


class WordTerms:
    """The words, in the order they are stored in."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __len__(self) -> int:
        return len(self._segment.words)

    def text(self, number: int) -> bytes:
        """Return a word."""
        return self._segment.words.text(number)

    def rank(self, text: bytes) -> int:
        """Return how many words sort before `text`."""
        return self._segment.words.rank(text)

    def postings(self, number: int) -> PostingList:
        """Return the postings of a word."""
        return self._segment.words.postings(number)

    def positions(self, text: bytes) -> None:
        """Words have no positions: the bigrams carry them."""
        return


class BigramTerms:
    """The bigrams; a term is the UTF-8 of both characters, which sorts as the keys do."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __len__(self) -> int:
        return len(self._segment.bigrams)

    def text(self, number: int) -> bytes:
        """Return both characters of a bigram."""
        key = self._segment.bigrams.key(number)
        return (chr(key >> KEY_BITS) + chr(key & (1 << KEY_BITS) - 1)).encode()

    def rank(self, text: bytes) -> int:
        """Return how many bigrams sort before `text`."""
        return bisect_left(range(len(self)), text, key=self.text)

    def postings(self, number: int) -> PostingList:
        """Return the postings of a bigram."""
        return self._segment.bigrams.postings_of(self._segment.bigrams.places_at(number, number + 1))

    def positions(self, text: bytes) -> Positions:
        """Return the function from document to character positions."""
        number = self.rank(text)
        places = self._segment.bigrams.places_at(number, number + 1)
        starts = self._segment.arrays["starts"]

        def of(document: int) -> list[int]:
            begin, end = starts[document : document + 2].tolist()
            low, high = np.searchsorted(places, np.array([begin, end], np.uint32) << np.uint32(ZONE_BITS))
            return ((places[low:high] >> np.uint32(ZONE_BITS)) - np.uint32(begin)).tolist()  # type: ignore[no-any-return]

        return of


class FacetTerms:
    """The values of a facet; postings are read off the ordinals."""

    def __init__(self, segment: Segment, key: str) -> None:
        self._segment = segment
        self._key = key
        values = enumerate(segment.facets.values[key])
        self._terms = sorted((value.encode("utf-8", "surrogatepass"), ordinal) for ordinal, value in values if value)

    def __len__(self) -> int:
        return len(self._terms)

    def text(self, number: int) -> bytes:
        """Return a value."""
        return self._terms[number][0]

    def rank(self, text: bytes) -> int:
        """Return how many values sort before `text`."""
        return bisect_left(self._terms, (text, -1))

    def postings(self, number: int) -> PostingList:
        """Return the articles that have a value."""
        ordinal = self._terms[number][1]
        facets = self._segment.facets
        docs, more = facets.further(self._key)
        docs = np.union1d(np.flatnonzero(facets.first(self._key) == ordinal), docs[more == ordinal]).astype(np.uint32)
        return PostingList(docs, np.ones(len(docs), np.uint8))

    def positions(self, text: bytes) -> None:
        """Values have no positions."""
        return


class KeyTerms:
    """The article ids."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __len__(self) -> int:
        return self._segment.documents

    @cached_property
    def _order(self) -> list[int]:
        order: list[int] = self._segment.arrays["id_order"].tolist()
        return order

    def text(self, number: int) -> bytes:
        """Return an id."""
        return self._segment.id_of(self._order[number]).encode("utf-8", "surrogatepass")

    def rank(self, text: bytes) -> int:
        """Return how many ids sort before `text`."""
        return bisect_left(range(len(self)), text, key=self.text)

    def postings(self, number: int) -> PostingList:
        """Return the one article with this id."""
        return PostingList(np.array(self._order[number : number + 1], np.uint32), np.ones(1, np.uint8))

    def positions(self, text: bytes) -> None:
        """Ids have no positions."""
        return
