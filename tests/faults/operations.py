"""A program: lets operation k on the index directory go wrong during `yibao reindex`, and says what comes of it.

It runs with `shim.c` preloaded. A Python that has read its dictionaries is forked for each k, runs the command as the
shell would, and ends by the fault or by itself; then the index must be as it was or as it was to become, and the next
reindex must work. To "stop" shows the same as to kill, with one process for all k: whenever it is about to change
something, what a kill would leave is copied and looked at. Prints a line of JSON a fault; `outcomes` runs it.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple

from search.answering.answers import completions, parse_text
from search.command.cli import main as yibao
from search.engines.whoosh.generations import BUILDS, CURRENT, LOCK
from search.errors import SearchError
from search.indexing.build import reindex
from search.indexing.builds import open_current
from search.model import Query

SHIM = Path(__file__).with_name("shim.c")
FAULTS = {
    "kill": (0, False),
    "stop": (-1, True),
    "EIO": (errno.EIO, False),
    "ENOSPC": (errno.ENOSPC, True),
    "EIO from then on": (errno.EIO, True),
}
"""What the k-th operation does: its error number (0: the process dies, -1: it stops), and whether all later ones do."""
PROGRESS = re.compile(r"(read|indexed) [0-9,]+ records")
"""What is said of a reindex that takes long, as under a load."""
COMMANDS: dict[str, list[str]] = {"reindex": [], "reindex --changed": ["--changed"]}
QUERIES = [Query(), Query("门诊统筹", size=3), Query("异地就医", sort="oldest"), Query("起付线", collapse=True)]


class Task(NamedTuple):
    """Every `step`-th operation from the `first` on (of "stop" each one); of the fault "moment" so many random moments,
    with that seed.

    After every `after`-th of them the next reindex is tried.
    """

    command: str
    fault: str
    first: int = 1
    step: int = 1
    after: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of one fault. `operation` is empty if there were no more; `problems` should be."""

    command: str
    fault: str
    k: int
    operation: str
    status: int
    index: str
    message: str
    problems: list[str]


def compiled_shim(folder: Path) -> Path:
    """Compile the shim; return where it is."""
    shim = folder / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", shim, SHIM, "-ldl"], check=True)
    return shim


