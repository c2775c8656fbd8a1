"""What each weight of the ranking is worth: `python -m bench.ablation` writes the table of `docs/ranking.md`.

Every number of `search/retrieval/ranking.py` that acts on queries is switched off by itself, and the judged sets of
`bench.quality` are run again. The weights of title, heading and body lie in the index and have no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from bench.quality import WORK, judged_sets
from search.engines.contract import Engine, open_engine
from search.evaluate import evaluate
from search.judgements import Judged
from search.query import grammar
from search.retrieval import ranking

OFF: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no synonyms", {"synonyms": lambda word: ()}),
    ("no bigrams", {"BIGRAM_SHARE": 0.0}),
    ("all words or nothing", {"MATCH_STEPS": ()}),
    ("one fixed share of 0.6", {"MATCH_STEPS": ((0.6, 200),)}),
    ("enough is two pages", {"MATCH_STEPS": tuple((share, min(20, n)) for share, n in ranking.MATCH_STEPS)}),
    ("a page that is not full is left so", {"MATCH_STEPS": ranking.MATCH_STEPS[:-1]}),
    ("of two words both, if any article has both", {"MATCH_ENOUGH_OF_TWO": 1}),
    ("no bound on how much is found", {"MATCH_AT_MOST": 1.0}),
    ("no saturation to speak of", {"BM25_K1": 100.0}),
    ("no length normalisation", {"BM25_B": 0.0}),
    ("no rescoring", {"RESCORE_WINDOW": 0}),
    ("no single characters", {"CHARACTER_SHARE": 0.0}),
    ("no likeness of the title", {"LIKENESS_SHARE": 0.0}),
    ("citations count nothing", {"CITED_SHARE": 0.0}),
    ("any likeness counts", {"LIKENESS_FROM": 0.0}),
    ("no place", {"PLACE_BOOST": 0.0, "NO_OTHER_PLACE_BOOST": 0.0, "PLACE_WORD_SHARE": 1.0}),
    ("place of the article not lifted", {"PLACE_BOOST": 0.0}),
    ("other places not lowered", {"NO_OTHER_PLACE_BOOST": 0.0}),
    ("the province around it not lifted", {"PROVINCE_BOOST": 0.0}),
    ("articles about no place not lifted", {"ANYWHERE_BOOST": 0.0}),
    ("no insurance type", {"INSURANCE_BOOST": 0.0, "NO_OTHER_INSURANCE_BOOST": 0.0}),
    ("articles that look the other way like others", {"direction": lambda folded: None}),
    ("the word of a place in full", {"PLACE_WORD_SHARE": 1.0}),
    ("articles not above teasers", {"ARTICLE_BOOST": 0.0}),
)


@contextmanager
def weights(changed: dict[str, Any]) -> Iterator[None]:
    """Let ranking have other numbers, or the grammar other synonyms or no directions, for a while."""
    with ExitStack() as stack:
        for name, value in changed.items():
            stack.enter_context(patch.object(ranking if name.isupper() else grammar, name, value))
        yield


def score(engine: Engine, judged: Judged) -> float:
    """Return nDCG@10 over all queries; MRR@10 where an answer is right or wrong and there is about one a query."""
    # Norms are kept by the engine, so each run opens its own.
    fresh = open_engine(engine.directory)
    try:
        found = evaluate(fresh, judged).overall()
    finally:
        fresh.close()
    return found.mrr if judged.name == "policy_gz" else found.ndcg


Sets = list[tuple[str, Judged, Engine]]


def table(sets: Sets) -> Iterator[str]:
    """Yield the lines of the table: the score as it is, then what each change adds or takes."""
    yield "| change | " + " | ".join(name for name, _, _ in sets) + " |"
    yield "|---|" + "---|" * len(sets)
    whole = [score(engine, judged) for _, judged, engine in sets]
    yield "| as it is | " + " | ".join(f"{value:.4f}" for value in whole) + " |"
    for name, changed in OFF:
        with weights(changed):
            now = [score(engine, judged) for _, judged, engine in sets]
        cells = (f"{value - before:+.4f}" for value, before in zip(now, whole, strict=True))
        yield f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    with ExitStack() as stack:
        for line in table(list(judged_sets(WORK, stack))):
            print(line, flush=True)


if __name__ == "__main__":
    main()
