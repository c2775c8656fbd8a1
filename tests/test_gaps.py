"""What readers did not find: which words are told, from how many clients on, and that nothing else is kept."""

import json
import os
import pickle
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask import Flask

from search import GapDays, Query, SearchError, answer, gap_words, open_current
from search.command.cli import main
from search.gaps import is_common_word
from tests.test_connections import PATIENCE, Server, serving, until
from tests.web import build_index
from webui.http.clients import asker
from webui.observing import gaps
from webui.observing.gaps import FEWEST, SHANGHAI, Sender, Tally, count

DAY = date(2026, 11, 29)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 23, 0, tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("gaps"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def days(tmp_path: Path) -> GapDays:
    days = GapDays(tmp_path)
    days.prepare()
    return days


def kept(days: GapDays, day: date = DAY) -> dict[str, int]:
    return dict(days.since(day, day))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("种植牙", {"种植牙"}),  # lexicon
        ("拉萨", {"拉萨"}),  # gazetteer
        ("葡萄", {"葡萄"}),  # dictionary
        ('"葡萄"', {"葡萄"}),
        ("葡萄 -香蕉", {"葡萄"}),  # what is excluded was not missed
        ("缴费", set()),  # found
        ("缴费 葡萄", {"葡萄"}),  # not in every result
        ("葡萄怎么办", {"葡萄"}),
        ("", set()),
        ("13800138000", set()),
        ("11010519491231002X", set()),
        ("abcd", set()),
        ("张伟", set()),  # in jieba's dictionary, as a name
        ("張偉", set()),
        ("龚靐", set()),  # in none
        ("志强", set()),
        ('"我得了一种怪病"', set()),
        ("国发〔2019〕8号", set()),
    ],
)
def test_words_that_anybody_may_have_said_are_told_if_they_were_not_found(
    index: Path, text: str, words: set[str]
) -> None:
    assert gap_words(answer(open_current(index), Query(text))) == words


def test_a_word_that_a_correction_replaced_was_not_found(index: Path) -> None:
    results = answer(open_current(index), Query("挂识"))
    assert (results.suggestion, results.unmet) == ("挂失", ("挂识",))


def test_filters_that_leave_nothing_leave_the_words_unmet(index: Path) -> None:
    filters = {"city": ("昆明市",), "topic": ("住院",)}
    assert gap_words(answer(open_current(index), Query("缴费", filters))) == {"缴费"}


@pytest.mark.parametrize("word", ["康复", "支付宝", "王", "在", "x", "", "b超"])
def test_common_words(word: str) -> None:
    from search.text.lexicon import lexicon

    assert is_common_word(word) is (word in lexicon() or word == "b超")


def test_fewer_than_five_clients_never_reach_the_disk(days: GapDays, clock: Clock) -> None:
    tally = Tally(days, clock)
    for client in range(FEWEST - 1):
        for _ in range(100):
            tally.note(f"192.0.2.{client}", ["种植牙"])
    tally.write()
    assert kept(days) == {}
    tally.note("192.0.2.99", ["种植牙"])
    tally.write()
    assert kept(days) == {"种植牙": FEWEST}
    assert FEWEST == 5


def test_more_clients_are_added_once_each(days: GapDays, clock: Clock) -> None:
    tally = Tally(days, clock)
    for client in range(7):
        tally.note(str(client), ["种植牙", "葡萄"] if client else ["种植牙"])
        tally.write()
    tally.note("3", ["种植牙"])
    tally.write()
    assert kept(days) == {"种植牙": 7, "葡萄": 6}


def test_another_run_adds_to_the_day(days: GapDays, clock: Clock) -> None:
    for _ in range(2):
        tally = Tally(days, clock)
        for client in range(6):
            tally.note(str(client), ["种植牙"])
        tally.write()
    assert kept(days) == {"种植牙": 12}


