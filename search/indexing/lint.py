"""What is questionable in a collection, though it can be indexed.

Near-duplicates are texts that say the same about the same place, and have all other facets in common too, so that a
filter takes all of a group or none: a search can show one of them (`Query.collapse`). Each text is reduced to a 64-bit
SimHash of its folded character 4-grams (Charikar 2002); texts that differ in at most 3 bits are near-identical (Manku,
Jain, Das Sarma 2007). What is kept of an article are columns (`article_rows`); printing is the command line's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..facets import FACETS, Facets, odd_metadata
from ..model import Article
from ..text import fold, fold_codes, is_letter
from ..text.validity import is_official

MISSING_DATE = "missing date"
EMPTY_BODY = "empty body"
CHANGED = "changed while it was read"
NEAR_DUPLICATES = "near-duplicate groups"

NO_CHINESE = "no Chinese text"
TEMPLATE = "placeholders of a template"
NO_SENTENCE = "a list and no sentence"
FURNITURE = "lines that many pages of one folder repeat, left out"

_ENOUGH = 20
"""Letters of a text that could have been Chinese."""
_LONG = 300
"""Characters of a text in which a sentence would have ended; lists that long are menus, tags and indexes."""
_PLACEHOLDER = re.compile(r"\{\{\s*[\w.$][\w.$|() -]{0,80}\}\}|\{%-?\s*\w+[^%\n]{0,200}%\}|<%=?[^%\n]{1,200}%>")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_ENDS = re.compile("[。；！？]")
_LOOKED_AT = 20_000
"""Characters of a text that these checks look at."""

_GRAM = 4
_MAX_DISTANCE = 3
_BAND_BITS = 16  # 4 bands: hashes that differ in 3 bits agree in at least one band
_WINDOW = 64  # how many neighbours of a band are compared: bounds the time where thousands share one
_HASHED_CHARACTERS = 50_000
_TOGETHER = 1 << 16
_SHOWN_IDS = 5
_SHOWN_CHARACTERS = 40

_OWNER = np.uint64(40)
_HASHED = np.uint64((1 << 40) - 1)
"""A gram is told from the others of its text by 40 bits, so that the text's number fits in beside it."""
_RUN = 255
_SPREAD = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).view(np.uint64).ravel()
"""Octet → 64 bits with a byte for each of its bits."""

Hashes = NDArray[np.uint64]
Finding = tuple[str, str]
"""The name of a check, and a line to show: `id: what`."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """What was found: `checks` maps a check's name to findings (`id: what`); the groups hold ids, first seen first."""

    checks: dict[str, tuple[str, ...]]
    missing_date: tuple[str, ...] = ()
    empty_body: tuple[str, ...] = ()
    near_duplicates: tuple[tuple[str, ...], ...] = ()

    def findings(self) -> dict[str, list[str]]:
        """Return every kind of finding, also those with none, as lines to show."""
        return {
            **{name: list(lines) for name, lines in self.checks.items()},
            MISSING_DATE: list(self.missing_date),
            EMPTY_BODY: list(self.empty_body),
            NEAR_DUPLICATES: [_group_line(group) for group in self.near_duplicates],
        }


def _group_line(group: tuple[str, ...]) -> str:
    more = f" … ({len(group):,})" if len(group) > _SHOWN_IDS else ""
    return " = ".join(group[:_SHOWN_IDS]) + more


def stated_findings(article: Article, facets: Facets) -> Iterator[Finding]:
    """Yield what is odd in the metadata that a source states; `article` as read, not yet classified."""
    for odd in odd_metadata(article, facets):
        if odd.code == "unknown-value":
            yield _unknown(odd.facet), f"{article.id}: {odd.value}"
        else:
            yield _outside(odd.facet, facets), f"{article.id}: {odd.message}"


