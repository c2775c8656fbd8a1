"""Articles → a finished build directory: segments, Whoosh's table of contents, and the identity file last of all.

Memory stays bounded: articles are taken in batches, each batch is inverted by `analyse` and spilled as a sorted run,
and the runs of a segment are merged at its end. `analyse` is pure and takes nearly all of the time.
"""

from __future__ import annotations

import json
import os
import shutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...facets import FACETS
from ...model import UNSTATED, Article, IndexInfo
from ...schema import SCHEMA_VERSION
from ...text import fingerprint, segmenter_name
from .batch import Batch, analyse
from .codec import write_toc
from .container import ContainerWriter, encode_strings
from .layout import INFO_FILE, UNDATED, SegmentEntry, segment_file
from .runs import Run, plan_merge
from .store import StoreWriter

Array = NDArray[Any]

BATCH_CHARACTERS = 6 << 20
BATCH_DOCUMENTS = 200_000
SEGMENT_CHARACTERS = 1 << 29
"""A place has 30 bits for the position; half of that leaves room for the batch that crosses the line."""


def write_index(
    build_dir: Path,
    articles: Iterable[Article],
    *,
    progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
) -> IndexInfo:
    """Write an index of `articles` (any iterable, read once) into `build_dir`, which must be new or empty.

    Everything is on the disk when this returns; the identity file is written last, so a build that was cut short cannot
    be opened. `progress` is called with the number of articles indexed so far. Raises ValueError for a second article
    with the same id.
    """
    build_dir.mkdir(parents=True, exist_ok=True)
    if any(build_dir.iterdir()):
        raise ValueError(f"{build_dir} is not empty")
    seen: set[str] = set()
    entries: list[SegmentEntry] = []
    segment: SegmentWriter | None = None
    try:
        for batch in _batches(_unique(articles, seen)):
            postings = analyse(batch)
            if segment and segment.characters + int(postings.starts[-1]) > SEGMENT_CHARACTERS:
                entries.append(segment.finish())
                segment = None
            segment = segment or SegmentWriter(build_dir, f"{len(entries):04d}")
            segment.add(batch, postings)
            if progress:
                progress(len(seen))
        if segment:
            entries.append(segment.finish())
    finally:
        if segment:
            segment.close()
    return finish_build(build_dir, entries, now)


