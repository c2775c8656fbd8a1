"""Static files under addresses that change with their content, and the compression of every answer."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request
from flask_compress import Compress

COMPRESSED = (
    "text/html",
    "text/css",
    "text/javascript",
    "text/csv",
    "image/svg+xml",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/atom+xml",
)
_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Compress the answers of `app`, and give its templates `static(name)`, the address of a static file."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # static addresses carry the hash of their content
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    Compress(app)
    app.after_request(_whole_file)
    hashes = _hashes(Path(app.static_folder or ""))

    @app.template_global()
    def static(name: str) -> str:
        # Not by routing, which an error page may lack: a request that names no possible host gets none.
        return f"{app.static_url_path}/{name}?v={hashes.get(name, 'missing')}"


def _whole_file(response: Response) -> Response:
    """Read a static file into its answer before it is compressed: a stream would get no gzip and a file left open."""
    if request.endpoint == "static" and response.status_code == HTTPStatus.OK:
        response.direct_passthrough = False
        response.get_data()
    return response


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
