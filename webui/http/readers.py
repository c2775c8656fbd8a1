"""Who asks: an address, or the network that stands for one. A proxy that is trusted says for whom it asks."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from flask import request


def reader(trusted: Collection[str]) -> str:
    """Return who this request comes from: of what trusted proxies say, the last that is none of them."""
    peer = request.remote_addr or ""
    if peer in trusted:
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            if is_address(hop.strip()) and hop.strip() not in trusted:
                return one_client(hop.strip())
    return one_client(peer)


def is_address(text: str) -> bool:
    """Return whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def one_client(address: str) -> str:
    """Return who an address is counted as: itself, or the network of 64 bits that a subscriber of IPv6 gets."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
