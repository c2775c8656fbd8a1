"""The engines that are compared: one module each, all with the functions of `bench.answers.Contender`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ..answers import Contender

MODULES = (
    "yibao",
    "production",
    "tantivy",
    "xapian",
    "groonga",
    "fts5",
    "whoosh",
    "cluster",
    "opensearch",
    "reindex",
    "tokens",
)
"""In the order of the tables. `yibao`, `production`, `cluster` and `reindex` are this project (see the modules)."""
UNCHECKED = frozenset({"production"})
"""Answers another question than the others."""
BUILT_ONLY = frozenset({"reindex", "tokens"})
"""Stand in the table of builds for comparison."""


def load(name: str) -> Contender:
    """Import an engine's module. Raises ImportError if the engine is not installed."""
    return cast("Contender", import_module(f"{__name__}.{name}_engine"))
