"""A hash that is the same in every process and on every machine, for what is kept in an index."""

from __future__ import annotations

from hashlib import blake2b


def hash64(*parts: str) -> int:
    """Return the 64 bits (BLAKE2b) of texts, as if they were one; lone surrogates count."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest(), "little")
