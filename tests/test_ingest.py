"""Which files are read, in which order and under which paths; what cannot be read; what changes meanwhile."""

import io
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.facets import Facets
from search.formats import Reader
from search.indexing import ingest
from search.indexing.ingest import SourceFile, has_changed, read_file, read_files, read_sources, scan, scan_all
from search.model import Article, Rejection

SAMPLE_PAGES = Path(__file__).parent / "samples/pages"
ARTICLE = "题\n\n正文。\n"


def put(folder: Path, *names: str, text: str = ARTICLE) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def paths(*sources: Path) -> list[str]:
    return [file.path for file in scan(sources)]


def problems(*sources: Path) -> dict[str, str]:
    return {file.path: file.problem for file in scan(sources) if file.problem}


def outcome(*sources: Path) -> list[str]:
    """Ids of articles, and `path: reason` of rejections."""
    return [r.id if isinstance(r, Article) else f"{r.path}: {r.reason}" for r in read_sources(sources)]


def test_order_is_by_path_and_furniture_is_left_out(tmp_path: Path) -> None:
    put(
        tmp_path,
        "b/2.txt",
        "b/10.txt",
        "a.md",
        "c.jsonl",
        "README.md",
        "b/readme.txt",
        ".git/x.md",
        "b/.x.txt",
        "d.TXT",
    )
    put(tmp_path, "judgements.tsv", "b/picture.png")
    (tmp_path / "c.jsonl").write_text('{"text": "甲"}\n{"id": "own", "text": "乙"}\n', "utf-8")
    assert paths(tmp_path) == ["a.md", "b/10.txt", "b/2.txt", "c.jsonl", "d.TXT"]
    assert outcome(tmp_path) == ["a.md", "b/10.txt", "b/2.txt", "c.jsonl/1", "own", "d.TXT"]
    assert scan_all([tmp_path])[1] == ["b/picture.png"]


def kinds(folder: Path) -> Counter[str]:
    return Counter(record.kind if isinstance(record, Article) else "rejection" for record in read_sources([folder]))


def test_saved_pages_give_articles_and_teasers() -> None:
    assert kinds(SAMPLE_PAGES) == {"article": 5, "teaser": 62}


def test_real_pages_give_104_records(shared: Path) -> None:
    assert kinds(shared / "seeds") == {"article": 5, "teaser": 99}


def test_a_file_is_a_source_too(tmp_path: Path) -> None:
    put(tmp_path, "deep/a.md", "README.md", "notes.xyz")
    assert outcome(tmp_path / "deep" / "a.md", tmp_path / "README.md") == ["a.md", "README.md"]
    assert outcome(tmp_path / "notes.xyz") == ["notes.xyz: no format reads this file"]


def test_missing_source_is_a_rejection(tmp_path: Path) -> None:
    assert outcome(tmp_path / "nowhere") == ["nowhere: no such file or folder"]


def test_same_path_in_two_sources_is_told_apart_by_the_later_folder(tmp_path: Path) -> None:
    put(tmp_path, "one/a.md", "one/b.md", "two/a.md", "two/c.md")
    assert paths(tmp_path / "one", tmp_path / "two") == ["a.md", "b.md", "two/a.md", "c.md"]
    assert paths(tmp_path / "one") == ["a.md", "b.md"]
    put(tmp_path, "x/two/a.md")
    assert problems(tmp_path / "one", tmp_path / "two", tmp_path / "x" / "two") == {
        "two/a.md": "another source holds the same path"
    }


