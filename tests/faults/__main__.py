"""`make torture`: the faults of `make test`, all of them. Prints a row a part; exit status 1 if anything was wrong."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from test_connections import serving
from test_damage import make_build
from web import build_index

from search.kernel import is_compiled
from webui import Settings, create_app

from .flips import flipped
from .operations import COMMANDS, FAULTS, Task, compiled_shim, outcomes
from .requests import asked, complaints, mangled, raw_complaints
from .sanitized import copied, tests_pass
from .soak import soak

TESTS = Path(__file__).parents[1]
Part = Callable[[argparse.Namespace, Path], Iterator[tuple[str, str, list[str]]]]


def operations(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Every operation of both commands: killed, failed once, failed from then on."""
    tasks = [Task(command, fault, 1, options.step) for command in COMMANDS for fault in FAULTS if fault != "stop"]
    tasks += [Task(command, "moment", options.kills // 2, options.seed) for command in COMMANDS]
    shim = compiled_shim(folder)
    for task in tasks:
        found = list(outcomes(shim, folder / f"{task.command}, {task.fault}", [task]))
        became = Counter(one.index for one in found if one.operation)
        name = f"{task.command}: {task.fault}" + (
            f", every {task.step}th" if task.fault in FAULTS and task.step > 1 else ""
        )
        said = ", ".join(f"{count} {index}" for index, count in became.items())
        yield name, f"{became.total()} ({said})", [str(one) for one in found if one.problems]


def flips(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """A bit at some places of every array."""
    build = make_build(folder)
    for kernel in ("", "off") if is_compiled() else ("off",):
        for mode in ("thorough", "structure"):
            found = flipped(build, options.seed, options.flips, mode, YIBAO_KERNEL=kernel)
            allowed = ("damaged", "same") if mode == "thorough" else ("damaged", "same", "other")
            wrong = [str(one) for one in found if one["outcome"] not in allowed or not one["noticed"]]
            became = ", ".join(f"{count} {what}" for what, count in Counter(str(o["outcome"]) for o in found).items())
            yield f"flips, {mode}, {'without' if kernel else 'with'} kernel", f"{len(found)} ({became})", wrong


def properties(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Every property of the tests, by many examples."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "hypothesis", "--hypothesis-profile=many"]
    for path in sorted(TESTS.glob("test_*.py")):
        if "from hypothesis" in path.read_text("utf-8"):
            asked = [*command, f"--hypothesis-seed={options.seed}", f"--basetemp={folder}", str(path)]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            said = done.stdout.strip().splitlines()[-1]
            yield f"properties of {path.name}, 1,000 examples each", said, [done.stdout] if done.returncode else []


def sanitizers(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """The kernel under sanitizers: its tests, and flips."""
    environment = copied(folder / "copy")
    tests_pass(folder / "copy", environment)
    yield "kernel under sanitizers: its tests", "passed", []
    found = flipped(make_build(folder), options.seed, options.flips, "heap", **environment)
    yield "kernel under sanitizers: flips", str(len(found)), []


def fuzz(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Requests to the app, and as many bytes to the server as a hundredth of them."""
    index = build_index(folder)
    chance = random.Random(options.seed)
    app = create_app(Settings(index))
    wrong = list(complaints(app, (asked(chance) for _ in range(options.requests))))
    yield "requests to the app", f"{options.requests:,}", wrong
    errors = folder / "errors"
    sent = [mangled(chance, asked(chance).raw()) for _ in range(options.requests // 100)]
    shares = [sent[first :: options.clients] for first in range(options.clients)]
    with serving(index, errors=errors) as server, ThreadPoolExecutor(options.clients) as clients:
        workers = server.workers()
        wrong = [
            one
            for found in clients.map(lambda share: list(raw_complaints(server.port, share)), shares)
            for one in found
        ]
        wrong += ["a worker was lost"] if server.workers() != workers else []
        wrong += [line for line in errors.read_text().splitlines() if "[INFO]" not in line]
    yield f"bytes to the server, {options.clients} clients", f"{len(sent):,}", wrong


def soaking(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """A server whose index is replaced all the time."""
    found = soak(folder, options.soak, options.switches, options.clients)
    memory, descriptors = found.grown()
    said = (
        f"{found.statuses.total():,}, {found.switches} switches, memory × {memory:.3f}, descriptors × {descriptors:.3f}"
    )
    yield "soak", said, found.problems()


def cluster(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Writers to a real cluster, killed at random moments. Needs Java and Maven."""
    from cluster.nodes import running
    from cluster.writers import outcomes

    with running(folder / "nodes") as nodes:
        address = f"opensearch://{nodes.addresses}/writers"
        found = list(outcomes(address, folder, options.writers, options.seed))
    became = ", ".join(f"{count} {edition}" for edition, count in Counter(one.edition for one in found).items())
    yield "writers to a cluster, killed", f"{len(found)} ({became})", [str(one) for one in found if one.problems]


PARTS: dict[str, Part] = {
    "operations": operations,
    "flips": flips,
    "properties": properties,
    "sanitizers": sanitizers,
    "fuzz": fuzz,
    "soak": soaking,
}
NAMED: dict[str, Part] = {"cluster": cluster}
"""What is done only where it is named."""


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(prog="make torture ARGS=…", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all without; or cluster")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--step", type=int, default=1, help="let every so many-th operation go wrong")
    parser.add_argument("--kills", type=int, default=1000, help="at random moments")
    parser.add_argument("--flips", type=int, default=8, help="in every array")
    parser.add_argument("--requests", type=int, default=1_000_000, help="that nobody would send")
    parser.add_argument("--soak", type=int, default=100_000, help="requests while the index is replaced")
    parser.add_argument("--switches", type=int, default=200)
    parser.add_argument("--writers", type=int, default=50, help="to a cluster, killed")
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    if unknown := set(options.parts) - {*PARTS, *NAMED}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    failed = False
    print(f"seed {options.seed}\n\n| what | how many | wrong | seconds |\n|---|---|---|---|", flush=True)
    for name in options.parts or PARTS:
        with TemporaryDirectory(prefix="yibao-torture-") as folder:
            started = time.monotonic()
            for what, count, wrong in (PARTS | NAMED)[name](options, Path(folder)):
                print(f"| {what} | {count} | {len(wrong)} | {time.monotonic() - started:.0f} |", flush=True)
                for one in wrong[:20]:
                    print(one[:2000], file=sys.stderr, flush=True)
                failed |= bool(wrong)
                started = time.monotonic()
    sys.exit(failed)


if __name__ == "__main__":
    main()
