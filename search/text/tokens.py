"""From folded text to words, and the definition of a match.

`occurrences` says what it means that a form stands in a text. `index_words` yields, with repeats, every word that the
words index holds; for every form with `is_word(form)`, its count there equals `len(occurrences(form, text))`.
`query_words` cuts a query coarsely, into words of which the Han ones are all in the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from ..model import Span
from .docnumbers import DOC_NUMBER_KEY, DOC_NUMBER_PART, document_numbers
from .language import PLAIN, Language
from .lexicon import lexicon, mixed_words, places
from .numbers import NUMBER_KEY, Number, in_digits, numbers, spoken
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
_HAN_RUNS = re.compile(r"[\u4e00-\u9fd5]+")
_RUNS = re.compile(rf"{RUN}+")
_COMPOUND = re.compile(rf"{RUN}+(?:[ -]{RUN}+)+")
_SEAM = re.compile(rf"[ -](?<={RUN}[ -])(?={RUN})")
"""Told first whether there is one, because blanks and hyphens are looked for ten times as fast as letters."""
_MOST_JOINED, _LONGEST_JOINED = 3, 12
_QUERY = re.compile(rf"{RUN}+(?:-{RUN}+)*|[\u4e00-\u9fd5]+|[{HAN}]")
_RUN_EDGE = re.compile(RUN)


_VARIANTS = {pair[side]: pair[1 - side] for pair in ("着著", "账帐", "粘黏", "唯惟") for side in (0, 1)}
"""Characters that folding leaves apart, because each is right in some words, and that people write for each other."""


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
    words += [joined for joined, _, _ in joined_runs(folded)]
    for amount in numbers(folded):
        words += amount.forms()
    for run in _mixed_by_run().keys() & words:
        for word in _mixed_by_run()[run]:
            words += [word] * len(occurrences(word, folded))
    if "号" in folded:
        for number in document_numbers(folded):
            words += number.keys()
    yield words


def query_words(folded: str, language: Language = PLAIN) -> list[Token]:
    """Return the coarse cut of a query: words, single Han characters, numbers and document numbers (as their keys)."""
    tokens: list[Token] = []
    done = 0
    for whole in sorted(_wholes(folded, language), key=lambda token: token.start):
        tokens += _plain_words(folded, done, whole.start, language)
        tokens.append(whole)
        done = whole.end
    return tokens + _plain_words(folded, done, len(folded), language)


def as_word(form: str) -> str:
    """Return the word that a query means by `form` if it is one number, else `form`."""
    tokens = query_words(form)
    return tokens[0].text if len(tokens) == 1 and is_key(tokens[0].text) else form


def is_word(form: str) -> bool:
    """Tell whether `index_words` yields `form` wherever it occurs. If not, only bigrams can find it."""
    if _SEGMENTED.fullmatch(form):
        return segmenter().knows(form)
    if _RUNS.fullmatch(form) or form in _mixed():
        return True
    return is_key(form)


def is_key(form: str) -> bool:
    """Tell whether a token is the key of a number or a document number, not characters of a text."""
    return bool(NUMBER_KEY.fullmatch(form) or DOC_NUMBER_PART.fullmatch(form))


def is_document_number(form: str) -> bool:
    """Tell whether a token is the key of a whole document number."""
    return bool(DOC_NUMBER_KEY.fullmatch(form))


def is_part_of_number(form: str) -> bool:
    """Tell whether a token is the key of a part of a document number."""
    return form.startswith("DOC") and bool(DOC_NUMBER_PART.fullmatch(form)) and not is_document_number(form)


def occurrences(form: str, folded: str) -> list[Span]:
    """Return where `form` stands in `folded`: literally, overlaps included, run edges at run edges. In order.

    Where runs are joined by a hyphen or a blank, what they are together stands too (covid19 in COVID-19), and a mixed
    word with one between its parts (b超 in B 超). The key of a number stands where that number does. A document-number
    key stands where a number with this year, this ordinal and this ending of its prefix stands, as far as it has
    them, in whatever brackets.
    """
    if not form:
        return []
    if _HAN_RUNS.fullmatch(form):
        return _literal(form, folded)
    if is_key(form):
        return _of_key(form, folded)
    if form in _mixed():
        return _mixed_occurrences(form, folded)
    found = _literal(form, folded)
    if _RUN_EDGE.match(form):
        found = [(start, end) for start, end in found if not start or not _RUN_EDGE.match(folded, start - 1)]
    if _RUN_EDGE.match(form, len(form) - 1):
        found = [(start, end) for start, end in found if not _RUN_EDGE.match(folded, end)]
    if len(form) > 1 and _RUNS.fullmatch(form):
        together = [(start, end) for joined, start, end in joined_runs(folded) if joined == form]
        return sorted([*found, *together]) if together else found
    return found


def _literal(form: str, folded: str) -> list[Span]:
    found = []
    start = folded.find(form)
    while start >= 0:
        found.append((start, start + len(form)))
        start = folded.find(form, start + 1)
    return found


@lru_cache(maxsize=4)
def _numbers_in(folded: str) -> list[tuple[Span, tuple[str, ...]]]:
    """The ranges of the numbers of a text, each with their forms. A query asks one text for several, and repeatedly."""
    return [((number.start, number.end), number.forms()) for number in numbers(folded)]


def _of_key(form: str, folded: str) -> list[Span]:
    """Return where the document number or the number stands that a token is the key of."""
    if NUMBER_KEY.fullmatch(form):
        return [span for span, forms in _numbers_in(folded) if form in forms]
    return sorted(span for number in document_numbers(folded) if (span := number.carries(form)))


def joined_runs(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield what two or three runs with a hyphen or a blank between them are together: pd1 in PD-1, wifi in Wi-Fi.

    No digits are joined to digits.
    """
    if not _SEAM.search(folded):
        return
    for compound in _COMPOUND.finditer(folded):
        runs = [(match.group(), *match.span()) for match in _RUNS.finditer(folded, *compound.span())]
        for first in range(len(runs)):
            for last in range(first + 1, min(first + _MOST_JOINED, len(runs))):
                joined = _joined([run for run, _, _ in runs[first : last + 1]])
                if joined:
                    yield joined, runs[first][1], runs[last][2]


