"""The speed harness: the peers that are installed answer right, and a wrong answer would be noticed."""

import asyncio
import json
import lzma
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bench import made, many, records, report
from bench.answers import Answer, Formula
from bench.engines import BUILT_ONLY, MODULES, UNCHECKED, load
from bench.engines.yibao_engine import SERVED, match_by
from bench.records import FACET_KEYS, FACET_SIZES, MADE, deal, facet_values, write_records
from bench.reference import Mismatch, Reference
from bench.serve import Load, load_server, path_of
from bench.tasks import Task, draw
from bench.timing import Times, check, measure
from bench.tokens import bigrams, cut

SIZE = 300


def _installed() -> list[str]:
    """The engines whose answers can be compared. Peers that are not installed are no test that was skipped."""
    found = []
    for name in MODULES:
        with suppress(ImportError):
            load(name)
            found.append(name)
    return [name for name in found if name not in UNCHECKED | BUILT_ONLY]


def _id(name: str) -> str:
    """What `make cluster-test` knows those by that need a cluster (`tests/cluster/plugin.py`)."""
    return f"{name}-opensearch" if name == "cluster" else name


@pytest.fixture(autouse=True)
def _served_ranking() -> Iterator[None]:
    """The adapters match by rules of their own, set for the process: later tests must find the served ones."""
    yield
    match_by(SERVED)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return records.records_file(tmp_path_factory.mktemp("bench"), MADE, SIZE)


@pytest.fixture(scope="module")
def tasks(source: Path) -> list[Task]:
    return [task for task in draw(source, SIZE, MADE, 0.1) if task.page == 1]


@pytest.fixture(scope="module")
def reference(source: Path, tasks: list[Task]) -> Reference:
    return Reference.load(source, tasks)


