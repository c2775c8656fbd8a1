"""The Whoosh engine: a Whoosh index whose segments are memory-mapped arrays. The only importer of whoosh."""

from __future__ import annotations

from .changes import write_changes
from .collapse import write_groups
from .engine import WhooshEngine
from .verify import verify
from .writer import spill_batch, write_batches, write_index

__all__ = ["WhooshEngine", "spill_batch", "verify", "write_batches", "write_changes", "write_groups", "write_index"]