def _joined(runs: Sequence[str]) -> str:
    """Return some runs as one word, empty if they are none: too many, too long, digits beside digits."""
    apart = any(left[-1].isdigit() and right[0].isdigit() for left, right in pairwise(runs))
    joined = "".join(runs)
    return joined if 1 < len(runs) <= _MOST_JOINED and len(joined) <= _LONGEST_JOINED and not apart else ""


def other_spellings(word: str) -> Iterator[str]:
    """Yield how else a text may spell a folded word: with a variant character, its number in digits."""
    for character in word:
        other = _VARIANTS.get(character)
        if other:
            yield word.replace(character, other)
    digits = in_digits(word)
    if digits:
        yield digits


@lru_cache(maxsize=1)
def _mixed() -> frozenset[str]:
    return frozenset(mixed_words())


@lru_cache(maxsize=256)
def _mixed_pattern(word: str) -> re.Pattern[str]:
    """The word with or without a blank or hyphen where letters and Han characters meet."""
    parts = re.findall(rf"{RUN}+|[{HAN}]+", word)
    seamless = "[ -]?".join(map(re.escape, parts))
    before = f"(?<!{RUN})" if _RUN_EDGE.match(word) else ""
    after = f"(?!{RUN})" if _RUN_EDGE.match(word, len(word) - 1) else ""
    return re.compile(before + seamless + after)


def _mixed_occurrences(word: str, folded: str) -> list[Span]:
    return [match.span() for match in _mixed_pattern(word).finditer(folded)]


@lru_cache(maxsize=1)
def _mixed_by_run() -> dict[str, list[str]]:
    """Mixed words by one of their runs; a text without that run does not hold the word."""
    table: dict[str, list[str]] = {}
    for word in mixed_words():
        table.setdefault(_RUNS.findall(word)[0], []).append(word)
    return table


def _wholes(folded: str, language: Language) -> list[Token]:
    """Return what is no plain word, and does not overlap: document numbers, mixed words, numbers by their value."""
    chosen: list[Token] = []
    runs = set(_RUNS.findall(folded))
    mixed = [
        Token(word, *span)
        for run in _mixed_by_run().keys() & runs
        for word in _mixed_by_run()[run]
        for span in occurrences(word, folded)
    ]
    ways = (
        (Token(word, *span) for word in language.mixed_in(folded) for span in occurrences(word, folded)),
        (Token(number.key, number.start, number.end) for number in document_numbers(folded)),
        sorted(mixed, key=lambda token: (token.start, -token.end)),
        (Token(one.asked, one.start, one.end) for one in numbers(folded) if _is_meant(one, folded)),
        (Token(one.asked, one.start, one.end) for one in spoken(folded) if _is_meant(one, folded)),
    )
    for token in chain.from_iterable(ways):
        if all(token.end <= other.start or other.end <= token.start for other in chosen):
            chosen.append(token)
    return chosen


def _is_meant(number: Number, folded: str) -> bool:
    """Tell whether a query means a number, not a word that begins or ends outside it: 三级医院, 一次性.

    Digits that stand for themselves are a run like any other.
    """
    if (not number.unit and not number.hidden) or folded[number.start : number.end] in places():
        return False
    run = next((run for run in _HAN_RUNS.finditer(folded) if run.start() <= number.start < run.end()), None)
    start = run.start() if run else number.end
    for word in segmenter().cut(run.group()) if run else ():
        end = start + len(word)
        if start <= number.start < end:
            return start == number.start and end <= number.end
        start = end
    return True


def _plain_words(folded: str, start: int, end: int, language: Language) -> list[Token]:
    tokens: list[Token] = []
    for run in _QUERY.finditer(folded, start, end):
        tokens += _cut(run.group(), run.start(), language)
    return tokens


def _cut(run: str, start: int, language: Language) -> list[Token]:
    if "-" in run:
        runs = [(match.group(), start + match.start(), start + match.end()) for match in _RUNS.finditer(run)]
        joined = _joined([text for text, _, _ in runs])
        if joined:
            return [Token(joined, start, start + len(run))]
        return [Token(*one) for one in runs]
    parts = [run]
    if _SEGMENTED.fullmatch(run):
        parts = [part for word in language.cut(run) for part in lexicon().get(word) or _place_pair(word)]
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
