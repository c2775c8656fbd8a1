"""为什么排在这里: what made a result stand where it does, in one line of plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search import Article, Contribution, Facets

LEAST = 0.03
"""Share of the score from which on a part is worth a word."""
WORDS = 5
"""Words that share a reason."""
_REASONS = {
    "bigrams": "字句与问题相近",
    "text": "字句与问题相近",
    "title": "标题与问题相近",
    "cited": "别的文章引用它",
    "kind": "是全文",
    "other insurance": "不涉及别的险种",
}
_PLACES = {"no place": "各地通用", "no other place": "不涉及别处"}


def why_line(parts: Sequence[Contribution], article: Article, facets: Facets) -> str:
    """Return the reasons for a score, the weightiest first; empty if there are none.

    Words with the same reason share it: 标题有“黑河”“补牙”. A word speaks for the pairs of characters inside it.
    """
    total = sum(part.score for part in parts)
    sums: dict[str, float] = {}
    about: dict[str, list[str]] = {}
    for reason, what, score in _reasons(parts, article, facets):
        sums[reason] = sums.get(reason, 0.0) + score
        if what not in about.setdefault(reason, []):
            about[reason].append(what)
    weighty = sorted((reason for reason in sums if sums[reason] >= LEAST * total), key=lambda reason: -sums[reason])
    return "，".join(reason.format("".join(about[reason][:WORDS])) for reason in weighty) if total > 0 else ""


def _reasons(parts: Sequence[Contribution], article: Article, facets: Facets) -> Iterator[tuple[str, str, float]]:
    """Yield of each part the sentence, what stands in its gap, and the score."""
    words = [part.what for part in parts if part.where == "words"]
    for part in parts:
        word = next((word for word in words if part.what in word), "") if part.where in ("words", "bigrams") else ""
        if word:
            yield "标题有{}" if word in article.title else "正文有{}", f"“{word}”", part.score
        elif part.where in facets:
            named = "、".join(facets.label(part.where, value) for value in part.what.split("、"))
            yield f"讲的是{named}", "", part.score
        elif part.where == "other place":
            yield _PLACES.get(part.what, part.what), "", part.score
        else:
            yield _REASONS.get(part.where, part.what), "", part.score
