"""A worker of the production server: one loop waits for all clients, so a slow one costs memory and no thread.

gunicorn is the master and reads HTTP; gevent waits. A connection is a greenlet, and whatever a client can be slow at
has a deadline. Nothing is patched: only these sockets are gevent's, and a request, which reads mapped files and no
socket, runs to its end in one go. Knows sockets and HTTP, not what is served. Why so: docs/decisions/0140-server.md.
"""

from __future__ import annotations

import ctypes
import errno
import select
import signal
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gevent.socket import socket as Socket
from gevent.socket import wait_read
from gevent.threadpool import ThreadPool
from gunicorn.http import get_parser
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, NoMoreData, ParseException
from gunicorn.workers.ggevent import GeventWorker
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    RequestHeaderFieldsTooLarge,
    RequestTimeout,
    RequestURITooLarge,
    TooManyRequests,
)

from ..observing.answers import UNREAD
from ..served_index import STOPPING
from .clients import one_client, plain_address

FIRST_REQUEST = 10.0
"""Seconds a new connection may say nothing; browsers open some on suspicion."""
WHOLE_REQUEST = 10.0
"""Seconds from the first byte of a request to the end of its head; and as many again for a body, which nobody reads."""
WHOLE_ANSWER = 60.0
"""Seconds a client may take for an answer: 500 exported articles on a poor line."""
NEXT_REQUEST = 75.0
"""Seconds a connection is kept for another request: longer than proxies keep theirs, so they are the ones to close."""
LAST_REQUEST = 2.0
"""Seconds a connection without a request is kept when the worker stops: what is on its way is still answered."""
LAST_ANSWERS = 10.0
"""Seconds for the answers under way when the worker stops."""

