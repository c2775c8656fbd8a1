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
- A text without any required clause browses: everything that passes the filters (minus exclusions), newest first. A
  text that *has* characters but yields no clause at all (punctuation only) matches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..model import Article, Contribution, IndexInfo, Matches, Parsed, Query


class Engine(Protocol):
    """A read-only, thread-safe view of one finished index."""

    info: IndexInfo
    directory: Path
    """The build it was opened from: what else belongs to the build lies beside the index."""

    def match(self, parsed: Parsed, query: Query) -> Matches:
        """Return the page of matches that `query` asks for. Past-the-end pages come back empty with the true total."""
        ...

    def get(self, article_id: str) -> Article | None:
        """Return the stored article, or None."""
        ...

    def get_many(self, article_ids: Iterable[str]) -> list[Article]:
        """Return the stored articles in the order asked for. KeyError if one does not exist."""
        ...

    def explain(self, parsed: Parsed, article_id: str) -> list[Contribution]:
        """Return what made the article's score by relevance, largest part first; empty if it does not match."""
        ...

    def articles(self) -> Iterator[Article]:
        """Yield every live stored article, by id."""
        ...

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word of the index with the number of live articles that hold it, in order of code points."""
        ...

    def close(self) -> None:
        """Release the index. Idempotent."""
        ...


def write_build(build_dir: Path, articles: Iterable[Article], progress: Callable[[int], None]) -> IndexInfo:
    """Write an index of `articles` (ids unique) into a new directory and sync it to the disk."""
    from .whoosh import write_index

    return write_index(build_dir, articles, progress=progress)


Part = Any
"""What an engine makes of one batch of articles, on its way to `write_parts`; can travel between processes."""


def prepare_part(build_dir: Path, number: int, articles: Sequence[Article]) -> Part:
    """Make the `number`-th part of a build. May run in any process; its files lie below `build_dir` until merged."""
    from .whoosh import spill_batch

    return spill_batch(build_dir, number, articles)


def write_parts(build_dir: Path, parts: Iterable[Part], progress: Callable[[int], None]) -> IndexInfo:
    """Write an index of parts (in order; ids unique throughout) into a new directory and sync it to the disk."""
    from .whoosh import write_batches

    return write_batches(build_dir, parts, progress=progress)


def change_build(
    base_dir: Path,
    build_dir: Path,
    articles: Sequence[Article],
    removed: Iterable[str],
    progress: Callable[[int], None],
) -> IndexInfo:
    """Write into a new directory the index of `base_dir` with `articles` put in or replaced and `removed` ids left out.

    Takes time proportional to the change; `base_dir` may be deleted later. Raises IndexOutdated if it was built by
    other rules.
    """
    from .whoosh import write_changes

    return write_changes(base_dir, build_dir, articles, removed, progress=progress)


def group_build(build_dir: Path, groups: Iterable[Sequence[str]]) -> None:
    """Add to a build which articles (ids) are near-duplicates of each other; until then none are."""
    from .whoosh import write_groups

    write_groups(build_dir, groups)


def verify_build(build_dir: Path) -> None:
    """Check every byte of a finished build against its checksums. Raises IndexDamaged."""
    from .whoosh import verify

    verify(build_dir)


def about() -> str:
    """Return, for people, which engine this is and how it was set up."""
    from .whoosh.kernel import compiled

    return f"whoosh, {'with its compiled kernel' if compiled else 'without its compiled kernel (slower queries)'}"


def open_engine(build_dir: Path) -> Engine:
    """Open one finished build directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    from .whoosh import WhooshEngine

    return WhooshEngine.open(build_dir)
