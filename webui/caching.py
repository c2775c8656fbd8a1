"""What may be kept of an answer, and by whom: nothing that people ask; by anybody what depends on the build alone.

What depends on the build alone is also made once a build, and kept here, in each worker.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from importlib.metadata import version
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, request

from .served_index import engine

KEPT_BY_NOBODY = "no-store"
KEPT_BY_ANYBODY = "public, no-cache"
"""To be asked for again each time, which costs a comparison: a new build shows at once."""
KEPT_BY_READER = "private, no-cache"
"""The same, in the reader's own browser or feed reader only: the address says what was asked."""
MOST = 16 << 20
"""Bytes of answers kept in a worker: of a million articles, the sitemaps take 9 MB."""
_ENTRY = 1024
"""Bytes that an answer counts for beside its body."""
_WORTH_PACKING = 500
_KEY = "yibao-kept"
_VERSION = version("yibao-search")


def install(app: Flask) -> None:
    """Let nobody keep an answer of `app` that does not say otherwise."""
    app.extensions[_KEY] = _Kept(datetime.now(UTC).replace(microsecond=0))
    app.after_request(_by_nobody)


def _by_nobody(response: Response) -> Response:
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = KEPT_BY_NOBODY
    return response


def once_a_build(make: Callable[[], Response], *what: str, dated: bool = True) -> Response:
    """Return the answer of `make` to this route, which depends on the build and on `what` alone: made once for all.

    Anybody may keep it, unless it says that nobody may. Errors are raised, and made again. It carries the date of the
    build if it is `dated`: not where `what` changes with time.
    """
    kept: _Kept = current_app.extensions[_KEY]
    build = engine()
    tag = _tag(what)
    modified = kept.modified(build.info.built_at, build.day) if dated else None
    # The very moment, not one after it: builds may be switched back.
    same = modified is not None and not request.if_none_match and request.if_modified_since == modified
    if same or _known(tag):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = kept.answer(f"{build.info.build_id} {build.day}", tag, make).response()
    return _marked(response, tag, KEPT_BY_ANYBODY, modified)


def tagged(make: Callable[[], Response], *what: str, asked: bool = False) -> Response:
    """Return the answer of `make`, which depends on the build and on `what` alone, but is too cheap, or too rarely the
    same, to be kept here. Whoever keeps it asks by its tag: anybody, or if it was `asked` for in words, the reader.
    """
    tag, by = _tag(what), KEPT_BY_READER if asked else KEPT_BY_ANYBODY
    if _known(tag):
        return _marked(Response(status=HTTPStatus.NOT_MODIFIED), tag, by)
    response = make()
    return _marked(response, tag, by) if response.status_code == HTTPStatus.OK else response


def _known(tag: str) -> bool:
    return tag in request.if_none_match.as_set(include_weak=True)


def _marked(response: Response, tag: str, by: str, modified: datetime | None = None) -> Response:
    response.set_etag(tag, weak=True)  # weak: the same in other bytes, when compressed
    if response.headers.get("Cache-Control") != KEPT_BY_NOBODY:
        response.headers["Cache-Control"] = by
    if modified:
        response.last_modified = modified
    return response


def _tag(what: tuple[str, ...]) -> str:
    build = engine()
    parts = (_VERSION, build.info.build_id, build.day.isoformat(), request.endpoint or "", *what)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A finished answer, its body packed by gzip if it `is_packed`."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_packed: bool

    @classmethod
    def of(cls, response: Response) -> _Answer:
        body = response.get_data()
        headers = tuple(pair for pair in response.headers if pair[0] != "Content-Length")
        is_packed = len(body) > _WORTH_PACKING
        return cls(headers, gzip.compress(body, 6, mtime=0) if is_packed else body, is_packed)

    def response(self) -> Response:
        """Return it as the client takes it. Whoever does not take gzip may get it in another compression yet."""
        taken = self.is_packed and request.accept_encodings.quality("gzip") > 0
        body = self.body if taken or not self.is_packed else gzip.decompress(self.body)
        response = Response(body, headers=list(self.headers))
        if taken:
            response.headers["Content-Encoding"] = "gzip"
        return response


class _Kept:
    """Finished answers of one build by tag, those asked for last; thread-safe. One thread at a time makes an answer."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._lock = threading.Lock()
        self._build = ""
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._size = 0
        self._making: dict[str, tuple[threading.Lock, int]] = {}

    def modified(self, built_at: str, day: date) -> datetime:
        """Return when what is kept became what it is: not before this program started, which may say it otherwise, and
        not before the day began, as what is in force is another matter each day.
        """
        begun = datetime.combine(day, time(), ZoneInfo("Asia/Shanghai"))
        return max(datetime.fromisoformat(built_at), self._since, begun).astimezone(UTC).replace(microsecond=0)

    def answer(self, build: str, tag: str, make: Callable[[], Response]) -> _Answer:
        with self._alone(tag):
            if found := self._find(tag):
                return found
            answer = _Answer.of(make())
            self._keep(build, tag, answer)
            return answer

    @contextmanager
    def _alone(self, tag: str) -> Iterator[None]:
        """Let one thread at a time look for an answer and make it."""
        with self._lock:
            turn, waiting = self._making.get(tag, (threading.Lock(), 0))
            self._making[tag] = (turn, waiting + 1)
        try:
            with turn:
                yield
        finally:
            with self._lock:
                turn, waiting = self._making.pop(tag)
                if waiting > 1:
                    self._making[tag] = (turn, waiting - 1)

    def _find(self, tag: str) -> _Answer | None:
        with self._lock:
            if tag in self._answers:
                self._answers.move_to_end(tag)
            return self._answers.get(tag)

    def _keep(self, build: str, tag: str, answer: _Answer) -> None:
        with self._lock:
            if build != self._build:  # nobody asks for the old one any more
                self._build, self._size = build, 0
                self._answers.clear()
            self._answers[tag] = answer
            self._size += len(answer.body) + _ENTRY
            while self._size > MOST:
                _, gone = self._answers.popitem(last=False)
                self._size -= len(gone.body) + _ENTRY
