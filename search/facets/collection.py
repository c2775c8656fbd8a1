"""Facets together: the ones that a build has, in the order in which they are shown, each by its key."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path

from ..errors import UserError
from ..messages import message
from ..model import Named
from .facet import Facet
from .field_map import FieldMap

MOST = 24
"""More facets than anybody reads; a row of the manifest has a bit for each."""
_ROOMS = (Path(__file__).parent, Path(__file__).parents[1] / "gazetteer")
_RULE_SUFFIXES = (".py", ".tsv", ".toml", ".txt")


@dataclass(frozen=True, slots=True, eq=False)
class Facets:
    """An ordered collection of facets; iterating yields them. Raises ValueError for keys that do not fit together.

    `fields` says by which other names records state facets and the rest. It matters while records are read, so it is
    not among the `declarations` that a build keeps.
    """

    declared: tuple[Facet, ...]
    fields: FieldMap = field(default_factory=FieldMap)

    def __post_init__(self) -> None:
        if len(self.declared) > MOST:
            raise ValueError(f"more than {MOST} facets")
        before: set[str] = set()
        for facet in self.declared:
            if facet.key in before:
                raise ValueError(f"two facets have the key {facet.key}")
            if facet.parent and facet.parent not in before:
                raise ValueError(f"facet {facet.key}: no facet {facet.parent} stands before it")
            before.add(facet.key)

    def __iter__(self) -> Iterator[Facet]:
        return iter(self.declared)

    def __len__(self) -> int:
        return len(self.declared)

    def __getitem__(self, key: str) -> Facet:
        for facet in self.declared:
            if facet.key == key:
                return facet
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return key in self.keys

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in order."""
        return tuple(facet.key for facet in self.declared)

    @property
    def places(self) -> tuple[Facet, ...]:
        """The facets whose values are places, the wider first."""
        return tuple(facet for facet in self.declared if facet.place)

    @property
    def stored(self) -> Facets:
        """The facets that articles have when they are indexed: all but the derived ones."""
        return _stored(self)

    @property
    def recognised(self) -> tuple[Facet, ...]:
        """The other facets of which a query's words can name values."""
        return tuple(facet for facet in self.declared if facet.recognise and not facet.place)

    def with_(self, *facets: Facet) -> Facets:
        """Return these facets and others behind them."""
        return Facets((*self.declared, *facets), self.fields)

    def children(self, key: str) -> tuple[Facet, ...]:
        """Return the facets whose values lie inside those of the facet `key`."""
        return tuple(facet for facet in self.declared if facet.parent == key)

    def resolve(self, facet_key: str, raw: str) -> str:
        """Return the official value that `raw` names: official or short name, alias, 6-digit code, or `UNSTATED`.

        A county-level name or code lifts to its city (龙口市 → 烟台市). Raises UserError (`field` is the facet key)
        when the name is unknown or could be several, or there is no such facet.
        """
        if facet_key not in self:
            raise UserError(facet_key, message("unknown-facet", key=facet_key), f"unknown facet {facet_key!r}")
        return self[facet_key].resolve(raw)

    def label(self, facet_key: str, value: str) -> str:
        """Return the short label of an official value (黑龙江省 → 黑龙江); other values come back as they are."""
        return self[facet_key].label_of(value) if facet_key in self else value

    def values(self, facet_key: str) -> tuple[str, ...]:
        """Return every official value of a facet in canonical order (`UNSTATED` is none); none where any will do.

        KeyError for an unknown facet.
        """
        return self[facet_key].values

    def parent_of(self, facet_key: str, value: str) -> str:
        """Return the value of the parent facet that contains `value`. KeyError where nothing does."""
        return self[facet_key].parent_of(value)

    def find_places(self, folded: str) -> tuple[Named, ...]:
        """Return the places that a folded query names, in order."""
        return self._named(folded, self.places)

    def find_values(self, masked: str) -> tuple[Named, ...]:
        """Return the other values that a folded query names, its places overwritten by 〇; facet by facet."""
        return self._named(masked, self.recognised)

    def _named(self, folded: str, facets: Iterable[Facet]) -> tuple[Named, ...]:
        rules = dict.fromkeys(facet.recognise for facet in facets if facet.recognise)
        return tuple(named for recognise in rules for named in recognise(folded) if named.facet in self)

    def identity(self) -> str:
        """Return 16 hexadecimal digits over all that decides which values an article gets: declarations and rules."""
        return _identity(self)


@lru_cache(maxsize=8)
def _stored(facets: Facets) -> Facets:
    kept = tuple(facet for facet in facets if not facet.derived)
    return facets if len(kept) == len(facets) else Facets(kept, facets.fields)


@lru_cache(maxsize=8)
def _identity(facets: Facets) -> str:
    digest = hashlib.blake2b(digest_size=8)
    files = {path for room in _ROOMS for path in room.rglob("*") if path.suffix in _RULE_SUFFIXES}
    for facet in facets:
        said = [(each.name, getattr(facet, each.name)) for each in fields(facet)]
        digest.update(repr([(name, value) for name, value in said if not callable(value)]).encode() + b"\0")
        for rule in (value for _, value in said if callable(value)):
            digest.update(f"{rule.__module__}.{rule.__qualname__}".encode() + b"\0")
            files.add(Path(inspect.getfile(rule)))
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
