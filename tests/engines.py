"""The engines that the contract is tested on: each makes one of some articles, in a folder if it needs one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from reference_engine import ReferenceEngine

from search.engines.contract import Engine
from search.engines.whoosh import WhooshEngine, write_groups, write_index, writer
from search.model import Article

Groups = Iterable[Sequence[str]]
Make = Callable[[Path, list[Article], Groups], Engine]


def whoosh(folder: Path, articles: list[Article], groups: Groups = ()) -> Engine:
    """One segment of one run."""
    with pytest.MonkeyPatch.context() as patch:
        # These builds are thrown away soon: what a disk would keep of them does not matter here.
        patch.setattr(os, "fsync", lambda fd: None)
        write_index(folder / "build", articles)
        write_groups(folder / "build", groups)
    return WhooshEngine.open(folder / "build")


def whoosh_in_pieces(folder: Path, articles: list[Article], groups: Groups = ()) -> Engine:
    """Several segments of several runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "SEGMENT_CHARACTERS", 12)
        patch.setattr(writer, "BATCH_DOCUMENTS", 2)
        return whoosh(folder, articles, groups)


def reference(folder: Path, articles: list[Article], groups: Groups = ()) -> Engine:
    """Everything read for every question."""
    return ReferenceEngine(articles, groups)


ENGINES: dict[str, Make] = {"whoosh": whoosh, "whoosh in pieces": whoosh_in_pieces, "reference": reference}
if os.environ.get("YIBAO_CLUSTER"):
    from cluster_engine import opensearch

    ENGINES["opensearch"] = opensearch
