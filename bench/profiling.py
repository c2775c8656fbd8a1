"""Where the time of a query goes: `python -m bench.profiling [--engine production] [--kind "words, any"]`.

A profiler makes Python calls dearer than they are; the mean above each table is taken without it.
"""

from __future__ import annotations

import argparse
import time
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from typing import Any

from . import report
from .answers import Searcher
from .building import build
from .engines import load
from .records import NAMES, records_file
from .reference import Reference
from .tasks import Task, draw

ROUNDS = 3
LINES = 25


def main() -> None:
    """Profile this project's engine for each kind of query."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiling", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--corpus", choices=NAMES, default="short")
    parser.add_argument("--engine", choices=("yibao", "production"), default="yibao")
    parser.add_argument("--kind", action="append", help="a kind of query; may be repeated (default all)")
    parser.add_argument("--work-dir", type=Path, default=Path("/tmp/yibao-bench"))
    options = parser.parse_args()
    records = records_file(options.work_dir, options.corpus, options.size)
    target = options.work_dir / f"index-{options.corpus}-{options.size}-yibao"
    build("yibao", records, target)
    tasks = draw(records, options.size, options.corpus)
    reference = Reference.load(records, tasks)
    kept = reference.with_enough_hits(tasks, 50)
    searcher = load(options.engine).open(target, records)
    for kind in options.kind or dict.fromkeys(task.kind for task in kept):
        some = [task for task in kept if task.kind == kind]
        if some:
            hits = sum(map(reference.total, some)) / len(some)
            print(f"\n== {kind}: {len(some)} queries, {_mean(searcher, some):.3f} ms and {hits:.0f} hits on average")
            print(report.as_text(_lines(searcher, some)))


def _mean(searcher: Searcher, tasks: list[Task]) -> float:
    for task in tasks:
        searcher.run(task)
    started = time.perf_counter()
    for _ in range(ROUNDS):
        for task in tasks:
            searcher.run(task)
    return (time.perf_counter() - started) * 1000 / ROUNDS / len(tasks)


def _lines(searcher: Searcher, tasks: list[Task]) -> report.Rows:
    with Profile() as profile:
        for task in tasks:
            searcher.run(task)
    entries: dict[Any, Any] = Stats(profile).stats  # type: ignore[attr-defined]
    dearest = sorted(entries.items(), key=lambda item: -item[1][2])[:LINES]
    rows = [["own ms", "with callees", "calls", "function"]]
    for (file, line, name), (calls, _, own, cumulated, _) in dearest:
        numbers = (
            f"{own / len(tasks) * 1000:.4f}",
            f"{cumulated / len(tasks) * 1000:.4f}",
            f"{calls / len(tasks):.1f}",
        )
        rows.append([*numbers, name if file == "~" else f"{'/'.join(Path(file).parts[-2:])}:{line} {name}"])
    return rows


if __name__ == "__main__":
    main()
