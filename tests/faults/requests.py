"""Requests that nobody would send: all routes, odd methods, headers, encodings; to the app, or as bytes to a port.

Seeded: the same seed gives the same requests. What an answer must be is told by `complaints` and `raw_complaints`.
"""

from __future__ import annotations

import io
import logging
import random
import re
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import Flask

LONGEST = 2.0
"""Seconds that an answer may take."""
ALLOWED = {429, 503}
"""Statuses from 500 on, and the like, that tell of a limit and not of a fault."""
TAKES = 8190
"""Bytes of an address that the server takes (webui/http/server.py)."""

METHODS = ["GET"] * 12 + [
    "HEAD",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "CONNECT",
    "get",
    "BREW",
    "G-T",
]
PATHS = [
    *["/"] * 4,
    *["/api/v1/search"] * 4,
    *("/api/v1/suggest", "/suggest", "/compare", "/coverage", "/feed.atom", "/export.csv", "/export.json"),
    *("/healthz", "/openapi.json", "/opensearch.xml", "/robots.txt", "/sitemap.xml", "/favicon.ico", "/nowhere"),
    *("/static/", "/static/app.css", "/static/../app.py", "/static/vendor/htmx.min.js", "//", "/%2e%2e/etc/passwd"),
    *("/articles/", "/api/v1/articles/"),
]
NAMES = [
    *["q"] * 8,
    *("from", "to", "sort", "page", "size", "collapse", "province", "city", "insurance", "topic", "a", "b", "v", "id"),
    "怪",
]
PIECES = [
    *(
        "医保",
        "门诊统筹",
        "异地就医备案",
        "大连",
        "起付线",
        "bj",
        "2025",
        "职工医保",
        "大连市",
        "辽宁省",
        "pay/1",
        "national",
    ),
    *('"', "“", "”", "-", "--", "*", "?", "(", ")", "/", "\\", ":", "%", "&", "=", "+", " ", "　", "\t", "\r\n", "\0"),
    *("0", "1", "-1", "999999999999999999999", "1e9", "٣", "²", "0x1", "NaN", "2025-02-30", "0000-00-00", "9999-12-31"),
    *(
        "relevance",
        "newest",
        "oldest",
        "true",
        "<script>",
        "{{7*7}}",
        "${x}",
        "'; --",
        "../..",
        "\u202e",
        "\ufeff",
        "\ud800",
    ),
    *(
        "👩‍👩‍👧",
        "é",
        "ß",
        "İ",
        "ﬁ",
        "𠀀",
        "한",
        "ａ",
        "\x1b[0m",
        "\x7f",
        "\u0000",
        "\uffff",
        "A" * 300,
        "付" * 250,
        "(" * 120,
    ),
]
HEADERS = [
    *(
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "If-None-Match",
        "If-Modified-Since",
        "Range",
        "Cookie",
        "Referer",
    ),
    *("User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "HX-Request", "HX-Target"),
    *(
        "HX-Current-URL",
        "HX-Boosted",
        "Content-Type",
        "Content-Length",
        "Expect",
        "Origin",
        "Upgrade",
        "Host",
        "Sec-Fetch-Mode",
    ),
]
CONTENTS = [
    *(
        "*",
        "*/*",
        "gzip, br;q=0.5, *;q=0",
        "identity;q=0",
        "zstd",
        "q=;;,,",
        '"x"',
        "*, W/",
        "bytes=0-",
        "bytes=9-1",
        "-1",
    ),
    *(
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 99 Foo 99999 99:99:99 GMT",
        "true",
        "http://[::1",
        "http://a/?q=%zz",
        "//x",
    ),
    *(
        "a..b",
        ".",
        "x" * 64,
        "[::1]:99999",
        "localhost:abc",
        "xn--",
        "a,b",
        "0",
        "5",
        "100-continue",
        "chunked",
        "é",
        "\x01",
    ),
    *("multipart/form-data; boundary=", "application/json; charset=nope", "https", "x" * 5000, "", " ", "h2c"),
]


@dataclass(frozen=True)
class Asked:
    """A request. `target` is the address as sent, headers are as they came."""

    method: str
    target: bytes
    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    def raw(self) -> bytes:
        """Return it as HTTP/1.1 has it."""
        lines = [f"{self.method} ".encode() + self.target + b" HTTP/1.1", b"Host: a"]
        lines += [name.encode() + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"", self.body])


