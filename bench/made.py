"""Records made of a small vocabulary (`made.toml`), for whoever has no corpora beside the checkout.

They are right in size, spread and oddities (no title, no date, other scripts and widths, names that no dictionary has),
not in meaning: good for comparing answers and for a first look at speed, of no use for judging quality.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from search.facets import values

SEED = 20261129
FIRST_DAY, DAYS = date(2001, 1, 1), 9_000
UNDATED, UNTITLED = 0.1, 0.15
"""Shares of the records."""
SENTENCES = (1.2, 1.0, 400)
"""Mean and standard deviation of the logarithm of how many sentences a text has, and the most it has."""
PARAGRAPH = 4
"""Sentences a paragraph."""
_NAME_CHARACTERS = "安柏川德恩枫桂海惠嘉康岚林明宁平清荣善松泰同文霞新旭雅阳永玉源泽芝中竹凯琦蕾峰宏博睿"
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Words to draw from, and the sums of their weights: by Zipf's law, the first weighs most."""

    words: Sequence[str]
    sums: Sequence[float]

    @classmethod
    def of(cls, words: Sequence[str]) -> Ranked:
        """Return `words` with their weights."""
        return cls(words, tuple(accumulate(1 / rank for rank in range(1, len(words) + 1))))

    def draw(self, source: random.Random) -> str:
        """Return one of the words."""
        return source.choices(self.words, cum_weights=self.sums)[0]


def records(count: int, seed: int = SEED) -> Iterator[str]:
    """Yield `count` JSON lines of id, title, text, source, date. The first of many are the same as those of few."""
    for number in range(count):
        source = random.Random(f"{seed}:{number}")
        title = "" if source.random() < UNTITLED else filled(_templates("titles"), source)
        day = "" if source.random() < UNDATED else f"{FIRST_DAY + timedelta(source.randrange(DAYS))}"
        record = {"id": f"made:{number}", "title": title, "text": _text(source), "source": "made", "date": day}
        yield json.dumps(record, ensure_ascii=False) + "\n"


def questions(count: int, seed: int = SEED) -> list[str]:
    """Return `count` questions as people ask them."""
    source = random.Random(f"{seed}:questions")
    return [filled(_templates("questions"), source) for _ in range(count)]


def filled(templates: Ranked, source: random.Random) -> str:
    """Return one of the templates with words in its slots."""
    return _SLOT.sub(lambda slot: _word(slot[1], source), templates.draw(source))


def _text(source: random.Random) -> str:
    mean, deviation, most = SENTENCES
    count = min(most, max(1, round(source.lognormvariate(mean, deviation))))
    sentences = [filled(_templates("sentences"), source) for _ in range(count)]
    return "\n".join("".join(sentences[at : at + PARAGRAPH]) for at in range(0, count, PARAGRAPH))


def _word(slot: str, source: random.Random) -> str:
    return _MADE[slot](source) if slot in _MADE else _words(slot).draw(source)


_MADE: Mapping[str, Callable[[random.Random], str]] = {
    "name": lambda source: "".join(source.choices(_NAME_CHARACTERS, k=source.choice((2, 2, 3)))),
    "n": lambda source: str(source.randint(1, 99)),
    "money": lambda source: str(source.randint(2, 400) * 50),
    "month": lambda source: str(source.randint(1, 12)),
    "year": lambda source: str(source.randint(2019, 2026)),
    "document": lambda source: (
        f"{source.choice('京沪苏浙鲁豫湘川')}医保发〔{_MADE['year'](source)}〕{_MADE['n'](source)}号"
    ),
}
"""What is made anew each time instead of drawn from a list."""


@lru_cache
def _vocabulary() -> dict[str, Sequence[str]]:
    data = tomllib.loads(Path(__file__).with_name("made.toml").read_text(encoding="utf-8"))
    places = [name.removesuffix("市") for name in (*values("city"), *values("province"))]
    return {**data["words"], **{key: data[key] for key in ("titles", "questions", "sentences")}, "place": places}


@lru_cache
def _words(name: str) -> Ranked:
    return Ranked.of(_vocabulary()[name])


_templates = _words
