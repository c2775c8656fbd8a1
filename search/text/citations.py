"""Which works a text cites, and which work a title or a query names: Chinese sets titles in book-title marks, 《…》.

A *work* is what is cited by one name, be it one article (《异地就医备案指南》) or many (《社会保险法》 for 社会保险法第
二十三条). Names are compared without what varies from mention to mention: who issued it (中华人民共和国, 国家医保局
关于), that it was issued (印发…的通知), that it is on trial (暂行, （试行）), a note in brackets behind
(（2018年修订）), punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import fold

_CITED = re.compile(r"《([^《》\n]{2,80})》")
_PART = re.compile(r"第[0-9〇零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?$")
_MARKS = re.compile(r"[\s《》〈〉<>「」『』“”\"'。！？!?，,、；;：:·…]")
_STATE = "中华人民共和国"
_ISSUER = re.compile(r"^(?:.{0,60}(?:[局部委会厅院办省市区县]|政府|总署|中心|公室|银行))?关于(?=.{4})")
_ISSUED = re.compile(r"^(?:印发|转发|发布|公布|颁布|颁发|下发)(?=.{4})")
_NOTICE = re.compile(r"(?<=.{4})的(?:通知|公告|通告|通报|决定|意见|函|批复|复函|实施意见|指导意见)$")
_ON_TRIAL = re.compile(r"(?<=.{4})(?:试行|暂行)$|(?:试行|暂行)(?=(?:办法|规定|条例|规则|细则|标准|意见|方案)$)")


def work(folded: str) -> str:
    """Return the name under which what bears a folded title is cited; "" for nothing but a note or a number."""
    name = _without_notes(_PART.sub("", _MARKS.sub("", folded)))
    name = _without_notes(_NOTICE.sub("", _ISSUED.sub("", _ISSUER.sub("", name))))
    return _ON_TRIAL.sub("", name).removeprefix(_STATE)


def _without_notes(name: str) -> str:
    """Return a name without the notes in brackets at its end. (As a pattern it would take quadratic time.)"""
    end = len(name)
    while name.endswith(")", 0, end) and (start := name.rfind("(", 0, end)) >= 0 and name.find(")", start) == end - 1:
        end = start
    return name[:end]


def named_works(folded: str) -> set[str]:
    """Return the names of the works that a folded query asks for: those in book-title marks, else what it is whole."""
    return {name for name in (work(folded), *(work(name) for name in _CITED.findall(folded))) if name}


def cited_works(text: str) -> Iterator[str]:
    """Yield the names of the works that a text cites, as `work` gives them, one for each mention."""
    if "《" in text:
        yield from filter(None, (work(fold(name)) for name in _CITED.findall(text)))
