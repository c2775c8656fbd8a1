"""The Whoosh engine: a Whoosh index whose segments are memory-mapped arrays. The only importer of whoosh.

Carries out the plans of `search.retrieval` over posting lists and columns; must not know why they are as they are.
"""

from __future__ import annotations

from .changes import write_changes
from .collapse import write_groups
from .engine import WhooshEngine
from .index import WhooshIndex, index_at
from .verification import verify
from .writer import write_index

__all__ = ["WhooshEngine", "WhooshIndex", "index_at", "verify", "write_changes", "write_groups", "write_index"]
