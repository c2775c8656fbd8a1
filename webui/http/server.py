"""The production server: gunicorn, one master, several workers that share the pages of one mapped index."""

from __future__ import annotations

import gc
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.exceptions import RequestURITooLarge

from search import Query, SearchError, answer

from .. import Settings, create_app
from ..served_index import engine

THREADS = 2
"""Threads a worker: one works while the other waits for a client. The work itself holds the interpreter lock, so more
only take turns: four answer as many requests a second, but the slowest hundredth takes 44 ms instead of 30."""


LONGEST_ADDRESS = 8190
"""Bytes of an address: the most that gunicorn takes, a hundred chosen cities."""

CHUNK, MOST_DRAINED = 1 << 16, 1 << 20
"""Bytes taken at once, and at most, of an address that is too long."""

_FIRST = "广东医保报销多少"
"""A query that makes every table be read: words, places, synonyms."""


class PortInUse(SearchError):
    """Somebody else listens there already, or there is no such address here."""


class _Worker(ThreadWorker):
    """gunicorn's worker, with our own page for an address that is too long for it to be read at all."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        app: Any = self.wsgi
        with app.test_request_context():
            answer = app.process_response(app.handle_http_exception(RequestURITooLarge()))
        lines = [
            f"HTTP/1.1 {answer.status}",
            *(f"{name}: {value}" for name, value in answer.headers),
            "Connection: close",
        ]
        with suppress(OSError):
            client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + answer.get_data())
            # What is still to come is taken, or the reader would see a broken connection instead of the page.
            client.shutdown(socket.SHUT_WR)
            client.settimeout(1)
            for _ in range(MOST_DRAINED // CHUNK):
                if not client.recv(CHUNK):
                    break


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


def serve(address: Path | str, host: str, port: int, workers: int) -> None:
    """Serve until stopped. Raises PortInUse, and IndexUnavailable if there is nothing to serve."""
    from search import LiveIndex

    LiveIndex(address).engine()
    bound = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    listener = _listen(host, port)
    url = f"http://{bound.rsplit(':', 1)[0]}:{listener.getsockname()[1]}"

    def announce(_server: object) -> None:
        print(f"yibao: the search page is at {url} (Ctrl-C stops it)", flush=True)

    _Server(
        Settings(index_dir=address.resolve() if isinstance(address, Path) else address),
        {
            "bind": [f"fd://{listener.fileno()}"],
            "workers": workers,
            "worker_class": _Worker,
            "threads": THREADS,
            "preload_app": True,
            "accesslog": None,  # queries are health data: they are never written down
            "loglevel": "error",  # a warning about a malformed request would quote it, query and all
            "limit_request_line": LONGEST_ADDRESS,
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
