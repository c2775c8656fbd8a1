"""Articles → what the cluster finds them by. All tokens are ours: it gets them cut and counted, and cuts nothing.

`words`, `pairs` and `characters` come as `token|frequency`, frequencies weighted (title 4, heading 2, body 1). For any
other string the folded text stands in `grams`: every two characters at their places, a mark wherever a run of letters
or digits begins or ends, so that 2025 is not found in 12025 unless its very characters are wanted. An occurrence counts
where it begins: title and headings have grams of their own, those of headings go on behind the heading.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from ...kernel.plain import MAX_FREQUENCY
from ...model import Article
from ...retrieval import ranking
from ...text import fold, index_word_parts, is_word
from ...text.tokens import HAN, RUN

SEPARATOR = "\n"
"""Stands between tokens."""
FREQUENCY = "\u0001"
"""Stands between a token and its frequency."""
EDGE = "\u0002"
"""Stands where a run of letters or digits begins or ends."""
BEGINS = "\u0003"
"""Stands before a gram that begins in a heading."""
APART = "\u0000"
"""Stands between title and text, and between headings. Folded text holds no control characters, so none of these."""
BEHIND = 64
"""So many characters behind a heading an occurrence that begins in it may end."""
LONGEST = 200
"""Longer words stand as their hash."""

_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")
_TWO_HAN = re.compile(rf"[{HAN}]{{2}}")
_EDGES = re.compile(rf"(?<!{RUN})(?={RUN})|(?<={RUN})(?!{RUN})")
_IS_RUN = re.compile(RUN)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an article is found by: frequencies by token, grams as texts, and its weighted lengths."""

    words: Mapping[str, int]
    pairs: Mapping[str, int]
    characters: Mapping[str, int]
    grams: str
    title_grams: str
    heading_grams: str
    words_length: int
    bigrams_length: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form stands: the term of a field, or with `phrase` a text that is cut into grams."""

    field: str
    text: str
    phrase: bool = False


def tokens_of(article: Article) -> Tokens:
    """Return the tokens of an article."""
    title, text = fold(article.title), fold(article.text)
    headings = [(one.start, one.body) for one in article.sections if one.body > one.start]
    zones = [
        (title, ranking.TITLE_WEIGHT),
        (text, ranking.BODY_WEIGHT),
        *((text[begin:end], ranking.HEADING_WEIGHT - ranking.BODY_WEIGHT) for begin, end in headings),
    ]
    words: Counter[str] = Counter()
    for piece, weight in zones:
        for part in index_word_parts(piece):
            for word, count in Counter(part).items():
                words[word] += weight * count
    # A pair counts where its first character stands, so that of a heading may end behind it.
    begins = [zones[0], zones[1], *((text[begin : end + 1], zones[-1][1]) for begin, end in headings)]
    pairs: Counter[str] = Counter()
    for piece, weight in begins:
        for pair, count in Counter(_PAIR.findall(piece)).items():
            pairs[pair] += weight * count
    characters: Counter[str] = Counter()
    for piece, weight in zones:
        for character, count in Counter(piece).items():
            characters[character] += weight * count
    return Tokens(
        words,
        pairs,
        characters,
        marked(title) + APART + marked(text),
        marked(title),
        SEPARATOR.join(_heading_grams(text, headings)),
        sum(words.values()),
        sum(characters.values()),
    )


def marked(folded: str) -> str:
    """Return a text with a mark at every edge of a run."""
    return _EDGES.sub(EDGE, folded)


def place_of(form: str, literal: bool) -> Place | None:
    """Return where a form stands, None if it stands nowhere. Twin of `search.text.occurrences`."""
    if not form:
        return None
    if not literal and is_word(form):
        return Place("words", term(form))
    if len(form) == 1:
        return Place("characters", form)
    if _TWO_HAN.fullmatch(form):
        return Place("pairs", form)
    text = marked(form)
    if literal:
        # What is at the edges of the text itself says nothing of what it is found in.
        text = text.removeprefix(EDGE) if _IS_RUN.match(form) else text
        text = text.removesuffix(EDGE) if _IS_RUN.match(form[-1]) else text
    return Place("grams", text, phrase=True)


def grams(text: str) -> list[str]:
    """Return every two neighbouring characters of a text."""
    return [first + second for first, second in pairwise(text)]


def term(word: str) -> str:
    """Return the token of a word."""
    if len(word) <= LONGEST:
        return word
    return EDGE + hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def counted(frequencies: Mapping[str, int]) -> str:
    """Return tokens with their frequencies as the cluster takes them."""
    return SEPARATOR.join(
        f"{term(token)}{FREQUENCY}{min(count, MAX_FREQUENCY)}" for token, count in frequencies.items()
    )


def _heading_grams(text: str, headings: Iterable[tuple[int, int]]) -> Iterator[str]:
    for begin, end in headings:
        heading = marked(text[begin:end])
        # A run may go on behind the heading, so marks are set in both together.
        whole = marked(text[begin : end + BEHIND])
        inside = len(heading) - (heading[-1:] == EDGE)
        found = grams(whole)
        yield from (BEGINS + gram for gram in found[:inside])
        yield from found[inside:]
        yield APART