def content_findings(article: Article) -> Iterator[Finding]:
    """Yield what makes a text look like no article: a template, a list of names, nothing in Chinese."""
    text = article.text[:_LOOKED_AT]
    if article.kind != "article":
        return
    if placeholder := _PLACEHOLDER.search(text):
        yield TEMPLATE, f"{article.id}: {placeholder[0][:_SHOWN_CHARACTERS]}"
    if not _IDEOGRAPH.search(article.title + text) and sum(map(str.isalpha, text)) >= _ENOUGH:
        yield NO_CHINESE, f"{article.id}: {' '.join(text.split())[:_SHOWN_CHARACTERS]}"
    elif len(text) >= _LONG and not article.tables and not _SENTENCE_ENDS.search(text):
        yield NO_SENTENCE, f"{article.id}: {' '.join(text.split())[:_SHOWN_CHARACTERS]}"


def _metadata_checks(facets: Facets) -> tuple[str, ...]:
    return tuple(name for one in facets if one.parent for name in (_unknown(one.key), _outside(one.key, facets)))


def _unknown(key: str) -> str:
    return f"unknown {key}"


def _outside(key: str, facets: Facets) -> str:
    return f"{key} outside its {facets[key].parent}"


def about_key(article: Article, facets: Facets) -> int:
    """Return 48 bits that tell whether two classified articles have the same facet values, on any day."""
    return _about_key(*(tuple(sorted(article.facets.get(key, ()))) for key in facets.stored.keys), _validity(article))


def _validity(article: Article) -> tuple[str, ...]:
    """Return what its status is derived from: nothing for most."""
    stated = (article.effective, article.expires, article.superseded_by, article.repealed_by)
    if not any(stated) and not is_official(fold(article.title)):
        return ()
    return (*map(str, stated), str(article.date), article.title, *article.repeals)


@lru_cache(maxsize=4096)
def _about_key(*values: tuple[str, ...]) -> int:
    return int.from_bytes(blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=6).digest(), "little")


def lint_report(  # noqa: PLR0913, PLR0917 - one column each
    findings: Iterable[Finding],
    ids: Sequence[str],
    undated: NDArray[np.bool_],
    empty: NDArray[np.bool_],
    hashes: Hashes,
    about: Hashes,
    facets: Facets = FACETS,
) -> LintReport:
    """Return what is questionable in a collection: columns of one item an article, in the order of the collection.

    The checks of values that lie inside others are listed also where they found nothing.
    """
    checks: defaultdict[str, list[str]] = defaultdict(list)
    for name, line in findings:
        checks[name].append(line)
    compared = np.flatnonzero(~empty)
    groups = near_duplicate_groups(hashes[compared], about[compared])
    return LintReport(
        checks={name: tuple(checks.get(name, ())) for name in (*_metadata_checks(facets), *checks)},
        missing_date=tuple(ids[row] for row in np.flatnonzero(undated).tolist()),
        empty_body=tuple(ids[row] for row in np.flatnonzero(empty).tolist()),
        near_duplicates=tuple(tuple(ids[int(compared[place])] for place in group) for group in groups),
    )


def simhashes(texts: Iterable[str]) -> Hashes:
    """Return 64 bits for each text that differ little between texts that differ little.

    Spaces and punctuation do not count. Texts are hashed as one array of characters, as many as the processor's cache
    holds with what is made of them: three times as fast as all at once.
    """
    hashes: list[Hashes] = []
    together: list[str] = []
    characters = 0
    for text in texts:
        together.append(text[:_HASHED_CHARACTERS])
        characters += len(together[-1])
        if characters >= _TOGETHER:
            hashes.append(_simhashes(together))
            together, characters = [], 0
    return np.concatenate([*hashes, _simhashes(together)])


def _simhashes(parts: Sequence[str]) -> Hashes:
    codes = fold_codes("".join(parts))
    letter = is_letter(codes)
    before = np.concatenate(([0], np.cumsum(letter)))
    counts = np.diff(before[np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.int64)))])
    # Texts end to end; those of fewer letters than a gram are filled up with zeros.
    lengths = np.maximum(counts, _GRAM)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    letters = np.zeros(int(starts[-1]), dtype=np.uint64)
    letters[np.repeat(starts[:-1] - _before(counts), counts) + np.arange(int(counts.sum()))] = codes[letter]
    grams = np.zeros(max(len(letters) - _GRAM + 1, 0), dtype=np.uint64)
    for offset in range(_GRAM):
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + letters[offset : offset + len(grams)]
    within = np.ones(len(letters), dtype=np.bool_)
    for back in range(1, _GRAM):
        within[starts[1:] - back] = False
    owners = np.repeat(np.arange(len(parts), dtype=np.uint64), lengths - _GRAM + 1)
    packed = owners << _OWNER | _mixed(grams[within[: len(grams)]]) >> (np.uint64(64) - _OWNER)
    packed.sort()
    packed = packed[np.concatenate(([True], packed[1:] != packed[:-1]))] if len(packed) else packed
    return _majorities(_mixed(packed & _HASHED), np.bincount((packed >> _OWNER).astype(np.int64), minlength=len(parts)))


