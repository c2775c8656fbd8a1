"""The command: `python -m bench [options]`, or `make bench ARGS="options"`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from . import report
from .answers import Searcher
from .building import build
from .engines import BUILT_ONLY, MODULES, UNCHECKED, load
from .records import NAMES, records_file
from .reference import Reference
from .tasks import draw
from .timing import check, measure

ORDERS = {"query": "in turn", "kind": "by themselves"}


def main() -> None:
    """Build, check and time every installed engine at every size; print tables."""
    options = _options()
    for size in map(int, options.sizes.split(",")):
        _run(size, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", default="20000", help="numbers of records, with commas (default 20000)")
    parser.add_argument("--corpus", choices=NAMES, default="short")
    parser.add_argument("--engines", default=",".join(MODULES), help=f"default {','.join(MODULES)}")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds, after one to warm up")
    parser.add_argument("--order", default="query,kind", help="engines in turn for each query, or each kind (both)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the queries to ask")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds an engine may take for a kind of query")
    parser.add_argument("--work-dir", type=Path, default=Path("/tmp/yibao-bench"), help="keeps records and indexes")
    parser.add_argument("--rebuild", action="store_true", help="build all indexes anew")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


def _run(size: int, options: argparse.Namespace) -> None:
    name = f"{options.corpus}-{size}"
    records = records_file(options.work_dir, options.corpus, size)
    contenders, absent = {}, []
    for module in options.engines.split(","):
        try:
            contenders[module] = load(module)
        except ImportError as error:
            absent.append(f"{module} is absent: {error}")
    print(f"== {size} records, {options.corpus} ==", *absent, sep="\n", flush=True)

    builds = {}
    targets: dict[str, Path] = {}
    for module, contender in contenders.items():
        indexed = getattr(contender, "INDEX", module)
        targets[module] = options.work_dir / f"index-{name}-{indexed}"
        if indexed not in builds:
            builds[indexed] = build(indexed, records, targets[module], options.rebuild)
    labels = {module: contender.NAME for module, contender in contenders.items()}
    build_table = report.build_rows({labels[m]: built for m, built in builds.items()}, records.stat().st_size)
    print(report.as_text(build_table), flush=True)

    tasks = draw(records, size, options.corpus, options.scale)
    reference = Reference.load(records, tasks)
    tasks = reference.with_enough_hits(tasks, int(50 * options.scale))
    searchers: dict[str, Searcher] = {
        module: contender.open(targets[module], records)
        for module, contender in contenders.items()
        if module not in BUILT_ONLY
    }
    checked = {module: searcher for module, searcher in searchers.items() if module not in UNCHECKED}
    compared = check(checked, tasks, reference, options.budget)
    print(f"{compared} answers of {len(checked)} engines are right", flush=True)

    named = {labels[module]: searcher for module, searcher in searchers.items()}
    time_tables = []
    for order in options.order.split(","):
        times = measure(named, tasks, options.rounds, options.budget, in_turn=order == "query")
        time_tables.append(report.time_rows(times, ORDERS[order]))
        print(report.as_text(time_tables[-1]), flush=True)
    if options.write:
        versions = {labels[m]: contender.version() for m, contender in contenders.items() if m in checked}
        command = shlex.join(["make", "bench", f"ARGS={shlex.join(sys.argv[1:])}"])
        parts = [f"### {size:,} {options.corpus} records", report.circumstances(versions, command)]
        parts += map(report.as_markdown, [build_table, *time_tables])
        report.insert(f"bench {name}", "\n\n".join([*parts, *absent]))


if __name__ == "__main__":
    main()
