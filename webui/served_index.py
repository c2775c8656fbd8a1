"""The index this app serves from: one `LiveIndex` an app, one engine a request."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask import Flask, current_app, g

from search import FACETS, Build, EngineUnavailable, Facets, IndexUnavailable, LiveIndex, Site, Waiting

_KEY = "yibao-index"
STOPPING = "STOPPING"
"""Set in the configuration of an app whose server stops: it is no longer ready, and answers all the same."""


def install(app: Flask, address: Path | str) -> None:
    """Give `app` its index. Nothing is opened before the first request."""
    app.extensions[_KEY] = LiveIndex(address)


def watch(app: Flask) -> None:
    """Check what `app` serves in the background, in this process (`LiveIndex.watch`)."""
    index: LiveIndex = app.extensions[_KEY]
    index.watch()


def engine() -> Build:
    """Return the engine for this request. Raises IndexUnavailable or EngineUnavailable."""
    if "engine" not in g:
        index: LiveIndex = current_app.extensions[_KEY]
        g.engine = index.engine()
    found: Build = g.engine
    return found


def age() -> float:
    """Return how many seconds ago this request's build was made."""
    built = datetime.fromisoformat(engine().info.built_at)
    return (datetime.now(built.tzinfo) - built).total_seconds()


def waiting() -> Waiting | None:
    """Return the live build if an older one has to answer."""
    index: LiveIndex = current_app.extensions[_KEY]
    return index.waiting


def served_build() -> str | None:
    """Return the id of the build that this request was answered from; None if it asked for none, or there is none."""
    found: Build | None = g.get("engine")
    return found.info.build_id if found else None


def facets() -> Facets:
    """Return the facets of this request's build; the shipped ones where there is none to answer."""
    try:
        return engine().facets
    except (IndexUnavailable, EngineUnavailable):
        return FACETS


def site() -> Site:
    """Return whose site it is by the settings of this request's build; nobody's where there is none to answer."""
    try:
        return engine().settings.query.site
    except (IndexUnavailable, EngineUnavailable):
        return Site()
