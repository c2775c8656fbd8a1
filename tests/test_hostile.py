"""Files that are made to take all time or memory, or to end what reads them: each is read or rejected, others go on."""

import io
import json
import lzma
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from search.command.cli import main
from search.facets import FACETS
from search.formats import READERS, packed
from search.formats.decoding import clean
from search.formats.fields import MAX_LINE, FieldError, make_article, url_fault
from search.formats.html import read_html
from search.formats.jsonl import read_jsonl, read_jsonl_xz
from search.formats.page_tree import MAX_ATTRIBUTES, with_few_attributes
from search.indexing import ingest
from search.indexing.batches import Batch, Prepared, prepare
from search.indexing.build import reindex
from search.indexing.builds import open_current
from search.indexing.ingest import read_sources
from search.model import Article, Rejection
from search.processes import CallFailed, Confined, ordered_map
from search.text import citations

PARAGRAPH = "参加职工医保的人在定点医院住院，费用按比例报销。" * 20


def page(body: str) -> str:
    return f"<html><head><title>题</title></head><body><article><p>{PARAGRAPH}</p>{body}</article></body></html>"


# A process that may take so much


def spin_in_c() -> None:
    sum(range(10**12))


@pytest.fixture(scope="module")
def confined() -> Iterator[Confined]:
    process = Confined(seconds=1, memory=1 << 30)
    yield process
    process.close()


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (bytearray, 2 << 30, "it takes more than 1,024 MB of memory"),
        (signal.raise_signal, signal.SIGKILL, "the process at work on it was ended by SIGKILL"),
        (os._exit, 3, "the process at work on it ended with status 3"),
        (int, "x", "ValueError"),
    ],
    ids=["memory", "killed", "left", "error"],
)
def test_what_a_call_does_not_survive_is_said_and_the_next_one_is_answered(
    confined: Confined, function: Callable[..., object], argument: object, reason: str
) -> None:
    with pytest.raises(CallFailed, match=f"^{re.escape(reason)}$"):
        confined.call(function, argument)
    assert confined.call(print, "as some libraries do") is None
    assert confined.call(len, "next") == 4


def test_time_is_counted_by_call() -> None:
    process = Confined(seconds=1, memory=1 << 30)
    try:
        used = sum(process.call(work, 0.5) for _ in range(5))
    finally:
        process.close()
    assert used > 2


def work(seconds: float) -> float:
    start = time.process_time()
    while (used := time.process_time() - start) < seconds:
        pass
    return used


def test_no_process_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)

    (tmp_path / "a.html").write_text(page(""), "utf-8")
    monkeypatch.setattr("subprocess.Popen", Noted)
    assert [type(r) for r in read_sources([tmp_path])] == [Article]
    assert [process.returncode for process in started] == [-signal.SIGKILL]


# Files


def spinning(stream: io.BytesIO, path: str, facets: object) -> Iterator[Article]:
    if b"spin" in stream.read():
        spin_in_c()
    yield Article(path, "article", "题", "文", path=path)


def test_a_file_that_takes_too_long_is_rejected_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_parser", Confined(1, 1 << 32))
    monkeypatch.setitem(READERS, ".slow", spinning)
    monkeypatch.setitem(ingest.PARSED_FROM, spinning, 0)
    for name, text in (("a.md", "题\n\n文"), ("b.slow", "spin"), ("c.slow", "quick"), ("d.html", page(""))):
        (tmp_path / name).write_text(text, "utf-8")
    found = [r.id if isinstance(r, Article) else f"{r.path}: {r.reason}" for r in read_sources([tmp_path])]
    assert found == ["a.md", "b.slow: cannot be read: it takes more than 1 s", "c.slow", "d.html"]


def deadly(batch: Batch) -> Prepared:
    if any("deadly" in article.text for article in batch.articles):
        signal.raise_signal(signal.SIGKILL)
    return prepare(batch)


