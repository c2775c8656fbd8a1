"""A function over many items in worker processes: results in order, few items in memory, no process left behind."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Generator[Result]:
    """Yield `function(item)` for every item, in order, computed by `workers` processes; by this one for 0.

    Items are read a few ahead of the results, so memory is that of some `workers` items. What `function` or `items`
    raises comes out here, and no process outlives the iteration, however it ends (`close` it to end it early).
    """
    if not workers:
        yield from map(function, items)
        return
    # Spawned, not forked: a fork would copy the locks of whatever threads this process runs.
    context = get_context("spawn")
    line, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_work_while_held, initargs=(line,))
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        pool.shutdown()
    finally:
        held.close()
        pool.shutdown(cancel_futures=True)
        line.close()


def _work_while_held(line: Connection) -> None:
    """Leave Ctrl-C to the parent process; exit when it lets go of its end of `line`, be it because it was killed.

    A pool's own workers would finish what is queued, or wait for a killed parent for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after, args=(line,), daemon=True).start()


def _exit_after(line: Connection) -> None:
    wait([line])
    os._exit(1)
