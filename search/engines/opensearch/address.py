"""The address of an index in a cluster, read: `opensearch://user:password@host:port,host:port/prefix?tls=yes&…`.

The password is in no text that this module makes, and in no message of an error.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from ...errors import EngineUnknown

SCHEME = "opensearch"
EXAMPLE = "opensearch://host:9200,host:9200/yibao"
DEFAULT_PORT = 9200
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_MOST_PORTS = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster is and what its indexes are called: `prefix`, a hyphen and more.

    `timeout` is in seconds, `shards` and `replicas` are of each build. `ca` is a file of certificates, "" for those of
    the system.
    """

    hosts: tuple[tuple[str, int], ...]
    prefix: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca: str = ""
    timeout: float = 10.0
    shards: int = 3
    replicas: int = 1

    def __str__(self) -> str:
        """Return the address without user and password."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{SCHEME}://{hosts}/{self.prefix}"


def read_address(address: str) -> Address:
    """Return what an address says. Raises EngineUnknown with a plain reason.

    Options: `tls=yes`, `ca=FILE`, `credentials=FILE` (one line `user:password`, for a password that is to stand in no
    address), `timeout=SECONDS`, `shards=N`, `replicas=N`.
    """
    rest = address.removeprefix(f"{SCHEME}://")
    place, _, options = rest.partition("?")
    credentials, _, place = place.rpartition("@")
    hosts, _, prefix = place.partition("/")
    if not _PREFIX.fullmatch(prefix):
        raise _wrong("the name of the index must be small letters, digits, - and _")
    user, _, password = (unquote(part) for part in credentials.partition(":"))
    given = _options(options)
    if "credentials" in given:
        if user:
            raise _wrong("credentials stand in it and in a file")
        user, password = _read_credentials(given["credentials"])
    return Address(
        hosts=tuple(map(_host, hosts.split(","))),
        prefix=prefix,
        user=user,
        password=password,
        tls=_flag(given.get("tls", "yes" if "ca" in given else "no")),
        ca=_certificates(given.get("ca", "")),
        timeout=_number(given, "timeout", 10, 1, 600),
        shards=_number(given, "shards", 3, 1, 1024),
        replicas=_number(given, "replicas", 1, 0, 16),
    )


def _wrong(reason: str) -> EngineUnknown:
    return EngineUnknown(f"the address of the cluster cannot be read: {reason} (like {EXAMPLE})")


def _options(text: str) -> Mapping[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    known = {"tls", "ca", "credentials", "timeout", "shards", "replicas"}
    if unknown := sorted({name for name, _ in pairs} - known):
        raise _wrong(f"there is no option {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return dict(pairs)


def _host(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2] or DEFAULT_PORT) if found else 0
    if not found or not 0 < port <= _MOST_PORTS:
        raise _wrong("it names no host, or no port that there is")
    return found[1], port


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise _wrong("tls is yes or no")
    return _FLAGS[text]


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise _wrong(f"{name} is a number from {least} to {most}")
    return int(text)


def _certificates(path: str) -> str:
    """Return the path of a file that holds certificates; "" is none."""
    try:
        if path:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except OSError as error:
        reason = "there are none in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise _wrong(f"the file of certificates cannot be read: {reason}") from None
    return path


def _read_credentials(path: str) -> tuple[str, str]:
    try:
        line = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise _wrong(f"the file of credentials cannot be read: {reason}") from None
    user, separator, password = line.partition(":")
    if not separator or not user or "\n" in line:
        raise _wrong("the file of credentials must hold one line, user:password")
    return user, password
