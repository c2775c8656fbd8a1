"""What is mutated, and which test files are asked. The only place that names paths of the policy code."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "artifacts" / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent.tsv")


class Module(NamedTuple):
    """A module to mutate. Of its mutants `share` are in the pool; with `whole` all are tried, beside the sample."""

    name: str
    path: str
    share: float = 1.0
    whole: bool = False


MODULES = (
    Module("ranking", "search/retrieval/ranking.py", whole=True),
    Module("plan", "search/retrieval/plan.py"),
    Module("boosts", "search/retrieval/boosts.py"),
    Module("conditions", "search/retrieval/conditions.py"),
    Module("scoring", "search/retrieval/scoring.py"),
    Module("bm25", "search/retrieval/bm25.py"),
    Module("rescoring", "search/retrieval/rescoring.py"),
    Module("features", "search/retrieval/features.py"),
    Module("fusion", "search/retrieval/fusion.py"),
    Module("matching", "search/retrieval/matching.py"),
    Module("lookup", "search/engines/whoosh/lookup.py"),
    Module("candidates", "search/engines/whoosh/candidates.py"),
    Module("ordering", "search/engines/whoosh/ordering.py"),
    Module("collapse", "search/engines/whoosh/collapse.py"),
    Module("grammar", "search/query/grammar.py"),
    Module("directions", "search/text/directions.py"),
    Module("highlight", "search/query/highlight.py"),
    Module("sentences", "search/retrieval/sentences.py"),
    Module("passages", "search/retrieval/passages.py"),
    Module("on_top", "search/retrieval/answers.py"),
    Module("asked", "search/retrieval/asked.py"),
    Module("reading", "search/retrieval/reading.py"),
    Module("finding", "search/retrieval/finding.py"),
    Module("fitting", "search/retrieval/fitting.py"),
    Module("last_resort", "search/query/last_resort.py"),
    Module("lacking", "search/answering/lacking.py"),
    Module("answers", "search/answering/answers.py"),
    Module("shapes", "search/answering/shapes.py"),
    Module("parameters", "search/query/parameters.py"),
    Module("facets", "search/facets/collection.py"),
    Module("mentions", "search/facets/mentions.py"),
    Module("topic", "search/facets/topic.py"),
    Module("insurance", "search/facets/insurance.py"),
    Module("notes", "webui/pages/notes.py"),
    Module("advice", "webui/pages/advice.py"),
    Module("filters", "webui/pages/filters.py"),
    Module("suspicion", "search/suggest/suspicion.py", 0.25),
    Module("corrections", "search/suggest/corrections.py", 0.25),
    Module("replacements", "search/suggest/replacements.py", 0.25),
    Module("evidence", "search/suggest/evidence.py", 0.25),
    Module("completion", "search/suggest/completion.py", 0.25),
)

PACKAGES = ("search", "webui")
"""Packages whose statements are followed when it is asked which test reaches what."""

NOT_ASKED = frozenset(
    {
        # Processes, wheels, servers, speed: they do not run the policy in this process.
        *(
            "test_packaging.py",
            "test_bench.py",
            "test_serve.py",
            "test_feeds.py",
            "test_connections.py",
            "test_origin.py",
            "test_cli.py",
            "test_docs.py",
        ),
        *("test_layers.py", "test_conftest.py", "test_mutants.py"),
        # Reading, building, storing: they run the policy by the way, and take minutes.
        *("test_build.py", "test_contract.py", "test_engine_storage.py", "test_formats.py", "test_ingest.py"),
        *("test_lint.py", "test_seeds.py", "test_problems.py", "test_extremes.py"),
    }
)
"""Test files that are never asked. A mutant that only they would notice counts as one that survives."""

FIRST = ("test_policy", "test_golden", "test_grammar", "test_highlight", "test_answer")
"""Test files that are asked first, by how their names begin: those that hold the policy and are fast."""


def test_files() -> list[str]:
    """Return the test files that are asked, those of `FIRST` first."""
    names = [path.name for path in (ROOT / "tests").glob("test_*.py") if path.name not in NOT_ASKED]
    first = {name: next((n for n, start in enumerate(FIRST) if name.startswith(start)), len(FIRST)) for name in names}
    return sorted(names, key=lambda name: (first[name], name))