def test_an_article_that_ends_its_worker_is_rejected_and_the_others_are_indexed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.indexing.build.prepare", deadly)
    monkeypatch.setattr("search.indexing.build.BATCH_ARTICLES", 2)
    for name, text in (("a", "门诊"), ("b", "deadly")):
        (tmp_path / f"{name}.md").write_text(f"题\n\n{text}", "utf-8")
    report = reindex([tmp_path], tmp_path / "index", workers=1)
    assert [str(rejection) for rejection in report.rejections] == [
        "b.md: article “b.md” cannot be indexed: the process at work on it was ended by SIGKILL"
    ]
    assert (report.files, report.articles, report.changes.added) == (2, 1, 1)
    engine = open_current(tmp_path / "index")
    assert [article.id for article in engine.articles()] == ["a.md"]
    engine.close()


def test_without_a_rescue_a_lost_worker_is_an_error() -> None:
    with pytest.raises(BrokenProcessPool):
        list(ordered_map(os._exit, [1], 1))


def test_a_lost_worker_makes_nobody_close_a_file_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Connection] = []

    def close(connection: Connection) -> None:
        closed.append(connection)
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.5)  # the other thread has its chance to close it as well
        os.close(connection.fileno())

    monkeypatch.setattr(Connection, "_close", close)
    with pytest.raises(BrokenProcessPool):
        list(ordered_map(os._exit, [1], 1))
    assert len(closed) == len(set(map(id, closed)))


def test_a_tag_with_any_number_of_attributes_is_read() -> None:
    many = "".join(f' a{number}="{number}>"' for number in range(50_000))
    start = time.process_time()
    (article,) = read_html(io.BytesIO(page(f"<p{many}>最后一段讲异地就医备案。</p>").encode()), "a.html")
    assert time.process_time() - start < 3
    assert isinstance(article, Article)
    assert article.text.endswith("最后一段讲异地就医备案。")


def test_pages_of_ordinary_tags_are_parsed_as_they_are() -> None:
    usual = page('<p class="a b" data-x=\'1>2\' hidden>一<br/>二 &lt; 三 a<b</p><img src=x alt="长 话 短 说">')
    assert with_few_attributes(usual) == usual
    full = "<p" + " a" * MAX_ATTRIBUTES + ">"
    assert with_few_attributes(full) == full
    assert with_few_attributes(full.replace(">", " one=more>")) == full


def records(*parts: bytes) -> list[str]:
    found = read_jsonl_xz(io.BytesIO(b"".join(parts)), "a.jsonl.xz")
    return [r.text if isinstance(r, Article) else r.reason for r in found]


ONE, TWO = (b'{"text": "%b"}\n' % word.encode() for word in ("甲", "乙"))


def test_what_unpacks_to_thousands_of_times_its_size_is_cut_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "FREE_BYTES", 500_000)
    bomb = lzma.compress(ONE + b"\n" * (packed.FREE_BYTES + 100_000) + TWO)
    assert records(bomb) == ["甲", "it unpacks to more than 200 times its size; the rest is left out"]


def test_a_small_file_and_an_honest_one_may_unpack_to_what_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    assert records(lzma.compress(ONE + b"\n" * 400_000 + TWO)) == ["甲", "乙"]
    monkeypatch.setattr(packed, "FREE_BYTES", 10)
    assert records(lzma.compress(ONE + TWO)) == ["甲", "乙"]


def test_all_that_is_unpacked_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 50_000)
    random = lzma.compress(os.urandom(40_000).hex().encode() + b"\n")
    assert records(lzma.compress(ONE), random)[-1].startswith("it unpacks to more")


def test_packed_streams_follow_each_other() -> None:
    one, two = lzma.compress(ONE), lzma.compress(TWO)
    assert records(one, b"\0" * 8, two) == ["甲", "乙"]
    assert records(one, two, b"\0" * 4) == ["甲", "乙"]
    assert records(lzma.compress(ONE + TWO, format=lzma.FORMAT_ALONE)) == ["甲", "乙"]
    assert records(one, b"garbage at the end")[1].startswith("damaged xz data, the rest is lost")


def test_packing_that_asks_for_gigabytes_is_rejected() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 64 * 1024 * 1024}]
    greedy = bytearray(lzma.compress(ONE, filters=filters))
    assert records(bytes(greedy)) == ["甲"]
    (reason,) = records(lzma.compress(ONE, format=lzma.FORMAT_ALONE).replace(b"]\0\0\x80\0", b"]\0\0\0\x7f", 1))
    assert reason.startswith("damaged xz data")


