"""Judgements: which articles answer which query, read from files (the usual word is qrels).

Two forms, told apart by what the path is:

- a `.tsv` file with the columns query, class, id, grade, why (`seeds/judgements.tsv`); it judges the articles of the
  folder it lies in. `a|b` in the id column are near-duplicates that give one answer, `-` with grade 0 says that no
  article answers the query;
- a folder with `corpus.jsonl`, `queries.jsonl` (id, text; a class in `category` or `split`) and `qrels.tsv` (query id,
  article id, grade), each also packed as `.xz`: the usual form of public test sets.

Grades are whole numbers from 0, higher is better; an article without a line has grade 0. This module knows no engine.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import SourceError
from .samples import Sample

JUDGEMENTS = "judgements.tsv"
"""Name of the shipped file, in the folder of the seeds."""

NONE = "-"
"""What stands for an id where no article answers a query."""

HIGHEST_GRADE = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a query: several ids are near-duplicates, of which the first one found counts."""

    ids: tuple[str, ...]
    grade: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with all that answers it; `kind` is its class (plain, typo …)."""

    id: str
    text: str
    kind: str
    answers: tuple[Answer, ...]

    @property
    def has_answer(self) -> bool:
        """Whether any article answers it."""
        return any(answer.grade for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Judged:
    """A named set of judged queries, and the files or folders that hold the articles it judges; `sample` of them only,
    if there is one."""

    name: str
    queries: tuple[JudgedQuery, ...]
    sources: tuple[Path, ...]
    sample: Sample | None = None


def load_judgements(path: Path, split: str = "") -> Judged:
    """Read a file or folder of judgements; with `split`, only the queries of that split of a folder.

    Raises SourceError with path and line where something is missing or malformed.
    """
    folder = path if path.is_dir() else path.parent
    name = folder.resolve().name
    if not path.is_dir():
        return Judged(name, load_queries(path), (folder,))
    return Judged(f"{name}-{split}" if split else name, load_queries(path, split), (_one_of(path, "corpus.jsonl"),))


def load_queries(path: Path, split: str = "") -> tuple[JudgedQuery, ...]:
    """Read the queries alone of what `load_judgements` reads: a folder need hold no articles. Raises SourceError."""
    if not path.is_dir():
        return tuple(_judged_table(path))
    queries = tuple(_judged_folder(path, split))
    if not queries:
        raise SourceError(str(path), f"no judged query of the split {split!r}" if split else "no judged query")
    return queries


def _judged_table(path: Path) -> Iterator[JudgedQuery]:
    answers: dict[str, list[Answer]] = {}
    kinds: dict[str, str] = {}
    for number, line in _lines(path):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 5:
            raise SourceError(str(path), f"{len(fields)} columns, not query, class, id, grade, why", number)
        text, kind, ids, grade, why = fields
        answer = Answer(tuple(ids.split("|")), _grade(grade, path, number), why)
        if ids == NONE and answer.grade:
            raise SourceError(str(path), f"“{text}” has a grade for no article", number)
        found = answers.setdefault(text, [])
        if kinds.setdefault(text, kind) != kind:
            raise SourceError(str(path), f"“{text}” has the class {kinds[text]} above", number)
        if any(set(answer.ids) & set(other.ids) for other in found):
            raise SourceError(str(path), f"“{text}” and {ids} are judged twice", number)
        found.append(answer)
    return (JudgedQuery(text, text, kinds[text], tuple(found)) for text, found in answers.items())


def _judged_folder(folder: Path, split: str) -> Iterator[JudgedQuery]:
    answers: dict[str, list[Answer]] = {}
    qrels = _one_of(folder, "qrels.tsv")
    for number, line in _lines(qrels):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != 3:
            raise SourceError(str(qrels), f"{len(fields)} columns, not query id, article id, grade", number)
        answers.setdefault(fields[0], []).append(Answer((fields[1],), _grade(fields[2], qrels, number)))
    queries = _one_of(folder, "queries.jsonl")
    for number, line in _lines(queries):
        try:
            record = json.loads(line)
            query_id, text = str(record["id"]), str(record["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(str(queries), f"not an object with id and text ({error})", number) from error
        if query_id in answers and (not split or record.get("split") == split):
            kind = str(record.get("category") or record.get("split") or "all")
            yield JudgedQuery(query_id, text, kind, tuple(answers[query_id]))


def _grade(text: str, path: Path, line: int) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= HIGHEST_GRADE):
        raise SourceError(str(path), f"grade {text!r} is not one of 0 to {HIGHEST_GRADE}", line)
    return int(text)


def _one_of(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.xz"):
        if candidate.is_file():
            return candidate
    raise SourceError(str(folder), f"no {name} and no {name}.xz")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        data = path.read_bytes()
        text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8")
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise SourceError(str(path), str(error)) from error
    # Not splitlines(): a query may hold any of the characters that it takes for the end of a line.
    yield from enumerate(text.removesuffix("\n").split("\n") if text else (), 1)
