"""`make mutants`: tries mutants, and prints which were killed, by module, and each that survived."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .asking import ask, watch
from .children import Task, run, warm_up
from .reach import Selection, load, saved, statements
from .sites import Mutant, equivalents, mutants
from .table import ARTIFACTS, MODULES, test_files

SAMPLE = 300
SEED = 9
LEAST = 0.9
_WATCH_LIMIT = 600.0


def main() -> int:
    """Run, and return 1 if fewer than `LEAST` were killed."""
    # So that the children are stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = _options()
    found = {module.name: mutants(module) for module in MODULES if module.name in (options.module or _names())}
    pool = _sample(found, options)
    warm_up()
    selection = _selection(options.file or test_files(), options.jobs)
    verdicts: dict[str, str] = {}
    by_name = {f"{number}": mutant for number, mutant in enumerate(pool)}
    untested = [name for name, mutant in by_name.items() if not selection.tests(mutant)[0]]
    verdicts |= dict.fromkeys(untested, "untested")
    for name in untested:
        print(f"{by_name[name]}\n    no test reaches it\n")
    started = time.monotonic()
    for end in run(_tasks(by_name, untested, selection), options.jobs):
        if end.status == 99:
            raise RuntimeError(f"{by_name[end.name]}\n{end.output}")
        verdicts[end.name] = "killed" if end.status else "too slow" if end.status is None else "survived"
        if options.verbose:
            print(f"{by_name[end.name]}\n{end.output[-2000:]}\n")
        elif verdicts[end.name] == "survived":
            print(f"\r{by_name[end.name]}\n", flush=True)
        print(f"\r{len(verdicts)} of {len(pool)}", end="", file=sys.stderr, flush=True)
    print(f"\r{len(pool)} mutants, {time.monotonic() - started:.0f} s\n")
    return _report([(by_name[name], verdicts[name]) for name in by_name], options.least)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("--module", action="append", choices=_names(), help="only this module; may be repeated")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="so many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="so many at a time")
    parser.add_argument(
        "--file", action="append", choices=test_files(), help="ask only this test file; may be repeated"
    )
    parser.add_argument("--least", type=float, default=LEAST, help="the share to kill for exit status 0")
    parser.add_argument("--verbose", action="store_true", help="print what the tests say of each mutant")
    return parser.parse_args()


def _names() -> list[str]:
    return [module.name for module in MODULES]


def _sample(found: dict[str, list[Mutant]], options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants to try, without equivalents, by module and line: whole modules first, then a random choice."""
    random_ = random.Random(options.seed)
    equivalent = equivalents()
    whole: list[Mutant] = []
    rest: list[Mutant] = []
    for module in MODULES:
        own = [mutant for mutant in found.get(module.name, ()) if mutant.key not in equivalent]
        if module.whole:
            whole += own
        else:
            rest += random_.sample(own, round(len(own) * module.share))
    size = options.sample or len(whole) + len(rest)
    chosen = random_.sample(whole, min(size, len(whole)))
    chosen += random_.sample(rest, min(size - len(chosen), len(rest)))
    order = {module.name: number for number, module in enumerate(MODULES)}
    return sorted(chosen, key=lambda mutant: (order[mutant.module.name], mutant.line, mutant.node, mutant.variant))


def _selection(files: list[str], jobs: int) -> Selection:
    """Return who is asked; what is not known of a test file is found out first."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    numbers = statements()
    kept = {file: saved(file) for file in files}
    new = [file for file in kept if not kept[file].exists()]
    tasks: Iterator[Task] = ((file, _WATCH_LIMIT, partial(watch, file, numbers, kept[file])) for file in new)
    for number, end in enumerate(run(tasks, jobs), 1):
        if end.status != 0:
            raise RuntimeError(f"{end.name} ended with {end.status}\n{end.output}")
        print(f"\r{number} of {len(new)} test files watched", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    reaches = load(kept.values())
    for test in (test for reach in reaches for test in reach.failed):
        print(f"not asked, as it does not pass on the original: {test}")
    return Selection(reaches, numbers)


def _tasks(by_name: dict[str, Mutant], untested: list[str], selection: Selection) -> Iterator[Task]:
    for name, mutant in by_name.items():
        if name not in untested:
            tests, seconds = selection.tests(mutant)
            yield name, 4 * seconds + 20, partial(_ask, mutant, tests)


def _ask(mutant: Mutant, tests: list[str], folder: Path) -> int:
    status = ask(mutant, tests, folder)
    return 0 if status == 5 else status


def _report(verdicts: list[tuple[Mutant, str]], least: float) -> int:
    tried = Counter(mutant.module.name for mutant, _ in verdicts)
    killed = Counter(mutant.module.name for mutant, verdict in verdicts if verdict in ("killed", "too slow"))
    print("| module | mutants | killed | share |\n|---|---|---|---|")
    for name in (*tried, "all"):
        of, hit = (tried[name], killed[name]) if name in tried else (tried.total(), killed.total())
        print(f"| {name} | {of} | {hit} | {hit / of:.3f} |")
    print(f"\n{len(equivalents())} equivalents are listed in bench/mutants/equivalent.tsv and were not tried.")
    return int(killed.total() < least * tried.total())


if __name__ == "__main__":
    sys.exit(main())
