"""The records of a run: made ones, or an even sample of a shared corpus, with facet values dealt out by a fixed hash.

Every engine indexes the file that `write_records` leaves. The values of a facet follow Zipf's law, because real ones
do: a few provinces hold most articles, and most cities hold a handful.
"""

from __future__ import annotations

import json
import lzma
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path

from search.facets import FACETS, values

from . import made

FACET_KEYS = FACETS.stored.keys
"""The facets whose values are dealt out: what is derived of a day is no task of an index."""

SHARED = Path(__file__).resolve().parents[2] / "shared" / "corpora"
CORPORA = {"short": ("scale_1m_short.jsonl.xz", 1_000_000), "long": ("scale_100k_long.jsonl.xz", 106_657)}
"""File name and number of records of each corpus."""
MADE = "made"
NAMES = (*CORPORA, MADE)
"""What a run can be of: a corpus beside the checkout, or records made here, as many as wanted."""

FACET_SIZES = {"province": 34, "city": 333, "insurance": 11, "topic": 17}
UNDATED = 0
QUESTIONS = 1_500
"""How many questions are made: about as many as STARD has."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `day` is the date's proleptic ordinal, `UNDATED` if there is none; `facets` follow FACET_KEYS."""

    number: int
    id: str
    title: str
    text: str
    day: int
    facets: tuple[str, ...]


def records_file(work: Path, corpus: str, size: int) -> Path:
    """Return the file of `size` records of a corpus, written if it is not there yet."""
    path = work / f"records-{corpus}-{size}.jsonl"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.stem}.new.jsonl")
        write_records(unfinished, sample(corpus, size))
        undealt(unfinished).rename(undealt(path))
        unfinished.rename(path)
    return path


def undealt(records: Path) -> Path:
    """Return the file of the same records as they stand in the corpus, without facet values."""
    return records.with_name(f"undealt-{records.name.removeprefix('records-')}")


def write_records(path: Path, lines: Iterable[str]) -> None:
    """Write lines of a corpus to a file with facet values, and as they are to the `undealt` file."""
    with path.open("w", encoding="utf-8") as file, undealt(path).open("w", encoding="utf-8") as plain:
        for line in lines:
            plain.write(line)
            source = json.loads(line)
            source |= dict(zip(FACET_KEYS, deal(source["id"]), strict=True))
            file.write(json.dumps(source, ensure_ascii=False, separators=(",", ":")) + "\n")


def sample(corpus: str, size: int) -> Iterator[str]:
    """Yield `size` lines spread evenly over a corpus, whose parts stand one after the other; or as many made ones."""
    if corpus == MADE:
        yield from made.records(size)
        return
    name, total = CORPORA[corpus]
    path = SHARED / name
    if not path.exists():
        raise SystemExit(f"bench: {path} is missing; the shared corpora must lie beside this checkout")
    if size > total:
        raise SystemExit(f"bench: the {corpus} corpus has {total} records, fewer than {size}")
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if (number + 1) * size // total > number * size // total:
                yield line


def questions(corpus: str) -> list[str]:
    """Return what laypeople ask: the queries of STARD beside a shared corpus, made ones beside made records."""
    if corpus == MADE:
        return made.questions(QUESTIONS)
    with lzma.open(SHARED / "stard" / "queries.jsonl.xz", "rt", encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def parse(line: str, number: int) -> Record:
    """Return the record of one line of a records file."""
    source = json.loads(line)
    day = date.fromisoformat(source["date"]).toordinal() if source["date"] else UNDATED
    return Record(number, source["id"], source["title"], source["text"], day, tuple(source[key] for key in FACET_KEYS))


def read(path: Path) -> Iterator[Record]:
    """Yield the records of a file in order."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            yield parse(line, number)


def deal(record_id: str) -> tuple[str, ...]:
    """Return one value a facet, in the order of FACET_KEYS, drawn by the hash of the id."""
    return tuple(facet_values(key)[bisect(_shares(key), _fraction(f"{key}:{record_id}"))] for key in FACET_KEYS)


@lru_cache(maxsize=8)
def facet_values(key: str) -> tuple[str, ...]:
    """Return the official values that are dealt out, the most frequent first."""
    return values(key)[: FACET_SIZES[key]]


@lru_cache(maxsize=8)
def _shares(key: str) -> list[float]:
    weights = [1 / rank for rank in range(1, len(facet_values(key)) + 1)]
    return [weight / sum(weights) for weight in accumulate(weights)][:-1]


def _fraction(text: str) -> float:
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest()) / (1 << 56)
