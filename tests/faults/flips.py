"""A program: changes a byte at seeded places in every part of a build, and says what comes of each.

Prints a line of JSON before each change (where it is) and one after it (what came of opening the build and asking it,
and whether a check noticed: in the mode "thorough" that of doctor, in the mode "structure", in which all files are
taken for large ones, that of a server in the background; the mode "heap" is the same for a sanitizer, which sees a
step outside an array only if it does not lie in a mapped file). It runs apart because what it looks for may end a
process; `flipped` runs it.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from search.answering.answers import answer, completions
from search.answering.shapes import results_json
from search.engines.whoosh import WhooshEngine, verify
from search.errors import SearchError
from search.indexing.builds import Build
from search.indexing.manifest import MANIFEST, Manifest
from search.model import Query
from search.storage import structure
from search.storage.container import Container

QUERIES = [
    Query(),
    Query("门诊统筹报销"),
    Query("异地就医备案", sort="oldest", explain=True),
    Query('"起付线"', filters={"city": ("大连市",)}),
    Query("社会保险法", collapse=True),
    Query("大连住院 -门诊", filters={"insurance": ("职工医保",)}, size=100),
    Query("bj 2025"),
    Query("付", size=50),
    Query("mzbx", sort="newest"),
    Query("异地就衣备案"),
]
HEADER = 64
PROGRAM = Path(__file__)
ALARMS: list[str] = []


class _Alarm(logging.Handler):
    """Remembers what is logged as an error: that a part of the build is done without."""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember it."""
        ALARMS.append(record.getMessage())


def flipped(build: Path, seed: int, flips: int, mode: str, **environment: str) -> list[dict[str, object]]:
    """Change bytes of a copy of the build; return where each change was and what came of it.

    AssertionError if the program did not come to its end.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder, build.name)
        shutil.copytree(build, copy)
        command = [sys.executable, str(PROGRAM), str(copy), str(seed), str(flips), mode]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, cwd=folder
        )
    assert done.returncode == 0, f"ended by {done.returncode} after {done.stdout[-300:]}\n{done.stderr[-3000:]}"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [where | what for where, what in zip(lines[::2], lines[1::2], strict=True)]


def asked(build: Path) -> str:
    """Open a build and return all it has to say, as one text."""
    engine = Build(WhooshEngine.open(build))
    said: list[object] = [results_json(answer(engine, query)) | {"took_ms": 0} for query in QUERIES]
    said += [completions(engine, prefix) for prefix in ("医", "yi", "大连")]
    said += [article.id for article in engine.articles()]
    said += engine.words()
    said += Manifest.load(build / MANIFEST).titles()
    return repr(said)


def outcome(build: Path, expected: str) -> str:
    """Return "same" or "other" for answers, "damaged" for an error of the error tree, or which other error it was."""
    ALARMS.clear()
    try:
        found = asked(build)
    except SearchError as error:
        return "damaged" if "Run: yibao" in str(error) else f"an error without a command: {error}"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    return "damaged" if ALARMS else "same" if found == expected else "other"


def noticed(build: Path) -> bool:
    """Tell whether the thorough check sees that the build is damaged."""
    try:
        verify(build)
        Build(WhooshEngine.open(build)).verify_attachments()
    except SearchError:
        return True
    return False


def noticed_in_background(build: Path) -> bool:
    """Tell whether the check that a server makes after opening sees it."""
    ALARMS.clear()
    try:
        Build(WhooshEngine.open(build)).verify()
    except SearchError:
        return True
    return bool(ALARMS)


def parts(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield the parts of a file: name, offset, length in bytes."""
    size = path.stat().st_size
    if path.suffix not in (".arrays", ".bin", ".deleted"):
        yield "all", 0, size
        return
    container = Container(path)
    end = HEADER
    yield "header", 0, HEADER
    for name, array in container.arrays.items():
        begin = container._table[name]["offset"]
        if path.name == "groups.bin":  # all files are laid out alike
            yield f"before {name}", end, begin - end
        yield name, begin, array.nbytes
        end = begin + array.nbytes
    yield "table", end, size - end


def _on_the_heap(init: Callable[..., None]) -> Callable[..., None]:
    """Let each array of a file be one of its own."""

    def copying(container: Container, path: Path) -> None:
        init(container, path)
        container.arrays = {name: array.copy() for name, array in container.arrays.items()}

    return copying


def main(build: Path, seed: int, flips: int, mode: str) -> None:
    """Change `flips` places in each part of the build, one at a time."""
    thorough = mode == "thorough"
    logging.getLogger("search").addHandler(_Alarm())
    if not thorough:
        structure.SMALL = 0  # as for a large file: structure only
    if mode == "heap":
        Container.__init__ = _on_the_heap(Container.__init__)  # type: ignore[method-assign]
    chance = random.Random(seed)
    expected = asked(build)
    assert outcome(build, expected) == "same"
    for path in sorted(build.iterdir()):
        for part, begin, length in list(parts(path)):
            for _ in range(flips if length else 0):
                place, bit = begin + chance.randrange(length), 1 << chance.randrange(8)
                print(json.dumps({"file": path.name, "part": part, "place": place, "bit": bit}), flush=True)
                fd = os.open(path, os.O_RDWR)
                (byte,) = os.pread(fd, 1, place)
                os.pwrite(fd, bytes([byte ^ bit]), place)
                came = outcome(build, expected)
                saw = noticed(build) if thorough else came != "other" or noticed_in_background(build)
                print(json.dumps({"outcome": came, "noticed": saw}), flush=True)
                os.pwrite(fd, bytes([byte]), place)
                os.close(fd)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
