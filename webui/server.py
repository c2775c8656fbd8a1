"""The production server: gunicorn, one master, several workers that share the pages of one mapped index."""

from __future__ import annotations

import gc
import os
import socket
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from search import Query, SearchError, answer

from . import Settings, create_app
from .live import engine

THREADS = 2
"""Threads a worker: one works while the other waits for a client. The work itself holds the interpreter lock, so more
only take turns: four answer as many requests a second, but the slowest hundredth takes 44 ms instead of 30."""


_FIRST = "广东医保报销多少"
"""A query that makes every table be read: words, places, synonyms."""


class PortInUse(SearchError):
    """Somebody else listens there already, or there is no such address here."""


class _Server(BaseApplication):
    """gunicorn without its command line and configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:  # older versions have no control socket to turn off
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, before the workers fork, with all that the first answer of each would have to load.

        They share it then: the folding table, the dictionary, the places. Objects that live as long as the process are
        taken from the garbage collector's lists, which it would write to and thereby copy.
        """
        app = create_app(self._settings)
        with app.app_context():
            answer(engine(), Query(_FIRST, size=1))
        gc.collect()
        gc.freeze()
        return app


def serve(index_dir: Path, host: str, port: int, workers: int) -> None:
    """Serve until stopped. Raises PortInUse, and IndexUnavailable if there is nothing to serve."""
    from search import LiveIndex

    LiveIndex(index_dir).engine()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    listener = _listen(host, port)
    url = f"http://{address.rsplit(':', 1)[0]}:{listener.getsockname()[1]}"

    def announce(_server: object) -> None:
        print(f"yibao: the search page is at {url} (Ctrl-C stops it)", flush=True)

    _Server(
        Settings(index_dir=index_dir.resolve()),
        {
            "bind": [f"fd://{listener.fileno()}"],
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "accesslog": None,  # queries are health data: they are never written down
            "loglevel": "error",  # a warning about a malformed request would quote it, query and all
            "limit_request_line": 8190,  # the most it takes: a hundred chosen cities; longer ones get its own plain 414
            "when_ready": announce,
            "graceful_timeout": 10,
            "control_socket_disable": True,  # one path for all servers of a user, and in a home that may be read-only
        },
    ).run()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512
        )
    except (OSError, UnicodeError) as error:
        # Numbers below 0 are the resolver's: the name stands for no address.
        number = getattr(error, "errno", None) or -1
        reason = os.strerror(number) if number > 0 else "no such address"
        raise PortInUse(f"cannot listen on {host} port {port}: {reason}") from error
    listener.set_inheritable(True)
    return listener
