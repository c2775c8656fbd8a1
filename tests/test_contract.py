"""The engine contract on saved pages and the shipped articles, by brute force over what `export` gives back."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from search import FACETS, UNSTATED, Article, Engine, Query, answer, open_current
from search.answering.answers import understand
from search.engines.opensearch.engine import ClusterEngine
from search.engines.whoosh.engine import WhooshEngine
from search.indexing.builds import Build
from search.retrieval import ranking
from search.text import fold

CASES = 60


@pytest.fixture(
    scope="module", params=["page_index", "seed_index", pytest.param("real_page_index", marks=pytest.mark.shared)]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    index_dir: Path = request.getfixturevalue(request.param)
    return open_current(index_dir)


@pytest.fixture(scope="module")
def articles(engine: Engine) -> dict[str, Article]:
    return {article.id: article for article in engine.articles()}


def every_hit(engine: Engine, query: Query) -> list[str]:
    """All ids of a query, page by page; checks that the pages fit together on the way."""
    ids: list[str] = []
    total, page = 1, 1
    while len(ids) < total:
        # What `answer` shows, without its snippets of every hit.
        _, matches, _ = understand(engine, replace(query, page=page, size=100))
        assert matches.page or not matches.total, (query, page)
        total = matches.total
        ids += [match.id for match in matches.page]
        page += 1
    assert len(ids) == len(set(ids)) == total
    return ids


def values_of(article: Article, key: str) -> tuple[str, ...]:
    unstated = (UNSTATED,) if FACETS[key].unstated else ()
    return article.facets.get(key, ()) or unstated


def texts(articles: dict[str, Article], random_: random.Random) -> Iterator[str]:
    """Queries as people make them: words of titles, two titles mixed, whole titles, quotes, exclusions, nothing."""
    titles = sorted(article.title for article in articles.values())
    while True:
        title, other = random_.choice(titles), random_.choice(titles)
        start = random_.randrange(len(title))
        piece = title[start : start + random_.randint(1, 5)]
        yield random_.choice(
            [piece, title, f"{piece} {other[:2]}", f'"{piece}"', f"{title[:4]} -{other[-2:]}", "", "医保", "报销 -职工"]
        )


def filters(articles: dict[str, Article], random_: random.Random) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        if random_.random() < 0.4:
            values = sorted({value for article in articles.values() for value in values_of(article, facet.key)})
            chosen |= (
                {facet.key: tuple(random_.sample(values, random_.randint(1, min(3, len(values)))))} if values else {}
            )
    return chosen


@pytest.mark.parametrize("collapse", [True, False], ids=["collapsed", "apart"])
def test_facet_counts_are_what_brute_force_counts(engine: Engine, articles: dict[str, Article], collapse: bool) -> None:
    random_ = random.Random(20261122)
    for text in islice(texts(articles, random_), CASES):
        chosen = filters(articles, random_)
        results = answer(engine, Query(text, chosen, collapse=collapse))
        for facet in FACETS:
            others = {key: values for key, values in chosen.items() if key != facet.key}
            ids = every_hit(engine, Query(text, others, collapse=collapse))
            counted = Counter(value for id_ in ids for value in values_of(articles[id_], facet.key))
            shown = {value.value: value.count for value in results.facets[facet.key]}
            assert {v: n for v, n in shown.items() if n} == counted, (text, chosen, facet.key)
            assert set(chosen.get(facet.key, ())) <= shown.keys(), (text, chosen, facet.key)


def test_filters_let_through_just_what_carries_the_values(engine: Engine, articles: dict[str, Article]) -> None:
    random_ = random.Random(7)
    for text in islice(texts(articles, random_), CASES):
        chosen = filters(articles, random_)
        whole, found = every_hit(engine, Query(text)), every_hit(engine, Query(text, chosen))
        expected = [
            id_
            for id_ in whole
            if all(set(values_of(articles[id_], key)) & set(values) for key, values in chosen.items())
        ]
        if len(whole) <= ranking.RESCORE_WINDOW:
            assert found == expected, (text, chosen)
        # Further down than that, fewer results can bring one into the window that is put in order anew.
        assert sorted(found) == sorted(expected), (text, chosen)


def test_quotes_find_exactly_the_articles_that_hold_the_characters(
    engine: Engine, articles: dict[str, Article]
) -> None:
    random_ = random.Random(11)
    folded = {id_: (fold(article.title), fold(article.text)) for id_, article in articles.items()}
    bodies = sorted(text for _, text in folded.values())
    for _ in range(CASES):
        text = random_.choice(bodies)
        start = random_.randrange(len(text))
        # Quotes cannot stand inside quotes, and spaces at the ends are not part of what is quoted.
        phrase = re.split(r"[\"“”„‟＂「」『』〝〞]", text[start : start + random_.randint(1, 9)])[0].strip()
        if not re.search(r"\w", phrase):
            continue
        expected = {id_ for id_, (title, body) in folded.items() if phrase in title or phrase in body}
        assert set(every_hit(engine, Query(f'"{phrase}"', collapse=False))) == expected, phrase


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_order_by_date_puts_undated_articles_last(engine: Engine, articles: dict[str, Article], sort: str) -> None:
    query = Query("医保", sort="newest" if sort == "newest" else "oldest")
    days = [articles[id_].date for id_ in every_hit(engine, query)]
    dated = [day for day in days if day]
    assert days == [*dated, *[None] * (len(days) - len(dated))]
    assert dated == sorted(dated, reverse=sort == "newest")


EVIDENT = {
    "慢特病认定怎么取消": "门诊慢特病怎么申请认定",
    "拔智齒 洛陽": "洛阳拔智齿医保能报多少钱",
    "拔智齿 洛阳": "洛阳拔智齿医保能报多少钱",
    "武汉大学生报销": "武汉大学生医保报销比例是多少",
    '"核磁共振"': "益阳做核磁共振医保报销吗",
    "异地生育": "异地生育备案要提前多久",
    "異地生育": "异地生育备案要提前多久",
}
EVIDENT_ON_REAL_PAGES = {
    "异地就医备案怎么取消": "外地医保卡如何异地备案",
    "補牙 黑河": "2025黑龙江黑河补牙医保",
    "补牙 黑河": "2025黑龙江黑河补牙医保",
    "沈阳大病报销": "沈阳大病二次报销",
    '"门诊统筹"': "2024年医保报销比例一览表江苏",
    "异地就医": "异地",
    "異地就醫": "异地",
}


@pytest.mark.parametrize(("text", "title"), EVIDENT.items(), ids=EVIDENT)
def test_the_evident_article_comes_first(page_index: Path, text: str, title: str) -> None:
    assert answer(open_current(page_index), Query(text)).hits[0].article.title == title


@pytest.mark.parametrize(("text", "title"), EVIDENT_ON_REAL_PAGES.items(), ids=EVIDENT_ON_REAL_PAGES)
def test_the_evident_article_comes_first_on_the_real_pages(real_page_index: Path, text: str, title: str) -> None:
    first = answer(open_current(real_page_index), Query(text)).hits[0].article
    assert title in first.title


def test_only_words_that_some_result_lacks_are_called_so(page_index: Path) -> None:
    """Neither of the two need carry both words; one is of another town."""
    results = answer(open_current(page_index), Query("洛阳拔牙"))
    texts = [hit.article.title + hit.article.text for hit in results.hits]
    assert [("洛阳" in text, "拔牙" in text) for text in texts] == [(True, True), (False, True)]
    assert [hit.lacks for hit in results.hits] == [(), ("洛阳",)]


def test_only_words_that_some_real_result_lacks_are_called_so(real_page_index: Path) -> None:
    """What holds everywhere answers for 沈阳 too, so each says which words it lacks, and no other."""
    results = answer(open_current(real_page_index), Query("沈阳大病报销", size=50))
    texts = [hit.article.title + hit.article.text for hit in results.hits]
    # 报销 is there in all of them, be it by another word.
    assert not any(all(word in text for text in texts) for word in ("沈阳", "大病"))
    assert {word for hit in results.hits for word in hit.lacks} == {"沈阳", "大病"}


def test_a_build_leaves_to_its_engine_what_an_engine_does_in_its_own_way() -> None:
    """A cluster reads ten articles in one request: not if the build around it asks one by one."""
    own = {name for kind in (ClusterEngine, WhooshEngine) for name in vars(kind) if name in vars(Engine)}
    assert "get_many" in own
    assert {name for name in own if not name.startswith("_")} <= vars(Build).keys() | {"facets", "day", "info"}


def test_an_answer_reads_its_articles_at_once(page_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = open_current(page_index)
    read: list[int] = []

    def get_many(article_ids: Iterable[str]) -> list[Article]:
        asked = [*article_ids]
        read.append(len(asked))
        return [*filter(None, map(build.get, asked))]

    monkeypatch.setattr(build, "get_many", get_many)
    found = answer(build, Query("医保"))
    assert read == [len(found.hits) + sum(len(hit.similar) for hit in found.hits)]
