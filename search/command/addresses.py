"""Addresses as options of `yibao serve`: read once, wrong ones refused by a sentence."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import click

MOST_PORTS = 65535
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Return an address without its last slash. Raises BadParameter if it has a path, or is none."""
    return _origin(value, "https://yibao.example.org") if value else value


def origins(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them. Raises BadParameter for what is none: `*`, a path, a bare name."""
    return tuple(_origin(value, "https://portal.example.org") for value in values)


def _origin(value: str, example: str) -> str:
    """Return scheme, host and port as browsers write them: small, in ASCII, without the usual port."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        written = f"[{ip_address(host)}]" if ":" in host else host.encode("idna").decode()
        if parts.scheme not in _DEFAULT_PORTS or not (":" in host or _HOST.fullmatch(written)):
            raise ValueError
        if parts.username is not None or parts.path not in ("", "/") or re.search(r"[?#\s]", value):
            raise ValueError
    except ValueError:
        raise click.BadParameter(f"{value!r} must be like {example}, without a path") from None
    return f"{parts.scheme}://{written}{f':{port}' if port not in (None, _DEFAULT_PORTS[parts.scheme]) else ''}"


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
