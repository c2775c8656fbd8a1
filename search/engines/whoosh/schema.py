"""The fields of the Whoosh index, as data: what Whoosh's own Searcher sees of a build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_STORED = ("kind", "title", "text", "source", "url", "path", "sections", "tables", "evidence")

FieldKind = Literal["key", "words", "bigrams", "facet", "date", "stored"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index.

    `words` and `bigrams` are composite: title, headings and body together, with weighted frequencies. `stored` tells
    whether the value comes back with the article.
    """

    name: str
    kind: FieldKind
    stored: bool = True


def fields_of(facet_keys: Iterable[str]) -> tuple[Field, ...]:
    """Return the fields of an index with these facets."""
    return (
        Field("id", "key"),
        Field("words", "words", stored=False),
        Field("bigrams", "bigrams", stored=False),
        *(Field(key, "facet") for key in facet_keys),
        Field("date", "date"),
        *(Field(name, "stored") for name in _STORED),
    )
