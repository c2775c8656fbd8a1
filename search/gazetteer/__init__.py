"""The places of China: provinces, cities and counties, by any of their names, and where a text names them.

Knows divisions and the ways in which a text speaks of them; must not know articles, facets, queries or any index.
"""

from __future__ import annotations

from .divisions import DIVISIONS, Gazetteer, Level, Unit, gazetteer, is_value
from .finding import find_places

__all__ = ["DIVISIONS", "Gazetteer", "Level", "Unit", "find_places", "gazetteer", "is_value"]
