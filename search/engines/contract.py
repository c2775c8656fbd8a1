"""What every engine must do, and nothing about how.

The contract (held by the golden cases in `tests/golden/`, which every engine runs):

- A form matches where its folded characters occur in title or text: Han characters literally, a Latin or digit run
  only as a whole run (`2025` does not match `12025`).
- OR inside a facet, AND between facets; a facet's counts ignore its own selection. Selected values are listed even
  at 0.
- Totals and counts are exact. Order is total: score descending, then newer date, undated last, then id ascending;
  `newest` and `oldest` order by date (undated last), then score, then id.
- All content words must occur, where enough documents have them all; otherwise those will do that hold a smaller share
  of the query's idf weight (`ranking.MATCH_STEPS`, for two words `ranking.MATCH_ENOUGH_OF_TWO`), unless that lets
  through too much (`ranking.MATCH_AT_MOST`); `Matches.optional` says which words not every match has. A word that
  occurs nowhere weighs nothing then. Phrases are required, excluded forms forbidden.
- The word of a place is no such word: an article holds a place that fulfils a condition on its facets or carries the
  word (`retrieval.places.Within`, a `terms` filter beside the word). What is around will do where too few hold it.
- A text without any required clause browses: everything that passes the filters (minus exclusions), newest first. A
  text that *has* characters but yields no clause at all (punctuation only) matches nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar, Protocol

from .. import retrieval
from ..facets import FACETS, Facets
from ..model import Article, Contribution, IndexInfo, Matches, Parsed, Query
from ..retrieval import Lookup, Tally


class Engine(ABC):
    """A read-only, thread-safe view of one finished build.

    An engine says what is in it (`look_up`, `get` …); what is searched for, found well enough and shown first is the
    same for all of them (`match`, `counts`, `explain`) and decided in `search.retrieval`.
    """

    info: IndexInfo

    facets: Facets = FACETS
    """The facets that were indexed."""

    day: date
    """The day on which derived facets are asked for, in Shanghai."""

    @abstractmethod
    def on(self, day: date) -> Engine:
        """Return the same build as it is on another day: what is derived from the day is another, all else the same."""

    @abstractmethod
    def look_up(self, parsed: Parsed) -> Lookup:
        """Look up the clauses of a query: how often they occur, and what plans for it find."""

    @abstractmethod
    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""

    @abstractmethod
    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id."""

    @abstractmethod
    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the index with the number of live articles that hold it, in order of code points."""

    @abstractmethod
    def attachment(self, name: str) -> Path:
        """Return a local file of what `Draft.attach` added to the build. Reading it may find that there is none."""

    @abstractmethod
    def close(self) -> None:
        """Release the index. Idempotent."""

    def verify(self) -> None:  # noqa: B027 - an engine that keeps no bytes here has nothing to compare
        """Compare what is open with its checksums, all of it: also what is too much for opening. Raises IndexDamaged.

        May take a second a gigabyte. What was removed from the disk meanwhile is still there for who has it open.
        """

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        """Return the stored articles in the order asked for. KeyError if one does not exist."""
        articles = []
        for article_id in article_ids:
            article = self.get(article_id)
            if article is None:
                raise KeyError(article_id)
            articles.append(article)
        return articles

    def match(self, parsed: Parsed, query: Query) -> Matches:
        """Return the page of matches that `query` asks for. Past-the-end pages come back empty with the true total."""
        return retrieval.match(self, parsed, query)

    def counts(self, parsed: Parsed, queries: Sequence[Query]) -> list[Tally]:
        """Count what each of `queries` selects (filters, dates, collapse) of what `parsed` matches, all in one call."""
        return retrieval.count(self, parsed, queries)

    def explain(self, parsed: Parsed, article_id: str) -> list[Contribution]:
        """Return what made the article's score by relevance, largest part first; empty if it does not match."""
        return retrieval.explain(self, parsed, article_id)


class Part(Protocol):
    """What an engine makes of one batch of articles on its way into a build; can travel between processes."""

    @property
    def documents(self) -> int:
        """How many articles it holds."""
        ...


MakePart = Callable[[int, Sequence[Article]], Part]
"""Makes the n-th part of a build, from 0; can travel to another process and be called there."""

Progress = Callable[[int], None]
"""Takes note of how many articles are indexed so far."""


