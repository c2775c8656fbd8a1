"""The facets, declared once. URL, engine, API and page loop over `FACETS`; none names a facet by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet as readers see it.

    `parent` names the facet whose values contain this one's (province ⊃ city). `unstated` says whether articles
    without a value count under `model.UNSTATED`.
    """

    key: str
    label: str
    parent: str = ""
    unstated: bool = True


FACETS: tuple[Facet, ...] = (
    Facet("province", "省份"),
    Facet("city", "城市", parent="province"),
    Facet("insurance", "险种"),
    Facet("topic", "主题", unstated=False),
)
FACET_KEYS: tuple[str, ...] = tuple(facet.key for facet in FACETS)
