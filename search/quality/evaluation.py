"""Running judged queries as a user would type them, and scoring what comes back (docs/evaluation.md).

*Relevant* means grade 2 or 3; for a query whose best grade is lower (binary test sets), that grade.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..answering.answers import answer, understand
from ..errors import UserError
from ..indexing.build import reindex
from ..indexing.builds import Build, open_current
from ..model import Query
from .judgements import Judged, JudgedQuery
from .measures import DEPTH, TOP, ndcg, recall, reciprocal_rank
from .scores import Evaluation, QueryScore

RELEVANT = 2
NOTHING_FOUND = ("missing-words", "by-pairs", "by-characters", "no-such-place", "not-of-place")
"""Notes that say that nothing holds what was asked."""


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


def evaluate(engine: Build, judged: Judged) -> Evaluation:
    """Run every judged query as a user would type it, and score what comes back."""
    times: list[float] = []
    scores = []
    for query in judged.queries:
        started = time.perf_counter()
        scores.append(_run(engine, query))
        times.append((time.perf_counter() - started) * 1000)
    return Evaluation(judged.name, engine.info.documents, tuple(scores), statistics.median(times) if times else 0.0)


def _run(engine: Build, query: JudgedQuery) -> QueryScore:
    try:
        parsed, matches, _ = understand(engine, Query(text=query.text, size=DEPTH, collapse=False))
    except UserError as error:
        return score_query(query, (), error=str(error))
    told = None if query.has_answer else not matches.total or _is_told(engine, query)
    words = sum(clause.kind in ("word", "phrase") for clause in parsed.clauses)
    return score_query(query, [match.id for match in matches.page], total=matches.total, words=words, told=told)


def _is_told(engine: Build, query: JudgedQuery) -> bool:
    """Tell whether a reader is told that what is found is not what was asked: by a note, and by every result."""
    results = answer(engine, Query(query.text))
    codes = {note.code for note in results.parsed.notes}
    return not codes.isdisjoint(NOTHING_FOUND) and all(hit.lacks for hit in results.hits)


@contextmanager
def engine_for(judged: Judged, address: Path | str | None = None) -> Iterator[Build]:
    """Open the index at `address`, or a temporary one built from the articles that `judged` judges."""
    with TemporaryDirectory(prefix="yibao-evaluate-") as scratch:
        if address is None:
            address = Path(scratch) / "index"
            reindex(_sources(judged, Path(scratch)), address)
        engine = open_current(address)
        try:
            yield engine
        finally:
            engine.close()


def _sources(judged: Judged, scratch: Path) -> Sequence[Path]:
    if judged.sample is None:
        return judged.sources
    sample = scratch / "sample.jsonl"
    judged.sample.write(judged.sources, sample)
    return (sample,)


def opened(sets: Iterable[Judged]) -> Iterator[tuple[Judged, Build]]:
    """Yield every set with a temporary index of its articles, open until the next; neighbours that judge the same
    articles share one."""
    for _, neighbours in groupby(sets, key=lambda judged: (judged.sources, judged.sample)):
        sharing = list(neighbours)
        with engine_for(sharing[0]) as engine:
            for judged in sharing:
                yield judged, engine


def evaluate_sets(sets: Iterable[Judged]) -> Iterator[Evaluation]:
    """Yield the evaluation of every set, as soon as it is there."""
    for judged, engine in opened(sets):
        yield evaluate(engine, judged)
