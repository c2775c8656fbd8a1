"""The words of an index with their frequencies, read off the segments in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter

import numpy as np

from .segment import Segment


def vocabulary(segments: Sequence[Segment]) -> Iterator[tuple[str, int]]:
    """Yield every word that a live document holds, and in how many of them; in order of code points."""
    for word, found in groupby(merge(*map(_words, segments)), key=itemgetter(0)):
        df = sum(count for _, count in found)
        if df:
            yield word.decode("utf-8", "surrogatepass"), df


def _words(segment: Segment) -> Iterator[tuple[bytes, int]]:
    """Yield a segment's words in UTF-8, which sorts as code points do."""
    offsets = segment.arrays["word_offsets"]
    counts = np.diff(offsets)
    if segment.live is not None and len(counts):
        # Every word has a posting, so no two offsets are equal, as reduceat requires.
        counts = np.add.reduceat(segment.live[segment.arrays["word_docs"]], offsets[:-1].astype(np.int64), dtype=int)
    text = segment.arrays["word_text"].tobytes()
    ends = segment.arrays["word_text_offsets"].tolist()
    for number, count in enumerate(counts.tolist()):
        yield text[ends[number] : ends[number + 1]], count
