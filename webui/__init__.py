"""The web page and the JSON endpoint: a thin Flask application over `search`'s public names.

Puts the rooms together: `pages` for readers, `http` for programs; must not know any module inside `search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from . import caching, origin, originals, served_index
from .http import (
    addresses,
    api,
    clients,
    embedding,
    feedback,
    feeds,
    files,
    health,
    icons,
    problems,
    qr,
    security,
    static_files,
)
from .observing import answers
from .observing.log_lines import PrivateFlask
from .pages import completions, fragments, sharing, views


@dataclass(frozen=True, slots=True)
class Settings:
    """What an instance needs to know: the index directory it serves from, or the address of its engine; and where
    readers find it, for absolute addresses.

    `allow_origins` may frame the pages and read the endpoint; a client may ask `rate_limit` times a second (0: as often
    as it likes), behind `proxies` by their X-Forwarded-For. From `slow` milliseconds on an answer is called slow.
    `files` are the source folders whose files are offered beside the articles read from them.
    """

    index_dir: Path | str
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    rate_limit: int = 0
    proxies: tuple[str, ...] = ()
    slow: float = answers.SLOW
    files: tuple[Path, ...] = ()


def create_app(settings: Settings) -> Flask:
    """Return the application. The index is opened by the first request, and again whenever there is a new one."""
    app = PrivateFlask(__name__)
    app.url_map.merge_slashes = False  # by a redirect, whose address would be made of what the request calls this host
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    answers.install(app, settings.slow)
    addresses.install(app)
    static_files.install(app)
    served_index.install(app, settings.index_dir)
    originals.install(app, settings.files)
    origin.install(app, settings.base_url, settings.trusted_hosts)
    caching.install(app)
    fragments.htmx.init_app(app)
    security.install(app, settings.allow_origins)
    problems.install(app)
    clients.install(app, settings.rate_limit, settings.proxies)
    feedback.install(app, settings.proxies)
    app.add_template_global(sharing.share)
    app.register_blueprint(views.pages)
    app.register_blueprint(completions.options)
    app.register_blueprint(feeds.feeds)
    app.register_blueprint(api.endpoints)
    app.register_blueprint(files.files)
    app.register_blueprint(qr.codes)
    app.register_blueprint(icons.icons)
    app.register_blueprint(embedding.embedding)
    app.register_blueprint(health.probes)
    return app
