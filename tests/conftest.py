"""Fixtures that several test files share, and the rule that CI skips nothing."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")

# A busy machine is no defect: properties are checked, not their speed.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


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
    """The folder beside the checkout with the real pages and corpora."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: the real pages and corpora come beside the checkout, not inside it")
    return folder


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index directory built from the articles in seeds/. Tests must not change it."""
    return _indexed(ROOT / "seeds", tmp_path_factory)


@pytest.fixture(scope="session")
def page_index(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    """For tests of the compiled kernel."""
    from search.engines.whoosh import kernel

    if kernel.compiled is None:
        pytest.skip("no compiled kernel: there was no C compiler with Python's headers when this was set up")


@pytest.fixture(scope="module", params=["compiled", "arrays"])
def inner_loops(request: pytest.FixtureRequest) -> Generator[None]:
    """The engine's inner loops as the compiled kernel has them, then as NumPy has them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            request.getfixturevalue("compiled_kernel")
        else:
            patch.setattr("search.engines.whoosh.kernel.compiled", None)
        yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's browser, for Playwright's `executable_path`."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there; `make test` installs it")
    return CHROMIUM