def test_a_file_that_is_none_of_records_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.formats.jsonl.MOST_REJECTED", 3)
    lines = b"{\n" + ONE + b"[]\n" + ONE + b"x\n" + ONE
    found = list(read_jsonl(io.BytesIO(lines), "a.jsonl"))
    assert [r.line if isinstance(r, Rejection) else r.id for r in found] == [1, "a.jsonl/2", 3, "a.jsonl/4", 5, 6]
    assert isinstance(found[-1], Rejection)
    assert found[-1].reason == "3 lines were rejected; what follows is not read"


DEEP = 50_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"text": "文", "more": ' + "[" * DEEP + "]" * DEEP + "}"),
        ("b.jsonl", '{"a":' * DEEP + "1" + "}" * DEEP),
        ("c.jsonl", '{"text": "文", "n": ' + "9" * DEEP + "}"),
        ("d.jsonl", '{"text": "文", "title": "' + "\\u202e" * DEEP + '"}'),
        ("e.md", "---\n" + "a: [" * 9_000 + "\n---\n文"),
        ("f.md", "> " * DEEP + "文"),
        ("g.md", "[" * 5_000 + "文"),
        ("h.html", page("<div>" * 20_000 + "文" + "</div>" * 20_000)),
        ("i.txt", "题\n" + "一、\n" * DEEP),
        ("j.txt", "题\n" + "，" * DEEP + "\n相关推荐\n" + "报" * DEEP + " 2024-01-01"),
        ("k.txt", ("甲" + " " * 1000) * 500),
    ],
)
def test_every_format_survives_what_is_deep_or_long(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "z.md").write_text("题\n\n文", "utf-8")
    start = time.process_time()
    *_, last = read_sources([tmp_path])
    assert isinstance(last, Article)
    assert last.id == "z.md"
    assert time.process_time() - start < 10


# Fields


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "//a.example/",
        "https:/a.example",
        "https://:80/",
        "https://a.example:0x/",
        "https://a.example:99999/",
        "https://a.example\\b.example/",
        'https://a.example/"onclick="x',
        "https://a.example/<script>",
        "https://[::1/",
    ],
)
def test_addresses_that_are_no_plain_link_are_left_out(url: str) -> None:
    assert make_article("a", "a", {"url": url}, "文").url == ""
    assert url_fault(url).endswith("is no http(s) address")


@pytest.mark.parametrize("user", ["ann:s3cret@", "s3cret@", "ann:@s3cret@", ":s3cret@", "s3cret\\@"])
def test_an_address_with_a_user_is_left_out_without_repeating_it(user: str) -> None:
    assert make_article("a", "a", {"url": f"https://{user}a.example/p"}, "文").url == ""
    assert url_fault(f"https://{user}a.example/p") == "url: holds a user name or password"
    canonical = f'<link rel="canonical" href="https://{user}a.example/p">'
    (article,) = read_html(io.BytesIO(page("").replace("<head>", f"<head>{canonical}").encode()), "a.html")
    assert isinstance(article, Article)
    assert "s3cret" not in article.url


@pytest.mark.parametrize("url", ["https://a.example/@name?mail=a@b.example#x", "http://例子.example:8080/路径"])
def test_plain_addresses_are_kept(url: str) -> None:
    assert make_article("a", "a", {"url": url}, "文").url == url


INVISIBLE = [0xAD, 0x61C, 0x200B, 0x200D, 0x200E, 0x202E, 0x2060, 0x2066, 0x3164, 0xFEFF, 0xFFF9, 0xE0041]


@pytest.mark.parametrize("code", INVISIBLE, ids=hex)
@pytest.mark.parametrize("name", ["a.md", "a.jsonl", "a.txt", "a.html"])
def test_characters_that_nobody_sees_are_in_no_field(name: str, code: int) -> None:
    title, text = f"门{chr(code)}诊报销", f"住{chr(code)}院" + PARAGRAPH
    record = {"title": title, "text": f"一、住{chr(code)}院\n{text}", "source": title, "city": [title]}
    data = {
        "a.md": f"---\ntitle: {title}\n---\n# 住{chr(code)}院\n\n{text}",
        "a.jsonl": json.dumps(record, ensure_ascii=code % 2 == 0),
        "a.txt": f"{title}\n\n{text}",
        "a.html": f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>",
    }[name]
    (article,) = READERS[Path(name).suffix](io.BytesIO(data.encode()), name, FACETS)
    assert isinstance(article, Article)
    assert article.title == "门诊报销"
    assert "住院参加职工" in article.text
    assert chr(code) not in "".join(
        [*article.facets.get("city", ()), article.source, *(s.heading for s in article.sections)]
    )
    assert all(article.text[s.start : s.body].strip("# ") == s.heading for s in article.sections)


