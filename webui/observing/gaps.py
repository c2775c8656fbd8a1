"""Counts what readers did not find or what helped them, without keeping what they typed or who they are.

Only where it is asked for.

One process counts for all workers: they write to its pipe, and it alone has clients, key and counts, in its memory.
A client is a keyed hash, another one for each word, and the key dies with the day. What reaches the disk is in
`search.gaps`. Against whom this protects, and against whom not: docs/decisions/0200-watching.md.
"""

from __future__ import annotations

import logging
import os
import secrets
import select
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from search import GapDays, Results, SearchError, gap_words, load_gap_words

from .answers import Answered, Observer

FEWEST = 5
"""Clients that must have asked for a word before it is told."""
MOST = 200_000
"""Pairs of word and client that are held of a day (some 20 MB); more are not counted."""
EVERY = 300.0
"""Seconds between two writings."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
_CHUNK = 1 << 16
_log = logging.getLogger(__name__)


class Tally:
    """How many clients asked for each word today. `now` returns the time in Asia/Shanghai."""

    def __init__(self, days: GapDays, now: Callable[[], datetime]) -> None:
        self._days = days
        self._now = now
        self._begin()

    def _begin(self) -> None:
        self._day = self._now().date()
        self._key = secrets.token_bytes(blake2b.MAX_KEY_SIZE)
        self._clients: defaultdict[str, set[bytes]] = defaultdict(set)
        self._told: Counter[str] = Counter()
        self._held = 0

    def note(self, client: str, words: Iterable[str]) -> None:
        """Count a client for each of these words, unless it was already."""
        if not self.seconds_left():
            self.write()
        for word in words:
            asked = blake2b(f"{word}\n{client}".encode(), key=self._key, digest_size=16).digest()
            if self._held < MOST and asked not in self._clients[word]:
                self._clients[word].add(asked)
                self._held += 1

    def write(self) -> None:
        """Add to the disk what may be told and is not yet; forget all, and the key, if the day is over."""
        due = {
            word: len(clients) - self._told[word]
            for word, clients in self._clients.items()
            if len(clients) >= FEWEST and len(clients) > self._told[word]
        }
        try:
            if due:
                self._days.add(self._day, due)
                self._told.update(due)
        except (OSError, SearchError) as error:
            _log.error("what readers did not find cannot be written down: %s", error)
        if not self.seconds_left():
            self._begin()

    def seconds_left(self) -> float:
        """Return how long the day still takes, 0 if it is over."""
        midnight = datetime.combine(self._day + timedelta(1), datetime.min.time(), SHANGHAI)
        return max(0.0, (midnight - self._now()).total_seconds())


class Sender:
    """The end of a pipe at which a worker tells who asked for what. It stops nobody, whatever the other end does."""

    def __init__(self, pipe: int) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._complained = False

    def send(self, client: str, words: Iterable[str]) -> None:
        """Tell of a client. One that does not fit into the pipe any more is not counted."""
        try:
            # In one piece, as it is shorter than a pipe takes at once.
            os.write(self._pipe, "\t".join([client, *words]).encode() + b"\n")
        except BlockingIOError:
            pass
        except BrokenPipeError:
            if not self._complained:
                _log.error("what readers did not find is not counted any more: the process for it is gone")
            self._complained = True

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._pipe)


class GapCounter:
    """The process that counts. To be made before there are listeners or workers: it must hold none of them.

    It counts in `days`. Raises OSError if those cannot be written.
    """

    def __init__(self, days: GapDays) -> None:
        days.prepare()
        self._maker = os.getpid()
        reading, writing = os.pipe()
        self._process = os.fork()
        if not self._process:
            _count_and_exit(reading, days)
        os.close(reading)
        self._sender = Sender(writing)

    def tell(self, client: str, what: Iterable[str]) -> None:
        """Count a client for each of these, if anybody knows who it is."""
        if client:
            self._sender.send(client, what)

    def observer(self, client: Callable[[], str]) -> Observer:
        """Return what takes note of searches; `client` tells who asks, if it knows.

        Loads its words: workers are forked then.
        """
        load_gap_words()

        def observe(_answered: Answered, results: Results | None) -> None:
            if results and (words := gap_words(results)) and (who := client()):
                self._sender.send(who, words)

        return observe

    def close(self) -> None:
        """Let the last counts be written, once the workers are gone; they come by here too, when they end."""
        if os.getpid() == self._maker:
            self._sender.close()
            with suppress(ChildProcessError):
                os.waitpid(self._process, 0)


def _count_and_exit(pipe: int, days: GapDays) -> None:
    """Count until all who write to the pipe are gone: whatever ends the server, this process outlives it briefly."""
    # Nothing else is held: a pipe of another counter would never end as long as this process lives.
    os.closerange(3, pipe)
    os.closerange(pipe + 1, os.sysconf("SC_OPEN_MAX"))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    try:
        count(pipe, Tally(days, lambda: datetime.now(SHANGHAI)))
        os._exit(0)
    except BaseException:
        _log.exception("counting failed")
        os._exit(1)


def count(pipe: int, tally: Tally) -> None:
    """Count what comes through a pipe to its end: lines of a client and words, with tabs between them."""
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    rest, due = b"", time.monotonic() + EVERY
    while True:
        patience = max(0.0, min(due - time.monotonic(), tally.seconds_left()))
        if waiting.poll(patience * 1000):
            data = os.read(pipe, _CHUNK)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                client, *words = line.decode().split("\t")
                tally.note(client, words)
        if time.monotonic() >= due or not tally.seconds_left():
            tally.write()
            due = time.monotonic() + EVERY
    tally.write()
