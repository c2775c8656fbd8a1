"""Which works a text cites, and which work a title names: Chinese sets titles in book-title marks, 《…》.

A *work* is what is cited by one name, be it one article (《异地就医备案指南》) or many (《社会保险法》 for 社会保险法第
二十三条). Names are compared without what varies from mention to mention: 中华人民共和国 in front, a note in brackets
behind (（试行）, （2018年修订）), inner marks (《关于印发〈…〉的通知》).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import fold

_CITED = re.compile(r"《([^《》\n]{2,80})》")
_PART = re.compile(r"第[0-9〇零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?$")
_MARKS = re.compile(r"[\s《》〈〉<>]")
_STATE = "中华人民共和国"


def work(folded: str) -> str:
    """Return the name under which what bears a folded title is cited; "" for nothing but a note or a number."""
    name = _MARKS.sub("", folded)
    return _without_notes(_PART.sub("", name)).removeprefix(_STATE)


def _without_notes(name: str) -> str:
    """Return a name without the notes in brackets at its end. (As a pattern it would take quadratic time.)"""
    end = len(name)
    while name.endswith(")", 0, end) and (start := name.rfind("(", 0, end)) >= 0 and name.find(")", start) == end - 1:
        end = start
    return name[:end]


def cited_works(text: str) -> Iterator[str]:
    """Yield the names of the works that a text cites, as `work` gives them, one for each mention."""
    if "《" in text:
        yield from filter(None, (work(fold(name)) for name in _CITED.findall(text)))
