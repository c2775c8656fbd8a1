"""How good the order of results is: standard measures over judged queries, a query, a class and overall.

- nDCG@10 with gain 2^grade - 1 and discount log2(rank + 1): Järvelin & Kekäläinen 2002, *Cumulated gain-based
  evaluation of IR techniques*, ACM TOIS 20(4), with the exponential gain of Burges et al. 2005.
- MRR@10: 1 / rank of the first relevant article, 0 if it is not among the first ten.
- recall@100: the share of the relevant articles that is among the first hundred.

*Relevant* means grade 2 or 3; for a query whose best grade is lower (binary test sets), that grade. Every query counts
the same in its class and overall. `docs/evaluation.md` says how to read the numbers.
"""

from __future__ import annotations

import json
import math
import statistics
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .answering.answers import understand
from .engines.contract import Engine
from .errors import SourceError, UserError
from .indexing.build import reindex
from .indexing.generations import open_current
from .judgements import Judged, JudgedQuery
from .model import Query

FLOORS = "floors.toml"
"""Name of the shipped file with the least scores, in the folder of the seeds."""

TOP = 10
DEPTH = 100
RELEVANT = 2
BROAD_SHARE = 1 / 3
"""A query of several words that returns more than this share of the collection says too little."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over `count` queries, each from 0 to 1."""

    count: int
    ndcg: float
    mrr: float
    recall: float


@dataclass(frozen=True, slots=True)
class QueryScore:
    """What one query scored. `words` is how many clauses it requires, `total` how many articles it found, `top` the
    first ten ids; `error` says why it could not be run (it scores 0 then)."""

    id: str
    text: str
    kind: str
    ndcg: float
    mrr: float
    recall: float
    total: int = 0
    words: int = 0
    top: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of all queries of a set, in the set's order; times in ms a query, without snippets."""

    name: str
    documents: int
    scores: tuple[QueryScore, ...]
    median_ms: float = 0.0

    def overall(self) -> Measures:
        """Return the means over all queries."""
        return measures(self.scores)

    def classes(self) -> dict[str, Measures]:
        """Return the means of every class, in the order in which the classes first occur."""
        kinds = dict.fromkeys(score.kind for score in self.scores)
        return {kind: measures([score for score in self.scores if score.kind == kind]) for kind in kinds}

    def broad(self) -> list[QueryScore]:
        """Return the queries of several words that return more than `BROAD_SHARE` of the collection."""
        return [score for score in self.scores if score.words > 1 and score.total > self.documents * BROAD_SHARE]


