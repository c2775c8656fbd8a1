"""Requests to a cluster, each answered whole or not at all. The only importer of opensearchpy.

Whatever keeps a cluster from answering (no connection, too slow, shards missing, too busy) is `EngineUnavailable`:
never fewer results, never none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opensearchpy import Transport, Urllib3HttpConnection
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConflictError,
    NotFoundError,
    OpenSearchException,
    TransportError,
)

from ...errors import EngineUnavailable
from .address import Address

Body = Mapping[str, Any]
Answer = dict[str, Any]

RETRIES = 3
"""How often a request goes to another host when one does not answer."""
SLOW = 600.0
"""Seconds for what takes long by its nature: merging segments, waiting for copies."""
_BULK_BYTES = 8 << 20
_TOO_MANY = 429
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Conflict(EngineUnavailable):
    """Somebody else changed the document meanwhile."""


class Missing(EngineUnavailable):
    """There is no such index or document."""


class Cluster:
    """A cluster at an address. Thread-safe, and good after a fork: the new process opens connections of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._transport: Transport | None = None
        self._process = 0

    def request(self, method: str, path: str, body: object = None, *, timeout: float = 0, **params: object) -> Any:
        """Return the answer to a request. Raises EngineUnavailable, Conflict (409), Missing (404)."""
        data = body if body is None or isinstance(body, bytes) else _encoded(body)
        given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        try:
            return self._connected().perform_request(
                method,
                path,
                params=given or None,
                body=data,
                timeout=timeout or self.address.timeout,
                headers=headers,
            )
        except NotFoundError as error:
            raise Missing(f"{self.address}: {path} is there no more") from error
        except ConflictError as error:
            raise Conflict(f"{self.address}: somebody else changed {path} meanwhile") from error
        except OpenSearchException as error:
            raise EngineUnavailable(f"{self.address}: {_reason(error)}") from error

    def search(self, index: str, body: Body) -> Answer:
        """Return the answer of all shards of an index. Raises EngineUnavailable if one of them is missing."""
        found = self.request("POST", f"/{index}/_search", body, allow_partial_search_results=False)
        return self._whole(found)

    def search_many(self, index: str, bodies: Sequence[Body]) -> list[Answer]:
        """Return the answers to several searches, in one request."""
        if not bodies:
            return []
        if len(bodies) == 1:
            return [self.search(index, bodies[0])]
        head = _encoded({"index": index, "allow_partial_search_results": False})
        lines = b"".join(part for body in bodies for part in (head, b"\n", _encoded(body), b"\n"))
        found = self.request("POST", "/_msearch", lines)
        answers = [self._whole(one) for one in found["responses"]]
        if len(answers) != len(bodies):
            raise EngineUnavailable(f"{self.address}: it answered {len(answers)} of {len(bodies)} searches")
        return answers

    def documents(self, index: str, keys: Sequence[str]) -> list[Answer]:
        """Return what is stored of those of some documents that there are, in the order asked for."""
        found = self.request("POST", f"/{index}/_mget", {"ids": list(keys)}, realtime=False)["docs"]
        if errors := [one["error"] for one in found if "error" in one]:
            raise EngineUnavailable(f"{self.address}: {_cause(errors[0])}")
        return [one["_source"] for one in found if one["found"]]

    def bulk(self, index: str, lines: Iterable[bytes]) -> None:
        """Send operations: each an action and its document, in lines of JSON. Raises EngineUnavailable for any lost."""
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
        found = self.request("POST", f"/{index}/_bulk", b"".join(operations), timeout=SLOW)
        if found["errors"]:
            failed = [
                (one["status"], one["error"]) for item in found["items"] for one in item.values() if "error" in one
            ]
            if failed:
                status, error = failed[0]
                reason = "it is too busy" if status == _TOO_MANY else error.get("reason", "")
                raise EngineUnavailable(f"{self.address} did not take {len(failed)} documents: {reason}")

    def _whole(self, found: Answer) -> Answer:
        if "error" in found:
            status = found.get("status")
            if status == 404:
                raise EngineUnavailable(f"{self.address}: the build is there no more")
            raise EngineUnavailable(f"{self.address}: {_cause(found['error'])}")
        shards = found["_shards"]
        if found["timed_out"] or shards["successful"] != shards["total"] or shards["failed"]:
            told = f"{shards['successful']} of {shards['total']} shards answered"
            raise EngineUnavailable(f"{self.address}: {told}")
        return found

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
            self._transport = Transport(hosts, connection_class=kind, max_retries=retries, pool_maxsize=16, **options)
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
    if isinstance(error, (AuthenticationException, AuthorizationException)):
        return "it does not let this user in, or not to this index"
    if isinstance(error, TransportError):
        if error.status_code == "TIMEOUT":
            return "it did not answer in time"
        if not isinstance(error.status_code, int):
            return "there is no connection to any of its hosts"
        if error.status_code == _TOO_MANY:
            return "it is too busy"
        info = error.info
        return _cause(info["error"]) if isinstance(info, dict) and "error" in info else f"status {error.status_code}"
    return type(error).__name__


def _cause(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    causes = error.get("root_cause") or [error]
    return str(causes[0].get("reason") or causes[0].get("type") or error.get("reason") or "an error without a reason")