def test_with_the_day_end_its_counts_and_its_key(days: GapDays, clock: Clock) -> None:
    tally = Tally(days, clock)
    for client in range(FEWEST):
        tally.note(str(client), ["种植牙"])
        if client:
            tally.note(str(client), ["葡萄"])
    before = _memory(tally)
    clock.now += timedelta(hours=1)
    tally.note("0", ["葡萄"])  # the fifth, a day late
    assert kept(days) == {"种植牙": FEWEST}, "yesterday's, written before they are forgotten"
    for client in range(FEWEST - 1):
        tally.note(str(client), ["种植牙"])
    tally.write()
    assert kept(days, DAY + timedelta(1)) == {}
    assert not before & _memory(tally), "the same clients and words are others under another key"


def test_the_day_ends_though_nothing_can_be_written(days: GapDays, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "gaps" / f"{DAY}.json").write_text("garbage", "utf-8")
    tally = Tally(days, clock)
    for client in range(FEWEST):
        tally.note(str(client), ["种植牙"])
    before = _memory(tally)
    clock.now += timedelta(hours=1)
    tally.note("0", ["葡萄"])
    assert not before & _memory(tally)


def _memory(tally: Tally) -> set[bytes]:
    return {tally._key, *(asked for clients in tally._clients.values() for asked in clients)}


def test_memory_holds_no_client_and_does_not_join_their_words(days: GapDays, clock: Clock) -> None:
    tally = Tally(days, clock)
    tally.note("192.0.2.77", ["种植牙", "葡萄"])
    held = pickle.dumps((tally._clients, tally._told))
    assert b"192.0.2.77" not in held
    assert len(_memory(tally)) == 3, "a key, and another hash for each word"
    assert Tally(days, clock)._key != tally._key


def test_memory_is_bounded(days: GapDays, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "MOST", 7)
    tally = Tally(days, clock)
    for client in range(50):
        tally.note(str(client), ["种植牙"])
        tally.note(str(client), ["葡萄"])
    assert len(_memory(tally)) == 7 + 1


