"""The dependency direction: the contracts in pyproject.toml, and what the web side may know of the library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import search

ROOT = Path(__file__).parents[1]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_contracts_of_pyproject_hold() -> None:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 kept, 0 broken" in done.stdout


def _imports_of_search(path: Path) -> set[str]:
    """Return what `path` imports from the package search: public names, or dotted module names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.partition(".")[0] == "search"}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "search":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("search."):
            found.add(str(node.module))
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "webui").rglob("*.py")), ids=lambda path: path.name)
def test_webui_uses_only_public_names(path: Path) -> None:
    assert _imports_of_search(path) <= set(search.__all__)


def test_public_names_exist_once() -> None:
    assert [name for name in search.__all__ if not hasattr(search, name)] == []
    assert len(set(search.__all__)) == len(search.__all__)


def test_importing_the_library_loads_no_web_framework() -> None:
    code = (
        "import sys, search; print(sorted({'flask', 'gunicorn', 'webui'} & {m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
