"""The rules that CI skips nothing, and that what cannot be had is left out, tried on small suites of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CASES = {
    "test": ("import pytest\n@pytest.mark.skip('no browser')\ndef test_a(): pass\n", "no browser"),
    "fixture": (
        "import pytest\n@pytest.fixture\ndef a(): pytest.skip('no such machine')\ndef test_a(a): pass\n",
        "no such machine",
    ),
    "module": ("import pytest\npytest.importorskip('no_such_module')\ndef test_a(): pass\n", "no_such_module"),
}


NEEDY = """
import pytest
def test_of_shared(shared): pass
@pytest.fixture
def index(shared): pass
def test_of_shared_through_another_fixture(index): pass
@pytest.mark.shared
def test_marked(): pass
@pytest.mark.usefixtures("compiled_kernel")
def test_of_the_kernel(): pass
def test_of_both_loops(inner_loops): pass
def test_of_neither(): pass
"""


def _pytest(
    folder: Path, code: str, ci: str, *options: str, named: str = "tests", **environment: str
) -> subprocess.CompletedProcess[str]:
    tests = folder / "checkout" / "tests"
    tests.mkdir(parents=True, exist_ok=True)
    (tests / "conftest.py").write_bytes(Path(__file__).with_name("conftest.py").read_bytes())
    (tests / "test_small.py").write_text(code, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        folder,
        *options,
        tests.parent / named,
    ]
    environment = {**os.environ, "CI": ci, "YIBAO_KERNEL": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("code", "reason"), CASES.values(), ids=list(CASES))
def test_a_skip_fails_in_ci(tmp_path: Path, code: str, reason: str) -> None:
    done = _pytest(tmp_path, code, ci="true")
    assert done.returncode not in (0, 5)
    assert "nothing may be skipped in CI" in done.stdout
    assert reason in done.stdout


@pytest.mark.parametrize("code", [code for code, _ in CASES.values()], ids=list(CASES))
def test_a_skip_stays_one_elsewhere(tmp_path: Path, code: str) -> None:
    done = _pytest(tmp_path, code, ci="")
    assert done.returncode in (0, 5)
    assert "1 skipped" in done.stdout


def test_an_expected_failure_stays_one_in_ci(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n", ci="true")
    assert done.returncode == 0, done.stdout


def _collected(folder: Path, **environment: str) -> tuple[set[str], str]:
    """Return the names of the tests of NEEDY that would be run, and what pytest printed."""
    done = _pytest(folder, NEEDY, "true", "--collect-only", **environment)
    assert done.returncode == 0, done.stdout
    return set(re.findall(r"<Function (.+)>", done.stdout)), done.stdout


def test_what_is_not_there_is_left_out_and_told(tmp_path: Path) -> None:
    collected, printed = _collected(tmp_path)
    assert collected == {"test_of_neither", "test_of_both_loops[arrays]"}
    assert f"left out: tests marked “shared”: {tmp_path / 'shared'} is not there" in printed
    assert "left out: tests marked “kernel”: there was no C compiler" in printed
    assert "2/7 tests collected (5 deselected)" in printed


def test_what_is_there_is_tested(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    kernel = tmp_path / "checkout/search/kernel/_kernel.abi3.so"
    kernel.parent.mkdir(parents=True)
    kernel.touch()
    collected, printed = _collected(tmp_path)
    assert len(collected) == 7
    assert "left out" not in printed
    collected, printed = _collected(tmp_path, YIBAO_KERNEL="off")
    assert len(collected) == 5
    assert "left out: tests marked “kernel”: YIBAO_KERNEL=off" in printed


def test_those_of_the_cluster_are_collected_where_they_are_named(tmp_path: Path) -> None:
    cluster = tmp_path / "checkout/tests/cluster"
    cluster.mkdir(parents=True)
    (cluster / "test_nodes.py").write_text("def test_of_a_node(): pass\n", encoding="utf-8")
    assert "test_of_a_node" not in _pytest(tmp_path, NEEDY, "", "--collect-only").stdout
    assert "test_of_a_node" in _pytest(tmp_path, NEEDY, "", "--collect-only", named="tests/cluster").stdout


def test_those_of_the_cluster_are_among_all_tests_with_its_plugin(tmp_path: Path) -> None:
    shutil.copytree(TESTS / "cluster", tmp_path / "checkout/tests/cluster")
    paths = f"{tmp_path / 'checkout/tests'}{os.pathsep}{TESTS}"
    done = _pytest(tmp_path, NEEDY, "", "-p", "cluster.plugin", "--collect-only", PYTHONPATH=paths)
    assert "test_a_node_is_killed_and_nobody_notices" in done.stdout, done.stdout + done.stderr
    assert "test_it_answers_as_the_whoosh_index_does[relevance]" in done.stdout
    assert "test_of_neither" not in done.stdout


def test_marks_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    done = _pytest(tmp_path, NEEDY, "true", "--collect-only", "-m", "shared")
    assert "3/7 tests collected" in done.stdout, done.stdout
