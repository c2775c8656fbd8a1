"""Addresses as options of `yibao serve`: read once, wrong ones refused by a sentence."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import click


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
