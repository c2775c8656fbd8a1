"""The settings as frozen values, and what they make of facets and of the language of queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

from ..facets import OFFICIAL, OFFICIAL_VALUE, Facet, Facets, FieldMap
from ..text import Language, fold, is_key, read_group


@dataclass(frozen=True, slots=True)
class OwnFacet:
    """A facet that records state in one of `fields`, or under its key; values in `order` are listed first."""

    key: str
    label: str
    fields: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What decides what is stored of an article. `fields` are pairs: the name of a field, and its other names."""

    facets: tuple[OwnFacet, ...] = ()
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    trusted: tuple[str, ...] = ()

    def identity(self) -> str:
        """Return 16 hexadecimal digits, empty where nothing is set."""
        return _identity(self) if self != IndexSettings() else ""

    def facets_with(self, facets: Facets) -> Facets:
        """Return some facets and the own ones behind them, to be stated by these names.

        Raises ValueError for a key that two of them have.
        """
        if self == IndexSettings():
            return facets
        own = [Facet(each.key, each.label, order=each.order) for each in self.facets]
        if self.trusted:
            own.append(OFFICIAL)
        names = {**dict(self.fields), **{each.key: each.fields for each in self.facets if each.fields}}
        mark = (OFFICIAL.key, OFFICIAL_VALUE) if self.trusted else ("", "")
        return Facets((*facets, *own), FieldMap(names, frozenset(map(fold, self.trusted)), mark))


@dataclass(frozen=True, slots=True)
class Pin:
    """Articles (ids) that come first for any of these queries, which are compared folded."""

    queries: tuple[str, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Banner:
    """A line of text, with a link or "", above the results of queries that contain any of some words."""

    words: tuple[str, ...]
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Whose site it is: what header and footer say, each "" where the program's own words will do.

    `recent` lets browsers keep what was searched in them, to offer it again; nothing of it comes to the server.
    """

    name: str = ""
    body: str = ""
    hotline: str = ""
    hotline_name: str = ""
    icp: str = ""
    police: str = ""
    recent: bool = False


@dataclass(frozen=True)
class QuerySettings:
    """What acts on questions and pages only. `synonyms` are groups as in search/text/synonyms.txt."""

    words: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    banners: tuple[Banner, ...] = ()
    site: Site = field(default_factory=Site)

    def identity(self) -> str:
        """Return 16 hexadecimal digits, empty where nothing is set."""
        return _identity(self) if self != QuerySettings() else ""

    @cached_property
    def language(self) -> Language:
        """The words and synonyms, for cutting and widening what is typed: what has synonyms is a word."""
        grouped = (word for group in self.synonyms for word, _, _ in read_group(group, 1.0) if not is_key(word))
        return Language(tuple(dict.fromkeys((*self.words, *grouped))), self.synonyms)

    def pinned(self, text: str) -> tuple[str, ...]:
        """Return the ids of the articles that come first for this very text, in order."""
        return self._pinned.get(same(text), ()) if self.pins else ()

    def banners_for(self, text: str) -> tuple[Banner, ...]:
        """Return the banners of which the text contains a word, in order."""
        asked = same(text)
        return tuple(banner for words, banner in self._banners if any(word in asked for word in words))

    @cached_property
    def _pinned(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for pin in self.pins:
            for query in dict.fromkeys(map(same, pin.queries)):
                found[query] = tuple(dict.fromkeys((*found.get(query, ()), *pin.articles)))
        return found

    @cached_property
    def _banners(self) -> list[tuple[list[str], Banner]]:
        return [([*map(same, banner.words)], banner) for banner in self.banners]


@dataclass(frozen=True, slots=True)
class Settings:
    """Both parts, the `text` of the file that said them, and names of fields that were said beside it (`--map`)."""

    index: IndexSettings = field(default_factory=IndexSettings)
    query: QuerySettings = field(default_factory=QuerySettings)
    text: str = ""
    beside: tuple[tuple[str, str], ...] = ()

    def with_fields(self, names: Mapping[str, str]) -> Settings:
        """Return the settings with another name of some fields (field → name), which goes before those of the file."""
        fields = dict(self.index.fields)
        for one, name in names.items():
            fields[one] = tuple(dict.fromkeys((name, *fields.get(one, ()))))
        return replace(self, index=replace(self.index, fields=tuple(fields.items())), beside=tuple(names.items()))


NO_SETTINGS = Settings()


def same(text: str) -> str:
    """Return what two texts have in common that ask the same: folded characters, single blanks."""
    return " ".join(fold(text).split())


def _identity(part: IndexSettings | QuerySettings) -> str:
    told = json.dumps(asdict(part), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
