"""What an evaluation found: the scores of every query, their means by class and overall; kept in a file to compare.

Every query counts the same in its class and overall.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import SourceError

BROAD_SHARE = 1 / 3
"""A query of several words that returns more than this share of the collection says too little."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over `count` queries, each from 0 to 1; `first` is the share whose first result is relevant."""

    count: int
    ndcg: float
    mrr: float
    recall: float
    first: float


@dataclass(frozen=True, slots=True)
class QueryScore:
    """What one query scored. `words` is how many clauses it requires, `total` how many articles it found, `top` the
    first ten ids; `error` says why it could not be run (it scores 0 then).

    `told` is there for a query that no article answers: whether the reader was told so. It counts in no mean.
    """

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
    told: bool | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
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
        kinds = dict.fromkeys(score.kind for score in self.scores if score.told is None)
        return {kind: measures([score for score in self.scores if score.kind == kind]) for kind in kinds}

    def unanswered(self) -> list[QueryScore]:
        """Return the queries that no article answers."""
        return [score for score in self.scores if score.told is not None]

    def told(self) -> float:
        """Return the share of the queries without an answer whose readers are told so, 1 where there are none."""
        unanswered = self.unanswered()
        return sum(bool(score.told) for score in unanswered) / len(unanswered) if unanswered else 1.0

    def broad(self) -> list[QueryScore]:
        """Return the queries of several words, with an answer, that return more than `BROAD_SHARE` of the articles."""
        broad = self.documents * BROAD_SHARE
        return [one for one in self.scores if one.told is None and one.words > 1 and one.total > broad]


def measures(scores: Sequence[QueryScore]) -> Measures:
    """Return the means of those of `scores` that an article answers; zeros if there is none."""
    answered = [score for score in scores if score.told is None]
    count = len(answered)
    rows = ((score.ndcg, score.mrr, score.recall, float(score.mrr == 1)) for score in answered)
    mean = [sum(values) / count for values in zip(*rows, strict=True)]
    return Measures(count, *(mean or (0.0, 0.0, 0.0, 0.0)))


def save_evaluations(evaluations: Iterable[Evaluation], path: Path) -> None:
    """Write evaluations as JSON, to compare later ones with."""
    records = [asdict(evaluation) for evaluation in evaluations]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_evaluations(path: Path) -> dict[str, Evaluation]:
    """Read saved evaluations, by the name of their set. Raises SourceError if they are none."""
    try:
        evaluations = [_evaluation(record) for record in json.loads(path.read_text(encoding="utf-8"))]
        return {evaluation.name: evaluation for evaluation in evaluations}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(str(path), f"not a saved evaluation ({error})") from error


def _evaluation(record: dict[str, Any]) -> Evaluation:
    scores = tuple(QueryScore(**{**score, "top": tuple(score["top"])}) for score in record.pop("scores"))
    return Evaluation(**record, scores=scores)
