"""What the engine on a cluster does without one: reads addresses, makes tokens and documents, tells what went wrong.

What it answers is tested by the tests of the contract on a real cluster (`make cluster-test`).
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from engine_oracle import collections, weighted
from hypothesis import given
from hypothesis import strategies as st

from search.engines.contract import Engine
from search.engines.opensearch import cluster as cluster_module
from search.engines.opensearch.address import Address, read_address
from search.engines.opensearch.cluster import Cluster, Conflict, Missing
from search.engines.opensearch.documents import Step, article_of, belonging, key_of
from search.engines.opensearch.index import ASKED, LATE, Watch
from search.engines.opensearch.opened import Remembered
from search.engines.opensearch.statistics import Cites, Counts, Group, Statistics, Terms, Valid
from search.engines.opensearch.tokens import Place, counted, grams, marked, place_of, tokens_of
from search.engines.opensearch.validity import steps_of
from search.engines.opensearch.writing import analysed
from search.engines.registry import index_at
from search.errors import EngineUnavailable, EngineUnknown, IndexDamaged
from search.facets import FACETS
from search.model import Article, Section
from search.retrieval.features import features_of
from search.retrieval.validity import CODES, statuses, validities_of
from search.storage.articles import encode
from tests.secured import HOST, Authority

# Addresses


def test_an_address_says_all_there_is_to_say(tmp_path: Path) -> None:
    ca = Authority(tmp_path).file
    found = read_address(
        f"opensearch://reader:p%40ss@one:9200,two/yibao-2?tls=yes&ca={ca}&timeout=3&shards=5&replicas=0"
    )
    assert found == Address(
        (("one", 9200), ("two", 9200)), "yibao-2", "reader", "p@ss", True, str(ca), 3, shards=5, replicas=0
    )
    assert str(found) == "opensearch://one:9200,two:9200/yibao-2"
    assert "p@ss" not in repr(found)
    credentials = tmp_path / "credentials"
    credentials.write_text("writer:a:b\n", encoding="utf-8")
    found = read_address(f"opensearch://[::1]:1/yibao?credentials={credentials}")
    assert (found.hosts, found.user, found.password, found.tls) == ((("[::1]", 1),), "writer", "a:b", False)


@pytest.mark.parametrize(
    ("address", "reason"),
    {
        "no index": ("opensearch://u:secret@host:9200", "name of the index"),
        "capitals": ("opensearch://u:secret@host/Yibao", "name of the index"),
        "no host": ("opensearch:///yibao", "no host"),
        "port": ("opensearch://u:secret@host:99999/yibao", "no port"),
        "option": ("opensearch://u:secret@host/yibao?tsl=yes", "no option 'tsl'"),
        "flag": ("opensearch://u:secret@host/yibao?tls=maybe", "tls is yes or no"),
        "number": ("opensearch://u:secret@host/yibao?shards=0", "shards is a number from 1"),
        "twice": ("opensearch://u:secret@host/yibao?credentials=/x", "stand in it and in a file"),
        "file": ("opensearch://host/yibao?credentials=/nowhere", "No such file"),
        "no certificates": (
            "opensearch://u:secret@host/yibao?ca=/nowhere",
            "certificates cannot be read: No such file",
        ),
        "other file": (
            f"opensearch://u:secret@host/yibao?ca={__file__}",
            "certificates cannot be read: there are none",
        ),
    }.values(),
)
def test_an_address_that_cannot_be_read_is_told_without_its_password(address: str, reason: str) -> None:
    with pytest.raises(EngineUnknown, match=reason) as raised:
        index_at(address)
    assert "secret" not in str(raised.value)


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("search.engines.opensearch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(EngineUnknown, match=r"needs opensearchpy, .* pip install 'yibao-search\[cluster\]'"):
        index_at("opensearch://host/yibao")


# Tokens


@pytest.mark.parametrize(
    ("form", "literal", "place"),
    [
        ("", False, None),
        ("医保", False, Place("words", "医保")),
        ("医保", True, Place("pairs", "医保")),
        ("保备", False, Place("pairs", "保备")),
        ("医", False, Place("characters", "医")),
        ("2025", False, Place("words", "2025")),
        ("025", True, Place("grams", "025", phrase=True)),
        ("b超检", False, Place("grams", "\2b\2超检", phrase=True)),
        ("b超检", True, Place("grams", "b\2超检", phrase=True)),
        ("检ct", True, Place("grams", "检\2ct", phrase=True)),
        ("，", False, Place("characters", "，")),
    ],
)
def test_where_a_form_stands(form: str, literal: bool, place: Place | None) -> None:
    assert place_of(form, literal) == place


def found(text: str, form: str) -> int:
    """How often the grams of a form stand one behind the other among those of a text."""
    have, asked = grams(text), grams(form)
    return sum(have[start : start + len(asked)] == asked for start in range(len(have) - len(asked) + 1))


def frequency(article: Article, form: str, literal: bool) -> int:
    """The weighted frequency of a form as the cluster adds it up."""
    place, tokens = place_of(form, literal), tokens_of(article)
    if place is None:
        return 0
    if not place.phrase:
        held: Mapping[str, int] = getattr(tokens, place.field)
        return held.get(place.text, 0)
    first, *rest = grams(place.text)
    heading = tokens.heading_grams.split("\n")
    asked = ["\3" + first, *rest]
    # A gram that begins in a heading stands there as any other too.
    fits = [
        all(one in (have, have.removeprefix("\3")) for one, have in zip(asked, heading[start:], strict=False))
        for start in range(len(heading) - len(asked) + 1)
    ]
    return found(tokens.grams, place.text) + 3 * found(tokens.title_grams, place.text) + sum(fits)


FORMS = (
    "医保",
    "保备",
    "医",
    "2025",
    "025",
    "12",
    "pd-1",
    "d-",
    "ct检查",
    "，。",
    "。 ",
    "  ",
    "诊，统",
    "超",
    "第二条",
    "b超",
)


@given(collections(max_size=1), st.sampled_from(FORMS), st.booleans())
def test_frequencies_are_those_of_the_contract(articles: list[Article], form: str, literal: bool) -> None:
    for article in articles:
        kind = "phrase" if literal else "word"
        assert frequency(article, form, literal) == weighted(article, form, kind)


def test_what_begins_in_a_heading_and_ends_behind_it_counts_as_in_the_heading() -> None:
    article = Article("a", "article", "", "总则a\n保障范围", sections=(Section("总则a", 2, 0, 4, 8, "s"),))
    assert [frequency(article, form, True) for form in ("则a 保障范", "a 保", "保障范")] == [2, 2, 1]


def test_a_long_word_stands_as_its_hash_and_frequencies_stay_in_a_byte() -> None:
    long = "x" * 300
    asked = place_of(long, False)
    assert asked and len(asked.text) < 64
    assert counted(tokens_of(Article("a", "article", "", long)).words) == f"{asked.text}\x011"
    assert counted({"医保": 300, "门诊": 2}) == "医保\x01255\n门诊\x012"
    assert marked("b超12.5%") == "\2b\2超\x0212\2.\x025\2%"


# Documents


def test_an_id_that_the_cluster_would_not_take_is_told_apart_by_its_hash() -> None:
    ids = ["a.md", "_a", "长" * 200, "长" * 201, ""]
    keys = [*map(key_of, ids)]
    assert len(set(keys)) == len(ids)
    assert keys[0] == "a.md"
    assert all(len(key.encode()) <= 512 and not key.startswith("_group") for key in keys)


def test_a_document_has_its_statuses_by_days_and_its_article_back() -> None:
    article = Article("a", "article", "办法", "正文", date(2024, 1, 1), facets={"topic": ("门诊",)})
    ((_, written),) = analysed([article], FACETS, Counts())
    steps = (Step(10, 2), Step(20, 1), Step(30, 5, "b"))
    source: dict[str, Any] = json.loads(belonging(written, "a", "", steps))
    assert [source[f"status_{code}"] for code in (2, 1)] == [[{"gte": 10, "lte": 19}], [{"gte": 20, "lte": 29}]]
    assert source["status_5"][0]["gte"] == 30
    assert (source["group"], "grouped" in source) == ("a", False)
    days = {day: article_of(source, date.fromordinal(day)) for day in (9, 10, 29, 30)}
    assert [one.facets.get("status") for one in days.values()] == [None, (CODES[2],), (CODES[1],), (CODES[5],)]
    assert [one.superseded_by for one in days.values()] == ["", "", "", "b"]
    assert article_of(source) == article


def test_what_utf8_cannot_have_comes_back() -> None:
    article = Article("a", "article", "门诊\ud800", "正\udc00文")
    ((_, written),) = analysed([article], FACETS, Counts())
    assert article_of(json.loads(belonging(written, "a", "_group x", ()))) == article
    assert encode(article) != json.loads(written)["article"]


# Validity

NAMES = ("门诊办法", "住院办法", "门诊办法（试行）")
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2020, 2, 1)) | st.dates(date(2021, 1, 1), date(2021, 2, 1))


@st.composite
def official(draw: st.DrawFn) -> list[Article]:
    """Official texts that replace and repeal each other, or do not."""
    return [
        Article(
            f"{number}.md",
            "article",
            draw(st.sampled_from(NAMES)),
            draw(st.sampled_from(("甲", "乙"))),
            draw(DAYS),
            effective=draw(DAYS),
            expires=draw(DAYS),
            superseded_by=draw(st.sampled_from(("", "x"))),
            repeals=draw(st.sampled_from(((), ("门诊办法",)))),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@given(official(), st.integers(0, 800))
def test_the_steps_of_a_status_say_on_each_day_what_holds(articles: list[Article], days: int) -> None:
    day = date(2019, 12, 1) + timedelta(days)
    valid = Valid.of(articles, validities_of(articles))
    expected = statuses(valid.known, day)
    steps = steps_of(valid)
    for row, article_id in enumerate(valid.ids):
        held = [step for step in steps.get(article_id, ()) if step.day <= day.toordinal()]
        now = held[-1] if held else Step(0, 0)
        assert now.code == expected.codes[row]
        by = int(expected.replaced_by[row])
        assert now.replaced_by == (valid.ids[by] if by >= 0 else "")


# Statistics


def statistics(articles: list[Article], groups: list[Group] | None = None) -> Statistics:
    counts = Counts()
    for _ in analysed(articles, FACETS, counts):
        pass
    return counts.finished(groups or [])


@given(collections(), official(), st.sets(st.integers(0, 11)))
def test_what_is_taken_out_leaves_what_would_have_been_counted_without_it(
    articles: list[Article], laws: list[Article], numbers: set[int]
) -> None:
    everything = [*articles, *laws]
    gone = [one for one in everything if one.id in {f"a/{n}.md" for n in numbers} | {f"{n}.md" for n in numbers}]
    left, out = Counts(statistics(everything)), Counts()
    for _ in analysed(gone, FACETS, out):
        pass
    left.take_out(out, [one.id for one in gone])
    found, expected = left.finished([]), statistics([one for one in everything if one not in gone])
    assert {name: [*terms] for name, terms in found.terms.items()} == {
        name: [*terms] for name, terms in expected.terms.items()
    }
    sizes = ("documents", "words_length", "bigrams_length")
    assert [getattr(found, name) for name in sizes] == [getattr(expected, name) for name in sizes]
    assert steps_of(found.valid) == steps_of(expected.valid)
    works = features_of(everything).works
    assert found.citations.of(works).tolist() == expected.citations.of(works).tolist()


def test_statistics_come_back_as_they_were_kept(tmp_path: Path) -> None:
    articles = [Article("a", "article", "门诊办法", "见《住院办法》。"), Article("b", "article", "住院办法", "报销")]
    group = Group("_group 1", ("a", "b"), {"topic": ("门诊",)})
    kept = statistics(articles, [group])
    kept.save(tmp_path / "kept")
    back = Statistics.load(tmp_path / "kept")
    assert [*back.terms["words"]] == [*kept.terms["words"]]
    assert (back.terms["words"].df("办法"), back.terms["words"].df("没有")) == (2, 0)
    assert back.groups == (group,)
    assert back.citations.of(features_of(articles).works).tolist() == [0, 1]
    (tmp_path / "kept").write_bytes((tmp_path / "kept").read_bytes()[:-9])
    with pytest.raises(IndexDamaged):
        Statistics.load(tmp_path / "kept")


def test_no_statistics_at_all_are_statistics() -> None:
    assert statistics([]).documents == 0
    assert [*Terms.of({"a": 0})] == []
    assert len(Cites.join([]).owner) == 0


# What goes wrong


class Answers(BaseHTTPRequestHandler):
    """Answers the first requests by what stands in `first`, all others by `told`: a status, and JSON or other text."""

    told: tuple[int, object] = (200, {})
    first: ClassVar[list[tuple[int, object]]] = []
    asked: ClassVar[list[str]] = []

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        status, content = self.first.pop(0) if self.first else self.told
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "text/html" if isinstance(content, str) else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that says what `Answers` holds; nobody waits before it is asked again."""
    monkeypatch.setattr(Answers, "first", [])
    monkeypatch.setattr(Answers, "asked", [])
    monkeypatch.setattr(cluster_module, "PAUSES", (0.0, 0.0))
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        cluster = Cluster(read_address(f"opensearch://reader:secret@127.0.0.1:{server.server_port}/yibao"))
        yield cluster
        cluster.close()
        server.shutdown()
        thread.join()