def outcomes(shim: Path, folder: Path, tasks: Sequence[Task]) -> Iterator[Outcome]:
    """Do the tasks, in a process of their own."""
    command = [sys.executable, "-m", "faults.operations", str(folder), json.dumps(tasks)]
    environment = {**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(SHIM.parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=SHIM.parents[2]) as process:
        assert process.stdout
        for line in process.stdout:
            yield Outcome(**json.loads(line))
    assert process.returncode == 0, f"ended by {process.returncode}"


@dataclass(frozen=True)
class Scene:
    """A folder of articles that changed since they were indexed, and the index: `base` is copied for each fault."""

    articles: Path
    base: Path
    index: Path
    errors: Path
    old: str
    new: str


def _write(articles: Path, number: int, text: str) -> None:
    """Write an article with a file of its own: quicker read than Markdown."""
    record = {"title": f"大连医保问答{number}", "text": text, "date": "2025-03-01", "topic": "门诊"}
    (articles / f"{number}.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")


def prepared(folder: Path) -> Scene:
    """Index a few articles twice, so that there are two segments and deleted documents; then change them again."""
    articles, base, index, errors, other = (folder / name for name in ("articles", "base", "index", "errors", "other"))
    articles.mkdir(parents=True)
    for number in range(7):
        _write(
            articles,
            number,
            f"第{number}条：大连市职工医保门诊统筹报销，起付线{number}00元，异地就医备案2025年bj。" * 2,
        )
    reindex([articles], base)
    _write(articles, 3, "第3条：生育津贴由生育保险基金支付。")
    reindex([articles], base, changed=True)
    old = state(base)
    _write(articles, 5, "第5条：起付线与沈阳市相同。")
    _write(articles, 8, "医保卡丢失以后先挂失，门诊统筹不受影响。")
    (articles / "6.jsonl").unlink()
    reindex([articles], other)
    new = state(other)
    assert old != new
    return Scene(articles, base, index, errors, old, new)


def state(index: Path) -> str:
    """Return what an index says, all of whose checksums are compared thereby. Scores may differ in their last bit."""
    build = open_current(index)
    said: list[object] = list(build.articles())
    for query in QUERIES:
        found = build.match(parse_text(query.text), query)
        said.append((found.total, sorted(one.id for one in found.page)))
        said.append([sorted(counts.items()) for counts in found.counts.values()])
    said += [repr(completions(build, "医")), sorted(build.manifest().titles())]
    return repr(said)


def _child(scene: Scene, arguments: Sequence[str], arm: tuple[int, bool, int] | None, report: int) -> None:
    """Be `yibao reindex`, to the end."""
    status = 1
    for number, path in ((1, Path(os.devnull)), (2, scene.errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    try:
        if arm:
            number, lasting, k = arm
            shim = ctypes.CDLL(None)
            shim.arm(str(scene.index).encode(), number, int(lasting), ctypes.c_long(k), report)
        yibao(["reindex", str(scene.articles), "--index-dir", str(scene.index), *arguments])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def begun(scene: Scene, command: str, arm: tuple[int, bool, int] | None) -> tuple[int, socket.socket]:
    """Run the command on a fresh copy of the index; return the process and where it reports."""
    shutil.rmtree(scene.index, ignore_errors=True)
    shutil.copytree(scene.base, scene.index)
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        _child(scene, COMMANDS[command], arm, there.fileno())
    there.close()
    return child, here


def awaited(scene: Scene, child: int) -> tuple[int, str]:
    """Wait for the end of the command; return the status (negative: the signal) and the message."""
    _, status = os.waitpid(child, 0)
    lines = scene.errors.read_text("utf-8").splitlines(keepends=True)
    message = "".join(line for line in lines if not PROGRESS.match(line))
    return os.waitstatus_to_exitcode(status), message


def told(scene: Scene, report: IO[str]) -> str:
    """Return the operation that a process tells of next, an empty text at its end."""
    return report.readline().strip().replace(f"{scene.index}/", "").replace(str(scene.index), ".")


def judged(scene: Scene, status: int, message: str) -> tuple[str, list[str]]:
    """Return which index is there ("old", "new" or "other"), and what is wrong."""
    problems = []
    try:
        found = state(scene.index)
        index = "old" if found == scene.old else "new" if found == scene.new else "other"
    except Exception as error:
        index = "other"
        problems.append(f"unusable: {error!r}")
    if index == "other":
        problems.append("neither the old nor the new index")
    if status == 0 and (index != "new" or message):
        problems.append("success was reported, but the new index is not there, or with a complaint")
    lines = message.splitlines()
    if status > 0 and (status != 1 or len(lines) != 1 or not lines[0].startswith("yibao: ") or "Errno" in message):
        problems.append("no plain message")
    if status < 0 and status != -signal.SIGKILL:
        problems.append("another signal")
    return index, problems


def afterwards(scene: Scene) -> list[str]:
    """Return what is wrong with the next reindex, and what it leaves."""
    problems = []
    try:
        reindex([scene.articles], scene.index, changed=True)
        if state(scene.index) != scene.new:
            problems.append("the next reindex made something else")
    except SearchError as error:
        problems.append(f"the next reindex failed: {error}")
    left = sorted(path.name for path in scene.index.iterdir())
    builds = sorted(path.name for path in (scene.index / BUILDS).iterdir())
    if left != [CURRENT, LOCK, BUILDS] or builds != [(scene.index / CURRENT).read_text().strip()]:
        problems.append(f"leftovers: {left}, {builds}")
    return problems


def outcome(scene: Scene, task: Task, number: int, operation: str, ended: tuple[int, str]) -> Outcome:
    """Look at what a fault left."""
    status, message = ended
    index, problems = judged(scene, status, message)
    if number % task.after == 0:
        problems += afterwards(scene)
    return Outcome(task.command, task.fault, number, operation, status, index, message, problems)


def faults(scene: Scene, task: Task) -> Iterator[Outcome]:
    """Yield what came of every `step`-th operation that goes wrong, and of the run that had no more of them."""
    operation = "…"
    for k in count(task.first, task.step):
        child, here = begun(scene, task.command, (*FAULTS[task.fault], k))
        with here, here.makefile() as report:
            operation = told(scene, report)
            yield outcome(scene, task, k, operation, awaited(scene, child))
        if not operation:
            return


def stops(scene: Scene, task: Task) -> Iterator[Outcome]:
    """Yield what a kill before each change would leave, and what came of the run."""
    child, here = begun(scene, task.command, (*FAULTS["stop"], 1))
    copy = replace(scene, index=scene.index.with_name("copy"))
    with here, here.makefile() as report:
        for k in count(1):
            if not (operation := told(scene, report)):
                yield outcome(scene, task, k, operation, awaited(scene, child))
                return
            shutil.rmtree(copy.index, ignore_errors=True)
            shutil.copytree(scene.index, copy.index)
            yield outcome(copy, task, k, operation, (-signal.SIGKILL, ""))
            here.send(b"-")


def moments(scene: Scene, task: Task) -> Iterator[Outcome]:
    """Yield what came of killing the command at random moments of the time it takes."""
    chance = random.Random(task.step)
    longest = 0.0
    for number in range(-3, task.first):
        started = time.monotonic()
        child, here = begun(scene, task.command, None)
        with here:
            if number < 0:  # to learn how long it takes
                awaited(scene, child)
                longest = max(longest, time.monotonic() - started)
                continue
            moment = chance.uniform(0, longest)
            time.sleep(moment)
            os.kill(child, signal.SIGKILL)
            yield outcome(scene, task, number, f"after {moment:.4f} s", awaited(scene, child))


def main(folder: Path, tasks: Sequence[Task]) -> None:
    """Print what came of each fault."""
    scene = prepared(folder)
    gc.collect()
    gc.freeze()  # what is shared with the children stays shared
    for task in tasks:
        for found in {"moment": moments, "stop": stops}.get(task.fault, faults)(scene, task):
            print(json.dumps(asdict(found), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Task(*task) for task in json.loads(sys.argv[2])])
