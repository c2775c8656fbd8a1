"""Files that are not what their name, their lack of a mark or their wrapping suggests: read as what they are."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest

from search.formats.decoding import decode
from search.formats.jsonl import read_json
from search.indexing.ingest import parsing, read_file, scan
from search.model import Article, Rejection
from tests.pdfs import Page, pdf

SAYS = "社区医院的门诊费用，凭社保卡直接结算。"
PAGE = f"<!DOCTYPE html>\n<html><head><title>门诊结算</title></head><body><p>{SAYS}</p></body></html>"


def word() -> bytes:
    document = docx.Document()
    document.add_paragraph(SAYS)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def saved_page(charset: str, encoding: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "<Saved by Blink>", "page"
    message.set_type("multipart/related")
    part = EmailMessage()
    part.set_content(PAGE.encode(encoding), "text", "html", cte="base64")
    if charset:
        part.set_param("charset", charset)
    message.attach(part)
    return bytes(message)


@pytest.fixture(scope="module")
def parser() -> Iterator[None]:
    """One process of the parsers for all of them."""
    with parsing():
        yield


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", pdf(Page().text(72, 200, SAYS))),
        ("a.html", pdf(Page().text(72, 200, SAYS))),
        ("a.json", pdf(Page().text(72, 200, SAYS))),
        ("a.md", word()),
        ("a.csv", word()),
        ("a.zip", word()),
        ("a.txt", PAGE.encode()),
        ("a.md", b"\xef\xbb\xbf\n" + PAGE.encode()),
        ("a.jsonl", PAGE.encode("gb18030")),
        ("a.shtml", PAGE.encode()),
        ("a.txt", json.dumps([{"title": "门诊", "text": SAYS}]).encode()),
        ("a.txt", json.dumps({"title": "门诊", "text": SAYS}).encode()),
        ("a.mht", saved_page("utf-8", "utf-8")),
        ("a.mhtml", saved_page("gb2312", "gb18030")),
        ("a.doc", saved_page("", "gb18030")),
        ("a.mht", saved_page("no-such", "utf-8")),
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_a_file_is_its_bytes_tell(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    (found,) = [record for file in scan([tmp_path]) for record in read_file(file)]
    assert isinstance(found, Article) and found.text == SAYS, found


@pytest.mark.usefixtures("parser")
def test_an_archive_of_documents_is_one_and_a_message_without_a_page_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("门诊.txt", f"门诊怎么结算\n\n{SAYS}")
    message = EmailMessage()
    message.set_type("multipart/related")
    (tmp_path / "b.mht").write_bytes(bytes(message))
    found = [record for file in scan([tmp_path]) for record in read_file(file)]
    assert isinstance(found[0], Article) and found[0].id == "a.zip/门诊.txt"
    assert found[1:] == [Rejection("b.mht", "no page in the file")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["一、门诊统筹\n二、住院 100 元\n", "一万元以上的部分\n开始于 2025 年，倀倀后\n"])
def test_wide_text_without_a_mark_is_read_though_ideographs_have_a_nul_too(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"code": 0, "data": {"total": 2, "rows": [{"title": "甲", "text": "乙"}] * 2}}, 2),
        ({"result": {"page": {"list": [{"title": "甲", "text": "乙"}]}}}, 1),
        ({"a-1": {"title": "甲", "text": "乙"}, "a-2": {"title": "丙", "text": "丁"}}, 2),
        ({"title": "甲", "text": "乙", "extra": {"views": 3}}, 1),
    ],
)
def test_records_are_found_in_what_an_interface_wraps_around_them(value: object, count: int) -> None:
    found = list(read_json(io.BytesIO(json.dumps(value).encode()), "a.json"))
    assert [isinstance(record, Article) and record.title for record in found][:1] == ["甲"] and len(found) == count
