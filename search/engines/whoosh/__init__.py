"""The Whoosh engine: a Whoosh index whose segments are memory-mapped arrays. The only importer of whoosh."""

from __future__ import annotations

from .changes import write_changes
from .engine import WhooshEngine
from .verify import verify
from .writer import write_index

__all__ = ["WhooshEngine", "verify", "write_changes", "write_index"]
