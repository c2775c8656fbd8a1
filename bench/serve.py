"""Loads the production server with mixed queries: `python -m bench.serve [options]`.

Starts `yibao serve` on this machine, asks it over a fixed number of connections that stay open, each sending its next
request when it has its answer, and prints requests a second, latencies, and the memory of the workers. The client needs
processor time too: on two cores the server has less than two.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from search.engines.whoosh.generations import BUILDS, new_build_id, switch_to

from . import report
from .building import build, family, memory
from .records import NAMES, records_file
from .tasks import Task, draw
from .timing import shuffled

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds until a server that does not answer is given up."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


@dataclass(slots=True)
class Load:
    """What the clients saw. Latencies in ms."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    received: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, sends the next, until the time is up."""

    def __init__(self, requests: Sequence[bytes], first: int, until: float, load: Load) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._requests = cycle(requests[first:] + requests[:first])  # type: ignore[operator]
        self._until = until
        self._load = load
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        length = _LENGTH.search(self._buffer, 0, head) if head >= 0 else None
        if length is None or len(self._buffer) < head + 4 + int(length.group(1)):
            return
        now = time.perf_counter()
        self._load.latencies.append((now - self._sent) * 1000)
        self._load.statuses[int(self._buffer[9:12])] += 1
        self._load.received += len(self._buffer)
        self._buffer.clear()
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(error)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))


async def load_server(port: int, paths: Sequence[str], connections: int, seconds: float) -> Load:
    """Ask for `paths`, over and over, on `connections` connections. Raises OSError if one breaks."""
    requests = [f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode() for path in paths]
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    load = Load(0.0)
    clients = []
    for number in range(connections):
        first = number * len(requests) // connections
        _, client = await loop.create_connection(
            lambda first=first: _Client(requests, first, started + seconds, load),  # type: ignore[misc]
            HOST,
            port,
        )
        clients.append(client)
    errors = await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), seconds + PATIENCE)
    load.seconds = time.perf_counter() - started
    for error in filter(None, errors):
        raise error
    return load


def path_of(task: Task, endpoint: str) -> str:
    """Return the address that asks for a task."""
    parameters = [("q", task.text)]
    parameters += [(key, value) for key, values in task.filters.items() for value in values]
    if task.newest:
        parameters.append(("sort", "newest"))
    return f"{endpoint}?{urlencode(parameters)}"


def main() -> None:
    """Build the index if need be, start the server, load it, print the numbers, stop it."""
    options = _options()
    records = records_file(options.work_dir, options.corpus, options.size)
    name = f"{options.corpus}-{options.size}"
    built = options.work_dir / f"index-{name}-yibao"
    build("yibao", records, built)
    index_dir = options.work_dir / f"serve-{name}"
    shutil.rmtree(index_dir, ignore_errors=True)
    (index_dir / BUILDS).mkdir(parents=True)
    build_id = new_build_id(datetime.now())
    shutil.copytree(built, index_dir / BUILDS / build_id)
    switch_to(index_dir / BUILDS / build_id)
    tasks = [task for task in shuffled(draw(records, options.size, options.corpus)) if task.page == 1]
    paths = [path_of(task, options.endpoint) for task in tasks]

    port = free_port()
    started = time.perf_counter()
    command = [Path(sys.executable).with_name("yibao"), "serve", "--index-dir", index_dir, "--host", HOST]
    command += ["--port", str(port), "--workers", str(options.workers)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await_server(server, port, paths[0])
        first = time.perf_counter() - started
        asyncio.run(load_server(port, paths, options.connections, min(3.0, options.seconds)))
        load = asyncio.run(load_server(port, paths, options.connections, options.seconds))
        rows = _rows(load, first, options)
        workers = _worker_rows(server.pid, index_dir)
    finally:
        server.terminate()
        server.wait(PATIENCE)
    print(report.as_text(rows), report.as_text(workers), sep="\n\n")
    if options.write:
        asked = f"python -m bench.serve {' '.join(sys.argv[1:])}".strip()
        about = [f"### Server, {options.size:,} {options.corpus} records", report.circumstances({}, asked)]
        report.insert(f"serve {name}", "\n\n".join([*about, report.as_markdown(rows), report.as_markdown(workers)]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="number of records (default 20000)")
    parser.add_argument("--corpus", choices=NAMES, default="short")
    parser.add_argument("--workers", type=int, default=2, help="workers of the server (default 2)")
    parser.add_argument("--connections", type=int, default=8, help="open connections (default 8)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to ask (default 10)")
    parser.add_argument("--endpoint", default="/api/v1/search", help="what to ask for; / is the page")
    parser.add_argument("--work-dir", type=Path, default=Path("/tmp/yibao-bench"))
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _await_server(server: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Return when the first query is answered."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(f"bench: the server ended with status {server.returncode}")
        try:
            asyncio.run(load_server(port, [path], 1, 0.0))
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise SystemExit("bench: the server does not answer")


def _rows(load: Load, first: float, options: argparse.Namespace) -> report.Rows:
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(load.statuses.items()))
    times = [*(report.percentile(load.latencies, percent) for percent in (50, 95, 99)), max(load.latencies)]
    return [
        ["server", "value"],
        ["requests a second", f"{load.rate:.0f}"],
        ["latency, median · p95 · p99 · max, ms", " · ".join(f"{ms:.1f}" for ms in times)],
        ["answers by status", statuses],
        ["kB an answer", f"{load.received / len(load.latencies) / 1000:.1f}"],
        ["workers · connections · seconds", f"{options.workers} · {options.connections} · {load.seconds:.0f}"],
        ["from process start to first answer, s", f"{first:.2f}"],
    ]


def _worker_rows(master: int, index_dir: Path) -> report.Rows:
    rows = [["MB of memory", "resident", "proportional", "private", "index mapped", "resident beyond the index"]]
    for number, pid in enumerate(family(master)):
        use, mapped = memory(pid), _mapped(pid, index_dir)
        private = use["Private_Clean"] + use["Private_Dirty"]
        sizes = (use["Rss"], use["Pss"], private, mapped, use["Rss"] - mapped)
        rows.append([f"worker {number}" if number else "master", *(f"{size / 1e6:.0f}" for size in sizes)])
    return rows


def _mapped(pid: int, folder: Path) -> int:
    """Return how many bytes of the files under `folder` are resident in a process."""
    found, inside = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = str(folder.resolve()) in line
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found


if __name__ == "__main__":
    main()
