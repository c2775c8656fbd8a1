"""The mutants of a module: where, in which function, what was there and what stands there now."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import unified_diff
from functools import lru_cache

from .operators import is_no_matter, is_type, variants
from .table import EQUIVALENT, ROOT, Module

_UNTOUCHED = frozenset({"annotation", "returns", "decorator_list", "bases"})
"""Fields that hold no behaviour, or what a decorator makes of a class."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """The `variant`-th way to change the `node`-th node of a module (in the order of `ast.walk`).

    `line` is that of the statement which must run for the fault to show; `function` its dotted name, empty outside one.
    """

    module: Module
    node: int
    variant: int
    line: int
    function: str
    diff: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names this mutant as long as its own lines stay as they are."""
        return self.module.name, self.function, self.diff

    def __str__(self) -> str:
        return f"{self.module.path}:{self.line} {self.function}\n{self.diff}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs: its parent, the field of it, and the index in that if it is a list."""

    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    function: ast.FunctionDef | None
    name: str


def mutants(module: Module) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text."""
    tree = parse(module.path)
    places = _places(tree)
    found = []
    for number, node in enumerate(ast.walk(tree)):
        place = places.get(node)
        for variant, new in enumerate(variants(node, place.function) if place else ()):
            assert place
            diff = _diff(place.statement, node, new)
            if diff:
                found.append(Mutant(module, number, variant, place.statement.lineno, place.name, diff))
    return sorted(found, key=lambda mutant: mutant.line)


def mutated(mutant: Mutant) -> ast.Module:
    """Return the tree of the module with the fault in it."""
    tree = parse(mutant.module.path)
    node = list(ast.walk(tree))[mutant.node]
    place = _places(tree)[node]
    new = list(variants(node, place.function))[mutant.variant]
    new = ast.copy_location(ast.Pass(), node) if new is None else ast.copy_location(new, node)
    if place.index is None:
        setattr(place.parent, place.field, new)
    else:
        getattr(place.parent, place.field)[place.index] = new
    return ast.fix_missing_locations(tree)


def parse(path: str) -> ast.Module:
    """Return a fresh tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _places(tree: ast.Module) -> dict[ast.AST, _Place]:
    """Return where every node hangs that may be changed."""
    places: dict[ast.AST, _Place] = {}

    def visit(parent: ast.AST, statement: ast.stmt | None, function: ast.FunctionDef | None, name: str) -> None:
        for field, value in ast.iter_fields(parent):
            if field in _UNTOUCHED or (isinstance(parent, ast.ClassDef) and field == "keywords"):
                continue
            for index, node in enumerate(value) if isinstance(value, list) else ((None, value),):
                if not isinstance(node, ast.AST) or is_type(node) or is_no_matter(node):
                    continue
                at = node if isinstance(node, ast.stmt) else statement
                if at:
                    places[node] = _Place(parent, field, index, at, function, name)
                inside, called = function, name
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    called = f"{name}.{node.name}".lstrip(".")
                    inside = node if isinstance(node, ast.FunctionDef) else function
                visit(node, at, inside, called)

    visit(tree, None, None, "")
    return places


def _diff(statement: ast.stmt, node: ast.AST, new: ast.AST | None) -> str:
    """Return the lines of a statement that change, as it would be printed, without and with the fault."""
    head = _head(statement)
    if new is None:
        after = ["pass"]
    elif node is statement:
        after = _printed(new)
    else:
        after = _printed(_replaced(head, node, ast.copy_location(new, node)))
    return "\n".join(list(unified_diff(_printed(head), after, lineterm="", n=0))[3:])


def _printed(statement: ast.AST) -> list[str]:
    return [line for line in ast.unparse(statement).splitlines() if line.strip() != "..."]


def _head(statement: ast.stmt) -> ast.AST:
    """Return a statement without what stands in it: of an `if` its condition, of a function its arguments."""
    fields = dict(ast.iter_fields(statement))
    rest: list[ast.stmt] = [ast.Expr(ast.Constant(...))]
    if isinstance(statement, ast.Match):
        fields["cases"] = [ast.match_case(case.pattern, case.guard, rest) for case in statement.cases]
    elif "body" in fields:
        fields |= {"body": rest} | {name: [] for name in ("orelse", "finalbody", "handlers") if name in fields}
        if isinstance(statement, ast.Try):
            fields["finalbody"] = rest
    return ast.copy_location(type(statement)(**fields), statement)


def _replaced(tree: ast.AST, node: ast.AST, new: ast.AST) -> ast.AST:
    """Return a copy of a tree with one of its nodes replaced; the others are shared."""
    if tree is node:
        return new
    fields = {}
    for name, value in ast.iter_fields(tree):
        if isinstance(value, list):
            fields[name] = [_replaced(one, node, new) if isinstance(one, ast.AST) else one for one in value]
        else:
            fields[name] = _replaced(value, node, new) if isinstance(value, ast.AST) else value
    return ast.copy_location(type(tree)(**fields), tree)


@lru_cache(maxsize=1)
def equivalents() -> dict[tuple[str, str, str], str]:
    """Return what no test can tell from the original, each with its reason."""
    found = {}
    for line in EQUIVALENT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            module, function, before, after, reason = line.split("\t")
            found[module, function, f"-{before}\n+{after}"] = reason
    return found
