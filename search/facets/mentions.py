"""Where an article names the values of a rule file: what its title asks about, and how often its opening says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from ..model import Evidence
from .folded_article import FoldedArticle
from .rule_file import Entry

MENTIONS = 2
"""How often the opening must name what the title does not; once is a mention."""

_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,2}、|(?<!\d)\d{1,2}[.、] ?|[#•] ?)[^,，。:：;；、]{0,6}$")
"""A list number or heading mark before a name: then it heads a part of the text, which is more than a mention."""

Where = Literal["title", "text"]


def in_title(masked: str, entries: Sequence[Entry]) -> dict[str, tuple[int, int]]:
    """Value → span of what the title says, without values that another found value covers."""
    spans: dict[str, tuple[int, int]] = {}
    for entry in entries:
        match = entry.title.search(masked) if entry.title else None
        if match and not entry.is_barred(masked):
            spans[entry.value] = match.span()
    if len(spans) < 2:
        return spans
    covered = {
        entry.value
        for entry in entries
        if entry.yields_to & spans.keys() and not (entry.insists and entry.insists.search(masked))
    }
    return {value: span for value, span in spans.items() if value not in covered}


def counted(article: FoldedArticle, entries: Iterable[Entry]) -> Mapping[str, tuple[int, tuple[int, int]]]:
    """Value → how often opening and headings name it (a heading counts as two mentions), and where first."""
    found: dict[str, tuple[int, tuple[int, int]]] = {}
    for entry in entries:
        spans = list(_mentions(article, entry.body)) if entry.body and not entry.is_barred(article.masked) else []
        if spans:
            found[entry.value] = (sum(weight for weight, _ in spans), spans[0][1])
    return found


def _mentions(article: FoldedArticle, pattern: re.Pattern[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    for match in pattern.finditer(article.opening):
        heads = _HEADING.search(article.opening, max(0, match.start() - 10), match.start())
        yield MENTIONS if heads else 1, match.span()
    for heading, start, end in article.headings:
        if start >= len(article.opening) and pattern.search(heading):
            yield MENTIONS, (start, end)


def told(facet: str, value: str, where: Where, span: tuple[int, int]) -> Evidence:
    """Return the evidence of a value that title or text names there."""
    rule = "asked in the title" if where == "title" else "named repeatedly in the opening or in headings"
    return Evidence(facet, value, rule, where, *span)
