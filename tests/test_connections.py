"""Slow and hostile clients of the production server, over raw sockets: what they hold, and who is served meanwhile."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from search.command.cli import main
from webui.http.server import takes_long

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0
"""Seconds for what must happen; on a busy machine as well."""
HALF_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "
SLOW_BODY = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc"
STRANGER = "127.0.0.9"
"""An address of this machine that is nobody's proxy."""


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    port: int

    def connect(self, address: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE, (address, 0))

    def ask(self, path: str, address: str = "127.0.0.1") -> int:
        """Return the status of an answer on a connection of its own."""
        client = HTTPConnection("127.0.0.1", self.port, PATIENCE, (address, 0))
        try:
            client.request("GET", path)
            answer = client.getresponse()
            answer.read()
            return answer.status
        finally:
            client.close()

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must become true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


COMMAND = ("-m", "search.command.cli")


@contextmanager
def starting(
    index: Path, *options: str, errors: Path | None = None, program: Sequence[str] = COMMAND
) -> Iterator[Server]:
    """Run a server that listens already; its workers come next."""
    command = [sys.executable, *program, "serve", "--index-dir", str(index), "--port", "0"]
    with ExitStack() as stack:
        stderr = stack.enter_context(errors.open("w")) if errors else None
        process = subprocess.Popen(
            [*command, "--workers", "2", *options], stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT
        )
        stack.callback(process.wait, PATIENCE)
        stack.callback(process.terminate)
        assert process.stdout
        stack.callback(process.stdout.close)
        port = re.search(r":([0-9]+) ", process.stdout.readline())
        assert port
        yield Server(process, int(port.group(1)))


@contextmanager
def serving(
    index: Path, *options: str, errors: Path | None = None, program: Sequence[str] = COMMAND
) -> Iterator[Server]:
    with starting(index, *options, errors=errors, program=program) as server:
        until(lambda: len(server.workers()) >= 2)  # and with --gaps the process that counts, begun before them
        yield server


@pytest.fixture(scope="module")
def server(seed_index: Path) -> Iterator[Server]:
    with serving(seed_index) as server:
        yield server


def head(client: socket.socket) -> str:
    """Return the head of an answer, whose body stays unread, or what came until the connection was closed."""
    data = b""
    while b"\r\n\r\n" not in data and (more := client.recv(1)):
        data += more
    return data.decode("latin-1")


def to_the_end(client: socket.socket) -> bytes:
    data = b""
    while more := client.recv(1 << 16):
        data += more
    return data


SEARCH = f"/api/v1/search?q={quote('异地就医备案')}"


@pytest.mark.parametrize(
    ("opening", "count"),
    [(b"", 4), (b"", 300), (HALF_HEAD, 50), (SLOW_BODY, 20)],
    ids=["preconnect", "idle", "head", "body"],
)
def test_connections_that_are_held_hold_up_nobody(server: Server, opening: bytes, count: int) -> None:
    workers = server.workers()
    with ExitStack() as stack:
        held = [stack.enter_context(server.connect()) for _ in range(count)]
        for client in held:
            client.sendall(opening)
        # Four times the threads that a worker had when such connections held one each, until their deadline.
        assert {server.ask(path) for path in ("/healthz", SEARCH) * 8} == {200}
    assert server.workers() == workers


def test_slow_clients_are_let_go_at_their_deadline(server: Server) -> None:
    """Each byte that drips is a sign of life, and no reason to go on waiting."""
    with server.connect() as still, server.connect() as dripping, server.connect() as silent, server.connect() as body:
        still.sendall(HALF_HEAD)
        dripping.sendall(HALF_HEAD)
        body.sendall(SLOW_BODY)
        let_go = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while not let_go.wait(0.5):
                    dripping.sendall(b"a")
                    body.sendall(b"a")

        dripper = threading.Thread(target=drip)
        dripper.start()
        try:
            assert head(body).startswith("HTTP/1.1 405 "), "the answer does not wait for a body"
            answers = [to_the_end(client).decode() for client in (still, dripping)]
            assert [answer[:13] for answer in answers] == ["HTTP/1.1 408 "] * 2
            assert "网络可能不太顺" in answers[0]
            assert silent.recv(1) == b""
            to_the_end(body)
        finally:
            let_go.set()
            dripper.join()


