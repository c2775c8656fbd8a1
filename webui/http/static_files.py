"""Static files under addresses that change with their content, and the compression of every answer."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request
from flask_compress import Compress

from ..caching import KEPT_BY_ANYBODY, KEPT_BY_NOBODY

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
FOR_A_YEAR = "public, max-age=31536000, immutable"
"""Under an address that carries the hash of what is in the file: another file has another address."""


def install(app: Flask) -> None:
    """Compress the answers of `app`, and give its templates `static(name)`, the address of a static file."""
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    Compress(app)
    hashes = _hashes(Path(app.static_folder or ""))

    @app.template_global()
    def static(name: str) -> str:
        # Not by routing, which an error page may lack: a request that names no possible host gets none.
        return f"{app.static_url_path}/{name}?v={hashes.get(name, 'missing')}"

    @app.after_request
    def whole_file(response: Response) -> Response:
        if request.endpoint != "static" or request.method == "OPTIONS":
            return response
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["Cache-Control"] = KEPT_BY_NOBODY
            return response
        named = hashes.get((request.view_args or {}).get("filename", ""))
        # Whoever asks by no hash, or by one of another version, may get other bytes there tomorrow.
        right = named is not None and request.args.getlist("v") == [named]
        response.headers["Cache-Control"] = FOR_A_YEAR if right else KEPT_BY_ANYBODY
        if response.status_code == HTTPStatus.OK:
            # Read before it is compressed: a stream would get no gzip and a file left open.
            response.direct_passthrough = False
            response.get_data()
        return response


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
