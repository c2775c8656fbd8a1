"""Who a client is, by its address, and how much each may ask for."""

from __future__ import annotations

import ipaddress
import math
import mmap
import os
import struct
import time
from collections.abc import Callable, Collection
from hashlib import blake2b

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

BURST = 5
"""Seconds' worth of requests that a client may send at once: a page that opens, a text that is typed fast."""
_SLOTS = 1 << 16
"""Clients that are told apart at a time, in 1 MB."""
_SLOT = struct.Struct("=Qd")


def one_client(address: str) -> str:
    """Return who an address is counted as: itself, or the network of 64 bits that a subscriber of IPv6 gets."""
    ip = _ip(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip or address)


def plain_address(address: str) -> str:
    """Return an IP address as it is usually written, an IPv4 one that came over IPv6 as IPv4; else what was given."""
    return str(_ip(address) or address)


def client_of(peer: str, forwarded: str, trusted: Collection[str]) -> str:
    """Return who asks: `peer`, or if that is a `trusted` proxy the last one in its X-Forwarded-For that is not.

    Empty if trusted ones alone are named, or something that is no address: then nobody knows. What stands before the
    last one was said by that one, and anybody can say it.
    """
    for address in (peer, *reversed(forwarded.split(","))):
        name = plain_address(address.strip())
        if name not in trusted:
            return one_client(name) if _ip(name) else ""
    return ""


def asker(trusted: Collection[str]) -> str:
    """Return who sends this request, as `client_of` tells; empty if nobody knows."""
    return client_of(request.remote_addr or "", ",".join(request.headers.getlist("X-Forwarded-For")), trusted)


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an IP address, an IPv4 one that came over IPv6 as IPv4; None for what is none."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


class Rates:
    """Requests of each client, counted by all processes that are forked from this one (GCRA, a leaky bucket).

    Of a client only a keyed hash is kept, and the moment until which what it asked for is paid off. Two processes that
    count at the same moment may lose one; where the table is full, clients go uncounted.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `rate` requests a second, and `BURST` seconds' worth at once; `clock` returns seconds."""
        self._every = 1 / rate
        self._clock = clock
        self._table = mmap.mmap(-1, _SLOTS * _SLOT.size)
        self._key = os.urandom(16)

    def wait(self, client: str) -> float:
        """Count a request; return 0, or how many seconds too early it comes: then it is not counted."""
        now = self._clock()
        name = int.from_bytes(blake2b(client.encode(), digest_size=8, key=self._key).digest())
        slots = [number % _SLOTS * _SLOT.size for number in (name, name // _SLOTS)]
        held = [_SLOT.unpack_from(self._table, slot) for slot in slots]
        mine = [(slot, until) for slot, (owner, until) in zip(slots, held, strict=True) if owner == name]
        free = [(slot, now) for slot, (_, until) in zip(slots, held, strict=True) if until <= now]
        for slot, until in (mine or free)[:1]:
            paid = max(until, now)
            early = paid - now - (BURST - self._every)
            if early > 1e-9:  # rounding
                return early
            _SLOT.pack_into(self._table, slot, name, paid + self._every)
        return 0.0


def install(app: Flask, rate: int, trusted: Collection[str]) -> None:
    """Let a client of `app` ask `rate` times a second, or as often as it likes if that is 0. Static files are free."""
    if not rate:
        return
    rates = Rates(rate)

    @app.before_request
    def limit() -> None:
        client = asker(trusted)
        if client and request.endpoint != "static" and (early := rates.wait(client)):
            raise TooManyRequests(retry_after=math.ceil(early))
