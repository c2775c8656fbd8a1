"""What an operator gets of a reindex: rejections by kind, a page without script, the same as data, the time left."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from search.command import output
from search.command.cli import main
from search.command.report_page import WORST
from search.indexing.rejected import rejected_kinds
from search.model import Rejection

HOSTILE = "</li><script>alert(1)</script>\u202e\"x'.md"


def found(*rejections: Rejection) -> list[tuple[str, str, int]]:
    return [(kind.type, kind.reason, kind.count) for kind in rejected_kinds(rejections)]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        pytest.param(("a.md", "date: “2025-13-01” is no date"), ("b.md", "date: “昨天” is no date"),
                     (".md", "date: “…” is no date"), id="what is quoted"),
        pytest.param(("a.txt", "neither UTF-8 nor GB18030 nor Big5 (byte 17)"),
                     ("b.TXT", "neither UTF-8 nor GB18030 nor Big5 (byte 1,300)"),
                     (".txt", "neither UTF-8 nor GB18030 nor Big5 (byte …)"), id="numbers, but not of a name"),
        pytest.param(("a.jsonl", "id “x” is taken by an article of b/c d.jsonl"),
                     ("e.jsonl", "id “y” is taken by an article of a.jsonl"),
                     (".jsonl", "id “…” is taken by an article of …"), id="the file that has it"),
        pytest.param(("a.pdf", "the same as /x/y.pdf, which is read already"),
                     ("b.pdf", "the same as /z.pdf, which is read already"),
                     (".pdf", "the same as …, which is read already"), id="the other file"),
        pytest.param(("a.zip", "内部/一.md:3: text: holds nothing"), ("b.zip", "two.txt: text: holds nothing"),
                     (".zip", "text: holds nothing"), id="the file in an archive"),
        pytest.param(("a.jsonl.xz", "not JSON: x (char 4)"), ("b.jsonl.xz", "not JSON: x (char 51)"),
                     (".jsonl.xz", "not JSON: x (char …)"), id="a suffix of two"),
        pytest.param(("folder", "permission denied"), ("other", "permission denied"),
                     ("", "permission denied"), id="no suffix"),
    ],
)  # fmt: skip
def test_a_kind_is_a_reason_without_what_differs(
    one: tuple[str, str], other: tuple[str, str], kind: tuple[str, str]
) -> None:
    assert found(Rejection(*one, 1), Rejection(*other, 2)) == [(*kind, 2)]


def test_kinds_are_the_largest_first_each_type_by_itself() -> None:
    many = [Rejection(f"{n}.pdf", "the PDF is damaged") for n in range(3)]
    assert found(Rejection("a.md", "x"), Rejection("b.txt", "x"), *many, Rejection("c.md", "y")) == [
        (".pdf", "the PDF is damaged", 3), (".md", "x", 1), (".md", "y", 1), (".txt", "x", 1)
    ]  # fmt: skip
    assert rejected_kinds(many)[0].examples == tuple(many)
    assert rejected_kinds([*many, *many])[0].examples == tuple(many)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles alike, one with date and source, rejections of twelve kinds, a picture."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a", "b"):
        stated = "date: 2025-01-02\nsource: 编辑部\n" if name == "a" else ""
        text = f"---\ntitle: 补牙能报吗\n{stated}---\n黑河市职工补牙按规定报销，先备案，再去定点医院，带上身份证。\n"
        (source / f"{name}.md").write_text(text, "utf-8")
    for n in range(15):
        (source / f"empty{n:02}.md").write_bytes(b"")
    bad = [f'{{"title": "题", "text": "文", "{"abcdefghijk"[n]}": 1, "date": "坏{n}"}}' for n in range(2)]
    (source / "bad.jsonl").write_text("\n".join([*bad, "{"]), "utf-8")
    (source / "HOSTILE.md").write_text(f"---\ntitle: x\ndate: {json.dumps(HOSTILE)}\n---\n文。\n", "utf-8")
    (source / "c.png").write_bytes(b"x")
    return source


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    return done.output


def test_the_data_tell_everything(folder: Path, tmp_path: Path) -> None:
    run("reindex", folder, "--index-dir", tmp_path / "index", "--report", tmp_path / "r.json")
    data = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (data["files"], data["records"], data["kinds"]) == (19, 2, {"article": 2})
    assert data["changes"] == {"added": 2, "changed": 0, "removed": 0, "unchanged": 0}
    coverage = {one["key"]: (one["label"], one["count"], one["share"]) for one in data["coverage"]}
    assert coverage["city"] == ("城市", 2, 1.0)
    assert coverage["date"] == ("日期", 1, 0.5) and coverage["source"] == ("来源", 1, 0.5)
    assert len(data["rejections"]) == 19 == sum(kind["count"] for kind in data["rejection_kinds"])
    assert data["rejection_kinds"][0] == {
        "type": ".md", "reason": "the file is empty", "count": 15,
        "examples": [f"empty{n:02}.md: the file is empty" for n in range(3)],
    }  # fmt: skip
    assert {"path": "bad.jsonl", "line": 1, "reason": "date: “坏0” is no date"} in data["rejections"]
    (skipped,) = data["skipped"]
    assert (skipped["type"], skipped["count"]) == (".png", 1) and skipped["read_by"].startswith("are pictures")
    assert data["lint"]["missing date"] == ["b.md"] and data["near_duplicates"] == [["a.md", "b.md"]]


def test_what_is_kept_counts_after_a_change_too(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    run("reindex", folder, "--index-dir", index)
    (folder / "d.md").write_text("---\ntitle: 新\nurl: https://a.example/\n---\n新文。\n", "utf-8")
    run("reindex", folder, "--index-dir", index, "--changed", "--report", tmp_path / "r.json")
    data = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert {one["key"]: one["count"] for one in data["coverage"]}["source"] == 2
    assert data["changes"]["added"] == 1 and len(data["rejections"]) == 19


def test_the_page_is_one_file_without_script_and_escapes(folder: Path, tmp_path: Path) -> None:
    for suffix in ("txt", "html", "htm", "csv", "tsv", "json", "ndjson", "zip", "jsonl.xz", "pdf"):
        (folder / f"e.{suffix}").write_bytes(b"")
    (folder / ("<img src=x>" + "\n" + "&.md")).write_bytes(b"")
    run("reindex", folder, "--dry-run", "--report", tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text("utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.html and page.html["lang"] == "zh-CN"
    assert not page.select("script, img, link, iframe, a, [src], [href], [onclick]") and "\u202e" not in text
    policy = page.select_one("meta[http-equiv]")
    assert policy and policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    items = [item.get_text() for item in page.select("details li")]
    assert "<img src=x> &.md: the file is empty" in items
    assert any("</li><script>alert(1)</script>" in item for item in items)
    tables = [
        [[cell.get_text() for cell in row.select("th, td")] for row in t.select("tr")] for t in page.select("table")
    ]
    rejected = next(table for table in tables if table[0][0] == "数量" and table[0][2] == "怎么办，原因")
    assert rejected[1][:2] == ["16", ".md"] and rejected[1][2].startswith("补上正文，或删掉文件")
    assert len(rejected) == 1 + WORST and sum(int(row[0]) for row in rejected[1:]) == 26
    (rest,) = [p.get_text() for p in page.select("p") if "另有" in p.get_text()]
    assert rest == "另有 4 类，共 4 处。"
    assert ["1", ".png", "是图片：先识别文字，存成 PDF"] in next(t for t in tables if t[0][-1] == "怎样才能读")
    assert [row[:3] for row in next(t for t in tables if t[0][1] == "有的记录")][-2:] == [
        ["日期", "1", "50%"], ["来源", "1", "50%"]
    ]  # fmt: skip
    headings = [heading.get_text() for heading in page.select("h2")]
    assert headings[-1] == "几乎相同的文章（1 组）" and len(headings) == 5


def test_a_collection_without_an_article_has_a_report_too(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a.md").write_bytes(b"")
    arguments = ["reindex", tmp_path / "source", "--index-dir", tmp_path / "index", "--report", tmp_path / "r.json"]
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exit_code == 1 and "every record was rejected" in done.output
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["rejections"] == [
        {"path": "a.md", "line": None, "reason": "the file is empty"}
    ]


@pytest.mark.parametrize("name", ["r.txt", "r", "none/r.html"])
def test_a_report_that_cannot_be_written_is_refused_before_the_work(folder: Path, tmp_path: Path, name: str) -> None:
    arguments = ["reindex", folder, "--index-dir", tmp_path / "index", "--report", tmp_path / name]
    done = CliRunner().invoke(main, list(map(str, arguments)))
    assert done.exit_code == 2 and not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    ("terminal", "seconds", "share", "left"),
    [
        pytest.param(True, 10, 0.25, ", 30 s left", id="three times as long"),
        pytest.param(True, 600, 0.5, ", 10 min left", id="minutes"),
        pytest.param(True, 1, 0.5, "", id="too early to tell"),
        pytest.param(True, 10, 0.001, "", id="too little to tell"),
        pytest.param(False, 600, 0.5, "", id="a pipe gets none"),
    ],
)
def test_how_long_the_rest_takes(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float, share: float, left: str
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    now = [100.0]
    stream = Stream()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    progress = output.Progress()
    now[0] += seconds
    progress("read", 7, share)
    assert stream.getvalue().rstrip("\n").endswith(f"read 7 records, {share:.0%}{left}")
