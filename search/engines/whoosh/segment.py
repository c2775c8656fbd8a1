"""One segment, opened: its documents by number, their ids and columns, and where the forms of a query stand in them.

What the terms are is told by `words.py` and `bigrams.py`; here deleted documents are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ... import kernel
from ...arrays import Array, Hits, Mask
from ...errors import IndexDamaged
from ...kernel.sets import ranges_of
from ...model import Article, Direction
from ...retrieval.conditions import Condition, Evaluation
from ...retrieval.features import DIRECTIONS
from ...retrieval.rescoring import CHARACTER_CODES
from ...retrieval.validity import Validities
from ...storage.articles import Store
from ...storage.container import Container
from ...storage.strings import RawStrings
from ...storage.structure import check, verify
from ...text.tokens import RUN
from .bigrams import Bigrams
from .columns import DELETED, segment_columns
from .facet_ordinals import FacetOrdinals
from .layout import UNDATED, VALIDITY, SegmentEntry, deletions_file, segment_file
from .postings import EMPTY, PostingList
from .words import Words

CONDITIONS_KEPT, CONDITION_BYTES = range(8, 65), 16 << 20
"""For so many conditions (the places that were asked for last) it is kept which documents fulfil them, a byte each: as
many as there is room for.
"""
_RUNS = re.compile(f"{RUN}+")


class Segment:
    """A segment file, opened. `deleted` holds the numbers of documents that no longer count, ascending.

    Raises IndexDamaged if the file is not whole or its arrays are not what they should be (`structure.py`).
    """

    def __init__(self, path: Path, deleted: Array | None = None) -> None:
        self.container = Container(path)
        self.arrays = self.container.arrays
        meta = self.container.meta
        self.documents: int = meta["documents"]
        self._declared = (
            segment_columns(meta["facets"]),
            {name: meta[name] for name in ("documents", "words_length", "bigrams_length")},
        )
        check(self.container, *self._declared)
        self.deleted = np.zeros(0, np.intp) if deleted is None else deleted.astype(np.intp)
        self._intact = not len(self.deleted)
        self.scratch = kernel.Scratch(self.documents)
        self.words = Words(self.arrays)
        self.bigrams = Bigrams(self.arrays, self.scratch)
        self.facets = FacetOrdinals.of(self.arrays, self.container.meta["facets"], self.documents, self.scratch)
        self._ids = RawStrings(self.arrays["ids"], self.arrays["id_offsets"])
        self._store = Store(self.arrays["store"], self.arrays["store_first"], self.arrays["store_offsets"])
        self._character_df: Array | None = None
        self.fulfilling = self._remembering()
        """Condition → mask of the documents that fulfil it, deleted ones among them."""

    def verify(self) -> None:
        """Check every byte and the structure of every array. Raises IndexDamaged."""
        verify(self.container, *self._declared)

    def with_derived(self, key: str, values: Sequence[str], ordinals: Array) -> Segment:
        """Return this segment with one more facet, of which each document has one value: its ordinal."""
        found = copy(self)
        found.facets = self.facets.with_derived(key, values, ordinals)
        found.fulfilling = found._remembering()
        return found

    def _remembering(self) -> Callable[[Condition], Mask]:
        # The cache holds no segment: an object in a cache of its own stays, mapping and all, until garbage collection.
        return lru_cache(maxsize=conditions_kept(self.documents))(
            partial(_fulfil, self.arrays, self.facets, self.documents)
        )

    # Documents

    @property
    def validities(self) -> Validities:
        """What is known of the validity of the documents, deleted ones among them."""
        return Validities(*(self.arrays[f"{VALIDITY}{name}"] for name in Validities._fields))

    @property
    def live_count(self) -> int:
        """How many documents count."""
        return self.documents - len(self.deleted)

    @cached_property
    def everything(self) -> Hits:
        """The live documents."""
        return np.arange(self.documents) if self.live is None else np.flatnonzero(self.live)

    @cached_property
    def live(self) -> Mask | None:
        """A mask of the documents that count; None if all do."""
        if self._intact:
            return None
        mask = np.ones(self.documents, dtype=np.bool_)
        mask[self.deleted] = False
        return mask

    def article(self, document: int) -> Article:
        """Return a stored article."""
        return self._store.article(document)

    def id_of(self, document: int) -> str:
        """Return the article id of a document."""
        return self._ids[document].decode("utf-8", "surrogatepass")

    def ids_of(self, documents: Hits) -> list[str]:
        """Return the article ids of some documents."""
        return self._ids.texts(documents)

    def find_id(self, article_id: str) -> int | None:
        """Return the live document with this id, or None."""
        wanted = article_id.encode("utf-8", "surrogatepass")
        order = self.arrays["id_order"].data
        low = bisect_left(order, wanted, key=self._ids.__getitem__)
        if low == len(order) or self._ids[order[low]] != wanted:
            return None
        document = int(order[low])
        return None if self.live is not None and not self.live[document] else document

    def ids(self, number: int) -> Iterator[tuple[str, int, int]]:
        """Yield (id, `number`, document) of every live document, by id; `number` is for merging segments."""
        for document in self.arrays["id_order"].tolist():
            if self.live is None or self.live[document]:
                yield self.id_of(document), number, document

    # Columns

    def lengths(self, field: str) -> Array | None:
        """Return the weighted length of `field` ("words", "bigrams") in each document; None if it is another field."""
        return self.arrays.get(f"{field}_lengths")

    def total_length(self, field: str) -> int:
        """Return the sum of the weighted lengths of `field` over live documents."""
        total: int = self.container.meta[f"{field}_length"]
        return total - int(self.arrays[f"{field}_lengths"][self.deleted].sum(dtype=np.int64))

    def within_dates(self, first: date | None, last: date | None, hits: Hits) -> Mask:
        """Tell for each hit whether its date lies in a range, ends included; an undated article lies in none."""
        dates = self.arrays["dates"].take(hits)
        inside: Mask = dates != UNDATED
        if first:
            inside &= dates >= first.toordinal()
        if last:
            inside &= dates <= last.toordinal()
        return inside

    def character_df(self, codes: Array) -> NDArray[np.int64]:
        """Return in how many live documents each character of some occurs."""
        if self._character_df is None:
            df = np.zeros(CHARACTER_CODES, np.int64)
            df[self.arrays["char_keys"]] = self.arrays["char_df"]
            if len(self.deleted):
                offsets = self.arrays["char_offsets"]
                first, last = (offsets.take(self.deleted + n).astype(np.intp) for n in (0, 1))
                gone = self.arrays["char_codes"].take(ranges_of(first, last)[0])
                df -= np.bincount(gone, minlength=CHARACTER_CODES)
            self._character_df = df
        return self._character_df.take(codes)

    def columns(self, hits: Hits) -> SegmentColumns:
        """Return the features of some documents."""
        return SegmentColumns(self.arrays, self.facets, hits)

    # Terms

    def find_word(self, form: str) -> PostingList | None:
        """Return the live postings of a word, None if the words index does not hold it."""
        found = self.words.find(form)
        return None if found is None else self.alive(found)

    def form_postings(self, form: str, literal: bool = False) -> PostingList:
        """Return where `form` (folded) occurs among live documents.

        A form that the words index holds is looked up there; any other is searched by its characters, and unless
        `literal`, its Latin or digit edges must be edges of runs. Twin of `search.text.occurrences`.
        """
        if not form:
            return EMPTY
        if not literal:
            word = self.find_word(form)
            if word is not None:
                return word
            if _RUNS.fullmatch(form):
                # The words hold every run whole, so this one is at best a part of others.
                return EMPTY
        return self.alive(self.bigrams.postings(form, literal))

    def pair_df(self, pair: str) -> int:
        """Return in how many live documents two characters stand side by side."""
        number = self.bigrams.find(pair)
        if number < 0:
            return 0
        df = self.bigrams.df(number)
        if self._intact:
            return df
        low, high = self.bigrams.ranges(self.bigrams.places_at(number, number + 1), self.deleted)
        return df - int(np.count_nonzero(high > low))

    def alive(self, postings: PostingList) -> PostingList:
        """Return a posting list without deleted documents."""
        docs = postings.docs
        if self._intact or not len(docs):
            return postings
        index = docs.searchsorted(self.deleted)
        index = index[docs.take(index, mode="clip") == self.deleted]
        return PostingList(np.delete(docs, index), np.delete(postings.tf, index)) if len(index) else postings


class SegmentColumns:
    """The features of some documents of a segment: `search.retrieval.conditions.Columns`."""

    def __init__(self, arrays: Mapping[str, Array], facets: FacetOrdinals, hits: Hits) -> None:
        self._arrays = arrays
        self._facets = facets
        self._hits = hits

    def holds(self, facet: str, values: tuple[str, ...]) -> Mask:
        """Tell which have any of the values of a facet."""
        return self._facets.holds(facet, values, self._hits)

    def looks(self, direction: Direction) -> Mask:
        """Tell which look this way."""
        found: Mask = self._arrays["direction"].take(self._hits) == DIRECTIONS.index(direction)
        return found

    def is_full(self) -> Mask:
        """Tell which are full articles."""
        found: Mask = self._arrays["full"].take(self._hits).view(np.bool_)
        return found


def conditions_kept(documents: int) -> int:
    """Return of how many conditions it is kept which of so many documents fulfil them."""
    room = CONDITION_BYTES // max(1, documents)
    return min(max(CONDITIONS_KEPT[0], room), CONDITIONS_KEPT[-1])


def _fulfil(arrays: Mapping[str, Array], facets: FacetOrdinals, documents: int, condition: Condition) -> Mask:
    return Evaluation(SegmentColumns(arrays, facets, np.arange(documents)))(condition)


def open_segments(build_dir: Path, entries: Iterable[SegmentEntry]) -> list[Segment]:
    """Open the segments of a build. Raises IndexDamaged."""
    return [open_segment(build_dir, entry) for entry in entries]


def open_segment(build_dir: Path, entry: SegmentEntry) -> Segment:
    """Open a segment of a build. Raises IndexDamaged."""
    path = build_dir / segment_file(entry.name)
    segment = Segment(path, read_deletions(build_dir, entry))
    if segment.documents != entry.documents:
        raise IndexDamaged(f"{path} holds {segment.documents} articles instead of {entry.documents}")
    return segment


def read_deletions(build_dir: Path, entry: SegmentEntry) -> Array | None:
    """Return the deleted documents of a segment, ascending; None if there are none. Raises IndexDamaged."""
    if not entry.deletions:
        return None
    container = Container(build_dir / deletions_file(entry.name, entry.deletions))
    verify(container, DELETED, {"documents": entry.documents, "deleted": entry.deleted})
    return container.arrays["deleted"]
