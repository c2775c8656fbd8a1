"""The right answers, computed without any engine: whole-array counts over the tokens of the records.

An engine that disagrees in a total, a facet count, or the scores of its page is not timed: the run fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from pathlib import Path

import numpy as np

from search.text import fold

from .answers import Answer, Array, Formula
from .records import FACET_KEYS, facet_values, read
from .tasks import SIZE, Task
from .tokens import token_records, workers_for

TOLERANCE = 1e-3
"""Relative; engines keep scores in 32 bits, and some their parts."""


class Mismatch(Exception):
    """An engine's answer is wrong."""


class Reference:
    """Knows which records hold the words and phrases of some tasks. Build it with `load`."""

    def __init__(self, arrays: dict[str, Array], words: list[str], phrases: list[str]) -> None:
        self.documents = len(arrays["days"])
        self._arrays = arrays
        self._words = {word: number for number, word in enumerate(words)}
        self._phrases = {phrase: number for number, phrase in enumerate(phrases)}

    @classmethod
    def load(cls, records: Path, tasks: Iterable[Task]) -> Reference:
        """Read the facts from the file beside the records, or gather them (one pass over all tokens)."""
        tasks = list(tasks)
        words = sorted({word for task in tasks for word in task.words})
        phrases = sorted({task.phrase for task in tasks if task.phrase})
        path = records.with_suffix(".reference.npz")
        asked = np.array("\n".join([*words, *phrases]))
        if path.exists():
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
            if arrays.pop("asked") == asked:
                return cls(arrays, words, phrases)
        arrays = _gather(records, words, phrases)
        np.savez(path, allow_pickle=False, asked=asked, **arrays)
        return cls(arrays, words, phrases)

    def total(self, task: Task) -> int:
        """Return how many records match."""
        return len(self._hits(task))

    def with_enough_hits(self, tasks: Iterable[Task], limit: int) -> list[Task]:
        """Keep tasks whose page is full; of those with a deep page at most `limit`."""
        shallow = [task for task in tasks if task.page == 1]
        deep = [task for task in tasks if task.page > 1 and self.total(task) >= task.offset + SIZE]
        return shallow + deep[:limit]

    def check(self, task: Task, answer: Answer, formula: Formula | None) -> None:
        """Raise Mismatch unless the answer is right; with a formula its scores are checked too."""
        hits = self._hits(task)
        if answer.total != len(hits):
            raise Mismatch(f"total {answer.total}, not {len(hits)}")
        for number, key in enumerate(FACET_KEYS):
            expected = self._counts(task, number, key)
            if answer.counts.get(key) != expected:
                raise Mismatch(f"counts of {key}: {answer.counts.get(key)}, not {expected}")
        page = [number for number, _ in answer.page]
        if len(page) != min(SIZE, max(0, len(hits) - task.offset)) or len(set(page)) != len(page):
            raise Mismatch(f"{len(page)} hits on page {task.page} of {len(hits)} hits")
        if not np.isin(page, hits).all():
            raise Mismatch(f"hits that do not match: {sorted(set(page) - set(hits.tolist()))}")
        if task.newest:
            self._check_dates(task, page, hits)
        elif formula and task.words:
            self._check_scores(task, answer, formula, hits)

    def _check_dates(self, task: Task, page: list[int], hits: Array) -> None:
        days = self._arrays["days"]
        expected = np.sort(days[hits])[::-1][task.offset : task.offset + SIZE].tolist()
        if days[page].tolist() != expected:
            raise Mismatch(f"dates {days[page].tolist()}, not {expected}")

    def _check_scores(self, task: Task, answer: Answer, formula: Formula, hits: Array) -> None:
        scores = self._scores(task, formula)
        expected = -np.sort(-scores[hits])[task.offset : task.offset + SIZE]
        given = np.array([score for _, score in answer.page])
        own = scores[[number for number, _ in answer.page]]
        if not np.allclose(given, expected, TOLERANCE):
            raise Mismatch(f"scores {given.tolist()}, not {expected.tolist()}")
        if not np.allclose(own, expected, TOLERANCE):
            raise Mismatch(f"hits that score {own.tolist()}, where the best score {expected.tolist()}")

    def _hits(self, task: Task, without: str = "") -> Array:
        hits = self._matches(task.phrase, task.words, task.rule)
        for key, values in task.filters.items():
            if key != without:
                ordinals = [facet_values(key).index(value) for value in values]
                hits = hits[np.isin(self._arrays["facets"][FACET_KEYS.index(key)][hits], ordinals)]
        return hits

    @lru_cache(maxsize=4)  # noqa: B019 - one reference lives as long as the run
    def _matches(self, phrase: str, words: tuple[str, ...], rule: str) -> Array:
        if phrase:
            return self._list("phrase", self._phrases[phrase])
        combine = np.intersect1d if rule == "all" else np.union1d
        return reduce(combine, [self._list("word", self._words[word]) for word in words])

    def _counts(self, task: Task, number: int, key: str) -> dict[str, int]:
        hits = self._hits(task, key) if key in task.filters else self._hits(task)
        counts = np.bincount(self._arrays["facets"][number][hits])
        return {facet_values(key)[ordinal]: int(counts[ordinal]) for ordinal in np.flatnonzero(counts)}

    def _scores(self, task: Task, formula: Formula) -> Array:
        exact = self._arrays["title_lengths"] * formula.title_weight + self._arrays["text_lengths"]
        average = exact.sum() / self.documents
        scores = np.zeros(self.documents)
        for word in task.words:
            number = self._words[word]
            docs = self._list("word", number)
            tf = self._list("title_tf", number) * formula.title_weight + self._list("text_tf", number)
            scores[docs] += formula.term(tf, formula.length(exact[docs]), average, self.documents, len(docs))
        return scores

    def _list(self, name: str, number: int) -> Array:
        begin, end = self._arrays["phrase_offsets" if name == "phrase" else "word_offsets"][number : number + 2]
        return self._arrays[name][begin:end]