def shards(successful: int, failed: int = 0, timed_out: bool = False) -> dict[str, object]:
    return {"timed_out": timed_out, "_shards": {"total": 3, "successful": successful, "failed": failed}}


REFUSED = {"error": {"root_cause": [{"reason": "all shards failed"}], "type": "x"}, "status": 503}


@pytest.mark.parametrize(
    ("answer", "reason"),
    {
        "shard": ((200, shards(2)), "2 of 3 shards"),
        "failed": ((200, shards(3, 1)), "shards"),
        "late": ((200, shards(3, timed_out=True)), "shards"),
        "busy": ((429, {}), "too busy"),
        "password": ((401, {}), "does not let this user in"),
        "refused": ((503, REFUSED), "all shards failed"),
        "fault": ((500, {}), "status 500"),
    }.values(),
)
def test_what_is_not_answered_whole_is_not_answered(
    told: Cluster, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, object], reason: str
) -> None:
    monkeypatch.setattr(Answers, "told", answer)
    with pytest.raises(EngineUnavailable, match=reason) as raised:
        told.search("index", {"query": {"match_all": {}}})
    assert "secret" not in str(raised.value)


def test_one_of_many_searches_that_fails_fails_them_all(told: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answers, "told", (200, {"responses": [shards(3), shards(2)]}))
    with pytest.raises(EngineUnavailable, match="2 of 3 shards"):
        told.search_many("index", [{}, {}])
    monkeypatch.setattr(Answers, "told", (200, {"responses": [shards(3)]}))
    with pytest.raises(EngineUnavailable, match="1 of 2 searches"):
        told.search_many("index", [{}, {}])
    monkeypatch.setattr(Answers, "told", (200, {"docs": [{"error": {"reason": "no shard"}}]}))
    with pytest.raises(EngineUnavailable, match="no shard"):
        told.documents("index", ["a"])
    lost = {"index": {"status": 429, "error": {"reason": "rejected"}}}
    monkeypatch.setattr(Answers, "told", (200, {"errors": True, "items": [lost]}))
    with pytest.raises(EngineUnavailable, match="too busy"):
        told.bulk("index", [b"{}\n"])


