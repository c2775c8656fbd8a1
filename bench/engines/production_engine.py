"""This project as it is served: the text is parsed (places, synonyms, question words), bigrams and boosts are scored.

It answers another question than the peers, by the share of weight that words must carry, so its answers are not
compared. It searches the index of `yibao_engine`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from search import parse_text
from search.engines.contract import Engine
from search.engines.whoosh import WhooshEngine
from search.model import Matches

from ..answers import Answer, Formula
from ..tasks import Task
from .yibao_engine import SERVED, match_by, query, version

NAME = "yibao, as served"
INDEX = "yibao"

__all__ = ["INDEX", "NAME", "build", "open", "version"]


def build(records: Path, target: Path, workers: int) -> None:
    raise NotImplementedError("searches the index of yibao_engine")


def open(target: Path, records: Path) -> ProductionSearcher:
    return ProductionSearcher(WhooshEngine.open(target))


class ProductionSearcher:
    """Parsing and matching, without snippets and page."""

    formula: Formula | None = None

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, task: Task) -> Matches:
        match_by(SERVED)
        return self._engine.match(parse_text(task.text), replace(query(task), text=task.text))

    def answer(self, task: Task, raw: Any) -> Answer:
        raise NotImplementedError("answers another question than the peers")
