"""Imports modules of this project from trees of our own instead of their files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from .table import ROOT

TreeOf = Callable[[str], ast.Module | None]
"""A path from the root of the project → the tree to run, None for the file as it is."""


class _Loader(SourceFileLoader):
    """Compiles a given tree."""

    def __init__(self, fullname: str, path: str, tree: ast.Module) -> None:
        super().__init__(fullname, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the tree; no cache of byte code is read or written."""
        return compile(self._tree, self.path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    """Finds modules as Python does, and gives those their tree that have one."""

    def __init__(self, tree_of: TreeOf) -> None:
        self._tree_of = tree_of

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that has a tree; None leaves it to the usual finders."""
        if fullname.partition(".")[0] not in ("search", "webui"):
            return None
        spec = PathFinder.find_spec(fullname, path if path is not None else [str(ROOT)], target)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return spec
        tree = self._tree_of(str(Path(spec.origin).relative_to(ROOT)))
        if tree is not None:
            spec.loader = _Loader(fullname, spec.origin, tree)
        return spec


def install(tree_of: TreeOf) -> None:
    """Import from trees from now on. Nothing of the project may have been imported before."""
    early = [name for name in sys.modules if name.partition(".")[0] in ("search", "webui")]
    if early:
        raise RuntimeError(f"imported too early: {', '.join(early)}")
    sys.meta_path.insert(0, Finder(tree_of))
