"""What of a build depends on the day: the status of each document, as one more facet of its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from ...arrays import Mask
from ...facets.status import REPEALED, REVISED, STATUS
from ...model import Article
from ...retrieval.validity import CODES, joined, statuses, taken
from .segment import Segment


class ValidityOn:
    """The segments of a build as they are on a day: `segments` are those given, with the facet `status`."""

    def __init__(self, segments: Sequence[Segment], day: date) -> None:
        self.day = day
        bases = np.cumsum([0, *(segment.documents for segment in segments)]).tolist()
        known = joined(taken(one.validities, _live(one), base) for one, base in zip(segments, bases, strict=False))
        found = statuses(known, day)
        codes = np.zeros(bases[-1], np.uint8)
        codes[known.rows] = found.codes
        self.segments = [
            segment.with_derived(STATUS.key, CODES, codes[base : base + segment.documents])
            for segment, base in zip(segments, bases, strict=False)
        ]
        self._bases = bases
        self._codes = codes
        replaced = np.flatnonzero(found.replaced_by >= 0)
        by = known.rows[found.replaced_by[replaced]].tolist()
        self._replaced_by = dict(zip(known.rows[replaced].tolist(), by, strict=True))

    def article(self, number: int, document: int) -> Article:
        """Return a document of the `number`-th segment with its status, and the article that took its place."""
        article = self.segments[number].article(document)
        row = self._bases[number] + document
        status = CODES[self._codes[row]]
        if not status:
            return article
        article = replace(article, facets={**article.facets, STATUS.key: (status,)})
        by = self._replaced_by.get(row)
        if by is not None and status == REVISED:
            return replace(article, superseded_by=self._id_of(by))
        if by is not None and status == REPEALED:
            return replace(article, repealed_by=self._id_of(by))
        return article

    def _id_of(self, row: int) -> str:
        number = next(number for number, end in enumerate(self._bases[1:]) if row < end)
        return self.segments[number].id_of(row - self._bases[number])


def _live(segment: Segment) -> Mask:
    return np.ones(segment.documents, np.bool_) if segment.live is None else segment.live