class Draft(ABC):
    """A build that the one writer of an index is making. Nobody sees it before `activate`."""

    build_id: str

    @abstractmethod
    def part_maker(self) -> MakePart:
        """Return what makes the parts for `write`."""

    @abstractmethod
    def write(self, parts: Iterable[Part], progress: Progress) -> None:
        """Write the index of parts (in order; ids unique throughout)."""

    @abstractmethod
    def change(self, base_id: str, articles: Sequence[Article], removed: Iterable[str], progress: Progress) -> None:
        """Write the index of another build with `articles` put in or replaced and `removed` ids left out.

        Takes time proportional to the change; the other build may go later. Raises IndexOutdated if it was built by
        other rules.
        """

    @abstractmethod
    def again(self, base_id: str) -> None:
        """Write the index of another build as it is, near-duplicates and all; it may go later.

        Takes time that does not depend on the articles, where that can be.
        """

    @abstractmethod
    def group(self, groups: Iterable[Sequence[str]]) -> None:
        """Add to what was written which articles (ids) are near-duplicates of each other; until then none are."""

    @abstractmethod
    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """Add a file to the build: `write` is called with the path of a new local file, which it fills and syncs."""

    @abstractmethod
    def open(self) -> Engine:
        """Open what was written."""

    @abstractmethod
    def restore(self, fill: Callable[[Path], None]) -> None:
        """Make this build of the files of another: `fill` is called with a new local folder, and puts there, synced,
        what `Index.files` gave of it, by name. Attachments are put in by `attach`, as always.

        Raises IndexDamaged if these are not the files of one build, all of them and no other; IndexOutdated.
        """

    @abstractmethod
    def activate(self, spare: str = "") -> None:
        """Make this build, verified by now, the live one in one step, and remove all others but the one to `spare`."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Names of what is there beside the builds of an index: `temporary` of a writer that was killed, or is at work;
    `foreign` is not of this program, and nobody here removes it."""

    temporary: Sequence[str] = ()
    foreign: Sequence[str] = ()


class Index(ABC):
    """The index at one address: its builds, of which one is live, and its one writer."""

    address: str
    verified: ClassVar[str]
    """What holds of a build that `verify` opens, for people."""

    @abstractmethod
    def live(self) -> str:
        """Return the id of the live build. Raises IndexMissing or IndexDamaged."""

    @abstractmethod
    def version(self) -> Hashable | None:
        """Return something that is another one whenever another build has become live; None if that cannot be told.

        Asked with every request, so it must take no more than microseconds.
        """

    @abstractmethod
    def builds(self) -> Sequence[str]:
        """Return the ids of all builds, finished or not, the newest first."""

    @abstractmethod
    def open(self, build_id: str) -> Engine:
        """Open a finished build. Raises IndexMissing, IndexDamaged or IndexOutdated."""

    @abstractmethod
    def verify(self, build_id: str) -> Engine:
        """Open a build, with every byte checked that the engine wrote of it. Raises as `open` does."""

    @abstractmethod
    def files(self, build_id: str) -> Mapping[str, Path]:
        """Return name → local file of what a build is made of, but for its attachments: what a backup has to hold.

        The files may be gone, or go, with a build that is not live. Raises IndexMissing, IndexDamaged or IndexOutdated.
        """

    @abstractmethod
    def beside(self) -> Beside:
        """Return what is there beside the builds."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[object]:
        """Hold the one writer's place, without making a build. Raises IndexBusy; and IndexUnwritable."""

    @abstractmethod
    def switch(self, build_id: str) -> None:
        """Make a finished build, verified by now, the live one in one step. For the one writer."""

    @abstractmethod
    def discard(self, build_id: str) -> None:
        """Remove a build that is not live, while one is live that was verified. For the one writer."""

    @abstractmethod
    def tidy(self) -> None:
        """Remove what `beside` calls temporary. For the one writer."""

    @abstractmethod
    def keep_only(self, build_id: str) -> None:
        """Remove every build but this one, which is live and was verified. For the one writer."""

    @abstractmethod
    def writing(self, now: datetime, rules: Mapping[str, str], facets: Facets) -> AbstractContextManager[Draft]:
        """Hold the one writer's place, to make a build by these rules, with these facets; it goes if not activated.

        Raises IndexBusy; and IndexUnwritable for what goes wrong with writing.
        """

    @abstractmethod
    def size(self, build_id: str) -> int:
        """Return how many bytes a build takes."""

    @abstractmethod
    def completed(self, command: str) -> str:
        """Return a `yibao` command completed by what makes it work on this very index."""

    @abstractmethod
    def about(self) -> str:
        """Return, for people, which engine this is and how it was set up."""
