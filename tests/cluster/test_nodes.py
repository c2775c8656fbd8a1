"""The harness itself: nodes are lost and come back, and none is left behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import jars as kept
from .jars import NotToBeHad, differing, jars, need
from .nodes import Cluster


def test_every_node_knows_the_others(cluster: Cluster) -> None:
    names = {node["name"] for node in cluster.get("_nodes")["nodes"].values()}
    assert names == {"node-1", "node-2", "node-3"}
    assert cluster.get("")["version"]["number"] == "2.19.6"


def test_a_killed_node_is_missed_and_comes_back(cluster: Cluster) -> None:
    first = cluster.nodes[0]
    first.kill()
    assert not first.runs()
    cluster.wait(nodes=2, status=("green", "yellow"))
    first.start()
    cluster.wait()
    assert first.runs()


def test_a_jar_that_differs_is_told(tmp_path: Path) -> None:
    copy = shutil.copytree(jars(), tmp_path / "jars")
    assert differing(copy) == []
    (copy / "jna-5.13.0.jar").write_bytes(b"other")
    (copy / "zstd-jni-1.5.5-5.jar").unlink()
    (copy / "one-more.jar").touch()
    assert differing(copy) == ["jna-5.13.0.jar", "one-more.jar", "zstd-jni-1.5.5-5.jar"]


def test_jars_that_differ_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = jars().name
    monkeypatch.setattr(kept, "cache", lambda: tmp_path)
    (tmp_path / name).mkdir()
    with pytest.raises(NotToBeHad, match=r"jars\.sha256.*snakeyaml-2\.1\.jar"):
        jars()


def test_without_java_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotToBeHad, match=r"needs java, mvn, .*apt-get install openjdk-17-jdk-headless maven$"):
        need("java", "mvn")
    done = subprocess.run(
        [sys.executable, "-m", "cluster"], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("make cluster: a cluster needs java, javac")
    assert "Traceback" not in done.stderr
