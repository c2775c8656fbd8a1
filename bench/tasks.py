"""The queries of a run, drawn from the records with a fixed seed, so that every engine and every rerun gets the same.

Rule `all`: every word must occur. Rule `any`: one of them is enough. A phrase is a run of characters. Filters follow
the contract of this project: OR inside a facet, AND between facets, counts of a facet ignore its own filter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from search.query.grammar import parse
from search.text import fold, is_word, query_words

from .records import FACET_KEYS, Record, deal, questions, read

Rule = Literal["all", "any"]

SEED = 20261122
TITLES, QUESTIONS, PHRASES, FILTERED, SORTED = 300, 100, 100, 100, 100
DEEP_PAGE = 50
"""Of these tasks, those are kept that have as many hits (`reference.Reference.with_enough_hits`)."""
SIZE = 10
_HAN = re.compile(r"[\u4e00-\u9fa5]{4,}")


@dataclass(frozen=True, slots=True)
class Task:
    """One query: words under a rule, or a phrase; `filters` maps a facet key to wanted values.

    `text` is what a person would have typed, for this project's production path.
    """

    kind: str
    text: str
    words: tuple[str, ...] = ()
    rule: Rule = "all"
    phrase: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    newest: bool = False
    page: int = 1

    @property
    def offset(self) -> int:
        """How many hits come before the wanted page."""
        return (self.page - 1) * SIZE


def draw(path: Path, size: int, corpus: str, scale: float = 1.0) -> list[Task]:
    """Return the tasks for a file of `size` records of a corpus; `scale` shrinks their number."""
    source = random.Random(SEED)
    picked = _pick(path, size, source)
    titled = list(_titled(picked, source, int(TITLES * scale)))
    tasks = [replace(task, rule=rule, kind=f"words, {rule}") for rule in _RULES for task in titled]
    tasks += _questions(questions(corpus), source, int(QUESTIONS * scale))
    tasks += _phrases(picked, source, int(PHRASES * scale))
    tasks += _filtered(picked, source, int(FILTERED * scale))
    tasks += [replace(task, kind="newest first", rule="any", newest=True) for task in titled[: int(SORTED * scale)]]
    tasks += [replace(task, kind="page 50", rule="any", page=DEEP_PAGE) for task in titled]
    return tasks


_RULES: tuple[Rule, ...] = ("all", "any")


def _pick(path: Path, size: int, source: random.Random) -> list[Record]:
    """Return some thousands of records, shuffled."""
    chosen = set(source.sample(range(size), min(size, 4_000)))
    picked = [record for record in read(path) if record.number in chosen]
    source.shuffle(picked)
    return picked


def _titled(picked: Sequence[Record], source: random.Random, count: int) -> Iterator[Task]:
    """Yield queries of 1 to 5 words of a title (of the text, which then is a title itself, where there is none)."""
    found = 0
    for record in picked:
        words = _index_words(record.title or record.text[:40])
        wanted = found % 5 + 1
        if len(words) >= wanted:
            first = source.randrange(len(words) - wanted + 1)
            chosen = tuple(words[first : first + wanted])
            yield Task("", " ".join(chosen), chosen)
            found += 1
        if found == count:
            return


def _index_words(text: str) -> list[str]:
    words = dict.fromkeys(token.text for token in query_words(fold(text)))
    return [word for word in words if len(word) > 1 and is_word(word) and " " not in word]


def _questions(asked: Sequence[str], source: random.Random, count: int) -> Iterator[Task]:
    """Yield questions by their content words."""
    for text in source.sample(asked, min(3 * count, len(asked))):
        if len(text) > 60 or not count:
            continue
        forms = (clause.forms[0].text for clause in parse(text).clauses if clause.kind == "word")
        words = tuple(form for form in forms if len(form) > 1 and is_word(form))
        if words:
            yield Task("questions, any", text, words, "any")
            count -= 1


def _phrases(picked: Sequence[Record], source: random.Random, count: int) -> Iterator[Task]:
    for record in picked:
        runs = _HAN.findall(fold(record.text))
        if not runs or not count:
            continue
        run = source.choice(runs)
        length = min(len(run), source.randint(4, 8))
        first = source.randrange(len(run) - length + 1)
        phrase = run[first : first + length]
        yield Task("phrases", f'"{phrase}"', phrase=phrase)
        count -= 1


def _filtered(picked: Sequence[Record], source: random.Random, count: int) -> Iterator[Task]:
    """Yield queries of 1 to 3 words under one or two filters, which a record at least passes."""
    for record in reversed(picked):
        words = _index_words(record.title or record.text[:40])
        wanted = count % 3 + 1
        if len(words) < wanted or not count:
            continue
        chosen = tuple(words[:wanted])
        own, other = (dict(zip(FACET_KEYS, deal(name), strict=True)) for name in (record.id, f"other {record.id}"))
        keys = source.sample(FACET_KEYS, 1 + count % 2)
        filters = {key: tuple(dict.fromkeys((own[key], other[key]))) for key in keys}
        yield Task("filtered, any", " ".join(chosen), chosen, "any", filters=filters)
        count -= 1
