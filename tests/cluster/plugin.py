"""For `pytest -p cluster.plugin`: a cluster for the whole session, whose address is in `YIBAO_CLUSTER` before tests are
collected, so that those of the contract run on it too (`tests/engines.py`). Of other folders only these are kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .jars import NotToBeHad
from .nodes import Cluster, NotReady, running

_ends = ExitStack()
_started = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    folder = _ends.enter_context(TemporaryDirectory(prefix="yibao-cluster-", ignore_cleanup_errors=True))
    try:
        cluster = _ends.enter_context(running(Path(folder)))
    except (NotToBeHad, NotReady) as error:
        _ends.close()
        pytest.exit(f"make cluster-test: {error}", returncode=1)
    config.stash[_started] = cluster
    os.environ["YIBAO_CLUSTER"] = cluster.addresses


def pytest_unconfigure() -> None:
    _ends.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs by `make test` as well: all that is neither of this folder nor names the engine."""
    here = Path(__file__).parent
    kept = [item for item in items if item.path.is_relative_to(here) or "opensearch" in item.name]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    # What ends nodes comes last: by then the others have found what is wrong with the engine.
    items[:] = sorted(kept, key=lambda item: item.path.is_relative_to(here))


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster, all nodes of it and nothing in it; what the test ended is started again."""
    found = request.config.stash[_started]
    found.clear()
    yield found
    found.heal()