def _gather(records: Path, words: list[str], phrases: list[str]) -> dict[str, Array]:
    wanted = {word: number for number, word in enumerate(words)}
    found: list[tuple[int, int, int, int]] = []
    lengths: list[tuple[int, int]] = []
    for token_record in token_records(records, workers_for(records)):
        title, text = token_record.title_words.split(), token_record.text_words.split()
        lengths.append((len(title), len(text)))
        for word in wanted.keys() & {*title, *text}:
            found.append((wanted[word], token_record.record.number, title.count(word), text.count(word)))
    postings = np.array(sorted(found), dtype=np.int64).reshape(-1, 4).T
    title_lengths, text_lengths = np.array(lengths, dtype=np.int64).T
    return {
        "word": postings[1],
        "title_tf": postings[2],
        "text_tf": postings[3],
        "word_offsets": np.searchsorted(postings[0], np.arange(len(words) + 1)),
        "title_lengths": title_lengths,
        "text_lengths": text_lengths,
        **_documents(records),
        **_find_phrases(records, phrases),
    }


def _documents(records: Path) -> dict[str, Array]:
    ordinals = [{value: number for number, value in enumerate(facet_values(key))} for key in FACET_KEYS]
    rows = [(r.day, *(table[value] for table, value in zip(ordinals, r.facets, strict=True))) for r in read(records)]
    days, *facets = np.array(rows, dtype=np.int64).T
    return {"days": days, "facets": np.array(facets)}


def _find_phrases(records: Path, phrases: list[str]) -> dict[str, Array]:
    folded = [(fold(record.title), fold(record.text)) for record in read(records)]
    lists = [
        [number for number, (title, text) in enumerate(folded) if phrase in text or phrase in title]
        for phrase in phrases
    ]
    offsets = np.cumsum([0, *map(len, lists)])
    return {"phrase": np.array([number for part in lists for number in part], np.int64), "phrase_offsets": offsets}
