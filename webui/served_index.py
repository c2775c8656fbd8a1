"""The index this app serves from: one `LiveIndex` an app, one engine a request."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app

from search import Engine, LiveIndex

_KEY = "yibao-index"


def install(app: Flask, index_dir: Path) -> None:
    """Give `app` its index. Nothing is opened before the first request."""
    app.extensions[_KEY] = LiveIndex(index_dir)


def engine() -> Engine:
    """Return the engine for this request. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    index: LiveIndex = current_app.extensions[_KEY]
    return index.engine()