def test_on_the_disk_are_words_in_their_order_and_numbers(days: GapDays, clock: Clock, tmp_path: Path) -> None:
    tally = Tally(days, clock)
    for client in range(FEWEST):
        tally.note(f"192.0.2.{client}", ["种植牙", "葡萄", "拉萨"])
    tally.write()
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.name == "2026-11-29.json"
    assert json.loads(file.read_text("utf-8")) == {"拉萨": 5, "种植牙": 5, "葡萄": 5}
    assert list(json.loads(file.read_text("utf-8"))) == sorted(["拉萨", "种植牙", "葡萄"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@contextmanager
def counting(tally: Tally) -> Iterator[int]:
    """Count in a thread what is written to the pipe that is yielded."""
    reading, writing = os.pipe()
    thread = threading.Thread(target=count, args=(reading, tally))
    thread.start()
    try:
        yield writing
    finally:
        os.close(writing)
        thread.join(PATIENCE)
        os.close(reading)
    assert not thread.is_alive()


def test_lines_are_counted_whatever_pieces_they_come_in(days: GapDays, clock: Clock) -> None:
    with counting(Tally(days, clock)) as pipe:
        for client in range(FEWEST):
            for part in (f"{client}\t种", "植牙\t葡", f"萄\n{client}", "\t种植牙\n"):
                os.write(pipe, part.encode())
    assert kept(days) == {"种植牙": 5, "葡萄": 5}


def test_now_and_then_what_is_counted_is_written(days: GapDays, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "EVERY", 0.01)
    with counting(Tally(days, clock)) as pipe:
        for client in range(FEWEST):
            os.write(pipe, f"{client}\t种植牙\n".encode())
        until(lambda: kept(days) == {"种植牙": FEWEST})


def test_the_day_ends_though_nobody_asks(days: GapDays, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "EVERY", 1e6)
    midnight = datetime(2026, 11, 30, tzinfo=SHANGHAI)
    started: list[float] = []

    def now() -> datetime:
        if not started:
            return clock()
        return midnight + timedelta(seconds=time.monotonic() - started[0] - 0.1)

    tally = Tally(days, now)
    for client in range(FEWEST):
        tally.note(str(client), ["种植牙"])
    started.append(time.monotonic())
    with counting(tally):
        until(lambda: kept(days) == {"种植牙": FEWEST})
        until(lambda: not tally._clients)


def test_a_pipe_that_is_full_or_broken_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    reading, writing = os.pipe()
    sender = Sender(writing)
    for _ in range(3000):  # more than a pipe holds
        sender.send("192.0.2.1", ["种植牙"] * 10)
    assert caplog.messages == []
    os.close(reading)
    for _ in range(2):
        sender.send("192.0.2.1", ["种植牙"])
    sender.close()
    assert caplog.messages == ["what readers did not find is not counted any more: the process for it is gone"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # anybody may say so
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # what the proxy itself saw
        ("127.0.0.1", "198.51.100.7, 10.0.0.5", "198.51.100.7"),
        ("127.0.0.1", "糖尿病".encode().decode("latin-1"), ""),  # nobody knows
        ("127.0.0.1", "", ""),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("127.0.0.1", "2001:db8::2", "2001:db8::/64"),
        ("10.0.0.5", "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_who_asks(peer: str, forwarded: str, who: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with Flask("x").test_request_context(headers=headers, environ_base={"REMOTE_ADDR": peer}):
        assert asker(("127.0.0.1", "10.0.0.5")) == who


def ask(server: Server, address: str, text: str, path: str = "/") -> None:
    client = HTTPConnection("127.0.0.1", server.port, PATIENCE, (address, 0))
    try:
        client.request("GET", f"{path}?q={quote(text)}")
        response = client.getresponse()
        response.read()
        assert response.status == 200
    finally:
        client.close()


def test_workers_are_added_up_and_nothing_else_is_kept(index: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serving(index, "--gaps", "--state-dir", str(state)) as server:
        for client in range(10, 16):
            address = f"127.0.0.{client}"
            ask(server, address, "种植牙 龚靐")
            ask(server, address, "种植牙", "/api/v1/search")
            ask(server, address, "11010519491231002X 13800138000")
            ask(server, address, "缴费")
            if client < 14:
                ask(server, address, "葡萄")
        for _ in range(6):
            ask(server, "127.0.0.10", "香蕉")
            ask(server, "127.0.0.10", "葡萄")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [json.loads(path.read_text("utf-8")) for path in files] == [{"种植牙": 6}]
    shown = CliRunner().invoke(main, ["gaps", "--state-dir", str(state), "--days", "2"])
    assert (shown.exit_code, shown.output) == (0, "      6  种植牙\n")


def test_counting_needs_a_place() -> None:
    done = CliRunner().invoke(main, ["serve", "--gaps"])
    assert done.exit_code == 2 and "YIBAO_STATE" in done.output


def test_gaps_are_printed_by_count(tmp_path: Path) -> None:
    days = GapDays(tmp_path)
    days.prepare()
    today = datetime.now(SHANGHAI).date()
    days.add(today - timedelta(1), {"葡萄": 5, "拉萨": 9})
    days.add(today - timedelta(2), {"葡萄": 1000})
    days.add(today - timedelta(40), {"香蕉": 7})

    def shown(*options: str) -> str:
        return CliRunner().invoke(main, ["gaps", *options], env={"YIBAO_STATE": str(tmp_path)}).output

    assert shown() == "  1,005  葡萄\n      9  拉萨\n"
    assert json.loads(shown("--days", "2", "--json")) == {
        "from": str(today - timedelta(1)),
        "to": str(today),
        "words": [{"word": "拉萨", "count": 9}, {"word": "葡萄", "count": 5}],
        "feedback": [],
    }
    assert "no word from" in shown("--days", "1")


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    days = GapDays(tmp_path)
    days.prepare()
    (tmp_path / "gaps" / f"{DAY}.json").write_text("[1]", "utf-8")
    with pytest.raises(SearchError, match="cannot be read"):
        days.since(DAY, DAY)


def test_words_are_judged_by_what_was_not_found(index: Path) -> None:
    results = answer(open_current(index), Query("缴费"))
    assert gap_words(replace(results, unmet=("葡萄", "张伟", "13800138000"))) == {"葡萄"}
