"""The production server: gunicorn, one master, several workers that share the pages of one mapped index."""

from __future__ import annotations

import gc
import ipaddress
import math
import os
import re
import resource
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from search import FEEDBACK, GapDays, Query, SearchError, answer

from .. import Settings, create_app
from ..observing import feedback
from ..observing.answers import SLOW, observe
from ..observing.gaps import GapCounter
from ..observing.log_lines import LogFormat, configure
from ..observing.metrics import PATH, Metrics
from ..served_index import engine, watch
from .clients import asker
from .worker import BEAT, LAST_ANSWERS, NEXT_REQUEST, STOPS, Limits, Worker

LONGEST_ADDRESS = 8190
"""Bytes of an address: the most that gunicorn takes, a hundred chosen cities."""

CONNECTIONS = 2048
"""Connections a worker holds open at most; beyond, those are closed that have asked for nothing for longest."""
PER_CLIENT = 96
"""Connections of one address, shared out among the workers; beyond, its idle ones are closed. A browser opens 6."""
LEAST_PER_CLIENT = 16
ASIDE = frozenset({"/compare", "/coverage", "/export.csv", "/export.json", "/feed.atom", "/qr.svg", "/sitemap.xml"})
"""What takes long, and is mostly asked for by programs: never all that a worker does."""
ORDINARY = 20
"""Results on a page that are made at once; more are made aside as well. A hundred take five times as long as ten."""
_SIZE = re.compile(r"(?:^|&)size=0*([0-9]{1,4})")
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
    """gunicorn's master, which says aloud that a worker was killed: that it crashed is not in gunicorn's own errors.

    It tells `metrics`, if there are any, of each worker that ended. And it loses no signal to a worker that has only
    just been forked.
    """

    metrics: Metrics | None = None

    def spawn_worker(self) -> Any:
        # A child begins with the handlers of its master, which would take a stop and do nothing about it.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def reap_workers(self) -> None:
        assert self.log
        how: dict[int, str | None] = {}
        workers = set(self.WORKERS)
        for pid in workers:
            with suppress(ChildProcessError):
                ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                # SIGKILL is told by gunicorn itself, with its guess that memory ran out; SIGTERM is what we send.
                if ended and ended.si_code != os.CLD_EXITED and ended.si_status not in (signal.SIGKILL, signal.SIGTERM):
                    name = signal.Signals(ended.si_status).name
                    self.log.error("worker %d was killed by %s; another takes its place", pid, name)
                if ended:
                    how[pid] = _unasked(ended)
        super().reap_workers()
        for pid in workers - set(self.WORKERS):
            if self.metrics:
                self.metrics.worker_ended(pid, how.get(pid, "unknown"))  # it may have died between the two looks


def _unasked(ended: Any) -> str | None:
    """Return how a worker ended that nobody had told to stop, from what `waitid` says: a signal, or `exit`."""
    if ended.si_code == os.CLD_EXITED:
        return "exit" if ended.si_status else None
    return None if ended.si_status == signal.SIGTERM else signal.Signals(ended.si_status).name


