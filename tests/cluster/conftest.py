"""One real cluster for all tests of this folder. A test that ends a node heals the cluster before it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .jars import NotToBeHad
from .nodes import Cluster, running


@pytest.fixture(scope="session")
def real_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        with running(tmp_path_factory.mktemp("cluster")) as cluster:
            yield cluster
    except NotToBeHad as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def cluster(real_cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, all nodes of it; what the test ended is started again."""
    yield real_cluster
    real_cluster.heal()
