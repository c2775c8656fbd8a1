"""Readers of an index in a cluster: they ask over and over, and tell what was answered."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask

QUESTIONS = (
    "q=医保缴费",
    "q=居民医保缴费时间&sort=newest",
    "q=%22集中缴费%22&province=吉林省",
    "q=备案怎么办理",
    "q=黑河补牙能报销吗",
    "q=缴费 -黑河&size=5&page=2",
    "q=&city=成都市",
    "q=等待期 起付线",
)
Answers = Mapping[str, object]


def ask(app: Flask, question: str) -> tuple[int, object]:
    """Return the status, and what was answered but for the time it took."""
    found = app.test_client().get(f"/api/v1/search?{question}")
    answer = json.loads(found.data)
    answer.pop("took_ms", None)
    return found.status_code, answer


def answers(app: Flask) -> Answers:
    """Return the answers to all questions, every one of status 200."""
    found = {question: ask(app, question) for question in QUESTIONS}
    assert {question: status for question, (status, _) in found.items()} == dict.fromkeys(QUESTIONS, 200)
    return {question: answer for question, (_, answer) in found.items()}


@dataclass
class Told:
    """What clients were told: how often each status, and what was neither as expected nor a plain refusal."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[object] = field(default_factory=list)


@contextmanager
def asked_by(clients: int, app: Flask, expected: Answers, allowed: Sequence[int] = (200,)) -> Iterator[Told]:
    """While the block runs, let so many clients ask; then all of them ask every question once more."""
    over, told, lock = threading.Event(), Told(), threading.Lock()

    def client(number: int) -> None:
        position, left = number, len(QUESTIONS)
        while not over.is_set() or left:
            left -= over.is_set()
            question = QUESTIONS[position % len(QUESTIONS)]
            position += 1
            status, answer = ask(app, question)
            with lock:
                told.statuses[status] += 1
                if status not in allowed or (status == 200 and answer != expected[question]):
                    told.wrong.append((question, status, answer))

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client, number) for number in range(clients)]
        try:
            yield told
        finally:
            over.set()
    for one in running:
        one.result()
