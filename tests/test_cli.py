"""The command line: what it prints, on which stream, and its exit status. What a process is needed for has one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from search.command.cli import main

ROOT = Path(__file__).parents[1]


def yibao(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, args)], prog_name="yibao")


def process(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search.command.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)


def test_search_prints_titles_counts_and_the_rest(seed_index: Path) -> None:
    done = process("search", "异地就医", "--index-dir", seed_index)
    assert done.returncode == 0, done.stderr
    assert "条结果" in done.stdout
    assert "异地就医" in done.stdout
    assert "省份" in done.stdout


def test_nothing_found_prints_no_empty_facets(seed_index: Path) -> None:
    done = yibao("search", '"查无此词查无此词"', "--index-dir", seed_index)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].startswith("0 条结果")


def test_a_text_that_begins_with_a_minus_comes_after_two(seed_index: Path) -> None:
    refused = yibao("search", "-医保", "--index-dir", seed_index)
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[-1].endswith("A TEXT that begins with - comes last, after --.")
    done = yibao("search", "--index-dir", seed_index, "--json", "--", "-医保")
    every = yibao("search", "--index-dir", seed_index, "--json")
    assert 0 < json.loads(done.stdout)["total"] < json.loads(every.stdout)["total"]


def test_json_is_the_object_of_the_endpoint(seed_index: Path) -> None:
    done = yibao("search", "异地就医", "--size", "3", "--province", "黑龙江", "--json", "--index-dir", seed_index)
    answer = json.loads(done.stdout)
    assert set(answer) == {"query", "total", "page", "size", "took_ms", "hits", "facets", "suggestion", "banners"} | {
        "answer"
    }
    assert answer["size"] == 3
    assert all("黑龙江省" in hit["province"] for hit in answer["hits"])
    for hit in answer["hits"]:
        for start, end in hit["title_highlights"]:
            assert 0 <= start < end <= len(hit["title"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["search", "x", "--city", "亚特兰蒂斯"], "city"),
        (["search", "x", "--page", "nine"], "page must be an integer"),
        (["search", "医保", "--page", "9999"], "past the end"),
        (["explain", "医保", "no/such.md"], "no article"),
    ],
    ids=["facet", "page", "past-the-end", "no-article"],
)
def test_a_mistake_is_one_plain_line(seed_index: Path, args: list[str], message: str) -> None:
    done = yibao(*args, "--index-dir", seed_index)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("yibao: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["search", "export", "stats", "doctor", "serve"])
def test_without_an_index_every_command_names_what_to_run(tmp_path: Path, command: str) -> None:
    done = yibao(command, "--index-dir", tmp_path / "none")
    assert done.exit_code == 1
    assert "yibao reindex --index-dir" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_reindex_reports_in_a_pipe_without_control_codes(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: 补牙能报吗\n---\n黑河市补牙按规定报销。\n", "utf-8")
    (tmp_path / "b.jsonl").write_text('{"title": "坏', "utf-8")
    done = process("reindex", tmp_path, "--index-dir", tmp_path / "index")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "1 added, 0 changed, 0 removed, 0 unchanged" in done.stdout
    assert "b.jsonl:1:" in done.stdout


def test_rejections_are_told_by_kind_the_largest_first(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("黑河市补牙按规定报销。\n", "utf-8")
    for n in range(30):
        (tmp_path / f"{n:02}\n.md").write_bytes(b"")
    (tmp_path / "b.jsonl").write_text('{"title": "坏', "utf-8")
    done = yibao("reindex", tmp_path, "--dry-run")
    lines = [line.strip() for line in done.stdout.splitlines()]
    at = lines.index("rejected   31")
    assert lines[at + 1 : at + 3] == ["30 .md: the file is empty", "such as 00 .md: the file is empty"]
    assert lines[at + 3].startswith("1 .jsonl: not JSON") and lines[at + 4].startswith("b.jsonl:1: not JSON")
    assert lines[at + 5] == "--report FILE.html or FILE.json lists every one"


def test_export_gives_every_article_back(seed_index: Path) -> None:
    done = yibao("export", "--index-dir", seed_index)
    articles = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(articles) == len(list((ROOT / "seeds/articles").glob("*.md")))
    wanted = {"id", "kind", "title", "text", "date", "source", "province", "city", "insurance", "topic", "evidence"}
    assert all(wanted <= set(article) for article in articles)


def test_analyze_shows_both_sides() -> None:
    done = yibao("analyze", "異地就醫備案")
    assert "异地就医" in done.stdout
    assert done.exit_code == 0


def test_explain_adds_up_and_shows_the_evidence(seed_index: Path) -> None:
    hit = json.loads(yibao("search", "补牙", "--size", "1", "--json", "--index-dir", seed_index).stdout)["hits"][0]
    done = yibao("explain", "补牙", hit["id"], "--index-dir", seed_index)
    total = next(float(line.split()[0]) for line in done.stdout.splitlines() if line.endswith("in all"))
    assert total == pytest.approx(hit["score"], abs=0.002)
    assert "topic" in done.stdout


def test_doctor_finds_a_sound_index_sound(seed_index: Path) -> None:
    done = yibao("doctor", "--index-dir", seed_index)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "BAD" not in done.stdout


@pytest.mark.parametrize("name", ["_MAIN_1.toc", "groups.bin", "manifest.bin", "suggestions.bin"])
def test_doctor_names_damage_and_the_command(seed_index: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(seed_index, tmp_path / "index")
    (path,) = (tmp_path / "index" / "builds").glob(f"*/{name}")
    path.unlink()
    done = yibao("doctor", "--index-dir", tmp_path / "index")
    assert (done.exit_code, done.stderr) == (1, "")
    (bad,) = [line for line in done.stdout.splitlines() if line.startswith("BAD   ")]
    assert bad.endswith(f"Run: yibao reindex SOURCES… --index-dir {tmp_path / 'index'}")


def test_an_index_directory_that_cannot_be_written_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    done = yibao("reindex", "--index-dir", tmp_path / "file")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"yibao: cannot write an index to {tmp_path / 'file'}: ")
    assert done.stderr.count("\n") == 1


def test_output_that_nobody_takes_is_one_plain_line(seed_index: Path) -> None:
    command = [sys.executable, "-m", "search.command.cli", "stats", "--index-dir", str(seed_index)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (1, "yibao: No space left on device\n")


@pytest.mark.usefixtures("compiled_kernel")
def test_doctor_tells_whether_the_kernel_is_in_use(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "with its compiled kernel" in process("doctor", "--index-dir", seed_index).stdout
    monkeypatch.setenv("YIBAO_KERNEL", "off")
    assert "without its compiled kernel" in process("doctor", "--index-dir", seed_index).stdout


def test_stats_counts_documents(seed_index: Path) -> None:
    stats = json.loads(yibao("stats", "--json", "--index-dir", seed_index).stdout)
    assert stats["documents"] == len(list((ROOT / "seeds/articles").glob("*.md")))
    assert stats["facets"]["topic"]


def test_a_directory_that_is_typed_counts_whatever_the_environment_says(
    seed_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_ENGINE", "opensearch://reader:secret@127.0.0.1:1/yibao")
    done = yibao("search", "异地就医", "--index-dir", seed_index)
    assert (done.exit_code, "条结果" in done.stdout) == (0, True), done.stderr
    refused = yibao("search", "异地就医")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == (
        "yibao: opensearch://127.0.0.1:1/yibao: there is no connection to any of its hosts"
    )
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr
