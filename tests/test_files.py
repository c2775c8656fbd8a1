"""The file that an article was read from: off unless asked for, only what the build holds, and only to be saved."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search import reindex
from search.command.cli import main
from search.indexing import originals
from webui import Settings, create_app
from webui.http import server

BODY = "---\ntitle: 补牙\n---\n补牙按规定报销。\n"


class Client(FlaskClient):
    """A client that closes every answer once it is read."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


Serve = Callable[..., Client]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "文件").mkdir(parents=True)
    (source / "a.md").write_text(BODY, "utf-8")
    (source / "文件" / "乙.html.md").write_text(BODY.replace("补牙按", "洗牙按"), "utf-8")
    (source / "linked.md").write_text("---\ntitle: 有网址\nurl: https://a.example/x\n---\n文。\n", "utf-8")
    (source / "not.bin").write_bytes(b"secret")
    (source / ".hidden.md").write_text(BODY, "utf-8")
    (source / "empty.md").write_bytes(b"")
    (tmp_path / "outside.md").write_text(BODY, "utf-8")
    return source


@pytest.fixture
def serve(folder: Path, tmp_path: Path) -> Serve:
    def client(*files: Path, sources: tuple[Path, ...] = ()) -> Client:
        reindex(sources or [folder], tmp_path / "index")
        app = create_app(Settings(tmp_path / "index", files=files))
        return Client(app, app.response_class)

    return client


def link(client: Client, article: str) -> tuple[str, str] | None:
    page = BeautifulSoup(client.get(f"/articles/{quote(article)}").data, "html.parser")
    found = page.select_one("article a[download]")
    return (found.get_text(), str(found["href"])) if found else None


def test_nothing_is_offered_unless_it_is_asked_for(serve: Serve) -> None:
    client = serve()
    answer = client.get("/files/a.md")
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"
    assert link(client, "a.md") is None


def test_a_file_is_sent_to_be_saved_and_nothing_else(serve: Serve, folder: Path) -> None:
    client = serve(folder)
    answer = client.get("/files/a.md")
    assert (answer.status_code, answer.data) == (200, BODY.encode())
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Length"] == str(len(BODY.encode()))
    assert answer.headers["Cache-Control"] == "public, no-cache"
    name = client.get("/files/" + quote("文件/乙.html.md")).headers["Content-Disposition"]
    assert name == f"attachment; filename=\"original.md\"; filename*=UTF-8''{quote('乙.html.md')}"
    again = client.get("/files/a.md", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head("/files/a.md")
    assert (head.data, head.headers["Content-Length"]) == (b"", answer.headers["Content-Length"])
    assert "default-src 'none'; script-src" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["none", "not.bin", ".hidden.md", "empty.md", "../outside.md", "%2e%2e/outside.md", "文件", "", "/etc/passwd",
     "a.md/", "./a.md", "文件/../a.md", "a.md%00"],
)  # fmt: skip
def test_only_files_of_articles_are_sent(serve: Serve, folder: Path, path: str) -> None:
    assert serve(folder).get(f"/files/{path}").status_code == 404


def test_a_page_leads_to_the_address_where_one_is_known_else_to_the_file(serve: Serve, folder: Path) -> None:
    client = serve(folder)
    assert link(client, "a.md") == ("打开原文件（MD，1 KB）", "/files/a.md")
    assert link(client, "文件/乙.html.md") == ("打开原文件（MD，1 KB）", "/files/" + quote("文件/乙.html.md"))
    assert link(client, "linked.md") is None
    assert client.get("/files/linked.md").status_code == 200


def test_a_page_says_how_large_the_file_is(serve: Serve, folder: Path) -> None:
    (folder / "big.txt").write_text("题目\n\n" + "很长的一段文字。\n" * 48_000, "utf-8")
    assert link(serve(folder), "big.txt") == ("打开原文件（TXT，1.2 MB）", "/files/big.txt")