def ndcg(grades: Sequence[int], ideal: Iterable[int], k: int = TOP) -> float:
    """Return nDCG@k of a ranking: `grades` by rank, `ideal` all grades there are (any order). 0 if none is above 0."""
    best = _dcg(sorted(ideal, reverse=True)[:k])
    return _dcg(grades[:k]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def reciprocal_rank(grades: Sequence[int], relevant: int = 1, k: int = TOP) -> float:
    """Return 1 / rank of the first of the first `k` grades that is at least `relevant`; 0 if none is."""
    return next((1 / rank for rank, grade in enumerate(grades[:k], 1) if grade >= relevant), 0.0)


def recall(grades: Sequence[int], ideal: Iterable[int], relevant: int = 1, k: int = DEPTH) -> float:
    """Return which share of the grades in `ideal` that are at least `relevant` is among the first `k`."""
    wanted = sum(grade >= relevant for grade in ideal)
    return sum(grade >= relevant for grade in grades[:k]) / wanted if wanted else 0.0


def grades_of(ranking: Sequence[str], query: JudgedQuery) -> list[int]:
    """Return the grade at every rank. A near-duplicate of an article found before has 0: it tells nothing new."""
    answer_of = {id_: answer for answer in query.answers for id_ in answer.ids}
    grades, told = [], set()
    for id_ in ranking:
        answer = answer_of.get(id_)
        grades.append(answer.grade if answer and answer.ids not in told else 0)
        if answer:
            told.add(answer.ids)
    return grades


def score_query(query: JudgedQuery, ranking: Sequence[str], **details: Any) -> QueryScore:
    """Return what `ranking` (article ids, best first) scores for `query`."""
    ideal = [answer.grade for answer in query.answers]
    relevant = max(1, min(RELEVANT, max(ideal, default=0)))
    grades = grades_of(ranking, query)
    return QueryScore(
        query.id,
        query.text,
        query.kind,
        ndcg(grades, ideal),
        reciprocal_rank(grades, relevant),
        recall(grades, ideal, relevant),
        top=tuple(ranking[:TOP]),
        **details,
    )


def measures(scores: Sequence[QueryScore]) -> Measures:
    """Return the means of `scores`; zeros if there is none."""
    count = len(scores)
    mean = [sum(values) / (count or 1) for values in zip(*((s.ndcg, s.mrr, s.recall) for s in scores), strict=True)]
    return Measures(count, *(mean or (0.0, 0.0, 0.0)))


def evaluate(engine: Engine, judged: Judged) -> Report:
    """Run every judged query as a user would type it, and score what comes back."""
    times: list[float] = []
    scores = []
    for query in judged.queries:
        started = time.perf_counter()
        scores.append(_run(engine, query))
        times.append((time.perf_counter() - started) * 1000)
    return Report(judged.name, engine.info.documents, tuple(scores), statistics.median(times) if times else 0.0)


def _run(engine: Engine, query: JudgedQuery) -> QueryScore:
    try:
        parsed, matches, _ = understand(engine, Query(text=query.text, size=DEPTH, collapse=False))
    except UserError as error:
        return score_query(query, (), error=str(error))
    words = sum(clause.kind in ("word", "phrase") for clause in parsed.clauses)
    return score_query(query, [match.id for match in matches.page], total=matches.total, words=words)


@contextmanager
def engine_for(judged: Judged, index_dir: Path | None = None) -> Iterator[Engine]:
    """Open the index in `index_dir`, or a temporary one built from the articles that `judged` judges."""
    with TemporaryDirectory(prefix="yibao-evaluate-") as scratch:
        if index_dir is None:
            reindex(judged.sources, Path(scratch))
        engine = open_current(index_dir or Path(scratch))
        try:
            yield engine
        finally:
            engine.close()


def save_report(report: Report, path: Path) -> None:
    """Write a report as JSON, to compare a later one with."""
    path.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_report(path: Path) -> Report:
    """Read a saved report. Raises SourceError if it is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        scores = tuple(QueryScore(**{**score, "top": tuple(score["top"])}) for score in record.pop("scores"))
        return Report(**record, scores=scores)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(str(path), f"not a saved evaluation ({error})") from error


def load_floors(path: Path) -> dict[str, dict[str, Any]]:
    """Read the floors: a table for each set, by the set's name. Raises SourceError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(str(path), str(error)) from error


def below_floors(report: Report, floors: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every measure of `report` that lies below its floor.

    `floors` is the table of this set in `seeds/floors.toml`: `ndcg`, `mrr`, `recall` hold floors by class (`overall`:
    all queries; `each`: any class that is not named), `broad` how many queries may be too broad.
    """
    found = {"overall": report.overall(), **report.classes()}
    failures = []
    for measure in ("ndcg", "mrr", "recall"):
        least = dict(floors.get(measure, {}))
        each = least.pop("each", None)
        if each is not None:
            least = {kind: each for kind in found if kind != "overall"} | least
        for kind, floor in least.items():
            value = getattr(found[kind], measure) if kind in found else 0.0
            if value < floor:
                failures.append(f"{measure} of {kind} is {value:.3f}, below its floor {floor:g}")
    if (broad := len(report.broad())) > floors.get("broad", math.inf):
        failures.append(f"{broad} queries return more than a third of the collection, {floors['broad']} may")
    return failures
