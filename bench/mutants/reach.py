"""Which tests reach which statement, and so which are asked about a mutant."""

from __future__ import annotations

import ast
import hashlib
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .sites import Mutant, parse
from .table import ARTIFACTS, FIRST, PACKAGES, ROOT

PATIENCE = 60.0
"""Seconds of tests (of the processor, on the original) that are run for a mutant; what is dearer is left out."""

Numbers = dict[tuple[str, int], int]
"""Path and line of a statement inside a function → its number."""


@dataclass(slots=True)
class Reach:
    """What the tests of a file reach: by test the statements and the seconds it takes, and what fixtures reach.

    `failed` are tests that do not pass on the original, skipped ones among them: those cannot tell anything.
    """

    tests: dict[str, set[int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    fixtures: set[int] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)


def statements() -> Numbers:
    """Number the statements inside the functions of all modules."""
    numbers: Numbers = {}
    for path in _sources():
        for statement, function in _statements(path):
            if function:
                numbers.setdefault((path, statement.lineno), len(numbers))
    return numbers


def saved(file: str) -> Path:
    """Return where the reach of a test file is kept, as long as neither it nor what it needs changes."""
    test = ROOT / "tests" / file
    text = test.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    # What a test needs beside itself it names: a module of helpers, a folder of cases.
    needed = [path for path in sorted((ROOT / "tests").glob("*.py")) if path.stem in words]
    for folder in sorted(path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name in words):
        needed += sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    key = _hash([*(ROOT / path for path in _sources()), ROOT / "tests" / "conftest.py", test, *needed])
    return ARTIFACTS / f"{test.stem}-{key[:16]}.pickle"


def load(paths: Iterable[Path]) -> list[Reach]:
    """Return the reach of test files from where it is kept."""
    return [pickle.loads(path.read_bytes()) for path in paths]


class Selection:
    """Chooses the tests to ask about a mutant."""

    def __init__(self, reaches: list[Reach], numbers: Numbers) -> None:
        self._numbers = numbers
        self._seconds: dict[str, float] = {}
        self._tests: dict[int, set[str]] = defaultdict(set)
        for reach in reaches:
            sound = reach.tests.keys() - set(reach.failed)
            self._seconds |= {test: reach.seconds[test] for test in sound}
            for test in sound:
                # What a fixture reaches, any test of its file may depend on.
                for number in reach.tests[test] | reach.fixtures:
                    self._tests[number].add(test)

    def tests(self, mutant: Mutant) -> tuple[list[str], float]:
        """Return the tests to ask, the fastest files first, and how long they take on the original."""
        found: set[str] = set()
        for number in self._statements(mutant):
            found |= self._tests[number]
        files: dict[str, list[str]] = defaultdict(list)
        for test in sorted(found):
            files[test.partition("::")[0]].append(test)
        cost = {file: sum(self._seconds[test] for test in tests) for file, tests in files.items()}
        chosen: list[str] = []
        total = 0.0
        for file in sorted(files, key=lambda file: (not file.startswith(_FIRST), cost[file])):
            if not chosen or total + cost[file] <= PATIENCE:
                chosen += files[file]
                total += cost[file]
        return chosen, total

    def _statements(self, mutant: Mutant) -> set[int]:
        path, number = mutant.module.path, self._numbers.get((mutant.module.path, mutant.line))
        if number is not None:
            return {number}
        # Run at import: what counts is which function reads the name that it makes, or is the one it defines.
        names, inside = _made(path, mutant.line)
        found = {self._numbers[place] for name in names for place in _readers(name)}
        found |= {self._numbers[path, line] for line in inside if (path, line) in self._numbers}
        return found or {number for (other, _), number in self._numbers.items() if other == path}


_FIRST = tuple(f"tests/{name}" for name in FIRST)


def _made(path: str, line: int) -> tuple[set[str], list[int]]:
    """Return the names that a statement outside functions makes, and the lines of the function that it defines."""
    for statement, function in _statements(path):
        if statement.lineno == line and not function:
            if isinstance(statement, ast.FunctionDef):
                return set(), [one.lineno for one in statement.body]
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            return {
                name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)
            }, []
    return set(), []


def _readers(name: str) -> set[tuple[str, int]]:
    """Return the statements inside functions that read a name, or one made of it outside functions."""
    places: set[tuple[str, int]] = set()
    waiting, known = [name], {name}
    while waiting:
        for path, line, made in _mentions()[waiting.pop()]:
            if made is None:
                places.add((path, line))
            else:
                waiting += sorted(made - known)
                known |= made
    return places


@cache
def _mentions() -> dict[str, list[tuple[str, int, frozenset[str] | None]]]:
    """Name → the statements that mention it: path, line, and the names that they make (None inside a function)."""
    found: dict[str, list[tuple[str, int, frozenset[str] | None]]] = defaultdict(list)
    for path in _sources():
        for statement, function in _statements(path):
            own, stored = _names(statement)
            for name in own:
                if function:
                    found[name].append((path, statement.lineno, None))
                elif stored and not isinstance(statement, ast.ImportFrom | ast.Import):
                    found[name].append((path, statement.lineno, frozenset(stored)))
    return found


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement reads and those that it sets, without those of the statements inside it."""
    read: set[str] = set()
    stored: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.Attribute):
            read.add(node.attr)
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    return read, stored


@cache
def _statements(path: str) -> list[tuple[ast.stmt, bool]]:
    """Return the statements of a module, and whether each stands inside a function."""
    found: list[tuple[ast.stmt, bool]] = []

    def visit(parent: ast.AST, inside: bool) -> None:
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.stmt):
                found.append((node, inside))
            visit(node, inside or isinstance(node, ast.FunctionDef))

    visit(parse(path), False)
    return found


@cache
def _sources() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
