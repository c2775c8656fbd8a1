"""Text cut at its marks, so that a template can escape each piece and set `<mark>` around some."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from search import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of plain text, marked or not, a mark perhaps with an `anchor`. Never HTML: the template escapes it."""

    text: str
    marked: bool = False
    anchor: str = ""


Pieces = tuple[Piece, ...]


def pieces(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> Pieces:
    """Return `text[start:end]` cut at what falls into it of `spans` (ascending and apart, offsets in `text`)."""
    stop = len(text) if end is None else end
    result: list[Piece] = []
    at = start
    first = bisect_right(spans, start, key=itemgetter(1))  # long articles have thousands, a line has a few
    for number in range(first, len(spans)):
        span_start, span_end = spans[number]
        left, right = max(span_start, at), min(span_end, stop)
        if span_start >= stop:
            break
        if left >= right:
            continue
        if left > at:
            result.append(Piece(text[at:left]))
        result.append(Piece(text[left:right], marked=True))
        at = right
    if at < stop:
        result.append(Piece(text[at:stop]))
    return tuple(result)
