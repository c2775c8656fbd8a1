"""A posting list: the documents that hold a term, and how often."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Docs, Frequencies


class PostingList(NamedTuple):
    """Documents (ascending, distinct) and their weighted term frequencies, of one length."""

    docs: Docs
    tf: Frequencies


EMPTY = PostingList(np.zeros(0, np.intp), np.zeros(0, np.uint8))