def _before(counts: NDArray[Any]) -> NDArray[Any]:
    """Return the sum of the counts before each one."""
    sums: NDArray[Any] = np.cumsum(counts) - counts
    return sums


def _majorities(hashes: Hashes, counts: NDArray[Any]) -> Hashes:
    """Return for each group of hashes (`counts`: how many, at least one) the bits that more than half of them have.

    Eight bits are added up at once, each in a byte of its own, in runs of at most 255 so that none overflows.
    """
    runs = -(-counts // _RUN)
    begins = np.repeat(_before(counts), runs) + _RUN * (np.arange(int(runs.sum())) - np.repeat(_before(runs), runs))
    result = np.empty((len(counts), 8), dtype=np.uint8)
    octets = hashes.view(np.uint8).reshape(-1, 8)
    for number in range(8) if len(counts) else ():
        sums = np.add.reduceat(_SPREAD[octets[:, number]], begins).view(np.uint8).reshape(-1, 8)
        totals = np.add.reduceat(sums.astype(np.int64), _before(runs), axis=0)
        result[:, number] = np.packbits(totals * 2 > counts[:, None], axis=1)[:, 0]
    return result.view(np.uint64).ravel()


def _mixed(values: Hashes) -> Hashes:
    """Spread every bit over all others (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def near_duplicate_groups(hashes: Hashes, about: Hashes) -> list[list[int]]:
    """Return groups of two and more positions about the same and with near hashes; each and all in rising order."""
    parent: dict[int, int] = {}

    def root(position: int) -> int:
        while (above := parent.setdefault(position, position)) != position:
            parent[position] = position = parent[above]  # halves the way for the next one
        return position

    for left, right in _near_pairs(hashes, about):
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for position in sorted(parent):
        groups[root(position)].append(position)
    return [groups[first] for first in sorted(groups)]


def _near_pairs(hashes: Hashes, about: Hashes) -> Iterator[tuple[int, int]]:
    order = np.lexsort((hashes, about))
    if len(order) == 0:
        return
    changes = np.flatnonzero((np.diff(hashes[order]) != 0) | (np.diff(about[order]) != 0)) + 1
    for start, end in pairwise((0, *changes.tolist(), len(order))):
        if end - start > 1:
            first, *others = sorted(order[start:end].tolist())
            yield from ((first, other) for other in others)
    # One of each identical group is enough to look for near ones.
    alone = order[np.concatenate(([0], changes))]
    hashes, about = hashes[alone], about[alone]
    for shift in range(0, 64, _BAND_BITS):
        band = (hashes >> np.uint64(shift)) & np.uint64((1 << _BAND_BITS) - 1)
        for left, right in _near_in_band(hashes, about << np.uint64(_BAND_BITS) | band):
            yield int(alone[left]), int(alone[right])


def _near_in_band(hashes: Hashes, keys: Hashes) -> Iterator[tuple[int, int]]:
    order = np.lexsort((hashes, keys))
    hashes, keys = hashes[order], keys[order]
    left = np.arange(len(order))
    for distance in range(1, _WINDOW + 1):
        # Keys are in order: only where the neighbour before had the same one can the next one have it.
        left = left[left + distance < len(order)]
        left = left[keys[left] == keys[left + distance]]
        if not left.size:
            return
        near = left[np.bitwise_count(hashes[left] ^ hashes[left + distance]) <= _MAX_DISTANCE]
        yield from zip(order[near].tolist(), order[near + distance].tolist(), strict=True)
