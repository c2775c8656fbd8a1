"""Asks all engines the same tasks in turn: first for right answers, then for time."""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        """Take down a time."""
        self.spent += seconds
        self.by_task.setdefault(task, []).append(seconds * 1000)

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
    for task in shuffled(tasks):
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
    searchers: Mapping[str, Searcher], tasks: Sequence[Task], rounds: int, budget: float, in_turn: bool = True
) -> dict[str, dict[str, Times]]:
    """Return kind → engine → times, of `rounds` rounds after one to warm up.

    With `in_turn` each query goes to all engines one after the other, in an order that changes: every engine finds the
    processor's caches full of what the others did. Otherwise an engine answers all queries of a kind, then the next
    engine does: it finds its own. An engine that has used up its `budget` of seconds for a kind sits out its rest.
    """
    source = random.Random(SEED)
    by_kind: dict[str, list[tuple[int, Task]]] = {}
    for numbered in enumerate(tasks):
        by_kind.setdefault(numbered[1].kind, []).append(numbered)
    gc.collect()
    gc.freeze()
    found: dict[str, dict[str, Times]] = {}
    for number in range(rounds + 1):
        if number <= 1:
            # The times of the first round, which warms up, are forgotten.
            found = {kind: {name: Times() for name in searchers} for kind in by_kind}
        for kind, some in by_kind.items():
            for name, index, task in _order(source, list(searchers), some, in_turn):
                times = found[kind][name]
                if times.spent <= (budget if number else budget / 4):
                    run = searchers[name].run
                    started = time.perf_counter()
                    run(task)
                    times.add(index, time.perf_counter() - started)
    gc.unfreeze()
    return found


def _order(
    source: random.Random, names: list[str], tasks: list[tuple[int, Task]], in_turn: bool
) -> Iterator[tuple[str, int, Task]]:
    source.shuffle(tasks)
    if in_turn:
        for index, task in tasks:
            yield from ((name, index, task) for name in source.sample(names, len(names)))
    else:
        for name in source.sample(names, len(names)):
            yield from ((name, index, task) for index, task in tasks)


def shuffled(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks in an order without order, always the same."""
    mixed = list(tasks)
    random.Random(SEED).shuffle(mixed)
    return mixed
