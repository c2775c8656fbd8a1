"""`yibao.toml` → `Settings`: every key that there is, what it may hold, and how much of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from ..errors import SourceError
from ..facets import FACETS, OFFICIAL
from ..facets.facet import RESERVED
from ..formats.fields import is_web_address
from ..text import fold, read_group
from .tables import Table
from .values import Banner, IndexSettings, OwnFacet, Pin, QuerySettings, Settings, Site, same

MOST_BYTES = 1 << 20
MOST_WORDS, LONGEST_WORD = 20_000, 32
MOST_GROUPS, MOST_PINS, MOST_PINNED, MOST_BANNERS, MOST_EXAMPLES = 5_000, 1_000, 10, 100, 12
MOST_FACETS, MOST_ORDERED, MOST_NAMES, MOST_TRUSTED = 12, 1_000, 20, 1_000
LONGEST_QUERY, LONGEST_ID, LONGEST_BANNER, LONGEST_LINK = 200, 300, 300, 2_000
RECORD_FIELDS = ("id", "title", "text", "date", "source", "url")
"""The fields of a record that may go by other names; facets name theirs in `fields`."""

_KEY = re.compile("[a-z][a-z0-9_]*")
_PATH = re.compile(r"/(?![/\\])[^\s\\\"<>]*")
_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def read_settings(path: Path) -> Settings:
    """Return what a file says. Raises SourceError: which line, which key, and what is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise SourceError(str(path), f"longer than {MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(str(path), "not in UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    return parse_settings(text, str(path))


def parse_settings(text: str, name: str = "yibao.toml") -> Settings:
    """Return what the text of a file of this name says. Raises SourceError."""
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found and found[1] else None
        raise SourceError(name, f"not TOML: {_LINE.sub('', str(error))}", line) from error
    except (RecursionError, ValueError) as error:
        raise SourceError(name, "not TOML that this program reads: nested too deeply, or a number too long") from error
    top = Table(name, text, data)
    index, query = top.table("index"), top.table("query")
    top.close()
    return Settings(_index(index), _query(query), text)


def _index(table: Table) -> IndexSettings:
    facets = [_facet(each) for each in table.tables("facets", MOST_FACETS)]
    fields = _fields(table.table("fields"))
    trusted = table.texts("trusted", MOST_TRUSTED)
    table.close({key: f"it acts on queries: write it under [query], as query.{key}" for key in ("words", "synonyms")})
    for number, (facet, each) in enumerate(facets):
        if facet.key in (before.key for before, _ in facets[:number]):
            each.refuse("key", f"two facets have the key {facet.key}")
    return IndexSettings(tuple(facet for facet, _ in facets), fields, trusted)


def _facet(table: Table) -> tuple[OwnFacet, Table]:
    key = table.text("key", 40, needed=True)
    label = table.text("label", 20, needed=True)
    fields = table.texts("fields", MOST_NAMES)
    order = table.texts("order", MOST_ORDERED, 60)
    table.close({"field": "write fields"})
    if not _KEY.fullmatch(key):
        table.refuse("key", f"“{key}” must be of a-z, 0-9 and _, and begin with a letter; the label may be Chinese")
    if key in FACETS or key in RESERVED or key == OFFICIAL.key:
        table.refuse("key", f"“{key}” means something else already; take another one")
    return OwnFacet(key, label, fields, order), table


def _fields(table: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    names = (*RECORD_FIELDS, *FACETS.keys)
    found = [(name, table.texts(name, MOST_NAMES)) for name in names]
    table.close()
    return tuple((name, others) for name, others in found if others)


def _query(table: Table) -> QuerySettings:
    settings = QuerySettings(
        words=_words(table),
        synonyms=_synonyms(table),
        examples=table.texts("examples", MOST_EXAMPLES, LONGEST_QUERY),
        pins=tuple(map(_pin, table.tables("pins", MOST_PINS))),
        banners=tuple(map(_banner, table.tables("banners", MOST_BANNERS))),
        site=_site(table.table("site")),
    )
    moved = {key: f"it decides what is stored: write it under [index], as index.{key}" for key in ("facets", "trusted")}
    table.close(moved)
    return settings


def _words(table: Table) -> tuple[str, ...]:
    words = table.texts("words", MOST_WORDS, LONGEST_WORD)
    for word in words:
        if len(word) < 2 or not all(character.isalnum() or character in " -" for character in word):
            table.refuse("words", f"“{word}” is no word: two characters or more, letters and digits", word)
    return words


def _synonyms(table: Table) -> tuple[str, ...]:
    groups = table.texts("synonyms", MOST_GROUPS)
    for group in groups:
        try:
            found = read_group(group, 1.0)
        except ValueError:
            found = []
        if not found or not all(word and forms and 0 < weight <= 1 for word, forms, weight in found):
            table.refuse(
                "synonyms", f"“{group}” is no group: write 甲 = 乙 = 丙 or 甲 → 乙 丙, and @0.5 behind it", group
            )
    return groups


def _pin(table: Table) -> Pin:
    pin = Pin(
        table.texts("queries", MOST_NAMES, LONGEST_QUERY, needed=True),
        table.texts("articles", MOST_PINNED, LONGEST_ID, needed=True),
    )
    table.close({"query": "write queries", "article": "write articles", "ids": "write articles"})
    for query in pin.queries:
        if not any(character.isalnum() for character in same(query)):
            table.refuse("queries", f"“{query}” asks nothing", query)
    return pin


def _banner(table: Table) -> Banner:
    banner = Banner(
        table.texts("words", MOST_NAMES, LONGEST_WORD, needed=True),
        table.text("text", LONGEST_BANNER, needed=True),
        _link(table, "link"),
    )
    table.close()
    for word in banner.words:
        if not any(character.isalnum() for character in fold(word)):
            table.refuse("words", f"“{word}” is no word", word)
    return banner


def _link(table: Table, key: str) -> str:
    link = table.text(key, LONGEST_LINK)
    if link and not (is_web_address(link) or _PATH.fullmatch(link)):
        table.refuse(key, "must be an address that begins with https://, http:// or a single /", link)
    return link


def _site(table: Table) -> Site:
    site = Site(
        name=table.text("name", 30),
        body=table.text("body", 60),
        hotline=table.text("hotline", 60),
        hotline_name=table.text("hotline_name", 30),
        icp=table.text("icp", 60),
        police=table.text("police", 60),
        recent=table.flag("recent"),
    )
    table.close()
    return site
