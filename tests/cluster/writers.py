"""Writers of an index in a cluster that are killed at random moments, and what is left of the index then."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from web import records

from search import FACETS, Query, answer, open_current
from search.clock import now
from search.engines.opensearch.address import read_address
from search.engines.opensearch.control import LEASE
from search.engines.opensearch.index import ClusterIndex
from search.identity import rules_of

from .sources import write_source

YIBAO = Path(sys.executable).with_name("yibao")
EDITIONS = ("旧版", "新版")


@dataclass(frozen=True)
class Outcome:
    """What a kill left: which edition is served, and what is wrong."""

    moment: float
    edition: str
    problems: tuple[str, ...]


def outcomes(address: str, folder: Path, kills: int, seed: int) -> Iterator[Outcome]:
    """Kill a writer so many times, full reindexes and incremental ones in turn; yield what is left each time.

    The address must be of an index that is not there yet.
    """
    chance = random.Random(seed)
    sources = {edition: write_source(folder / edition, _records(edition)) for edition in EDITIONS}
    started = time.monotonic()
    for edition in reversed(EDITIONS):
        subprocess.run(_command(address, sources[edition], False), check=True, capture_output=True)
    usual = (time.monotonic() - started) / 2
    served = EDITIONS[0]
    for number in range(kills):
        other = EDITIONS[1 - EDITIONS.index(served)]
        moment = chance.uniform(0, 1.1) * usual
        writer = subprocess.Popen(
            _command(address, sources[other], number % 2 == 1), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            writer.wait(moment)
        except subprocess.TimeoutExpired:
            writer.kill()
        output = writer.communicate()[0].decode()
        ended = () if writer.returncode in (0, -9) else (f"the writer ended with {writer.returncode}: {output}",)
        found = edition_of(address)
        problems = () if found in {served, other} else (f"neither edition is served: {found}",)
        served = found if found in EDITIONS else served
        taken_over(address)
        yield Outcome(moment, found, (*ended, *problems, *left_behind(address)))


def edition_of(address: str) -> str:
    """Return which edition is served, whole; or what is instead."""
    build = open_current(address)
    try:
        found = {article.id: article.text.split("。")[0] for article in build.articles()}
        total = answer(build, Query("", collapse=False)).total
    finally:
        build.close()
    whole = set(found) == {record["id"] for record in records()} and total == len(found)
    editions = set(found.values())
    return editions.pop() if whole and len(editions) == 1 else f"{total} articles, {len(found)} of {editions}"


def taken_over(address: str) -> None:
    """Be the next writer once the lease of one that was killed is over; that is now, by this one's clock."""
    index = ClusterIndex(read_address(address), clock=lambda: time.time() + LEASE + 1)
    with index.writing(now(), rules_of(), FACETS):
        pass


def left_behind(address: str) -> list[str]:
    """Return what there is of builds that are neither live nor kept a while for servers that still answer by them."""
    index = ClusterIndex(read_address(address))
    return [f"{build} was left behind" for build in index.builds() if build != index.live()]


def indexes(address: str) -> list[str]:
    """Return the names of all indexes of an address."""
    read = read_address(address)
    host, port = read.hosts[0]
    with urlopen(f"http://{host}:{port}/_cat/indices/{read.prefix}*?h=index", timeout=10) as found:
        return sorted(found.read().decode().split())


def _records(edition: str) -> Iterator[dict[str, object]]:
    for record in records():
        yield record | {"text": f"{edition}。{record['text']}"}


def _command(address: str, source: Path, changed: bool) -> list[str]:
    return [str(YIBAO), "reindex", str(source), "--engine", address, *(["--changed"] if changed else [])]
