"""One segment as the evaluator sees it: its arrays by name, the lookup of words, and the search for characters.

A *posting list* is a pair of arrays of one length: `docs` (document numbers, ascending, distinct) and `tf` (weighted
term frequencies). Lists of words are read off the mapped file; lists of phrases are computed from places.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...model import Article
from ...storage.articles import Store
from ...storage.container import Container
from ...text.tokens import RUN
from . import kernel
from .inversion import CHARACTER_CODES, KEY_BITS, MAX_FREQUENCY, ZONE_BITS, ZONE_WEIGHTS, documents_of
from .layout import SegmentEntry, read_deletions, segment_file
from .sets import Scratch, ranges_of

Array = NDArray[Any]

_RUN = re.compile(RUN)
_RUNS = re.compile(f"{RUN}+")
_IDEOGRAPHS = "\u3400"
"""From here on no character is part of a run of letters or digits."""
_SAMPLED = 16
"""Of so many words one is kept in memory, to begin looking up a word there."""
_SECOND = np.uint64((1 << KEY_BITS) - 1)


class PostingList(NamedTuple):
    """Documents (ascending, distinct; `sets` tells of which type) and their weighted term frequencies (uint8)."""

    docs: Array
    tf: Array


EMPTY = PostingList(np.zeros(0, np.intp), np.zeros(0, np.uint8))


class Segment:
    """A segment file, opened. `deleted` holds the numbers of documents that no longer count, ascending."""

    def __init__(self, path: Path, deleted: Array | None = None) -> None:
        self.container = Container(path)
        self.arrays = self.container.arrays
        self.documents: int = self.container.meta["documents"]
        self.facet_values: dict[str, list[str]] = self.container.meta["facets"]
        self._facet_columns = {key: column for column, key in enumerate(self.facet_values)}
        self.deleted = np.zeros(0, np.intp) if deleted is None else deleted.astype(np.intp)
        self._intact = not len(self.deleted)
        self.facet_rows = self.arrays["facets"].reshape(self.documents, -1)
        self.whole_counts: Array | None = None
        self.scratch = Scratch(self.documents)
        # Views for looking up single items: indexing an array costs five times as much.
        self._words = _Strings(self.arrays["word_text"], self.arrays["word_text_offsets"])
        self._ids = _Strings(self.arrays["ids"], self.arrays["id_offsets"])
        self._word_offsets = self.arrays["word_offsets"].data
        self._word_docs, self._word_tf = self.arrays["word_docs"], self.arrays["word_tf"]
        self._bigram_keys = self.arrays["bigram_keys"].data
        self._bigram_offsets = self.arrays["bigram_offsets"].data
        self._character_df: Array | None = None
        self._runs_before = lru_cache(maxsize=64)(self._find_runs_before)
        self.store = Store(self.arrays["store"], self.arrays["store_first"], self.arrays["store_offsets"])

    def facet_column(self, key: str) -> Array:
        """Return the ordinal of the first value of a facet in each document."""
        column: Array = self.facet_rows[:, self._facet_columns[key]]
        return column

    def by_value(self, counts: Array) -> dict[str, dict[str, int]]:
        """Return facet key → value → count, from counts of all `facet_names`; values that do not occur are left out."""
        if kernel.compiled:
            found = kernel.compiled.spread(counts, self.facet_names, self._facet_ends)
            return dict(zip(self.facet_places, found, strict=True))
        listed = counts.tolist()
        return {
            key: {
                self.facet_names[n]: listed[n]
                for n in range(place.start, place.stop)
                if listed[n] and self.facet_names[n]
            }
            for key, place in self.facet_places.items()
        }

    @cached_property
    def several(self) -> list[str]:
        """The facets of which some document has several values."""
        return [key for key in self.facet_values if len(self.arrays[f"facet_{key}_more"])]

    @cached_property
    def _facet_ends(self) -> list[int]:
        return [place.stop for place in self.facet_places.values()]

    @cached_property
    def facet_places(self) -> dict[str, slice]:
        """Where the values of each facet stand in `facet_names`."""
        ends = np.cumsum([len(values) for values in self.facet_values.values()]).tolist()
        return {
            key: slice(end - len(values), end)
            for (key, values), end in zip(self.facet_values.items(), ends, strict=True)
        }

    @cached_property
    def facet_names(self) -> list[str]:
        """The values of all facets, end to end."""
        return [value for values in self.facet_values.values() for value in values]

    @cached_property
    def facet_ordinals(self) -> Array:
        """The first value of every facet of a document, a row each, as indices into `facet_names`."""
        starts = [place.start for place in self.facet_places.values()]
        wide = np.uint16 if len(self.facet_names) <= 1 << 16 else np.uint32
        return (self.facet_rows + np.array(starts, dtype=np.uint32)).astype(wide)

    @cached_property
    def facet_columns(self) -> dict[str, Array]:
        """The first value of each facet, an item a document, as indices into `facet_names`."""
        return {
            key: np.ascontiguousarray(self.facet_ordinals[:, column]) for key, column in self._facet_columns.items()
        }

    @property
    def live_count(self) -> int:
        """How many documents count."""
        return self.documents - len(self.deleted)

    @cached_property
    def everything(self) -> Array:
        """The live documents."""
        return np.arange(self.documents) if self.live is None else np.flatnonzero(self.live)

    @cached_property
    def live(self) -> Array | None:
        """A mask of the documents that count; None if all do."""
        if not len(self.deleted):
            return None
        mask = np.ones(self.documents, dtype=np.bool_)
        mask[self.deleted] = False
        return mask

    def lengths(self, field: str) -> Array | None:
        """Return the weighted length of `field` ("words", "bigrams") in each document; None if it is another field."""
        return self.arrays.get(f"{field}_lengths")

    def total_length(self, field: str) -> int:
        """Return the sum of the weighted lengths of `field` over live documents."""
        total: int = self.container.meta[f"{field}_length"]
        return total - int(self.arrays[f"{field}_lengths"][self.deleted].sum(dtype=np.int64))

    def characters(self, documents: Array) -> tuple[Array, Array, Array]:
        """Return the characters of some documents: whose each is (its index), its code, and its frequency."""
        offsets = self.arrays["char_offsets"]
        first, last = offsets.take(documents).astype(np.intp), offsets.take(documents + 1).astype(np.intp)
        index, owners = ranges_of(first, last)
        return owners, self.arrays["char_codes"].take(index), self.arrays["char_tf"].take(index)

    def character_df(self, codes: Array) -> Array:
        """Return in how many live documents each character of some occurs."""
        if self._character_df is None:
            df = np.zeros(CHARACTER_CODES, np.int64)
            df[self.arrays["char_keys"]] = self.arrays["char_df"]
            if len(self.deleted):
                df -= np.bincount(self.characters(self.deleted)[1], minlength=CHARACTER_CODES)
            self._character_df = df
        return self._character_df.take(codes)

    # Ids

    def id_of(self, document: int) -> str:
        """Return the article id of a document."""
        return self._ids[document].decode("utf-8", "surrogatepass")

    def ids_of(self, documents: Array) -> list[str]:
        """Return the article ids of some documents."""
        if kernel.compiled:
            return kernel.compiled.texts(self.arrays["ids"], self.arrays["id_offsets"], documents)
        return [self.id_of(document) for document in documents.tolist()]

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

    def article(self, document: int) -> Article:
        """Return a stored article."""
        return self.store.article(document)

    # Words

    @property
    def word_count(self) -> int:
        """How many distinct words there are."""
        return len(self._words)

    def word_bytes(self, number: int) -> bytes:
        """Return the UTF-8 of a word by its rank."""
        return self._words[number]

    def word_rank(self, text: bytes) -> int:
        """Return how many words sort before `text`."""
        return self._words.rank(text)

    def word_postings(self, number: int) -> PostingList:
        """Return the posting list of a word by its rank, deleted documents included."""
        begin, end = self._word_offsets[number], self._word_offsets[number + 1]
        docs = self._word_docs[begin:end]
        return PostingList(docs if kernel.compiled else docs.astype(np.intp), self._word_tf[begin:end])

    def find_word(self, form: str) -> PostingList | None:
        """Return the live postings of a word, None if the words index does not hold it."""
        rank = self._words.find(form.encode())
        return None if rank is None else self.alive(self.word_postings(rank))

    # Characters

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
        if len(form) == 1 and kernel.compiled and form >= _IDEOGRAPHS:
            return self.alive(self._gathered(ord(form)))
        places = self.places(form)
        if not literal:
            places = self._at_run_edges(form, places)
        return self.alive(self.postings_of_places(places))

    def _gathered(self, code: int) -> PostingList:
        """Return the postings of a single character, deleted documents included."""
        places = self.bigram_places_at(*self._key_range(code))
        most = min(len(places), self.documents) + 1
        docs, tf = np.empty(most, np.uint32), np.empty(most, np.uint8)
        arrays, room = self.arrays, self.scratch.bytes
        found = kernel.compiled.gather(places, arrays["coarse"], arrays["starts"], room, docs, tf)
        return PostingList(docs[:found], tf[:found])

    def bigram_places(self, key: int) -> Array:
        """Return the places of a bigram, ascending; a view of the file."""
        number = self._bigram_number(key)
        return self.arrays["bigram_places"][:0] if number < 0 else self.bigram_places_at(number, number + 1)

    def _bigram_number(self, key: int) -> int:
        """Return the rank of a bigram, -1 if there is none."""
        if kernel.compiled:
            return kernel.compiled.rank(self.arrays["bigram_keys"], key)
        number = bisect_left(self._bigram_keys, key)
        return number if number < len(self._bigram_keys) and self._bigram_keys[number] == key else -1

    def bigram_df(self, key: int) -> int:
        """Return in how many live documents a bigram occurs."""
        number = self._bigram_number(key)
        if number < 0:
            return 0
        df = int(self.arrays["bigram_df"][number])
        if not len(self.deleted):
            return df
        low, high = self.ranges(self.bigram_places_at(number, number + 1), self.deleted)
        return df - int(np.count_nonzero(high > low))

    def ranges(self, places: Array, documents: Array) -> tuple[Array, Array]:
        """Return where in the ascending `places` those of each document begin and end."""
        starts = self.arrays["starts"]
        low = places.searchsorted(starts.take(documents) << np.uint32(ZONE_BITS))
        high = places.searchsorted(starts.take(documents + 1) << np.uint32(ZONE_BITS))
        return low, high

    def bigram_places_at(self, first: int, last: int) -> Array:
        """Return the places of the bigrams ranked `first:last`, end to end."""
        return self.arrays["bigram_places"][self._bigram_offsets[first] : self._bigram_offsets[last]]

    def places(self, form: str) -> Array:
        """Return the places where the characters of `form` begin, ascending."""
        codes = [ord(character) for character in form]
        if len(codes) == 1:
            return np.sort(self.bigram_places_at(*self._key_range(codes[0])))
        lists = [
            (self.bigram_places(first << KEY_BITS | second), offset)
            for offset, (first, second) in enumerate(pairwise(codes))
        ]
        lists.sort(key=lambda item: len(item[0]))
        if kernel.compiled:
            out = np.empty(len(lists[0][0]), np.uint32)
            offsets = np.array([offset for _, offset in lists], np.int64)
            return out[: kernel.compiled.phrase([places for places, _ in lists], offsets, out)]
        covered: set[int] = set()
        starts: Array | None = None
        for places, offset in lists:
            if {offset, offset + 1} <= covered:
                continue
            covered |= {offset, offset + 1}
            if starts is None:
                starts = (places >> np.uint32(ZONE_BITS)).astype(np.int64) - offset
            else:
                starts = starts[_contains(places, starts + offset)]
            if not starts.size:
                return np.zeros(0, np.uint32)
        # The zone of an occurrence is that of its first character, which only the first bigram tells.
        head = next(places for places, offset in lists if offset == 0)
        assert starts is not None
        found: Array = head[np.searchsorted(head, (starts << ZONE_BITS).astype(np.uint32))]
        return found

    def _key_range(self, code: int) -> tuple[int, int]:
        """Return the ranks of the bigrams that begin with a character."""
        keys = self._bigram_keys
        return bisect_left(keys, code << KEY_BITS), bisect_left(keys, (code + 1) << KEY_BITS)

    def _at_run_edges(self, form: str, places: Array) -> Array:
        """Keep the places where no letter or digit continues the run at either edge of `form`."""
        if places.size and _RUN.match(form[0]):
            before = self._run_places(self._runs_before(form[0]))
            places = places[~_contains(before, (places >> np.uint32(ZONE_BITS)).astype(np.int64) - 1)]
        if places.size and _RUN.match(form[-1]):
            after = self._run_places(self._runs_after(form[-1]))
            places = places[~_contains(after, (places >> np.uint32(ZONE_BITS)).astype(np.int64) + len(form) - 1)]
        return places

    def _find_runs_before(self, character: str) -> list[int]:
        """Return the ranks of the bigrams that end in `character` and begin with a character of a run."""
        keys = self.arrays["bigram_keys"]
        numbers = np.flatnonzero((keys & _SECOND) == ord(character))
        begin = (keys[numbers] >> np.uint64(KEY_BITS)).tolist()
        return [number for number, code in zip(numbers.tolist(), begin, strict=True) if _RUN.match(chr(code))]

    def _runs_after(self, character: str) -> list[int]:
        """Return the ranks of the bigrams that begin with `character` and end in a character of a run."""
        first, last = self._key_range(ord(character))
        end = (self.arrays["bigram_keys"][first:last] & _SECOND).tolist()
        return [number for number, code in enumerate(end, first) if _RUN.match(chr(code))]

    def _run_places(self, numbers: list[int]) -> Array:
        """Return the places of several bigrams, ascending."""
        return np.sort(np.concatenate([np.zeros(0, np.uint32), *(self.bigram_places_at(n, n + 1) for n in numbers)]))

    def postings_of_places(self, places: Array) -> PostingList:
        """Return documents and weighted frequencies of ascending places, deleted documents included."""
        if not places.size:
            return EMPTY
        if kernel.compiled:
            docs, tf = np.empty(len(places), np.uint32), np.empty(len(places), np.uint8)
            found = kernel.compiled.owners(places, self.arrays["coarse"], self.arrays["starts"], docs, tf)
            return PostingList(docs[:found], tf[:found])
        positions = places >> np.uint32(ZONE_BITS)
        owners = documents_of(positions, self.arrays["coarse"], self.arrays["starts"])
        change = np.ones(len(owners), dtype=np.bool_)
        np.not_equal(owners[1:], owners[:-1], out=change[1:])
        begin = change.nonzero()[0]
        frequency = np.add.reduceat(ZONE_WEIGHTS.take(places & np.uint32(3)), begin)
        return PostingList(owners.take(begin), np.minimum(frequency, MAX_FREQUENCY).astype(np.uint8))

    def alive(self, postings: PostingList) -> PostingList:
        """Return a posting list without deleted documents."""
        docs = postings.docs
        if self._intact or not len(docs):
            return postings
        index = docs.searchsorted(self.deleted)
        index = index[docs.take(index, mode="clip") == self.deleted]
        return PostingList(np.delete(docs, index), np.delete(postings.tf, index)) if len(index) else postings


def open_segments(build_dir: Path, entries: Iterable[SegmentEntry]) -> list[Segment]:
    """Open the segments of a build. Raises IndexDamaged."""
    return [Segment(build_dir / segment_file(entry.name), read_deletions(build_dir, entry)) for entry in entries]


class _Strings:
    """Strings in UTF-8, end to end in a mapped array; `offsets` has one more."""

    def __init__(self, text: Array, offsets: Array) -> None:
        self._text = text.data
        self._offsets = offsets.data

    @cached_property
    def _sample(self) -> list[bytes]:
        return [self[number] for number in range(0, len(self), _SAMPLED)]

    def find(self, text: bytes) -> int | None:
        """Return the rank of `text` among the strings, which must be sorted; None if it is none of them."""
        if kernel.compiled:
            found = kernel.compiled.find(self._text, self._offsets, text)
            return None if found < 0 else found
        rank = self.rank(text)
        return None if rank == len(self) or self[rank] != text else rank

    def rank(self, text: bytes) -> int:
        """Return how many of the strings, which must be sorted, come before `text`."""
        end = bisect_left(self._sample, text) * _SAMPLED
        return bisect_left(self, text, max(0, end - _SAMPLED), min(end, len(self)))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._text[self._offsets[number] : self._offsets[number + 1]].tobytes()


def _contains(places: Array, positions: Array) -> Array:
    """Tell for each position (ascending, maybe negative) whether one of the ascending `places` stands there."""
    if not places.size:
        return np.zeros(len(positions), dtype=np.bool_)
    wanted = np.maximum(positions, 0).astype(np.uint32) << np.uint32(ZONE_BITS)
    index = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
    found: Array = (places[index] >> np.uint32(ZONE_BITS)).astype(np.int64) == positions
    return found
