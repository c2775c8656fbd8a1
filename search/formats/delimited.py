"""`.csv` and `.tsv`: values with commas, tabs, semicolons or vertical bars between them, one row a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from ..errors import SourceError
from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .decoding import MAX_BYTES, read_document
from .records import are_records
from .tables import MAX_CELLS, Sheet, table_records

_DELIMITERS = ",\t;|，"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # one by one: together they are the text once more
_LOOKED_AT = 20  # lines by which the delimiter is told
_TABLE_SHARE = 0.95  # of lines with as many tabs, from which on a text is a table

csv.field_size_limit(MAX_BYTES)


def read_delimited(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield an article a row of a table of questions and answers, or one article with the table."""
    try:
        sheet = _sheet(read_document(stream, path), path)
    except SourceError as error:
        yield Rejection(path, error.reason, error.line)
        return
    yield from table_records([sheet], path, facets=facets)


def table_in(text: str, path: str, facets: Facets = FACETS) -> Sheet | None:
    """Return the table that a text is, whatever it is called; None if it is another text. Raises SourceError.

    Its first line names the columns of records (question, 答案 …), or tabs make as many cells of nearly every line.
    """
    first = text.lstrip().split("\n", 1)[0]
    if any(are_records(first.split(delimiter), facets) for delimiter in "\t,") or _has_tabs(text):
        return _sheet(text, path)
    return None


def _has_tabs(text: str) -> bool:
    widths = [line.count("\t") for line in text.split("\n") if line.strip()]
    widest = max(widths[:_LOOKED_AT], default=0)
    return widest > 0 and len(widths) > 2 and widths.count(widest) >= _TABLE_SHARE * len(widths)


def _sheet(text: str, path: str) -> Sheet:
    rows: dict[int, list[str]] = {}
    cells = 0
    reader = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=_delimiter(text))
    try:
        for number, row in enumerate(reader):
            if any(cell.strip() for cell in row):
                rows[number] = [cell.strip() for cell in row]
                cells += len(row)
            if cells > MAX_CELLS:
                raise SourceError(path, f"more than {MAX_CELLS:,} cells; split it")
    except csv.Error as error:
        raise SourceError(path, f"not a table: {error}", reader.line_num) from error
    return Sheet("", rows)


def _delimiter(text: str) -> str:
    """Return what stands between the values of most of the first lines, equally often in each."""
    lines = [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]

    def fit(delimiter: str) -> tuple[bool, int, int]:
        counts = [line.count(delimiter) for line in lines]
        return counts[0] > 0, sum(count == counts[0] for count in counts), counts[0]

    return max(_DELIMITERS, key=fit) if lines else ","