def test_what_is_not_there_and_what_somebody_changed_are_told_apart(
    told: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answers, "told", (404, {}))
    with pytest.raises(Missing):
        told.request("GET", "/x")
    monkeypatch.setattr(Answers, "told", (409, {}))
    with pytest.raises(Conflict):
        told.request("PUT", "/x", {})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_cluster_is_asked_over_tls_by_who_trusts_its_authority(authority: Authority) -> None:
    Answers.told = (200, {"well": True})
    with authority.serving(Answers) as port:
        trusting = Cluster(read_address(f"opensearch://reader:secret@{HOST}:{port}/yibao?ca={authority.file}"))
        assert trusting.request("GET", "/") == {"well": True}
        trusting.close()
        distrusting = Cluster(read_address(f"opensearch://reader:secret@{HOST}:{port}/yibao?tls=yes"))
        with pytest.raises(EngineUnavailable, match="certificate is not trusted") as raised:
            distrusting.request("GET", "/")
        assert "secret" not in str(raised.value)


def test_a_certificate_of_another_host_is_not_trusted(authority: Authority) -> None:
    with authority.serving(Answers, host="other.example") as port:
        cluster = Cluster(read_address(f"opensearch://{HOST}:{port}/yibao?ca={authority.file}"))
        with pytest.raises(EngineUnavailable, match="is not trusted, or is of another host"):
            cluster.request("GET", "/")


