"""By which other names records state their fields, and which sources are trusted: what an operator says of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..text.folding import fold


@dataclass(frozen=True, slots=True)
class FieldMap:
    """`names` maps a field of a record (`text`, or the key of a facet) to other names it may have, best first.

    Articles whose source is one of `trusted` (folded) carry the value `mark[1]` of the facet `mark[0]`, and no others
    do: what a record itself states there is not believed.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trusted: frozenset[str] = frozenset()
    mark: tuple[str, str] = ("", "")

    def renamed(self, raw: Mapping[str, object]) -> Mapping[str, object]:
        """Return the fields of a record by their own names. What the map says goes before what is stated under them."""
        if not self.names:
            return raw
        found = {
            own: raw[other]
            for own, others in self.names.items()
            for other in [next((name for name in others if raw.get(name) not in _NOTHING), None)]
            if other is not None
        }
        return {**raw, **found} if found else raw

    def knows(self, name: str) -> bool:
        """Tell whether a field of this name is another one by another name."""
        return any(name in others for others in self.names.values())

    def marked(self, values: Mapping[str, tuple[str, ...]], source: str) -> Mapping[str, tuple[str, ...]]:
        """Return stated facet values with the mark of a trusted source, or without it."""
        key, value = self.mark
        if not key:
            return values
        return {**values, key: (value,) if fold(source).strip() in self.trusted else ()}


_NOTHING = (None, "")
