"""The rule that CI skips nothing, tried on small suites of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = {
    "test": ("import pytest\n@pytest.mark.skip('no browser')\ndef test_a(): pass\n", "no browser"),
    "fixture": ("import pytest\ndef test_a(shared): pass\n", "come beside the checkout"),
    "module": ("import pytest\npytest.importorskip('no_such_module')\ndef test_a(): pass\n", "no_such_module"),
}


def _pytest(folder: Path, code: str, ci: str) -> subprocess.CompletedProcess[str]:
    tests = folder / "checkout" / "tests"
    tests.mkdir(parents=True)
    (tests / "conftest.py").write_bytes(Path(__file__).with_name("conftest.py").read_bytes())
    (tests / "test_small.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(tests)]
    environment = {**os.environ, "CI": ci}
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
