"""The picture of this site for tabs, home screens and cards: that of `icon.svg` as PNG and ICO, made when asked."""

from __future__ import annotations

import json
import struct
import zlib
from functools import lru_cache

import numpy as np
from flask import Blueprint, Response
from numpy.typing import NDArray
from werkzeug.exceptions import NotFound

from ..caching import KEPT_BY_ANYBODY, once_a_build
from ..pages.fragments import site_name
from ..pages.wording import say

icons = Blueprint("icons", __name__)

SIZES = (32, 180, 192, 512)
"""Pixels a side: tab, home screen of iOS, of Android, card."""
GREEN, WHITE = (15, 107, 92), (255, 255, 255)
_UNITS = 32
"""A side of the drawing, in the units of icon.svg."""
_FINE = 4
"""Samples a pixel and side, for smooth edges."""


@icons.get("/favicon.ico")
def favicon() -> Response:
    """What browsers ask for beside every answer that names no icon."""
    return _kept(ico(SIZES[0]), "image/vnd.microsoft.icon")


@icons.get("/icon-<int:size>.png")
def icon(size: int) -> Response:
    """The picture in one of `SIZES`."""
    if size not in SIZES:
        raise NotFound
    return _kept(png(size), "image/png")


@icons.get("/site.webmanifest")
def manifest() -> Response:
    """What a telephone shows that keeps this site on its home screen (W3C Web Application Manifest)."""
    return once_a_build(lambda: Response(_manifest(), mimetype="application/manifest+json"))


def _manifest() -> str:
    pictures = [{"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"} for size in SIZES[2:]]
    return json.dumps(
        {
            "name": site_name(),
            "short_name": site_name()[:6],
            "description": say("site-description"),
            "lang": "zh-CN",
            "start_url": "/",
            "display": "minimal-ui",
            "background_color": "#fbfbf9",
            "theme_color": "#0f6b5c",
            "icons": pictures,
        },
        ensure_ascii=False,
    )


def _kept(body: bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = KEPT_BY_ANYBODY
    response.add_etag()
    return response


@lru_cache(maxsize=len(SIZES))
def png(size: int) -> bytes:
    """Return the drawing `size` pixels a side: a green square with a white cross, as wide as it is high."""
    at = (np.arange(size * _FINE) + 0.5) * _UNITS / (size * _FINE)
    across, down = at[None, :], at[:, None]
    cross = ((_within(across, 7) & _within(down, 13.5)) | (_within(across, 13.5) & _within(down, 7))).astype(np.float64)
    share = cross.reshape(size, _FINE, size, _FINE).mean(axis=(1, 3))[:, :, None]
    pixels = np.round(share * np.array(WHITE) + (1 - share) * np.array(GREEN)).astype(np.uint8)
    rows = np.concatenate([np.zeros((size, 1), np.uint8), pixels.reshape(size, -1)], axis=1)  # each begins: no filter
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _within(at: NDArray[np.float64], first: float) -> NDArray[np.bool_]:
    return (at > first) & (at < _UNITS - first)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def ico(size: int) -> bytes:
    """Return the drawing as an ICO file that holds one PNG."""
    body = png(size)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, size, size, 0, 0, 1, 32, len(body), 6 + 16) + body
