"""The compiled kernel with the sanitizers of addresses and of undefined behaviour: made apart, tried, thrown away.

What it reads is on the heap then, every array by itself, so that a step outside is one that is seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLAGS = ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
TESTS = ("test_kernel.py", "test_loops.py")


def copied(folder: Path) -> dict[str, str]:
    """Copy the library and these tests, compile the kernel of the copy; return the environment to run it in."""
    for name in ("search", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "__pycache__", "judged"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    kernel = folder / "search/kernel"
    include = f"-I{sysconfig.get_path('include')}"
    made = kernel / "_kernel.abi3.so"
    subprocess.run(["cc", "-shared", "-fPIC", include, *FLAGS, kernel / "kernel.c", "-o", made], check=True)
    runtime = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    return {
        "LD_PRELOAD": runtime.stdout.strip(),
        "PYTHONPATH": os.pathsep.join((str(folder), str(folder / "tests"))),
        "PYTHONMALLOC": "malloc",  # so that objects of Python are known to the sanitizer too
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def tests_pass(folder: Path, environment: dict[str, str]) -> None:
    """Run the tests of the kernel in the copy. CalledProcessError if one fails, or a sanitizer complains."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    paths = [f"tests/{name}" for name in TESTS]
    subprocess.run([*command, *paths], cwd=folder, env={**os.environ, **environment}, check=True)
