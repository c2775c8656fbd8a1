"""No engine at all: reading and cutting alone, which every peer's build contains."""

from __future__ import annotations

from pathlib import Path

from search.text import segmenter_name

from ..tokens import token_records
from .yibao_engine import YibaoSearcher

NAME = "cutting alone"


def version() -> str:
    return segmenter_name()


def build(records: Path, target: Path, workers: int) -> None:
    target.mkdir(parents=True)
    for _ in token_records(records, workers):
        pass


def open(target: Path, records: Path) -> YibaoSearcher:
    raise NotImplementedError("it is not searched")
