"""As many short records as wanted, of the words of a corpus: `python -m bench.many 10000000 > records.jsonl`.

Words are drawn as often as they stand in a sample of the corpus, lengths are those of its records, and places,
punctuation and numbers stand as often as there. Right in size, spread and vocabulary, without meaning: for how large an
index becomes and how fast it is. The first of many records are those of few. Without the shared corpora the sample is
of made records.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import numpy as np

from search.arrays import Array
from search.text.segmentation import segmenter

from . import made
from .records import CORPORA, MADE, SHARED, sample

SAMPLE = 20_000
"""Records of the corpus whose words are drawn from."""
TOGETHER = 10_000
"""Records that are drawn at a time: a seed is of them together."""
NEW = 0.002
"""Share of the words in whose place a number stands that is nowhere else: that of real texts goes on growing."""
_PIECES = re.compile(r"([\u3400-\u9fff]+)|[A-Za-z0-9]+|\S")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a sample with the sums of their shares, and how many words a title and a text of it have."""

    words: Sequence[str]
    sums: Array
    lengths: Array

    @classmethod
    def of(cls, lines: Iterator[str]) -> Vocabulary:
        """Return the words of some records."""
        counts: Counter[str] = Counter()
        lengths = []
        for line in lines:
            record = json.loads(line)
            parts = [[*cut_into_words(record[name])] for name in ("title", "text")]
            counts.update(word for words in parts for word in words)
            lengths.append([len(words) for words in parts])
        words = sorted(counts, key=lambda word: (-counts[word], word))
        sums = np.cumsum([counts[word] for word in words])
        return cls(words, sums / sums[-1], np.array(lengths))


def cut_into_words(text: str) -> Iterator[str]:
    """Yield the words of a text as they are drawn: cut once, punctuation by itself."""
    for piece in _PIECES.finditer(text):
        if piece[1]:
            yield from segmenter().cut(piece[1])
        else:
            yield piece[0]


def records(vocabulary: Vocabulary, count: int, seed: int = made.SEED) -> Iterator[str]:
    """Yield `count` JSON lines of id, title, text, source, date."""
    for first in range(0, count, TOGETHER):
        yield from islice(_some(vocabulary, first, np.random.default_rng([seed, first])), count - first)


def _some(vocabulary: Vocabulary, first: int, source: np.random.Generator) -> Iterator[str]:
    lengths = vocabulary.lengths[source.integers(len(vocabulary.lengths), size=TOGETHER)]
    total = int(lengths.sum())
    drawn = np.searchsorted(vocabulary.sums, source.random(total)).tolist()
    fresh = np.where(source.random(total) < NEW, source.integers(1 << 40, size=total), 0).tolist()
    days = source.integers(made.DAYS, size=TOGETHER).tolist()
    undated = (source.random(TOGETHER) < made.UNDATED).tolist()
    texts = [str(new) if new else vocabulary.words[word] for word, new in zip(drawn, fresh, strict=True)]
    end = 0
    for number, (title, text) in enumerate(lengths.tolist()):
        begin, middle, end = end, end + title, end + title + text
        yield (
            json.dumps(
                {
                    "id": f"many:{first + number}",
                    "title": "".join(texts[begin:middle]),
                    "text": "".join(texts[middle:end]),
                    "source": "many",
                    "date": "" if undated[number] else f"{made.FIRST_DAY + timedelta(days[number])}",
                },
                ensure_ascii=False,
            )
            + "\n"
        )


def main() -> None:
    """Write records to standard output."""
    parser = argparse.ArgumentParser(prog="python -m bench.many", description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=made.SEED)
    options = parser.parse_args()
    corpus = "short" if (SHARED / CORPORA["short"][0]).exists() else MADE
    vocabulary = Vocabulary.of(sample(corpus, SAMPLE))
    print(f"{len(vocabulary.words):,} words of {SAMPLE:,} records of {corpus}", file=sys.stderr)
    sys.stdout.writelines(records(vocabulary, options.count, options.seed))


if __name__ == "__main__":
    main()
