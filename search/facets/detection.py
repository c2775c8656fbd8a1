"""What an article is about: its places, insurance types and topics, each with the evidence.

The title decides. Only where it names nothing does the opening speak, and there a mere mention does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..gazetteer.finding import Found, sure_units, understand, usage
from ..model import Article, Evidence, Named
from ..text.folding import fold
from .vocabulary import Entry, vocabulary

OPENING = 400
"""Characters of the text that may say what it is about: two teasers, or an article's first two paragraphs. Further
down, texts of this kind compare and give examples."""

SUPPORT = 1000
"""Characters in which an unclear place of the title may find support; there a mention is enough, so look further."""

LEAD = 120
"""Characters within which a place must stand as subject: two or three sentences."""

MENTIONS = 2
"""How often the opening must name what the title does not; once is a mention."""

MAX_TOPICS = 3
MAX_BODY_TOPICS = 2
"""Two or three topics at most; when only the opening speaks, two."""

_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,2}、|(?<!\d)\d{1,2}[.、] ?|[#•] ?)[^,，。:：;；、]{0,6}$")
"""A list number or heading mark before a name: then it heads a part of the text, which is more than a mention."""

_INSURED = re.compile("医保|社保|保险|参保|报销|新农合|合作医疗|统筹|农合")
"""The opening may add topics only where the title speaks of insurance: elsewhere its words mean other things."""

Where = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as far as the rules look, folded. In `masked` the title's places are overwritten by 〇."""

    title: str
    masked: str
    opening: str
    found: tuple[Found, ...]
    headings: tuple[tuple[str, int, int], ...]


def read(article: Article) -> Reading:
    """Fold the title and the opening and find the places of the title."""
    title = fold(article.title)
    found = tuple(understand(title, lambda: sure_units(fold(article.text[:SUPPORT]))))
    masked = title
    for each in found:
        masked = masked[: each.start] + "〇" * (each.end - each.start) + masked[each.end :]
    headings = tuple((fold(section.heading), section.start, section.body) for section in article.sections)
    return Reading(title, masked, fold(article.text[:OPENING]), found, headings)


def places(reading: Reading) -> list[Evidence]:
    """Return evidence for province and city, in order of appearance. A city brings its province."""
    where: Where = "title" if reading.found else "text"
    evidence: dict[tuple[str, str], Evidence] = {}
    for each in reading.found or _subjects(reading.opening):
        unit = each.unit
        lifted = unit.official not in (unit.city, unit.province)
        rule = f"{each.rule} ({unit.official})" if lifted else each.rule
        for facet, value in (("province", unit.province), ("city", unit.city)):
            if value:
                evidence.setdefault((facet, value), Evidence(facet, value, rule, where, each.start, each.end))
    return list(evidence.values())


def _subjects(opening: str) -> list[Found]:
    """The places that an opening is about: subject of an early sentence, and named again or first word or its rules.

    One that speaks of three provinces or more is about none of them.
    """
    found = understand(opening)
    if len({each.unit.province for each in found}) > 2:
        return []
    told = [each for each in found if not _is_example(opening, each)]
    subjects: list[Found] = []
    for each in told:
        chained = bool(subjects) and subjects[-1].end == each.start
        if chained or (_is_subject(opening, each) and _is_backed(opening, each, told)):
            subjects.append(each)
    return subjects


def _is_subject(opening: str, found: Found) -> bool:
    return found.start <= LEAD and bool(usage().subject.search(opening, max(0, found.start - 3), found.start))


def _is_backed(opening: str, found: Found, told: Iterable[Found]) -> bool:
    """Tell whether a subject is more than a mention: the first word, the place whose rules apply, or named again."""
    if found.start == 0 or usage().rules_of.search(opening, max(0, found.start - 3), found.start):
        return True
    own = {found.unit.city or found.unit.province, found.unit.official}
    return sum(bool(own & {other.unit.city, other.unit.province}) for other in told) >= MENTIONS


def _is_example(text: str, found: Found) -> bool:
    """Tell whether the place is one of a list or introduced as an example."""
    rules = usage()
    return bool(
        rules.example.search(text, max(0, found.start - 10), found.start) or rules.list_follows.match(text, found.end)
    )


def insurance(reading: Reading) -> list[Evidence]:
    """Return evidence for insurance types in canonical order; empty when none is named."""
    entries = vocabulary("insurance").entries
    titled = _titled(reading.masked, entries)
    if titled:
        return [_evidence("insurance", value, "title", span) for value, span in titled.items()]
    counted = _counted(reading, entries)
    return [
        _evidence("insurance", value, "text", span) for value, (count, span) in counted.items() if count >= MENTIONS
    ]


def find_insurance(masked: str) -> list[Named]:
    """Return the insurance types that a folded query names, its places overwritten by 〇; in canonical order."""
    titled = _titled(masked, vocabulary("insurance").entries)
    return [Named("insurance", value, value, *span) for value, span in titled.items()]


def topics(reading: Reading) -> list[Evidence]:
    """Return evidence for one to three topics, what the title asks about first."""
    entries = vocabulary("topics").entries
    care = {entry.value for entry in entries if entry.care}
    titled = _titled(reading.masked, entries)
    if not titled.keys() - care:
        for entry in entries:
            match = entry.weak.search(reading.masked) if entry.weak else None
            if match:
                titled[entry.value] = match.span()
    ranked = sorted(titled.items(), key=lambda item: item[1])
    evidence = [_evidence("topic", value, "title", span) for value, span in ranked]
    if not titled.keys() - care and _INSURED.search(reading.title):
        counted = sorted(_counted(reading, entries).items(), key=lambda item: -item[1][0])
        room = 1 if evidence else MAX_BODY_TOPICS
        evidence += [
            _evidence("topic", value, "text", span) for value, (count, span) in counted[:room] if count >= MENTIONS
        ]
    return evidence[:MAX_TOPICS]


def _titled(masked: str, entries: Sequence[Entry]) -> dict[str, tuple[int, int]]:
    """Value → span of what the title says, without values that another found value covers."""
    spans: dict[str, tuple[int, int]] = {}
    for entry in entries:
        match = entry.title.search(masked) if entry.title else None
        if match:
            spans[entry.value] = match.span()
    if len(spans) < 2:
        return spans
    covered = {
        entry.value
        for entry in entries
        if entry.yields_to & spans.keys() and not (entry.insists and entry.insists.search(masked))
    }
    return {value: span for value, span in spans.items() if value not in covered}


def _counted(reading: Reading, entries: Iterable[Entry]) -> Mapping[str, tuple[int, tuple[int, int]]]:
    """Value → how often opening and headings name it (a heading counts as two mentions), and where first."""
    counted: dict[str, tuple[int, tuple[int, int]]] = {}
    for entry in entries:
        spans = list(_mentions(reading, entry.body)) if entry.body else []
        if spans:
            counted[entry.value] = (sum(weight for weight, _ in spans), spans[0][1])
    return counted


def _mentions(reading: Reading, pattern: re.Pattern[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    for match in pattern.finditer(reading.opening):
        heads = _HEADING.search(reading.opening, max(0, match.start() - 10), match.start())
        yield MENTIONS if heads else 1, match.span()
    for heading, start, end in reading.headings:
        if start >= OPENING and pattern.search(heading):
            yield MENTIONS, (start, end)


def _evidence(facet: str, value: str, where: Where, span: tuple[int, int]) -> Evidence:
    rule = "asked in the title" if where == "title" else "named repeatedly in the opening or in headings"
    return Evidence(facet, value, rule, where, *span)
