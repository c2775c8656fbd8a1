"""The identity of a build: what decided what it holds, part by part. Read by whoever opens, extends or checks one.

Synonyms, question words and the numbers of ranking that act on queries are in no part: they change without a reindex.
What an operator's settings say of queries is told too, so that it can be seen by which a server answers; it decides
nothing of what a build holds, and is compared by nobody here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .facets import FACETS, Facets
from .formats import libreoffice
from .gazetteer import DIVISIONS
from .retrieval import ranking
from .settings import NO_SETTINGS, Settings
from .text.lexicon import LEXICON, MIXED
from .text.segmentation import LEXICON_FREQUENCY, PLACE_FREQUENCY

SCHEMA_VERSION = 6
"""Raise it whenever an index written before can no longer be read or would answer differently.

1: words, bigrams with positions, facet ordinals, dates; stored articles in compressed blocks.
2: groups of near-duplicates beside the segments.
3: which way each title looks that is about care elsewhere.
4: which work each article is of, and which it cites.
5: checksums in the blocks of stored articles, of the identity file and of Whoosh's table of contents; rules by part.
6: tables of the stored articles; from when on and until when they hold.
"""

TEXT_RULES = 3
"""Raise it when modules of `search.text` begin to yield other words for some text."""

PARSERS = ("lxml", "trafilatura", "markdown-it-py", "pyyaml", "pypdfium2", "python-docx", "openpyxl", "xlrd")
"""The packages that read what is not read by code of ours; what an article holds may differ with their version."""

TEXT_DATA = (LEXICON, MIXED, DIVISIONS)

NAMES = {
    "schema": "schema",
    "text": "text rules (words, lexicon or folding)",
    "weights": "weights of title and headings",
    "facets": "facets or facet rules",
    "formats": "document formats",
    "settings": "settings of the index (yibao.toml)",
    "query": "settings of queries (yibao.toml)",
}
"""What each part is called in messages."""

DECIDING = ("schema", "text", "weights", "facets", "formats", "settings")
"""What decides what a build holds: all parts but those that act on queries."""

SETTINGS_PARTS = ("settings", "query")
"""The parts that settings are told in; the second decides nothing."""

DECISIVE = ("schema", "text", "weights")
"""An index in which one of these differs cannot be searched; if another does, a reindex would make it otherwise."""


def rules_of(facets: Facets = FACETS, settings: Settings = NO_SETTINGS) -> dict[str, str]:
    """Return part → hash, of all that decides what a build with these facets and settings holds.

    A part of the settings that sets nothing is not there.
    """
    own = zip(SETTINGS_PARTS, (settings.index.identity(), settings.query.identity()), strict=True)
    made = {**_decisive_rules(), "facets": facets.identity(), "formats": _format_rules()}
    return {**made, **{part: rule for part, rule in own if rule}}


def digest(rules: Mapping[str, str]) -> str:
    """Return 16 hexadecimal digits over all parts."""
    return _hash(f"{part} {rule}" for part, rule in sorted(rules.items()))


def differing(rules: Mapping[str, str], current: Mapping[str, str]) -> str:
    """Return what the parts are called in which `rules`, those of a build, differ; empty if in none."""
    return _differing(rules, current, DECIDING)


def decisive(rules: Mapping[str, str]) -> str:
    """Return the same of the parts without which an index cannot be searched; quick, as it is asked when opening."""
    return _differing(rules, _decisive_rules(), DECISIVE)


def _differing(rules: Mapping[str, str], current: Mapping[str, str], parts: Iterable[str]) -> str:
    return " and ".join(NAMES[part] for part in parts if rules.get(part) != current.get(part))


@lru_cache(maxsize=1)
def _text_rules() -> str:
    """Return a hash of what decides which words a text has.

    Files are taken as they are and libraries by version, because reading them takes longer than opening an index. The
    same for jieba and rjieba, which yield the same words.
    """
    libraries = f"jieba {version('jieba')}, opencc {version('opencc')}, unicode {unicodedata.unidata_version}"
    frequencies = f"frequencies {LEXICON_FREQUENCY} {PLACE_FREQUENCY}"
    files = (hashlib.sha256(path.read_bytes()).hexdigest() for path in TEXT_DATA)
    return _hash((f"rules {TEXT_RULES}", libraries, frequencies, *files))


def _decisive_rules() -> dict[str, str]:
    weights = (ranking.TITLE_WEIGHT, ranking.HEADING_WEIGHT, ranking.BODY_WEIGHT)
    return {"schema": str(SCHEMA_VERSION), "text": _text_rules(), "weights": " ".join(map(str, weights))}


@lru_cache(maxsize=1)
def _format_rules() -> str:
    """Return a hash of what turns files into articles and rows: code, as any of it may decide, and what it calls."""
    package = Path(__file__).parent
    indexing = [
        package / "indexing" / f"{name}.py"
        for name in ("article_rows", "batches", "furniture", "ingest", "lint", "validity")
    ]
    paths = sorted([*indexing, *(package / "formats").rglob("*.py"), *(package / "text").rglob("*.py")])
    files = (
        f"{path.relative_to(package).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths
    )
    return _hash((*files, *map(_installed, PARSERS), f"LibreOffice {libreoffice.is_installed()}"))


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} -"


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
