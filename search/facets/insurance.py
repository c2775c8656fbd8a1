"""险种: insurance types, as named. 医保 alone is none of them."""

from __future__ import annotations

from ..model import Evidence, Named
from .facet import Facet
from .folded_article import FoldedArticle
from .mentions import MENTIONS, counted, in_title, told
from .rule_file import RuleFile

KEY = "insurance"
MANY = 3
"""An opening that names more types lists what there is (五险); it is about none of them."""

LEAD = 8
"""Characters of an opening in which its subject begins. The one type named there is no mere mention, if the title has a
word of the field."""

_RULES = RuleFile("insurance.toml")
_TOPICS = RuleFile("topic.toml")


def detect_insurance(article: FoldedArticle) -> list[Evidence]:
    """Return evidence for insurance types in canonical order; empty when none is named."""
    if titled := in_title(article.masked, _RULES.entries):
        return [told(KEY, value, "title", span) for value, span in titled.items()]
    named = counted(article, _RULES.entries)
    if len(named) > MANY:
        return []
    matter = {entry.value for entry in _RULES.entries if entry.beside & named.keys()}
    if _RULES.field and _RULES.field.search(article.masked):
        others = {entry.value for entry in _RULES.entries if entry.other}
        named = {value: how for value, how in named.items() if value not in others}
    if len(named) == 1 and _TOPICS.field and _TOPICS.field.search(article.masked):
        matter |= {value for value, (_, span) in named.items() if span[0] < LEAD}
    return [
        told(KEY, value, "text", span) for value, (count, span) in named.items() if count >= MENTIONS or value in matter
    ]


def find_insurance(masked: str) -> list[Named]:
    """Return the insurance types that a folded query names, its places overwritten by 〇; in canonical order."""
    return [Named(KEY, value, value, *span) for value, span in in_title(masked, _RULES.entries).items()]


INSURANCE = Facet(
    key=KEY,
    label="险种",
    vocabulary=_RULES,
    detect=detect_insurance,
    recognise=find_insurance,
)
