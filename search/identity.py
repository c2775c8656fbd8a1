"""The identity of the text rules. Two indexes with the same fingerprint hold the same words for the same text."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache
from importlib.metadata import version

from .gazetteer import DIVISIONS
from .retrieval import ranking
from .text.lexicon import LEXICON, MIXED
from .text.segmentation import LEXICON_FREQUENCY, PLACE_FREQUENCY

RULES = 2
"""Raise it when fold.py, lexicon.py, tokens.py or docnumbers.py begin to yield other words for some text."""

DATA = (LEXICON, MIXED, DIVISIONS)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return 16 hexadecimal digits over everything that decides what the index holds.

    Files are taken as they are and libraries by version, because reading them takes longer than opening an index. The
    same for jieba and rjieba, which yield the same words. Synonyms are not in it: they act on queries only.
    """
    digest = hashlib.sha256()
    for part in (
        f"rules {RULES}, jieba {version('jieba')}, opencc {version('opencc')}, unicode {unicodedata.unidata_version}",
        f"frequencies {LEXICON_FREQUENCY} {PLACE_FREQUENCY}",
        f"weights {ranking.TITLE_WEIGHT} {ranking.HEADING_WEIGHT} {ranking.BODY_WEIGHT}",
    ):
        digest.update(part.encode() + b"\0")
    for path in DATA:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
