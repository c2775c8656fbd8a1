"""From folded text to words, and the definition of a match.

`occurrences` says what it means that a form stands in a text. `index_words` yields, with repeats, every word that the
words index holds; for every form with `is_word(form)`, its count there equals `len(occurrences(form, text))`.
`query_words` cuts a query coarsely, into words of which the Han ones are all in the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from ..model import Span
from .docnumbers import DOC_NUMBER_KEY, document_numbers
from .lexicon import lexicon, mixed_words, places
from .segmentation import segmenter

HAN = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
RUN = rf"[^\W_{HAN}]"
"""A character of a Latin or digit run: a letter or digit of any script but Han."""

_SEGMENTED = re.compile(r"[\u4e00-\u9fd5]{2,}")
"""The Han characters that both segmenters treat as Han; rarer ones match by their characters alone."""
_HAN_AT_ONCE = 1 << 17
LONGEST_WORD = 32
"""No word of the dictionary or of ours has more characters (held by a test)."""
_RUNS = re.compile(rf"{RUN}+")
_NUMBERED = re.compile(rf"(?<!{RUN})[a-z]+-[0-9]+(?!{RUN})")
"""pd-1, covid-19, b-12."""
_QUERY = re.compile(
    rf"{_NUMBERED.pattern}|(?<![0-9,])[0-9]{{1,3}}(?:,[0-9]{{3}})+(?!{RUN}|,)|[0-9]+\.[0-9]+(?!{RUN})|{RUN}+|[\u4e00-\u9fd5]+|[{HAN}]"
)
_RUN_EDGE = re.compile(RUN)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a query, folded, and where it stands there."""

    text: str
    start: int
    end: int


def index_words(folded: str) -> list[str]:
    """Return every word of `folded` that the words index holds, one item an occurrence, in no particular order."""
    return list(chain.from_iterable(index_word_parts(folded)))


def index_word_parts(folded: str) -> Iterator[list[str]]:
    """Yield what `index_words` returns in parts: the words of a long text all at once are fifty times its size."""
    cut, han = segmenter().words, "\n".join(_SEGMENTED.findall(folded))
    for begin in range(0, len(han), _HAN_AT_ONCE):
        # With what a word across the border may begin in; the words that end there were in the part before.
        before = han[max(0, begin - LONGEST_WORD) : begin]
        words = cut(before + han[begin : begin + _HAN_AT_ONCE])
        for word in cut(before) if before else ():
            words.remove(word)
        yield words
    words = _RUNS.findall(folded)
    if "-" in folded:
        words += _NUMBERED.findall(folded)
    for run in _mixed_by_run().keys() & words:
        for word in _mixed_by_run()[run]:
            words += [word] * len(occurrences(word, folded))
    if "号" in folded:
        for number in document_numbers(folded):
            words += number.keys()
    yield words


def query_words(folded: str) -> list[Token]:
    """Return the coarse cut of a query: words, single Han characters, numbers, document numbers (as their key)."""
    tokens: list[Token] = []
    done = 0
    for number in document_numbers(folded):
        if number.start < done:
            continue
        tokens += _plain_words(folded, done, number.start)
        tokens.append(Token(number.key, number.start, number.end))
        done = number.end
    return tokens + _plain_words(folded, done, len(folded))


def is_word(form: str) -> bool:
    """Tell whether `index_words` yields `form` wherever it occurs. If not, only bigrams can find it."""
    if _SEGMENTED.fullmatch(form):
        return segmenter().knows(form)
    if _RUNS.fullmatch(form) or _NUMBERED.fullmatch(form) or form in mixed_words():
        return True
    return is_document_number(form)


def is_document_number(form: str) -> bool:
    """Tell whether a token is the key of a document number."""
    return bool(DOC_NUMBER_KEY.fullmatch(form))


def occurrences(form: str, folded: str) -> list[Span]:
    """Return where `form` stands in `folded`: literally, overlaps included, run edges at run edges. In order.

    A document-number key stands where a number with this year, this ordinal and this ending of its prefix stands,
    in whatever brackets.
    """
    if not form:
        return []
    if is_document_number(form):
        return sorted(
            (number.end_of_prefix - prefix, number.end)
            for number in document_numbers(folded)
            for prefix in [number.carries(form)]
            if prefix
        )
    length = len(form)
    found = [(start, start + length) for start in _positions(form, folded)]
    if _RUN_EDGE.match(form):
        found = [(start, end) for start, end in found if not start or not _RUN_EDGE.match(folded, start - 1)]
    if _RUN_EDGE.match(form, length - 1):
        found = [(start, end) for start, end in found if not _RUN_EDGE.match(folded, end)]
    return found


@lru_cache(maxsize=1)
def _mixed_by_run() -> dict[str, list[str]]:
    """Mixed words by one of their runs; a text without that run does not hold the word."""
    table: dict[str, list[str]] = {}
    for word in mixed_words():
        table.setdefault(_RUNS.findall(word)[0], []).append(word)
    return table


def _positions(form: str, folded: str) -> Iterator[int]:
    start = folded.find(form)
    while start >= 0:
        yield start
        start = folded.find(form, start + 1)


def _plain_words(folded: str, start: int, end: int) -> list[Token]:
    tokens: list[Token] = []
    while start < end:
        mixed = _first_mixed(folded, start, end)
        stop = mixed.start if mixed else end
        for run in _QUERY.finditer(folded, start, stop):
            tokens += _cut(run.group(), run.start())
        if not mixed:
            break
        tokens.append(mixed)
        start = mixed.end
    return tokens


def _first_mixed(folded: str, start: int, end: int) -> Token | None:
    """The first mixed word in the range, the longest of those that begin there."""
    found = [
        Token(word, first, last)
        for word in mixed_words()
        if word in folded
        for first, last in occurrences(word, folded)
        if start <= first and last <= end
    ]
    return min(found, key=lambda token: (token.start, -token.end), default=None)


def _cut(run: str, start: int) -> list[Token]:
    parts = [run]
    if _SEGMENTED.fullmatch(run):
        parts = [part for word in segmenter().cut(run) for part in lexicon().get(word) or _place_pair(word)]
    tokens = []
    for part in parts:
        tokens.append(Token(part, start, start + len(part)))
        start += len(part)
    return tokens


def _place_pair(word: str) -> tuple[str, ...]:
    """Split what jieba's dictionary joins, such as 湖南永州: texts say 湖南省永州市."""
    if word not in places():
        for middle in range(2, len(word) - 1):
            if word[:middle] in places() and word[middle:] in places():
                return word[:middle], word[middle:]
    return (word,)
