"""docs/accessibility.md: every criterion of levels A and AA has its row, and every test that it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/accessibility.md").read_text("utf-8")
# WCAG 2.2, W3C Recommendation of 5 October 2023: criteria of levels A and AA by guideline, 4.1.1 being gone.
CRITERIA = {
    "1.1": {1}, "1.2": {1, 2, 3, 4, 5}, "1.3": {1, 2, 3, 4, 5}, "1.4": {1, 2, 3, 4, 5, 10, 11, 12, 13},
    "2.1": {1, 2, 4}, "2.2": {1, 2}, "2.3": {1}, "2.4": {1, 2, 3, 4, 5, 6, 7, 11}, "2.5": {1, 2, 3, 4, 7, 8},
    "3.1": {1, 2}, "3.2": {1, 2, 3, 4, 6}, "3.3": {1, 2, 3, 4, 7, 8}, "4.1": {2, 3},
}  # fmt: skip


def test_every_criterion_has_its_row() -> None:
    told: set[str] = set()
    rows = re.findall(r"^\| ([1-4]\.[^|]*) \|", TEXT, re.M)
    for row in rows:
        numbers = re.findall(r"[1-4]\.\d\.\d+", row)
        if "–" in row:
            guideline, first = numbers[0].rsplit(".", 1)
            told |= {f"{guideline}.{n}" for n in range(int(first), int(numbers[1].rsplit(".", 1)[1]) + 1)}
        told |= set(numbers)
    assert told == {f"{guideline}.{number}" for guideline, numbers in CRITERIA.items() for number in numbers}
    assert len(told) == 55


def test_every_row_names_a_test_that_is_there_or_says_that_there_is_none() -> None:
    rows = re.findall(r"^\| (?!what|criterion|principle|---)[^|]+ \|(?:.*)\| ([^|]+) \|$", TEXT, re.M)
    assert rows and all("::" in row or row in ("by hand", "not met") for row in rows)
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT))
    there = {
        (path, node.name)
        for path in {path for path, _ in named}
        for node in ast.parse((ROOT / path).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert named - there == set()
