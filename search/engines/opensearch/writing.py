"""A build in the making: analysed articles on their way into an index of the cluster that nobody names yet.

Batches are analysed in worker processes and spilled to a local folder. They are sent when all is known that depends on
other articles: which are near-duplicates, and when each is in force.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import cast

import zstandard

from ... import clock
from ...errors import IndexOutdated, SearchError
from ...facets import Facets
from ...identity import SCHEMA_VERSION, differing, digest
from ...model import UNSTATED, Article, IndexInfo
from ...retrieval.features import features_of
from ...retrieval.validity import validities_of
from ...text import segmenter_name
from ..contract import Draft, MakePart, Part, Progress
from .address import Address
from .cluster import line
from .documents import GROUP, Step, belonging, document, key_of
from .engine import AT_ONCE, ClusterEngine
from .mapping import articles_index
from .place import BuildPlace
from .statistics import FILE, Cites, Counts, Group, Valid
from .tokens import tokens_of
from .validity import steps_of


@dataclass(frozen=True, slots=True)
class Spilled:
    """A batch in a local file: a line of its id and a line of its document for each article; and what it counts."""

    path: Path
    counts: Counts

    @property
    def documents(self) -> int:
        """How many articles it holds."""
        return self.counts.documents


@dataclass(frozen=True, slots=True)
class SpillBatch:
    """Analyses a batch and spills it into a local folder. May be called in any process."""

    folder: Path
    facets: Facets

    def __call__(self, number: int, articles: Sequence[Article]) -> Spilled:
        """Spill the `number`-th batch."""
        path = self.folder / f"{number:06d}.zst"
        counts = Counts()
        with zstandard.open(path, "wb", cctx=zstandard.ZstdCompressor(level=1)) as file:
            for article_id, written in analysed(articles, self.facets, counts):
                file.write(json.dumps(article_id).encode() + b"\n" + written + b"\n")
        return Spilled(path, counts)


def analysed(articles: Sequence[Article], facets: Facets, counts: Counts) -> Iterator[tuple[str, bytes]]:
    """Yield id and document of some articles, and count them."""
    features = features_of(articles)
    counts.note(Cites.of(articles, features), Valid.of(articles, validities_of(articles)))
    rows = zip(articles, features.works.tolist(), features.direction.tolist(), strict=True)
    for article, work, direction in rows:
        tokens = tokens_of(article)
        counts.documents += 1
        counts.words_length += tokens.words_length
        counts.bigrams_length += tokens.bigrams_length
        for name, held in counts.terms.items():
            held.update(getattr(tokens, name).keys())
        yield article.id, document(article, tokens, work, direction, facets)


class ClusterDraft(Draft):
    """A build whose index nothing names before `activate`. `switch` is called with the build to spare."""

    def __init__(
        self, place: BuildPlace, rules: Mapping[str, str], facets: Facets, switch: Callable[[str], None]
    ) -> None:
        self.build_id = place.build_id
        self._place = place
        self._rules = rules
        self._facets = facets
        self._switch = switch
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="yibao-")))
        self._counts = Counts()
        self._spilled: list[Path] = []
        self._base: ClusterEngine | None = None
        """The build that this one goes on from: another one, or itself once it was sent."""
        self._groups: list[tuple[str, ...]] = []
        self._is_made = self._is_settled = False
        self._is_new = True

    def part_maker(self) -> MakePart:
        """Return what spills batches into a local folder."""
        return SpillBatch(self._folder, self._facets)

    def write(self, parts: Iterable[Part], progress: Progress) -> None:
        """Take in what was spilled."""
        for part in cast("Iterable[Spilled]", parts):
            self._take(part)
            progress(self._counts.documents)

    def change(self, base_id: str, articles: Sequence[Article], removed: Iterable[str], progress: Progress) -> None:
        """Clone the index of the other build; what is put in is spilled, what is left out is deleted."""
        new = {article.id for article in articles}
        if len(new) < len(articles):
            raise ValueError("two of the articles have the same id")
        base = self._clone(base_id)
        old = [*base.stored({*removed, *new})]
        gone = Counts()
        for _ in analysed(old, self._facets, gone):
            pass
        self._counts.take_out(gone, [article.id for article in old])
        self._place.bulk(line({"delete": {"_id": key_of(one.id)}}) for one in old if one.id not in new)
        spill = SpillBatch(self._folder, self._facets)
        for number, begin in enumerate(range(0, len(articles), AT_ONCE)):
            self._take(spill(number, articles[begin : begin + AT_ONCE]))
        progress(self._counts.documents)

    def again(self, base_id: str) -> None:
        """Clone the index of the other build, near-duplicates and all."""
        self.group([group.ids for group in self._clone(base_id).build.statistics.groups])

    def group(self, groups: Iterable[Sequence[str]]) -> None:
        """Take in which articles are near-duplicates, and send what was spilled."""
        self._groups = [tuple(ids) for ids in groups]
        self._is_settled = False
        self._settle()

    def attach(self, name: str, write: Callable[[Path], None]) -> None:
        """Let a local file be written, and keep it with the build."""
        self._make()
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder, name)
            write(path)
            self._place.kept.put(name, path)

    def open(self) -> ClusterEngine:
        """Open the build before anybody else can."""
        self._settle()
        return self._place.open()

    def restore(self, fill: Callable[[Path], None]) -> None:
        """Refuse: builds come out of a cluster as its own snapshots."""
        raise no_files(self._place.address)

    def activate(self, spare: str = "") -> None:
        """Wait until the build has its copies, and switch to it."""
        self._settle()
        self._place.finish(merged=self._is_new)
        self._switch(spare)

    def close(self) -> None:
        """Remove what is left here."""
        self._stack.close()

    def _take(self, part: Spilled) -> None:
        self._spilled.append(part.path)
        self._counts.add(part.counts)

    def _make(self) -> None:
        if not self._is_made:
            self._place.create(articles_index(self._place.address, self._facets.stored.keys))
            self._is_made = True

    def _clone(self, base_id: str) -> ClusterEngine:
        """Begin with what another build holds; return that."""
        base = self._place.beside(base_id).open()
        if others := differing(base.info.rules, self._rules):
            raise IndexOutdated(f"{base_id} was built with other {others} and cannot be added to")
        self._place.clone(base_id)
        self._is_made = True
        self._is_new = False
        self._base, self._counts = base, Counts(base.build.statistics)
        return base

    def _settle(self) -> None:
        """Send all that is not in the cluster yet, and say what the build is."""
        if self._is_settled:
            return
        self._make()
        names = {one: f"{GROUP}{_digest(min(ids))}" for ids in self._groups for one in ids}
        sent: set[str] = set()
        self._place.bulk(self._operations(steps_of(self._counts.valid), names, sent))
        self._place.refresh()
        statistics = self._counts.finished(self._described(names, sent))
        self.attach(FILE, statistics.save)
        info = IndexInfo(
            schema_version=SCHEMA_VERSION,
            fingerprint=digest(self._rules),
            rules=dict(self._rules),
            segmenter=segmenter_name(),
            built_at=clock.now().isoformat(timespec="seconds"),
            documents=statistics.documents,
            build_id=self.build_id,
        )
        self._place.identify(info, self._facets.stored.keys)
        self._base, self._spilled = self._place.open(), []
        self._is_settled = True

    def _operations(
        self, steps: Mapping[str, Sequence[Step]], names: Mapping[str, str], sent: set[str]
    ) -> Iterator[bytes]:
        """Yield what is to be sent (and note its ids): what was spilled, and what became another one by it."""

        def operation(article_id: str, written: bytes) -> bytes:
            sent.add(article_id)
            whole = belonging(written, article_id, names.get(article_id, ""), steps.get(article_id, ()))
            return line({"index": {"_id": key_of(article_id)}}, whole)

        for path in self._spilled:
            with zstandard.open(path, "rb") as file:
                lines = iter(io.BufferedReader(file))
                for key in lines:
                    yield operation(json.loads(key), next(lines)[:-1])
            path.unlink()
        if self._base is None:
            return
        before = self._base.build.statistics
        old_names = {one: group.name for group in before.groups for one in group.ids}
        touched = _differing(names, old_names) | _differing(steps, steps_of(before.valid))
        for article_id, written in analysed([*self._base.stored(touched - sent)], self._facets, Counts()):
            yield operation(article_id, written)

    def _described(self, names: Mapping[str, str], sent: set[str]) -> list[Group]:
        """Return the groups with the facets that all of their members have."""
        before = {group.ids: group for group in self._base.build.statistics.groups} if self._base else {}
        groups = {ids: before[ids] for ids in self._groups if ids in before and not sent & {*ids}}
        firsts = {ids[0]: ids for ids in self._groups if ids not in groups}
        for article in self._place.stored(firsts):
            held = {
                facet.key: article.facets.get(facet.key) or ((UNSTATED,) if facet.unstated else ())
                for facet in self._facets.stored
            }
            ids = firsts[article.id]
            groups[ids] = Group(names[article.id], ids, held)
        return [*groups.values()]


def no_files(address: Address) -> SearchError:
    """Return the error that says that files of a build are not given or taken here."""
    return SearchError(
        f"{address}: an index in a cluster is saved and brought back by snapshots of the cluster, see docs/cluster.md; "
        "nothing was changed"
    )


def _differing(some: Mapping[str, object], others: Mapping[str, object]) -> set[str]:
    """Return the keys of which two mappings do not say the same."""
    return {key for key in {*some, *others} if some.get(key) != others.get(key)}


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
