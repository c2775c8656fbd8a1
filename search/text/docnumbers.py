"""Document numbers (文号) such as 粤医保发〔2023〕15号: found in any bracket style, reduced to one key.

The key `DOC粤医保发〔2023〕15号` cannot stand in a folded text by itself, because folded text has no upper-case ASCII.
In running text nothing tells where the prefix begins (根据粤医保发〔2023〕15号), so the index holds a key for every
ending of the characters before the bracket, and the query sheds the words that are not part of a prefix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DOC_NUMBER_KEY = re.compile(r"DOC([\u4e00-\u9fff]{2,12})〔([12][0-9]{3})〕([0-9]{1,4})号")
_SHORTEST, _LONGEST = 2, 12
_TAIL = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[年]? ?([〕\])】〉>﹞]?) ?第?0{0,3}([1-9][0-9]{0,3}) ?号")
_OPENING = frozenset("〔[(【〈<﹝")
_PREFIX = re.compile(r"[\u4e00-\u9fff]{2,}\Z")
_PREFIX_ENDS = frozenset("发办函字规通告令政文")
"""Without brackets, 2023年15号 is a document number only after one of these."""
_NOT_PREFIX = re.compile(r".*(?:根据|依据|按照|关于|查询|查看|查找|搜索|搜|请问|什么是|下载|见|的|和|与|及|了)")


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
        return self._key(self._own_prefix())

    def keys(self) -> list[str]:
        """The keys of every ending of the prefix, which is what the index holds."""
        return [self._key(self.prefix[-length:]) for length in range(_SHORTEST, len(self.prefix) + 1)]

    def carries(self, key: str) -> int:
        """Return how many prefix characters `key` has if it denotes this number, else 0."""
        match = DOC_NUMBER_KEY.fullmatch(key)
        if match and (self.year, self.ordinal) == match.group(2, 3) and self.prefix.endswith(match.group(1)):
            return len(match.group(1))
        return 0

    def _own_prefix(self) -> str:
        shed = _NOT_PREFIX.sub("", self.prefix)
        return shed if len(shed) >= _SHORTEST else self.prefix

    def _key(self, prefix: str) -> str:
        return f"DOC{prefix}〔{self.year}〕{self.ordinal}号"


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
