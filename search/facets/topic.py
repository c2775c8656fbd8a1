"""主题: what an article is about, two or three values at most, those first that the title asks about first."""

from __future__ import annotations

import re

from ..model import Evidence
from .facet import Facet
from .folded_article import FoldedArticle
from .mentions import MENTIONS, counted, in_title, told
from .rule_file import RuleFile

KEY = "topic"
MAX_TOPICS = 3
MAX_BODY_TOPICS = 2
"""Two or three topics at most; when only the opening speaks, two."""

_RULES = RuleFile("topic.toml")
_TYPES = RuleFile("insurance.toml")
_INSURED = re.compile(
    "医保|社保|参保|报销|农合|合作医疗|统筹|(?:医疗|养老|工伤|失业|生育|大病|疾病|重疾|意外|健康|商业|社会|防癌)保?险"
    "|护理(?:险|保险(?!公司))"
)
"""The opening may add topics only where the title speaks of insurance: elsewhere its words mean other things."""


def detect_topics(article: FoldedArticle) -> list[Evidence]:
    """Return evidence for at most three topics, what the title asks about first."""
    entries = _RULES.entries
    if not _is_of_field(article):
        return []
    care = {entry.value for entry in entries if entry.care}
    titled = in_title(article.masked, entries)
    if not titled.keys() - care:
        for entry in entries:
            match = entry.weak.search(article.masked) if entry.weak else None
            if match:
                titled[entry.value] = match.span()
    ranked = sorted(titled.items(), key=lambda item: item[1])
    evidence = [told(KEY, value, "title", span) for value, span in ranked]
    if not titled.keys() - care and _INSURED.search(article.masked):
        # Where the title names a kind of care, the opening says what is asked of it, and no other kind.
        asked = [entry for entry in entries if not (titled and entry.care)]
        often = sorted(counted(article, asked).items(), key=lambda item: -item[1][0])
        room = 1 if evidence else MAX_BODY_TOPICS
        evidence += [told(KEY, value, "text", span) for value, (count, span) in often[:room] if count >= MENTIONS]
    return evidence[:MAX_TOPICS]


def _is_of_field(article: FoldedArticle) -> bool:
    """Tell whether the title has a word of the field, or the opening two: once there is a mention.

    A title that speaks of another field too must name an insurance type.
    """
    field, elsewhere, own = _RULES.field, _RULES.elsewhere, _RULES.own
    if not field:
        return True
    if elsewhere and elsewhere.search(article.masked):
        return bool(own and own.search(article.masked)) or _names_type(article)
    if field.search(article.masked) or _names_type(article):
        return True
    first = field.search(article.opening)
    return bool(first and field.search(article.opening, first.end()))


def _names_type(article: FoldedArticle) -> bool:
    return bool(in_title(article.masked, _TYPES.entries))


TOPIC = Facet(key=KEY, label="主题", vocabulary=_RULES, unstated=False, default="其他", detect=detect_topics)
