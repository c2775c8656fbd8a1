"""One identity of a build: each part notices its change; open, doctor, --changed, stats and /healthz read the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from click.testing import CliRunner

from search import FACETS, IndexOutdated, facet_of_field, identity, open_current, reindex
from search.command.cli import main
from search.engines.whoosh.generations import current_build
from search.engines.whoosh.layout import read_identity
from search.retrieval import ranking
from webui import Settings, create_app


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Hashes of files are kept as long as a process runs."""
    yield
    identity._text_rules.cache_clear()
    identity._format_rules.cache_clear()


@pytest.mark.parametrize("path", identity.TEXT_DATA, ids=lambda path: path.name)
def test_words_change_the_text_rules_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = identity.rules_of()
    changed = tmp_path / path.name
    changed.write_text(path.read_text("utf-8") + "新词\n", "utf-8")
    data = tuple(changed if one == path else one for one in identity.TEXT_DATA)
    monkeypatch.setattr(identity, "TEXT_DATA", data)
    identity._text_rules.cache_clear()
    after = identity.rules_of()
    assert {part for part in before if before[part] != after[part]} == {"text"}
    assert identity.differing(before, after) == "text rules (words, lexicon or folding)"
    assert identity.decisive(before) == "text rules (words, lexicon or folding)"


def test_other_weights_of_a_title_are_decisive(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity.rules_of()
    monkeypatch.setattr(ranking, "TITLE_WEIGHT", ranking.TITLE_WEIGHT + 1)
    assert identity.decisive(before) == "weights of title and headings"


def test_a_number_that_acts_on_queries_alone_is_in_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity.rules_of()
    monkeypatch.setattr(ranking, "PLACE_BOOST", 0.0)
    assert identity.rules_of() == before


def test_other_facets_are_told_but_not_decisive() -> None:
    before, after = identity.rules_of(), identity.rules_of(FACETS.with_(facet_of_field("year", "年度")))
    assert identity.differing(before, after) == "facets or facet rules"
    assert identity.decisive(after) == ""


def test_the_digest_is_over_all_parts() -> None:
    rules = identity.rules_of()
    digests = {identity.digest(rules), *(identity.digest(rules | {part: "other"}) for part in rules)}
    assert len(digests) == len(rules) + 1


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("# 门诊\n\n门诊报销。\n", "utf-8")
    reindex([tmp_path / "a.md"], tmp_path / "index")
    return tmp_path / "index"


def rewrite(index_dir: Path, **rules: str) -> None:
    """Let the live build say that it was made by other rules."""
    build_dir = current_build(index_dir)
    found = read_identity(build_dir)
    other = replace(found, info=replace(found.info, rules={**found.info.rules, **rules}))
    (build_dir / "index.json").write_text(other.text(), "utf-8")


def yibao(*arguments: object) -> str:
    return CliRunner().invoke(main, list(map(str, arguments))).output


def test_another_process_has_the_same_identity() -> None:
    """A digest over objects of this process would make every build outdated."""
    asked = [sys.executable, "-c", "from search import FACETS; print(FACETS.identity())"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == FACETS.identity()


def test_everybody_reads_the_same(index_dir: Path) -> None:
    rules = identity.rules_of()
    assert open_current(index_dir).info.rules == rules
    assert json.loads(yibao("stats", "--json", "--index-dir", index_dir))["rules"] == rules
    assert f"rules {identity.digest(rules)}" in yibao("doctor", "--index-dir", index_dir)
    with create_app(Settings(index_dir)).test_client() as client:
        health = client.get("/healthz").get_json()
    assert (health["rules"], health["fingerprint"]) == (rules, identity.digest(rules))


@pytest.mark.parametrize("part", identity.DECISIVE[1:])
def test_an_index_of_other_decisive_rules_is_not_opened(index_dir: Path, part: str) -> None:
    rewrite(index_dir, **{part: "other"})
    with pytest.raises(IndexOutdated) as raised:
        open_current(index_dir)
    assert identity.NAMES[part] in str(raised.value)
    assert f"yibao reindex SOURCES… --index-dir {index_dir}" in str(raised.value)
    checked = CliRunner().invoke(main, ["doctor", "--index-dir", str(index_dir)])
    assert checked.exit_code == 1 and identity.NAMES[part] in checked.output


@pytest.mark.parametrize("part", ["facets", "formats"])
def test_an_index_of_other_reading_rules_serves_and_doctor_says_so(index_dir: Path, tmp_path: Path, part: str) -> None:
    rewrite(index_dir, **{part: "other"})
    assert open_current(index_dir).info.documents == 1
    checked = CliRunner().invoke(main, ["doctor", "--index-dir", str(index_dir)])
    assert checked.exit_code == 0
    assert f"built with other {identity.NAMES[part]}" in checked.output
    assert f"yibao reindex SOURCES… --index-dir {index_dir}" in checked.output
    # … and --changed reads everything.
    report = reindex([tmp_path / "a.md"], index_dir, changed=True)
    assert report.build_id and open_current(index_dir).info.rules == identity.rules_of()
    assert report.other_rules == identity.NAMES[part]
    again = CliRunner().invoke(main, ["reindex", str(tmp_path / "a.md"), "--changed", "--index-dir", str(index_dir)])
    assert "read again" not in again.output
    rewrite(index_dir, **{part: "other"})
    again = CliRunner().invoke(main, ["reindex", str(tmp_path / "a.md"), "--changed", "--index-dir", str(index_dir)])
    assert f"all files were read again: the index was built with other {identity.NAMES[part]}" in again.output


@pytest.mark.parametrize("what", ["a newer library", "one that was installed", "LibreOffice"])
def test_what_parses_files_is_part_of_the_reading_rules(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    def other(package: str) -> str:
        if package == "pypdfium2" and what == "one that was installed":
            raise PackageNotFoundError
        return "99" if package == "pypdfium2" else version(package)

    before = identity.rules_of()
    if what == "LibreOffice":
        there = identity.libreoffice.is_installed()
        monkeypatch.setattr(identity.libreoffice, "is_installed", lambda: not there)
    else:
        monkeypatch.setattr(identity, "version", other)
    identity._format_rules.cache_clear()
    assert identity.differing(before, identity.rules_of()) == "document formats"
