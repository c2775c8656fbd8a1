"""How long suggestions take: `python -m bench.suggestions [--size 1000000]`.

Completion of titles and words by characters, pinyin and first letters, and did-you-mean for words with a homophone in
them and for pinyin. Where tantivy is installed, it is asked for titles with a word that begins with the same
characters, by a regular expression.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import opencc
from pypinyin import lazy_pinyin

from search import completions, open_current, parse_text
from search.indexing.builds import Build
from search.model import Query
from search.suggest import did_you_mean
from search.text import fold

from . import report
from .building import build
from .records import read, records_file
from .tasks import SEED
from .timing import Times

ASKED = 200
ROUNDS = 5
LIMIT = 8


def main() -> None:
    """Build the indexes if need be, ask, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.suggestions", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="number of records (default 20000)")
    parser.add_argument("--work-dir", type=Path, default=Path("/tmp/yibao-bench"))
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    records = records_file(options.work_dir, "short", options.size)
    index_dir = options.work_dir / f"index-short-{options.size}-reindex"
    build("reindex", records, index_dir)
    current = open_current(index_dir)
    asked = _asked(current, records)
    ways: dict[str, Callable[[str], object]] = {"yibao": _way(current)}
    if find_spec("tantivy"):
        target = options.work_dir / f"index-short-{options.size}-tantivy"
        build("tantivy", records, target)
        ways["tantivy"] = _tantivy(target)
    rows = report.time_rows({kind: _timed(kind, texts, ways) for kind, texts in asked.items()}, "suggestions")
    print(report.as_text(rows))
    if options.write:
        command = f"python -m bench.suggestions {' '.join(sys.argv[1:])}".strip()
        about = [f"### Suggestions, {options.size:,} short records", report.circumstances({}, command)]
        report.insert(f"suggestions short-{options.size}", "\n\n".join([*about, report.as_markdown(rows)]))


def _asked(build: Build, records: Path) -> Mapping[str, Sequence[str]]:
    """Return what is asked, by kind; drawn with a fixed seed."""
    source = random.Random(SEED)
    titles = [record.title for record in read(records) if len(fold(record.title)) > 4]
    titles = source.sample(titles, ASKED)
    words = [
        word for word, count in build.words() if 3 <= len(word) <= 5 and count > 2 and re.fullmatch(r"[一-龥]+", word)
    ]
    words = source.sample(words, ASKED)
    same_sound: dict[str, list[str]] = {}
    for character in {character for word in words for character in word}:
        same_sound.setdefault(lazy_pinyin(character)[0], []).append(character)
    traditional = opencc.OpenCC("s2t")
    return {
        "complete, characters": [title[: source.randint(1, 4)] for title in titles],
        "complete, pinyin": ["".join(lazy_pinyin(word[:3]))[: source.randint(2, 9)] for word in words],
        "complete, first letters": ["".join(sound[0] for sound in lazy_pinyin(word)) for word in words],
        "did you mean, typo": [_misspelled(word, same_sound, source) for word in words],
        "did you mean, pinyin": ["".join(lazy_pinyin(word)) for word in words],
        "traditional, parsed": [traditional.convert(title[:30]) for title in titles],
    }


def _misspelled(word: str, same_sound: Mapping[str, Sequence[str]], source: random.Random) -> str:
    """Return a word with one character replaced by one that sounds alike, if there is one."""
    at = source.randrange(len(word))
    others = [other for other in same_sound[lazy_pinyin(word[at])[0]] if other != word[at]]
    return word[:at] + source.choice(others) + word[at + 1 :] if others else word


def _way(build: Build) -> Callable[[str], object]:
    """Return what asks this project: a function of kind and text, joined by a tab."""
    matched = {}

    def ask(task: str) -> object:
        kind, _, text = task.partition("\t")
        if kind.startswith("complete"):
            return completions(build, text, LIMIT)
        if kind.startswith("traditional"):
            return parse_text(text)
        # What the query finds is found anyway: only what comes on top is timed, from the second round on.
        if task not in matched:
            parsed = parse_text(text)
            matched[task] = parsed, build.match(parsed, Query(text=text))
        return did_you_mean(build, build.suggestions, *matched[task])

    return ask


def _tantivy(target: Path) -> Callable[[str], object]:
    from tantivy import Index, Query

    index = Index.open(str(target))
    searcher = index.searcher()

    def ask(task: str) -> Any:
        kind, _, text = task.partition("\t")
        if kind != "complete, characters":
            return None
        hits = searcher.search(Query.regex_query(index.schema, "title", f"{re.escape(text)}.*"), limit=LIMIT).hits
        return [searcher.doc(address)["title"] for _, address in hits]

    return ask


def _timed(kind: str, texts: Sequence[str], ways: Mapping[str, Callable[[str], object]]) -> dict[str, Times]:
    """Return the times of each way; the first round warms up."""
    times = {name: Times() for name in ways if name == "yibao" or kind == "complete, characters"}
    for number, text, name in _in_turn(texts, list(times)):
        started = time.perf_counter()
        ways[name](f"{kind}\t{text}")
        if number >= 0:
            times[name].add(number, time.perf_counter() - started)
    return times | {name: Times() for name in ways if name not in times}


def _in_turn(texts: Sequence[str], names: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield number, text and way, number -1 while warming up."""
    for round_ in range(ROUNDS + 1):
        for number, text in enumerate(texts):
            for name in names:
                yield number if round_ else -1, text, name


if __name__ == "__main__":
    main()
