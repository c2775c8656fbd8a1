"""`.txt`: saved pages of a question-and-answer site, and plain text.

A saved page is one full article (its first line the title), a notice that it replaces no doctor, and under 相关推荐 one
entry a related article: title, the beginning of its text, and a line `source date`. Each entry becomes a teaser. The
page states no date of its own, so the article has none. A table of questions and answers is an article a row. Any other
text is one article: an official notice (`official`), or one whose first line is its title. Lines that were only wrapped
are joined; the marks of pages are left out, and where nothing else stands the file is a scan without text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .above import Above, is_label
from .dates import is_day
from .decoding import read_document
from .delimited import table_in
from .fields import FieldError, dated, make_article, title_in_name
from .headings import plain_sections
from .official import official
from .tables import table_records
from .text_lines import (
    closed_up,
    is_robots,
    question_rows,
    stated_source,
    unwrapped,
    without_page_marks,
    without_way,
)

_RELATED = "相关推荐"
_ENTRY_END = re.compile(r"(?P<source>[^\s。，,；;：:]{1,20})\s+(?P<date>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)$")
_NOTICE = re.compile(r"提示\s*[:：]\s*本(?:内容|文|页)\S{0,6}不能(?:代替|替代)")
_NAVIGATION = frozenset(
    ("首页", "顶部", "返回", "返回顶部", "回到顶部", "大家都在搜", "上一页", "下一页", "更多", "查看更多", "展开全部")
)
_CLAUSES = re.compile("[，。；！？：]")
_LONGEST_TITLE = 100
_MOST_CELLS = 20_000
"""Cells of a table that is still something to read."""

Line = tuple[int, str]
"""Line number from 1, and the line."""


def read_text(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the article of a text file and, if it is a saved page, its teasers; of a table, what its rows hold.

    Only a table can state facets.
    """
    try:
        text = read_document(stream, path)
        table = table_in(text, path, facets)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    if table:
        yield from table_records([table], path, facets=facets, most_cells=_MOST_CELLS)
        return
    lines = text.split("\n")
    related = _related_line(lines)
    if related is None:
        yield from _plain(path, lines)
        return
    yield _article(path, lines[:related], saved_page=True)
    yield from _teasers(path, list(enumerate(lines[related + 1 :], related + 2)))


def _related_line(lines: list[str]) -> int | None:
    """Return the index of the last heading of related articles that has entries below it; None if there is none."""
    dated = False
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if line == _RELATED and dated:
            return index
        dated = dated or bool(_ENTRY_END.match(line))
    return None


def _plain(path: str, lines: list[str]) -> Iterator[Article | Rejection]:
    """Yield what a text is that is no saved page."""
    rows, lines_above = question_rows(lines, is_label)
    if rows:
        above = Above(path, lines_above)
        for count, row in enumerate(rows, 1):
            answer = _answer(path, count, *row)
            yield above.holds_for(answer) if isinstance(answer, Article) else answer
        yield from above.left_out()
        return
    kept = unwrapped(closed_up(without_way(without_page_marks(lines))))
    if not any(any(map(str.isalnum, line)) for line in kept):
        yield Rejection(path, "no text in the file (scanned?)")
    elif is_robots(kept):
        yield Rejection(path, "no article: rules for crawlers (robots.txt)")
    else:
        found = _notice(path, kept) or _labelled(path, kept) or _article(path, kept, saved_page=False)
        yield dated(found, path, kept) if isinstance(found, Article) else found


def _answer(path: str, count: int, number: int, question: str, answer: str) -> Article | Rejection:
    try:
        return make_article(path, f"{path}/{count}", {"title": question}, answer)
    except FieldError as error:
        return Rejection(path, str(error), number)


def _notice(path: str, lines: list[str]) -> Article | Rejection | None:
    """Return the article of a text in the official layout; None if it is in none."""
    found = official(lines)
    if not found:
        return None
    text = "\n".join(line for at, line in enumerate(lines) if at not in found.title_at).strip("\n").rstrip()
    raw = {"title": found.title, "source": found.issuer}
    try:
        article = make_article(path, path, raw, text, plain_sections(text, numbered=True))
    except FieldError as error:
        return Rejection(path, str(error), 1)
    return dated(article, path, lines, found.day)


def _labelled(path: str, lines: list[str]) -> Article | Rejection | None:
    """Return the article of a text whose first lines state its fields (标题：… 来源：…); None if they do not."""
    # It imports YAML, which takes longer than a search, and only a reindex needs it.
    from .front_matter import labelled_fields

    fields, body, _ = labelled_fields("\n".join(lines))
    if "title" not in fields or not body.strip():
        return None
    if "date" in fields and is_day(str(fields["date"])) is None:
        del fields["date"]  # nobody wrote front matter: `dated` asks the lines
    text = body.strip("\n").rstrip()
    try:
        return make_article(path, path, fields, text, plain_sections(text, str(fields["title"])))
    except FieldError as error:
        return Rejection(path, str(error), 1)


def _article(path: str, lines: list[str], saved_page: bool) -> Article | Rejection:
    number = next(i for i, line in enumerate(lines) if line.strip()) if any(map(str.strip, lines)) else 0
    title = lines[number].strip() if lines else ""
    body = lines[number + 1 :]
    alone = not saved_page and not any(map(str.strip, body)) and _CLAUSES.search(title)
    if len(title) > _LONGEST_TITLE or alone:  # a paragraph, not a title: the article is titled with its opening
        title, body = title_in_name(path), lines[number:]
    if saved_page:
        notice = next((i for i, line in enumerate(body) if _NOTICE.match(line.strip())), len(body))
        body = [line for i, line in enumerate(body) if i < notice or not _is_furniture(line.strip())]
    text = "\n".join(body).strip("\n").rstrip()
    try:
        source = "" if saved_page else stated_source(lines)
        fields = {"title": title, "source": source}
        return make_article(path, path, fields, text, plain_sections(text, title, questions=saved_page))
    except FieldError as error:
        return Rejection(path, str(error), number + 1)


def _is_furniture(line: str) -> bool:
    """Tell whether a line belongs to the page around the article: the notice, and words of navigation."""
    return bool(_NOTICE.match(line)) or all(word in _NAVIGATION for word in line.split())


def _teasers(path: str, lines: list[Line]) -> Iterator[Article | Rejection]:
    entry: list[Line] = []
    caption = ""
    count = 0
    for number, raw in lines:
        line = raw.strip()
        if not line or (not entry and line == caption):  # the entry's picture repeats its title after the date
            caption = caption if line else ""
            continue
        end = _ENTRY_END.match(line)
        if not end:
            entry.append((number, line))
            continue
        count += 1
        yield _teaser(path, count, entry, end.groupdict(), number)
        caption, entry = (entry[0][1] if entry else ""), []
    rest = [(number, line) for number, line in entry if not _is_furniture(line)]
    if rest:
        yield Rejection(path, "an entry of 相关推荐 without its line “source date”", rest[0][0])


def _teaser(path: str, count: int, entry: list[Line], end: dict[str, str], number: int) -> Article | Rejection:
    if not entry:
        return Rejection(path, "an entry of 相关推荐 with neither title nor text", number)
    (first, title), *rest = entry
    text = "\n".join(line for _, line in rest)
    try:
        return make_article(path, f"{path}/{count}", {"kind": "teaser", "title": title, **end}, text)
    except FieldError as error:
        return Rejection(path, str(error), number if error.key == "date" else first)
