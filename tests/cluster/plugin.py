"""For `pytest -p cluster.plugin`: a cluster for the whole session, whose address is in `YIBAO_CLUSTER` before tests are
collected, so that those of the contract run on it too (`tests/engines.py`). Of other tests only these are kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from search.kernel import is_compiled

from .jars import NotToBeHad
from .nodes import Cluster, NotReady, running

HERE = Path(__file__).parent
ENGINE = "opensearch"
"""What tests of the contract call it (`tests/engines.py`)."""
OTHER_LOOPS = "arrays" if is_compiled() else "compiled"
MEMORY = Path("/dev/shm")
"""Files here never reach a disk. A node that is killed leaves them as it leaves them to the system's cache."""
ROOM = 2 << 30
"""Bytes that must be free there."""
_ends = ExitStack()
_started = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    if config.option.collectonly:
        return
    folder = _ends.enter_context(
        TemporaryDirectory(prefix="yibao-cluster-", dir=in_memory(), ignore_cleanup_errors=True)
    )
    try:
        cluster = _ends.enter_context(running(Path(folder)))
    except (NotToBeHad, NotReady) as error:
        _ends.close()
        pytest.exit(f"make cluster-test: {error}", returncode=1)
    config.stash[_started] = cluster
    os.environ["YIBAO_CLUSTER"] = cluster.addresses


def pytest_unconfigure() -> None:
    _ends.close()


def in_memory() -> Path | None:
    """Return where nodes wait for no disk, None where there is no such place or not enough room.

    A change of the cluster's state is synced by every node, some times: half of the time of making an index is that.
    """
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if usable else None


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Collect this folder, which `tests/conftest.py` leaves out."""
    return False if collection_path.is_relative_to(HERE) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make test` runs as well: all that is neither of this folder nor of the engine on a cluster."""
    kept = [item for item in items if item.path.is_relative_to(HERE) or _names_the_engine(item)]
    config.hook.pytest_deselected(items=list({*items} - {*kept}))
    # What ends nodes comes last: by then the others have found what is wrong with the engine.
    items[:] = sorted(kept, key=_ends_nodes)


def _names_the_engine(item: pytest.Item) -> bool:
    """Tell whether a test is of the contract, on a cluster; once, not with each kind of inner loops: it has none."""
    given = (
        set(item.callspec.id.split("-")) if isinstance(item, pytest.Function) and hasattr(item, "callspec") else set()
    )
    return ENGINE in given and not given & {OTHER_LOOPS}


def _ends_nodes(item: pytest.Item) -> bool:
    return "cluster" in getattr(item, "fixturenames", ())


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster, all nodes of it and nothing in it; what the test ended is started again."""
    found = request.config.stash[_started]
    found.clear()
    yield found
    found.heal()
