"""Records, wherever they come from (JSON, a line of JSON, a row of a table): which of their names are which fields.

A record may call its fields as this program does, or by names that are common elsewhere (`content`, 答案); an operator
may say which is which (`Facets.fields`). What was read as what, and what was ignored, is logged once a file.
"""

from __future__ import annotations

import ast
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .dates import parse_date
from .fields import RECORD_KEYS, FieldError, is_field, make_article, url_fault
from .fragment import read_fragment, without_tags

_MOST_NAMES, _LONGEST_NAME = 1000, 40  # of unknown fields that are remembered

ALIASES: Mapping[str, tuple[str, ...]] = {
    "title": (
        *("question", "questions", "subject", "headline", "q", "query", "instruction", "prompt"),
        *("标题", "题目", "问题", "问", "提问", "咨询内容", "题名", "名称"),
    ),
    "text": (
        *(
            "content",
            "answer",
            "answers",
            "a",
            "body",
            "article",
            "full_text",
            "fulltext",
            "output",
            "response",
            "reply",
            "detail",
            "details",
        ),
        *("正文", "内容", "答案", "回答", "解答", "答复", "答复内容", "回复", "答", "全文"),
        *("summary", "abstract", "description", "摘要", "描述"),
    ),
    "date": (
        *("published", "publish_date", "publishdate", "pub_date", "pubdate", "published_at", "publish_time"),
        *(
            "published time",
            "发布日期",
            "发布时间",
            "日期",
            "成文日期",
            "更新日期",
            "created",
            "created time",
            "创建时间",
        ),
        *(
            "release time",
            "release date",
            "publish at",
            "create time",
            "create date",
            "created at",
            "update time",
            "updated at",
        ),
        *("time", "datetime", "timestamp", "时间", "更新时间", "咨询时间", "提问时间", "答复时间", "回复时间"),
    ),
    "source": (
        "publisher",
        "site",
        "sitename",
        "source name",
        "来源",
        "发布机构",
        "发布单位",
        "发文机关",
        "发文单位",
        "答复单位",
        "回复单位",
    ),
    "url": (
        *("link", "href", "url source", "permalink", "address", "detail url", "page url", "source url"),
        *("链接", "网址", "原文链接", "地址"),
    ),
}
"""Field → what else it is called, the likeliest first; names are compared without case and blanks."""

_LIKE = {
    "title": re.compile(
        "(?:咨询|常见|热点|群众|用户|客户|高频|政策|业务|具体|来电|来信|信件|留言|标准)*(?:问题|提问|问句|标准问|咨询|诉求|标题)(?:内容|描述|名称|事项)?"
        "|(?:news|article|info|doc|faq|notice|post|page|qa|standard)(?:title|subject|question)"
    ),
    "text": re.compile(
        "(?:官方|标准|政策|参考|统一|专家|部门|具体|规范|权威|处理)*(?:答案|解答|答复|回复|回答|解释|口径)"
        "(?:内容|口径|意见|情况|要点)?"
        "|(?:news|article|info|doc|faq|notice|post|page|qa)(?:content|body|text|detail|answer)"
        "|(?:content|body)(?:html|text)|html(?:content|body)"
    ),
}
"""Names of columns that no list can hold: 热点咨询问题, 官方标准答复口径."""
_DOUBTFUL_DAYS = frozenset(("time", "datetime", "timestamp", "时间", "updatetime", "更新时间"))
"""Names that hold a day where what they hold is one, and say nothing where it is not (3分钟)."""
_ASKERS, _ANSWERERS = frozenset(("user", "human", "question")), frozenset(("assistant", "gpt", "bot", "chatgpt"))
_ESCAPED = re.compile(r"(?:\\r)?\\n(?![A-Za-z])")
_LIST = 10_000  # characters of a list written as text


def fields_of(names: Iterable[str], facets: Facets = FACETS) -> dict[str, tuple[str, ...]]:
    """Return field → the names, of those that records have, that may hold it: what the operator says, the likeliest."""
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(_key(name), []).append(name)
    fields: dict[str, tuple[str, ...]] = {}
    for key in (*sorted(RECORD_KEYS), *facets.keys):
        labels = (facets[key].label,) if key in facets else ()
        said = facets.fields.names.get(key, ())
        usual: Iterable[str] = (
            name for one in (key, *ALIASES.get(key, ()), *labels) for name in by_key.get(_key(one), ())
        )
        if like := _LIKE.get(key):
            usual = chain(usual, (name for known, found in by_key.items() if like.fullmatch(known) for name in found))
        # A name that the operator says is of one field is of no other.
        likely = (name for name in usual if not facets.fields.knows(name))
        if having := tuple(dict.fromkeys([*(name for one in said for name in by_key.get(_key(one), ())), *likely])):
            fields[key] = having
    return fields


def field_of(name: str, fields: Iterable[str]) -> str:
    """Return which of `fields` a name means; itself in lower case if none."""
    key = _key(name)
    return next(
        (one for one in fields if key == _key(one) or key in map(_key, ALIASES.get(one, ()))), name.strip().lower()
    )


def are_records(names: Iterable[str], facets: Facets = FACETS) -> bool:
    """Tell whether columns of these names hold a record a row: its title (or question) and its text (or answer)."""
    return {"title", "text"} <= fields_of([name for name in names if name], facets).keys()


