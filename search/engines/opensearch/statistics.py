"""What is known of all articles of a build together: counted while it is written, kept with it, read when it is opened.

The cluster cannot list the terms of a field, and adds up what it counts shard by shard; so this is done here, exactly,
and it need not be asked how often a term occurs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Array
from ...errors import IndexDamaged
from ...hashing import hash64
from ...model import Article
from ...retrieval.features import Citations, Features
from ...retrieval.validity import Validities, joined, taken
from ...storage.container import Container, ContainerWriter
from ...storage.strings import SortedStrings, Strings

FILE = "statistics"
"""Name of the file among what is kept with a build."""
TERMS = ("words", "pairs", "characters")


class Terms:
    """The terms of a field, in the order of their bytes, and how many articles hold each."""

    def __init__(self, texts: Strings, df: Array) -> None:
        self._texts, self._df = texts, df
        self._sorted = SortedStrings(texts.blob, texts.offsets)

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Terms:
        """Take counts by term; those of 0 are left out."""
        held = sorted((term.encode("utf-8", "surrogatepass"), count) for term, count in counts.items() if count)
        texts = [term.decode("utf-8", "surrogatepass") for term, _ in held]
        return cls(Strings.of(texts), np.array([count for _, count in held], np.uint32))

    def df(self, term: str) -> int:
        """Return how many articles hold a term."""
        rank = self._sorted.find(term.encode("utf-8", "surrogatepass"))
        return int(self._df[rank]) if rank >= 0 else 0

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return zip(self._texts, self._df.tolist(), strict=True)

    def arrays(self) -> tuple[Array, Array, Array]:
        """Return texts, offsets and counts."""
        return self._texts.blob, self._texts.offsets, self._df


class Cites(NamedTuple):
    """Which work cites which: one item a citation, `owner` being the hash of the id of the article that has it."""

    owner: Array
    cited: Array
    by: Array

    @classmethod
    def of(cls, articles: Sequence[Article], features: Features) -> Cites:
        """Take those of some articles."""
        owners = np.array([hash64(article.id) for article in articles], np.uint64)
        return cls(owners.take(features.citing), features.cited, features.works.take(features.citing))

    @classmethod
    def join(cls, pieces: Iterable[Cites]) -> Cites:
        """Put several one after the other."""
        none = np.zeros(0, np.uint64)
        return cls(*map(np.concatenate, zip(cls(none, none, none), *pieces, strict=True)))

    def without(self, ids: Iterable[str]) -> Cites:
        """Leave out those of some articles."""
        kept = ~np.isin(self.owner, np.array([hash64(one) for one in ids], np.uint64))
        return Cites(*(column.compress(kept) for column in self))


class Valid(NamedTuple):
    """What is known of the validity of articles: `ids` by the rows of `known`."""

    ids: Sequence[str]
    known: Validities

    @classmethod
    def of(cls, articles: Sequence[Article], known: Validities) -> Valid:
        """Take what is known of some articles."""
        rows = known.rows.tolist()
        numbers = np.zeros(len(articles), np.uint32)
        numbers[rows] = np.arange(len(rows), dtype=np.uint32)
        numbered = known._replace(rows=numbers.take(known.rows), repealing=numbers.take(known.repealing))
        return cls([articles[row].id for row in rows], numbered)

    @classmethod
    def join(cls, pieces: Iterable[Valid]) -> Valid:
        """Put several one after the other."""
        ids: list[str] = []
        found = []
        for piece in pieces:
            everything = np.ones(len(piece.ids), np.bool_)
            found.append(taken(piece.known, everything, len(ids)))
            ids += piece.ids
        return cls(ids, joined(found))

    def without(self, gone: Iterable[str]) -> Valid:
        """Leave out some articles."""
        left = {*gone}
        kept = np.array([one not in left for one in self.ids], np.bool_)
        held = taken(self.known, kept, 0)
        numbers = (np.cumsum(kept) - 1).astype(np.uint32)
        held = held._replace(rows=numbers.take(held.rows), repealing=numbers.take(held.repealing))
        return Valid([one for one in self.ids if one not in left], held)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of near-duplicates: its name, how many there are, and the stored facets that all of them have."""

    name: str
    ids: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Statistics:
    """Of a build: how many articles there are, the sums of their weighted lengths, and the rest."""

    documents: int
    words_length: int
    bigrams_length: int
    terms: Mapping[str, Terms]
    cites: Cites
    valid: Valid
    groups: tuple[Group, ...]

    def save(self, path: Path) -> None:
        """Write them to a new file, synced."""
        writer = ContainerWriter(path)
        try:
            for name in TERMS:
                for part, array in zip(("text", "offsets", "df"), self.terms[name].arrays(), strict=True):
                    writer.add(f"{name}_{part}", array)
            for name, array in self.cites._asdict().items():
                writer.add(f"cites_{name}", array)
            for name, array in self.valid.known._asdict().items():
                writer.add(f"validity_{name}", array)
            groups = [[group.name, group.ids, group.facets] for group in self.groups]
            rest = json.dumps({"groups": groups, "ids": self.valid.ids}).encode()
            writer.add("rest", np.frombuffer(rest, np.uint8))
            writer.close({name: getattr(self, name) for name in ("documents", "words_length", "bigrams_length")})
        finally:
            writer.abandon()

    @classmethod
    def load(cls, path: Path) -> Statistics:
        """Read what `save` wrote. Raises IndexDamaged."""
        container = Container(path)
        container.verify()
        arrays = container.arrays
        try:
            rest: dict[str, Any] = json.loads(arrays["rest"].tobytes())
            groups = [
                Group(name, tuple(ids), {key: tuple(values) for key, values in facets.items()})
                for name, ids, facets in rest["groups"]
            ]
            terms = {
                name: Terms(Strings(arrays[f"{name}_text"], arrays[f"{name}_offsets"]), arrays[f"{name}_df"])
                for name in TERMS
            }
            cites = Cites(*(arrays[f"cites_{name}"] for name in Cites._fields))
            known = Validities(*(arrays[f"validity_{name}"] for name in Validities._fields))
            valid = Valid(rest["ids"], known)
            return cls(**container.meta, terms=terms, cites=cites, valid=valid, groups=tuple(groups))
        except (KeyError, ValueError, TypeError) as error:
            raise IndexDamaged(f"{path} holds no statistics of this program") from error

    @cached_property
    def citations(self) -> Citations:
        """Who cites whom."""
        return Citations(np.stack([self.cites.cited, self.cites.by]))


