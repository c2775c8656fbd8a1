"""The thorough check of a finished build: every byte, every count, and a few searches by two readers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from ...errors import IndexDamaged
from ...model import Parsed, Query
from ...query.grammar import as_phrase
from .engine import WhooshEngine
from .layout import INDEX_NAME, TOC_FILE, read_info
from .library import filestore, index
from .segment import Segment, open_segments

SAMPLES = 5


def verify(build_dir: Path) -> None:
    """Check a build against its checksums and itself. Raises IndexMissing, IndexDamaged or IndexOutdated.

    Reads Whoosh's table of contents, which is a pickle: only for builds that this machine wrote.
    """
    info, entries = read_info(build_dir)
    engine = WhooshEngine.open(build_dir)
    total = 0
    for entry, segment in zip(entries, open_segments(build_dir, entries), strict=True):
        segment.container.verify()
        if len(segment.deleted) != entry.deleted:
            raise IndexDamaged(f"{build_dir}: the list of deleted documents of segment {entry.name} is another one")
        _check_counts(segment, entry.documents)
        total += entry.live_count
    if total != info.documents or engine.match(Parsed(""), Query(collapse=False)).total != total:
        raise IndexDamaged(f"{build_dir} says {info.documents} articles and holds {total}")
    _check_toc(build_dir, [entry.name for entry in entries])
    _check_samples(build_dir, engine)


def _check_counts(segment: Segment, documents: int) -> None:
    """Check that the arrays of a segment fit each other."""
    arrays = segment.arrays
    one_each = ("words_lengths", "bigrams_lengths", "id_order", "dates", "newest", "full", "direction", "works")
    sizes = dict.fromkeys(one_each, documents) | {
        "starts": documents + 1,
        "id_offsets": documents + 1,
        "char_offsets": documents + 1,
        "char_codes": int(arrays["char_offsets"][-1]),
        "char_tf": int(arrays["char_offsets"][-1]),
        "char_df": len(arrays["char_keys"]),
        "word_docs": int(arrays["word_offsets"][-1]),
        "word_tf": int(arrays["word_offsets"][-1]),
        "bigram_places": int(arrays["bigram_offsets"][-1]),
        "bigram_df": len(arrays["bigram_keys"]),
        "cited": len(arrays["citing"]),
    }
    for name, size in sizes.items():
        if len(arrays[name]) != size:
            raise IndexDamaged(f"{segment.container.path}: {name} has {len(arrays[name])} items instead of {size}")
    if np.any(arrays["bigram_keys"][1:] <= arrays["bigram_keys"][:-1]):
        raise IndexDamaged(f"{segment.container.path}: the bigrams are out of order")


def _check_toc(build_dir: Path, names: list[str]) -> None:
    # Out of memory, as Whoosh leaves a file open that it cannot make sense of.
    copy = filestore.RamStorage()
    try:
        copy.files[TOC_FILE] = (build_dir / TOC_FILE).read_bytes()
        toc = index.TOC.read(copy, INDEX_NAME)
    except Exception as error:  # whatever unpickling damaged bytes may raise
        raise IndexDamaged(
            f"{build_dir}: Whoosh's table of contents cannot be read ({type(error).__name__})"
        ) from error
    if [segment.segid for segment in toc.segments] != names:
        raise IndexDamaged(f"{build_dir}: Whoosh's table of contents lists other segments than the identity file")


def _check_samples(build_dir: Path, engine: WhooshEngine) -> None:
    """Read a few articles back, find each by its title, and let Whoosh's reader count the same words."""
    reader = index.open_dir(str(build_dir), indexname=INDEX_NAME).reader()
    try:
        for article in islice(engine.articles(), SAMPLES):
            title = article.title
            parsed = Parsed(title, (as_phrase(title),))
            if title.strip() and not engine.explain(parsed, article.id):
                raise IndexDamaged(f"{build_dir}: article {article.id!r} is not found by its own title")
            if not list(reader.postings("id", article.id.encode("utf-8", "surrogatepass")).all_ids()):
                raise IndexDamaged(f"{build_dir}: Whoosh's reader does not find article {article.id!r}")
    finally:
        reader.close()
