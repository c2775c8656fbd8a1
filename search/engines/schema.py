"""What an index holds, as data. Engines turn `FIELDS` into their own schema; nothing here knows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..facets import FACETS

SCHEMA_VERSION = 4
"""Raise it whenever an index written before can no longer be read or would answer differently.

1: words, bigrams with positions, facet ordinals, dates; stored articles in compressed blocks.
2: groups of near-duplicates beside the segments.
3: which way each title looks that is about care elsewhere.
4: which work each article is of, and which it cites.
"""

FieldKind = Literal["key", "words", "bigrams", "facet", "date", "stored"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index.

    `words` and `bigrams` are composite: title, headings and body together, with weighted frequencies. `multi` tells
    whether an article may have several values, `stored` whether the value comes back with the article.
    """

    name: str
    kind: FieldKind
    stored: bool = True
    multi: bool = False


FIELDS: tuple[Field, ...] = (
    Field("id", "key"),
    Field("words", "words", stored=False),
    Field("bigrams", "bigrams", stored=False),
    *(Field(facet.key, "facet", multi=True) for facet in FACETS),
    Field("date", "date"),
    *(Field(name, "stored") for name in ("kind", "title", "text", "source", "url", "path", "sections", "evidence")),
)
