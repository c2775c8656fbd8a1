"""The report of a reindex as data, and in a file: what an operator mends, and what a program watches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ..formats import skipped_types
from ..indexing.build import Report
from ..indexing.lint import NEAR_DUPLICATES
from ..indexing.rejected import rejected_kinds
from .report_page import DATE, SOURCE, report_page

SUFFIXES = (".html", ".json")


def write_report(path: Path, report: Report, at: datetime) -> None:
    """Write a report into a file: by its suffix a page that needs nothing else, or JSON. Raises OSError."""
    data = report_json(report, at)
    text = report_page(data) if path.suffix == ".html" else json.dumps(data, ensure_ascii=False, indent=1)
    path.write_text(text, "utf-8", "backslashreplace")


def report_json(report: Report, at: datetime) -> dict[str, Any]:
    """Return all that a reindex found, as JSON has it; `rejections` are complete, those of a kind are some."""
    lint = report.lint.findings()
    return {
        "at": at.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 1),
        "sources": [str(source) for source in report.sources],
        "build_id": report.build_id,
        "files": report.files,
        "records": report.articles,
        "kinds": dict(sorted(report.kinds.items())),
        "other_rules": report.other_rules,
        "changes": {name: getattr(report.changes, name) for name in ("added", "changed", "removed", "unchanged")},
        "coverage": [
            {"key": key, "label": label, "count": count, "share": round(count / (report.articles or 1), 4)}
            for key, label, count in coverage(report)
        ],
        "rejection_kinds": [
            {
                "type": kind.type,
                "reason": kind.reason,
                "count": kind.count,
                "examples": [str(rejection) for rejection in kind.examples],
            }
            for kind in rejected_kinds(report.rejections)
        ],
        "rejections": [{"path": r.path, "line": r.line, "reason": r.reason} for r in report.rejections],
        "skipped": [
            {"type": suffix, "count": count, "read_by": read_by}
            for suffix, count, read_by in skipped_types(report.skipped)
        ],
        "lint": {name: found for name, found in lint.items() if name != NEAR_DUPLICATES},
        "near_duplicates": [list(group) for group in report.lint.near_duplicates],
    }


def coverage(report: Report) -> Iterator[tuple[str, str, int]]:
    """Yield of what articles should tell its key, its label, and how many do: every facet, the date, the source."""
    for key, count in report.coverage.items():
        yield key, report.facets[key].label, count
    yield "date", DATE, report.dated
    yield "source", SOURCE, report.sourced
