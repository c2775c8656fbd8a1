"""The batches of one segment → its file. Postings come as sorted runs on disk, the rest is gathered in memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...arrays import Array
from ...facets import Facets
from ...model import UNSTATED, Article
from ...retrieval.features import Features, features_of
from ...retrieval.rescoring import CHARACTER_CODES
from ...retrieval.validity import Validities, validities_of
from ...storage.articles import StoreWriter
from ...storage.container import ContainerWriter
from ...storage.strings import encode_strings
from .inversion import ZONE_BITS, analyse
from .layout import UNDATED, VALIDITY, SegmentEntry, segment_file
from .runs import Merge, Run, plan_merge

_OF_DOCUMENTS = ("citing", f"{VALIDITY}rows", f"{VALIDITY}repealing")
"""Arrays of numbers of documents, which are others in a segment than in a batch."""


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """The values of one facet in a batch: the first of each document, and a list of the further ones, as numbers."""

    values: list[str]
    first: Array
    more_docs: Array
    more: Array


@dataclass(frozen=True, slots=True)
class Spilled:
    """A batch: its postings on disk, and in memory what is stored of it.

    `characters` is how the files of the documents' characters begin, `length` how many there are in all. `small` holds
    the arrays of one item a document, and those of citations; `blocks` are compressed articles, and `block_ends` tells
    how many articles the blocks hold up to each one's end.
    """

    words: Run
    bigrams: Run
    characters: Path
    length: int
    small: dict[str, Array]
    ids: list[str]
    facets: dict[str, FacetColumn]
    blocks: list[bytes]
    block_ends: Array

    @property
    def documents(self) -> int:
        """How many articles the batch holds."""
        return len(self.ids)


def spill(articles: Sequence[Article], path: Path, facets: Facets) -> Spilled:
    """Analyse a batch and write its postings to files whose names begin with `path`. Runs in worker processes too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    batch = analyse(articles)
    batch.characters.codes.tofile(path.with_suffix(".char_codes"))
    batch.characters.tf.tofile(path.with_suffix(".char_tf"))
    blocks: list[bytes] = []
    store = StoreWriter(blocks.append)
    for article in articles:
        store.add(article)
    return Spilled(
        Run.write(Path(f"{path}.words"), batch.words),
        Run.write(Path(f"{path}.bigrams"), batch.bigrams),
        path,
        int(batch.starts[-1]),
        {
            "starts": batch.starts[:-1],
            "words_lengths": batch.word_lengths,
            "bigrams_lengths": batch.bigram_lengths,
            "char_counts": batch.characters.counts,
            "dates": np.array([one.date.toordinal() if one.date else UNDATED for one in articles], np.int32),
            **features_of(articles)._asdict(),
            **{f"{VALIDITY}{name}": column for name, column in validities_of(articles)._asdict().items()},
        },
        [article.id for article in articles],
        {facet.key: _facet(articles, facet.key, (UNSTATED,) if facet.unstated else ("",)) for facet in facets.stored},
        blocks,
        store.finish()[0][1:],
    )


def _facet(articles: Sequence[Article], key: str, none: Sequence[str]) -> FacetColumn:
    """Number the values of a facet in order of appearance."""
    ordinals: dict[str, int] = {}
    first, more_docs, more = array("I"), array("I"), array("I")
    for document, article in enumerate(articles):
        for number, value in enumerate(dict.fromkeys(article.facets.get(key, ())) or none):
            ordinal = ordinals.setdefault(value, len(ordinals))
            if number == 0:
                first.append(ordinal)
            else:
                more_docs.append(document)
                more.append(ordinal)
    return FacetColumn(list(ordinals), *(np.frombuffer(column, np.uint32) for column in (first, more_docs, more)))