class _Log(Logger):
    """gunicorn's messages, written as all others of this process."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Watching:
    """What is asked to watch the server, held as long as it runs. To be begun before there is a listener."""

    def __init__(self, serving: Serving) -> None:
        self.gaps = GapCounter(GapDays(serving.gaps)) if serving.gaps else None
        self.feedback = GapCounter(GapDays(serving.feedback, FEEDBACK)) if serving.feedback else None
        self.metrics: Metrics | None = None
        self.sockets: list[socket.socket] = []
        self.told: list[str] = []
        self._trusted = serving.trusted
        self._apart: tuple[str, str] = ("", "")

    def listen(self, host: str, port: int) -> None:
        """Answer metrics there. Raises PortInUse."""
        listener = _listen(host, port)
        name, number = listener.getsockname()[:2]
        self.sockets.append(listener)
        self.told.append(f"metrics are at {_url(host, listener)}{PATH}")
        self._apart = (name, str(number))
        self.metrics = Metrics()

    def watch(self, app: Flask) -> None:
        """Let each worker tell of its answers. To be called before they are forked."""
        if self.metrics:
            observe(app, self.metrics.observe)
            Worker.apart = {self._apart: self.metrics.endpoint(app)}
            Worker.held = self.metrics.connections
        if self.gaps:
            observe(app, self.gaps.observer(partial(asker, frozenset(self._trusted))))
        if self.feedback:
            feedback.ask(app, self.feedback.tell)

    def close(self) -> None:
        """Let go of all, once the workers are gone."""
        if self.metrics:
            self.metrics.close()
        if self.gaps:
            self.gaps.close()
        if self.feedback:
            self.feedback.close()


class _Server(BaseApplication):
    """gunicorn without its command line and configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any], watching: _Watching) -> None:
        self._settings = settings
        self._options = options
        self._watching = watching
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        master = _Master(self)
        master.metrics = self._watching.metrics
        master.run()

    def load(self) -> Any:
        """Return the application, before the workers fork, with all that the first answer of each would have to load.

        They share it then: the folding table, the dictionary, the places. Objects that live as long as the process are
        taken from the garbage collector's lists, which it would write to and thereby copy.
        """
        app = create_app(self._settings)
        with app.app_context():
            answer(engine(), Query(_FIRST, size=1))
        self._watching.watch(app)
        gc.collect()
        gc.freeze()
        return app


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and how to serve, and what to tell of it.

    `proxies` are addresses of proxies in front, `drain` are seconds (see worker.Limits); `allow_origins`, `rate_limit`
    and `slow` as in Settings; `metrics` is where to listen for whoever collects them; `gaps` the directory to count in
    what readers did not find, `feedback` that to count in what helped them; `files` as in Settings.
    """

    host: str
    port: int
    workers: int
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    rate_limit: int = 0
    drain: float = 0.0
    log_format: LogFormat = "text"
    slow: float = SLOW
    metrics: tuple[str, int] | None = None
    gaps: Path | None = None
    feedback: Path | None = None
    files: tuple[Path, ...] = ()

    @property
    def trusted(self) -> tuple[str, ...]:
        """Proxies that are believed: this machine's own need no naming."""
        return (*LOOPBACK, *self.proxies)


def serve(address: Path | str, serving: Serving) -> None:
    """Serve until stopped. Raises PortInUse, and IndexUnavailable if there is nothing to serve."""
    from search import LiveIndex

    configure(serving.log_format)
    LiveIndex(address).engine()
    watching = _Watching(serving)
    try:
        _serve(address, serving, watching)
    finally:
        watching.close()


def _serve(address: Path | str, serving: Serving, watching: _Watching) -> None:
    listener = _listen(serving.host, serving.port)
    url = _url(serving.host, listener)  # gunicorn takes the socket over
    if serving.metrics:
        watching.listen(*serving.metrics)

    def announce(_server: object) -> None:
        print(f"yibao: the search page is at {url} (Ctrl-C stops it)", flush=True)
        for line in watching.told:
            print(f"yibao: {line}", flush=True)
        if not (_loopback(serving.host) or serving.proxies or serving.base_url):
            print(f"yibao: {ALONE}", file=sys.stderr, flush=True)

    share = max(LEAST_PER_CLIENT, PER_CLIENT // serving.workers)
    server = _Server(
        Settings(
            address.resolve() if isinstance(address, Path) else address,
            serving.base_url,
            serving.trusted_hosts,
            serving.allow_origins,
            serving.rate_limit,
            serving.trusted,
            serving.slow,
            serving.files,
        ),
        {
            "bind": [f"fd://{each.fileno()}" for each in (listener, *watching.sockets)],
            "workers": serving.workers,
            "worker_class": _worker(Limits(share, takes_long, frozenset(serving.trusted), serving.drain)),
            "worker_connections": _connections(),
            "preload_app": True,
            "accesslog": None,  # queries are health data: they are never written down
            "loglevel": "error",
            "logger_class": _Log,
            "limit_request_line": LONGEST_ADDRESS,
            "keepalive": int(NEXT_REQUEST),
            "forwarded_allow_ips": ",".join(serving.trusted),  # believed also that a request came to them by https
            "forwarder_headers": "",  # nobody in front moves the root of the pages or rewrites paths
            "when_ready": announce,
            "post_worker_init": lambda worker: watch(worker.app.wsgi()),
            "graceful_timeout": math.ceil(serving.drain + LAST_ANSWERS + BEAT),
            "control_socket_disable": True,  # one path for all servers of a user, and in a home that may be read-only
        },
        watching,
    )
    server.run()


def _worker(limits: Limits) -> type[Worker]:
    class Configured(Worker):
        pass

    Configured.limits = limits
    return Configured


def takes_long(path: str, query: str) -> bool:
    """Tell whether the answer to a request is better made aside."""
    return path in ASIDE or any(int(size) > ORDINARY for size in _SIZE.findall(query))


def _connections() -> int:
    """Return how many connections a worker may hold, after asking the system for as many as are wanted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(FILES, min(wanted, soft) - FILES)


def _url(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


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
