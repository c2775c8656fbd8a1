"""`.md` with YAML front matter: the fields above, the article below.

The stored text is what a reader sees: the body with its Markdown marks taken out (`**门诊**统筹` is found as 门诊统筹),
list items as `• `, headings as lines of their own. HTML in the body is text. Front matter is YAML, but every scalar is
taken as the characters that were typed: `date: 2024-13-45` reaches our own check, and `id: 007` keeps its zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, BinaryIO

import yaml
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import clean, read_document
from .fields import FieldError, is_field, make_article
from .headings import plain_sections
from .outline import Outline, Written

MAX_FRONT_MATTER = 64 * 1024
MAX_MARKDOWN = 1024 * 1024
"""Characters of a body beyond which the marks stay in: parsing takes seconds and gigabytes."""

_NOTHING = ("", "~", "null", "Null", "NULL")


class _PlainLoader(yaml.BaseLoader):
    """YAML without types and without aliases, so that a small file cannot become a large value."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is None or name in seen:
                problem = "a field needs a name" if name is None else "a field is stated twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


class _FrontMatter(YAMLHandler):
    def load(self, fm: str, **kwargs: object) -> Any:
        return yaml.load(fm, Loader=_PlainLoader)  # a BaseLoader builds text, lists and mappings only


def read_markdown(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the one article of a Markdown file."""
    try:
        whole = read_document(stream, path)
        raw, body, first_line = _split(whole, path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    if not body.strip():
        yield Rejection(path, "text: holds nothing", first_line)
        return
    stated = raw.get("title", "")
    title, (text, sections, tables) = _plain(body, stated if isinstance(stated, str) else "")
    try:
        yield make_article(path, path, {"title": title, **raw}, text, sections, facets, tables)
    except FieldError as error:
        yield Rejection(path, str(error), _line_of(error.key, whole, facets) or first_line)


def _split(whole: str, path: str) -> tuple[dict[str, object], str, int]:
    """Return the stated fields, the body, and the line it begins at. Raises SourceError."""
    handler = _FrontMatter()
    whole = whole.lstrip()
    if not handler.detect(whole):
        return {}, whole, 1
    try:
        front, body = handler.split(whole)
    except ValueError as error:
        raise SourceError(path, "front matter: the closing --- is missing", 1) from error
    if len(front) > MAX_FRONT_MATTER:
        raise SourceError(path, f"front matter: longer than {MAX_FRONT_MATTER:,} characters", 1)
    before = whole.find(front) if front.strip() else 0
    first = whole.count("\n", 0, before) + 1
    try:
        raw = handler.load(front)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first + mark.line if mark else first
        raise SourceError(path, f"front matter is not YAML: {error.problem or error.context}", line) from error
    except RecursionError as error:
        raise SourceError(path, "front matter: nested too deeply", first) from error
    except yaml.YAMLError as error:
        raise SourceError(path, f"front matter is not YAML: {type(error).__name__}", first) from error
    if raw in _NOTHING or raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        blank = len(front) - len(front.lstrip("\n"))
        raise SourceError(path, "front matter: fields are needed (title: …)", first + blank)
    fields = {str(key): value for key, value in raw.items() if not _is_nothing(value)}
    return fields, body, first + front.count("\n") + 1


def _is_nothing(value: object) -> bool:
    return isinstance(value, str) and value in _NOTHING


def _line_of(key: str, whole: str, facets: Facets) -> int | None:
    found = re.compile(rf"^[ \t]*[\"']?{key}[\"']?[ \t]*:", re.MULTILINE).search(whole, 0, 2 * MAX_FRONT_MATTER)
    return whole.count("\n", 0, found.end()) + 1 if found and is_field(key, facets) else None


def _plain(body: str, title: str) -> tuple[str, Written]:
    """Return the title, and the text with what stands in it.

    A first heading that is (or gives) the title is not repeated in the text.
    """
    if len(body) > MAX_MARKDOWN:
        text = body.strip("\n").rstrip()
        return title, Written(text, plain_sections(text), ())
    tokens = _parser().parse(clean(body))
    if len(tokens) > 2 and tokens[0].tag == "h1":
        title = title or _words(tokens[1])
    outline = Outline(" ".join(clean(title).split()))
    _Writer(outline).write(tokens)
    return title, outline.finish()


@cache
def _parser() -> MarkdownIt:
    # `code` off: an indented paragraph is a paragraph. `html` off: tags are text.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("code")


class _Writer:
    """Turns the parser's flat list of tokens into an outline."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lists: list[int | None] = []  # for each open list the next number, None for bullets
        self._mark = ""  # what the next line begins with, if it is the first of a list item
        self._heading = 0
        self._rows: list[list[str]] = []
        self._header = 0
        self._in_table = False

    def write(self, tokens: list[Token]) -> None:
        for token in tokens:
            if token.type == "inline":
                self._inline(_words(token))
            elif token.type == "fence":
                self._outline.block(token.content)
            elif token.tag in ("ul", "ol"):
                self._list(token)
            elif token.type == "list_item_open":
                number = self._lists[-1]
                self._mark = "• " if number is None else f"{number}. "
                self._lists[-1] = None if number is None else number + 1
            elif token.type == "heading_open":
                self._heading = int(token.tag[1:])
            elif token.type == "table_open":
                self._in_table, self._rows, self._header = True, [], 0
            elif token.type == "tr_open":
                self._rows.append([])
            elif token.type == "thead_close":
                self._header = len(self._rows)
            elif token.type == "table_close":
                self._outline.table(self._rows, self._header)
                self._in_table = False

    def _list(self, token: Token) -> None:
        if token.nesting < 0:
            self._lists.pop()
        else:
            self._lists.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)

    def _inline(self, words: str) -> None:
        if self._in_table:
            self._rows[-1].append(words)
        elif self._lists:
            hanging = "  " * len(self._lists)
            self._outline.block(hanging + (self._mark or "  ") + words.replace("\n", f"\n{hanging}  "), "list")
        elif self._heading:
            self._outline.heading(self._heading, words)
        else:
            self._outline.block(words)
        self._mark, self._heading = "", 0


def _words(token: Token) -> str:
    """Return the readable characters of an inline token."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(_words(child))
        else:
            parts.append(child.content)
    return "".join(parts)
