"""What a passage must agree with to be the answer: place, insurance type, year, case; and figures must be stated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..text import fold
from .asked import about, holding, holds
from .finding import Finding
from .questions import (
    AGREES,
    AMOUNTS,
    ASKS_CHANGE,
    ASKS_PAY,
    CASES,
    CHANGES,
    COMPUTED,
    CONTRASTS,
    DENIES,
    EXAMPLE,
    EXCEPTION,
    FORMER,
    GENERAL,
    HAD,
    ILLNESS,
    LEANS,
    MADE_UP,
    MODALS,
    NATION,
    OPENS_WITH_VERDICT,
    PAID,
    PASSED,
    PAY_VERDICT,
    SAVE,
    SPECIAL,
    STATES_UNIT,
    UNDECIDED,
    UNDOES,
    UNITS,
    VAGUE,
    VAGUE_VERBS,
    YEAR,
    kind_of,
)
from .reading import Reading


def fits(reading: Reading, each: Finding) -> bool:
    """Tell whether a passage is of the right place, insurance type, case and year, and figures are no examples."""
    asked = reading.question.folded
    own, above = reading.own(each.start, each.end, each.row), reading.above(each.start)
    section = reading.view.section(each.start)
    heading = fold(section.heading) if section else ""
    return (
        all(tells.search(f"{own} {above}") for asks, tells in AGREES if asks.search(asked))
        and all(word in asked for word in SPECIAL.findall(above))
        and not _is_of_something_else(reading, own, heading)
        and _is_as_asked(reading, each, own, heading)
        and _is_of_place(reading, own, above)
        and _is_of_insurance(reading, own, heading, each.start)
    )


def _is_as_asked(reading: Reading, each: Finding, own: str, heading: str) -> bool:
    """Tell whether a passage says yes or no of what was asked, counts it, or states the figure."""
    kind = reading.question.kind
    if kind.name == "yes or no":
        return _is_verdict(reading, own, heading)
    if kind.name == "count" and not _counts_it(reading, own):
        return False
    return not kind.exact or (
        _is_stated(reading, own, each) and _is_of_case(reading, own, each) and _is_of_year(reading, own)
    )


def _is_of_something_else(reading: Reading, own: str, heading: str) -> bool:
    """Tell whether a passage is of another case or act than was asked, of former ones, or made up."""
    asked = reading.question.folded
    denies = (heading,) if reading.question.kind.name == "yes or no" else (own, heading)
    return (
        any(_is_of_other_case(reading, text) for text in (own, heading))
        or any(
            _is_denied(form, text) and not _is_denied(form, asked) for text in denies for form in _forms(reading, text)
        )
        or any(of.search(own) and not of.search(asked) for of in (FORMER, MADE_UP, UNDECIDED))
        or (LEANS.match(own) is not None and not LEANS.match(asked))
        or any(re.search(re.escape(form) + SAVE, own) or _is_undone(form, own) for form in _forms(reading, own))
        or _is_of_other_act(reading, own)
    )


def _forms(reading: Reading, text: str) -> Iterator[str]:
    """Yield the forms of the words that carry the question as far as a text has them."""
    return (form.text for word in reading.question.words for form in word.forms if form.text in text)


def _is_verdict(reading: Reading, own: str, heading: str) -> bool:
    """Tell whether a passage may say yes or no of what may or must be, as was asked.

    可以。 alone says so of the question above it, which then must be the reader's.
    """
    asked = reading.question.folded
    opens = OPENS_WITH_VERDICT.match(own)
    if ASKS_PAY.search(asked) and (opens or "?" in own) and not PAY_VERDICT.search(own):
        return False
    if opens:
        above = heading if kind_of(heading) is reading.question.kind else reading.title
        words = (*reading.question.words, *(w for w in reading.question.small if w.text not in VAGUE_VERBS))
        is_whole = all(holds(word, own) for word in words)
        if not is_whole and reading.added(above) > max(0, 2 * (len(reading.question.words) - 1)):
            return False
        if not all(holds(word, f"{own} {heading} {reading.title}") for word in words):
            return False
    return all(_may_and_must_agree(asked, said) for said in (own, heading))


def _may_and_must_agree(asked: str, said: str) -> bool:
    """Tell whether a text does not say what must be where what may be was asked, nor the other way round."""
    modals = [{modal for modal in MODALS if modal.search(text)} for text in (asked, said)]
    return not all(modals) or not modals[0].isdisjoint(modals[1])


def _is_denied(form: str, text: str) -> bool:
    """Tell whether a text denies a word: 没带卡 for 带卡. Where yes or no is asked, a passage that does so says no."""
    return re.search(DENIES + re.escape(form), text) is not None


def _counts_it(reading: Reading, own: str) -> bool:
    """Tell whether a number counts what was asked for, if a passage names that: 几个指导组, 8 个指导组."""
    asks = reading.question.kind.asks.search(reading.question.folded)
    counted = [word for word in reading.question.words if asks and word.start >= asks.end()][:1]
    return all(
        re.search(f"{reading.question.kind.tells.pattern}[^,;:。]{{0,4}}{re.escape(form.text)}", own)
        for word in counted
        for form in word.forms
        if form.text in own
    )


def _is_undone(form: str, own: str) -> bool:
    """Tell whether a passage speaks of an act mostly as undone: 注销登记 for 登记."""
    undone = len(re.findall(UNDOES + re.escape(form), own))
    return undone * 2 > own.count(form)


def _is_of_other_act(reading: Reading, own: str) -> bool:
    """Tell whether a passage says when or how long something else is: what follows an act, or what one pays for."""
    asked = reading.question.folded
    if PAID.search(asked) and not HAD.search(asked) and HAD.search(own) and not PAID.search(own):
        return True
    return reading.question.kind.exact and any(
        len(re.findall(re.escape(form) + PASSED, own)) == own.count(form) and not re.search(PASSED, asked)
        for form in _forms(reading, own)
    )


def _is_stated(reading: Reading, own: str, each: Finding) -> bool:
    """Tell whether a figure is stated: not made up, not vague, not by how much it changed, per what is asked."""
    question = reading.question.folded
    section = reading.view.section(each.start)
    around = reading.text[section.start : section.end] if section else reading.text[: each.end]
    named = reading.places_in(own)
    if MADE_UP.search(EXAMPLE.sub("", around)) or UNDECIDED.search(own) or COMPUTED.search(own):
        return False
    if VAGUE.search(own) and named.isdisjoint(reading.question.places):
        return False
    tells = reading.question.kind.tells
    if not ASKS_CHANGE.search(question) and not tells.search(CHANGES.sub("", own)):
        return False
    stated = " ".join(STATES_UNIT.findall(own))
    context = stated or f"{own} {around[:40]} {reading.title}"
    units = UNITS if reading.question.kind.name in AMOUNTS else ()
    return all(tells.search(context) for asks, tells in units if asks.search(question))


def _is_of_case(reading: Reading, own: str, each: Finding) -> bool:
    """Tell whether a figure is not for one case of several, such as a level of hospital, unless that was asked."""
    known = f"{reading.question.folded} {reading.title}"
    said = EXCEPTION.sub("", own if each.is_part else f"{own} {reading.above(each.start)}")
    if ILLNESS.search(said) and not ILLNESS.search(known):
        return False
    for case in CASES:
        told, wanted = _cases(case, said), _cases(case, known)
        if len(told) == 1 and told.isdisjoint(wanted):
            return False
    return True


def _cases(case: re.Pattern[str], text: str) -> set[str]:
    """Return what a text says of a case, words for the same once."""
    return {match.lastgroup or match.group() for match in case.finditer(text)}


def _is_of_other_case(reading: Reading, own: str) -> bool:
    """Tell whether a passage speaks only of what stands against what was asked for: 变动 for 固定."""
    pairs = ((_cases(each, text) for text in (reading.question.folded, own)) for each in CONTRASTS)
    return any(asked and said and asked.isdisjoint(said) for asked, said in pairs)


def _is_of_place(reading: Reading, own: str, above: str) -> bool:
    """Tell whether a passage is of the asked place: of several, it names those that the article is not about."""
    question = reading.question
    if question.kind.exact and question.places and NATION.search(own) and not NATION.search(question.folded):
        return False
    named = reading.places_in(own)
    places = [(place.facet, place.value) for place in question.parsed.places]
    if len(places) > 1:
        elsewhere = {
            each
            for each in places
            if each not in about(reading.article) and holding([each]).isdisjoint({*places} - {each})
        }
        told = reading.places_in(f"{own} {above} {reading.title}")
        if not elsewhere <= told or not named <= holding(places):
            return False
    return named <= holding(question.places) or not named.isdisjoint(question.places)


def _before(reading: Reading, start: int) -> Iterator[str]:
    """Yield the sentences before a passage in its part of the text, nearest first: what they speak of goes on."""
    section = reading.view.section(start)
    first = reading.view.index(max(section.body, section.start) if section else 0)
    for index in range(reading.view.index(start) - 1, first - 1, -1):
        yield reading.text[slice(*reading.view.bounds(index))]


def _is_of_insurance(reading: Reading, own: str, heading: str, start: int) -> bool:
    types = set(reading.article.facets.get("insurance", ()))
    if not reading.question.insurance:  # of one type only, in an article of several: nobody said which is asked of
        told = {one.value for one in reading.facets.find_values(own) if one.facet == "insurance"}
        titled = {one.value for one in reading.facets.find_values(reading.title) if one.facet == "insurance"}
        if titled and titled.isdisjoint(GENERAL):
            return False
        return not (told < types and told and reading.question.kind.name == "yes or no")
    if types and not reading.question.insurance <= types:  # it must say itself that it is of what was asked
        told = {one.value for one in reading.facets.find_values(f"{own} {heading}") if one.facet == "insurance"}
        return told == reading.question.insurance
    for text in (own, heading, *(_before(reading, start) if len(types) > 1 else ())):
        named = {
            one.value
            for one in reading.facets.find_values(text)
            if one.facet == "insurance"
            and (one.value in reading.question.insurance or text[one.start : one.end] not in reading.question.folded)
        }
        if text is own and reading.question.kind.exact and len(named) > 1 and not named <= reading.question.insurance:
            return False
        if named and not (types == reading.question.insurance and not reading.question.kind.exact):
            return not named.isdisjoint(reading.question.insurance)
    return bool(types)


def _is_of_year(reading: Reading, own: str) -> bool:
    years = {str(year) for year in reading.question.parsed.years}
    if not years:
        return True
    for text in (own, reading.title):
        if named := set(YEAR.findall(text)):
            return not years.isdisjoint(named)
    return reading.article.date is not None and str(reading.article.date.year) in years
