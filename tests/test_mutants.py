"""The mutation run itself: what it makes of code, and that its list of equivalents is about code that exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bench.mutants import sites, table
from bench.mutants.children import run
from bench.mutants.reach import Reach, Selection, statements
from bench.mutants.sites import Mutant, equivalents, mutants
from bench.mutants.table import MODULES, Module


def changes(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What mutants make of a text: of each the line that is new."""
    monkeypatch.setattr(sites, "ROOT", tmp_path)
    (tmp_path / "code.py").write_text(text, encoding="utf-8")
    return {mutant.diff.rpartition("\n+")[2] for mutant in mutants(Module("code", "code.py"))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = 1", {"A = 2", "A = 0"}),
        ("A = 40", {"A = 80", "A = 20"}),
        ("A = 0.5", {"A = 1.0", "A = 0.25"}),
        ("A = True", {"A = False"}),
        ("a = b < c", {"a = b <= c", "a = b >= c"}),
        ("a = b + c", {"a = b - c"}),
        ("a = b and c", {"a = b or c"}),
        ("a = not b", {"a = b"}),
        ("a = b if c else d", {"a = b", "a = d"}),
        ("a = f(b, c=d)", {"a = f(b)"}),
        ("a = zip(b, c, strict=True)", set()),
        ("a = [b for b in c if b]", {"a = [b for b in c]"}),
        ("A = (b, c)", {"A = (b,)", "A = (c,)"}),
        (
            r"A = re.compile(r'a(?:b|[|]|\|)|d')",
            {
                rf"A = re.compile('{pattern}')"
                for pattern in (r"a(?:[|]|\\|)|d", r"a(?:b|\\|)|d", "a(?:b|[|])|d", "d", r"a(?:b|[|]|\\|)")
            },
        ),
        ("def f(a: int = 1) -> int: ...", {"def f(a: int=2) -> int:", "def f(a: int=0) -> int:"}),
        ("def f(a) -> bool:\n    return a", {"return not a"}),
        ("def f(a):\n    return a", {"return None"}),
        ("def f(a):\n    if a:\n        g(a)", {"pass"}),
        ("a: Literal[1, 2]", set()),
        ('"""A text of 40 characters."""', set()),
    ],
)
def test_what_may_stand_in_place_of_code(
    text: str, expected: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changes(text, tmp_path, monkeypatch) == expected


@pytest.fixture(scope="module")
def found() -> list[Mutant]:
    return [mutant for module in MODULES for mutant in mutants(module)]


def test_every_equivalent_is_a_mutant_with_a_reason(found: list[Mutant]) -> None:
    assert equivalents().keys() <= {mutant.key for mutant in found}
    assert all(equivalents().values())


def test_every_number_of_the_ranking_is_changed(found: list[Mutant]) -> None:
    tree = sites.parse("search/retrieval/ranking.py")
    numbers = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    changed = {mutant.diff[1:].partition(" =")[0] for mutant in found if mutant.module.name == "ranking"}
    assert changed == numbers != set()


def test_a_fault_is_in_the_tree_and_nowhere_else(found: list[Mutant]) -> None:
    boosts = [mutant for mutant in found if mutant.module.name == "boosts"]
    whole = ast.unparse(sites.parse(boosts[0].module.path)).splitlines()
    for mutant in boosts:
        before, after = mutant.diff[1:].split("\n+")
        lines = ast.unparse(sites.mutated(mutant)).splitlines()
        assert after.strip() in {line.strip() for line in lines}
        assert sum(line not in whole for line in lines) <= 1, before


def test_those_are_asked_who_reach_the_fault_or_read_the_number(found: list[Mutant]) -> None:
    numbers = statements()
    path = "search/retrieval/boosts.py"
    inside = next(mutant for mutant in found if mutant.module.path == path and "ranking.INSURANCE_BOOST" in mutant.diff)
    number = next(mutant for mutant in found if mutant.diff.startswith("-INSURANCE_BOOST"))
    reach = Reach({"t::one": {numbers[path, inside.line]}, "t::other": set()}, {"t::one": 1.0, "t::other": 1.0})
    selection = Selection([reach], numbers)
    assert [selection.tests(mutant) for mutant in (inside, number)] == [(["t::one"], 1.0)] * 2
    reach.failed = ["t::one"]
    assert Selection([reach], numbers).tests(inside) == ([], 0.0)


def test_a_child_that_fails_or_takes_too_long_is_told_apart() -> None:
    def spin(folder: Path) -> int:
        while True:
            pass

    tasks = [("good", 10.0, lambda folder: 0), ("bad", 10.0, lambda folder: 1), ("long", 1.0, spin)]
    assert {end.name: end.status for end in run(iter(tasks), jobs=2)} == {"good": 0, "bad": 1, "long": None}


def test_paths_of_the_table_exist() -> None:
    assert [module.path for module in MODULES if not (table.ROOT / module.path).is_file()] == []
    assert [name for name in table.NOT_ASKED if not (table.ROOT / "tests" / name).is_file()] == []
