"""`.md`: the fields of its front matter (`front_matter`), the article below.

The stored text is what a reader sees: the body with its Markdown marks taken out (`**门诊**统筹` is found as 门诊统筹),
list items as `• `, headings as lines of their own; marks that are no Markdown are `markdown_marks`, tags of a page
`fragment`. Lines that were only wrapped are joined. A file without title or heading is titled with its name, if that
says anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import clean, read_document
from .fields import FieldError, dated, is_field, make_article, title_in_name, url_fault
from .fragment import inline, is_fragment, write_fragment
from .front_matter import MAX_FRONT_MATTER, split_front_matter
from .headings import bold_headings, plain_sections
from .markdown_marks import begins_with_tags, without_left_over, without_marks
from .outline import Outline, Written

_log = logging.getLogger(__name__)

MAX_MARKDOWN = 1024 * 1024
"""Characters of a body beyond which the marks stay in: parsing takes seconds and gigabytes."""


def read_markdown(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the one article of a Markdown file."""
    try:
        whole = read_document(stream, path)
        raw, body, first_line = split_front_matter(whole, path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    if not body.strip():
        yield Rejection(path, "text: holds nothing", first_line)
        return
    fields = facets.fields.renamed(raw)
    stated = fields.get("title", "")
    title, (text, sections, tables) = _plain(body, stated if isinstance(stated, str) else "")
    title = title or title_in_name(path, whatever=begins_with_tags(body))
    try:
        article = make_article(path, path, {"title": title, **fields}, text, sections, facets, tables)
        if fault := url_fault(fields.get("url")):
            _log.warning("%s: an address was left out: %s", path, fault)
        yield dated(article, path, text.split("\n"))
    except FieldError as error:
        yield Rejection(path, str(error), _line_of(error.key, whole, facets) or first_line)


def _line_of(key: str, whole: str, facets: Facets) -> int | None:
    names = "|".join(map(re.escape, (key, *facets.fields.names.get(key, ()))))
    found = re.compile(rf"^[ \t]*[\"']?(?:{names})[\"']?[ \t]*:", re.MULTILINE).search(whole, 0, 2 * MAX_FRONT_MATTER)
    return whole.count("\n", 0, found.end()) + 1 if found and is_field(key, facets) else None


def _plain(body: str, title: str) -> tuple[str, Written]:
    """Return the title, and the text with what stands in it.

    A first heading that is (or gives) the title is not repeated in the text.
    """
    if len(body) > MAX_MARKDOWN:
        text = body.strip("\n").rstrip()
        return title, Written(text, plain_sections(text), ())
    body = without_marks(clean(body))
    tokens = _parser(tags=is_fragment(body)).parse(body)
    if len(tokens) > 2 and tokens[0].tag == "h1":
        title = title or _words(tokens[1])
    _bold_to_headings(tokens)
    outline = Outline(" ".join(clean(title).split()))
    _Writer(outline).write(tokens)
    written = outline.finish()
    return title, written._replace(sections=written.sections or plain_sections(written.text, numbered=True))


def _bold_to_headings(tokens: list[Token]) -> None:
    """Make headings of bold paragraphs where none is marked as one, but the title."""
    if any(token.type == "heading_open" for token in tokens[1:]):
        return
    blocks = [at for at, token in enumerate(tokens) if token.nesting >= 0 and token.level == 0]
    inner = [tokens[at + 1] if tokens[at].type == "paragraph_open" else tokens[at] for at in blocks]
    lines = [(token.content.strip("*_ "), _is_bold(token)) for token in inner]
    for at in bold_headings(lines):
        tokens[blocks[at]].type, tokens[blocks[at]].tag = "heading_open", "h2"


def _is_bold(token: Token) -> bool:
    kinds = [child.type for child in token.children or () if child.type != "text" or child.content]
    return len(kinds) > 2 and kinds[0] == "strong_open" and kinds.index("strong_close") == len(kinds) - 1


@cache
def _parser(tags: bool) -> MarkdownIt:
    # `code` off: an indented paragraph is a paragraph. Without `tags`, tags are text.
    return MarkdownIt("commonmark", {"html": tags}).enable(["table", "strikethrough"]).disable("code")


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
            elif token.type == "html_block":
                self._page(token.content)
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

    def _page(self, piece: str) -> None:
        if not (is_fragment(piece) and write_fragment(piece, self._outline)):
            self._outline.block(piece)

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


_WRAPPED = re.compile(r"(?<=[\u3400-\u9fff，、])\n(?=[\u3400-\u9fff“《（])")
_ENDS_PROSE = ("。", "！", "？", "；", "：", "”", "）")


def _words(token: Token) -> str:
    """Return the readable characters of an inline token; lines of prose that break between ideographs are joined."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n" if child.type == "softbreak" else "\r")
        elif child.type == "html_inline":
            parts.append(inline(child.content).replace("\n", "\r"))
        elif child.type == "image":
            parts.append(_words(child))
        else:
            parts.append(without_left_over(child.content) if child.type == "text" else child.content)
    words = "".join(parts)
    if "\n" in words and words.rstrip().endswith(_ENDS_PROSE):
        words = _WRAPPED.sub("", words)
    return words.replace("\r", "\n")
