"""Many requests to a server whose index is replaced all the time: none may fail, and nothing may grow."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from urllib.parse import quote

from test_connections import Server, serving

from search.indexing.build import reindex

PATHS = [
    *(f"/api/v1/search?q={quote(text)}" for text in ("门诊报销", "异地就医备案", '"起付线"', "大连", "")),
    *("/", f"/?q={quote('住院报销')}&city={quote('大连市')}", f"/suggest?q={quote('医')}", "/healthz", "/coverage"),
]
KEPT = 50
"""Requests on one connection."""
FLAT = 1.05
SETTLING = 16
"""Megabytes that two workers may have more of where there are fewer than `SAMPLES`: each is one moment then, and holds
what is made at the first request that needs it, or the build before."""
SAMPLES = 10
IN_A_SWITCH = 8
"""Descriptors that two workers may hold more of for a moment: of the build before, while the new one is checked. A
leak of one a switch is more in a soak of any length that matters."""


@dataclass
class Soaked:
    """What came of it. Memory (MB, proportional, all workers) and descriptors: medians of early and of late samples."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    switches: int = 0
    seconds: float = 0.0
    megabytes: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def grown(self) -> tuple[float, float]:
        """Return by which factor memory and descriptors grew after the first fifth."""
        fifth = max(1, len(self.megabytes) // 5)
        first, last = slice(fifth, 2 * fifth), slice(-fifth, None)
        megabytes, descriptors = (
            (median(all_[first]), median(all_[last])) for all_ in (self.megabytes, self.descriptors)
        )
        little = len(self.megabytes) < SAMPLES and megabytes[1] - megabytes[0] <= SETTLING
        few = descriptors[1] - descriptors[0] <= IN_A_SWITCH
        return 1.0 if little else megabytes[1] / megabytes[0], 1.0 if few else descriptors[1] / descriptors[0]

    def problems(self) -> list[str]:
        """Return what should not be."""
        memory, descriptors = self.grown()
        found = [f"{status}: {count} times" for status, count in self.statuses.items() if status != 200]
        found += self.failures
        found += [f"memory grew by a factor of {memory:.2f}"] if memory > FLAT else []
        found += [f"descriptors grew by a factor of {descriptors:.2f}"] if descriptors > FLAT else []
        return found


def soak(folder: Path, requests: int, switches: int, clients: int = 4) -> Soaked:
    """Ask a server of two workers, and replace an article and the index so many times meanwhile."""
    articles, index = folder / "articles", folder / "index"
    articles.mkdir()
    for number in range(60):
        _write(articles, number, 0)
    reindex([articles], index)
    soaked = Soaked()
    started = time.monotonic()
    with serving(index) as server:
        left = iter(range(requests))
        lock = threading.Lock()

        def ask() -> None:
            client = HTTPConnection("127.0.0.1", server.port, 60)
            while True:
                with lock:
                    number = next(left, None)
                if number is None:
                    client.close()
                    return
                try:
                    client.request("GET", PATHS[number % len(PATHS)])
                    answer = client.getresponse()
                    answer.read()
                    with lock:
                        soaked.statuses[answer.status] += 1
                except (OSError, HTTPException) as error:
                    soaked.failures.append(repr(error))
                    client.close()
                if number % KEPT == 0:
                    client.close()

        askers = [threading.Thread(target=ask) for _ in range(clients)]
        for asker in askers:
            asker.start()
        while any(asker.is_alive() for asker in askers):
            done = soaked.statuses.total() + len(soaked.failures)
            if soaked.switches < switches and done >= soaked.switches * requests / switches:
                soaked.switches += 1
                _write(articles, soaked.switches % 60, soaked.switches)
                reindex([articles], index, changed=soaked.switches % 2 == 0)
                _measure(server, soaked)
            time.sleep(0.01)
    soaked.seconds = time.monotonic() - started
    return soaked


def _write(articles: Path, number: int, version: int) -> None:
    (articles / f"{number}.md").write_text(
        f"---\ntitle: 大连门诊住院报销{number}\ndate: 2025-03-01\n---\n异地就医备案，起付线第{version:05}版。\n",
        "utf-8",
    )


def _measure(server: Server, soaked: Soaked) -> None:
    kilobytes = descriptors = 0
    for worker in server.workers():
        rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
        kilobytes += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        descriptors += len(list(Path(f"/proc/{worker}/fd").iterdir()))
    soaked.megabytes.append(kilobytes / 1024)
    soaked.descriptors.append(descriptors)
