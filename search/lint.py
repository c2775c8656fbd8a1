"""What is questionable in a collection, though it can be indexed: gathered while the articles stream past.

Near-duplicates are texts that say the same about the same place. Each text is reduced to a 64-bit SimHash of its
folded character 4-grams (Charikar 2002); texts that differ in at most 3 bits are near-identical (Manku, Jain, Das Sarma
2007). Memory is about 12 bytes an article and its id, whatever the texts' length. Printing is the command line's.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from . import taxonomy
from .model import Article
from .text import fold_codes

Check = Callable[[Article], Iterable[str]]
"""Looks at one article and returns what it finds, as `name: what`, e.g. `unknown city: 某市`."""

UNKNOWN_CITY = "unknown city"
CITY_OUTSIDE = "city outside its province"
MISSING_DATE = "missing date"
EMPTY_BODY = "empty body"
NEAR_DUPLICATES = "near-duplicate groups"

_GRAM = 4
_MAX_DISTANCE = 3
_BAND_BITS = 16  # 4 bands: hashes that differ in 3 bits agree in at least one band
_WINDOW = 64  # how many neighbours of a band are compared: bounds the time where thousands share one
_HASHED_CHARACTERS = 50_000
_SHOWN_IDS = 5

_Hashes = np.ndarray[Any, np.dtype[np.uint64]]


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


def stated_findings(article: Article) -> Iterator[str]:
    """Yield what the taxonomy finds odd in the metadata that a source states; `article` as read, not yet classified."""
    for finding in taxonomy.lint(article):
        if finding.code == "city-outside-province":
            yield f"{CITY_OUTSIDE}: {finding.message}"
        else:
            yield f"unknown {finding.facet}: {finding.value}"


def lint(articles: Iterable[Article], check: Check = stated_findings) -> LintReport:
    """Return what is questionable in `articles` as read; they are read once."""
    linter = Linter(check)
    for article in articles:
        linter.add_stated(article)
        linter.add(article)
    return linter.report()


@dataclass(slots=True)
class Linter:
    """Takes one article at a time; `report` tells what it saw.

    `add_stated` wants the article as read (classifying it drops what is odd), `add` the article as indexed (its place
    may be detected).
    """

    check: Check = stated_findings
    _checks: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _missing_date: list[str] = field(default_factory=list)
    _empty_body: list[str] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)
    _hashes: array[int] = field(default_factory=lambda: array("Q"))
    _places: array[int] = field(default_factory=lambda: array("L"))
    _place_numbers: dict[tuple[tuple[str, ...], ...], int] = field(default_factory=dict)

    def add_stated(self, article: Article) -> bool:
        """Look at what one article's source states; tell whether something is odd."""
        findings = list(self.check(article))
        for finding in findings:
            name, _, what = finding.partition(": ")
            self._checks[name].append(f"{article.id}: {what}" if what else article.id)
        return bool(findings)

    def add(self, article: Article) -> None:
        """Look at one article's date and text, and remember the text to compare."""
        if article.date is None:
            self._missing_date.append(article.id)
        if not article.text.strip():
            self._empty_body.append(article.id)
            return
        place = tuple(tuple(sorted(article.facets.get(key, ()))) for key in ("province", "city"))
        self._ids.append(article.id)
        self._hashes.append(simhash(article.text))
        self._places.append(self._place_numbers.setdefault(place, len(self._place_numbers)))

    def report(self) -> LintReport:
        """Return what was found so far."""
        hashes = np.array(self._hashes, dtype=np.uint64)
        places = np.array(self._places, dtype=np.uint64)
        groups = near_duplicate_groups(hashes, places)
        return LintReport(
            checks={name: tuple(self._checks.get(name, ())) for name in (UNKNOWN_CITY, CITY_OUTSIDE, *self._checks)},
            missing_date=tuple(self._missing_date),
            empty_body=tuple(self._empty_body),
            near_duplicates=tuple(tuple(self._ids[i] for i in group) for group in groups),
        )


def simhash(text: str) -> int:
    """Return 64 bits that differ little between texts that differ little; spaces and punctuation do not count."""
    codes = fold_codes(text[:_HASHED_CHARACTERS]).astype(np.uint64)
    letters = codes[(codes >= 0x3400) | ((codes >= 0x30) & (codes <= 0x39)) | ((codes >= 0x61) & (codes <= 0x7A))]
    if len(letters) < _GRAM:
        letters = np.pad(letters, (0, _GRAM - len(letters)))
    grams = np.zeros(len(letters) - _GRAM + 1, dtype=np.uint64)
    for offset in range(_GRAM):
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + letters[offset : offset + len(grams)]
    hashes = np.unique(_mixed(grams))
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=0, dtype=np.int64)
    return int.from_bytes(np.packbits(bits * 2 > len(hashes)).tobytes(), "little")


def _mixed(values: _Hashes) -> _Hashes:
    """Spread every bit over all others (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def near_duplicate_groups(hashes: _Hashes, places: _Hashes) -> list[list[int]]:
    """Return groups of two and more positions with the same place and near hashes; each and all in rising order."""
    parent: dict[int, int] = {}

    def root(position: int) -> int:
        while (above := parent.setdefault(position, position)) != position:
            parent[position] = position = parent[above]  # halves the way for the next one
        return position

    for left, right in _near_pairs(hashes, places):
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for position in sorted(parent):
        groups[root(position)].append(position)
    return [groups[first] for first in sorted(groups)]


def _near_pairs(hashes: _Hashes, places: _Hashes) -> Iterator[tuple[int, int]]:
    order = np.lexsort((hashes, places))
    if len(order) == 0:
        return
    changes = np.flatnonzero((np.diff(hashes[order]) != 0) | (np.diff(places[order]) != 0)) + 1
    for start, end in pairwise((0, *changes.tolist(), len(order))):
        if end - start > 1:
            first, *others = sorted(order[start:end].tolist())
            yield from ((first, other) for other in others)
    # One of each identical group is enough to look for near ones.
    alone = order[np.concatenate(([0], changes))]
    hashes, places = hashes[alone], places[alone]
    for shift in range(0, 64, _BAND_BITS):
        band = (hashes >> np.uint64(shift)) & np.uint64((1 << _BAND_BITS) - 1)
        for left, right in _near_in_band(hashes, places << np.uint64(_BAND_BITS) | band):
            yield int(alone[left]), int(alone[right])


def _near_in_band(hashes: _Hashes, keys: _Hashes) -> Iterator[tuple[int, int]]:
    order = np.lexsort((hashes, keys))
    for distance in range(1, _WINDOW + 1):
        left, right = order[:-distance], order[distance:]
        same = keys[left] == keys[right]
        if not same.any():
            return
        left, right = left[same], right[same]
        near = np.bitwise_count(hashes[left] ^ hashes[right]) <= _MAX_DISTANCE
        yield from zip(left[near].tolist(), right[near].tolist(), strict=True)
