"""Document numbers (文号) such as 粤医保发〔2023〕15号: found in any bracket style, reduced to one key.

The key `DOC粤医保发〔2023〕15号` cannot stand in a folded text by itself, because folded text has no upper-case ASCII.
In running text nothing tells where the prefix begins (根据粤医保发〔2023〕15号), so the index holds a key for every
ending of the characters before the bracket, and the query sheds the words that are not part of a prefix.

Who types a number in part (粤医保发2023, 〔2023〕15号, 粤医保发 15号, 粤医保发) means any that has these parts: a key
may lack its prefix, its year or its ordinal, or both of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Span

DOC_NUMBER_KEY = re.compile(r"DOC([\u4e00-\u9fff]{2,12})〔([12][0-9]{3})〕([0-9]{1,4})号")
DOC_NUMBER_PART = re.compile(r"DOC([\u4e00-\u9fff]{2,12})?〔([12][0-9]{3})?〕([0-9]{1,4})?号")
_SHORTEST, _LONGEST = 2, 12
_TAIL = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[年]? ?([〕\])】〉>﹞]?) ?第?0{0,3}([1-9][0-9]{0,3}) ?号")
_OPENING = frozenset("〔[(【〈<﹝")
_PREFIX = re.compile(r"[\u4e00-\u9fff]{2,}\Z")
_PREFIX_ENDS = frozenset("发办函字规通告令政文")
"""Without brackets, 2023年15号 is a document number only after one of these."""
_PART = re.compile(
    r"(?:(?P<prefix>[\u4e00-\u9fff]{1,40}[发办函字规通告令政文]) ?)?"
    r"(?:(?P<opening>[〔\[(【〈<﹝])? ?(?P<year>(?<![0-9])(?:19|20)[0-9]{2}(?![0-9]))年? ?[〕\])】〉>﹞]? ?)?"
    r"(?:第?0{0,3}(?P<ordinal>(?<![0-9])[1-9][0-9]{0,3}|(?<=0)[1-9][0-9]{0,2}) ?号)?"
)
"""Any part of a number, and what is none: prefixes end so, and nobody tells where they begin."""
_PREFIX_ALONE = re.compile(
    r"(?:医保|医疗|人社|社保|卫|财|政|府|国|民|税|药|局|部|委|办)[\u4e00-\u9fff]{0,3}[发函规字](?![\u4e00-\u9fff])"
)
"""Who issues, and what: without a bracket or an ordinal, other words end as prefixes do (怎么办 2024)."""
_NOT_PREFIX = re.compile(
    r".*(?:根据|依据|按照|关于|查询|查看|查找|搜索|搜|请问|什么是|下载|见|的|和|与|及|了|一下|有没有)"
)


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document number in a folded text. `prefix` holds up to twelve Han characters before the year."""

    prefix: str
    year: str
    ordinal: str
    end_of_prefix: int
    end: int

    @property
    def start(self) -> int:
        """Where the number begins, as a query means it: after the words that belong to no prefix."""
        return self.end_of_prefix - len(self._own_prefix())

    @property
    def key(self) -> str:
        """The key of the number as a query means it."""
        return _key(self._own_prefix(), self.year, self.ordinal)

    def keys(self) -> list[str]:
        """The keys of every ending of the prefix, whole and in part, which is what the index holds."""
        endings = [self.prefix[-length:] for length in range(_SHORTEST, len(self.prefix) + 1)]
        parts = ((self.year, self.ordinal), (self.year, ""), ("", self.ordinal), ("", ""))
        return [_key("", self.year, self.ordinal), *(_key(ending, *part) for part in parts for ending in endings)]

    def carries(self, key: str) -> Span | None:
        """Return where the number stands with the prefix that `key` has, if that denotes it."""
        match = DOC_NUMBER_PART.fullmatch(key)
        if not match:
            return None
        prefix, year, ordinal = match.groups(default="")
        if year not in ("", self.year) or ordinal not in ("", self.ordinal) or not self.prefix.endswith(prefix):
            return None
        return self.end_of_prefix - len(prefix), self.end

    def _own_prefix(self) -> str:
        return _own(self.prefix)


def _own(prefix: str) -> str:
    """Return the characters of a prefix without the words before it that belong to none."""
    shed = _NOT_PREFIX.sub("", prefix)
    return shed if len(shed) >= _SHORTEST else prefix


def _key(prefix: str, year: str, ordinal: str) -> str:
    return f"DOC{prefix}〔{year}〕{ordinal}号"


def parts_of_numbers(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield the keys of document numbers of which a query has only a part, and where that stands.

    Any word may end as a prefix does (怎么发): so nothing may be asked of what no article has as one.
    """
    wholes = [(number.start, number.end) for number in document_numbers(folded)]
    for part in _PART.finditer(folded):
        prefix, opening, year, ordinal = part.group("prefix", "opening", "year", "ordinal")
        start, end = part.start(), part.end()
        if prefix:
            own = _own(prefix)[-_LONGEST:]
            start += len(prefix) - len(own)
            told = bool(opening or ordinal or _PREFIX_ALONE.search(folded, start))
        else:
            own, told = "", bool(opening and year and ordinal)
        if told and not any(start < after and before < end for before, after in wholes):
            yield _key(own, year or "", ordinal or ""), start, len(folded[:end].rstrip(" "))


def document_numbers(folded: str) -> Iterator[DocumentNumber]:
    """Yield the document numbers of a folded text, in order."""
    if "号" not in folded:
        return
    for tail in _TAIL.finditer(folded):
        before = tail.start()
        while before and folded[before - 1] == " ":
            before -= 1
        bracketed = bool(before and folded[before - 1] in _OPENING and tail.group(2))
        if bracketed:
            before -= 1
            while before and folded[before - 1] == " ":
                before -= 1
        prefix = _PREFIX.search(folded, max(0, before - _LONGEST), before)
        if prefix and (bracketed or folded[before - 1] in _PREFIX_ENDS):
            yield DocumentNumber(prefix.group(), tail.group(1), tail.group(3), before, tail.end())