def finish_build(build_dir: Path, entries: Sequence[SegmentEntry], now: datetime | None = None) -> IndexInfo:
    """Write Whoosh's table of contents and the identity of the build, and sync the directory."""
    zone = ZoneInfo("Asia/Shanghai")
    info = IndexInfo(
        schema_version=SCHEMA_VERSION,
        fingerprint=fingerprint(),
        segmenter=segmenter_name(),
        built_at=(now or datetime.now(zone)).astimezone(zone).isoformat(timespec="seconds"),
        documents=sum(entry.live_count for entry in entries),
        build_id=build_dir.name,
    )
    _sync(write_toc(build_dir, entries))
    content = asdict(info) | {"segments": [asdict(entry) for entry in entries]}
    unfinished = build_dir / f"{INFO_FILE}.new"
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _sync(unfinished)
    unfinished.rename(build_dir / INFO_FILE)
    _sync(build_dir)
    _sync(build_dir.parent)
    return info


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unique(articles: Iterable[Article], seen: set[str]) -> Iterator[Article]:
    for article in articles:
        if article.id in seen:
            raise ValueError(f"two articles have the id {article.id!r}")
        seen.add(article.id)
        yield article


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    characters = 0
    for article in articles:
        batch.append(article)
        characters += len(article.title) + len(article.text)
        if characters >= BATCH_CHARACTERS or len(batch) == BATCH_DOCUMENTS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class SegmentWriter:
    """Gathers the batches of one segment; `finish` merges and writes them."""

    def __init__(self, build_dir: Path, name: str) -> None:
        self.characters = 0
        self._name = name
        self._container = ContainerWriter(build_dir / segment_file(name))
        self._runs_dir = build_dir / f"runs-{name}"
        self._runs_dir.mkdir()
        self._column = self._container.stream("store")
        self._store = StoreWriter(self._column.append)
        self._batches: list[tuple[Run, Run]] = []
        self._small: dict[str, list[Array]] = {
            key: [] for key in ("starts", "words_lengths", "bigrams_lengths", "title_keys")
        }
        self._ids: list[str] = []
        self._dates = array("i")
        self._full = bytearray()
        self._facets = {facet.key: _Ordinals(facet.unstated) for facet in FACETS}

    def add(self, articles: Sequence[Article], batch: Batch) -> None:
        """Spill the postings of a batch and take in its stored values."""
        path = self._runs_dir / f"{len(self._batches):04d}"
        first = len(self._ids)
        words = Run.write(path.with_suffix(".words"), batch.words, {"docs": first})
        bigrams = Run.write(path.with_suffix(".bigrams"), batch.bigrams, {"places": self.characters << 2})
        batch.bigram_df.tofile(f"{bigrams.path}.df")
        self._batches.append((words, bigrams))
        for name, values in (
            ("starts", batch.starts[:-1] + self.characters),
            ("words_lengths", batch.word_lengths),
            ("bigrams_lengths", batch.bigram_lengths),
            ("title_keys", batch.title_keys),
        ):
            self._small[name].append(values)
        self.characters += int(batch.starts[-1])
        for article in articles:
            self._store.add(article)
            self._ids.append(article.id)
            self._dates.append(article.date.toordinal() if article.date else UNDATED)
            self._full.append(article.kind == "article")
            for key, ordinals in self._facets.items():
                ordinals.add(len(self._ids) - 1, article.facets.get(key, ()))

    def finish(self) -> SegmentEntry:
        """Merge the runs and write the segment; its file is on the disk when this returns."""
        first_documents, offsets = self._store.finish()
        self._container.finish_stream(self._column)
        self._container.add("store_first", first_documents)
        self._container.add("store_offsets", offsets)
        small = {name: np.concatenate(parts) for name, parts in self._small.items()}
        self._write_words()
        self._write_bigrams()
        self._write_documents(small)
        facets = {key: ordinals.write(self._container, key) for key, ordinals in self._facets.items()}
        meta = {
            "documents": len(self._ids),
            "facets": facets,
            "words_length": int(small["words_lengths"].sum(dtype=np.int64)),
            "bigrams_length": int(small["bigrams_lengths"].sum(dtype=np.int64)),
        }
        self._container.close(meta)
        shutil.rmtree(self._runs_dir)
        return SegmentEntry(self._name, len(self._ids))

    def close(self) -> None:
        """Close the segment's file, finished or not. Idempotent."""
        self._container.abandon()

    def _write_words(self) -> None:
        merge = plan_merge([words for words, _ in self._batches])
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

    def _write_bigrams(self) -> None:
        merge = plan_merge([bigrams for _, bigrams in self._batches])
        keys = np.asarray(merge.terms, np.uint64)
        frequency = np.zeros(len(keys), np.uint32)
        for run, numbers in zip(merge.runs, merge.numbers, strict=True):
            frequency[numbers] += np.fromfile(f"{run.path}.df", np.uint32)
        self._container.add("bigram_keys", keys)
        self._container.add("bigram_df", frequency)
        self._container.add("bigram_offsets", _narrow(merge.offsets))
        places = self._container.column("bigram_places", np.uint32, int(merge.offsets[-1]))
        for chunk in merge.chunks():
            places.append(chunk["places"])

    def _write_documents(self, small: dict[str, Array]) -> None:
        documents = len(self._ids)
        starts = np.append(small["starts"], self.characters)
        coarse = np.searchsorted(starts, np.arange(0, self.characters + 64, 64), side="right") - 1
        self._container.add("starts", starts.astype(np.uint32))
        self._container.add("coarse", np.minimum(coarse, documents - 1).astype(np.uint32))
        self._container.add("words_lengths", small["words_lengths"])
        self._container.add("bigrams_lengths", small["bigrams_lengths"])
        by_key = np.argsort(small["title_keys"], kind="stable")
        self._container.add("title_keys", small["title_keys"][by_key])
        self._container.add("title_docs", by_key.astype(np.uint32))
        text, offsets = encode_strings(self._ids)
        order = np.array(sorted(range(documents), key=self._ids.__getitem__), dtype=np.uint32)
        self._container.add("ids", text)
        self._container.add("id_offsets", _narrow(offsets))
        self._container.add("id_order", order)
        id_rank = np.empty(documents, np.uint32)
        id_rank[order] = np.arange(documents, dtype=np.uint32)
        dates = np.frombuffer(self._dates, np.int32)
        newest = np.empty(documents, np.uint32)
        newest[np.lexsort((id_rank, -dates))] = np.arange(documents, dtype=np.uint32)
        self._container.add("dates", dates)
        self._container.add("newest", newest)
        self._container.add("full", np.frombuffer(bytes(self._full), np.uint8))


class _Ordinals:
    """The values of one facet as numbers: the first of each document, and a list of the further ones."""

    def __init__(self, unstated: bool) -> None:
        self._none = (UNSTATED,) if unstated else ("",)
        self._ordinals: dict[str, int] = {}
        self._first = array("I")
        self._more_docs = array("I")
        self._more = array("I")

    def add(self, document: int, values: Sequence[str]) -> None:
        for number, value in enumerate(dict.fromkeys(values) or self._none):
            ordinal = self._ordinals.setdefault(value, len(self._ordinals))
            if number == 0:
                self._first.append(ordinal)
            else:
                self._more_docs.append(document)
                self._more.append(ordinal)

    def write(self, container: ContainerWriter, key: str) -> list[str]:
        """Write the numbers; return the values they stand for. "" stands for no value at all."""
        dtype = np.uint16 if len(self._ordinals) <= 1 << 16 else np.uint32
        container.add(f"facet_{key}", np.frombuffer(self._first, np.uint32).astype(dtype))
        container.add(f"facet_{key}_more_docs", np.frombuffer(self._more_docs, np.uint32))
        container.add(f"facet_{key}_more", np.frombuffer(self._more, np.uint32).astype(dtype))
        return list(self._ordinals)


def _narrow(offsets: Array) -> Array:
    """Return offsets as uint32 if they fit."""
    return offsets.astype(np.uint32 if int(offsets[-1]) < 1 << 32 else np.uint64)
