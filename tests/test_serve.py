"""The production server: several workers, one index, a new build picked up while requests go on."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest

from search import reindex, values

ROOT = Path(__file__).parents[1]


def write(folder: Path, name: str) -> None:
    (folder / f"{name}.md").write_text(f"---\ntitle: {name}住院报销\n---\n{name}的住院报销按规定办理。\n", "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder, "沈阳")
    return folder


@pytest.fixture
def index_dir(folder: Path, tmp_path: Path) -> Path:
    reindex([folder], tmp_path / "index")
    return tmp_path / "index"


@contextmanager
def serving(index_dir: Path, *options: str, **environment: str) -> Iterator[str]:
    """Run `yibao serve` on a free port; yields its address. At the end it must go when asked to."""
    command = [sys.executable, "-m", "search.command.cli", "serve", "--index-dir", str(index_dir), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--workers", "2", *options],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
        assert address, line
        yield address.group()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        if process.stdout:
            process.stdout.close()


def get(address: str) -> dict[str, object]:
    with urllib.request.urlopen(address, timeout=30) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def test_a_new_index_is_picked_up_without_a_failed_request(folder: Path, index_dir: Path) -> None:
    with serving(index_dir) as address:
        seen: set[object] = set()
        failures: list[str] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                try:
                    seen.add(get(f"{address}/api/v1/search?q=%E4%BD%8F%E9%99%A2")["total"])
                except OSError as error:
                    failures.append(repr(error))

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        for name in ("大连", "鞍山", "抚顺"):
            write(folder, name)
            reindex([folder], index_dir)
        done.set()
        for asker in askers:
            asker.join()
        assert failures == []
        assert seen <= {1, 2, 3, 4}
        # Every worker, old and new connections alike, serves the newest build from now on.
        assert {get(f"{address}/healthz")["documents"] for _ in range(20)} == {4}


def test_all_that_counts_goes_with_the_server(index_dir: Path, tmp_path: Path) -> None:
    """Two processes that count, each by its own pipe, of which none may hold the other's."""
    with serving(index_dir, "--gaps", "--feedback", "--state-dir", str(tmp_path / "state")) as address:
        assert get(f"{address}/healthz")["documents"] == 1


def test_an_address_with_a_hundred_cities_is_served(index_dir: Path) -> None:
    with serving(index_dir) as address:
        cities = "&".join("city=" + quote(city) for city in values("city")[:100])
        with urllib.request.urlopen(f"{address}/?{cities}", timeout=30) as response:
            assert response.read().count("去掉条件".encode()) == 100


def test_an_address_that_is_too_long_gets_a_page_that_says_so(index_dir: Path) -> None:
    """Of 100,000 characters the server reads but a small part."""
    with serving(index_dir) as address:
        for path, characters in product(("/", "/api/v1/search"), (10_000, 100_000)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"{address}{path}?q={quote('医' * characters)}", timeout=30)
            with refused.value as answer:
                text = answer.read().decode()
            assert answer.code == 414, (path, characters)
            assert "请缩短要搜的文字" in text
            assert answer.headers["Content-Security-Policy"]
            assert get(f"{address}/healthz")["status"] == "ok"


def test_nothing_is_written_beside_the_index(index_dir: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with serving(index_dir, HOME=str(home), XDG_RUNTIME_DIR=str(home)) as address:
        get(f"{address}/healthz")
        assert list(home.iterdir()) == []


def test_an_address_that_is_none_is_one_plain_line(index_dir: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "search.command.cli",
        "serve",
        "--index-dir",
        str(index_dir),
        "--host",
        "999.1.1.1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "yibao: cannot listen on 999.1.1.1 port 8000: no such address\n"


def test_a_taken_port_is_one_plain_line(index_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "search.command.cli", "serve", "--index-dir", str(index_dir), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"yibao: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