def test_who_asks_for_tls_where_there_is_none_is_told_so(told: Cluster, authority: Authority) -> None:
    ((host, port),) = told.address.hosts
    cluster = Cluster(read_address(f"opensearch://{host}:{port}/yibao?ca={authority.file}"))
    with pytest.raises(EngineUnavailable, match="does not answer in TLS"):
        cluster.request("GET", "/")


def test_where_nobody_listens_there_is_no_connection() -> None:
    with pytest.raises(EngineUnavailable, match="no connection to any of its hosts"):
        index_at("opensearch://127.0.0.1:1/yibao").live()


# What is lost meanwhile


def failed(*types: str) -> dict[str, object]:
    """An error of a search: the first type on top, the others of its shards."""
    shards = [{"shard": number, "reason": {"type": kind, "reason": "…"}} for number, kind in enumerate(types[1:])]
    return {"error": {"type": types[0], "reason": "Partial shards failure", "failed_shards": shards}}


def missing(*types: str) -> dict[str, object]:
    """An answer in which shards of these types of errors are missing."""
    found = shards(3 - len(types), len(types))
    reasons = [{"shard": number, "reason": {"type": kind}} for number, kind in enumerate(types)]
    return {**found, "_shards": {**found["_shards"], "failures": reasons}}  # type: ignore[dict-item]


