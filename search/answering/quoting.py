"""The answer on top as a line to read: the very words of the text, a row of a table by its cells behind their heads."""

from __future__ import annotations

import re

from ..model import Answer, Article
from ..retrieval.rows import BETWEEN_CELLS

_SENTENCE = re.compile("[。！？；，]")


def quoted(answer: Answer, article: Article) -> str:
    """Return the words of an answer on one line; those of a row as 三级 · 一年累计 600 元.

    An item of a list is no sentence: it says what the heading above it says of it, 不能报的：洗牙、抛光.
    """
    if not answer.cells:
        is_item = answer.heading and "\n" not in answer.text and not _SENTENCE.search(answer.text)
        return " ".join(f"{answer.heading}：{answer.text}".split() if is_item else answer.text.split())
    said = []
    for number, cell in enumerate(answer.cells):
        heads = [article.text[start:end] for start, end in cell.heads] if number else []
        said.append(" ".join([*heads, article.text[cell.start : cell.end]]))
    return " ".join(BETWEEN_CELLS.join(said).split())
