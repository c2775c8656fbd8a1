"""Evaluation as text for a terminal: tables that line up, nothing computed but differences."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from .evaluate import Measures, QueryScore, Report

MOST_CHANGED = 20
TEXT_WIDTH = 44
_HEAD = f"{'nDCG@10':>8}{'MRR@10':>8}{'rec@100':>8}"


def score_table(report: Report) -> str:
    """Return the scores of every query (best first, so that the worst stand last), every class, and overall."""
    lines = [f"{_HEAD}{'found':>8}  {_padded('class', 16)} query"]
    for score in sorted(report.scores, key=lambda score: -score.ndcg):
        kind, text = _padded(score.kind, 16), _safe(score.text)
        lines.append(f"{_row(score)}{score.total:>8}  {kind} {text}{_problem(score)}".rstrip())
    classes = sorted(report.classes().items(), key=lambda item: -item[1].ndcg)
    lines += ["", f"{_HEAD}{'queries':>8}  class"]
    lines += [f"{_row(m)}{m.count:>8}  {kind}" for kind, m in classes]
    lines.append(f"{_row(report.overall())}{len(report.scores):>8}  overall")
    lines += ["", f"{report.name}: {report.documents:,} documents, median {report.median_ms:.2f} ms a query"]
    zero = sum(score.total == 0 for score in report.scores)
    lines.append(f"{zero} queries find nothing, {len(report.broad())} more than a third of the collection")
    return "\n".join(lines)


def comparison(report: Report, saved: Report) -> str:
    """Return what changed against `saved`: every class, and the queries that changed most."""
    before = {"overall": saved.overall(), **saved.classes()}
    lines = [f"{'nDCG@10':>8}{'was':>8}{'change':>8}{'MRR@10':>8}{'was':>8}{'rec@100':>8}{'was':>8}  class"]
    for kind, now in [*report.classes().items(), ("overall", report.overall())]:
        old = before.get(kind, Measures(0, 0.0, 0.0, 0.0))
        change = now.ndcg - old.ndcg
        numbers = f"{now.ndcg:8.3f}{old.ndcg:8.3f}{change:+8.3f}{now.mrr:8.3f}{old.mrr:8.3f}"
        lines.append(f"{numbers}{now.recall:8.3f}{old.recall:8.3f}  {kind}")
    changes = _changes(report, saved)
    lines += ["", f"{len(changes)} of {len(report.scores)} queries changed"]
    for now_, old_ in changes[:MOST_CHANGED]:
        text = _padded(_safe(now_.text), TEXT_WIDTH)
        lines.append(f"{now_.ndcg - old_.ndcg:+8.3f}  {old_.ndcg:.3f} → {now_.ndcg:.3f}  {text} {now_.kind}")
    if len(changes) > MOST_CHANGED:
        lines.append(f"          … and {len(changes) - MOST_CHANGED} more")
    lines += _unshared(report.scores, saved.scores)
    return "\n".join(lines)


def _changes(report: Report, saved: Report) -> list[tuple[QueryScore, QueryScore]]:
    """Return the queries of both whose nDCG differs, largest difference first."""
    before = {score.id: score for score in saved.scores}
    pairs = [(score, before[score.id]) for score in report.scores if score.id in before]
    changed = [(now, old) for now, old in pairs if abs(now.ndcg - old.ndcg) > 5e-4]
    return sorted(changed, key=lambda pair: -abs(pair[0].ndcg - pair[1].ndcg))


def _unshared(now: Iterable[QueryScore], old: Iterable[QueryScore]) -> Sequence[str]:
    ids, old_ids = {score.id for score in now}, {score.id for score in old}
    counts = ((len(ids - old_ids), "new"), (len(old_ids - ids), "gone"))
    return [
        f"{count} queries are {what}: overall and classes compare different sets" for count, what in counts if count
    ]


def _row(measures: QueryScore | Measures) -> str:
    return f"{measures.ndcg:8.3f}{measures.mrr:8.3f}{measures.recall:8.3f}"


def _problem(score: QueryScore) -> str:
    return f"  ({score.error})" if score.error else ""


def _safe(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)


def _padded(text: str, width: int) -> str:
    """Pad to columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * (width - taken)