def test_a_body_that_comes_is_thrown_away_and_the_connection_goes_on(server: Server) -> None:
    client = HTTPConnection("127.0.0.1", server.port, PATIENCE)
    try:
        for _ in range(3):
            client.request("POST", "/", b"x" * 5000)
            answer = client.getresponse()
            answer.read()
            assert (answer.status, answer.headers["Connection"]) == (405, "keep-alive")
    finally:
        client.close()


def test_a_pause_does_not_end_a_connection(server: Server) -> None:
    with server.connect() as client:
        for pause in (2.5, 0):
            client.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = head(client)
            assert "Connection: keep-alive" in answer
            client.recv(int(answer.split("Content-Length: ")[1].split()[0]), socket.MSG_WAITALL)
            assert select.select([client], [], [], pause)[0] == [], "it was closed"


DEAR = (f"/export.json?q={quote('报销')}", f"/api/v1/search?q={quote('报销')}&size=100", "//compare?a=北京&b=上海")


@pytest.mark.parametrize("path", DEAR)
def test_dear_answers_are_made_aside(server: Server, path: str) -> None:
    """Without it, what is asked after them waits for all that its worker was asked before."""
    with ExitStack() as stack:
        dear = [stack.enter_context(server.connect()) for _ in range(80)]
        for client in dear:
            client.sendall(f"GET {quote(path, safe='/?=&%')} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert server.ask("/healthz") == 200
        answered = select.select(dear, [], [], 0)[0]
        assert len(answered) < len(dear) / 2
        assert all(head(client).startswith("HTTP/1.1 200 ") for client in dear)


@pytest.mark.parametrize(
    ("path", "query", "dear"),
    [
        ("/", "size=20", False),
        ("/", "q=x&size=21", True),
        ("/api/v1/search", "size=0100", True),
        ("/api/v1/search", "size=10&size=50", True),
        ("/api/v1/search", "q=size=50&oversize=50&size=", False),
        ("/sitemap.xml", "", True),
    ],
)
def test_long_pages_are_dear(path: str, query: str, dear: bool) -> None:
    assert takes_long(path, query) is dear


def test_requests_in_a_row_are_answered_in_a_row(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n" * 20 + b"GET /healthz HTTP/1.0\r\n\r\n")
        assert to_the_end(client).count(b"HTTP/1.1 200 OK") == 20


def test_one_address_may_hold_only_so_many_connections(server: Server) -> None:
    with ExitStack() as stack:
        held = []
        for _ in range(100):
            held.append(stack.enter_context(server.connect(STRANGER)))
            held[-1].sendall(HALF_HEAD)
        answers = {head(client)[:13] for client in select.select(held, [], [], PATIENCE)[0]}
        # One that had said nothing yet when the next one came is closed for it, without a word.
        assert "HTTP/1.1 429 " in answers and answers <= {"HTTP/1.1 429 ", ""}
        assert server.ask("/healthz", "127.0.0.10") == 200, "another client"
        assert server.ask("/healthz") == 200, "a proxy on this machine"


def test_idle_connections_of_an_address_make_room_for_those_that_ask(server: Server) -> None:
    """A whole office may stand behind one address, each browser with connections that wait."""
    with ExitStack() as stack:
        for _ in range(150):
            client = stack.enter_context(server.connect(STRANGER))
            client.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            assert head(client).startswith("HTTP/1.1 200 ")


def test_a_proxy_that_is_named_is_not_limited(seed_index: Path) -> None:
    with serving(seed_index, "--proxy", STRANGER) as server, ExitStack() as stack:
        for _ in range(110):
            stack.enter_context(server.connect(STRANGER)).sendall(HALF_HEAD)
        assert server.ask("/healthz", STRANGER) == 200


@pytest.mark.parametrize("fatal", [signal.SIGSEGV, signal.SIGKILL])
def test_a_worker_that_is_killed_is_named_and_replaced(seed_index: Path, tmp_path: Path, fatal: signal.Signals) -> None:
    errors = tmp_path / "errors"
    with serving(seed_index, errors=errors) as server:
        victim, other = server.workers()
        os.kill(victim, fatal)
        until(lambda: len(server.workers() - {victim, other}) == 1)
        assert server.ask("/healthz") == 200
        (line,) = [line for line in errors.read_text().splitlines() if str(victim) in line]
        assert fatal.name in line and "[ERROR]" in line


def test_a_stop_resets_no_request(seed_index: Path) -> None:
    """Asked over kept connections and new ones until the port is closed: what was sent is answered."""
    with serving(seed_index) as server:
        failures: list[str] = []
        answered = threading.Semaphore(0)

        def ask(keep: bool) -> None:
            client = HTTPConnection("127.0.0.1", server.port, PATIENCE)
            while True:
                try:
                    if client.sock is None:
                        client.connect()
                except ConnectionRefusedError:
                    return
                try:
                    client.request("GET", SEARCH)
                    answer = client.getresponse()
                    answer.read()
                    answered.release()
                    if answer.status != 200:
                        failures.append(str(answer.status))
                    if not keep:
                        client.close()
                except (OSError, HTTPException) as error:
                    failures.append(repr(error))
                    client.close()

        askers = [threading.Thread(target=ask, args=(number % 2 == 0,)) for number in range(8)]
        for asker in askers:
            asker.start()
        for _ in range(40):
            assert answered.acquire(timeout=PATIENCE)
        server.process.terminate()
        for asker in askers:
            asker.join(PATIENCE)
            assert not asker.is_alive()
        assert failures == []
        assert server.process.wait(PATIENCE) == 0


def test_a_request_that_is_on_its_way_is_answered_although_the_server_stops(seed_index: Path) -> None:
    with serving(seed_index) as server, server.connect() as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        client.sendall(b"X-More: ")  # the head is under way: the worker waits for its end
        server.ask("/healthz")
        server.process.terminate()
        until(lambda: refuses(server))
        client.sendall(b"a\r\n\r\n")
        answer = to_the_end(client).decode()
        assert "Connection: close" in answer and "this server is stopping" in answer


def test_first_not_ready_then_closed(seed_index: Path) -> None:
    with serving(seed_index, "--drain", "60") as server:
        server.process.terminate()
        until(lambda: server.ask("/healthz") == 503)
        assert server.ask(SEARCH) == 200, "not ready for more, and serving all the same"
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0


TOLD_AT_ONCE = """
import os, signal
from search.command.cli import main
from webui.http.worker import Worker
begin = Worker.init_process
def told_to_stop(self):
    os.kill(os.getpid(), signal.SIGTERM)
    begin(self)
Worker.init_process = told_to_stop
main()
"""


def test_a_stop_during_the_start_is_not_lost(seed_index: Path) -> None:
    """A worker that has only just been forked has the handlers of its master, which would do nothing about it."""
    with starting(seed_index, "--workers", "1", "--drain", "60", program=("-c", TOLD_AT_ONCE)) as server:
        until(lambda: server.ask("/healthz") == 503)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0


def refuses(server: Server) -> bool:
    try:
        server.connect().close()
    except OSError:
        return True
    return False


def test_no_query_is_written_down_whatever_goes_wrong(seed_index: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with serving(seed_index, errors=errors) as server:
        for request in (
            b"GET /?q=SECRET HTTP/9.9\r\n\r\n",
            b"GET /?q=SECRET\r\n\r\n",
            b"GET /?q=SECRET HTTP/1.1\r\nHost: a\r\nScript_Name: /x\r\nConnection: close\r\n\r\n",
            b"GET /?q=SECRET HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            b"GET /?q=SECRET HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n\r\n",
            b"GET /?q=SECRET HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            b"GET /?q=SECRET HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        ):
            with server.connect() as client:
                client.sendall(request)
                assert to_the_end(client)
    assert "SECRET" not in errors.read_text()


def test_headers_of_a_proxy_move_nothing(server: Server) -> None:
    """A proxy on this machine is trusted to be one, not to say where the pages lie."""
    with server.connect() as client:
        client.sendall(
            b"GET /robots.txt HTTP/1.1\r\nHost: a\r\nScript_Name: /x\r\nPath_Info: /y\r\nConnection: close\r\n\r\n"
        )
        assert to_the_end(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], True),
        (["--host", "0.0.0.0", "--base-url", "https://yibao.example.org"], False),
        (["--host", "0.0.0.0", "--proxy", "10.0.0.5"], False),
        ([], False),
    ],
    ids=["alone", "base-url", "proxy", "loopback"],
)
def test_the_start_says_when_others_connect_without_a_proxy(
    seed_index: Path, tmp_path: Path, options: list[str], said: bool
) -> None:
    errors = tmp_path / "errors"
    with serving(seed_index, *options, errors=errors) as server:
        assert server.ask("/healthz") == 200
    assert ("without TLS" in errors.read_text()) is said


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--base-url", "yibao.example.org"], "must be like https://yibao.example.org, without a path"),
        (["--base-url", "https://example.org/yibao"], "must be like https://yibao.example.org, without a path"),
        (["--proxy", "proxy.example.org"], "'proxy.example.org' does not appear to be an IPv4 or IPv6 address"),
    ],
)
def test_addresses_that_are_none_are_refused(options: list[str], complaint: str) -> None:
    done = CliRunner().invoke(main, ["serve", *options])
    assert done.exit_code == 2 and complaint in done.output


