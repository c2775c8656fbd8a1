"""The answer on top of the results: what is quoted, from which article and section, and how far it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from search import Results, quoted

from .days import age
from .filters import flat_label
from .links import article_url
from .state import SearchState
from .wording import say


@dataclass(frozen=True, slots=True)
class TopAnswer:
    """What answers the question: its words, the article and the address of its section.

    `facts` are place, validity, date and source, `why` names the words it was chosen by, if that was asked.
    """

    words: str
    title: str
    url: str
    heading: str
    facts: tuple[str, ...]
    why: str


def top_answer(results: Results, state: SearchState, today: date) -> TopAnswer | None:
    """Return what stands above the results on the day `today`; None if nothing surely answers."""
    answer = results.answer
    article = next((hit.article for hit in results.hits if answer and hit.article.id == answer.id), None)
    if answer is None or article is None:
        return None
    facets = state.facets
    named = {facet.parent_of(value) for facet in facets if facet.parent for value in article.facets.get(facet.key, ())}
    places = [
        flat_label(facet.key, value, facets)
        for facet in facets.places
        for value in article.facets.get(facet.key, ())
        if value not in named
    ]
    return TopAnswer(
        words=quoted(answer, article),
        title=article.title,
        url=article_url(article, state, answer.section),
        heading=answer.heading,
        facts=tuple(
            filter(
                None,
                (
                    "、".join(places) or say("why-anywhere"),
                    "、".join(article.facets.get("insurance", ())),
                    "、".join(article.facets.get("status", ())),
                    article.date.isoformat() if article.date else "",
                    age(article, today),
                    article.source,
                ),
            )
        ),
        why=say("answer-why", words="、".join(answer.words)) if state.query.explain and answer.words else "",
    )
