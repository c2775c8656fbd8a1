"""What stands before the text of a Markdown file and states fields: front matter and its relatives.

YAML between `---` (also without the opening line), TOML between `+++`, a JSON object (Hugo), lines `Title: …` as
exporters write them (Jina, Notion).
Every scalar is taken as the characters that were typed: `date: 2024-13-45` reaches our own
check, and `id: 007` keeps its zeros. Where YAML fails on a value such as `问答: 怎么报` or `[通知] …`, lines are read
literally. Names of fields may be in capitals, and have the common aliases of other programs.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from frontmatter.default_handlers import YAMLHandler
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import BaseConstructor
from yaml.resolver import BaseResolver

from ..errors import SourceError
from .dates import parse_date
from .fields import url_fault
from .records import field_of

MAX_FRONT_MATTER = 64 * 1024
_NOTHING = ("", "~", "null", "Null", "NULL")
_LINE_FIELDS = ("title", "source", "url", "date", "id", "kind")
_IGNORED = frozenset(
    (
        *("tags", "tag", "标签", "categories", "category", "分类", "author", "authors", "作者", "updated", "layout"),
        *("last edited time", "last edited", "status", "状态", "description", "warning", "number of pages"),
    )
)
_MARKS_END = ("markdown content",)
_FIELD_LINE = re.compile(r"(?P<name>[A-Za-z_\u4e00-\u9fff][\w \u4e00-\u9fff-]{0,29}?)[ \t]*[:：][ \t]*(?P<value>.*)")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.*)")
_MOST_LINES = 40


class Front(NamedTuple):
    """The stated fields, the body, and the line it begins at (from 1)."""

    fields: dict[str, object]
    body: str
    line: int


class _PlainLoader(Composer, CParser, BaseConstructor, BaseResolver):
    """YAML without types and without aliases, so that a small file cannot become a large value.

    libyaml parses, an eighth of the time of the parser in Python; what it finds is composed here, in Python, where an
    alias is seen and depth is an error instead of the end of the process.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        BaseConstructor.__init__(self)
        BaseResolver.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.get_event()
            raise _NotAllowed(problem="aliases are not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or name in seen:
                problem = "a field needs a name" if name is None else "a field is stated twice"
                raise _NotAllowed(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


class _NotAllowed(yaml.MarkedYAMLError):
    """What is YAML, but not for us: not to be read in another way."""


class _FrontMatter(YAMLHandler):
    def load(self, fm: str, **kwargs: object) -> Any:
        loader = _PlainLoader(fm)
        try:
            return loader.get_single_data()  # of a BaseConstructor: text, lists and mappings only
        finally:
            loader.dispose()


def split_front_matter(whole: str, path: str) -> Front:
    """Return what a Markdown file states before its text. Raises SourceError."""
    stripped = whole.lstrip()
    if stripped.startswith("+++\n"):
        return _toml(stripped, path)
    if stripped.startswith("{\n") or stripped.startswith('{"'):
        return _json(stripped)
    if _FrontMatter().detect(stripped):
        return _yaml(stripped, path)
    if (opened := _without_opening(stripped)) is not None:
        return _yaml(f"---\n{opened}", path)
    return labelled_fields(whole)


def _yaml(whole: str, path: str) -> Front:
    handler = _FrontMatter()
    try:
        front, body = handler.split(whole)
    except ValueError as error:
        raise SourceError(path, "front matter: the closing --- is missing", 1) from error
    _check_size(front, path)
    before = whole.find(front) if front.strip() else 0
    first = whole.count("\n", 0, before) + 1
    try:
        raw = handler.load(front)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raw = None if isinstance(error, _NotAllowed) else _literal(front)
        if raw is None:
            line = first + mark.line if mark else first
            problem = error.problem or error.context
            raise SourceError(path, f"front matter is not YAML: {problem}", line) from error
    except RecursionError as error:
        raise SourceError(path, "front matter: nested too deeply", first) from error
    except yaml.YAMLError as error:
        raw = _literal(front)
        if raw is None:
            raise SourceError(path, f"front matter is not YAML: {type(error).__name__}", first) from error
    if raw in _NOTHING or raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        blank = len(front) - len(front.lstrip("\n"))
        raise SourceError(path, "front matter: fields are needed (title: …)", first + blank)
    return Front(_named(_as_typed(raw, front)), body, first + front.count("\n") + 1)


def _check_size(front: str, path: str) -> None:
    if len(front) > MAX_FRONT_MATTER:
        raise SourceError(path, f"front matter: longer than {MAX_FRONT_MATTER:,} characters", 1)


def _as_typed(raw: Mapping[Any, Any], front: str) -> dict[str, object]:
    """Return the fields, those that are one line as their line was typed where YAML makes a list of it ([x])."""
    lists = [
        str(key) for key, value in raw.items() if isinstance(value, list) and str(key).lower() in ("title", "source")
    ]
    literal = (_literal(front) or {}) if lists else {}
    return {str(key): literal.get(str(key), value) if str(key) in lists else value for key, value in raw.items()}


def _literal(front: str) -> dict[str, object] | None:
    """Return the fields of front matter line by line, values as typed without quotes around them.

    None if its day can only be understood by YAML, or is none: then the fault is to be told.
    """
    fields: dict[str, object] = {}
    name = ""
    for line in front.split("\n"):
        found = _FIELD_LINE.fullmatch(line.rstrip())
        if found:
            name = found["name"]
            value = _unquoted(found["value"].strip())
            is_line = _field(name) in _LINE_FIELDS
            fields[name] = value if is_line or not value.startswith("[") else _items(value)
        elif (item := _ITEM.fullmatch(line)) and name:
            before = fields.get(name)
            fields[name] = [*(before if isinstance(before, list) else []), _unquoted(item["value"].strip())]
    stated = next((value for key, value in fields.items() if _field(key) == "date" and value), None)
    try:
        if stated is not None:
            parse_date(str(stated))
    except (ValueError, OverflowError):
        return None
    return fields or None


def _items(value: str) -> list[str]:
    return [_unquoted(part.strip()) for part in value.strip("[]").split(",") if part.strip()]


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _toml(whole: str, path: str) -> Front:
    front, closing, body = whole[4:].partition("\n+++")
    if not closing:
        raise SourceError(path, "front matter: the closing +++ is missing", 1)
    _check_size(front, path)
    try:
        raw = tomllib.loads(front)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(path, f"front matter is not TOML: {error}", 1) from error
    return Front(_named({key: _plain(value) for key, value in raw.items()}), body.lstrip("+"), front.count("\n") + 3)


def _json(whole: str) -> Front:
    """Return JSON front matter and what follows it; what is no JSON object is text."""
    try:
        raw, end = json.JSONDecoder().raw_decode(whole[:MAX_FRONT_MATTER])
    except (ValueError, RecursionError):
        return Front({}, whole, 1)
    fields = _named({str(key): _plain(value) for key, value in raw.items()})
    if "title" not in fields and "date" not in fields:
        return Front({}, whole, 1)
    return Front(fields, whole[end:], whole.count("\n", 0, end) + 1)


def _plain(value: object) -> object:
    """Return a value of TOML or JSON as what front matter holds: text, or a list of it."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | Mapping) or value is None else str(value)


def _without_opening(whole: str) -> str | None:
    """Return a file that lacks the first --- of its front matter: known fields from the first line on, then ---."""
    lines = whole.split("\n", _MOST_LINES)[:_MOST_LINES]
    end = next((at for at, line in enumerate(lines) if line.strip() == "---"), 0)
    names = [found["name"] for line in lines[:end] if (found := _FIELD_LINE.fullmatch(line.rstrip()))]
    is_front = (
        len(names) >= 2 and all(line.strip() for line in lines[:end]) and _field(names[0]) in (*_LINE_FIELDS, *_IGNORED)
    )
    return whole if is_front and any(_field(name) == "title" for name in names) else None


def labelled_fields(whole: str) -> Front:
    """Return the fields that lines `Name: value` state at the top of a text, below its heading if it has one.

    They are fields only where every line up to the text is one that is known, and there are two of them.
    """
    lines = whole.split("\n", _MOST_LINES)
    heading = next((at for at, line in enumerate(lines) if line.strip()), 0)
    start = heading + 1 if lines[heading].startswith("# ") else heading
    fields: dict[str, object] = {}
    at = end = start
    for at, line in enumerate(lines[start:-1] if len(lines) > _MOST_LINES else lines[start:], start):
        found = _FIELD_LINE.fullmatch(line.strip())
        if not line.strip():
            continue
        if not found or not _is_known(found["name"]) or _is_street(found["name"], found["value"]):
            break
        end = at + 1
        if _field(found["name"]) in _MARKS_END:
            break
        if found["value"]:
            fields.setdefault(found["name"], found["value"].strip())
    if len(fields) < 2 or not any(_field(name) in ("title", "date", "url") for name in fields):
        return Front({}, whole, 1)
    return Front(_named(fields), "\n".join([*lines[heading:start], *lines[end:]]), end + 1 if start == heading else 1)


def _is_street(name: str, value: str) -> bool:
    return _field(name) == "url" and bool(url_fault(value.strip()))


def _is_known(name: str) -> bool:
    return _field(name) in (*_LINE_FIELDS, *_MARKS_END) or name.lower() in _IGNORED


@lru_cache(maxsize=1 << 10)
def _field(name: str) -> str:
    """Return our name of a field; one that is stated under its own name wins."""
    return field_of(name, _LINE_FIELDS)


def _named(fields: Mapping[str, object]) -> dict[str, object]:
    """Return fields under our names, without those that hold nothing."""
    named: dict[str, object] = {}
    for key, value in fields.items():
        if (isinstance(value, str) and value in _NOTHING) or value is None:
            continue
        own = _field(key)
        if own == "url" and own != key and url_fault(value):
            own = key  # 地址: a street
        if own == key or (own not in named and own not in fields):
            named[own] = value
    return named
