"""为什么: what made a result stand where it does, in one line of plain words."""

from __future__ import annotations

from collections.abc import Sequence

from search import FACET_KEYS, Contribution

SHOWN = 5
_KINDS = {
    "bigrams": "字句相近",
    "text": "字句相近",
    "title": "标题相近",
    "kind": "是全文",
    "other place": "不是别处的",
    "other insurance": "不是别的险种的",
}


def why_line(parts: Sequence[Contribution]) -> str:
    """Return the largest parts of a score with their shares; empty if there are none.

    A word speaks for the pairs of characters inside it; a pair that crosses words counts as 字句相近.
    """
    words = [part.what for part in parts if part.where == "words"]
    sums: dict[str, float] = {}
    for part in parts:
        name = _name(part, words)
        sums[name] = sums.get(name, 0.0) + part.score
    total = sum(sums.values())
    largest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return "，".join(f"{name} {score / total:.0%}" for name, score in largest if score > 0) if total > 0 else ""


def _name(part: Contribution, words: Sequence[str]) -> str:
    if part.where == "words":
        return f"有“{part.what}”"
    if part.where == "bigrams" and (word := next((word for word in words if part.what in word), "")):
        return f"有“{word}”"
    if part.where in FACET_KEYS:
        return f"{part.what}相符"
    return _KINDS.get(part.where, part.what)
