"""Requests to a cluster, each answered whole or not at all. The only importer of opensearchpy.

Whatever keeps a cluster from answering (no connection, too slow, shards missing, too busy) is `EngineUnavailable`:
never fewer results, never none. What only asks is asked again where a node was lost meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from opensearchpy import Transport, Urllib3HttpConnection
from opensearchpy.exceptions import (
    ConflictError,
    NotFoundError,
    OpenSearchException,
    SSLError,
    TransportError,
)
from urllib3 import Timeout

from ...errors import EngineUnavailable
from .address import Address
from .losses import passes, shards_pass

Body = Mapping[str, Any]
Answer = dict[str, Any]
Found = TypeVar("Found")

RETRIES = 3
"""How often a request goes to another host when there is no connection to one."""
CONNECTING = 2.0
"""Seconds after which a host that says nothing at all (it has no power, say) is given up for another one."""
PAUSES = (0.0, 0.1, 0.5)
"""Seconds to wait before asking again: mostly another copy answers at once; a shard that moves needs a moment."""
SLOW = 600.0
"""Seconds for what takes long by its nature: merging segments, waiting for copies."""
WRITTEN = "-written"
"""What the name by which an index is written adds to its own."""
_BULK_BYTES = 8 << 20
NOT_TRUSTED = "its certificate is not trusted, or is of another host (ca=FILE says which are)"
NO_TLS = "it does not answer in TLS (tls=no asks without)"
_NOT_LET_IN = "it does not let this user in, or not to this index"
_TOO_MANY = 429
_BUSY = "it is too busy"
_STATUSES = {401: _NOT_LET_IN, 403: _NOT_LET_IN, _TOO_MANY: _BUSY}
_WITHOUT_STATUS = {"TIMEOUT": "it did not answer in time"}
_log = logging.getLogger(__name__)
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Conflict(EngineUnavailable):
    """Somebody else changed the document meanwhile."""


class Missing(EngineUnavailable):
    """There is no such index or document."""


class Lost(EngineUnavailable):
    """A node or a copy of a shard was lost meanwhile: asked again, it may answer."""


class Cluster:
    """A cluster at an address. Thread-safe, and good after a fork: the new process opens connections of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._transport: Transport | None = None
        self._process = 0

    def request(self, method: str, path: str, body: object = None, *, timeout: float = 0, **params: object) -> Any:
        """Return the answer to a request. Raises EngineUnavailable, Conflict (409), Missing (404).

        GET is asked again as long as `timeout` (seconds; 0: that of the address) lets it. What changes something is
        sent again where its connection was lost only, since all that is sent here may arrive twice.
        """
        allowed = timeout or self.address.timeout

        def once(seconds: float) -> Any:
            return self._once(method, path, body, params, seconds)

        return self._asked(once, allowed) if method == "GET" else once(allowed)

    def search(self, index: str, body: Body) -> Answer:
        """Return the answer of all shards of an index. Raises EngineUnavailable if one of them is missing."""
        return self._read(f"/{index}/_search", body, self._whole, allow_partial_search_results=False)

    def search_many(self, index: str, bodies: Sequence[Body]) -> list[Answer]:
        """Return the answers to several searches, in one request."""
        if not bodies:
            return []
        if len(bodies) == 1:
            return [self.search(index, bodies[0])]
        head = _encoded({"index": index, "allow_partial_search_results": False})
        lines = b"".join(part for body in bodies for part in (head, b"\n", _encoded(body), b"\n"))

        def whole(found: Answer) -> list[Answer]:
            answers = [self._whole(one) for one in found["responses"]]
            if len(answers) != len(bodies):
                raise EngineUnavailable(f"{self.address}: it answered {len(answers)} of {len(bodies)} searches")
            return answers

        return self._read("/_msearch", lines, whole)

    def documents(self, index: str, keys: Sequence[str]) -> list[Answer]:
        """Return what is stored of those of some documents that there are, in the order asked for."""

        def whole(found: Answer) -> list[Answer]:
            for error in [one["error"] for one in found["docs"] if "error" in one]:
                raise self._failure(None, error)
            return [one["_source"] for one in found["docs"] if one["found"]]

        return self._read(f"/{index}/_mget", {"ids": list(keys)}, whole, realtime=False)

    def create(self, index: str, body: Body, like: str = "") -> None:
        """Make an index: a new one, or a clone of a finished one that `like` names."""
        # The alias goes with its index, so that what is sent to an index that was removed makes no new one.
        named = {**body, "aliases": {index + WRITTEN: {}}}
        self.request("PUT", f"/{like}/_clone/{index}" if like else f"/{index}", named, timeout=SLOW)

    def put(self, index: str, key: str, document: Body, **versions: Any) -> Answer:
        """Keep a document in an index that `create` made. Raises Missing if that is gone; Conflict."""
        path = f"/{index}{WRITTEN}/_doc/{quote(key, safe='')}"
        found: Answer = self.request("PUT", path, document, require_alias=True, **versions)
        return found

    def bulk(self, index: str, lines: Iterable[bytes]) -> None:
        """Send operations: each an action and its document, in lines of JSON. Raises EngineUnavailable for any lost,
        Missing if the index, which `create` made, is gone.
        """
        waiting: list[bytes] = []
        size = 0
        for operation in lines:
            waiting.append(operation)
            size += len(operation)
            if size >= _BULK_BYTES:
                self._send(index, waiting)
                waiting, size = [], 0
        if waiting:
            self._send(index, waiting)

    def close(self) -> None:
        """Close the connections of this process."""
        transport, self._transport = self._transport, None
        if transport:
            transport.close()

    def _send(self, index: str, operations: Sequence[bytes]) -> None:
        lines = b"".join(operations)
        found = self.request("POST", f"/{index}{WRITTEN}/_bulk", lines, timeout=SLOW, require_alias=True)
        if found["errors"]:
            failed = [
                (one["status"], one["error"]) for item in found["items"] for one in item.values() if "error" in one
            ]
            if failed:
                status, error = failed[0]
                if status == 404:
                    raise Missing(f"{self.address}: /{index} is there no more")
                reason = _BUSY if status == _TOO_MANY else error.get("reason", "")
                raise EngineUnavailable(f"{self.address} did not take {len(failed)} documents: {reason}")

    def _read(self, path: str, body: object, whole: Callable[[Answer], Found], **params: object) -> Found:
        """Return what `whole` makes of the answer to a POST that only asks; it raises Lost to have it asked again."""
        return self._asked(lambda seconds: whole(self._once("POST", path, body, params, seconds)), self.address.timeout)

    def _asked(self, ask: Callable[[float], Found], allowed: float) -> Found:
        """Return what is answered: asked again, some times and within so many seconds, while what it needs is lost.

        `ask` takes how many seconds are left.
        """
        until = time.monotonic() + allowed
        left = allowed
        for pause in PAUSES:
            try:
                return ask(left)
            except Lost as lost:
                left = until - time.monotonic() - pause
                if left <= 0:
                    raise
                _log.info("%s: it is asked again", lost)
            time.sleep(pause)
        return ask(left)

    def _once(self, method: str, path: str, body: object, params: Mapping[str, object], seconds: float) -> Any:
        """Return the answer of the first host to which there is a connection."""
        data = body if body is None or isinstance(body, bytes) else _encoded(body)
        given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        timeout: Any = Timeout(connect=min(CONNECTING, seconds), read=seconds)
        try:
            return self._connected().perform_request(
                method, path, params=given or None, body=data, timeout=timeout, headers=headers
            )
        except OpenSearchException as error:
            if isinstance(error, TransportError) and passes(error.status_code, _told(error)):
                raise Lost(f"{self.address}: {_reason(error)}") from error
            if isinstance(error, NotFoundError):
                raise Missing(f"{self.address}: {path} is there no more") from error
            if isinstance(error, ConflictError):
                raise Conflict(f"{self.address}: somebody else changed {path} meanwhile") from error
            raise EngineUnavailable(f"{self.address}: {_reason(error)}") from error

    def _whole(self, found: Answer) -> Answer:
        if "error" in found:
            raise self._failure(found.get("status"), found["error"])
        shards = found["_shards"]
        if found["timed_out"] or shards["successful"] != shards["total"] or shards["failed"]:
            kind = Lost if shards_pass(shards) and not found["timed_out"] else EngineUnavailable
            raise kind(f"{self.address}: {shards['successful']} of {shards['total']} shards answered")
        return found

    def _failure(self, status: object, error: object) -> EngineUnavailable:
        """Return what is to be raised for an error among answers."""
        if passes(status, error):
            return Lost(f"{self.address}: {_cause(error)}")
        gone = status == 404
        return EngineUnavailable(f"{self.address}: {'the build is there no more' if gone else _cause(error)}")

    def _connected(self) -> Transport:
        """Return the connections of this very process."""
        if self._transport is None or self._process != os.getpid():
            address = self.address
            hosts = [{"host": host.strip("[]"), "port": port, "use_ssl": address.tls} for host, port in address.hosts]
            options: dict[str, Any] = {"http_auth": (address.user, address.password)} if address.user else {}
            if address.tls:
                options |= {"verify_certs": True, "ca_certs": address.ca or None}
            retries = max(RETRIES, len(hosts))
            kind = Urllib3HttpConnection
            # Which statuses are asked again is told here (`losses`), and never of what changes something.
            options |= {"max_retries": retries, "retry_on_status": ()}
            self._transport = Transport(hosts, connection_class=kind, pool_maxsize=16, **options)
            self._process = os.getpid()
        return self._transport


