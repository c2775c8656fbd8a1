"""The thorough check of a finished build: every byte, every count, and a few searches by two readers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ...errors import IndexDamaged
from ...model import Parsed, Query
from ...query.grammar import as_phrase
from .codec import ArrayTermsReader
from .engine import WhooshEngine
from .layout import TOC_FILE, file_checksum, read_identity
from .segment import Segment

SAMPLES = 5


def verify(build_dir: Path) -> WhooshEngine:
    """Open a build, checked against its checksums and itself. Raises IndexMissing, IndexDamaged or IndexOutdated.

    Whoosh's table of contents is a pickle: its checksum is compared, it is not read.
    """
    identity = read_identity(build_dir)
    engine = WhooshEngine.open(build_dir)
    for segment in engine.segments:
        segment.verify()
    total = sum(segment.live_count for segment in engine.segments)
    documents = identity.info.documents
    if total != documents or engine.match(Parsed(""), Query(collapse=False)).total != total:
        raise IndexDamaged(f"{build_dir} says {documents} articles and holds {total}")
    if file_checksum(build_dir / TOC_FILE) != identity.toc:
        raise IndexDamaged(f"{build_dir}: Whoosh's table of contents is damaged")
    _check_samples(build_dir, engine, engine.segments)
    return engine


def _check_samples(build_dir: Path, engine: WhooshEngine, segments: Sequence[Segment]) -> None:
    """Read a few articles back, find each by its title, and let Whoosh's view of the segments find it by its id."""
    readers = [ArrayTermsReader(segment) for segment in segments]
    for article in islice(engine.articles(), SAMPLES):
        title = article.title
        parsed = Parsed(title, (as_phrase(title),))
        if title.strip() and not engine.explain(parsed, article.id):
            raise IndexDamaged(f"{build_dir}: article {article.id!r} is not found by its own title")
        term = "id", article.id.encode("utf-8", "surrogatepass")
        if not any(term in reader and reader.doc_frequency(*term) for reader in readers):
            raise IndexDamaged(f"{build_dir}: Whoosh's reader does not find article {article.id!r}")
