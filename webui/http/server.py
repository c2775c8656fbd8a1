"""The production server: gunicorn, one master, several workers that share the pages of one mapped index."""

from __future__ import annotations

import gc
import ipaddress
import math
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from search import Query, SearchError, answer

from .. import Settings, create_app
from ..served_index import engine, watch
from .worker import BEAT, LAST_ANSWERS, NEXT_REQUEST, Limits, Worker

LONGEST_ADDRESS = 8190
"""Bytes of an address: the most that gunicorn takes, a hundred chosen cities."""

CONNECTIONS = 2048
"""Connections a worker holds open at most; beyond, those are closed that have asked for nothing for longest."""
PER_CLIENT = 96
"""Connections of one address, shared out among the workers; beyond, its idle ones are closed. A browser opens 6."""
LEAST_PER_CLIENT = 16
ASIDE = frozenset({"/coverage", "/export.csv", "/export.json", "/feed.atom", "/sitemap.xml"})
"""What takes long, and is mostly asked for by programs: never all that a worker does."""
LOOPBACK = ("127.0.0.1", "::1")
"""Addresses of a proxy on this machine."""
ALONE = (
    "other machines reach this server without TLS. Put a proxy in front of it (docs/deploy holds samples for nginx and"
    " Caddy), name it by --proxy, and the address that readers know by --base-url"
)
FILES = 256
"""File descriptors kept for what is no connection: index, listeners, logs."""

_FIRST = "广东医保报销多少"
"""A query that makes every table be read: words, places, synonyms."""


class PortInUse(SearchError):
    """Somebody else listens there already, or there is no such address here."""


class _Master(Arbiter):
    """gunicorn's master, which says aloud that a worker was killed: that it crashed is not in gunicorn's own errors."""

    def reap_workers(self) -> None:
        assert self.log
        for pid in list(self.WORKERS):
            with suppress(ChildProcessError):
                ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # SIGKILL is told by gunicorn itself, with its guess that memory ran out; SIGTERM is what we send.
                if ended and ended.si_code != os.CLD_EXITED and ended.si_status not in (signal.SIGKILL, signal.SIGTERM):
                    name = signal.Signals(ended.si_status).name
                    self.log.error("worker %d was killed by %s; another takes its place", pid, name)
        super().reap_workers()


class _Server(BaseApplication):
    """gunicorn without its command line and configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        _Master(self).run()

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


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and how to serve. `proxies` are addresses of proxies in front, `drain` are seconds (see worker.Limits)."""

    host: str
    port: int
    workers: int
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    drain: float = 0.0


def serve(address: Path | str, serving: Serving) -> None:
    """Serve until stopped. Raises PortInUse, and IndexUnavailable if there is nothing to serve."""
    from search import LiveIndex

    LiveIndex(address).engine()
    listener = _listen(serving.host, serving.port)
    host = f"[{serving.host}]" if ":" in serving.host else serving.host
    url = f"http://{host}:{listener.getsockname()[1]}"

    def announce(_server: object) -> None:
        print(f"yibao: the search page is at {url} (Ctrl-C stops it)", flush=True)
        if not (_loopback(serving.host) or serving.proxies or serving.base_url):
            print(f"yibao: {ALONE}", file=sys.stderr, flush=True)

    # This machine's own proxy needs no naming; both are also believed that a request came to them by https.
    trusted = (*LOOPBACK, *serving.proxies)
    share = max(LEAST_PER_CLIENT, PER_CLIENT // serving.workers)
    _Server(
        Settings(address.resolve() if isinstance(address, Path) else address, serving.base_url, serving.trusted_hosts),
        {
            "bind": [f"fd://{listener.fileno()}"],
            "workers": serving.workers,
            "worker_class": _worker(Limits(share, ASIDE, frozenset(trusted), serving.drain)),
            "worker_connections": _connections(),
            "preload_app": True,
            "accesslog": None,  # queries are health data: they are never written down
            "loglevel": "error",
            "limit_request_line": LONGEST_ADDRESS,
            "keepalive": int(NEXT_REQUEST),
            "forwarded_allow_ips": ",".join(trusted),
            "forwarder_headers": "",  # nobody in front moves the root of the pages or rewrites paths
            "when_ready": announce,
            "post_worker_init": lambda worker: watch(worker.app.wsgi()),
            "graceful_timeout": math.ceil(serving.drain + LAST_ANSWERS + BEAT),
            "control_socket_disable": True,  # one path for all servers of a user, and in a home that may be read-only
        },
    ).run()


def _worker(limits: Limits) -> type[Worker]:
    class Configured(Worker):
        pass

    Configured.limits = limits
    return Configured


def _connections() -> int:
    """Return how many connections a worker may hold, after asking the system for as many as are wanted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(FILES, min(wanted, soft) - FILES)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024
        )
    except (OSError, UnicodeError) as error:
        # Numbers below 0 are the resolver's: the name stands for no address.
        number = getattr(error, "errno", None) or -1
        reason = os.strerror(number) if number > 0 else "no such address"
        raise PortInUse(f"cannot listen on {host} port {port}: {reason}") from error
    listener.set_inheritable(True)
    return listener
