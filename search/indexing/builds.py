"""A build, opened: its engine, and what was attached to it when it was made (facets, settings …)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import date
from pathlib import Path

from ..engines.contract import Engine, Index
from ..engines.registry import index_at
from ..errors import IndexDamaged, IndexOutdated, IndexUnavailable
from ..model import Article, Parsed, Query
from ..retrieval import Lookup
from ..suggest import SUGGESTIONS, Suggestions, verify_suggestions
from .manifest import MANIFEST, Manifest, load_facets

_log = logging.getLogger(__name__)


class Build(Engine):
    """One finished build. An engine to whoever searches it; thread-safe as that is.

    Suggestions are opened with the first question that asks for them, the manifest whenever it is asked for: it is a
    reindex's, not a reader's.
    """

    def __init__(self, engine: Engine) -> None:
        """Take an engine that was just opened. Raises IndexDamaged if facets or settings cannot be read."""
        self.info = engine.info
        self.day = engine.day
        self.facets, self.settings = load_facets(engine.attachment(MANIFEST))
        self._engine = engine
        self._lock = threading.Lock()
        self._suggestions: Suggestions | None = None
        self._asked_for_suggestions = False
        self._held: dict[tuple[str, str], int] = {}

    def on(self, day: date) -> Build:
        """Return the same build as it is on another day."""
        found = copy(self)
        found._engine = self._engine.on(day)
        found.day = day
        found._held = {}
        return found

    def holding(self, facet: str, value: str) -> int:
        """Return how many results everything has under one filter. A build never changes, so each is counted once."""
        if (facet, value) not in self._held:
            everything = Query(filters={facet: (value,)}, size=1)
            self._held[facet, value] = self.match(Parsed(""), everything).total
        return self._held[facet, value]

    @property
    def suggestions(self) -> Suggestions | None:
        """Words somebody may have meant.

        None if there are none or they cannot be read (logged once): searching goes on.
        """
        with self._lock:
            if not self._asked_for_suggestions:
                self._suggestions = self._opened_suggestions()
                self._asked_for_suggestions = True
            return self._suggestions

    def verify(self) -> None:
        """Compare what readers read with its checksums, all of it. Raises IndexDamaged.

        Suggestions that are damaged are done without from now on (logged).
        """
        self._engine.verify()
        suggestions = self.suggestions
        try:
            if suggestions:
                suggestions.verify()
        except IndexDamaged as error:
            self._without_suggestions(error)
            with self._lock:
                self._suggestions = None

    def manifest(self) -> Manifest:
        """Return what went into the build. Raises IndexDamaged."""
        return Manifest.load(self.attachment(MANIFEST))

    def verify_attachments(self) -> None:
        """Check every byte of what was attached. Raises IndexDamaged."""
        verify_suggestions(self.attachment(SUGGESTIONS))
        self.manifest()

    def look_up(self, parsed: Parsed) -> Lookup:
        """Look up the clauses of a query."""
        return self._engine.look_up(parsed)

    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""
        return self._engine.get(article_id)

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        """Return the stored articles in the order asked for. KeyError if one does not exist."""
        return self._engine.get_many(article_ids)

    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id."""
        return self._engine.articles()

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the index with the number of live articles that hold it."""
        return self._engine.words()

    def attachment(self, name: str) -> Path:
        """Return a local file of what was attached."""
        return self._engine.attachment(name)

    def close(self) -> None:
        """Release the index. Idempotent."""
        self._engine.close()

    def _opened_suggestions(self) -> Suggestions | None:
        try:
            return Suggestions(self.attachment(SUGGESTIONS))
        except IndexDamaged as error:
            self._without_suggestions(error)
            return None

    def _without_suggestions(self, error: IndexDamaged) -> None:
        _log.error("going on without suggestions, which the next reindex writes anew: %s", error.reason)


def open_live(index: Index) -> Build:
    """Open the live build of an index. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    build_id = index.live()
    with mended_at(index):
        try:
            return Build(index.open(build_id))
        except IndexUnavailable:
            newer = index.live()
            if newer == build_id:
                raise
            return Build(index.open(newer))  # the build was replaced, and removed, between the two steps


def open_older(index: Index) -> Build | None:
    """Open the newest build before the live one, which another version of the program made; None if none can be."""
    live = index.live()
    builds = [*index.builds()]
    older = builds[builds.index(live) + 1 :] if live in builds else []
    return next(filter(None, (opened(index, build_id) for build_id in older)), None)


def opened(index: Index, build_id: str) -> Build | None:
    """Open a build; None if it cannot be used."""
    try:
        return Build(index.open(build_id))
    except IndexUnavailable:
        return None


def open_current(address: Path | str) -> Build:
    """Open the live build of the index at an address: a directory, or `engine://…`.

    Raises IndexMissing, IndexDamaged or IndexOutdated.
    """
    return open_live(index_at(address))


def verify_build(index: Index, build_id: str) -> Build:
    """Open a build, with every byte checked of it and of what was attached. Raises IndexDamaged or IndexOutdated."""
    with mended_at(index):
        build = Build(index.verify(build_id))
        build.verify_attachments()
        return build


@contextmanager
def mended_at(index: Index) -> Iterator[None]:
    """Let what is wrong with a build name the command that mends it at this very address."""
    try:
        yield
    except IndexUnavailable as error:
        raise type(error)(error.reason, index.completed(error.command)) from error


def verify_current(address: Path | str) -> None:
    """Check the live build of the index at an address. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    index = index_at(address)
    verify_build(index, index.live())


def spared(index: Index) -> str:
    """Return the live build if it is by other rules than this program's, and empty otherwise.

    Whoever replaces it leaves it there: the program's other version may be serving it, and be started again. It goes
    with the next reindex.
    """
    live = ""
    try:
        live = index.live()
        index.open(live)
    except IndexOutdated:
        return live
    except IndexUnavailable:
        pass
    return ""


def sound_build(index: Index, build_id: str) -> Build | None:
    """Open a build that is whole and can be searched by these rules, so that another can rest on it; None if not."""
    try:
        return verify_build(index, build_id)
    except IndexUnavailable:
        return None
