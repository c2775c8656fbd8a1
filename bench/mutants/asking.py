"""What is done in a child: run tests and note what they reach, or run them on a mutant."""

from __future__ import annotations

import ast
import os
import pickle
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from .imports import install
from .reach import Reach
from .sites import Mutant, mutated, parse

_MARKS = "__reached__"


class _Marking(ast.NodeTransformer):
    """Puts a mark before every statement inside a function."""

    def __init__(self, path: str, numbers: dict[tuple[str, int], int]) -> None:
        self._path = path
        self._numbers = numbers
        self._depth = 0

    def visit(self, node: ast.AST) -> ast.AST:
        is_function = isinstance(node, ast.FunctionDef)
        self._depth += is_function
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if self._depth and isinstance(block, list):
                setattr(node, name, [one for statement in block for one in (*self._mark(statement), statement)])
        self.generic_visit(node)
        self._depth -= is_function
        return node

    def _mark(self, statement: ast.stmt) -> list[ast.stmt]:
        number = self._numbers.get((self._path, statement.lineno))
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if number is None or is_docstring:
            return []
        return [ast.copy_location(mark, statement) for mark in ast.parse(f"{_MARKS}[{number}] = 1").body]


class _Watch:
    """A pytest plugin that notes after each phase of each test which statements were reached."""

    def __init__(self, marks: bytearray) -> None:
        self.reach = Reach()
        self._marks = marks

    def _taken(self) -> set[int]:
        taken = {number for number, mark in enumerate(self._marks) if mark}
        self._marks[:] = bytes(len(self._marks))
        return taken

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        started = time.process_time()
        result = yield
        self.reach.fixtures |= self._taken()
        self.reach.seconds[item.nodeid] = time.process_time() - started
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.reach.fixtures |= self._taken()
        try:
            return (yield)
        finally:
            self.reach.tests[item.nodeid] = self._taken()

    def pytest_collection_finish(self) -> None:
        self._taken()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.reach.failed.append(report.nodeid)


class _Settings:
    """A pytest plugin: the same examples of a property each time, and no search for the smallest that fails."""

    def pytest_sessionstart(self) -> None:
        from hypothesis import Phase, settings

        profile = settings(
            settings.get_profile("patient"),
            phases=(Phase.explicit, Phase.generate),
            derandomize=True,
            database=None,
        )
        settings.register_profile("mutants", profile)
        settings.load_profile("mutants")


class _Chosen:
    """A pytest plugin that leaves out the tests that do not reach a mutant."""

    def __init__(self, chosen: set[str]) -> None:
        self._chosen = chosen

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._chosen]


def watch(file: str, numbers: dict[tuple[str, int], int], out: Path, folder: Path) -> int:
    """Run a test file, and write to `out` what it reaches."""
    import builtins

    marks = bytearray(len(numbers) + 1)
    setattr(builtins, _MARKS, marks)
    install(lambda path: ast.fix_missing_locations(_Marking(path, numbers).visit(parse(path))))  # type: ignore[arg-type]
    plugin = _Watch(marks)
    status = _pytest([f"tests/{file}"], [plugin], folder)
    out.write_bytes(pickle.dumps(plugin.reach))
    return 0 if status in (0, 1, 5) else status


def ask(mutant: Mutant, chosen: list[str], folder: Path) -> int:
    """Run tests on a mutant, and return the status of pytest: 0 if all pass."""
    tree = mutated(mutant)
    install(lambda path: tree if path == mutant.module.path else None)
    files = list(dict.fromkeys(test.partition("::")[0] for test in chosen))
    return _pytest([*files, "-x"], [_Chosen(set(chosen))], folder)


def _pytest(arguments: list[str], plugins: list[object], folder: Path) -> int:
    os.environ.pop("CI", None)
    os.environ["TMPDIR"] = str(folder)
    sys.dont_write_bytecode = True
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not browser", f"--basetemp={folder / 'pytest'}"]
    # The plugin of hypothesis is there already, which pytest would warn of, and warnings are errors.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*arguments, *options], plugins=[_Settings(), *plugins]))
