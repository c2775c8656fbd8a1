"""The OpenSearch engine: builds in the indexes of a cluster, which any number of servers ask. The only importer of
opensearchpy.

Carries out the plans of `search.retrieval` as queries; must not know why they are as they are.
"""

from __future__ import annotations

from .index import ClusterIndex, index_at

__all__ = ["ClusterIndex", "index_at"]