def test_id_taken_twice_keeps_the_first(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md", text="---\nid: same\n---\n正文。")
    (tmp_path / "c.jsonl").write_text('{"id": "x", "text": "甲"}\n{"id": "x", "text": "乙"}\n', "utf-8")
    assert outcome(tmp_path) == [
        "same",
        "b.md: id “same” is taken by an article of a.md",
        "x",
        "c.jsonl: id “x” is taken by an article of c.jsonl",
    ]


def test_every_article_knows_its_file(tmp_path: Path) -> None:
    put(tmp_path, "sub/a.txt", text="题\n正文。\n相关推荐\n\n甲\n\n文\n\n报 2025-01-06\n")
    records = list(read_sources([tmp_path]))
    assert [(r.id, r.path) for r in records if isinstance(r, Article)] == [
        ("sub/a.txt", "sub/a.txt"),
        ("sub/a.txt/1", "sub/a.txt"),
    ]


def test_only_changed_files_are_read(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md", "c.md")
    before = {file.path: file.state for file in scan([tmp_path])}
    put(tmp_path, "b.md", text=ARTICLE + "更多。")
    put(tmp_path, "d.md")
    os.utime(tmp_path / "c.md", ns=(1, 1))
    assert [r.path for r in read_sources([tmp_path], before)] == ["b.md", "c.md", "d.md"]
    assert [r.path for r in read_sources([tmp_path], {f.path: f.state for f in scan([tmp_path])})] == []


# What cannot be read


def test_links(tmp_path: Path) -> None:
    put(tmp_path, "root/real/a.md", "outside/b.md")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    (tmp_path / "root" / "alias").symlink_to(tmp_path / "root" / "real")
    (tmp_path / "root" / "self.md").symlink_to("self.md")
    (tmp_path / "root" / "gone.md").symlink_to("nowhere")
    (tmp_path / "root" / "again.md").symlink_to("real/a.md")
    (tmp_path / "root" / "tuo").symlink_to(tmp_path / "root" / "real" / "sub")
    put(tmp_path, "root/real/sub/c.md")
    root = tmp_path / "root"
    assert outcome(root) == [
        f"again.md: the same as {root}/real/a.md, which is read already",
        f"alias: the same as {root}/real, which is read already",
        "gone.md: a symbolic link that leads nowhere",
        f"loop: the same as {root}, which is read already",
        "real/a.md",
        "real/sub/c.md",
        "self.md: too many levels of symbolic links",
        f"tuo: the same as {root}/real/sub, which is read already",
    ]


def links_out(tmp_path: Path) -> Path:
    """A folder with links to a file and a folder beside it, and an ordinary article."""
    put(tmp_path, "root/ok.md", "private/secret.md", "private/more/deep.txt", "root-too/x.md")
    root = tmp_path / "root"
    (root / "file.md").symlink_to(tmp_path / "private/secret.md")
    (root / "folder").symlink_to("../private/more")
    (root / "name").symlink_to(tmp_path / "root-too")  # its name begins like that of the source
    (root / "gone.md").symlink_to(tmp_path / "private/nothing.md")
    (root / "twice.md").symlink_to("file.md")
    return root


def test_links_out_of_the_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    left = ("file.md", "folder", "gone.md", "name")
    assert outcome(links_out(tmp_path)) == [
        *(f"{name}: {ingest.LEAVES}" for name in left),
        "ok.md",
        f"twice.md: {ingest.LEAVES}",
    ]


def test_links_are_followed_where_that_is_asked_for(tmp_path: Path) -> None:
    root = links_out(tmp_path)
    assert outcome_with_links(root) == [
        "file.md",
        "folder/deep.txt",
        "gone.md: a symbolic link that leads nowhere",
        "name/x.md",
        "ok.md",
        f"twice.md: the same as {root}/file.md, which is read already",
    ]


def outcome_with_links(source: Path) -> list[str]:
    records = read_files(scan([source], follow_links=True))
    return [r.id if isinstance(r, Article) else f"{r.path}: {r.reason}" for r in records]


def test_a_source_folder_may_be_named_by_a_link_and_a_file_may_not_lead_away(tmp_path: Path) -> None:
    root = links_out(tmp_path)
    (tmp_path / "current").symlink_to(root)
    (root / "inside.md").symlink_to("ok.md")
    assert "ok.md" in outcome(tmp_path / "current")
    assert outcome(root / "inside.md", root / "file.md") == ["inside.md", f"file.md: {ingest.LEAVES}"]


@pytest.mark.parametrize("swapped", ["sub/a.md", "sub"])
def test_a_link_put_in_the_way_after_the_look_is_not_followed(tmp_path: Path, swapped: str) -> None:
    put(tmp_path, "root/sub/a.md", "private/a.md")
    files = scan([tmp_path / "root"])
    (tmp_path / "root" / swapped).rename(tmp_path / "away")
    (tmp_path / "root" / swapped).symlink_to(tmp_path / "private" / ("a.md" if swapped.endswith(".md") else ""))
    assert list(read_files(files)) == [Rejection("sub/a.md", ingest.BECAME_LINK)]


def test_what_is_no_file_is_named_wherever_a_link_to_it_leads(tmp_path: Path) -> None:
    put(tmp_path, "root/ok.md")
    root = tmp_path / "root"
    (root / "zero.md").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe.fifo")
    (root / "pipe.md").symlink_to("pipe.fifo")
    assert outcome(root) == ["ok.md", "pipe.md: not a regular file", f"zero.md: {ingest.LEAVES}"]
    assert "zero.md: not a regular file" in outcome_with_links(root)


def test_a_hard_link_is_the_file_and_read_once(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    (tmp_path / "b.md").hardlink_to(tmp_path / "a.md")
    assert outcome(tmp_path) == ["a.md", f"b.md: the same as {tmp_path}/a.md, which is read already"]


def test_overlapping_sources_are_read_once(tmp_path: Path) -> None:
    put(tmp_path, "sub/a.md")
    assert outcome(tmp_path, tmp_path / "sub") == [
        "sub/a.md",
        f"{tmp_path}/sub: the same as {tmp_path}/sub, which is read already",
    ]


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "b.md")
    os.mkfifo(tmp_path / "a.md")
    os.mkfifo(tmp_path / "pipe")
    assert outcome(tmp_path) == ["a.md: not a regular file", "b.md"]


def test_file_that_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    files = scan([tmp_path])
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")
    found: list[Article | Rejection] = []
    thread = threading.Thread(target=lambda: found.extend(read_files(files)), daemon=True)
    thread.start()
    thread.join(5)
    assert found == [Rejection("a.md", "not a regular file")]


def test_file_that_went_away(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    files = scan([tmp_path])
    (tmp_path / "a.md").unlink()
    assert list(read_files(files)) == [Rejection("a.md", "no such file or folder")]


@pytest.fixture
def no_privileges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything; make the checks answer as they do for others."""
    real_access, real_scandir, real_stat = os.access, os.scandir, os.stat

    def access(path: Path, mode: int) -> bool:
        return bool(path.stat().st_mode & 0o400) and real_access(path, mode)

    def scandir(path: Path) -> Iterator[os.DirEntry[str]]:
        if not Path(path).stat().st_mode & 0o400:
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if not real_stat(Path(path).parent).st_mode & 0o100:
            raise PermissionError(13, "Permission denied")
        return real_stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr("os.access", access)
    monkeypatch.setattr("os.scandir", scandir)
    monkeypatch.setattr("os.stat", stat)
    monkeypatch.setattr("os.lstat", lambda path: stat(path, follow_symlinks=False))


@pytest.mark.usefixtures("no_privileges")
def test_no_permission(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "closed/b.md", "c.md", "d.xyz")
    for name in ("a.md", "closed", "d.xyz"):
        (tmp_path / name).chmod(0o000)
    assert outcome(tmp_path) == ["a.md: permission denied", "c.md", "closed: permission denied"]
    before = {file.path: file.state for file in scan([tmp_path])}
    (tmp_path / "a.md").chmod(0o600)
    assert outcome_since(tmp_path, before) == ["a.md", "closed: permission denied"]
    (tmp_path / "closed").chmod(0o700)
    assert outcome(tmp_path) == ["a.md", "c.md", "closed/b.md"]


@pytest.mark.usefixtures("no_privileges")
def test_folder_that_may_be_listed_but_not_entered(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "half/d.txt", "half/e.png", "half/README.md", "half/sub/f.md", "z.md")
    (tmp_path / "half" / "link").symlink_to(tmp_path)
    (tmp_path / "half").chmod(0o600)
    denied = [f"half/{name}: permission denied" for name in ("d.txt", "link", "sub")]
    assert outcome(tmp_path) == ["a.md", *denied, "z.md"]
    named = tmp_path / "half" / "d.txt"
    assert outcome(named, named) == ["d.txt: permission denied", "half/d.txt: permission denied"]
    (tmp_path / "half").chmod(0o700)


def outcome_since(source: Path, before: dict[str, ingest.FileState]) -> list[str]:
    return [r.id if isinstance(r, Article) else f"{r.path}: {r.reason}" for r in read_sources([source], before)]


def test_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.md")).write_text(ARTICLE, "utf-8")
    put(tmp_path, "ok.md")
    assert outcome(tmp_path) == ["ok.md", "\ufffd.md: the file's name is neither UTF-8 nor GB18030"]


def test_very_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(120):
        deep = deep / "d"
    put(deep, "a.md")
    assert paths(tmp_path) == ["d/" * 120 + "a.md"]


# Changes while reading


class _Unsteady:
    """A reader's view of a file to which something is added during each of the first `changes` reads."""

    def __init__(self, file: Path, changes: int) -> None:
        self.file, self.left = file, changes
        self.real_fstat = os.fstat
        self.calls = 0

    def fstat(self, descriptor: int) -> os.stat_result:
        self.calls += 1
        if self.calls > 1 and self.calls % 2 and self.left:  # between the look before and the look after
            self.left -= 1
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write("又一行。\n")
        return self.real_fstat(descriptor)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (0, [Article("a.txt", "article", "题", "正文。", path="a.txt")]),
        (1, [Article("a.txt", "article", "题", "正文。\n又一行。", path="a.txt")]),
        (2, [Rejection("a.txt", "the file changed while it was read")]),
    ],
    ids=["steady", "once", "again-and-again"],
)
def test_file_that_changes_is_read_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: int, expected: list[Article | Rejection]
) -> None:
    put(tmp_path, "a.txt")
    (source,) = scan([tmp_path])
    monkeypatch.setattr(os, "fstat", _Unsteady(tmp_path / "a.txt", changes).fstat)
    assert list(read_file(source)) == expected


