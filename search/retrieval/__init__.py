"""The product's judgement: what matches well enough, and what comes first.

Decides for every engine; must not know how one stores or finds anything.
"""

from __future__ import annotations

from .candidates import Candidates, Lookup, Ranked, Selection, Tally
from .matching import count, explain, holding, match

__all__ = ["Candidates", "Lookup", "Ranked", "Selection", "Tally", "count", "explain", "holding", "match"]