def line(action: Body, document: bytes = b"") -> bytes:
    """Return an operation for `Cluster.bulk`; `document` is JSON without line feeds."""
    return _encoded(action) + b"\n" + (document + b"\n" if document else b"")


def _encoded(body: object) -> bytes:
    # Lone surrogates are in no index; what asks for them is to find nothing, not to fail.
    return _to_json(body).encode("utf-8", "replace")


def _reason(error: OpenSearchException) -> str:
    """Return why a cluster does not answer, without what was asked of it."""
    if isinstance(error, SSLError):
        return NOT_TRUSTED if "CERTIFICATE_VERIFY_FAILED" in str(error) else NO_TLS
    if not isinstance(error, TransportError):
        return type(error).__name__
    if not isinstance(error.status_code, int):
        return _WITHOUT_STATUS.get(error.status_code, "there is no connection to any of its hosts")
    told = _told(error)
    return _STATUSES.get(error.status_code) or (_cause(told) if told else f"status {error.status_code}")


def _told(error: TransportError) -> object:
    """Return what a cluster said of an error, None if it said nothing of the form that it has."""
    return error.info.get("error") if isinstance(error.info, dict) else None


def _cause(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    causes = error.get("root_cause") or [error]
    return str(causes[0].get("reason") or causes[0].get("type") or error.get("reason") or "an error without a reason")
