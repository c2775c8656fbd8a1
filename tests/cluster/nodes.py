"""Nodes of a real cluster on loopback: started, stopped, killed as by `kill -9`, started again on the same data."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .jars import HERE, jars

HOST = "127.0.0.1"
JAVA_OPTIONS = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For tests: the quick compiler is ready sooner, and one collector thread a node does on two cores."""
PATIENCE = 180.0
"""Seconds to wait for a cluster to be as it should; a busy machine takes long to start three nodes."""
LOOKS = 0.1
"""Seconds between two looks."""


class NotReady(Exception):
    """A cluster did not come to be what was waited for. The message has the last lines of the nodes."""


@dataclass(eq=False)
class Node:
    """One node: its own process, ports, folder. It ends with this process, because its standard input does."""

    name: str
    http: int
    transport: int
    folder: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.http}"

    @property
    def log(self) -> Path:
        return self.folder / "node.log"

    def start(self) -> None:
        """Start it; `Cluster.wait` tells when it is there. A session of its own: Ctrl-C is for who started it."""
        assert not self.runs(), f"{self.name} runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as `kill -9` does, and as a machine that loses its power nearly does."""
        self._signal(signal.SIGKILL)
        self._gone()

    def pause(self) -> None:
        """Let it stand still: its connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it in order."""
        if self.process and self.process.stdin:
            self.process.stdin.close()
        self._gone()

    def _signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def _gone(self) -> None:
        if self.process:
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.stdin:
                self.process.stdin.close()
            self.process = None


@dataclass(frozen=True)
class Cluster:
    """Nodes that know each other."""

    nodes: tuple[Node, ...]

    @property
    def addresses(self) -> str:
        """`host:port` of every node, with commas between them, as it stands in the address of an index."""
        return ",".join(node.address for node in self.nodes)

    def get(self, path: str) -> Any:
        """Return what the first node that runs answers, as JSON. Raises OSError."""
        node = next(node for node in self.nodes if node.runs())
        with urllib.request.urlopen(f"http://{node.address}/{path}", timeout=10) as answer:
            return json.load(answer)

    def clear(self) -> None:
        """Remove all indexes: the more there are, the longer a node takes to be whole again."""
        wipe = urllib.request.Request(f"http://{self.nodes[0].address}/*", method="DELETE")
        urllib.request.urlopen(wipe, timeout=60).close()

    def wait(self, nodes: int | None = None, status: Iterable[str] = ("green",)) -> None:
        """Wait until so many nodes (all, if none are given) have found each other, and the status is one of these.
        Raises NotReady after PATIENCE seconds, and at once where a node ended by itself.
        """
        expected, until, last = nodes or len(self.nodes), time.monotonic() + PATIENCE, "no answer"
        while time.monotonic() < until:
            if ended := [node for node in self.nodes if node.process and not node.runs()]:
                raise NotReady("\n".join(f"{node.name} ended by itself:\n{_tail(node.log)}" for node in ended))
            try:
                health = self.get("_cluster/health")
                last = f"{health['number_of_nodes']} nodes, {health['status']}"
                if health["number_of_nodes"] == expected and health["status"] in set(status):
                    return
            except (OSError, StopIteration):
                pass
            time.sleep(LOOKS)
        logs = "\n".join(f"{node.name}:\n{_tail(node.log)}" for node in self.nodes)
        raise NotReady(f"not {expected} nodes and {' or '.join(status)} after {PATIENCE:.0f} s, but {last}\n{logs}")

    def heal(self) -> None:
        """Start what does not run, and wait until all is green."""
        for node in self.nodes:
            if not node.runs():
                node.start()
        self.wait()


@contextmanager
def running(folder: Path, ports: Iterable[int] = (), nodes: int = 3, options: Iterable[str] = ()) -> Iterator[Cluster]:
    """Run a cluster in a folder until the block ends. `ports` are those of HTTP, free ones if none are given;
    `options` are Java's, after ours. Raises NotToBeHad where there is no Java, and NotReady.
    """
    classes = _classes(folder)
    http = list(ports) or free_ports(nodes)
    cluster = Cluster(_nodes(folder, classes, http, (*JAVA_OPTIONS, *options)))
    with ExitStack() as ends:
        for node in cluster.nodes:
            ends.callback(node.stop)
            node.start()
        cluster.wait()
        yield cluster


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody uses at the moment, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def _classes(folder: Path) -> str:
    """Return the class path of a node, its launcher compiled."""
    folder.mkdir(parents=True, exist_ok=True)
    library = jars() / "*"
    compiled = folder / "classes"
    subprocess.run(["javac", "-cp", library, "-d", compiled, HERE / "Launcher.java"], check=True)
    return f"{compiled}:{library}"


def _nodes(folder: Path, classes: str, http: list[int], options: Iterable[str]) -> tuple[Node, ...]:
    names = [f"node-{number}" for number in range(1, len(http) + 1)]
    transport = free_ports(len(http))
    shared = {
        "cluster.name": "yibao-tests",
        "network.host": HOST,
        "discovery.seed_hosts": ",".join(f"{HOST}:{port}" for port in transport),
        "cluster.initial_cluster_manager_nodes": ",".join(names),
        # A disk that is nearly full is no matter of these tests.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "node.processors": "1",
    }
    nodes = []
    for name, http_port, transport_port in zip(names, http, transport, strict=True):
        home = folder / name
        (home / "config").mkdir(parents=True, exist_ok=True)
        own = {"node.name": name, "path.home": home, "http.port": http_port, "transport.port": transport_port}
        settings = [f"{key}={value}" for key, value in {**shared, **own}.items()]
        java = ["java", *options, f"-Djava.io.tmpdir={home}", "-cp", classes, "Launcher", *settings]
        nodes.append(Node(name, http_port, transport_port, home, java))
    return tuple(nodes)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-1500:] if log.exists() else ""
