"""The passages of an article that may be the answer to a question: sentences, rows, and lists as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .reading import LONGEST, SHORT, Reading
from .rows import Row

_OPEN_END = (":", "?")
"""What ends so only leads to an answer."""
_NEEDS_NO_WORD = frozenset(["yes or no", "how"])
"""What answers these has no words of its own."""
_LISTED = frozenset(["papers", "how", "who", "where"])
"""What answers these may be a list."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A range of the text, and the row that it is; `is_part` tells whether it is more than a sentence or row."""

    start: int
    end: int
    row: Row | None = None
    is_part: bool = False


def findings(reading: Reading) -> Iterator[Finding]:
    """Yield what may be the answer, in text order: not too long, and of the kind that is asked for."""
    kind = reading.question.kind
    for each in _passages(reading):
        own = reading.own(each.start, each.end, each.row)
        if each.end - each.start > LONGEST or own.endswith(_OPEN_END):
            continue
        if kind.name in _NEEDS_NO_WORD or kind.tells.search(own):
            yield each


def _passages(reading: Reading) -> Iterator[Finding]:
    """Yield sentences as far as they need the next one to say something, rows, and what lists hold."""
    kind = reading.question.kind
    rows = set()
    for index, row in reading.sentences():
        if row:
            if row.start not in rows:
                yield Finding(row.start, row.end, row)
            rows.add(row.start)
            continue
        start, end = reading.opened(index)
        if kind.name not in _LISTED:
            yield Finding(start, end if kind.exact else reading.whole(index, end))
            continue
        listed = _listed(reading, index, end)
        yield Finding(start, listed or reading.whole(index, end), is_part=bool(listed))
        block = _block(reading, index)
        if block > end:
            yield Finding(start, block, is_part=True)


def _listed(reading: Reading, index: int, end: int) -> int:
    """Return where the list ends that a sentence leads to, 带这些材料去窗口：…; 0 if it leads to none."""
    start, stop = reading.view.bounds(index)
    if not reading.text[start:stop].endswith(":"):
        return 0
    for following in range(index + 1, len(reading.view)):
        begin, last = reading.view.bounds(following)
        if (begin < last and not reading.is_bullet(begin)) or last - start > LONGEST:
            break
        stop = max(stop, last)
    return stop if stop > end else 0


def _block(reading: Reading, index: int) -> int:
    """Return where the first paragraph or list of a section ends, if a sentence begins one, or where the last sentence
    of it ends that an answer may have; 0 for none.
    """
    start, end = reading.view.bounds(index)
    section = reading.view.section(start)
    if section is None or reading.begins(section) != start:
        return 0
    for following in range(index + 1, len(reading.view)):
        begin, stop = reading.view.bounds(following)
        if begin >= section.end or reading.view.is_heading(following):
            break
        if begin == stop:
            continue
        if "\n\n" in reading.view.text[end:begin] and end - start >= SHORT:
            break
        if stop - start > LONGEST:
            return 0 if reading.question.kind.name == "papers" else end
        end = stop
    return end
