"""The identity of the text rules. Two indexes with the same fingerprint hold the same words for the same text."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version

from .. import ranking
from .fold import fold_table
from .lexicon import lexicon, mixed_words, place_names
from .segmenter import LEXICON_FREQUENCY, PLACE_FREQUENCY

RULES = 1
"""Raise it when tokens.py or docnumbers.py begin to yield other words for some text."""


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return 16 hexadecimal digits over everything that decides what the index holds.

    The same for jieba and rjieba, which yield the same words. Synonyms are not in it: they act on queries only.
    """
    digest = hashlib.sha256()
    for part in (
        f"rules {RULES}, jieba {version('jieba')}",
        f"frequencies {LEXICON_FREQUENCY} {PLACE_FREQUENCY}",
        f"weights {ranking.TITLE_WEIGHT} {ranking.HEADING_WEIGHT} {ranking.BODY_WEIGHT}",
        repr(lexicon()),
        repr(mixed_words()),
        repr(place_names()),
    ):
        digest.update(part.encode() + b"\0")
    digest.update(fold_table().tobytes())
    return digest.hexdigest()[:16]
