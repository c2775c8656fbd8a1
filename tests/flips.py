"""A program for `test_damage.py`: change a byte at seeded places in every part of a build, and say what comes of each.

Prints a line of JSON before each change (where it is) and one after it (what came of opening the build and asking it,
and whether the thorough check noticed). It runs apart from the tests because what it looks for may end a process.
"""

from __future__ import annotations

import json
import logging
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

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
ALARMS: list[str] = []


class _Alarm(logging.Handler):
    """Remembers what is logged as an error: that a part of the build is done without."""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember it."""
        ALARMS.append(record.getMessage())


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


def main(build: Path, seed: int, flips: int, thorough: bool) -> None:
    """Change `flips` places in each part of the build, one at a time."""
    logging.getLogger("search").addHandler(_Alarm())
    if not thorough:
        structure.SMALL = 0  # as for a large file: structure only
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
                result: dict[str, object] = {"outcome": outcome(build, expected)}
                if thorough:
                    result["noticed"] = noticed(build)
                print(json.dumps(result), flush=True)
                os.pwrite(fd, bytes([byte]), place)
                os.close(fd)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "thorough")
