"""`python -m bench.answer_weights`: the weights of `search.retrieval.evidence`, learned from the judged questions.

Logistic regression with a ridge penalty, by Newton's method, over the passages that fit. Beside the weights stands how
the answers do for each part of the questions when the weights are learned from all other parts.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search import Query, open_current, reindex
from search.answering.answers import HITS_ASKED, understand
from search.indexing.builds import Build
from search.quality import AnswerScore, Question, load_questions, sentences_of
from search.retrieval.answers import asked, readings
from search.retrieval.evidence import SURE, Evidence
from search.retrieval.finding import findings
from search.retrieval.fitting import fits

RIDGE = 3.0
STEPS = 8
JUDGED = Path(__file__).parents[1] / "search/quality/judged/answers"
SHARED = Path(__file__).parents[2] / "shared"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and the passages that fit: `evidence` of shape (passages, names), which are `right`, their texts."""

    question: Question
    evidence: Floats
    right: Floats
    texts: tuple[str, ...]


def judged(build: Build, question: Question) -> tuple[Judged, list[str]]:
    """Return a question with its passages, and the names of the columns of their evidence."""
    parsed, matches, _ = understand(build, Query(question.text))
    read = asked(parsed)
    articles = build.get_many([match.id for match in matches.page[:HITS_ASKED]])
    rows, right, texts, names = [], [], [], list[str]()
    for place, reading in enumerate(readings(read, articles, build.facets)) if read else ():
        evidence = Evidence(reading, place)
        for each in findings(reading):
            if not fits(reading, each):
                continue
            said = evidence.of(each)
            names = list(said)
            sentences = sentences_of(reading.article.id, reading.view, (each.start, each.end))
            rows.append(list(said.values()))
            right.append(not question.answers.isdisjoint(sentences))
            texts.append(reading.article.text[each.start : each.end])
    return Judged(question, np.array(rows, float), np.array(right, float), tuple(texts)), names


def learn(examples: Sequence[Judged]) -> Floats:
    """Return the weights that make what is right of these examples most probable (Newton's method)."""
    evidence = np.concatenate([each.evidence for each in examples if len(each.right)])
    right = np.concatenate([each.right for each in examples if len(each.right)])
    weights = np.zeros(evidence.shape[1])
    ridge = RIDGE * np.eye(evidence.shape[1])
    for _ in range(STEPS):
        sure = 1 / (1 + np.exp(-evidence @ weights))
        curvature = (evidence * (sure * (1 - sure))[:, np.newaxis]).T @ evidence + ridge
        weights -= np.linalg.solve(curvature, evidence.T @ (sure - right) + ridge @ weights)
    return weights


def shown(example: Judged, weights: Floats) -> tuple[float, int]:
    """Return how sure the surest passage is, and which it is; 0 where there is none."""
    if not len(example.right):
        return 0.0, 0
    odds = example.evidence @ weights
    best = int(odds.argmax())
    return float(1 / (1 + np.exp(-odds[best]))), best


def held_out(examples: Sequence[Judged]) -> list[tuple[float, int]]:
    """Return what is shown for each question by weights that were learned from the other parts."""
    parts = {each.question.part for each in examples}
    learned = {part: learn([one for one in examples if one.question.part != part]) for part in parts}
    return [shown(each, learned[each.question.part]) for each in examples]


def score(examples: Sequence[Judged], found: Sequence[tuple[float, int]], sure: float) -> AnswerScore:
    """Return the numbers over what is `found` for each question, and shown from a probability on."""
    pairs = [(each, best) for each, (odds, best) in zip(examples, found, strict=True) if odds >= sure]
    with_one = [(each, best) for each, best in pairs if each.question.answers]
    right = sum(int(each.right[best]) for each, best in with_one)
    answerable = sum(bool(each.question.answers) for each in examples)
    return AnswerScore(answerable, len(with_one), right, len(examples) - answerable, len(pairs) - len(with_one))


def line(name: str, numbers: AnswerScore) -> str:
    return (
        f"{name:>8}: shown for {numbers.shown} of {numbers.answerable} ({numbers.coverage:.0%}), right {numbers.right}"
        f" of {numbers.shown + numbers.mistaken} ({numbers.precision:.1%}), where there is none {numbers.mistaken}"
    )


def collections(folder: Path) -> Iterator[tuple[Build, Path]]:
    """Build the three collections of the judged questions in a folder, each with its file of questions."""
    with tarfile.open(SHARED / "corpora/gov_pages.tar.xz") as archive:
        archive.extractall(folder / "authorities", filter="data")
    sources = {"seeds": Path(__file__).parents[1] / "seeds", "pages": SHARED / "seeds", "gov": folder / "authorities"}
    for name, source in sources.items():
        reindex([source], folder / name)
        yield open_current(folder / name), JUDGED / f"{name}.tsv"


def examples(folder: Path) -> tuple[list[Judged], list[str]]:
    """Return all judged questions with their passages, and the names of the evidence. Indexes are built in a folder."""
    found, names = [], list[str]()
    for build, path in collections(folder):
        for question in load_questions(path):
            example, said = judged(build, question)
            found.append(example)
            names = names or said
    return found, names


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        every, names = examples(Path(folder))
    found = held_out(every)
    for part in dict.fromkeys(each.question.part for each in every):
        chosen = [place for place, each in enumerate(every) if each.question.part == part]
        print(line(part, score([every[c] for c in chosen], [found[c] for c in chosen], SURE)))
    for sure in sorted({0.5, 0.6, 0.7, 0.8, 0.9, SURE}):
        print(line(f"{sure}", score(every, found, sure)))
    for each, (odds, best) in zip(every, found, strict=True):
        if odds >= SURE and not each.right[best]:
            print(f"{odds:.2f} {each.question.part} {each.question.text} | {each.texts[best]!r}")
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(names, learn(every), strict=True):
        print(f'    "{name}": {weight:.2f},')
    print("}")


if __name__ == "__main__":
    main()