class Counts:
    """Statistics in the making: of what is put in, less what is taken out."""

    def __init__(self, before: Statistics | None = None) -> None:
        self.documents = self.words_length = self.bigrams_length = 0
        self.terms: dict[str, Counter[str]] = {name: Counter() for name in TERMS}
        self._cites: list[Cites] = []
        self._valid: list[Valid] = []
        if before:
            self.documents, self.words_length = before.documents, before.words_length
            self.bigrams_length = before.bigrams_length
            for name, counts in self.terms.items():
                counts.update(dict(before.terms[name]))
            self._cites, self._valid = [before.cites], [before.valid]

    def add(self, other: Counts) -> None:
        """Put in what others hold."""
        self._add(other, 1)
        self._cites += other._cites
        self._valid += other._valid

    def take_out(self, other: Counts, ids: Iterable[str]) -> None:
        """Take out what others hold: the articles of these ids."""
        gone = [*ids]
        self._add(other, -1)
        self._cites = [Cites.join(self._cites).without(gone)]
        self._valid = [Valid.join(self._valid).without(gone)]

    def note(self, cites: Cites, valid: Valid) -> None:
        """Put in what some articles cite, and what is known of their validity."""
        self._cites.append(cites)
        self._valid.append(valid)

    @property
    def valid(self) -> Valid:
        """What is known of the validity of all articles."""
        return Valid.join(self._valid)

    def finished(self, groups: Sequence[Group]) -> Statistics:
        """Return the statistics of a build with these groups."""
        return Statistics(
            self.documents,
            self.words_length,
            self.bigrams_length,
            {name: Terms.of(counts) for name, counts in self.terms.items()},
            Cites.join(self._cites),
            self.valid,
            tuple(groups),
        )

    def _add(self, other: Counts, sign: int) -> None:
        self.documents += sign * other.documents
        self.words_length += sign * other.words_length
        self.bigrams_length += sign * other.bigrams_length
        for name, counts in self.terms.items():
            (counts.update if sign > 0 else counts.subtract)(other.terms[name])
