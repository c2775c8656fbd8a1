"""The facets that come with the program, in the order in which they are shown: a module each, and a line here."""

from __future__ import annotations

from .city import CITY
from .collection import Facets
from .insurance import INSURANCE
from .province import PROVINCE
from .status import STATUS
from .topic import TOPIC

FACETS = Facets((PROVINCE, CITY, INSURANCE, TOPIC, STATUS))
FACET_KEYS = FACETS.keys
resolve, label, values = FACETS.resolve, FACETS.label, FACETS.values