CHUNK, MOST_DRAINED = 1 << 16, 1 << 20
"""Bytes taken at once, and at most, of what a client goes on sending after its last answer, and of a body."""
DRAINED_FOR = 2.0
"""Seconds for that."""
TURN = 0.001
"""Seconds in which the loop looks at all connections; gevent.sleep(0) would not let it."""
SHARE = 0.0005
"""Seconds a thread computes while the loop wants to: it asks for the interpreter some times in each request."""
BEAT = 1.0
"""Seconds between two signs of life for the master."""
STOPS = frozenset({signal.SIGTERM, signal.SIGQUIT, signal.SIGINT})
"""Signals that end a worker. It is forked with them blocked, and takes them as soon as it has handlers of its own."""
SO_ATTACH_FILTER, BPF_RET = 26, 6
"""Of linux/socket.h and linux/bpf_common.h: a program that returns how many bytes of a packet are kept."""
_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EBADF)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker takes on: connections of one client, unless its address is `trusted`; and how it stops.

    `drain` is how many seconds a stopping worker goes on taking connections, while it says that it is not ready.
    `aside` tells by path and query which answers take long: they are made one after the other in a thread, while others
    are served.
    """

    per_client: int
    aside: Callable[[str, str], bool] = lambda _path, _query: False
    trusted: frozenset[str] = frozenset()
    drain: float = 0.0


class Gauge(Protocol):
    """What counts up and down."""

    def inc(self) -> None:
        """Count one more."""

    def dec(self) -> None:
        """Count one less."""


class Worker(GeventWorker):
    """gunicorn's gevent worker with deadlines, a limit a client, a stop that drains, and our own error pages.

    `apart` are applications for listeners of their own, by host and port: they are not what readers are served.
    `held` counts the connections that are open.
    """

    limits: ClassVar[Limits]
    apart: ClassVar[Mapping[tuple[str, str], Any]] = {}
    held: ClassVar[Gauge | None] = None
    wsgi: Any
    _application: Any
    sockets: Any

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: Counter[str] = Counter()
        self._idle: dict[Any, tuple[str, Socket]] = {}
        """Greenlets whose client has asked for nothing, longest first, with its address and connection."""
        self._stop = Event()

    def patch(self) -> None:
        """Make the listeners gevent's; leave threads, locks and files as they are."""
        self.sockets = [Socket(s.FAMILY, socket.SOCK_STREAM, fileno=s.sock.detach()) for s in self.sockets]

    def init_signals(self) -> None:
        """Let the loop notice the stops itself: a handler of Python's runs only when the loop wakes."""
        super().init_signals()
        self._on_term = gevent.signal_handler(signal.SIGTERM, self._told_to_stop)
        self._at_once = [gevent.signal_handler(s, self.handle_quit, s, None) for s in (signal.SIGQUIT, signal.SIGINT)]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def load_wsgi(self) -> None:
        """Put the loop between gunicorn and the application, which is what `self.app` has loaded for all workers."""
        super().load_wsgi()
        self._application = self.wsgi
        self._aside = ThreadPool(1)
        log_failures(self.log)
        self.wsgi = self._serve
        sys.setswitchinterval(SHARE)

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        # One slash, as routing takes it: it would redirect an empty path, to what the request calls this host.
        environ["PATH_INFO"] = f"/{environ['PATH_INFO'].lstrip('/')}"
        if apart := self.apart.get((environ["SERVER_NAME"], environ["SERVER_PORT"])):
            return self._aside.apply(apart, (environ, start_response))
        if self.limits.aside(environ["PATH_INFO"], environ["QUERY_STRING"]):
            return self._aside.apply(self._application, (environ, start_response))
        return self._application(environ, start_response)

    def _told_to_stop(self) -> None:
        self.alive = False  # from now on every answer closes its connection
        self._application.config[STOPPING] = True
        self._stop.set()

    def run(self) -> None:
        """Serve until told to stop, then drain."""
        self._connections = Pool(self.worker_connections)
        servers = [
            StreamServer(s, partial(self._connected, s.getsockname()), spawn=self._connections) for s in self.sockets
        ]
        for server in servers:
            server.max_accept = 1  # the other workers are there to take the next one
            server.start()
        while not self._stop.wait(BEAT):
            self.notify()
        self._wait(self.limits.drain)
        for server in servers:
            _take_no_more(server.socket)
            # What the kernel has accepted already would be reset with the listener.
            while not self._connections.full() and (taken := server.do_read()):
                server.do_handle(*taken)
            server.close()
        self._finish(time.monotonic())

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.notify()
            gevent.sleep(min(BEAT, left))

    def _finish(self, started: float) -> None:
        """Wait for the answers under way, and a moment for requests that are."""
        while self._connections and time.monotonic() < started + LAST_ANSWERS:
            self.notify()
            self._connections.join(timeout=0.1)
            if time.monotonic() > started + LAST_REQUEST:
                for greenlet, (_, client) in list(self._idle.items()):
                    if _silent(client):
                        greenlet.kill(block=False)

    def _connected(self, listener: Any, client: Socket, address: Any) -> None:
        """Talk with a client until it has no more to ask, or is too slow, or one too many."""
        name = one_client(address[0])
        if self._connections.full():
            self._close_idle()
        crowded = plain_address(address[0]) not in self.limits.trusted and self._open[name] >= self.limits.per_client
        crowded = crowded and not self._close_idle(name)
        self._open[name] += 1
        if self.held:
            self.held.inc()
        try:
            if crowded:
                self._refuse(client, TooManyRequests(retry_after=int(NEXT_REQUEST)))
            else:
                self._talk(listener, client, address, name)
            _part(client)
        except OSError as error:  # a client that is gone, or does not take its answer
            if not isinstance(error, TimeoutError) and error.errno not in _GONE:
                self.log.exception("a connection failed")
        finally:
            if self.held:
                self.held.dec()
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]

    def _close_idle(self, name: str | None = None) -> bool:
        """Close the connection that has asked for nothing for longest, of the client `name` or of any, if there is."""
        for greenlet, (other, client) in self._idle.items():
            if name in (None, other) and _silent(client):
                del self._idle[greenlet]
                greenlet.kill(block=False)
                return True
        return False

    def _talk(self, listener: Any, client: Socket, address: Any, name: str) -> None:
        parser = get_parser(self.cfg, client, address)
        client.settimeout(WHOLE_ANSWER)
        patience = FIRST_REQUEST
        while begun := self._beginning(parser) or self._first_bytes(client, name, patience):
            parser.unreader.unread(begun)
            request = None
            try:
                with gevent.Timeout(WHOLE_REQUEST, RequestTimeout()):
                    request = next(parser)
                self.handle_request(listener, request, client, address)
                if not parser.finish_body(time.monotonic() + WHOLE_REQUEST, MOST_DRAINED):
                    return
            except (StopIteration, NoMoreData):
                return
            except OSError:
                raise
            except Exception as error:
                self.handle_error(request, client, address, error)
                return
            patience = NEXT_REQUEST

    def _beginning(self, parser: Any) -> bytes:
        """Return what a client has sent beyond its last request, if it sends several in a row; after others' turn."""
        begun: bytes = parser.unreader.take_buffered()
        if begun:
            gevent.sleep(TURN)
        return begun

    def _first_bytes(self, client: Socket, name: str, patience: float) -> bytes:
        """Return what a client begins a request with; nothing if it does not."""
        me = gevent.getcurrent()
        self._idle[me] = (name, client)
        try:
            # Not just recv, which returns at once if it can: a quick client would be the only one that is served.
            wait_read(client.fileno(), patience, TimeoutError())
        except TimeoutError:
            return b""
        finally:
            self._idle.pop(me, None)
        return client.recv(CHUNK)

    def handle_error(self, req: Any, client: Socket, addr: Any, exc: BaseException) -> None:
        """Answer with a page of ours. What was asked is in no log: gunicorn's own would quote the address."""
        if isinstance(exc, HTTPException):
            self._refuse(client, exc)
        elif isinstance(exc, LimitRequestLine):
            self._refuse(client, RequestURITooLarge())
        elif isinstance(exc, LimitRequestHeaders):
            self._refuse(client, RequestHeaderFieldsTooLarge())
        elif isinstance(exc, ParseException) and req is None:
            self._refuse(client, BadRequest())
        else:
            self.log.error("a request failed", exc_info=exc)
            self._refuse(client, InternalServerError())

    def _refuse(self, client: Socket, error: HTTPException) -> None:
        """Answer a request that was not read."""
        app = self._application
        with app.test_request_context(environ_overrides={UNREAD: True}):
            answer = app.process_response(app.handle_http_exception(error))
        head = [
            f"HTTP/1.1 {answer.status}",
            *(f"{name}: {value}" for name, value in answer.headers),
            "Connection: close",
        ]
        client.settimeout(DRAINED_FOR)
        client.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + answer.get_data())


