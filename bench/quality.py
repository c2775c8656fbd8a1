"""`python -m bench.quality`: how good the order of results is on every judged set at hand, a line each.

Sets are described in `bench/judged/README.md`; their texts come from `../shared`, their indexes are kept in `--work`.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.records import CORPORA, SHARED
from search import reindex
from search.engines.contract import Engine
from search.errors import IndexUnavailable
from search.evaluate import engine_for, evaluate
from search.indexing.generations import open_current
from search.judgements import JUDGEMENTS, Judged, load_judgements

ROOT = Path(__file__).parents[1]
WORK = Path("/tmp/yibao-bench/judged")
JUDGED = Path(__file__).parent / "judged"
Json = dict[str, Any]


def judged_sets(work: Path, stack: ExitStack) -> Iterator[tuple[str, Judged, Engine]]:
    """Yield name, judgements and engine of every set."""
    seeds = load_judgements(ROOT / "seeds" / JUDGEMENTS, "")
    yield "seeds", seeds, stack.enter_context(engine_for(seeds))
    pages = _kept(work / "pages", SHARED.parent / "seeds")
    for name in ("pages-a", "pages-b", "pages-c", "pages-d", "pages-e", "pages-f"):
        yield name, load_judgements(JUDGED / f"{name}.tsv", ""), pages
    for name, records in (("faq", _faq), ("passages", _passages)):
        folder = _completed(work / f"{name}-set", JUDGED / name, records)
        yield name, load_judgements(folder, ""), _kept(work / name, folder / "corpus.jsonl")
    yield "policy_gz", load_judgements(SHARED / "policy_gz", ""), _kept(work / "gz", SHARED / "policy_gz/corpus.jsonl")
    stard = _completed(work / "stard-set", SHARED / "stard", lambda: _lines(SHARED / "stard" / "corpus.jsonl.xz"))
    yield "stard-dev", load_judgements(SHARED / "stard", "dev"), _kept(work / "stard", stard / "corpus.jsonl")


def _kept(index_dir: Path, source: Path) -> Engine:
    """Open the index that is there already, or build it."""
    try:
        return open_current(index_dir)
    except IndexUnavailable:
        reindex([source], index_dir)
        return open_current(index_dir)


def _completed(folder: Path, judged: Path, records: Callable[[], Iterable[Json]]) -> Path:
    """Return a folder with the queries and grades of `judged`, and with the records as its corpus."""
    corpus = folder / "corpus.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    for path in judged.glob("q*"):
        (folder / path.name).write_bytes(path.read_bytes())
    if not corpus.exists():
        unfinished = folder / "corpus.new"
        with unfinished.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records())
        unfinished.rename(corpus)
    return folder


def _faq() -> Iterator[Json]:
    return (record for record in _short() if record["source"] == "insurance_zhidao")


def _passages() -> Iterator[Json]:
    """Yield 6,000 news of a screen's length, drawn by a fixed seed, and longer medical answers; without titles."""
    news, answers = [], []
    for record in _short():
        text = record["text"].strip()
        if record["source"] == "news_xwlb" and 200 <= len(text) <= 900:
            news.append({"id": record["id"], "title": "", "text": text})
        elif record["source"] == "medqa_toyhom":
            answers.append({"id": record["id"], "title": "", "text": record["text"]})
    random.Random(5).shuffle(news)
    yield from news[:6000]
    yield from (answer for answer in answers[:2000] if len(answer["text"]) > 120)


def _short() -> Iterator[Json]:
    return _lines(SHARED / CORPORA["short"][0])


def _lines(path: Path) -> Iterator[Json]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def table(sets: Iterable[tuple[str, Judged, Engine]]) -> Iterator[str]:
    """Yield a line a set: over all queries, and the classes with their nDCG@10."""
    yield "| set | queries | nDCG@10 | MRR@10 | first | recall@100 | nDCG@10 by class |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for name, judged, engine in sets:
        report = evaluate(engine, judged)
        whole = report.overall()
        first = sum(score.mrr == 1 for score in report.scores) / len(report.scores)
        classes = ", ".join(f"{kind} {found.ndcg:.3f}" for kind, found in sorted(report.classes().items()))
        figures = (f"{value:.3f}" for value in (whole.ndcg, whole.mrr, first, whole.recall))
        yield f"| {name} | {len(report.scores)} | {' | '.join(figures)} | {classes} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=WORK)
    options = parser.parse_args()
    with ExitStack() as stack:
        for line in table(judged_sets(options.work, stack)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