def test_large_file_that_changes_is_read_as_it_is_and_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"text": "x"}\n' * 20_000)
    (source,) = scan([tmp_path])
    monkeypatch.setattr(ingest, "SNAPSHOT_BYTES", 1000)
    records = read_file(source)
    first = next(records)
    assert not has_changed(source)
    with file.open("ab") as stream:
        stream.write(b'{"text": "y"}\n')
    rest = list(records)
    assert all(isinstance(record, Article) for record in [first, *rest]) and len(rest) >= 19_999
    assert has_changed(source)
    monkeypatch.setattr(ingest, "SNAPSHOT_BYTES", file.stat().st_size)
    assert not has_changed(source), "it would have been read at once"


def test_large_files_are_not_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[type] = []

    def reader_for(name: str) -> Reader:
        def reader(stream: object, path: str, facets: Facets) -> Iterator[Article | Rejection]:
            seen.append(type(stream))
            return iter(())

        return reader

    put(tmp_path, "a.md")
    monkeypatch.setattr(ingest, "reader_for", reader_for)
    source = SourceFile("a.md", tmp_path / "a.md")
    list(read_file(source))
    monkeypatch.setattr(ingest, "SNAPSHOT_BYTES", 1)
    list(read_file(source))
    assert seen == [io.BytesIO, io.BufferedReader]
