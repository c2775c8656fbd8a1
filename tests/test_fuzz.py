"""Requests that nobody would send: no answer but those that were meant, none slow, and nothing in the log.

They are made by `tests/faults/requests.py`; `make torture` sends more of them.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from faults.requests import asked, complaints, mangled, raw_complaints
from test_connections import ROOT, serving
from web import make_app

SEED = 20261130


def test_the_app_has_an_answer_to_every_request(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    assert list(complaints(make_app(tmp_path), [asked(chance) for _ in range(5000)])) == []


def test_a_fault_of_the_app_would_be_seen(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.view_functions["feeds.robots"] = lambda: 1 / 0
    chance = random.Random(SEED)
    requests = [one for one in (asked(chance) for _ in range(2000)) if one.target.startswith(b"/robots.txt")]
    assert any("status 500" in one and "(traceback)" in one for one in complaints(app, requests))


def test_the_server_has_an_answer_to_whatever_is_sent(seed_index: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    requests = [mangled(chance, asked(chance).raw()) for _ in range(300)]
    errors = tmp_path / "errors"
    with serving(seed_index, errors=errors) as server:
        workers = server.workers()
        assert list(raw_complaints(server.port, requests)) == []
        assert server.workers() == workers
        assert server.ask("/healthz") == 200
        assert [
            line for line in errors.read_text().splitlines() if "[INFO]" not in line and "slow answer" not in line
        ] == []


def test_the_long_runs_run() -> None:
    """A short one of them, over the same code: `make torture`."""
    command = [sys.executable, "-m", "faults", "fuzz", "soak", "--seed", "1", "--requests", "200", "--soak", "200"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        [*command, "--switches", "3", "--clients", "2"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert [row[0].removeprefix("| ") for row in rows] == [
        "requests to the app",
        "bytes to the server, 2 clients",
        "soak",
    ]
    assert [row[2] for row in rows] == ["0"] * 3
    assert "200, 3 switches" in rows[2][1]
