"""The files that articles were read from, where the operator offers them: one `Originals` an app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Flask, current_app

from search import Article, Original, Originals

from .served_index import engine

_KEY = "yibao-originals"


def install(app: Flask, sources: Sequence[Path]) -> None:
    """Let `app` offer the files in the source folders; none without any."""
    app.extensions[_KEY] = Originals(sources)


def offered() -> str:
    """Return what tells a page with links to files from one without."""
    originals: Originals = current_app.extensions[_KEY]
    return "files" if originals.sources else ""


def size_of(article: Article) -> int | None:
    """Return the bytes of the file that an article was read from; None if it is not offered."""
    originals: Originals = current_app.extensions[_KEY]
    return originals.size(engine(), article.path)


def opened(article: Article) -> Original | None:
    """Return the file that an article was read from, to be closed; None if it is not offered, or not the same."""
    originals: Originals = current_app.extensions[_KEY]
    return originals.open(engine(), article.path)
