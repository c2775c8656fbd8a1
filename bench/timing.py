"""Asks all engines the same tasks in turn: first for right answers, then for time."""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from .answers import Searcher
from .reference import Mismatch, Reference
from .tasks import SEED, Task


@dataclass(slots=True)
class Times:
    """What a query took, one item a round, in ms; by task number."""

    by_task: dict[int, list[float]] = field(default_factory=dict)
    spent: float = 0.0

    def add(self, task: int, seconds: float) -> None:
        self.by_task.setdefault(task, []).append(seconds * 1000)
        self.spent += seconds

    def typical(self) -> dict[int, float]:
        """Return the median over the rounds of each task."""
        return {task: median(times) for task, times in self.by_task.items()}


def check(searchers: Mapping[str, Searcher], tasks: Sequence[Task], reference: Reference, budget: float) -> int:
    """Check the answers of all engines. Returns how many were compared.

    An engine whose `budget` of seconds is used up is asked no more; the tasks come shuffled, so that it was asked some
    of every kind. Raises SystemExit when an answer is wrong.
    """
    wrong: list[str] = []
    compared = 0
    spent = dict.fromkeys(searchers, 0.0)
    for task in _shuffled(tasks):
        for name, searcher in searchers.items():
            if spent[name] > budget:
                continue
            started = time.perf_counter()
            raw = searcher.run(task)
            spent[name] += time.perf_counter() - started
            try:
                reference.check(task, searcher.answer(task, raw), searcher.formula)
                compared += 1
            except Mismatch as error:
                wrong.append(f"{name}: {task.kind} {task.text!r} {dict(task.filters) or ''}: {error}")
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    if wrong:
        raise SystemExit(f"bench: {len(wrong)} answers are wrong, {compared} right; nothing was timed")
    return compared


def measure(
    searchers: Mapping[str, Searcher], tasks: Sequence[Task], rounds: int, budget: float
) -> dict[str, dict[str, Times]]:
    """Return kind → engine → times. Each query goes to all engines, one after the other, in an order that changes.

    The first round is for warming up. An engine that has used up its `budget` of seconds for a kind sits out the rest
    of that kind.
    """
    source = random.Random(SEED)
    found: dict[str, dict[str, Times]] = {}
    for task in tasks:
        found.setdefault(task.kind, {name: Times() for name in searchers})
    numbered = list(enumerate(tasks))
    gc.collect()
    gc.freeze()
    for number in range(rounds + 1):
        source.shuffle(numbered)
        for index, task in numbered:
            for name in source.sample(sorted(searchers), len(searchers)):
                times = found[task.kind][name]
                if times.spent <= budget:
                    run = searchers[name].run
                    started = time.perf_counter()
                    run(task)
                    seconds = time.perf_counter() - started
                    if number:
                        times.add(index, seconds)
                    elif seconds * len(tasks) > budget:
                        # Warming up all of a slow engine would take longer than measuring the others.
                        times.add(index, seconds)
    gc.unfreeze()
    return found


def _shuffled(tasks: Iterable[Task]) -> list[Task]:
    shuffled = list(tasks)
    random.Random(SEED).shuffle(shuffled)
    return shuffled
