"""Evaluations as text for a terminal: tables that line up, nothing computed but differences."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from .scores import Evaluation, Measures, QueryScore, measures

MOST_CHANGED = 20
TEXT_WIDTH = 44
SET_WIDTH = 12
_CHANGE_HEAD = f"{'nDCG@10':>8}{'was':>8}{'change':>8}{'MRR@10':>8}{'was':>8}{'rec@100':>8}{'was':>8}"
_HEAD = f"{'nDCG@10':>8}{'MRR@10':>8}{'rec@100':>8}"
SETS_HEAD = f"{_HEAD}{'first':>8}{'queries':>8}{'floors':>8}  {'set':<{SET_WIDTH}} nDCG of each class"


def set_row(evaluation: Evaluation, held: bool | None) -> str:
    """Return a set as a row under `SETS_HEAD`. `held` tells whether it holds its floors, None that it has none."""
    whole = evaluation.overall()
    floors = {True: "held", False: "broken", None: "none"}[held]
    classes = ", ".join(f"{_safe(kind)} {found.ndcg:.3f}" for kind, found in evaluation.classes().items())
    name = _padded(_safe(evaluation.name), SET_WIDTH)
    if unanswered := evaluation.unanswered():
        classes += f"; {len(unanswered)} without an answer, told {evaluation.told():.3f}"
    return f"{_row(whole)}{whole.first:8.3f}{whole.count:>8}{floors:>8}  {name} {classes}"


def sets_comparison(evaluations: Iterable[Evaluation], saved: Mapping[str, Evaluation]) -> str:
    """Return a row for every set that was saved too: what changed, and in how many of the queries."""
    lines = [f"{_CHANGE_HEAD}{'changed':>8}  set"]
    for evaluation in (evaluation for evaluation in evaluations if evaluation.name in saved):
        old = saved[evaluation.name]
        changed = len(_changes(evaluation, old))
        lines.append(f"{_change_row(evaluation.overall(), old.overall())}{changed:>8}  {_safe(evaluation.name)}")
    return "\n".join(lines)


def score_table(evaluation: Evaluation) -> str:
    """Return the scores of every query (best first, so that the worst stand last), every class, and overall."""
    lines = [f"{_HEAD}{'found':>8}  {_padded('class', 16)} query"]
    for score in sorted(evaluation.scores, key=lambda score: -score.ndcg):
        kind, text = _padded(score.kind, 16), _safe(score.text)
        lines.append(f"{_row(score)}{score.total:>8}  {kind} {text}{_problem(score)}".rstrip())
    classes = sorted(evaluation.classes().items(), key=lambda item: -item[1].ndcg)
    lines += ["", f"{_HEAD}{'queries':>8}  class"]
    lines += [f"{_row(m)}{m.count:>8}  {kind}" for kind, m in classes]
    lines.append(f"{_row(evaluation.overall())}{evaluation.overall().count:>8}  overall")
    lines += [
        "",
        f"{evaluation.name}: {evaluation.documents:,} documents, median {evaluation.median_ms:.2f} ms a query",
    ]
    unanswered = evaluation.unanswered()
    if unanswered:
        lines.append(f"{len(unanswered)} queries have no answer, {evaluation.told():.0%} of them are told so")
    zero = sum(score.total == 0 for score in evaluation.scores)
    lines.append(f"{zero} queries find nothing, {len(evaluation.broad())} more than a third of the collection")
    return "\n".join(lines)


def comparison(evaluation: Evaluation, saved: Evaluation) -> str:
    """Return what changed against `saved`: every class, and the queries that changed most."""
    before = {"overall": saved.overall(), **saved.classes()}
    lines = [f"{_CHANGE_HEAD}  class"]
    for kind, now in [*evaluation.classes().items(), ("overall", evaluation.overall())]:
        lines.append(f"{_change_row(now, before.get(kind, measures(())))}  {kind}")
    changes = _changes(evaluation, saved)
    lines += ["", f"{len(changes)} of {len(evaluation.scores)} queries changed"]
    for now_, old_ in changes[:MOST_CHANGED]:
        text = _padded(_safe(now_.text), TEXT_WIDTH)
        lines.append(f"{now_.ndcg - old_.ndcg:+8.3f}  {old_.ndcg:.3f} → {now_.ndcg:.3f}  {text} {now_.kind}")
    if len(changes) > MOST_CHANGED:
        lines.append(f"          … and {len(changes) - MOST_CHANGED} more")
    lines += _unshared(evaluation.scores, saved.scores)
    return "\n".join(lines)


def _changes(evaluation: Evaluation, saved: Evaluation) -> list[tuple[QueryScore, QueryScore]]:
    """Return the queries of both whose nDCG differs, largest difference first."""
    before = {score.id: score for score in saved.scores}
    pairs = [(score, before[score.id]) for score in evaluation.scores if score.id in before]
    changed = [(now, old) for now, old in pairs if abs(now.ndcg - old.ndcg) > 5e-4]
    return sorted(changed, key=lambda pair: -abs(pair[0].ndcg - pair[1].ndcg))


def _unshared(now: Iterable[QueryScore], old: Iterable[QueryScore]) -> Sequence[str]:
    ids, old_ids = {score.id for score in now}, {score.id for score in old}
    counts = ((len(ids - old_ids), "new"), (len(old_ids - ids), "gone"))
    return [
        f"{count} queries are {what}: overall and classes compare different sets" for count, what in counts if count
    ]


def _row(found: QueryScore | Measures) -> str:
    return f"{found.ndcg:8.3f}{found.mrr:8.3f}{found.recall:8.3f}"


def _change_row(now: Measures, old: Measures) -> str:
    change = f"{now.ndcg:8.3f}{old.ndcg:8.3f}{now.ndcg - old.ndcg:+8.3f}"
    return f"{change}{now.mrr:8.3f}{old.mrr:8.3f}{now.recall:8.3f}{old.recall:8.3f}"


def _problem(score: QueryScore) -> str:
    if score.told is not None:
        return "  (no answer, and says so)" if score.told else "  (no answer, and does not say so)"
    return f"  ({score.error})" if score.error else ""


def _safe(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)


def _padded(text: str, width: int) -> str:
    """Pad to columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * (width - taken)
