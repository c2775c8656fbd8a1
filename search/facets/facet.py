"""One facet, declared: what its values are called, what contains them, and how a text shows that it is about one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import UserError
from ..messages import message
from ..model import UNSTATED, Evidence, Named
from ..text.folding import fold
from .folded_article import FoldedArticle
from .vocabulary import ANY_VALUE, ListedValues, Vocabulary

Detect = Callable[[FoldedArticle], Iterable[Evidence]]
"""Article → evidence for values that it is about. May speak of several facets: a city brings its province."""
Recognise = Callable[[str], Iterable[Named]]
"""Folded query text → the values that it names, offsets into that text. May speak of several facets too."""

_KEY = re.compile("[a-z][a-z0-9_]*")
RESERVED = frozenset(
    (
        *("q", "from", "to", "sort", "page", "size", "collapse", "explain"),
        *("id", "kind", "title", "text", "date", "source", "url", "path", "sections", "tables", "evidence"),
        *("effective", "expires", "superseded_by", "repealed_by"),
        *("score", "snippets", "title_highlights", "why", "similar"),
        *("clauses", "places", "years", "document_numbers", "asks_amount", "direction", "notes"),
    )
)
"""Names that mean something else where a facet's key stands: in URLs, in records, in the JSON of a hit or a query."""


def _contained_in_nothing(value: str) -> str:
    raise KeyError(value)


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """A facet: its key in URLs and records, its label, its values, and how they are found.

    `parent` names the facet whose values contain this one's (province ⊃ city), `parent_of` tells which one does.
    `unstated` says whether articles without a value count under `model.UNSTATED`; `default` is the value of an article
    for which none is found. `place` says that values are places: a query's words about them are no words about the
    matter. `derived` ones depend on the day of the question: no source states them, and nothing of them is stored.
    Values in `order` are listed before others, in that order; those go by their counts. Functions must be importable by
    name, because articles are classified in other processes too.
    """

    key: str
    label: str
    vocabulary: Vocabulary = ANY_VALUE
    parent: str = ""
    parent_of: Callable[[str], str] = _contained_in_nothing
    unstated: bool = True
    default: str = ""
    place: bool = False
    derived: bool = False
    detect: Detect | None = None
    recognise: Recognise | None = None
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key) or self.key in RESERVED:
            raise ValueError(f"a facet cannot have the key {self.key!r}")
        if not self.label.isprintable() or not self.label:
            raise ValueError(f"facet {self.key}: {self.label!r} is no label")

    @property
    def values(self) -> tuple[str, ...]:
        """Every official value in canonical order, `UNSTATED` aside; none where any value will do."""
        return self.vocabulary.values

    def label_of(self, value: str) -> str:
        """Return the short label of an official value (黑龙江省 → 黑龙江); other values come back as they are."""
        return self.vocabulary.label_of(value)

    def resolve(self, raw: str) -> str:
        """Return the official value that `raw` names, or `UNSTATED`.

        Raises UserError (`field` is the key) when the name is unknown or could be several.
        """
        found = _meanings(self, raw)
        if len(found) == 1:
            return found[0]
        key, shown = self.key, raw.strip()[:20]
        if found:
            some = "、".join(found[:4])
            said = message("ambiguous-value", facet=self.label, value=shown, some=some)
            raise UserError(key, said, f"ambiguous {key} {shown!r}: {some}")
        raise UserError(key, message("unknown-value", facet=self.label, value=shown), f"unknown {key} {shown!r}")


def facet_of_field(
    key: str, label: str, values: Iterable[str] | None = None, aliases: Mapping[str, Iterable[str]] | None = None
) -> Facet:
    """Return the facet of a field that records and front matter state: nothing is detected.

    `values` are the official ones in canonical order, `aliases` other names of some of them; without `values` whatever
    the field holds is a value. Raises ValueError for a name with two meanings or a key that means something else.
    """
    if values is None:
        if aliases:
            raise ValueError(f"facet {key}: aliases of which values?")
        return Facet(key, label)
    return Facet(key, label, ListedValues.of(values, aliases or {}))


# Remembered, as thousands of records state the same ones.
@lru_cache(maxsize=1 << 14)
def _meanings(facet: Facet, raw: str) -> Sequence[str]:
    """The values that a name can mean."""
    if facet.unstated and fold(raw).strip() == UNSTATED:
        return (UNSTATED,)
    return facet.vocabulary.meanings(raw)
