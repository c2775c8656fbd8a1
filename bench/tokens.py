"""The tokens that every engine gets: the words and bigrams of this project, cut beforehand and joined by blanks.

The cutting is done in worker processes, as the project's own build does it, and handed to the engine in order.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path

from search.text import fold, index_words

from .records import Record, parse, read

END, BLANK = "␀", "␣"
"""How bigrams show the end of title or text, and a blank, so that a tokenizer that splits at blanks keeps them."""
SMALL = 3 * 6 << 20
"""Bytes; the project's build cuts its first 6 Mi characters by itself before it starts processes."""
BLOCK = 2_000
"""Lines a task: large enough that handing them over costs little."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A record with its tokens: words of the title, words of the text, bigrams of both in order of position."""

    record: Record
    title_words: str
    text_words: str
    bigrams: str

    @property
    def words(self) -> str:
        """All words."""
        return f"{self.title_words} {self.text_words}".strip()


def token_records(path: Path, workers: int) -> Iterator[TokenRecord]:
    """Yield the records of a file with their tokens, cut by `workers` processes; by this one for 0."""
    if not workers:
        yield from map(cut, read(path))
        return
    with path.open(encoding="utf-8") as file, ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        pending: deque[Future[list[TokenRecord]]] = deque()
        for number, lines in enumerate(_blocks(file)):
            pending.append(pool.submit(_cut_block, lines, number * BLOCK))
            if len(pending) > 2 * workers:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()


def workers_for(path: Path) -> int:
    """Return how many processes cut the text of a records file: one a core, none for a small file.

    Twin of what the project's own build decides, so that all are fed in the same way.
    """
    return os.cpu_count() or 1 if path.stat().st_size > SMALL else 0


def cut(record: Record) -> TokenRecord:
    """Return a record with its tokens."""
    title, text = fold(record.title), fold(record.text)
    return TokenRecord(
        record, " ".join(index_words(title)), " ".join(index_words(text)), " ".join(bigrams(f"{title}\0{text}\0"))
    )


def bigrams(folded: str) -> Iterator[str]:
    """Yield every adjacent pair, none that begins with the end mark."""
    marked = folded.replace(" ", BLANK).replace("\0", END)
    return (first + second for first, second in pairwise(marked) if first != END)


def _cut_block(lines: list[str], first: int) -> list[TokenRecord]:
    return [cut(parse(line, number)) for number, line in enumerate(lines, first)]


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(lines)
    while block := list(islice(iterator, BLOCK)):
        yield block
