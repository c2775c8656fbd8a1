"""Runs pytest in forked children of one warm parent, which has imported what is not ours."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from pathlib import Path

from .table import ROOT

_WARM = (
    *("numpy", "pytest", "hypothesis", "hypothesis.strategies", "jieba", "rjieba", "opencc"),
    *("flask", "flask_compress", "flask_htmx", "click", "bs4", "yaml", "frontmatter", "zstandard", "markdown_it"),
    *("trafilatura", "whoosh.index", "whoosh.query", "whoosh.collectors", "schemathesis", "playwright.sync_api"),
)


def warm_up() -> None:
    """Import what every child needs and what is never mutated."""
    for name in _WARM:
        with suppress(ImportError):
            import_module(name)


@dataclass(slots=True)
class Child:
    """A running child: its process, and when to stop waiting for it (seconds of the monotonic clock)."""

    name: str
    pid: int
    deadline: float
    folder: Path


@dataclass(frozen=True, slots=True)
class End:
    """How a child ended: its exit status, None if it was stopped for the time it took, and what it printed."""

    name: str
    status: int | None
    output: str


Task = tuple[str, float, Callable[[Path], int]]
"""A name, a limit in seconds of the processor, and what to do in the child: it gets a folder, and returns a status."""

_WAITING = 20
"""A child that waits, for a lock or for nothing, is stopped after so many times its limit."""


def run(tasks: Iterator[Task], jobs: int) -> Iterator[End]:
    """Run tasks in `jobs` children at a time, and yield the ends as they come."""
    running: dict[int, Child] = {}
    more = True
    try:
        while more or running:
            while more and len(running) < jobs:
                task = next(tasks, None)
                if task is None:
                    more = False
                else:
                    child = _start(*task)
                    running[child.pid] = child
            if running:
                yield from _ended(running)
    finally:
        for child in running.values():
            _stop(child)


def _start(name: str, limit: float, do: Callable[[Path], int]) -> Child:
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return Child(name, pid, time.monotonic() + limit * _WAITING, folder)
    status = 99
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(limit), ceil(limit)))
        out = os.open(folder / "output", os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(ROOT)
        status = do(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _ended(running: dict[int, Child]) -> Iterator[End]:
    """Wait until some child has ended or its time is over."""
    # A short nap, as there is no call that waits for one of several processes, or for a time.
    time.sleep(0.02)
    for child in list(running.values()):
        pid, status = os.waitpid(child.pid, os.WNOHANG)
        late = not pid and time.monotonic() > child.deadline
        if pid or late:
            del running[child.pid]
            if late:
                _stop(child)
            output = (child.folder / "output").read_text(encoding="utf-8", errors="replace")
            shutil.rmtree(child.folder, ignore_errors=True)
            code = os.waitstatus_to_exitcode(status)
            yield End(child.name, None if late or -code in (signal.SIGXCPU, signal.SIGKILL) else code, output)


def _stop(child: Child) -> None:
    """Stop a child and the processes that it started: they are a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child.pid, 0)
