"""The file that an article was read from, where the operator offers it (`yibao serve --files`).

It may hold anything, so a browser is only ever told to save it: as an attachment of no type, in a sandbox of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from ..caching import tagged
from ..originals import opened
from ..served_index import engine

files = Blueprint("files", __name__)

POLICY = "sandbox; default-src 'none'"
_CHUNK = 1 << 16


@files.get("/files/<path:article_id>")
def file(article_id: str) -> Response:
    """The file of one article, as it was when it was read; 404 where it is not offered, or is another by now."""
    return tagged(lambda: _file(article_id), article_id)


def _file(article_id: str) -> Response:
    article = engine().get(article_id)
    original = opened(article) if article else None
    if original is None:
        raise NotFound
    response = Response(_chunks(original.stream, original.size), mimetype="application/octet-stream")
    response.call_on_close(original.stream.close)
    response.content_length = original.size
    suffix = "".join(c for c in PurePosixPath(original.name).suffix if c == "." or (c.isascii() and c.isalnum()))
    name = f"filename=\"original{suffix}\"; filename*=UTF-8''{quote(original.name, safe='', errors='replace')}"
    response.headers["Content-Disposition"] = f"attachment; {name}"
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield no more than was promised, should the file grow; less, and the connection ends, should it shrink."""
    while size and (chunk := stream.read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk
