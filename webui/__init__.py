"""The web page and the JSON endpoint: a thin Flask application over `search`'s public names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request, url_for
from flask_compress import Compress

from . import served_index
from .http import api, feeds, problems, security
from .pages import completions, fragments, views

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


@dataclass(frozen=True, slots=True)
class Settings:
    """What an instance needs to know: the index directory it serves from."""

    index_dir: Path


def create_app(settings: Settings) -> Flask:
    """Return the application. The index is opened by the first request, and again whenever there is a new one."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 24 * 3600  # static addresses carry the hash of their content
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    Compress(app)
    app.after_request(_whole_file)
    served_index.install(app, settings.index_dir)
    fragments.htmx.init_app(app)
    security.install(app)
    problems.install(app)
    app.register_blueprint(views.pages)
    app.register_blueprint(completions.options)
    app.register_blueprint(feeds.feeds)
    app.register_blueprint(api.endpoints)
    hashes = _hashes(Path(app.static_folder or ""))

    @app.template_global()
    def static(name: str) -> str:
        return url_for("static", filename=name, v=hashes.get(name, "missing"))

    return app


def _whole_file(response: Response) -> Response:
    """Read a static file into its answer before it is compressed: a stream would get no gzip and a file left open."""
    if request.endpoint == "static" and response.status_code == HTTPStatus.OK:
        response.direct_passthrough = False
        response.get_data()
    return response


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
