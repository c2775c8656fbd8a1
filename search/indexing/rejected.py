"""Rejections by what they are: the type of the file, and the reason without what differs from file to file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from ..formats import READERS
from ..model import Rejection

_EXAMPLES = 3
_LONGEST_REASON = 200
_QUOTED = re.compile(r"“[^”]*”|'[^']*'|\"[^\"]*\"|‘[^’]*’")
_NUMBER = re.compile(r"(?<![\w.-])\d[\d,.]*(?<![,.])")
_PATHS = (
    (re.compile(r"(is taken by an article of ).*", re.DOTALL), r"\1…"),
    (re.compile(r"(the same as ).*(, which is read already)", re.DOTALL), r"\1…\2"),
    (re.compile(r"(not read in the archive: ).*", re.DOTALL), r"\1…"),
)
_MEMBER = re.compile(r"[^:]*\.\w{1,8}(?::\d+)?: ", re.DOTALL)
"""What stands before the reason for a file in an archive."""


@dataclass(frozen=True, slots=True)
class RejectedKind:
    """Rejections of one file type (`.pdf`, "" without suffix) for one reason: how many, and the first of them."""

    type: str
    reason: str
    count: int
    examples: tuple[Rejection, ...]


def rejected_kinds(rejections: Iterable[Rejection]) -> tuple[RejectedKind, ...]:
    """Return the kinds of `rejections`, the largest first."""
    found: defaultdict[tuple[str, str], list[Rejection]] = defaultdict(list)
    for rejection in rejections:
        found[_type(rejection.path), _reason(rejection)].append(rejection)
    kinds = [
        RejectedKind(suffix, reason, len(alike), tuple(alike[:_EXAMPLES])) for (suffix, reason), alike in found.items()
    ]
    return tuple(sorted(kinds, key=lambda kind: (-kind.count, kind.type, kind.reason)))


def _type(path: str) -> str:
    lower = path.lower()
    known = [suffix for suffix in READERS if lower.endswith(suffix)]
    return max(known, key=len) if known else PurePath(lower).suffix


def _reason(rejection: Rejection) -> str:
    reason = rejection.reason
    if _type(rejection.path) == ".zip" and (member := _MEMBER.match(reason)):
        reason = reason[member.end() :]
    for pattern, kept in _PATHS:
        reason = pattern.sub(kept, reason)
    return _NUMBER.sub("…", _QUOTED.sub("“…”", reason))[:_LONGEST_REASON]
