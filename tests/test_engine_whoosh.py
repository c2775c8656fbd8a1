"""Whoosh's own Searcher over the same files: an independent reader must see the same matches and the same scores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from math import log
from pathlib import Path

import pytest
from engine_oracle import PHRASES, VALUES, WORDS, collections
from hypothesis import given
from hypothesis import strategies as st

from search.engines.whoosh import WhooshEngine, library, write_index, writer
from search.errors import SearchError
from search.model import Article, Clause, Form, Parsed, Query
from search.retrieval import ranking
from search.text import fold

with library.quietly():
    from whoosh import collectors, index, query, scoring

pytestmark = pytest.mark.usefixtures("inner_loops")


class Scorer(scoring.BM25FScorer):
    """Whoosh's BM25F of a length that counts no more than so many averages."""

    def _score(self, weight, length):
        return super()._score(weight, min(length, ranking.LENGTH_AT_MOST * self.avgfl))


class Weighting(scoring.BM25F):
    """Whoosh's BM25F with our idf and our longest length."""

    def scorer(self, searcher, fieldname, text, qf=1):
        if not searcher.schema[fieldname].scorable:
            return super().scorer(searcher, fieldname, text)
        return Scorer(searcher, fieldname, text, self.B, self.K1)

    def idf(self, searcher, fieldname, text):
        documents, df = searcher.doc_count(), searcher.doc_frequency(fieldname, text)
        return log(1 + (documents - df + 0.5) / (df + 0.5))


def search(build_dir: Path, asked: query.Query) -> dict[str, float]:
    """Id → score of every hit, with the only collector that is exact (no skipping by quality)."""
    opened = index.open_dir(str(build_dir), indexname="MAIN")
    with opened.searcher(weighting=Weighting(ranking.BM25_B, ranking.BM25_K1)) as searcher:
        # Whoosh takes the average length over deleted documents too; ours, like its document count, is of live ones.
        searcher._doccount = searcher.doc_count()
        collector = collectors.TopCollector(1000, usequality=False, replace=0)
        searcher.search_with_collector(asked, collector)
        return {hit["id"]: hit.score for hit in collector.results()}


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda fd: None)


def write(folder: str, articles: list[Article], segment_characters: int) -> Path:
    build_dir = Path(folder) / "build"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "SEGMENT_CHARACTERS", segment_characters)
        patch.setattr(writer, "BATCH_DOCUMENTS", 2)
        write_index(build_dir, articles)
    return build_dir


def boosted(articles: list[Article], article_id: str) -> float:
    kind = next(article.kind for article in articles if article.id == article_id)
    return ranking.ARTICLE_BOOST if kind == "article" else 0.0


@given(
    collections(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True), st.sampled_from((10, 10**6))
)
def test_a_searcher_scores_words_as_the_evaluator_does(articles, words, segment_characters):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # The Searcher is asked about one field, so the evaluator must leave the other out.
        patch.setattr(ranking, "BIGRAM_SHARE", 0.0)
        patch.setattr(ranking, "RESCORE_WINDOW", 0)
        patch.setattr(ranking, "ANYWHERE_BOOST", 0.0)
        build_dir = write(folder, articles, segment_characters)
        engine = WhooshEngine.open(build_dir)
        words = [word for word in words if len(word) > 1]
        terms = [query.Term("words", fold(word)) for word in words]
        every, some = (search(build_dir, combine(terms)) if terms else {} for combine in (query.And, query.Or))
        clauses = tuple(Clause("word", word, 0, 0, (Form(fold(word)),)) for word in words)
        found = engine.match(Parsed("".join(words), clauses), Query(size=100)) if words else None
    scores = {match.id: match.score - boosted(articles, match.id) for match in found.page} if found else {}
    # Where no word can be lacking, it is an AND; else the score of what matches is that of an OR.
    strict = found is None or not found.optional
    expected = every if strict else {article_id: some[article_id] for article_id in scores}
    assert scores == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert set(every) <= set(scores) <= set(some)


