"""Fixtures that several test files share, and two rules: tests of what a checkout by itself does not have are left out;
whatever else is skipped is a failure in CI."""

import os
import shutil
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
CHROMIUM = Path("/usr/bin/chromium")
FIREFOX = Path("/usr/bin/firefox-esr")
WEBKIT = Path("/usr/bin/WebKitWebDriver")
XVFB = Path("/usr/bin/Xvfb")

# A share of the examples that `make torture ARGS=properties` tries. A busy machine is no defect: speed is not checked.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("share", PATIENT, max_examples=30)
settings.register_profile("many", PATIENT, max_examples=1000)
settings.load_profile("share")


# A shell starts what runs in its background deaf to Ctrl-C, and so is what that starts. Some tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = ["cluster"]
"""Its tests need Java: `make cluster-test` collects them (tests/cluster/plugin.py)."""

MARKS = {"shared": "shared", "compiled_kernel": "kernel", "c_compiler": "compiler"}
"""Fixture → mark of every test that uses it. A parameter that asks for the fixture by name carries the mark itself."""


def _left_out() -> dict[str, str]:
    """Mark → why tests that carry it cannot be run here. The library is not imported: that is for the tests to do."""
    reasons = {}
    if not SHARED.is_dir():
        reasons["shared"] = f"{SHARED} is not there, the folder with the real pages and corpora"
    if os.environ.get("YIBAO_KERNEL") == "off":
        reasons["kernel"] = "YIBAO_KERNEL=off"
    elif not any(path.suffix in (".so", ".pyd") for path in (ROOT / "search/kernel").glob("_kernel.*")):
        reasons["kernel"] = "there was no C compiler with Python's headers when this was set up"
    for mark, needed in {"firefox": [FIREFOX], "webkit": [WEBKIT, XVFB]}.items():
        for path in needed:
            if not path.exists():
                reasons[mark] = f"{path} is not there (make browser installs it where it may)"
    if not shutil.which("cc"):
        reasons["compiler"] = "there is no C compiler"
    return reasons


def pytest_report_header() -> list[str]:
    return [f"left out: tests marked “{mark}”: {reason}" for mark, reason in _left_out().items()]


# First, so that `-m` sees the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = _left_out()
    kept, left_out = [], []
    for item in items:
        for fixture, mark in MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        (left_out if any(map(item.get_closest_marker, reasons)) else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _no_skips(report: Any) -> Any:
    """In CI, turn a skip into a failure that gives the reason. An expected failure stays what it is."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be skipped in CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _no_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _no_skips((yield))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with the real pages and corpora. Where there is none, its tests are left out."""
    return SHARED


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index directory built from the articles in seeds/. Tests must not change it."""
    return _indexed(ROOT / "seeds", tmp_path_factory)


@pytest.fixture(scope="session")
def page_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index directory built from the sample pages. Tests must not change it."""
    return _indexed(ROOT / "tests/samples/pages", tmp_path_factory)


@pytest.fixture(scope="session")
def real_page_index(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index directory built from the saved pages in ../shared/seeds. Tests must not change it."""
    return _indexed(shared / "seeds", tmp_path_factory)


def _indexed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Imported here, so that a fault in the library fails the tests that need it, not the collection of all.
    from search.indexing.build import reindex

    index_dir = tmp_path_factory.mktemp("index")
    reindex([source], index_dir)
    return index_dir


@pytest.fixture(scope="session")
def compiled_kernel() -> None:
    """For tests of the compiled kernel. Where there is none, they are left out."""
    from search import kernel

    assert kernel.is_compiled(), "the kernel was compiled, but cannot be imported"


@pytest.fixture(scope="session")
def c_compiler() -> None:
    """For tests that compile something themselves. Where there is no compiler, they are left out."""
    assert shutil.which("cc")


@pytest.fixture(scope="module", params=[pytest.param("compiled", marks=pytest.mark.kernel), "arrays"])
def inner_loops(request: pytest.FixtureRequest) -> Generator[None]:
    """The engine's inner loops as the compiled kernel has them, then as NumPy has them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            request.getfixturevalue("compiled_kernel")
        else:
            from search.kernel import plain

            patch.setattr("search.kernel.interface", plain.PlainLoops())
        yield


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Any]:
    """A copy of the program (`promises.Copy`). The test has the name of a row of docs/architecture.md, and must edit
    what the row names: all of it, and nothing else.
    """
    from promises import Copy, rows

    row = next(row for row in rows() if row.test == request.function.__name__)
    copy = Copy(tmp_path).take("search", "webui")
    yield copy
    assert {row.named(path) or path for path in copy.edited} == set(row.edit)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's browser, for Playwright's `executable_path`."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there; `make test` installs it")
    return CHROMIUM
