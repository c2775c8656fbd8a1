"""`yibao reindex` over the same records without the facet values that were dealt out.

That is the build of `yibao_engine`, and besides it: places, insurance types and topics found, articles checked for
oddities, suggestions written, the whole build verified. The peers do none of that. It is built and not searched.
"""

from __future__ import annotations

from pathlib import Path

from search import reindex

from ..records import undealt
from .yibao_engine import YibaoSearcher, version

NAME = "yibao reindex"

__all__ = ["NAME", "build", "open", "version"]


def build(records: Path, target: Path, workers: int) -> None:
    reindex([undealt(records)], target)


def open(target: Path, records: Path) -> YibaoSearcher:
    raise NotImplementedError("it is not searched")
