"""A cluster that lets in over TLS alone, and only whom it knows: a front that asks so before a real node."""

from __future__ import annotations

import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from search import Query, answer, open_current, reindex
from search.errors import EngineUnavailable
from tests.cluster.nodes import Cluster
from tests.cluster.sources import write_source
from tests.secured import HOST, Authority

USER, PASSWORD = "writer", "a:b@c/d"


@pytest.fixture
def front(cluster: Cluster, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of the front, and the file of whom to trust."""
    node = cluster.nodes[0].address
    known = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, kind, found = self._asked(body) if self.headers.get("authorization") == known else (401, "", b"")
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(found)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else found)

        def _asked(self, body: bytes) -> tuple[int, str, bytes]:
            headers = {"content-type": self.headers.get("content-type", "application/json")}
            request = urllib.request.Request(f"http://{node}{self.path}", body or None, headers, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, answer.headers["content-type"], answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.headers["content-type"], error.read()

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

        def log_message(self, *args: object) -> None:
            pass

    authority = Authority(tmp_path)
    with authority.serving(Front) as port:
        yield port, authority.file


def test_it_is_written_and_asked_over_tls_by_whom_the_cluster_knows(front: tuple[int, Path], tmp_path: Path) -> None:
    port, trusted = front
    credentials = tmp_path / "credentials"
    credentials.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    place = f"{HOST}:{port}/tls"
    known = f"opensearch://{place}?ca={trusted}&credentials={credentials}"
    articles = [
        {"id": "a", "title": "住院报销", "text": "住院报销七成。"},
        {"id": "b", "title": "门诊", "text": "门诊统筹。"},
    ]
    reindex([write_source(tmp_path / "articles", articles)], known)
    assert [hit.article.id for hit in answer(open_current(known), Query(text="住院")).hits] == ["a"]

    stranger = f"opensearch://{USER}:wrong@{place}?ca={trusted}"
    for asked, reason in {
        stranger: "does not let this user in",
        f"opensearch://{place}?tls=yes&credentials={credentials}": "certificate is not trusted",
        f"opensearch://{place}?credentials={credentials}": "no connection to any of its hosts",
    }.items():
        with pytest.raises(EngineUnavailable, match=reason) as raised:
            open_current(asked)
        assert PASSWORD not in str(raised.value)
        assert urlsplit(asked).path in str(raised.value)