def test_what_has_ink_or_chooses_a_glyph_stays() -> None:
    kept = "葛\U000e0100 ☎\ufe0f 1\u3000é 𠮷"
    assert clean(kept) == kept


def test_an_id_with_a_turn_of_direction_is_rejected() -> None:
    with pytest.raises(FieldError, match=r"^id: "):
        make_article("a", "a\u202eb", {}, "文")


def test_a_field_of_one_line_has_a_bound() -> None:
    assert len(make_article("a", "a", {"title": "题" * MAX_LINE}, "文").title) == MAX_LINE
    with pytest.raises(FieldError, match="title: longer than 10,000 characters"):
        make_article("a", "a", {"title": "题" * (MAX_LINE + 1)}, "文")


def test_the_name_of_a_work_takes_time_in_proportion() -> None:
    start = time.process_time()
    assert citations.work("通知" + "(注)" * 100_000) == "通知"
    assert citations.work("(注)" * 100_000 + "x").endswith("x")
    assert time.process_time() - start < 1
    names = ("办法(试行)(2)", "办法(a(b))", "办法)", "办法(a)b)", "(a)")
    assert [citations.work(name) for name in names] == ["办法", "办法(a(b))", "办法)", "办法(a)b)", ""]


# File names, arguments and terminals


def test_a_file_name_of_windows_is_read_by_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode("医保".encode("gbk"))
    folder.mkdir()
    (folder / os.fsdecode("补牙.md".encode("gbk"))).write_text("题\n\n文", "utf-8")
    (tmp_path / os.fsdecode(b"\xff\xff.md")).write_text("题\n\n文", "utf-8")
    rejected, article = sorted(read_sources([tmp_path]), key=lambda record: isinstance(record, Article))
    assert isinstance(article, Article)
    assert article.id == article.path == "医保/补牙.md"
    assert rejected == Rejection("\ufffd\ufffd.md", "the file's name is neither UTF-8 nor GB18030")


POSIX = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def yibao(*args: str | bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
    others = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    command = [sys.executable, "-m", "search.command.cli", *args]
    return subprocess.run(command, env={**others, **POSIX, **env}, capture_output=True, check=False)


def test_chinese_is_understood_and_printed_in_a_locale_without_it(seed_index: Path) -> None:
    there = ["--index-dir", str(seed_index)]
    found = yibao("search", "补牙", "--city", "黑河市", *there)
    assert found.returncode == 0, found.stderr.decode()
    assert "补牙" in found.stdout.decode()
    same = yibao("search", "补牙".encode("gbk"), "--city", "黑河市".encode("gbk"), *there)
    assert same.stdout.split("，".encode())[0] == found.stdout.split("，".encode())[0]
    broken = yibao("search", b"\xff\xfe", *there)
    assert broken.returncode == 2
    assert b"these bytes are text neither in UTF-8 nor in GB18030" in broken.stderr
    shown = yibao("search", "补牙", "--json", *there, PYTHONIOENCODING="ascii")
    assert shown.returncode == 0, shown.stderr.decode()
    assert json.loads(shown.stdout.decode("ascii"))["total"] > 0


@pytest.mark.parametrize(
    "command", [["search", "补牙"], ["stats"], ["export"], ["doctor"], ["analyze", "补牙\udcff"], ["-h"]]
)
def test_a_terminal_of_ascii_takes_what_every_command_prints(seed_index: Path, command: list[str]) -> None:
    there = [] if command[0] in ("analyze", "-h") else ["--index-dir", str(seed_index)]
    for encoding in ("ascii", "latin-1"):
        result = CliRunner(charset=encoding).invoke(main, [*command, *there])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
