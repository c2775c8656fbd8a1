"""Holds connections that never finish, and asks beside them: `python -m bench.held [options]`.

Starts a server, opens what slow or hostile clients leave open (connections that say nothing, halves of heads, bodies
that drip, answers that nobody reads) and measures how long others wait for `/healthz` and for a search, each on a
connection of its own. What the server closes is opened again at once, as an attacker would. The holders come from many
loopback addresses, so that a limit a client does not help. With `--dear`, eight clients ask without a pause for what
takes longest instead.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from . import report
from .serve import HOST, PATIENCE, free_port

ASKED = 20
"""Questions of each kind beside what is held."""
GIVEN_UP = 5.0
"""Seconds after which an answer counts as none."""
DRIP = 2.0
"""Seconds between two bytes of a head or a body that drips."""
PAUSE = 0.05
"""Seconds until a connection that was closed is opened again."""
SETTLED = 3.0
"""Seconds until what is held has cost what it costs at the beginning."""
PER_ADDRESS = 40
"""Held connections that come from one loopback address."""
PATHS = ("/healthz", f"/api/v1/search?q={quote('医保报销')}")
_SCRIPT = f"GET /static/vendor/htmx.min.js HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


@dataclass(frozen=True, slots=True)
class Kind:
    """What a held connection sends: first `opening`, then a byte of `drip` from time to time. It reads if `reads`."""

    name: str
    opening: bytes
    drip: bytes = b""
    reads: bool = True


SILENT = Kind("silent", b"")
HEAD = Kind("half heads", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"a")
BODY = Kind("slow bodies", b"POST /api/v1/search HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", b"a")
UNREAD = Kind("unread answers", _SCRIPT * 100, reads=False)
CASES: tuple[tuple[tuple[Kind, int], ...], ...] = (
    (),
    ((SILENT, 4),),
    ((HEAD, 20),),
    ((BODY, 20),),
    ((UNREAD, 20),),
    ((SILENT, 1000),),
    ((SILENT, 2500),),
    ((HEAD, 50), (SILENT, 1000), (BODY, 20)),
)


DEAR = (
    "/sitemap.xml?page=1",
    f"/coverage?province={quote('广东省')}",
    "/export.json",
    f"/export.json?q={quote('医保报销')}",
    f"/feed.atom?q={quote('医保报销')}",
    f"/compare?a={quote('广东省')}&b={quote('湖南省')}&q={quote('医保报销')}",
    f"/?q={quote('医保报销')}&size=50",
)
"""What takes longest, at 200,000 records."""
CLIENTS = 8
ROW = 500
"""Requests that a client of these sends in a row, with the next row as soon as it has had no answer for `DRIP`."""


def _asking(path: str) -> Kind:
    """Return a client that asks for `path` without a pause."""
    row = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n".encode() * ROW
    return Kind(f"× {unquote(path)}", row, row)


@dataclass(slots=True)
class Waits:
    """How long answers took, in ms, by path; how many did not come."""

    times: dict[str, list[float]] = field(default_factory=lambda: {path: [] for path in PATHS})
    failed: int = 0


async def _hold(kind: Kind, port: int, address: str) -> None:
    """Keep one connection of a kind open for ever."""
    while True:
        with contextlib.suppress(OSError):
            await _held_once(kind, port, address)
        await asyncio.sleep(PAUSE)


async def _held_once(kind: Kind, port: int, address: str) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setblocking(False)
        if not kind.reads:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.bind((address, 0))
        await loop.sock_connect(client, (HOST, port))
        await loop.sock_sendall(client, kind.opening)
        while True:
            try:
                async with asyncio.timeout(DRIP):
                    if not kind.reads:
                        await asyncio.sleep(DRIP * 2)
                    if not await loop.sock_recv(client, 1 << 16):
                        return
            except TimeoutError:
                await loop.sock_sendall(client, kind.drip)


@contextlib.asynccontextmanager
async def _holding(case: Sequence[tuple[Kind, int]], port: int) -> AsyncIterator[None]:
    kinds = [kind for kind, count in case for _ in range(count)]
    tasks = [
        asyncio.create_task(_hold(kind, port, f"127.0.1.{1 + number // PER_ADDRESS}"))
        for number, kind in enumerate(kinds)
    ]
    await asyncio.sleep(SETTLED + len(kinds) / 1000)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(port: int, path: str) -> float | None:
    """Return the ms until the first line of an answer of status 200, or None."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(GIVEN_UP):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
            line = await reader.readline()
            took = (time.perf_counter() - started) * 1000
            await reader.read()
            writer.close()
    except OSError:  # TimeoutError is one
        return None
    return took if b" 200 " in line else None


async def measure(port: int, case: Sequence[tuple[Kind, int]]) -> Waits:
    """Ask in turn, while the connections of `case` are held; not all if several get no answer."""
    waits = Waits()
    async with _holding(case, port):
        for _ in range(ASKED):
            for path in PATHS:
                took = await _ask(port, path)
                if took is None:
                    waits.failed += 1
                else:
                    waits.times[path].append(took)
            if waits.failed > 3:
                break
    return waits


def main() -> None:
    """Start the server anew for each case, measure, print the table."""
    options = _options()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    rows = [["held", "/healthz, ms: median · max", "search, ms: median · max", "not answered", "resident, MB"]]
    cases = ((), *(((_asking(path), CLIENTS),) for path in DEAR)) if options.dear else CASES
    for case in cases:
        port = free_port()
        command = options.command.format(port=port, index=options.index_dir, python=sys.executable)
        server = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            _await_server(server, port)
            waits = asyncio.run(measure(port, case))
            rows.append([_name(case), *map(_times, waits.times.values()), str(waits.failed), _resident(server.pid)])
        finally:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
    print(report.as_text(rows))


def _name(case: Sequence[tuple[Kind, int]]) -> str:
    return " + ".join(f"{count:,} {kind.name}" for kind, count in case) or "nothing"


def _times(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.1f} · {max(times):.1f}" if times else "none"


def _resident(leader: int) -> str:
    """Return the proportional memory of all processes of the server's session."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == leader:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return f"{total / 1000:.0f}"


def _await_server(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if asyncio.run(_ask(port, PATHS[1])) is not None:
            return
        time.sleep(0.02)
    raise SystemExit("bench: the server does not answer")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.held", description=__doc__)
    parser.add_argument("--index-dir", type=Path, default=Path("indexdir"))
    parser.add_argument(
        "--command",
        default="{python} -m search.command.cli serve --index-dir {index} --port {port} --workers 2",
        help="starts the server in the foreground; {port}, {index} and {python} are filled in",
    )
    parser.add_argument("--dear", action="store_true", help="eight clients that ask for what takes longest")
    return parser.parse_args()


if __name__ == "__main__":
    main()