@pytest.fixture(scope="module")
def real_source(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of both corpora: their texts are longer and odder than made ones."""
    path = tmp_path_factory.mktemp("bench") / "records.jsonl"
    lines: list[str] = []
    for corpus, count in (("long", 30), ("short", SIZE - 30)):
        with lzma.open(shared / "corpora" / records.CORPORA[corpus][0], "rt", encoding="utf-8") as file:
            lines += islice(file, count)
    write_records(path, lines)
    return path


@pytest.mark.parametrize("name", _installed(), ids=_id)
def test_engine_answers_as_the_reference_does(
    name: str, source: Path, tasks: list[Task], reference: Reference, tmp_path: Path
) -> None:
    contender = load(name)
    contender.build(source, tmp_path / "index", 0)
    searcher = contender.open(tmp_path / "index", source)
    assert check({name: searcher}, tasks, reference, budget=60) == len(tasks)


@pytest.mark.parametrize("name", _installed(), ids=_id)
def test_engine_answers_as_the_reference_does_on_real_texts(name: str, real_source: Path, tmp_path: Path) -> None:
    tasks = [task for task in draw(real_source, SIZE, "short", 0.1) if task.page == 1]
    contender = load(name)
    contender.build(real_source, tmp_path / "index", 0)
    searcher = contender.open(tmp_path / "index", real_source)
    assert check({name: searcher}, tasks, Reference.load(real_source, tasks), budget=60) == len(tasks)


def test_many_records_are_drawn_from_the_words_of_others_the_same_each_time() -> None:
    vocabulary = many.Vocabulary.of(made.records(300))
    known = set(vocabulary.words)
    lines = list(many.records(vocabulary, many.TOGETHER + 30))
    assert lines[:40] == list(many.records(vocabulary, 40))
    assert lines[:40] != list(many.records(vocabulary, 40, seed=1))
    found = [json.loads(line) for line in lines]
    assert [record["id"] for record in found] == [f"many:{number}" for number in range(many.TOGETHER + 30)]
    assert lines[many.TOGETHER][20:] != lines[0][20:]
    used = {word for record in found[:50] for word in many.cut_into_words(record["text"])}
    assert len(used & known) > 20
    lengths = [len(json.loads(line)["text"]) for line in made.records(300)]
    assert sum(len(record["text"]) for record in found) / len(found) == pytest.approx(sum(lengths) / 300, rel=0.15)


def test_made_records_are_the_same_each_time_and_of_every_kind() -> None:
    lines = list(made.records(SIZE))
    assert lines[:20] == list(made.records(20))
    assert lines[:20] != list(made.records(20, seed=1))
    parsed = [json.loads(line) for line in lines]
    assert len({record["id"] for record in parsed}) == SIZE
    untitled, undated = (sum(not record[key] for record in parsed) for key in ("title", "date"))
    assert 20 < untitled < 80 and 10 < undated < 60
    texts = [record["title"] + record["text"] for record in parsed]
    assert [text for text in texts if "{" in text] == []
    lengths = sorted(len(record["text"]) for record in parsed)
    assert lengths[0] < 40 and lengths[-1] > 8 * lengths[SIZE // 2]
    assert len(made.questions(50)) == 50


def test_reference_counts_what_is_there(source: Path, reference: Reference, tasks: list[Task]) -> None:
    cuts = [cut(record) for record in records.read(source)]
    for task in tasks[::7]:
        required = {"all": all, "any": any}[task.rule]
        matching = [
            one
            for one in cuts
            if (
                task.phrase in f"{one.record.title}\n{one.record.text}"
                if task.phrase
                else required(word in one.words.split() for word in task.words)
            )
        ]
        facets = [dict(zip(FACET_KEYS, one.record.facets, strict=True)) for one in matching]
        passing = [f for f in facets if all(f[key] in values for key, values in task.filters.items())]
        assert reference.total(task) == len(passing)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda a: replace(a, total=a.total + 1), id="total"),
        pytest.param(lambda a: replace(a, page=a.page[1:]), id="hit missing"),
        pytest.param(lambda a: replace(a, page=(a.page[0],) * len(a.page)), id="hit twice"),
        pytest.param(lambda a: replace(a, page=tuple((n, s * 1.01) for n, s in a.page)), id="scores"),
        pytest.param(lambda a: replace(a, counts={**a.counts, "topic": {"门诊": 9999}}), id="counts"),
    ],
)
def test_reference_notices_a_wrong_answer(
    spoil: object, source: Path, tasks: list[Task], reference: Reference, tmp_path: Path
) -> None:
    contender = load("yibao")
    contender.build(source, tmp_path / "index", 0)
    searcher = contender.open(tmp_path / "index", source)
    task = next(task for task in tasks if task.rule == "any" and reference.total(task) > 3)
    answer = searcher.answer(task, searcher.run(task))
    reference.check(task, answer, searcher.formula)
    assert callable(spoil)
    with pytest.raises(Mismatch):
        reference.check(task, spoil(answer), searcher.formula)


def test_wrong_answers_stop_the_run(
    tasks: list[Task], reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    class Wrong:
        formula: Formula | None = None

        def run(self, task: Task) -> None:
            return None

        def answer(self, task: Task, raw: object) -> Answer:
            return Answer(-1, (), {})

    with pytest.raises(SystemExit, match="nothing was timed"):
        check({"wrong": Wrong()}, tasks[:3], reference, budget=1)
    assert "total -1" in capsys.readouterr().err


def test_tasks_are_drawn_alike_each_time(source: Path) -> None:
    assert draw(source, SIZE, MADE, 0.1) == draw(source, SIZE, MADE, 0.1)
    kinds = Counter(task.kind for task in draw(source, SIZE, MADE, 0.1))
    assert kinds == {
        "words, all": 30,
        "words, any": 30,
        "questions, any": 10,
        "phrases": 10,
        "filtered, any": 10,
        "newest first": 10,
        "page 50": 30,
    }


def test_facet_values_follow_zipf() -> None:
    dealt = [deal(f"article {number}") for number in range(3_000)]
    for key, values in zip(FACET_KEYS, zip(*dealt, strict=True), strict=True):
        assert len(facet_values(key)) == FACET_SIZES[key]
        first, second = facet_values(key)[:2]
        count = Counter(values)
        assert 1.6 < count[first] / count[second] < 2.5
    assert deal("article 7") == dealt[7]


def test_bigrams_keep_blanks_and_ends() -> None:
    assert list(bigrams("医 保\0好\0")) == ["医␣", "␣保", "保␀", "好␀"]


@pytest.mark.parametrize("in_turn", [True, False], ids=["in turn", "by themselves"])
def test_slow_engines_are_asked_less(tasks: list[Task], in_turn: bool) -> None:
    asked: Counter[str] = Counter()

    class Counting:
        formula: Formula | None = None

        def __init__(self, name: str) -> None:
            self._name = name

        def run(self, task: Task) -> None:
            asked[self._name] += 1
            if self._name == "slow":
                sum(range(2_000_000))

        def answer(self, task: Task, raw: object) -> Answer:
            raise AssertionError("measuring asks for no answer")

    some = [task for task in tasks if task.kind == "words, all"]
    searchers = {"slow": Counting("slow"), "quick": Counting("quick")}
    times = measure(searchers, some, rounds=3, budget=0.1, in_turn=in_turn)
    assert asked["quick"] == 4 * len(some), "one round to warm up, three that count"
    assert asked["slow"] < len(some)
    assert len(times["words, all"]["quick"].by_task) == len(some)
    assert times["words, all"]["slow"].by_task, "what was measured of a slow engine is used"


def test_tables_compare_the_same_queries() -> None:
    ours, theirs = Times(), Times()
    for task in range(20):
        ours.add(task, 0.001 * (task + 1))
    for task in range(5):
        theirs.add(task, 0.002 * (task + 1))
    head, row = report.time_rows({"words": {"yibao": ours, "other": theirs}}, "in turn")
    assert head[1:] == ["yibao", "other"]
    assert row[2].endswith("2.00×"), "the first five queries took twice as long; the others were not asked"


def test_report_replaces_its_own_block_only(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("# Speed\n\nText.\n", encoding="utf-8")
    for number in random.Random(1).sample(range(100), 3):
        report.insert("bench short-300", f"run {number}", document)
        report.insert("bench long-300", "other", document)
        last = number
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Speed\n\nText.\n")
    assert (text.count("run "), text.count(f"run {last}"), text.count("other")) == (1, 1, 1)


def test_load_generator_counts_answers_in_full() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            while (await reader.readline()).strip():
                pass
            status = b"200 OK" if request.split()[1] == b"/good" else b"404 NOT FOUND"
            # The head and the body in two parts, as a server may send them.
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 10\r\n\r\n01234")
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(b"56789")
        writer.close()

    async def run() -> Load:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        load = await load_server(port, ["/good", "/bad"], connections=2, seconds=0.2)
        server.close()
        return load

    # In a thread of its own: the browser tests of this process keep a loop running in the main one.
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(asyncio.run, run()).result()
    assert set(load.statuses) == {200, 404}
    assert abs(load.statuses[200] - load.statuses[404]) <= 2
    assert load.statuses.total() == len(load.latencies) > 4
    assert min(load.latencies) >= 1, "an answer is there when its last byte is"


def test_requests_ask_what_the_task_asks() -> None:
    task = Task("", "门诊 报销", newest=True, filters={"city": ("黑河市", "长沙市")})
    asked = parse_qs(path_of(task, "/api/v1/search").partition("?")[2])
    assert asked == {"q": ["门诊 报销"], "sort": ["newest"], "city": ["黑河市", "长沙市"]}
