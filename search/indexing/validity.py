"""What an article says of its own validity, beside what its source states: computed once when it is indexed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ..model import Article, Evidence
from ..text import fold
from ..text.validity import is_official, statements


def with_validity(article: Article) -> Article:
    """Return an article with the days and works that its text tells, where the source does not state them."""
    stated = [(key, getattr(article, key)) for key in ("effective", "expires", "superseded_by", "repealed_by")]
    evidence = [Evidence(key, str(value), "stated by the source", "metadata") for key, value in stated if value]
    found = []
    if article.kind == "article" and is_official(fold(article.title)):
        said = statements(fold(article.text), article.date)
        found = [one for one in said if one.kind == "repeals" or getattr(article, one.kind) is None]
        evidence += [Evidence(one.kind, one.value, "said by the text", "text", one.start, one.end) for one in found]
    if not evidence:
        return article
    days = {one.kind: date.fromisoformat(one.value) for one in found if one.kind != "repeals"}
    repeals = tuple(dict.fromkeys(one.value for one in found if one.kind == "repeals"))
    return replace(
        article,
        evidence=(*article.evidence, *evidence),
        effective=days.get("effective", article.effective),
        expires=days.get("expires", article.expires),
        repeals=repeals,
    )
