"""The facet of articles from sources that an operator trusts; only where there are such."""

from __future__ import annotations

from .facet import Facet

OFFICIAL = Facet("official", "来源性质")
OFFICIAL_VALUE = "官方"
