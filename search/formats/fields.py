"""The metadata that every format shares: what a field may hold, and how a record becomes an `Article`.

What a source states explicitly must be right: a date that is no date rejects the record instead of being dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from ..facets import FACETS, Facets
from ..model import UNSTATED, Article, Evidence, Kind, Section, Table
from .dates import FoundDay, day_in_lines, day_in_name, parse_date
from .decoding import clean

_VALIDITY = ("effective", "expires", "superseded_by", "repealed_by")
RECORD_KEYS = frozenset({"id", "kind", "title", "text", "date", "source", "url", *_VALIDITY})

MAX_ID = 300
MAX_LINE = 10_000
"""Characters of a field that is one line; what a title is looked at for is no work for a million."""
_TITLE_LENGTH = 40
_EXPORTED = re.compile(r"\s+[0-9a-f]{32}$")
_NAME_DAY = re.compile(
    r"[(（\[]?(?<!\d)(?:19|20)\d\d(?:([-_.])\d{1,2}\1\d{1,2}|\d{4}|年\d{1,2}月\d{1,2}日)(?!\d)[)）\]]?"
)
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
_NAME_SAYS = 4
_SEPARATORS = re.compile(r"[、，,;；|/／]")
_ID = re.compile(r"[\w./:-]+")
"""Ids in which nothing needs a look, but parts that are dots."""
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_USER = re.compile("//[^/?#]*@")


class FieldError(ValueError):
    """A field holds what it must not; `key` names it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key


def is_field(name: str, facets: Facets) -> bool:
    """Tell whether a record can have this field; others are ignored, and said to be."""
    return name in RECORD_KEYS or name in facets or facets.fields.knows(name)


def make_article(  # noqa: PLR0913, PLR0917 - what a record consists of
    path: str,
    default_id: str,
    raw: Mapping[str, object],
    text: str,
    sections: tuple[Section, ...] = (),
    facets: Facets = FACETS,
    tables: tuple[Table, ...] = (),
) -> Article:
    """Return the article that `raw` (the stated fields) and `text` make. Raises FieldError.

    A record without a title is titled with the beginning of its text; one without text holds nothing and is an error.
    """
    if not text.strip():
        raise FieldError("text", "holds nothing")
    return Article(
        id=_id(raw.get("id")) or _id(default_id),
        kind=_kind(raw.get("kind")),
        title=_line("title", raw.get("title")) or opening(text),
        text=text,
        date=_date("date", raw.get("date")),
        source=_line("source", raw.get("source")),
        url=_url(raw.get("url")),
        path=path,
        sections=sections,
        tables=tables,
        facets={key: _values(key, raw[key]) for key in facets.stored.keys if raw.get(key) is not None},
        effective=_date("effective", raw.get("effective")),
        expires=_date("expires", raw.get("expires")),
        superseded_by=_line("superseded_by", raw.get("superseded_by")),
        repealed_by=_line("repealed_by", raw.get("repealed_by")),
    )


def opening(text: str) -> str:
    """Return a title for a text that has none: its first sentence or line, cut at 40 characters."""
    start = text.lstrip().lstrip("#").lstrip()[: _TITLE_LENGTH * 2]
    sentence = _SENTENCE_END.split(start, maxsplit=1)[0].strip() or start.strip()
    return sentence if len(sentence) <= _TITLE_LENGTH else sentence[:_TITLE_LENGTH] + "…"


def title_in_name(path: str, whatever: bool = False) -> str:
    """Return a title that the name of a file says: at least four ideographs (with `whatever`, anything), without a day.

    The 32 digits that Notion adds to a name are left out; whoever has them has a title in the name.
    """
    name = path.rpartition("/")[2].rpartition(".")[0]
    bare = _EXPORTED.sub("", name)
    words = " ".join(_NAME_DAY.sub(" ", bare).replace("_", " ").split()).strip("-—– ") or bare.strip()
    return words if whatever or bare != name or len(_IDEOGRAPH.findall(words)) >= _NAME_SAYS else ""


def dated(article: Article, path: str, lines: Sequence[str], signed: date | None = None) -> Article:
    """Return the article with the day that its document names, and the evidence of where; one that is stated stays.

    It is that of the signature (`signed`), else one in the file's name, else one by itself among `lines`.
    """
    found = FoundDay(signed, "the signature") if signed else day_in_name(path) or day_in_lines(lines)
    if article.date or not found:
        return article
    told = Evidence("date", found.day.isoformat(), found.rule, "metadata")
    return replace(article, date=found.day, evidence=(*article.evidence, told))


def _line(key: str, value: object) -> str:
    """Return a value as one line of text."""
    if value is None:
        return ""
    if isinstance(value, str) and len(value) > MAX_LINE:
        raise FieldError(key, f"longer than {MAX_LINE:,} characters")
    if isinstance(value, str) and value.isprintable() and "  " not in value and clean(value) == value:
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError(key, "must be text")
    return " ".join(clean(str(value)).split())


def _date(key: str, value: object) -> date | None:
    text = _line(key, value)
    try:
        return parse_date(text) if text else None
    except (ValueError, OverflowError) as error:
        raise FieldError(key, f"“{text[:40]}” is no date") from error


def _values(key: str, value: object) -> tuple[str, ...]:
    """Return the stated values, each once. An empty list states that there is none, so nothing is detected."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return _parts(_line(key, value))
    return tuple(dict.fromkeys(part for item in value for part in _parts(_line(key, item))))


@lru_cache(maxsize=1 << 12)
def _parts(line: str) -> tuple[str, ...]:
    """Return the values that stand in a line. Remembered, as thousands of records state the same ones."""
    parts = (part.strip() for part in _SEPARATORS.split(line))
    return tuple(dict.fromkeys(part for part in parts if part and part != UNSTATED))


def _url(value: object) -> str:
    """Return the address; none where it is unusable, which costs no article (`url_fault` says why)."""
    return "" if url_fault(value) else _line("url", value)


def url_fault(value: object) -> str:
    """Return why a stated address is left out; empty if it is not. Raises FieldError for what is no line of text."""
    text = _line("url", value)
    if not text or is_web_address(text):
        return ""
    if "@" in text and is_web_address(_USER.sub("//", text, count=1)):
        return "url: holds a user name or password"  # which no report should repeat
    return f"url: “{text[:60]}” is no http(s) address"


def is_web_address(text: str) -> bool:
    """Tell whether a text is safe to link to: http or https, a host, no user name, nothing browsers read otherwise."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_plain = text.isprintable() and set(text).isdisjoint(' \\"<>') and "@" not in parts.netloc
    return is_plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0


def _kind(value: object) -> Kind:
    if value is None or value in ("", "article"):
        return "article"
    if value == "teaser":
        return "teaser"
    raise FieldError("kind", "must be article or teaser")


def _id(value: object) -> str:
    """Return an id that survives in a URL path. Raises FieldError."""
    text = value.strip() if isinstance(value, str) else _line("id", value)
    if not text:
        return ""
    if len(text) > MAX_ID:
        raise FieldError("id", f"longer than {MAX_ID} characters")
    if not _ID.fullmatch(text) and (clean(text) != text or not set(text).isdisjoint("\\\n\t\ufffd")):
        raise FieldError("id", "holds a character that cannot stand in a web address")
    if any(part in ("", ".", "..") for part in text.split("/")):
        raise FieldError("id", "must not start or end with “/” nor hold “//”, “.” or “..” as a part")
    return text
