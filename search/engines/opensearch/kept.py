"""Files that are kept in the cluster with a build: in pieces, with a checksum; fetched into a private folder here."""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...errors import IndexDamaged
from .cluster import Cluster, Missing, line

PIECE = 1 << 20
"""Bytes of a piece."""
_UNSAFE = frozenset("/\\\0")


class Kept:
    """What is kept in an index of its own, by name. Thread-safe."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._index = index

    def put(self, name: str, path: Path) -> None:
        """Keep a file."""
        _checked(name)
        digest = hashlib.blake2b(digest_size=32)
        pieces = size = 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                content = b'{"data":"' + base64.b64encode(piece) + b'"}'
                self._cluster.bulk(self._index, [line({"index": {"_id": f"{name}/{pieces}"}}, content)])
                pieces += 1
                size += len(piece)
        self.tell(f"{name}/", {"pieces": pieces, "bytes": size, "blake2b": digest.hexdigest()})

    def fetch(self, name: str, path: Path) -> bool:
        """Write a file that is kept; tell whether there is one. Raises IndexDamaged if it is not whole."""
        about = self.told(f"{_checked(name)}/")
        if about is None:
            return False
        digest = hashlib.blake2b(digest_size=32)
        with path.open("xb") as file:
            for number in range(about["pieces"]):
                told = self.told(f"{name}/{number}")
                piece = base64.b64decode(told["data"]) if told else b""
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != about["blake2b"]:
            path.unlink()
            raise IndexDamaged(f"{name} of the build is not what was kept in {self._index}")
        return True

    def tell(self, key: str, content: Mapping[str, Any]) -> None:
        """Keep a small document."""
        self._cluster.put(self._index, key, content)

    def told(self, key: str) -> dict[str, Any] | None:
        """Return a small document, None if there is none."""
        try:
            found = self._cluster.request("GET", f"/{self._index}/_doc/{quote(key, safe='')}")
        except Missing:
            return None
        content: dict[str, Any] = found["_source"]
        return content


class Folder:
    """A private folder with the files of a build that were fetched; it goes with the last that holds it."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._known: dict[str, Path] = {}
        self.path = Path(tempfile.mkdtemp(prefix="yibao-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def file(self, name: str) -> Path:
        """Return a file, fetched when it is asked for first; there is none at its path if none is kept."""
        with self._lock:
            path = self.path / _checked(name)
            if name not in self._known and self._kept.fetch(name, path):
                self._known[name] = path
            return path


def _checked(name: str) -> str:
    if not name or name.startswith(".") or _UNSAFE & {*name}:
        raise ValueError(f"{name!r} is no name of a file")
    return name
