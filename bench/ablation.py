"""What each weight of the ranking is worth: `python -m bench.ablation` writes the table of `docs/ranking.md`.

Every number of `search/retrieval/ranking.py` that acts on queries is switched off by itself, and the judged sets that
are at hand (those of `yibao evaluate`) are run again. The weights of title, heading and body lie in the index and have
no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from search.engines.whoosh import WhooshEngine
from search.indexing.builds import Build
from search.quality import Judged, evaluate, opened, sets_at_hand
from search.query import grammar
from search.retrieval import ranking

OFF: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no synonyms", {"synonyms": lambda word, weight, more=(): ()}),
    ("no bigrams", {"BIGRAM_SHARE": 0.0}),
    ("all words or nothing", {"MATCH_STEPS": ()}),
    ("one fixed share of 0.6", {"MATCH_STEPS": ((0.6, 200),)}),
    ("enough is two pages", {"MATCH_STEPS": tuple((share, min(20, n)) for share, n in ranking.MATCH_STEPS)}),
    ("a page that is not full is left so", {"MATCH_STEPS": ranking.MATCH_STEPS[:-1]}),
    ("of two words both, if any article has both", {"MATCH_ENOUGH_OF_TWO": 1}),
    ("no bound on how much is found", {"MATCH_AT_MOST": 1.0}),
    ("no saturation to speak of", {"BM25_K1": 100.0}),
    ("no length normalisation", {"BM25_B": 0.0}),
    ("lengths in full", {"LENGTH_AT_MOST": 1_000_000}),
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


def score(engine: Build, judged: Judged) -> float:
    """Return nDCG@10 over all queries; MRR@10 where an answer is right or wrong and there is about one a query."""
    # Norms are kept by the engine, so each run opens its own.
    fresh = Build(WhooshEngine.open(engine.attachment("")))
    try:
        found = evaluate(fresh, judged).overall()
    finally:
        fresh.close()
    return found.mrr if judged.name == "policy_gz" else found.ndcg


def scores(sets: Iterable[Judged]) -> Iterator[tuple[str, list[float]]]:
    """Yield the name of every set, and its score as it is and after each change of `OFF`."""
    for judged, engine in opened(sets):
        found = [score(engine, judged)]
        for _, changed in OFF:
            with weights(changed):
                found.append(score(engine, judged))
        yield judged.name, found


def table(scored: Mapping[str, list[float]]) -> Iterator[str]:
    """Yield the lines of the table: the score as it is, then what each change adds or takes."""
    yield "| change | " + " | ".join(scored) + " |"
    yield "|---|" + "---|" * len(scored)
    yield "| as it is | " + " | ".join(f"{found[0]:.4f}" for found in scored.values()) + " |"
    for row, (name, _) in enumerate(OFF, 1):
        yield f"| {name} | " + " | ".join(f"{found[row] - found[0]:+.4f}" for found in scored.values()) + " |"


def main() -> None:
    """Print the table."""
    for line in table(dict(scores(sets_at_hand().sets))):
        print(line)


if __name__ == "__main__":
    main()
