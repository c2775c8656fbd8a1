"""`make audit`: which pinned packages have known holes; and nothing that was not checked passes for sound."""

from __future__ import annotations

import json
import urllib.error
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import audit
from bench.audit import Package

FLASK, HTMX = Package("PyPI", "flask", "3.1.0"), Package("npm", "htmx.org", "2.0.4")


def advisory(name: str, events: list[dict[str, str]], **more: object) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {"affected": [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}], **more}


def dump(path: Path, *advisories: dict[str, object]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(advisories):
            archive.writestr(f"{number}.json", json.dumps({"id": f"HOLE-{number}", **one}))
    return path


@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "3.1.1"}], True),
        ([{"introduced": "0"}, {"fixed": "3.1.0"}], False),
        ([{"introduced": "3.1.0"}, {"fixed": "3.2"}], True),
        ([{"introduced": "3.10"}], False),
        ([{"introduced": "0"}, {"last_affected": "3.1.0"}], True),
        ([{"introduced": "0"}, {"last_affected": "3.0.9"}], False),
        ([{"introduced": "0"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "4"}], True),
        ([{"fixed": "2"}, {"introduced": "0"}], False),
    ],
)
def test_ranges_of_versions(tmp_path: Path, events: list[dict[str, str]], affected: bool) -> None:
    holes, _ = audit.in_database(dump(tmp_path / "all.zip", advisory("Flask", events)), [FLASK])
    assert holes == ({FLASK: ["HOLE-0"]} if affected else {})


def test_a_dump_is_read_for_what_it_speaks_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hole = [{"introduced": "0"}]
    path = dump(
        tmp_path / "all.zip",
        advisory("flask", hole, withdrawn="2026-01-01T00:00:00Z"),
        advisory("flask-other", hole),
        {"affected": [{"package": {"ecosystem": "PyPI", "name": "FLASK"}, "versions": ["3.1.0"]}]},
    )
    assert audit.audit([FLASK, HTMX], path)[:2] == ({FLASK: ["HOLE-2"]}, [HTMX])


def test_what_cannot_be_checked_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no such host")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert audit.main([]) == 2
    count = len(audit.pinned())
    assert f"NOT CHECKED: {count} of {count} packages (PyPI, npm)" in (said := capsys.readouterr().out)
    assert "no such host" in said and f"0 of {count} pinned packages checked" in said
    assert audit.main(["--database", str(tmp_path / "none.zip")]) == 2


def test_what_the_service_knows_is_told() -> None:
    def ask(packages: Sequence[Package]) -> list[list[str]]:
        return [["PYSEC-1", "GHSA-1"] if package == FLASK else [] for package in packages]

    assert audit.audit([FLASK, HTMX], ask=ask) == ({FLASK: ["PYSEC-1", "GHSA-1"]}, [], "")


def test_all_that_is_pinned_is_asked_about() -> None:
    names = {(package.ecosystem, package.name) for package in audit.pinned()}
    assert {("PyPI", "flask"), ("PyPI", "whoosh"), ("PyPI", "pytest"), ("npm", "htmx.org")} <= names
