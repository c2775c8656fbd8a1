"""The tables of a run, as text for the terminal and as Markdown for the document."""

from __future__ import annotations

import os
import platform
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from .building import ROOT, Built
from .timing import Times

DOCUMENT = ROOT / "docs" / "performance.md"
BASE = "yibao"
Rows = Sequence[Sequence[str]]


def build_rows(builds: Mapping[str, Built], records_bytes: int) -> Rows:
    """Return a table of what the builds took. `builds` maps a label to a build."""
    head = ["whole index", "s", "CPU s", "ratio", "peak MB", "on disk MB", "of raw"]
    base = builds.get(BASE)
    rows = [head]
    for label, built in builds.items():
        ratio = f"{built.seconds / base.seconds:.2f}" if base else "–"
        numbers = (f"{built.peak / 1e6:.0f}", f"{built.disk / 1e6:.1f}", f"{built.disk / records_bytes:.2f}")
        rows.append([label, f"{built.seconds:.1f}", f"{built.cpu:.1f}", ratio, *numbers])
    return rows


def time_rows(times: Mapping[str, Mapping[str, Times]], title: str) -> Rows:
    """Return a table of medians, 95th percentiles and ratios of medians to this project's, over the same queries."""
    rows = [[f"ms, {title}", *next(iter(times.values()))]]
    for kind, by_engine in times.items():
        typical = {name: times.typical() for name, times in by_engine.items()}
        base = typical.get(BASE, {})
        cells = []
        for name, own in typical.items():
            cell = f"{_number(median(own.values()))} · {_number(p95(list(own.values())))}" if own else "–"
            if base and own and name != BASE:
                shared = own.keys() & base.keys()
                ratio = median(own[task] for task in shared) / median(base[task] for task in shared)
                cell += f" · {_number(ratio)}×"
            cells.append(cell)
        asked = max(map(len, typical.values()))
        rows.append([f"{kind} ({asked})", *cells])
    return rows


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return percentile(values, 95)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile (1 to 99) of at least one value."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _number(value: float) -> str:
    """Return a number with two or three digits that count."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def as_text(rows: Rows) -> str:
    """Return a table for a terminal."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_markdown(rows: Rows) -> str:
    """Return a table for the document."""
    head, *body = rows
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def circumstances(versions: Mapping[str, str], command: str) -> str:
    """Return date, machine, versions and command as a paragraph."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    listed = "".join(f"; {name} {version}" for name, version in versions.items())
    busy = os.getloadavg()[0]
    return f"{today}; {machine()}, load {busy:.1f} at the end{listed}.\n`{command}`"


def machine() -> str:
    """Return processor, number of cores, memory and Python version."""
    information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.+)$", information, re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    name = model.group(1) if model else platform.machine()
    return f"{name}, {cores} cores, {memory:.0f} GB, Python {platform.python_version()}"


def insert(name: str, block: str, document: Path = DOCUMENT) -> None:
    """Put a block between its markers in the document; at its end if there are none yet."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = document.read_text(encoding="utf-8")
    marked = f"{begin}\n{block}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    text, known = pattern.subn(lambda _: marked, text)
    document.write_text(text if known else f"{text.rstrip()}\n\n{marked}\n", encoding="utf-8")


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)