ODD_REQUESTS = {
    b"HEAD /sitemap.xml HTTP/1.1\r\nHost: a": (200, True),
    b"HEAD /nowhere HTTP/1.1\r\nHost: a": (404, True),
    b"GET /healthz HTTP/1.0": (200, False),
    b"GET /healthz HTTP/1.0\r\nConnection: keep-alive": (200, False),
    b"GET http://a/sitemap.xml HTTP/1.1\r\nHost: b": (200, False),
    b"GET http://a HTTP/1.1\r\nHost: a": (200, False),
    b"GET //sitemap.xml HTTP/1.1\r\nHost: a": (200, False),
    b"GET ////evil.example/%2e%2e HTTP/1.1\r\nHost: a": (404, False),
    b"GET /articles//x HTTP/1.1\r\nHost: a": (404, False),
    b"GET /%00 HTTP/1.1\r\nHost: a": (404, False),
    b"GET /%ff%fe HTTP/1.1\r\nHost: a": (404, False),
    b"GET /%zz HTTP/1.1\r\nHost: a": (404, False),
    b"GET /api/v1/articles/%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: a": (404, False),
    b"GET /?q=%ff%00%zz HTTP/1.1\r\nHost: a": (200, False),
    b"GET /api/v1/search?q=%ff HTTP/1.1\r\nHost: a": (200, False),
    b"GET /sitemap.xml HTTP/1.1\r\nHost: a\r\nRange: bytes=5-2": (200, False),
    b"GET /static/style.css HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9": (206, False),
    b"GET /static/style.css HTTP/1.1\r\nHost: a\r\nRange: bytes=9999999-": (416, False),
    b"GET /sitemap.xml HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: yesterday": (200, False),
    b"GET /static/style.css HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT": (304, True),
    b'GET /sitemap.xml HTTP/1.1\r\nHost: a\r\nIf-None-Match: \xff"': (200, False),
    b"GET /sitemap.xml HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=x, \xff": (200, False),
    b"OPTIONS * HTTP/1.1\r\nHost: a": (404, False),
    b"TRACE / HTTP/1.1\r\nHost: a": (405, False),
    b"CONNECT a:443 HTTP/1.1\r\nHost: a": (404, False),
    b"GET /%E5%8C%BB HTTP/1.1\r\nHost: a": (404, False),
    "GET /医 HTTP/1.1\r\nHost: a".encode(): (400, False),
}


def test_odd_requests_get_plain_answers(seed_index: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with serving(seed_index, errors=errors) as server:
        for request, (status, empty) in ODD_REQUESTS.items():
            with server.connect() as client:
                client.sendall(request + b"\r\nX-Last: 1\r\n\r\n")
                client.shutdown(socket.SHUT_WR)
                top, _, body = to_the_end(client).partition(b"\r\n\r\n")
            assert re.match(rb"HTTP/1\.[01] %d " % status, top), request
            assert b"\r\nCache-Control: " in top and (body == b"") is empty
            assert b"X-Evil" not in top and b"Location" not in top
    assert [line for line in errors.read_text().splitlines() if "[INFO] answer" not in line] == []
