"""Judged sets known by name: what declares them, samples of large files, and `yibao evaluate` of all of them."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest

from bench import ablation
from search.errors import SourceError
from search.quality import Judged, evaluate_sets, find_set, load_sets, opened, sets_at_hand
from search.quality.samples import Sample
from search.quality.scores import Evaluation, QueryScore
from search.quality.sets import DECLARED
from search.quality.tables import SETS_HEAD, set_row, sets_comparison

ROOT = Path(__file__).parents[1]

RECORDS = [
    {"id": "a", "title": "补牙能报销吗", "text": "走普通门诊。", "source": "news"},
    {"id": "b", "title": "生育津贴怎么申请", "text": "单位不再经手。", "source": "news"},
    {"id": "c", "title": "失业金领取条件", "text": "交满一年，补牙无关。", "source": "news"},
]
DECLARATION = """
[teeth]
judgements = "teeth.tsv"
articles = "records.jsonl"

[birth]
judgements = "birth.tsv"
articles = "records.jsonl"

[sampled]
judgements = "teeth.tsv"
articles = "records.jsonl.xz"
ids = "ids.txt"
omit = ["title"]

[absent]
judgements = "teeth.tsv"
articles = "nowhere/corpus.jsonl"
"""


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    records = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)
    (tmp_path / "records.jsonl").write_text(records, encoding="utf-8")
    (tmp_path / "records.jsonl.xz").write_bytes(lzma.compress(records.encode()))
    (tmp_path / "teeth.tsv").write_text("补牙\tplain\ta\t3\tthe question\n", encoding="utf-8")
    (tmp_path / "birth.tsv").write_text("生育津贴\tplain\tb\t3\tthe question\n", encoding="utf-8")
    (tmp_path / "ids.txt").write_text("c\na\n", encoding="utf-8")
    (tmp_path / "sets.toml").write_text(DECLARATION, encoding="utf-8")
    return tmp_path / "sets.toml"


def test_sets_are_at_hand_or_tell_what_they_miss(declared: Path) -> None:
    found = load_sets(declared)
    assert [(judged.name, [query.text for query in judged.queries]) for judged in found.sets] == [
        ("teeth", ["补牙"]),
        ("birth", ["生育津贴"]),
        ("sampled", ["补牙"]),
    ]
    assert found.sets[0].sources == (declared.parent / "records.jsonl",)
    assert found.sets[2].sample == Sample(frozenset("ac"), frozenset({"title"}))
    assert found.absent == {"absent": declared.parent / "nowhere/corpus.jsonl"}


def test_a_folder_brings_its_own_articles(declared: Path) -> None:
    folder = declared.parent / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text((declared.parent / "records.jsonl").read_text("utf-8"), encoding="utf-8")
    (folder / "queries.jsonl").write_text(
        '{"id": "1", "text": "补牙", "split": "dev"}\n{"id": "2", "text": "津贴", "split": "test"}\n', encoding="utf-8"
    )
    (folder / "qrels.tsv").write_text("1\ta\t1\n2\tb\t1\n", encoding="utf-8")
    declared.write_text('[held-out]\njudgements = "set"\nsplit = "test"\n', encoding="utf-8")
    (judged,) = load_sets(declared).sets
    assert (judged.name, [query.id for query in judged.queries]) == ("held-out", ["2"])
    assert judged.sources == (folder / "corpus.jsonl",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[a\n", "Expected"),
        ("a = 1\n", "the set 'a' has no judgements"),
        ("[a]\narticles = 'x'\n", "the set 'a' has no judgements"),
        ("[a]\njudgements = 'x'\nindex = 'y'\n", "the set 'a' has index = 'y'"),
        ("[a]\njudgements = 3\n", "the set 'a' has judgements = 3"),
        ("[a]\njudgements = 'x'\nomit = 'title'\n", "the set 'a' has omit = 'title'"),
    ],
    ids=["toml", "no-table", "no-judgements", "unknown-key", "no-path", "no-list"],
)
def test_a_malformed_declaration_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "sets.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=reason):
        load_sets(tmp_path / "sets.toml")


def test_a_sample_has_the_records_asked_for_and_no_field_left_out(declared: Path, tmp_path: Path) -> None:
    sample = Sample(frozenset("ac"), frozenset({"title", "source"}))
    sample.write([declared.parent / "records.jsonl.xz"], tmp_path / "sample.jsonl")
    assert [json.loads(line) for line in (tmp_path / "sample.jsonl").read_text("utf-8").splitlines()] == [
        {"id": "a", "text": "走普通门诊。"},
        {"id": "c", "text": "交满一年，补牙无关。"},
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), ("{\n", "property name"), ('{"id": "a"}\n', r"no record 'c' \(1 are missing\)")],
    ids=["no-file", "no-json", "id-in-none"],
)
def test_what_cannot_be_sampled_is_told(tmp_path: Path, content: str | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "records.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=reason):
        Sample(frozenset("ac")).write([tmp_path / "records.jsonl"], tmp_path / "sample.jsonl")


def test_neighbours_of_the_same_articles_share_an_index(declared: Path) -> None:
    directories = {judged.name: engine.attachment("").resolve() for judged, engine in opened(load_sets(declared).sets)}
    assert directories["teeth"] == directories["birth"] != directories["sampled"]
    assert not any(directory.exists() for directory in directories.values()), "they were temporary"


def test_every_set_is_evaluated_over_its_own_articles(declared: Path) -> None:
    evaluations = list(evaluate_sets(load_sets(declared).sets))
    assert [(one.name, one.documents, one.scores[0].top) for one in evaluations] == [
        ("teeth", 3, ("a", "c")),
        ("birth", 3, ("b",)),
        ("sampled", 2, ("c",)),  # without its title nothing in `a` says 补牙
    ]


def test_every_weight_can_be_switched_off(declared: Path) -> None:
    scored = dict(ablation.scores(load_sets(declared).sets))
    assert list(scored) == ["teeth", "birth", "sampled"]
    head, _, *rows = ablation.table(scored)
    assert head == "| change | teeth | birth | sampled |"
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == ["as it is", *(name for name, _ in ablation.OFF)]
    assert rows[0] == "| as it is | 1.0000 | 1.0000 | 0.0000 |"


def evaluation(name: str, *scores: float) -> Evaluation:
    return Evaluation(name, 9, tuple(QueryScore(str(n), str(n), "plain", s, s, 1.0) for n, s in enumerate(scores)))


@pytest.mark.parametrize(("held", "shown"), [(True, "held"), (False, "broken"), (None, "none")])
def test_a_set_is_a_row(held: bool | None, shown: str) -> None:
    row = dict(zip(SETS_HEAD.split(), set_row(evaluation("faq", 1.0, 0.5), held).split(), strict=False))
    assert {name: row[name] for name in ("nDCG@10", "MRR@10", "rec@100", "first", "queries", "floors", "set")} == {
        "nDCG@10": "0.750",
        "MRR@10": "0.750",
        "rec@100": "1.000",
        "first": "0.500",
        "queries": "2",
        "floors": shown,
        "set": "faq",
    }


def test_sets_are_compared_with_those_of_their_name() -> None:
    saved = {"faq": evaluation("faq", 0.5, 0.5), "gone": evaluation("gone", 1.0)}
    head, *rows = sets_comparison([evaluation("faq", 1.0, 0.5), evaluation("new", 1.0)], saved).splitlines()
    assert head.split() == ["nDCG@10", "was", "change", "MRR@10", "was", "rec@100", "was", "changed", "set"]
    assert [row.split() for row in rows] == [
        ["0.750", "0.500", "+0.250", "0.750", "0.500", "1.000", "1.000", "1", "faq"]
    ]


def test_declared_sets_judge_nothing_but_what_is_searched() -> None:
    for name in ("faq", "passages"):
        ids = (DECLARED.parent / name / "ids.txt").read_text(encoding="utf-8").splitlines()
        qrels = (DECLARED.parent / name / "qrels.tsv").read_text(encoding="utf-8").splitlines()
        assert len(set(ids)) == len(ids)
        assert {line.split("\t")[1] for line in qrels} <= set(ids)


def test_the_shipped_set_comes_first_and_has_its_name() -> None:
    assert sets_at_hand().sets[0] == find_set("seeds")


def test_every_declared_set_is_at_hand_beside_the_shared_texts(shared: Path) -> None:
    found = sets_at_hand()
    assert found.absent == {}
    assert [(judged.name, len(judged.queries)) for judged in found.sets[1:]] == [
        ("pages-a", 90),
        ("pages-b", 74),
        ("pages-c", 74),
        ("pages-d", 100),
        ("pages-e", 100),
        ("pages-f", 74),
        ("faq", 420),
        ("passages", 240),
        ("policy_gz", 74),
        ("stard-dev", 308),
    ]
    assert all(source.resolve().is_relative_to(shared.resolve()) for one in found.sets[1:] for source in one.sources)


def test_a_name_that_is_none_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "judgements.tsv").write_text("补牙\tplain\ta\t3\twhy\n", encoding="utf-8")
    judged: Judged = find_set(str(tmp_path / "judgements.tsv"))
    assert judged.sources == (tmp_path,)
    with pytest.raises(SourceError, match="nonesuch"):
        find_set("nonesuch")


def test_a_set_without_its_articles_says_what_is_missing(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.quality.sets.DECLARED", declared)
    with pytest.raises(SourceError, match=r"absent: the set cannot be run, there is no .*nowhere/corpus\.jsonl"):
        find_set("absent")


def yibao(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search.command.cli", "evaluate", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)


def test_command_prints_a_row_a_set_saves_and_compares(declared: Path, tmp_path: Path) -> None:
    done = yibao(declared, "--save", tmp_path / "run.json")
    assert done.returncode == 0, done.stderr
    assert [line.split()[6] for line in done.stdout.splitlines()[1:4]] == ["teeth", "birth", "sampled"]
    assert "left out, as their articles are not here: absent" in done.stdout
    again = yibao(declared, "--against", tmp_path / "run.json")
    assert [line.split()[7:] for line in again.stdout.splitlines()[-3:]] == [
        ["0", "teeth"],
        ["0", "birth"],
        ["0", "sampled"],
    ]


def test_command_refuses_an_index_for_many_sets(declared: Path, tmp_path: Path) -> None:
    done = yibao(declared, "--index-dir", tmp_path)
    assert done.returncode == 2
    assert "--index-dir, --engine and --split go with a single SET" in done.stderr