def asked(chance: random.Random) -> Asked:
    """Return a random request."""
    path = chance.choice(PATHS).encode()
    if path.endswith(b"/articles/") or not chance.randrange(12):
        path += _encoded(chance, _text(chance), "/")
    count = chance.choice((0, 1, 1, 2, 3, 8))
    pairs = [_encoded(chance, chance.choice(NAMES)) + b"=" + _encoded(chance, _text(chance)) for _ in range(count)]
    target = path + (b"?" + chance.choice((b"&", b"&", b";", b"&&")).join(pairs) if pairs else b"")
    headers = tuple(
        (chance.choice(HEADERS), chance.choice(CONTENTS).encode()) for _ in range(chance.choice((0, 0, 1, 2, 5)))
    )
    body = chance.choice((b"", b"", b"", b"a=b", b"\0\xff" * 20, b"{"))
    return Asked(chance.choice(METHODS), target[:TAKES], headers, body)


def _text(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.choice((1, 1, 2, 3, 12))))


def _encoded(chance: random.Random, text: str, safe: str = "") -> bytes:
    """Return a text as an address has it: in UTF-8, seldom in something else, cut, or half encoded."""
    way = chance.randrange(12)
    encoding = {0: "gb18030", 1: "utf-16", 2: "latin-1"}.get(way, "utf-8")
    data = text.encode(encoding, "replace" if way < 3 else "surrogatepass")
    if way == 3:
        data = data[: chance.randrange(len(data) + 1)]
    made = quote(data, safe=safe).encode()
    return made.replace(b"%", b"%25", 1) if way == 4 else made[:-1] if way == 5 else made


def mangled(chance: random.Random, data: bytes) -> bytes:
    """Return what is no longer a proper request."""
    odd = (
        b"\0",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b" ",
        b"\t",
        b":",
        b"\xff",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
    )
    odd += (
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999\r\n",
        b"HTTP/9.9",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    )
    odd += (b"A" * 9000, b"X: y\r\n" * 200, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n", b"\x16\x03\x01\x02\x00\x01")
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        place, length = chance.randrange(len(data) + 1), chance.choice((0, 0, 1, 3, 40))
        data = data[:place] + chance.choice((b"", *odd)) + data[place + length :]
    return data


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage() + (" (traceback)" if record.exc_info else ""))


def complaints(app: Flask, requests: Iterable[Asked]) -> Iterator[str]:
    """Ask the app itself; yield what is wrong with its answers."""
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    try:
        for request in requests:
            started = time.process_time()
            wrong = _answer(app, request)
            if time.process_time() - started > LONGEST:
                wrong.append("too slow")
            wrong += errors.said
            errors.said.clear()
            if wrong:
                yield f"{request}: {'; '.join(wrong)}"
    finally:
        logging.getLogger().removeHandler(errors)


def _answer(app: Flask, request: Asked) -> list[str]:
    path, _, query = request.target.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": request.target.decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.9",
        "HTTP_HOST": "a",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.decode("latin-1")
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        told[:] = [int(status[:3]), headers]

    made = app.wsgi_app(environ, start_response)
    body = b"".join(made)
    if hasattr(made, "close"):
        made.close()
    status, headers = told
    wrong = []
    if status >= 500 and status not in ALLOWED:
        wrong.append(f"status {status}")
    if any(character in name + value for name, value in headers for character in "\r\n\0"):
        wrong.append("a header of several lines")
    length = dict(headers).get("Content-Length")
    if request.method != "HEAD" and status not in (204, 304) and length and int(length) != len(body):
        wrong.append(f"{len(body)} bytes instead of {length}")
    if request.method == "HEAD" and body:
        wrong.append("a body to HEAD")
    if b"Traceback (most" in body:
        wrong.append("a traceback")
    return wrong


def raw_complaints(port: int, requests: Sequence[bytes]) -> Iterator[str]:
    """Send bytes to the server; yield what is wrong with its answers."""
    for request in requests:
        started = time.monotonic()
        try:
            answer = _sent(port, request)
        except OSError as error:
            yield f"{request!r}: {error!r}"
            continue
        status = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", answer)
        if answer and not status:
            yield f"{request!r}: not HTTP: {answer[:80]!r}"
        if status and int(status[1]) >= 500 and int(status[1]) not in ALLOWED:
            yield f"{request!r}: {answer[:80]!r}"
        if time.monotonic() - started > LONGEST:
            yield f"{request!r}: {time.monotonic() - started:.1f} s"


def _sent(port: int, request: bytes) -> bytes:
    """Return all that is answered."""
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while more := client.recv(1 << 16):
            answer += more
        return answer
