"""The same answers from a cluster as from the Whoosh index of the same articles, to the last place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cluster_engine import address

from search import Query, open_current, reindex
from search.answering.answers import understand
from search.engines.opensearch import candidates
from search.quality.sets import find_set

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The shipped articles, indexed in a directory and in the cluster."""
    folder, cluster = tmp_path_factory.mktemp("seeds") / "index", address("seeds")
    reindex([SEEDS], folder)
    reindex([SEEDS], cluster)
    return folder, cluster


def questions() -> list[str]:
    """Every fifth of the judged queries, and what no judge asks."""
    judged = [query.text for query in find_set("seeds").queries]
    return [*judged[::5], "", "医保", '"门诊"', "报销 -职工", "北京医保在外地", "，。", "没有这样的词"]


SELECTIONS = (
    Query(size=100),
    Query(page=3, sort="newest"),
    Query(sort="oldest", collapse=False),
    Query(filters={"insurance": ("职工医保", "未注明")}),
)


@pytest.mark.parametrize("selection", SELECTIONS, ids=["relevance", "newest", "oldest", "filtered"])
def test_it_answers_as_the_whoosh_index_does(seeds: tuple[Path, str], selection: Query) -> None:
    directory, cluster = map(open_current, seeds)
    for text in questions():
        query = replace(selection, text=text)
        _, expected, _ = understand(directory, query)
        _, found, _ = understand(cluster, query)
        assert [(one.id, one.similar) for one in found.page] == [(one.id, one.similar) for one in expected.page], text
        assert (found.total, found.counts, found.optional) == (expected.total, expected.counts, expected.optional), text
        scores = [one.score for one in expected.page]
        assert [one.score for one in found.page] == pytest.approx(scores, rel=1e-6, abs=1e-5), text


def test_deep_pages_are_those_of_one_list(seeds: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As where more is asked for than one answer of a cluster holds: here that is seven."""
    directory, cluster = map(open_current, seeds)
    monkeypatch.setattr(candidates, "AT_ONCE", 7)
    for text in ("", "门诊"):
        for sort in ("relevance", "newest", "oldest"):
            for page in (1, 4, 1_000_000):
                query = Query(text, sort=sort, page=page)
                _, expected, _ = understand(directory, query)
                _, found, _ = understand(cluster, query)
                assert [one.id for one in found.page] == [one.id for one in expected.page], query
                assert found.total == expected.total
