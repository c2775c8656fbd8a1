"""Articles → postings in memory: one pure function over a batch, so that batches can be cut in worker processes.

Documents and positions count from 0 within the batch. Every document is laid out as title, U+0000, text, U+0000, end to
end with its neighbours; a *place* packs the position of a character and its zone: `position << 2 | zone`. Folded text
never holds U+0000, so nothing can match across title, text or documents.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...arrays import Array
from ...kernel.plain import MAX_FREQUENCY
from ...kernel.sets import documents_of, firsts
from ...model import Article
from ...retrieval import ranking
from ...retrieval.rescoring import CHARACTER_CODES, IN_TITLE
from ...text import fold_codes, index_word_parts, is_letter

BODY, HEADING, TITLE = 0, 1, 2
ZONE_WEIGHTS = np.array([ranking.BODY_WEIGHT, ranking.HEADING_WEIGHT, ranking.TITLE_WEIGHT, 0], dtype=np.uint32)
ZONE_BITS = 2
MAX_CHARACTERS = 1 << 30
KEY_BITS = 21
"""A bigram's key is `first << 21 | second`: 21 bits hold any code point, and keys sort as the characters do."""


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted list of every term of one field: `terms` ascending; term i owns items `offsets[i]:offsets[i + 1]`.

    `df` is in how many documents it occurs. `columns` maps a column name to its items: `docs` and `tf` for words,
    `places` for bigrams, ascending in a term.
    """

    terms: Sequence[str] | Array
    offsets: Array
    df: Array
    columns: dict[str, Array]


@dataclass(frozen=True, slots=True)
class Characters:
    """The distinct letters and digits of each document, ascending: what is read of a document, not of a term.

    Document i owns `counts[i]` items of `codes` (code points, uint16; the few beyond are left out) and `tf`: the
    weighted frequency, at most 127, and `IN_TITLE` where the title holds the character.
    """

    counts: Array
    codes: Array
    tf: Array


@dataclass(frozen=True, slots=True)
class Inverted:
    """What the index needs to know of some articles, in their order.

    `starts` (documents + 1) is where each document begins; lengths are sums of weighted frequencies.
    """

    starts: Array
    words: Postings
    word_lengths: Array
    bigrams: Postings
    bigram_lengths: Array
    characters: Characters

    @property
    def documents(self) -> int:
        """How many articles the batch holds."""
        return len(self.starts) - 1


def analyse(articles: Sequence[Article]) -> Inverted:
    """Cut and invert some articles (at most 2**24, with at most 2**30 characters)."""
    codes, bounds = _codes(articles)
    if len(codes) > MAX_CHARACTERS:
        raise ValueError(f"{len(codes)} characters in one batch, {MAX_CHARACTERS} fit")
    starts = bounds[::2].copy()
    zones = _zones(articles, len(codes), bounds)
    folded = codes.tobytes().decode("utf-32-le")
    words, word_lengths = _words(articles, folded, bounds)
    bigrams, bigram_lengths = _bigrams(codes, zones, starts)
    return Inverted(starts, words, word_lengths, bigrams, bigram_lengths, _characters(codes, zones, starts))


def _codes(articles: Sequence[Article]) -> tuple[Array, Array]:
    """Return the folded characters of the batch, and where title and text of each article begin (and the end)."""
    pieces = [piece for article in articles for piece in (article.title, article.text)]
    bounds = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum(np.fromiter((len(piece) + 1 for piece in pieces), np.int64, len(pieces)), out=bounds[1:])
    codes = fold_codes("".join(piece + "\n" for piece in pieces))
    codes[bounds[1:] - 1] = 0
    return codes, bounds


def _zones(articles: Sequence[Article], length: int, bounds: Array) -> Array:
    zones = np.zeros(length, dtype=np.uint8)
    for number, article in enumerate(articles):
        title, text, end = bounds[2 * number : 2 * number + 3].tolist()
        zones[title:text] = TITLE
        for section in article.sections:
            zones[min(text + section.start, end) : min(text + section.body, end)] = HEADING
    return zones


def _words(articles: Sequence[Article], folded: str, bounds: Array) -> tuple[Postings, Array]:
    """Body words count once everywhere; words of headings and titles are added with the rest of their weight."""
    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    number_of: Callable[[str], int] = vocabulary.__getitem__
    tokens = array("I")
    counts: list[int] = []
    owners: list[int] = []
    weights: list[int] = []

    def add(text: str, document: int, weight: int) -> None:
        before = len(tokens)
        for words in index_word_parts(text):
            tokens.extend(map(number_of, words))
        counts.append(len(tokens) - before)
        owners.append(document)
        weights.append(weight)

    for document, article in enumerate(articles):
        start, middle, end = bounds[2 * document : 2 * document + 3].tolist()
        title, text = folded[start : middle - 1], folded[middle : end - 1]
        add(title, document, ranking.TITLE_WEIGHT)
        add(text, document, ranking.BODY_WEIGHT)
        for section in article.sections:
            heading = text[section.start : section.body]
            if heading:
                add(heading, document, ranking.HEADING_WEIGHT - ranking.BODY_WEIGHT)
    terms = sorted(vocabulary)
    ranks = np.empty(len(terms), dtype=np.uint64)
    ranks[np.fromiter(map(number_of, terms), np.int64, len(terms))] = np.arange(len(terms), dtype=np.uint64)
    spread = np.asarray(counts, dtype=np.int64)
    documents = np.repeat(np.asarray(owners, dtype=np.uint64), spread)
    weight = np.repeat(np.asarray(weights, dtype=np.uint64), spread)
    packed = ranks[np.frombuffer(tokens, np.uint32)] << np.uint64(32) | documents << np.uint64(8) | weight
    packed.sort()
    pairs = packed >> np.uint64(8)
    first = firsts(pairs)
    frequency = _sums(packed & np.uint64(0xFF), first)
    pairs = pairs[first]
    docs = (pairs & np.uint64(0xFFFFFF)).astype(np.uint32)
    offsets = np.searchsorted(pairs >> np.uint64(24), np.arange(len(terms) + 1, dtype=np.uint64)).astype(np.int64)
    lengths = np.bincount(docs, weights=frequency, minlength=len(articles)).astype(np.uint32)
    columns: dict[str, Array] = {"docs": docs, "tf": np.minimum(frequency, MAX_FREQUENCY).astype(np.uint8)}
    return Postings(terms, offsets, np.diff(offsets).astype(np.uint32), columns), lengths


def _bigrams(codes: Array, zones: Array, starts: Array) -> tuple[Postings, Array]:
    """Every adjacent pair that begins with a character, so the last one of a piece pairs with U+0000."""
    positions = np.flatnonzero(codes[:-1]).astype(np.uint32)
    first, second = codes[positions], codes[positions + 1]
    places = positions << np.uint32(ZONE_BITS) | zones[positions]
    lengths = np.add.reduceat(ZONE_WEIGHTS[zones] * (codes != 0), starts[:-1]).astype(np.uint32)
    keys, places = _sort_pairs(codes, first, second, places)
    del positions, first, second
    begin = firsts(keys)
    offsets = np.append(begin, len(keys)).astype(np.int64)
    documents = np.searchsorted(starts, np.arange(0, len(codes) + 64, 64), side="right") - 1
    owner = documents_of(places >> np.uint32(ZONE_BITS), documents, starts)
    change = np.ones(len(owner), dtype=np.uint32)
    change[1:] = owner[1:] != owner[:-1]
    change[begin] = 1
    return Postings(keys[begin], offsets, _sums(change, begin).astype(np.uint32), {"places": places}), lengths


def _characters(codes: Array, zones: Array, starts: Array) -> Characters:
    chosen = (is_letter(codes) & (codes < CHARACTER_CODES)).nonzero()[0]
    owners = np.repeat(np.arange(len(starts) - 1, dtype=np.uint64), np.diff(starts))[chosen]
    packed = owners << np.uint64(24) | codes[chosen].astype(np.uint64) << np.uint64(8) | zones[chosen]
    packed.sort()
    begin = firsts(packed >> np.uint64(8))
    first, last = packed[begin], packed[np.append(begin[1:], len(packed)) - 1 if len(begin) else begin]
    frequency = np.minimum(_sums(ZONE_WEIGHTS[packed & np.uint64(3)], begin), IN_TITLE - 1)
    return Characters(
        np.bincount((first >> np.uint64(24)).astype(np.intp), minlength=len(starts) - 1).astype(np.uint32),
        (first >> np.uint64(8)).astype(np.uint16),
        (frequency + IN_TITLE * (last & np.uint64(3) == TITLE)).astype(np.uint8),
    )


def _sort_pairs(codes: Array, first: Array, second: Array, places: Array) -> tuple[Array, Array]:
    """Return keys and places in order of key, then place."""
    present = np.zeros(1 << KEY_BITS, dtype=np.bool_)
    present[codes] = True
    alphabet = np.flatnonzero(present).astype(np.uint64)
    if len(alphabet) > 1 << 16:
        keys = first.astype(np.uint64) << np.uint64(KEY_BITS) | second
        order = np.argsort(keys, kind="stable")
        return keys[order], places[order]
    # With 16 bits a character, key and place fit one integer, and sorting integers is ten times as fast.
    rank = np.zeros(1 << KEY_BITS, dtype=np.uint64)
    rank[alphabet.astype(np.int64)] = np.arange(len(alphabet), dtype=np.uint64)
    # In place where it can be: each of these has eight bytes a character, and a batch may be one very long text.
    packed = rank[first]
    packed <<= np.uint64(16)
    packed |= rank[second]
    packed <<= np.uint64(32)
    packed |= places
    packed.sort()
    ordered = packed.astype(np.uint32)
    packed >>= np.uint64(32)
    keys = alphabet[packed >> np.uint64(16)]
    keys <<= np.uint64(KEY_BITS)
    packed &= np.uint64(0xFFFF)
    keys |= alphabet[packed]
    return keys, ordered


def _sums(values: Array, begin: Array) -> Array:
    """Return the sum of each group of `values`; groups begin at `begin`."""
    return np.add.reduceat(values, begin) if begin.size else values[:0]