@given(collections(), st.sampled_from([phrase for phrase in PHRASES if len(phrase) > 1]), st.sampled_from((10, 10**6)))
def test_a_searcher_finds_the_same_phrases_in_the_bigrams(articles, phrase, segment_characters):
    with tempfile.TemporaryDirectory() as folder:
        build_dir = write(folder, articles, segment_characters)
        folded = fold(phrase)
        pairs = ["".join(pair) for pair in pairwise(folded)]
        asked = query.Phrase("bigrams", pairs) if len(pairs) > 1 else query.Term("bigrams", pairs[0])
        expected = set(search(build_dir, asked))
        parsed = Parsed(phrase, (Clause("phrase", phrase, 0, 0, (Form(folded),)),))
        found = {match.id for match in WhooshEngine.open(build_dir).match(parsed, Query(size=100)).page}
    assert found == expected


@given(collections(), st.sampled_from(VALUES["topic"]))
def test_a_searcher_filters_by_facet_values_and_ids(articles, topic):
    with tempfile.TemporaryDirectory() as folder:
        build_dir = write(folder, articles, 20)
        found = set(search(build_dir, query.Term("topic", topic)))
        alone = {article.id: set(search(build_dir, query.Term("id", article.id))) for article in articles}
    assert found == {article.id for article in articles if topic in article.facets["topic"]}
    assert alone == {article.id: {article.id} for article in articles}


@given(collections())
def test_a_reader_walks_the_terms_in_order_with_their_statistics(articles):
    with tempfile.TemporaryDirectory() as folder:
        reader = index.open_dir(str(write(folder, articles, 10**6)), indexname="MAIN").reader()
        terms = list(reader.all_terms())
        assert terms == sorted(set(terms))
        assert len(terms) == sum(1 for _ in reader) or not articles
        for field, text in terms:
            info = reader.term_info(field, text)
            matcher = reader.postings(field, text)
            weights = []
            while matcher.is_active():
                weights.append(matcher.weight())
                matcher.next()
            assert (info.doc_frequency(), info.weight(), info.max_weight()) == (
                len(weights),
                sum(weights),
                max(weights),
            )
        if articles:
            cursor = reader.cursor("words")
            words = [text.decode() for field, text in terms if field == "words"]
            for word in words:
                assert cursor.text() == word
                cursor.next()
            assert not cursor.is_valid()
        reader.close()


def test_stored_fields_carry_the_article_and_its_facets(tmp_path):
    article = Article("a.md", "article", "门诊", "统筹", source="来源", facets={"topic": ("门诊", "住院")})
    write_index(tmp_path / "build", [article])
    with index.open_dir(str(tmp_path / "build"), indexname="MAIN").searcher() as searcher:
        stored = searcher.stored_fields(0)
    assert (stored["title"], stored["text"], stored["source"]) == ("门诊", "统筹", "来源")
    assert (stored["topic"], stored["city"]) == (("门诊", "住院"), ())


def test_another_whoosh_is_refused_by_name():
    with pytest.raises(SearchError, match=r"whoosh 3\.54\.0 is installed, this program needs whoosh 2\.7\.4"):
        library.check_version((3, 54, 0))


def test_production_reads_no_pickle(tmp_path):
    """Neither searching, nor doctor, nor a reindex of what changed."""
    program = """
import json, pickle, sys
from pathlib import Path
from search import Query, answer
from search import open_current, reindex
from search.indexing.builds import verify_current

def refuse(*args, **options):
    raise AssertionError("a pickle is read")

folder, index_dir = map(Path, sys.argv[1:])
reindex([folder], index_dir, workers=0)
pickle.loads = pickle.load = pickle.Unpickler = pickle._Unpickler = refuse
verify_current(index_dir)
(folder / "b.md").write_text("门诊", "utf-8")
reindex([folder], index_dir, changed=True)
verify_current(index_dir)
print(json.dumps(answer(open_current(index_dir), Query("门诊", collapse=False)).total))
"""
    (tmp_path / "articles").mkdir()
    for name in ("a", "c", "d"):
        (tmp_path / "articles" / f"{name}.md").write_text("门诊报销", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "articles"), str(tmp_path / "index")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == 4
