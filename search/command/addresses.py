"""Addresses as options of `yibao serve`: read once, wrong ones refused by a sentence."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import click

MOST_PORTS = 65535


def origin(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Return an address without its last slash. Raises BadParameter if it has a path, or is none."""
    parts = urlsplit(value)
    if value and (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise click.BadParameter("must be like https://yibao.example.org, without a path")
    return value.rstrip("/")


def ip_addresses(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return IP addresses as they are usually written. Raises BadParameter for what is none."""
    try:
        return tuple(str(ip_address(value)) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def listening(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, int] | None:
    """Return host and port of HOST:PORT, None for nothing. Raises BadParameter for what is none."""
    if not value:
        return None
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > MOST_PORTS:
        raise click.BadParameter("must be like 127.0.0.1:9100")
    return host, int(port)
