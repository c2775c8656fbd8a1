"""How good the answers on top are: questions whose answering sentences are known, and what was shown for each.

A file has a question a line: text, kind, part, answers, tab separated (`judged/answers/README.md`). An answer is an
article's id and a hash of a sentence or row of it, so that no text is copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..answering.answers import answer
from ..errors import SourceError
from ..hashing import hash64
from ..indexing.builds import Build
from ..model import Answer, Query, Span
from ..retrieval.sentences import SentenceView

NONE = "-"
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its kind, the part of its set, and the sentences (`id#hash`) of which each answers it; or none."""

    text: str
    kind: str
    part: str
    answers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown for a question, and whether it is right: None if nothing was shown."""

    question: Question
    answer: Answer | None
    right: bool | None


@dataclass(frozen=True, slots=True)
class AnswerScore:
    """Of so many questions with an answer: for how many one was `shown`, and how many of these are `right`.

    `without` have none; for `mistaken` of these something was shown.
    """

    answerable: int
    shown: int
    right: int
    without: int
    mistaken: int

    @property
    def precision(self) -> float:
        """The share of what was shown that is right."""
        shown = self.shown + self.mistaken
        return self.right / shown if shown else 1.0

    @property
    def coverage(self) -> float:
        """The share of the questions with an answer for which one was shown."""
        return self.shown / self.answerable if self.answerable else 1.0


def load_questions(path: Path) -> tuple[Question, ...]:
    """Read a file of questions. Raises SourceError with path and line where one is malformed."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), str(error)) from error
    found = []
    for number, line in enumerate(lines, 1):
        fields = line.split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if len(fields) < _COLUMNS:
            raise SourceError(str(path), f"{len(fields)} columns, not question, kind, part, answers", number)
        text, kind, part, answers = fields[:_COLUMNS]
        found.append(Question(text, kind, part, frozenset(answers.split()) - {NONE}))
    return tuple(found)


def ask(build: Build, questions: Iterable[Question]) -> list[Shown]:
    """Return what a build shows for each question."""
    shown = []
    for question in questions:
        found = answer(build, Query(question.text)).answer
        shown.append(Shown(question, found, bool(_sentences(build, found) & question.answers) if found else None))
    return shown


def score_answers(shown: Iterable[Shown]) -> AnswerScore:
    """Return the numbers over what was shown."""
    every = list(shown)
    with_one = [one for one in every if one.question.answers]
    without = [one for one in every if not one.question.answers]
    return AnswerScore(
        len(with_one),
        sum(one.answer is not None for one in with_one),
        sum(one.right is True for one in with_one),
        len(without),
        sum(one.answer is not None for one in without),
    )


def _sentences(build: Build, found: Answer) -> frozenset[str]:
    """Return the sentences that an answer quotes, as files of questions name them."""
    article = build.get(found.id)
    if article is None:
        return frozenset()
    return sentences_of(found.id, SentenceView(article, 0, len(article.text)), (found.start, found.end))


def sentences_of(article_id: str, view: SentenceView, span: Span) -> frozenset[str]:
    """Return the sentences of an article that a range touches, as files of questions name them."""
    start, end = span
    indices = range(view.index(start), view.index(end - 1) + 1)
    return frozenset(f"{article_id}#{hash64(view.cut(view.bounds(index))):016x}" for index in indices)