def log_failures(log: Any) -> None:
    """Log what escapes from a greenlet: gevent itself prints its message, which may quote what was asked."""

    def failed(_context: Any, _kind: Any, error: BaseException | None, _places: Any) -> None:
        log.error("a greenlet failed", exc_info=error)

    gevent.get_hub().print_exception = failed  # type: ignore[method-assign, assignment]


def _take_no_more(listener: Socket) -> None:
    """Let the kernel drop what comes for a listener, so that nobody gets through between the last accept and the close.

    Who knocks meanwhile does so again after a second, and is refused. Connections that are open go on.
    """
    if sys.platform == "linux":
        nothing = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RET, 0, 0, 0))
        with suppress(OSError):  # a sandbox may forbid it: what is left then is a window of microseconds
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(nothing)))


def _silent(client: Socket) -> bool:
    """Return whether nothing has come from a client that has not been read yet."""
    poll = select.poll()  # select.select knows no more than 1,024 files
    poll.register(client, select.POLLIN)
    return not poll.poll(0)


def _part(client: Socket) -> None:
    """Say that no more comes, and take what is still on its way: else the client sees a reset instead of the answer."""
    with suppress(OSError, gevent.Timeout), gevent.Timeout(DRAINED_FOR):
        client.shutdown(socket.SHUT_WR)
        client.settimeout(DRAINED_FOR)
        for _ in range(MOST_DRAINED // CHUNK):
            if not client.recv(CHUNK):
                break
