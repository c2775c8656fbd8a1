"""为什么排在这里: what made a result stand where it does, in one line of plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from search import Article, Contribution, Facets

from .wording import say

LEAST = 0.03
"""Share of the score from which on a part is worth a word."""
WORDS = 5
"""Words that share a reason."""
_REASONS = {
    "bigrams": "why-alike",
    "text": "why-alike",
    "title": "why-title-alike",
    "named": "why-named",
    "cited": "why-cited",
    "kind": "why-whole",
    "other insurance": "why-no-other-insurance",
}
_PLACES = {"no place": "why-anywhere", "no other place": "why-no-other-place"}
Reason = tuple[str, str]
"""A code of `wording`, and what it names; or no code and the words themselves."""


def why_line(parts: Sequence[Contribution], article: Article, facets: Facets) -> str:
    """Return the reasons for a score, the weightiest first; empty if there are none.

    Words with the same reason share it: 标题有“黑河”“补牙”. A word speaks for the pairs of characters inside it.
    """
    total = sum(part.score for part in parts)
    sums: dict[Reason, float] = {}
    about: dict[Reason, list[str]] = {}
    for reason, what, score in _reasons(parts, article, facets):
        sums[reason] = sums.get(reason, 0.0) + score
        if what not in about.setdefault(reason, []):
            about[reason].append(what)
    weighty = sorted((reason for reason in sums if sums[reason] >= LEAST * total), key=lambda reason: -sums[reason])
    return "，".join(_said(reason, about[reason]) for reason in weighty) if total > 0 else ""


def _said(reason: Reason, about: Sequence[str]) -> str:
    code, named = reason
    return say(code, named=named, words="".join(about[:WORDS])) if code else named


def _plain(word: str) -> str:
    """Return the key of a number or document number as a reader writes it."""
    return re.sub("^(?:DOC|NUM)", "", word).replace("〔〕", "")


def _reasons(parts: Sequence[Contribution], article: Article, facets: Facets) -> Iterator[tuple[Reason, str, float]]:
    """Yield of each part the reason, the word it speaks of, and the score."""
    words = [part.what for part in parts if part.where == "words"]
    for part in parts:
        word = next((word for word in words if part.what in word), "") if part.where in ("words", "bigrams") else ""
        if word:
            yield (
                ("why-word-in-title" if word in article.title else "why-word-in-text", ""),
                f"“{_plain(word)}”",
                part.score,
            )
        elif part.where in facets:
            named = "、".join(facets.label(part.where, value) for value in part.what.split("、"))
            yield ("why-facet", named), "", part.score
        else:
            code = _PLACES.get(part.what, "") if part.where == "other place" else _REASONS.get(part.where, "")
            yield (code, "" if code else part.what), "", part.score