def _key(name: str) -> str:
    """Return a name as names are compared: pubDate, pub_date and Pub Date are one."""
    return "".join(name.split()).casefold().lstrip("\ufeff").replace("_", "").replace("-", "")


def told(raw: Mapping[str, object]) -> Mapping[str, object]:
    """Return a record that is a conversation (a list of roles and words) as its question and what was answered."""
    for turns in raw.values():
        if not isinstance(turns, list) or not 1 < len(turns) <= _MOST_NAMES:
            continue
        said = [_said(turn) for turn in turns]
        asked = next((at for at, (who, words) in enumerate(said) if who in _ASKERS and words), len(said))
        answers = [words for who, words in said[asked + 1 :] if words and who in _ASKERS | _ANSWERERS]
        if answers:
            return {**raw, "title": said[asked][1], "text": "\n".join(answers)}
    return raw


def _said(turn: object) -> tuple[str, str]:
    """Return who says what in a turn of a conversation; nothing if it is none."""
    if not isinstance(turn, dict):
        return "", ""
    who, words = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
    return (who, words) if isinstance(who, str) and isinstance(words, str) else ("", "")


@dataclass(slots=True)
class Records:
    """Makes articles of the records of a file, and remembers which names it met."""

    path: str
    facets: Facets = FACETS
    understood: Counter[tuple[str, str]] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    _known: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def read(self, raw: Mapping[str, object], number: int) -> Article | Rejection:
        """Return the article of a record, the `number`-th line, row or item of its file; or why it is none."""
        try:
            stated = self._stated(self.facets.fields.renamed(told(raw)))
            if isinstance(title := stated.get("title"), str):
                stated["title"] = without_tags(title)
            text, sections, tables = read_fragment(_text(stated.pop("text", None)), str(stated.get("title", "")))
            if (fault := url_fault(stated.get("url"))) and len(self.addresses) < _MOST_NAMES:
                self.addresses[fault] += 1
            return make_article(self.path, f"{self.path}/{number}", stated, text, sections, self.facets, tables)
        except SourceError as error:
            return Rejection(self.path, error.reason, number)
        except ValueError as error:
            return Rejection(self.path, str(error), number)

    def report(self, log: logging.Logger) -> None:
        """Log once which names were read as fields and which ignored."""
        if self.understood:
            read = ", ".join(f"{name!r} as {key} ({n:,})" for (name, key), n in self.understood.most_common(10))
            log.warning("%s: names that were read as fields: %s", self.path, read)
        if self.ignored:
            names = ", ".join(f"{name!r} ({count:,})" for name, count in self.ignored.most_common(10))
            log.warning("%s: fields that no record has were ignored: %s", self.path, names)
        if self.addresses:
            faults = ", ".join(f"{fault} ({count:,})" for fault, count in self.addresses.most_common(10))
            log.warning("%s: addresses that were left out: %s", self.path, faults)

    def fields(self, names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return `fields_of` the names of a record, which those of most records of a file are."""
        asked = tuple(names)
        found = self._known.get(asked)
        if found is None:
            found = fields_of(asked, self.facets)
            if len(self._known) < _MOST_NAMES:
                self._known[asked] = found
        return found

    def _stated(self, raw: Mapping[str, object]) -> dict[str, object]:
        """Return field → value, of those that say something: empty text says nothing, an empty list says none."""
        fields, names = self.fields(raw), tuple(raw)
        stated: dict[str, object] = {}
        used: set[str] = set()
        for key, candidates in fields.items():
            name = next(
                (name for name in candidates if not _says_nothing(raw[name]) and _fits(name, key, raw[name])), None
            )
            if name is None:
                used.update(candidates)
                if key == "text":
                    stated[key] = raw[candidates[0]]  # so that it is said to hold nothing, not to be missing
                continue
            used.add(name)
            stated[key] = _as_list(raw[name]) if key in self.facets else raw[name]
            if name != key:
                self.understood[name[:_LONGEST_NAME], key] += 1
        for name in names:
            if name not in used and name and len(self.ignored) < _MOST_NAMES and not is_field(name, self.facets):
                self.ignored[name[:_LONGEST_NAME]] += 1
        return stated


def _fits(name: str, key: str, value: object) -> bool:
    """Tell whether a value can be what its name, which may mean something else, says."""
    if key != "date" or _key(name) not in _DOUBTFUL_DAYS:
        return True
    try:
        return bool(parse_date(str(value)))
    except (ValueError, OverflowError):
        return False


def _says_nothing(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(one is None or (isinstance(one, str) and not one.strip()) for one in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _as_list(value: object) -> object:
    """Return a list that was written as text (["a","b"], ['a', 'b']) as a list, other values as they are."""
    text = value.strip() if isinstance(value, str) and len(value) <= _LIST else ""
    if not (text.startswith("[") and text.endswith("]")):
        return value
    for read in (json.loads, ast.literal_eval):
        try:
            found: object = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
    return [part.strip().strip("\"'“”") for part in text[1:-1].split(",")]


def _text(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        value = "\n".join(value)  # its paragraphs
    if not isinstance(value, str):
        raise FieldError("text", "missing" if value is None else "must be text")
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return _ESCAPED.sub("\n", lines) if "\\n" in lines and "\n" not in lines.strip() else lines