class SegmentWriter:
    """Gathers the batches of one segment; `finish` merges and writes them."""

    def __init__(self, build_dir: Path, name: str, facets: Facets) -> None:
        self.length = 0
        self._name = name
        self._container = ContainerWriter(build_dir / segment_file(name))
        self._column = self._container.stream("store")
        self._block_ends = [np.zeros(1, np.uint32)]
        self._block_sizes: list[int] = [0]
        self._batches: list[Spilled] = []
        self._ids: list[str] = []
        self._facets = {facet.key: _Ordinals() for facet in facets.stored}

    @property
    def documents(self) -> int:
        """How many articles were taken in."""
        return len(self._ids)

    def add(self, batch: Spilled) -> None:
        """Take in a batch: its runs, to be merged at the end, and its stored values."""
        documents = len(self._ids)
        for block in batch.blocks:
            self._column.append(block)
            self._block_sizes.append(len(block))
        self._block_ends.append(batch.block_ends + np.uint32(documents))
        for key, ordinals in self._facets.items():
            ordinals.add(documents, batch.facets[key])
        self._ids += batch.ids
        self._batches.append(
            replace(
                batch,
                words=replace(batch.words, bases={"docs": documents}),
                bigrams=replace(batch.bigrams, bases={"places": self.length << ZONE_BITS}),
                small=batch.small
                | {
                    "starts": batch.small["starts"] + self.length,
                    **{name: batch.small[name] + np.uint32(documents) for name in _OF_DOCUMENTS},
                },
                ids=[],
                facets={},
                blocks=[],
            )
        )
        self.length += batch.length

    def finish(self) -> SegmentEntry:
        """Merge the runs and write the segment; its file is on the disk when this returns."""
        self._container.finish_stream(self._column)
        self._container.add("store_first", np.concatenate(self._block_ends))
        self._container.add("store_offsets", np.cumsum(self._block_sizes, dtype=np.uint64))
        small = {
            name: np.concatenate([batch.small[name] for batch in self._batches]) for name in self._batches[0].small
        }
        self._write_words(plan_merge([batch.words for batch in self._batches]))
        self._write_bigrams(plan_merge([batch.bigrams for batch in self._batches]))
        self._write_documents(small)
        facets = {key: ordinals.write_more(self._container, key) for key, ordinals in self._facets.items()}
        rows = np.stack([ordinals.first for ordinals in self._facets.values()], axis=1)
        few = max(map(len, facets.values())) <= 1 << 16
        self._container.add("facets", rows.astype(np.uint16 if few else np.uint32).ravel())
        meta = {
            "documents": len(self._ids),
            "facets": facets,
            "words_length": int(small["words_lengths"].sum(dtype=np.int64)),
            "bigrams_length": int(small["bigrams_lengths"].sum(dtype=np.int64)),
        }
        self._container.close(meta)
        for batch in self._batches:
            batch.words.remove()
            batch.bigrams.remove()
            for suffix in (".char_codes", ".char_tf"):
                batch.characters.with_suffix(suffix).unlink()
        return SegmentEntry(self._name, len(self._ids))

    def close(self) -> None:
        """Close the segment's file, finished or not. Idempotent."""
        self._container.abandon()

    def _write_words(self, merge: Merge) -> None:
        text, text_offsets = encode_strings(list(merge.terms))
        self._container.add("word_text", text)
        self._container.add("word_text_offsets", _narrow(text_offsets))
        self._container.add("word_offsets", _narrow(merge.offsets))
        total = int(merge.offsets[-1])
        docs = self._container.column("word_docs", np.uint32, total)
        tf = self._container.column("word_tf", np.uint8, total)
        for chunk in merge.chunks():
            docs.append(chunk["docs"])
            tf.append(chunk["tf"])

    def _write_bigrams(self, merge: Merge) -> None:
        self._container.add("bigram_keys", np.asarray(merge.terms, np.uint64))
        self._container.add("bigram_df", merge.df())
        self._container.add("bigram_offsets", _narrow(merge.offsets))
        places = self._container.column("bigram_places", np.uint32, int(merge.offsets[-1]))
        for chunk in merge.chunks():
            places.append(chunk["places"])

    def _write_documents(self, small: dict[str, Array]) -> None:
        documents = len(self._ids)
        starts = np.append(small["starts"], self.length)
        coarse = np.searchsorted(starts, np.arange(0, self.length + 64, 64), side="right") - 1
        self._container.add("starts", starts.astype(np.uint32))
        self._container.add("coarse", np.minimum(coarse, documents - 1).astype(np.uint32))
        self._container.add("words_lengths", small["words_lengths"])
        self._container.add("bigrams_lengths", small["bigrams_lengths"])
        self._write_characters(small["char_counts"])
        text, offsets = encode_strings(self._ids)
        order = np.array(sorted(range(documents), key=self._ids.__getitem__), dtype=np.uint32)
        self._container.add("ids", text)
        self._container.add("id_offsets", _narrow(offsets))
        self._container.add("id_order", order)
        id_rank = np.empty(documents, np.uint32)
        id_rank[order] = np.arange(documents, dtype=np.uint32)
        dates = small["dates"]
        newest = np.empty(documents, np.uint32)
        newest[np.lexsort((id_rank, -dates))] = np.arange(documents, dtype=np.uint32)
        self._container.add("dates", dates)
        self._container.add("newest", newest)
        for name in (*Features._fields, *(f"{VALIDITY}{name}" for name in Validities._fields)):
            self._container.add(name, small[name])

    def _write_characters(self, counts: Array) -> None:
        offsets = np.append(0, np.cumsum(counts, dtype=np.uint64))
        self._container.add("char_offsets", _narrow(offsets))
        codes = self._container.column("char_codes", np.uint16, int(offsets[-1]))
        df = np.zeros(CHARACTER_CODES, np.uint32)
        for batch in self._batches:
            piece = np.fromfile(batch.characters.with_suffix(".char_codes"), np.uint16)
            codes.append(piece)
            df += np.bincount(piece, minlength=CHARACTER_CODES).astype(np.uint32)
        tf = self._container.column("char_tf", np.uint8, int(offsets[-1]))
        for batch in self._batches:
            tf.append(np.fromfile(batch.characters.with_suffix(".char_tf"), np.uint8))
        held = df.nonzero()[0]
        self._container.add("char_keys", held.astype(np.uint16))
        self._container.add("char_df", df[held])


class _Ordinals:
    """The values of one facet in all batches of a segment."""

    def __init__(self) -> None:
        self._ordinals: dict[str, int] = {}
        self._first: list[Array] = []
        self._more_docs: list[Array] = []
        self._more: list[Array] = []

    def add(self, documents: int, facet: FacetColumn) -> None:
        """Append a batch that begins at document number `documents`."""
        numbers = [self._ordinals.setdefault(value, len(self._ordinals)) for value in facet.values]
        renumbered = np.array(numbers, np.uint32)
        self._first.append(renumbered[facet.first])
        self._more_docs.append(facet.more_docs + np.uint32(documents))
        self._more.append(renumbered[facet.more])

    @property
    def first(self) -> Array:
        """The first ordinal of each document."""
        return np.concatenate(self._first)

    def write_more(self, container: ContainerWriter, key: str) -> list[str]:
        """Write the further ordinals; return the values that ordinals stand for. "" stands for no value at all."""
        container.add(f"facet_{key}_more_docs", np.concatenate(self._more_docs))
        container.add(f"facet_{key}_more", np.concatenate(self._more))
        return list(self._ordinals)


def _narrow(offsets: Array) -> Array:
    """Return offsets as uint32 if they fit."""
    return offsets.astype(np.uint32 if int(offsets[-1]) < 1 << 32 else np.uint64)