def test_with_files_and_without_are_two_pages(serve: Serve, folder: Path) -> None:
    tags = [serve(*files).get("/articles/a.md").headers["ETag"] for files in ((), (folder,))]
    assert tags[0] != tags[1]


def test_another_file_in_its_place_is_not_sent(serve: Serve, folder: Path) -> None:
    client = serve(folder)
    file = folder / "a.md"
    state = file.stat()
    file.write_bytes(BODY.encode() + b"x")
    assert client.get("/files/a.md").status_code == 404, "another size"
    file.write_bytes(BODY.encode().upper())
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert client.get("/files/a.md").status_code == 404, "another time"
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert client.get("/files/a.md").status_code == 200
    file.unlink()
    assert client.get("/files/a.md").status_code == 404


def test_no_link_is_followed_out_of_the_folder(serve: Serve, folder: Path, tmp_path: Path) -> None:
    client = serve(folder)
    twin = tmp_path / "twin.md"
    (folder / "a.md").rename(twin)  # the very file, with its size and time
    (folder / "a.md").symlink_to(twin)
    assert client.get("/files/a.md").status_code == 404
    inside = folder / "文件"
    inside.rename(tmp_path / "elsewhere")
    inside.symlink_to(tmp_path / "elsewhere")
    assert client.get("/files/" + quote("文件/乙.html.md")).status_code == 404


def test_a_link_inside_the_folder_is_followed_as_when_it_was_read(serve: Serve, folder: Path) -> None:
    (folder / ".kept").mkdir()
    (folder / "a.md").rename(folder / ".kept" / "x")
    (folder / "a.md").symlink_to(".kept/x")
    assert serve(folder).get("/files/a.md").data == BODY.encode()


def test_files_of_several_sources_and_of_one_file(serve: Serve, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text(BODY.replace("补牙", "种牙"), "utf-8")
    client = serve(folder, other, tmp_path / "outside.md", sources=(folder, other, tmp_path / "outside.md"))
    assert client.get("/files/a.md").data == BODY.encode()
    assert client.get("/files/other/a.md").data == BODY.replace("补牙", "种牙").encode()
    assert client.get("/files/outside.md").data == BODY.encode()
    (tmp_path / "sibling.md").write_text(BODY, "utf-8")
    assert client.get("/files/sibling.md").status_code == 404, "beside a file that is a source"


def test_a_name_in_gb18030_is_found(serve: Serve, folder: Path) -> None:
    name = os.fsdecode("报销.md".encode("gb18030"))
    (folder / name).write_text(BODY, "utf-8")
    assert serve(folder).get("/files/" + quote("报销.md")).data == BODY.encode()


def test_a_huge_file_is_not_offered(serve: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(BODY.encode())
    monkeypatch.setattr(originals, "LARGEST", size)
    client = serve(folder)
    assert client.get("/files/a.md").status_code == 200 and link(client, "a.md")
    monkeypatch.setattr(originals, "LARGEST", size - 1)
    assert client.get("/files/a.md").status_code == 404 and link(client, "a.md") is None


def test_a_new_build_is_asked_anew(serve: Serve, folder: Path, tmp_path: Path) -> None:
    client = serve(folder)
    assert client.get("/files/new.md").status_code == 404
    (folder / "new.md").write_text(BODY, "utf-8")
    assert client.get("/files/new.md").status_code == 404, "no build holds it yet"
    reindex([folder], tmp_path / "index")
    assert client.get("/files/new.md").data == BODY.encode()


def test_the_command_takes_folders_that_are_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[server.Serving] = []
    monkeypatch.setattr(server, "serve", lambda address, serving: given.append(serving))
    for arguments, expected in (((), ()), (("--files", str(folder)), (folder,))):
        assert CliRunner().invoke(main, ["serve", *arguments]).exit_code == 0
        assert given.pop().files == expected
    assert CliRunner().invoke(main, ["serve", "--files", str(tmp_path / "none")]).exit_code == 2
