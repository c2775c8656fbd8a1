"""Builds an index in a process of its own, and says what that took: time, processor time, memory, bytes on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from .engines import load
from .tokens import workers_for

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Built:
    """What a build took. `peak` is the greatest sum of proportional set sizes over the process and its children."""

    sources: str
    seconds: float
    cpu: float
    peak: int
    disk: int


def build(name: str, records: Path, target: Path, anew: bool = False) -> Built:
    """Build the index of an engine, or say what it took when it is there already, made by the same sources.

    With `anew` it is built in any case.
    """
    sources = _sources(name)
    note = target.with_suffix(".json")
    if note.exists() and not anew:
        built = Built(**json.loads(note.read_text()))
        if built.sources == sources:
            return built
    shutil.rmtree(target, ignore_errors=True)
    note.unlink(missing_ok=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.building", name, str(records), str(target)]
    child = subprocess.Popen(command, cwd=ROOT)
    meter = _Meter(child.pid)
    meter.start()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    meter.stop()
    if child.returncode:
        raise SystemExit(f"bench: building the index of {name} failed")
    disk = sum(file.stat().st_blocks * 512 for file in target.rglob("*") if file.is_file())
    built = Built(sources, seconds, usage.ru_utime + usage.ru_stime, max(meter.peak, usage.ru_maxrss * 1024), disk)
    note.write_text(json.dumps(asdict(built)))
    return built


class _Meter(threading.Thread):
    """Watches the memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(memory(pid)["Pss"] for pid in family(self._pid)))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from family(int(child))


def memory(pid: int) -> dict[str, int]:
    """Return the memory of a process in bytes, by the names of the kernel (Rss, Pss, Private_Dirty …)."""
    found = {"Rss": 0, "Pss": 0, "Pss_Anon": 0, "Pss_File": 0, "Private_Clean": 0, "Private_Dirty": 0}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, size, *_ = line.split()
            if name[:-1] in found:
                found[name[:-1]] = int(size) * 1024
    return found


def _sources(name: str) -> str:
    """Return the hash of everything that decides what the index looks like."""
    here = Path(__file__).parent
    files = [here / "records.py", here / "tokens.py", here / "engines" / f"{name}_engine.py"]
    text = ROOT / "search" / ("" if name in {"yibao", "reindex"} else "text")
    files += sorted(file for file in text.rglob("*") if file.suffix in {".py", ".txt", ".tsv", ".toml"})
    digest = blake2b(digest_size=12)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    engine, source, directory = sys.argv[1:]
    load(engine).build(Path(source), Path(directory), workers_for(Path(source)))
