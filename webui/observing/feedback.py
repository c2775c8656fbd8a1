"""What readers say of an article, handed on to who counts it. Only where it is asked for, and nothing of the reader."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from search import opinion

Teller = Callable[[str, tuple[str, ...]], None]
"""Is told which client says what; an empty client is nobody."""
_KEY = "yibao-feedback"


def ask(app: Flask, tell: Teller) -> None:
    """Let the articles of `app` ask whether they helped; `tell` is told of each answer."""
    app.extensions[_KEY] = tell


def is_asked(article_id: str) -> bool:
    """Tell whether readers are asked about this article."""
    return _KEY in current_app.extensions and bool(opinion(article_id, "useful"))


def hand_on(client: str, article_id: str, kind: str, reason: str) -> bool:
    """Hand on what a client says of an article; return False if there is no such opinion."""
    said = opinion(article_id, kind, reason)
    if said:
        tell: Teller = current_app.extensions[_KEY]
        tell(client, said)
    return bool(said)