SEARCH = "search_phase_execution_exception"
PASSING: Mapping[str, tuple[int, object]] = {
    "hits of a node that went": (500, failed(SEARCH, "node_disconnected_exception")),
    "a node that is not there": (500, {"error": {"type": "x", "caused_by": {"type": "node_not_connected_exception"}}}),
    "a shard that moved": (404, failed("shard_not_found_exception")),
    "a search that a restarted node forgot": (404, failed(SEARCH, "search_context_missing_exception")),
    "no copy of a shard": (503, {"error": {"type": SEARCH, "reason": "all shards failed", "failed_shards": []}}),
    "a proxy without a node": (502, "<html>Bad Gateway</html>"),
    "a shard lost in the answer": (200, missing("node_disconnected_exception")),
    "one of two that failed was lost": (200, missing("script_exception", "no_shard_available_action_exception")),
    "a shard that nobody has": (200, shards(2)),
}
LASTING: Mapping[str, tuple[int, object]] = {
    "a request that is wrong": (400, failed(SEARCH, "query_shard_exception", "node_disconnected_exception")),
    "no such user": (401, {}),
    "not allowed": (403, failed("security_exception")),
    "no such index": (404, failed("index_not_found_exception")),
    "too many": (429, failed(SEARCH, "rejected_execution_exception")),
    "a fault of a script": (500, failed(SEARCH, "script_exception")),
    "a script that fails on a shard": (200, missing("script_exception")),
    "no more time": (200, shards(2, timed_out=True)),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_what_was_lost_meanwhile_is_asked_for_again(told: Cluster, answer: tuple[int, object]) -> None:
    Answers.first += [answer, answer]
    Answers.told = (200, shards(3))
    assert told.search("index", {}) == shards(3)
    assert Answers.asked == ["POST /index/_search"] * 3


@pytest.mark.parametrize("answer", LASTING.values(), ids=LASTING)
def test_what_another_time_makes_no_better_is_asked_once(told: Cluster, answer: tuple[int, object]) -> None:
    Answers.first.append(answer)
    Answers.told = (200, shards(3))
    with pytest.raises(EngineUnavailable):
        told.search("index", {})
    assert len(Answers.asked) == 1


def test_whatever_only_asks_is_asked_again(told: Cluster) -> None:
    lost = failed(SEARCH, "node_disconnected_exception")
    Answers.first += [(200, {"responses": [shards(3), lost | {"status": 500}]})]
    Answers.told = (200, {"responses": [shards(3), shards(3)]})
    assert told.search_many("index", [{}, {}]) == [shards(3), shards(3)]
    Answers.first += [(200, {"docs": [{"_id": "a", "error": lost["error"]}]})]
    Answers.told = (200, {"docs": [{"_id": "a", "found": True, "_source": {"text": "医保"}}]})
    assert told.documents("index", ["a"]) == [{"text": "医保"}]
    Answers.first += [(503, {"error": {"type": "no_shard_available_action_exception"}})]
    Answers.told = (200, {"found": True, "_source": {"live": "a"}})
    assert told.request("GET", "/index/_doc/state")["found"]
    paths = ("POST /_msearch", "POST /index/_mget", "GET /index/_doc/state")
    assert Answers.asked == [path for path in paths for _ in range(2)]


def test_what_changes_something_is_sent_once(told: Cluster) -> None:
    Answers.told = (503, {"error": {"type": "unavailable_shards_exception", "reason": "primary shard is not active"}})
    sent = (
        lambda: told.request("PUT", "/index/_doc/a", {}),
        lambda: told.request("DELETE", "/index"),
        lambda: told.bulk("index", [b"{}\n"]),
    )
    for send in sent:
        with pytest.raises(EngineUnavailable, match="primary shard is not active"):
            send()
    assert len(Answers.asked) == len(sent)


def test_it_is_asked_some_times_and_not_longer_than_an_answer_may_take(
    told: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    Answers.told = (503, failed(SEARCH, "no_shard_available_action_exception"))
    with pytest.raises(EngineUnavailable, match="Partial shards failure"):
        told.search("index", {})
    assert len(Answers.asked) == 3
    monkeypatch.setattr(cluster_module, "PAUSES", (0.0, 1e9))
    with pytest.raises(EngineUnavailable, match="Partial shards failure"):
        told.search("index", {})
    assert len(Answers.asked) == 3 + 2


def test_a_host_that_says_nothing_at_all_is_given_up_before_an_answer_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECTING", 0.05)
    with socket.socket() as deaf, socket.socket() as waits:
        deaf.bind(("127.0.0.1", 0))
        # One may wait to be let in; whoever comes then gets no answer, as from a machine without power.
        deaf.listen(0)
        waits.connect(deaf.getsockname())
        with pytest.raises(EngineUnavailable, match="no connection to any of its hosts"):
            index_at(f"opensearch://127.0.0.1:{deaf.getsockname()[1]}/yibao?timeout=600").live()


# What is heard and remembered


def test_the_live_build_is_asked_for_once_a_second_aside_and_at_once_after_a_while() -> None:
    now, answers, asked = [100.0], ["a", "b", "c"], threading.Semaphore(0)

    def ask() -> str:
        asked.release()
        return answers[0] if len(answers) == 1 else answers.pop(0)

    watch = Watch(ask, lambda: now[0])
    assert watch.version() == "a"
    now[0] += ASKED / 2
    assert watch.version() == "a"
    now[0] += ASKED
    watch.version()
    assert asked.acquire(timeout=10)
    assert asked.acquire(timeout=10)
    for thread in threading.enumerate():
        if thread.name == "index version":
            thread.join()
    assert watch.version() == "b"
    now[0] += LATE + 1
    assert watch.version() == "c"
    watch.know("d")
    assert watch.version() == "d"


def test_a_cluster_that_is_away_leaves_what_was_known() -> None:
    now, known = [100.0], ["a"]

    def ask() -> str:
        if not known:
            raise EngineUnavailable("away")
        return known[0]

    watch = Watch(ask, lambda: now[0])
    assert watch.version() == "a"
    known.clear()
    now[0] += LATE + 1
    assert watch.version() == "a"
    assert Watch(ask, lambda: now[0]).version() is None


def test_so_many_answers_are_remembered_the_latest() -> None:
    remembered = Remembered(2)
    for key in "ab":
        remembered.put(key, (1,))
    assert remembered.get("a") == (1,)
    remembered.put("c", (2,))
    assert [remembered.get(key) for key in "abc"] == [(1,), None, (2,)]


def test_every_engine_class_is_whole() -> None:
    from search.engines.opensearch.engine import ClusterEngine

    assert issubclass(ClusterEngine, Engine)
    assert not ClusterEngine.__abstractmethods__
