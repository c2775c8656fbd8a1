"""Functions in other processes: over many items in several, or in one that may take so much and be lost.

No process is left behind.
"""

from __future__ import annotations

import math
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, BinaryIO, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    rescue: Callable[[Item], Result] | None = None,
) -> Generator[Result]:
    """Yield `function(item)` for every item, in order, computed by `workers` processes; by this one for 0.

    Items are read a few ahead of the results, so memory is that of some `workers` items. What `function` or `items`
    raises comes out here, and no process outlives the iteration, however it ends (`close` it to end it early). Where a
    process is lost, `rescue(item)` takes the place of what it and the others had in hand; without it, that raises.
    """
    if not workers:
        yield from map(function, items)
        return
    rest = iter(items)
    lost: list[Item] = []
    while True:
        yield from _until_one_is_lost(function, rest, workers, lost)
        if not lost:
            return
        if rescue is None:
            raise BrokenProcessPool("a worker process was lost")
        yield from map(rescue, lost)
        lost.clear()


def _until_one_is_lost(
    function: Callable[[Item], Result], items: Iterator[Item], workers: int, lost: list[Item]
) -> Generator[Result]:
    """Yield results until a process is lost; then `lost` gets the items that were read and have none."""
    # Spawned, not forked: a fork would copy the locks of whatever threads this process runs.
    context = get_context("spawn")
    line, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_work_while_held, initargs=(line,))
    calls: Any = pool._call_queue  # type: ignore[attr-defined]
    results: Any = pool._result_queue
    waiting: deque[tuple[Item, Future[Result] | None]] = deque()
    try:
        for item in items:
            waiting.append((item, None))
            with _uninterrupted():
                waiting[-1] = (item, pool.submit(function, item))
            if len(waiting) > workers + 1:
                yield _result(waiting)
        while waiting:
            yield _result(waiting)
        pool.shutdown()
    except BrokenProcessPool:
        lost.extend(item for item, _ in waiting)
    finally:
        held.close()
        # The pool would wait for ever: to read the rest of a result of which a process wrote a part, as long as anybody
        # could write it, and to write an item, as long as anybody could read it. Of both pipes this process holds the
        # other ends too, though it uses neither. That of the items is closed by a thread of the pool, but not before
        # Python 3.11.5; it is not closed here as well, since the number of a closed file may be another's already.
        results._writer.close()
        if sys.version_info < (3, 11, 5):
            calls._reader.close()
        pool.shutdown(cancel_futures=True)
        line.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off to the end: a process that is half started is none that anybody could end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda *interrupt: interrupts.append(interrupt))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        if interrupts and callable(before):
            before(*interrupts[0])


def _result(waiting: deque[tuple[Item, Future[Result] | None]]) -> Result:
    """Take the first item away, once its result is there, and return that. Raises BrokenProcessPool."""
    future = waiting[0][1]
    if future is None:
        raise BrokenProcessPool
    result = future.result()
    waiting.popleft()
    return result


def _work_while_held(line: Connection) -> None:
    """Leave Ctrl-C to the parent process; exit when it lets go of its end of `line`, be it because it was killed.

    A pool's own workers would finish what is queued, or wait for a killed parent for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after, args=(line,), daemon=True).start()


def _exit_after(line: Connection) -> None:
    wait([line])
    os._exit(1)


class CallFailed(Exception):
    """A call in a confined process came to no result; says why."""


class Confined:
    """Calls functions, one at a time, in a process that may take `seconds` of CPU a call and `memory` bytes of its own.

    Whatever it does, also in C: the system ends it. It starts with the first call and after each one that it did not
    survive, and runs until `close` or until this process ends. Functions, arguments and results are pickled.
    """

    def __init__(self, seconds: int, memory: int) -> None:
        """Start nothing yet."""
        self._limits = (seconds, memory)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def call(self, function: Callable[..., Result], *args: object) -> Result:
        """Return `function(*args)`. Raises CallFailed."""
        with self._lock:
            process = self._process = self._process or self._started()
            assert process.stdin and process.stdout
            try:
                pickle.dump((function, args), process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                problem, result = pickle.load(process.stdout)
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                raise CallFailed(self._why_ended()) from None
            except BaseException:  # interrupted: what it answers now would be taken for the next answer
                self._end()
                raise
        if problem:
            raise CallFailed(problem)
        return result  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        # Not by multiprocessing, whose processes import the main module again, for which few scripts are made.
        code = f"import sys; sys.path[:] = sys.argv[3:]; from {__name__} import _confined; _confined()"
        command = [sys.executable, "-c", code, *map(str, self._limits), *sys.path]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _why_ended(self) -> str:
        assert self._process
        code = self._process.wait()
        self._end()
        if code == -signal.SIGXCPU:
            return f"it takes more than {self._limits[0]} s"
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        return f"the process at work on it {how}"

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _confined() -> None:
    """Be the process of a `Confined`: answer calls until there are no more."""
    seconds, memory = map(int, sys.argv[1:3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # should a library print, it is no answer
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, memory)
    while True:
        try:
            function, args = pickle.load(requests)
        except EOFError:
            return
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime) + seconds)
        _answer(answers, function, args, memory)


def _answer(answers: BinaryIO, function: Callable[..., Any], args: tuple[Any, ...], memory: int) -> None:
    try:
        answer = pickle.dumps(("", function(*args)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        answer = pickle.dumps((f"it takes more than {memory // 1024**2:,} MB of memory", None))
    except Exception as error:  # whatever it trips over, the next call is answered
        answer = pickle.dumps((type(error).__name__, None))
    answers.write(answer)
    answers.flush()


def _limit(which: int, value: int) -> None:
    """Set what the system enforces: a limit of this process, not above the one it has been given."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
