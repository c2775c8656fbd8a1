"""What is wrong with an index beyond one build: which of its builds could be live, what was left; and mending it.

What is mended needs no source: the live build is set to the newest sound one, and what a killed writer left is removed,
once a build is live that was verified byte by byte. Sound builds stay, and so do those by the rules of another version
of the program (which may be serving them) and whatever is not of this program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..engines.contract import Beside, Index
from ..engines.registry import index_at
from ..errors import IndexOutdated, IndexUnavailable
from .builds import verify_build


class Condition(Enum):
    """What may be said of a build. OTHER: by the rules of another version of the program, so it cannot be judged."""

    SOUND = "sound"
    OTHER = "by the rules of another version"
    UNUSABLE = "unfinished or damaged"


@dataclass(frozen=True, slots=True)
class Checkup:
    """The live build and what is wrong with it (None: nothing), the condition of every build, newest first, and what
    lies beside them. `live` is None where none is known."""

    live: str | None
    problem: IndexUnavailable | None
    builds: Mapping[str, Condition]
    beside: Beside

    @property
    def successor(self) -> str | None:
        """The build that could be live instead; None if that is sound, or was made by another version, or none could.

        A live build that another version made is that version's: to put another in its place would take it away.
        """
        if self.problem is None or (self.live and self.builds.get(self.live) is Condition.OTHER):
            return None
        return next((build for build, condition in self.builds.items() if condition is Condition.SOUND), None)

    @property
    def leftovers(self) -> list[str]:
        """Builds that can never be live, but for the one that is. A writer may still be making one."""
        return [
            build for build, condition in self.builds.items() if condition is Condition.UNUSABLE and build != self.live
        ]


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done: the build that was made live (None: none was), and the names of what was removed."""

    switched_to: str | None
    removed: tuple[str, ...]


def examine(index: Index) -> Checkup:
    """Check every byte of every build; change nothing."""
    problem: IndexUnavailable | None = None
    live: str | None = None
    try:
        live = index.live()
        verify_build(index, live)
    except IndexUnavailable as error:
        problem = error
    builds = {
        build: _condition(index, build) if build != live or problem else Condition.SOUND for build in index.builds()
    }
    return Checkup(live, problem, builds, index.beside())


def repair(address: Path | str) -> Repair:
    """Mend what can be mended of the index at an address; without a sound build nothing is touched.

    Raises IndexBusy while a reindex is writing, and IndexUnwritable.
    """
    index = index_at(address)
    if not index.builds():
        return Repair(None, ())
    with index.alone():
        found = examine(index)
        successor = found.successor
        if successor:
            index.switch(successor)
        elif found.problem:
            return Repair(None, ())
        return Repair(successor, tuple(_removed(index, found)))


def _removed(index: Index, found: Checkup) -> Iterator[str]:
    """Remove what nobody can use, while a build is live that was verified.

    A damaged build that was live until now stays: that a disk does not give it back today is not known to be for ever.
    The next reindex removes it.
    """
    for build in found.leftovers:
        index.discard(build)
        yield build
    if found.beside.temporary:
        index.tidy()
        yield from found.beside.temporary


def _condition(index: Index, build: str) -> Condition:
    try:
        verify_build(index, build)
    except IndexOutdated:
        return Condition.OTHER
    except IndexUnavailable:
        return Condition.UNUSABLE
    return Condition.SOUND
