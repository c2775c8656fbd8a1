"""Which refusals of a cluster pass: a node or a copy of a shard was lost while it was asked, and others have the same.

Knows the forms of its errors, and must not know how it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LOST = frozenset(
    {
        "already_closed_exception",
        "connect_transport_exception",
        "engine_closed_exception",
        "illegal_index_shard_state_exception",
        "index_shard_closed_exception",
        "index_shard_not_started_exception",
        "index_shard_recovering_exception",
        "no_shard_available_action_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
        "search_context_missing_exception",
        "send_request_transport_exception",
        "shard_not_found_exception",
        "shard_not_in_primary_mode_exception",
    }
)
"""Types of errors that say so. For a query the cluster asks another copy by itself; not for the hits that one found."""
_AWAY = (502, 503, 504)
"""Statuses by which a cluster, or a proxy before it, says that somebody is missing."""
_REFUSED = (400, 401, 403, 409, 429)
"""Statuses of what is refused for itself, or because there are too many: one more makes that no better."""


def passes(status: object, error: object) -> bool:
    """Tell whether a question that was answered by this error may be answered when it is asked again.

    `status` is that of HTTP, None where an error came without one.
    """
    if status in _REFUSED:
        return False
    return status in _AWAY or not LOST.isdisjoint(_types(error))


def shards_pass(shards: Mapping[str, Any]) -> bool:
    """Tell the same of an answer of which shards are missing. Those that are missing without a reason had no copy."""
    failures = shards.get("failures")
    return passes(None, failures) if failures else True


def _types(error: object) -> Iterator[str]:
    """Yield the types of an error and of all that caused it, wherever they stand."""
    parts = [error]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if isinstance(kind := part.get("type"), str):
                yield kind
            parts += part.values()
        elif isinstance(part, list):
            parts += part
